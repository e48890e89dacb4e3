# SPDX-License-Identifier: Apache-2.0
"""Bad input: one clear sentence, a non-zero exit, and the data as it was."""

import glob
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import DOCHOST, PLUGIN, World, device, guid, key, password, tenant


def content(host):
    """Every table of the store, as text, the log of syncs aside."""
    database = sqlite3.connect("file:%s?mode=ro" % os.path.join(host.data, "store.db"), uri=True)
    names = [row[0] for row in database.execute(
        "select name from sqlite_master where type='table' and name not like '%fts%'"
        " and name not like 'sqlite_%' and name not in ('sync_log')")]
    rows = {name: sorted(map(repr, database.execute("select * from %s" % name)))
            for name in names}
    database.close()
    return rows


class BadInput(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)

    def one_sentence(self, result, *words):
        self.assertNotEqual(result.code, 0, result.out)
        lines = [line for line in result.err.split("\n") if line.startswith("dochost: ")]
        self.assertEqual(len(lines), 1, result.err)
        for word in words:
            self.assertIn(word.lower(), lines[0].lower())
        self.assertNotIn("\x1b", result.err)

    def documented(self):
        one = device(1)
        sim, host, data = self.world.connected([key(1, one)], [one])
        host.sync()
        return sim, host, data

    def own_plugin(self):
        """A copy of the plugin that a test may spoil."""
        folder = os.path.join(self.world.folder, "plugin")
        os.mkdir(folder, 0o755)
        library = shutil.copy(PLUGIN, folder)
        manifest = shutil.copy(os.path.join(os.path.dirname(PLUGIN), "manifest.json"), folder)
        return library, manifest

    def test_truncated_library_is_refused_and_records_stay_protected(self):
        library, _ = self.own_plugin()
        one = device(1)
        data = tenant([key(1, one)], [one])
        sim = self.world.sim([data])
        host = self.world.host(plugin=library)
        host.organization("Fernhill", [one])
        host.connect(sim, ["Fernhill"], data)
        host.sync()
        with open(library, "r+b") as out:
            out.truncate(os.path.getsize(library) // 2)
        before = content(host)
        self.one_sentence(host.run("sync"), "bitlocker_keys")
        self.assertEqual(content(host), before)
        record = host.rows("password", "list", "--org", "Fernhill")[0]
        refused = host.run("password", "delete", record["id"])
        self.assertEqual(refused.code, 1)
        self.assertEqual(len(host.rows("password", "list", "--org", "Fernhill")), 1)

    def test_altered_library_is_refused(self):
        library, _ = self.own_plugin()
        host = self.world.host(plugin=library)
        with open(library, "r+b") as out:
            out.seek(os.path.getsize(library) - 100)
            byte = out.read(1)
            out.seek(-1, os.SEEK_CUR)
            out.write(bytes([byte[0] ^ 1]))
        self.one_sentence(host.run("sync"), "bitlocker_keys")

    def test_broken_manifest_is_refused_at_init_and_at_load(self):
        library, manifest = self.own_plugin()
        with open(manifest, "a", encoding="utf-8") as out:
            out.write("}")
        folder = os.path.join(self.world.folder, "fresh")
        os.mkdir(folder, 0o700)
        done = subprocess.run([DOCHOST, "--data", os.path.join(folder, "data"), "init", "--plugin",
                               library], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("manifest", done.stderr)
        self.assertFalse(os.path.exists(os.path.join(folder, "data", "store.db")))

    def test_changed_manifest_after_pinning_is_refused(self):
        library, manifest = self.own_plugin()
        host = self.world.host(plugin=library)
        with open(manifest, encoding="utf-8") as source:
            text = json.load(source)
        text["name"] = "Other"
        with open(manifest, "w", encoding="utf-8") as out:
            json.dump(text, out)
        self.one_sentence(host.run("sync"), "manifest")

    def test_missing_unreadable_wrong_truncated_and_open_key_files_are_told(self):
        sim, host, data = self.documented()
        before = content(host)
        good = open(host.key_file, "rb").read()

        def spoil(name, change, *words):
            with self.subTest(name=name):
                change()
                refused = host.run("folder", "list", "--org", "Fernhill")
                if os.path.exists(host.key_file):
                    os.unlink(host.key_file)
                with open(os.open(host.key_file, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as out:
                    out.write(good)
                self.one_sentence(refused, *words)
                self.assertEqual(content(host), before)

        def write(data):
            with open(host.key_file, "wb") as out:
                out.write(data)

        spoil("missing", lambda: os.unlink(host.key_file), "data.key")
        spoil("truncated", lambda: write(good[:20]), "data.key")
        spoil("empty", lambda: write(b""), "data.key")
        spoil("altered", lambda: write(bytes([good[40] ^ 1 if i == 40 else b
                                              for i, b in enumerate(good)])), "data.key")
        spoil("open to others", lambda: os.chmod(host.key_file, 0o644), "data.key")
        other = self.world.host()
        spoil("of another host", lambda: write(open(other.key_file, "rb").read()), "data.key")
        self.assertEqual(host.ok("reveal", guid(1, 1), "--reason", "x").out, password(1) + "\n")

    def test_corrupted_state_values_are_named_and_nothing_changes(self):
        sim, host, data = self.documented()
        path = os.path.join(host.data, "store.db")
        with sqlite3.connect(path) as database:
            rows = database.execute("select key, value from plugin_state").fetchall()
        self.assertGreater(len(rows), 3)
        for name, value in rows:
            with self.subTest(kind=name[:1]):
                spoiled = bytes(value[:-1]) + bytes([value[-1] ^ 0x40])
                with sqlite3.connect(path) as database:
                    database.execute("update plugin_state set value=? where key=?",
                                     (spoiled, name))
                synced = host.run("sync")
                shown = host.run("reveal", guid(1, 1), "--reason", "x")
                checked = host.run("doctor", "--state")
                self.assertTrue(1 in (synced.code, shown.code, checked.code), "nobody noticed")
                for result in (synced, shown):
                    if result.code != 0:
                        self.one_sentence(result)
                        self.assertNotIn(password(1)[:6], result.out)
                with sqlite3.connect(path) as database:
                    kept = database.execute("select value from plugin_state where key=?",
                                            (name,)).fetchone()[0]
                    if kept == spoiled:
                        database.execute("update plugin_state set value=? where key=?",
                                         (value, name))
        self.assertEqual(host.ok("reveal", guid(1, 1), "--reason", "x").out, password(1) + "\n")

    def test_corrupted_store_file_is_told(self):
        sim, host, data = self.documented()
        path = os.path.join(host.data, "store.db")
        for extra in glob.glob(path + "-*"):
            os.unlink(extra)
        with open(path, "r+b") as out:
            out.seek(0)
            out.write(b"not a database at all")
        self.one_sentence(host.run("folder", "list", "--org", "Fernhill"))

    def test_newer_store_is_left_untouched(self):
        sim, host, data = self.documented()
        path = os.path.join(host.data, "store.db")
        with sqlite3.connect(path) as database:
            database.execute("pragma user_version=9999")
        before = content(host)
        self.one_sentence(host.run("folder", "list", "--org", "Fernhill"), "newer")
        self.assertEqual(content(host), before)

    def test_unreachable_server_is_told_and_nothing_is_lost(self):
        sim, host, data = self.documented()
        sim.stop()
        before = content(host)
        result, rows = host.sync()
        self.one_sentence(result)
        self.assertEqual(content(host), before)
        self.assertEqual(host.ok("reveal", guid(1, 1), "--reason", "x").out, password(1) + "\n")

    def test_lying_server_is_told_and_changes_nothing(self):
        sim, host, data = self.documented()
        before = content(host)["passwords"]
        everywhere = [{"action": "garbage"}, {"action": "html"}, {"action": "wrong_type"}]
        # Those two look like a passing fault of the network, so each is tried for a while.
        passing = [{"action": "cut_body"}, {"action": "reset"}]
        for route in ("token", "managed_devices", "recovery_keys_list"):
            for rule in everywhere + (passing if route == "managed_devices" else []):
                with self.subTest(route=route, rule=rule):
                    sim.fault(route=route, count=-1, **rule)
                    result = host.sync()[0]
                    sim.clear_faults()
                    self.one_sentence(result)
                    self.assertEqual(content(host)["passwords"], before)

    def test_refused_sign_in_names_who_can_fix_it(self):
        sim, host, data = self.documented()
        for name, words in (("token:50173", ["sign-in", "administrator"]), ("token:7000215", ["secret"]),
                            ("token:65001", ["administrator"])):
            with self.subTest(name=name):
                sim.fault(route="token", count=-1, error=name)
                result = host.sync()[0]
                sim.clear_faults()
                self.one_sentence(result, *words)

    def test_missing_permission_is_named(self):
        one = device(1)
        sim, host, data = self.world.connected(
            [key(1, one)], [one], scopes=["DeviceManagementManagedDevices.Read.All"])
        self.one_sentence(host.sync()[0], "BitlockerKey.Read", "administrator")

    def test_unknown_tenant_and_http_to_elsewhere_are_refused(self):
        host = self.world.host()
        host.organization("Fernhill")
        bad = host.run("connect", "not-a-tenant", "--org", "Fernhill", "--client-id", guid(9, 1),
                       "--grant", "refresh", stdin="t\n")
        self.one_sentence(bad, "tenant")
        bad = host.run("connect", guid(9, 2), "--org", "Fernhill", "--client-id", guid(9, 1),
                       "--login", "http://login.example", "--grant", "refresh", stdin="t\n")
        self.one_sentence(bad, "this machine only")
        bad = host.run("connect", guid(9, 2), "--org", "Nobody", "--client-id", guid(9, 1),
                       "--grant", "refresh", stdin="t\n")
        self.one_sentence(bad, "organization")
        bad = host.run("connect", guid(9, 2), "--org", "Fernhill", "--client-id", guid(9, 1),
                       "--grant", "refresh", stdin="")
        self.one_sentence(bad)

    def test_full_disk_is_told_and_nothing_is_half_written(self):
        if os.geteuid() != 0:
            self.skipTest("mounting a small file system needs root")
        folder = os.path.join(self.world.folder, "small")
        os.mkdir(folder, 0o700)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1600k,mode=0700", "tmpfs",
                                  folder], capture_output=True, text=True)
        if mounted.returncode != 0:
            self.skipTest("cannot mount here: " + mounted.stderr)
        self.addCleanup(subprocess.run, ["umount", "-l", folder])
        host = self.world.host(init=False)
        host.data = os.path.join(folder, "data")
        host.ok("init", "--key-file", host.key_file, "--plugin", PLUGIN)
        devices = [device(n) for n in range(1, 41)]
        data = tenant([key(n, devices[n % 40]) for n in range(1, 2000)], devices)
        sim = self.world.sim([data])
        run = host.run
        host.run = lambda *a, **k: run("--key-file", host.key_file, *a, **k)
        host.organization("Fernhill", devices)
        host.connect(sim, ["Fernhill"], data)
        self.one_sentence(host.sync()[0], "full")
        self.assertEqual(host.list("Fernhill"), [])
        subprocess.run(["mount", "-o", "remount,size=64m", folder], check=True)
        result, rows = host.sync()
        self.assertEqual(result.code, 0, result.err)
        self.assertEqual(len(host.list("Fernhill", "--archived")), 1999)

    def test_second_owner_of_the_folder_is_refused_or_served(self):
        sim, host, data = self.documented()
        host.serve()
        self.assertEqual(len(host.list("Fernhill")), 1, "answered through the server's socket")
        os.unlink(os.path.join(host.data, "socket"))
        self.one_sentence(host.run("folder", "list", "--org", "Fernhill"), "owns")


if __name__ == "__main__":
    unittest.main()
