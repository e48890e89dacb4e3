# SPDX-License-Identifier: Apache-2.0
"""Runs the real programs for the end-to-end tests: graphsim and dochost as separate processes,
in a folder of their own, on ports that the system picks. Standard library only."""

import http.client
import json
import os
import random
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD_DIR", os.path.join(ROOT, "build", "san"))
DOCHOST = os.environ.get("DOCHOST", os.path.join(BUILD, "bin", "dochost"))
GRAPHSIM = os.environ.get("GRAPHSIM", os.path.join(BUILD, "bin", "graphsim"))
PLUGIN = os.environ.get("PLUGIN", os.path.join(BUILD, "plugin", "bitlocker_keys.so"))
FOLDER = "BitLocker Keys (via Network Glue)"
TENANT = "945cae4d-d90a-4f08-b84f-c4f15d161d23"
CLIENT = "bc881bab-b5a7-4699-8a4d-91792e3292c5"
ALL_SCOPES = "BitlockerKey.Read.All DeviceManagementManagedDevices.Read.All Device.Read.All"


def guid(kind, number):
    """A GUID that reads like one and is the same in every run."""
    return "%08x-%04x-4%03x-8%03x-%012x" % (
        (number * 2654435761 + kind * 97) & 0xFFFFFFFF, number & 0xFFFF, kind & 0xFFF,
        (number >> 4) & 0xFFF, number * 1000003 + kind)


def password(number):
    """A valid recovery password (S2.4), unmistakable in a search."""
    source = random.Random(number)
    return "-".join("%06d" % (11 * source.randrange(65536)) for _ in range(8))


def key(number, device, created="2026-03-11T07:42:19.1204417Z", volume="operatingSystemVolume",
        secret=None):
    return {"id": guid(1, number), "createdDateTime": created, "volumeType": volume,
            "deviceId": device["azureADDeviceId"] if device else None,
            "key": password(number) if secret is None else secret}


def device(number, name=None, serial=None):
    return {"id": guid(2, number), "azureADDeviceId": guid(3, number),
            "deviceName": "PC-%03d" % number if name is None else name,
            "serialNumber": "SER%05d" % number if serial is None else serial,
            "operatingSystem": "Windows", "osVersion": "10.0.26100.4652", "isEncrypted": True,
            "manufacturer": "HP", "model": "ProBook"}


def tenant(keys, devices, tenant_id=TENANT, **more):
    data = {"tenantId": tenant_id, "clientId": CLIENT, "clientSecret": "sim-secret-" + tenant_id,
            "refreshToken": "1.sim-refresh-" + tenant_id, "scopes": ALL_SCOPES.split(),
            "recoveryKeys": keys, "managedDevices": devices, "devices": [], "users": [],
            "subscribedSkus": []}
    data.update(more)
    return data


class Sim:
    """One simulated Microsoft cloud."""

    def __init__(self, folder, tenants=None, arguments=()):
        command = [GRAPHSIM, "--port", "0"]
        if tenants is not None:
            path = os.path.join(folder, "sim.json")
            with open(path, "w", encoding="utf-8") as out:
                json.dump({"tenants": tenants}, out)
            command += ["--data", path]
        self.errors = open(os.path.join(folder, "sim.log"), "wb")
        self.process = subprocess.Popen(command + list(arguments), stdout=subprocess.PIPE,
                                        stderr=self.errors, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"(https?)://127\.0\.0\.1:(\d+)", line)
        if not found:
            self.stop()
            raise AssertionError("graphsim did not start: %r" % line)
        self.secure = found.group(1) == "https"
        self.ca = self.process.stdout.readline().split(" ", 1)[1].strip() if self.secure else None
        self.port = int(found.group(2))
        self.url = "%s://127.0.0.1:%d" % (found.group(1), self.port)
        self.banner = []

    def connection(self):
        """For the tests' own questions: what the product trusts is not their business."""
        if not self.secure:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30,
                                           context=ssl._create_unverified_context())

    def call(self, method, path, body=None, headers=None):
        connection = self.connection()
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, headers or {"Content-Type": "application/json"})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        if answer.status >= 300:
            raise AssertionError("%s %s: %d %r" % (method, path, answer.status, data))
        return json.loads(data) if data else None

    def counts(self):
        return self.call("GET", "/_sim/counts")

    def key_reads(self):
        return self.counts()["key_reads"]

    def requests(self):
        return self.call("GET", "/_sim/requests")

    def fault(self, **rule):
        return self.call("POST", "/_sim/faults", [rule])

    def clear_faults(self):
        return self.call("DELETE", "/_sim/faults")

    def event(self, **event):
        return self.call("POST", "/_sim/events", event)

    def switch(self, **switches):
        return self.call("POST", "/_sim/switches", switches)

    def reset(self):
        return self.call("POST", "/_sim/reset", {})

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.errors.close()


