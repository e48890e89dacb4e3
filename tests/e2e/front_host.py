# SPDX-License-Identifier: Apache-2.0
"""A data directory of dochost in a temporary folder, and a server on it, for end-to-end tests."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import urllib.parse

DOCHOST = os.environ["DOCHOST"]


class Host:
    def __init__(self, below="data"):
        self.folder = tempfile.TemporaryDirectory()
        self.data = pathlib.Path(self.folder.name) / below
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self.said = ""
        done = self.run("init")
        assert done.returncode == 0, done.stderr

    def close(self):
        self.folder.cleanup()

    def run(self, *words, stdin=""):
        """One command on the data; everything it says on standard error is kept."""
        return self.program("--data", str(self.data), *words, stdin=stdin)

    def program(self, *words, stdin=""):
        done = subprocess.run([DOCHOST, *words], input=stdin, text=True, capture_output=True,
                              timeout=60)
        self.said += done.stderr
        return done

    def rows(self, *words):
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def made(self, *words, stdin=""):
        """Runs a command that makes something; returns its id."""
        done = self.run(*words, "--json", stdin=stdin)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["id"]

    def serve(self, *words):
        return Server(self, *words)


class Server(contextlib.AbstractContextManager):
    """A running server; its log is in `log` once it has stopped."""

    def __init__(self, host, *words):
        self.host = host
        self.errors = tempfile.TemporaryFile("w+")
        self.child = subprocess.Popen(
            [DOCHOST, "--data", str(host.data), "serve", "--port", "0", *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors, text=True)
        first = self.child.stdout.readline()
        found = re.fullmatch(r"dochost listening on (\S+)\n", first)
        if not found:
            self.stop()
            raise AssertionError(first + self.log)
        self.url = urllib.parse.urlsplit(found.group(1))
        self.token_file = self.child.stdout.readline().removeprefix("token in ").rstrip("\n")
        self.token = pathlib.Path(self.token_file).read_text(encoding="ascii").strip()

    def __exit__(self, *_):
        self.stop()

    def stop(self, how=signal.SIGTERM):
        """Ends the server; returns its exit status."""
        if self.child.poll() is None:
            self.child.send_signal(how)
        status = self.child.wait(60)
        if not self.errors.closed:
            self.child.stdout.close()
            self.errors.seek(0)
            self.log = self.errors.read()
            self.errors.close()
        return status

    def connect(self):
        return http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=60)

    def ask(self, method, path, body=None, **headers):
        """Returns (status, headers, body); the body is parsed when it is JSON. A header that is
        None is left out."""
        sent = {"Authorization": "Bearer " + self.token}
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        connection = self.connect()
        with contextlib.closing(connection):
            connection.request(method, path, body,
                               {name: value for name, value in sent.items() if value is not None})
            answer = connection.getresponse()
            text = answer.read().decode()
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status, answer.headers, json.loads(text) if is_json and text else text
