# SPDX-License-Identifier: Apache-2.0
"""Planted keys and tokens are searched in every output and every file (S1.94)."""

import base64
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import CLIENT, DOCHOST, TENANT, World, device, guid, key, password, quote, tenant

REASON = "marker-reason-quokka"


def spellings(digits):
    """A recovery password as it might leak: whole, without hyphens, single groups, as bytes."""
    groups = digits.split("-")
    raw = b"".join(int(group).to_bytes(3, "little") for group in groups)
    words = b"".join((int(group) // 11).to_bytes(2, "little") for group in groups)
    texts = [digits, digits.replace("-", ""), digits.replace("-", " ")] + groups
    marks = [text.encode() for text in texts]
    marks += [words, base64.b64encode(words).rstrip(b"="), words.hex().encode(), raw]
    return [mark for mark in marks if len(mark) >= 6]


class PlantedSecrets(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)

    def search(self, where, blob, marks):
        for mark in marks:
            self.assertFalse(mark in blob, "%s holds %r" % (where, mark))

    def search_files(self, folder, marks):
        for base, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(base, name)
                if os.path.isfile(path):
                    with open(path, "rb") as source:
                        self.search(path, source.read(), marks)

    def import_planted(self, host, one, marks):
        """Keys from a file: held, new, in conflict and refused; the file goes away again."""
        path = os.path.join(self.world.folder, "planted.csv")
        wrong = password(205)[:-1] + str((int(password(205)[-1]) + 1) % 10)
        lines = [(guid(1, 101), password(101)), (guid(1, 102), password(202)),
                 (guid(1, 203), password(203)), (guid(1, 205), wrong)]
        texts = []
        for count in (4, 3):
            with open(path, "w", encoding="utf-8") as out:
                out.write("Computer;Serial;Key ID;Password\n" + "".join(
                    "PC;%s;%s;%s\n" % (one["serialNumber"], *line) for line in lines[:count]))
            for more in (["--dry-run"], []):
                done = host.run("import-keys", "--org", "Fernhill", path, *more)
                self.assertEqual(done.code, 1 if count == 4 else 0, done.err)
                texts += [done.out, done.err]
        os.remove(path)
        for planted in (password(202), password(203), wrong):
            marks += [mark for mark in spellings(password(205) if planted == wrong else planted)
                      if len(mark) > 6]
        result, _ = host.sync()
        shown = host.ok("reveal", guid(1, 203), "--reason", REASON)
        self.assertEqual(shown.out, password(203) + "\n")
        texts += self.import_typed(host, marks)
        return texts + [result.out, result.err, shown.err]

    def import_typed(self, host, marks):
        """The same from passwords of the host; the wrong one is thrown away in between."""
        wrong = password(207)[:-1] + str((int(password(207)[-1]) + 1) % 10)
        for name, secret, number in (("typed", password(206), 206), ("mistyped", wrong, 207)):
            host.ok("password", "add", name, "--org", "Fernhill", "--username", guid(1, number),
                    stdin=secret + "\n")
        texts = []
        for code in (1, 0):
            for more in (["--dry-run"], []):
                done = host.run("import-keys", "--from-passwords", "--org", "Fernhill", *more)
                self.assertEqual(done.code, code, done.err)
                texts += [done.out, done.err]
            for row in host.rows("password", "list", "--org", "Fernhill"):
                if row["name"] == "mistyped":
                    host.ok("password", "delete", row["id"])
        for number in (206, 207):
            marks += [mark for mark in spellings(password(number)) if len(mark) > 6]
        return texts

    def test_no_output_or_file_of_the_host_holds_a_key_token_or_reason(self):
        # S1.94
        devices = [device(n) for n in range(1, 4)]
        keys = [key(n, devices[n % 3]) for n in range(101, 110)]
        sim, host, data = self.world.connected(keys, devices)
        marks = [mark for n in range(101, 110) for mark in spellings(password(n))]
        # Six digits alone occur by chance in ids and times; groups are searched with neighbours.
        marks = [mark for mark in marks if len(mark) > 6]
        marks += [data["refreshToken"].encode(), b"1.sim-refresh", REASON.encode()]
        texts = []
        result, _ = host.sync()
        texts += [result.out, result.err]
        texts += self.import_planted(host, devices[0], marks)
        for arguments in (["folder", "list", "--org", "Fernhill"], ["find", guid(1, 101)[:8]],
                          ["password", "list", "--org", "Fernhill"], ["activity", "list"],
                          ["plugin", "list"], ["plugin", "info", "bitlocker_keys"],
                          ["settings", "get"], ["folder", "tree", "--org", "Fernhill"]):
            for as_json in (False, True):
                done = host.run(*arguments, as_json=as_json)
                texts += [done.out, done.err]
        host.serve()
        shown = host.ok("reveal", guid(1, 101), "--reason", REASON)
        self.assertEqual(shown.out, password(101) + "\n")
        texts.append(shown.err)
        record = [r for r in host.api("GET", "/api/v1/passwords?org=Fernhill")[1]["data"]
                  if r["username"] == guid(1, 102)][0]
        status, body = host.api("POST", "/api/v1/passwords/%s/reveal" % quote(record["id"]),
                                {"reason": REASON})
        self.assertEqual((status, body["data"]["password"]), (200, password(102)))
        for path in ("/api/v1/passwords?org=Fernhill", "/api/v1/activity", "/metrics"):
            try:
                texts.append(str(host.api("GET", path)))
            except ValueError:
                pass
        sim.fault(route="recovery_key_get_secret", count=-1, action="garbage")
        texts += [host.sync()[0].out, host.sync()[0].err]
        pid = host.server.pid
        for name in ("cmdline", "environ"):
            with open("/proc/%d/%s" % (pid, name), "rb") as source:
                self.search(name, source.read(), marks)
        host.stop()
        for text in texts:
            self.search("an output", text.encode(), marks)
        self.search_files(host.folder, marks)

    def test_answers_of_batches_leave_nothing_behind(self):
        # S1.94: whole, with items that are refused, cut off and garbled.
        numbers = range(201, 321)
        devices = [device(n) for n in range(1, 4)]
        keys = [key(n, devices[n % 3]) for n in numbers]
        sim, host, data = self.world.connected(keys, devices)
        marks = [mark for n in numbers for mark in spellings(password(n)) if len(mark) > 6]
        marks += [data["refreshToken"].encode(), b"1.sim-refresh"]
        host.ok("settings", "set", "parallel_reads", "4")
        sim.switch(throttle=False, batch_order="shuffled")
        sim.fault(route="batch", count=1, cut_body=True)
        sim.fault(route="recovery_key_get_secret", skip=80, count=3, status=503)
        sim.fault(route="recovery_key_get_secret", skip=90, count=2, action="garbage")
        result, rows = host.sync()
        self.assertGreater(sim.counts()["batch"], 1)
        self.assertGreater(len(host.list("Fernhill")), 100, result.err)
        for text in (result.out, result.err, host.ok("sync").err, host.ok("sync", "log").out,
                     host.ok("activity", "list").out):
            self.search("an output", text.encode(), marks)
        shown = host.ok("reveal", guid(1, 201), "--reason", REASON)
        self.assertEqual(shown.out, password(201) + "\n")
        self.search_files(host.folder, marks)

    def test_no_output_or_file_holds_what_a_sign_in_knows(self):
        # S1.94 S1.24
        folder = self.world.folder
        path = os.path.join(folder, "app.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj",
                        "/CN=app", "-keyout", path, "-out", path + ".crt"], check=True,
                       capture_output=True)
        with open(path, encoding="ascii") as source:
            private = source.read()
        with open(path + ".crt", encoding="ascii") as source:
            certificate = source.read()
        os.remove(path)
        one = device(1)
        data = tenant([key(1, one)], [one], certificates=[certificate])
        sim = self.world.sim([data])
        sim.switch(device_interval_s=0, device_pending=1000000)
        host = self.world.host()
        host.organization("Fernhill", [one])
        lines = private.splitlines()
        # Device codes of the simulated cloud begin alike, and so do its refresh tokens.
        marks = [line.encode() for line in lines[1:-1] if len(line) > 20]
        marks += [b"HAQABIQEAAAD", b"1.sim", b"1.SIM", private.encode()]
        arguments = ["connect", TENANT, "--org", "Fernhill", "--client-id", CLIENT, "--login",
                     sim.url, "--graph", sim.url, "--grant"]
        process = subprocess.Popen([DOCHOST, "--data", host.data, *arguments, "device",
                                    "--app-secret"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=host.environment)
        process.stdin.write(private + certificate)
        process.stdin.close()
        texts = [process.stderr.readline()]
        self.assertIn("type the code", texts[0])
        with open("/proc/%d/cmdline" % process.pid, "rb") as source:
            self.search("cmdline", source.read(), marks)
        self.search_files(host.folder, marks)
        process.terminate()
        process.wait(30)
        texts += [process.stdout.read(), process.stderr.read()]
        process.stdout.close()
        process.stderr.close()
        sim.switch(device_pending=0)
        done = host.run(*arguments, "device", "--app-secret", stdin=private + certificate)
        self.assertEqual(done.code, 0, done.err)
        result, _ = host.sync()
        self.assertEqual(result.code, 0, result.err)
        texts += [done.out, done.err, result.out, result.err]
        for name in ("status", "cancel"):
            shown = host.run("signin", name, TENANT, as_json=True)
            texts += [shown.out, shown.err]
        for text in texts:
            self.search("an output", text.encode(), marks)
        self.search_files(host.folder, marks)

    def test_secret_given_as_argument_is_refused(self):
        host = self.world.host()
        host.organization("Fernhill")
        done = host.run("connect", guid(9, 9), "--org", "Fernhill", "--client-id", guid(9, 8),
                        "--grant", "refresh", "--token", "planted-token-xyz", stdin="t\n")
        self.assertEqual(done.code, 2)
        self.assertNotIn("planted-token-xyz", done.err + done.out)

    def test_files_of_the_host_are_private(self):
        one = device(1)
        sim, host, data = self.world.connected([key(1, one)], [one])
        host.sync()
        host.serve()
        for base, folders, names in os.walk(host.data):
            for name in folders + names:
                mode = os.lstat(os.path.join(base, name)).st_mode & 0o077
                self.assertEqual(mode, 0, name)
        self.assertEqual(os.stat(host.key_file).st_mode & 0o777, 0o600)
        self.assertFalse(os.path.realpath(host.key_file).startswith(
            os.path.realpath(host.data) + os.sep))

    def test_no_core_dump_is_possible(self):
        host = self.world.host()
        host.serve()
        with open("/proc/%d/limits" % host.server.pid, encoding="ascii") as source:
            line = next(x for x in source if x.startswith("Max core file size"))
        self.assertEqual(line.split()[4:6], ["0", "0"])


if __name__ == "__main__":
    unittest.main()