class Result:
    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    def json(self):
        return json.loads(self.out)

    def rows(self):
        return self.json()


class Host:
    """One documentation host's data folder, and its command line."""

    def __init__(self, folder, plugin=PLUGIN, init=True):
        self.folder = folder
        self.data = os.path.join(folder, "data")
        self.key_file = self.data + ".key"
        self.server = None
        self.environment = {k: v for k, v in os.environ.items() if not k.endswith("_proxy")}
        self.environment["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "")
        if init:
            self.ok("init", "--plugin", plugin)

    def run(self, *arguments, stdin=None, as_json=False):
        command = [DOCHOST, "--data", self.data] + (["--json"] if as_json else []) + list(arguments)
        return Result(subprocess.run(command, input=stdin or "", capture_output=True, text=True,
                                     timeout=240, env=self.environment))

    def ok(self, *arguments, stdin=None, as_json=False):
        result = self.run(*arguments, stdin=stdin, as_json=as_json)
        if result.code != 0:
            raise AssertionError("dochost %s: exit %d: %s%s" % (
                " ".join(arguments), result.code, result.out, result.err))
        return result

    def json(self, *arguments, stdin=None):
        return self.ok(*arguments, stdin=stdin, as_json=True).json()

    def rows(self, *arguments):
        return self.ok(*arguments, as_json=True).rows()

    def organization(self, name, devices=()):
        self.ok("org", "add", name)
        for one in devices:
            self.configuration(name, one)

    def configuration(self, organization, one):
        self.ok("config", "add", "--org", organization, "--name", one["deviceName"] or "(blank)",
                "--serial", one["serialNumber"], "--hostname", one["deviceName"])

    def connect(self, sim, organizations, data, grant="refresh", client=CLIENT):
        arguments = ["connect", data["tenantId"], "--client-id", client, "--login", sim.url,
                     "--graph", sim.url, "--grant", grant]
        for name in organizations:
            arguments += ["--org", name]
        secret = data["refreshToken"] if grant == "refresh" else data["clientSecret"]
        return self.run(*arguments, stdin=secret + "\n")

    def sync(self, *arguments):
        """Exit code and the row of each connection, by tenant."""
        result = self.run("sync", *arguments, as_json=True)
        rows = {}
        if result.out.strip():
            rows = {row["connection"]: row for row in result.json()}
        return result, rows

    def list(self, organization, *arguments):
        return self.rows("folder", "list", "--org", organization, *arguments)

    def activity(self, action=None):
        rows = self.rows("activity", "list")
        return [row for row in rows if action is None or row["action"] == action]

    def serve(self):
        self.server_log = open(os.path.join(self.folder, "serve.log"), "wb")
        self.server = subprocess.Popen([DOCHOST, "--data", self.data, "serve", "--port", "0"],
                                       stdout=subprocess.PIPE, stderr=self.server_log, text=True,
                                       env=self.environment)
        line = self.server.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        if not found:
            self.stop()
            raise AssertionError("dochost did not serve: %r" % line)
        self.port = int(found.group(1))
        with open(os.path.join(self.data, "api-token"), encoding="utf-8") as token:
            self.token = token.read().strip()

    def api(self, method, path, body=None, token=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Authorization": "Bearer " + (token or self.token),
                   "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        data = answer.read()
        is_json = (answer.getheader("Content-Type") or "").startswith("application/json")
        connection.close()
        return answer.status, (json.loads(data) if is_json else data.decode()) if data else None

    def stop(self):
        if self.server is None:
            return
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(60)
        self.server.stdout.close()
        self.server_log.close()
        self.server = None


class World:
    """A folder, a cloud and a host; closes all of it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="dochost-test-")
        self.sims = []
        self.hosts = []

    def sim(self, tenants=None, arguments=()):
        folder = os.path.join(self.folder, "sim%d" % len(self.sims))
        os.mkdir(folder)
        self.sims.append(Sim(folder, tenants, arguments))
        return self.sims[-1]

    def host(self, **options):
        folder = os.path.join(self.folder, "host%d" % len(self.hosts))
        os.mkdir(folder, 0o700)
        self.hosts.append(Host(folder, **options))
        return self.hosts[-1]

    def close(self):
        for host in self.hosts:
            host.stop()
        for sim in self.sims:
            sim.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def connected(self, keys, devices, configured=None, arguments=(), **more):
        """One tenant, one organization 'Fernhill', connected."""
        data = tenant(keys, devices, **more)
        sim = self.sim([data], arguments)
        host = self.host()
        host.organization("Fernhill", devices if configured is None else configured)
        answer = host.connect(sim, ["Fernhill"], data)
        if answer.code != 0:
            raise AssertionError(answer.err)
        return sim, host, data


def quote(text):
    return urllib.parse.quote(text, safe="")
