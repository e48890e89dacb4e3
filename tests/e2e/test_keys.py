# SPDX-License-Identifier: Apache-2.0
"""The key file and copies of the store, by the real programs: rotation under a serving host and
killed in the middle, backups that open again, and an older copy that loses no key."""

import os
import subprocess
import threading
import unittest

import harness
from harness import World, device, key

PASSPHRASE = "a passphrase that nobody guesses"


class KeysTest(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)

    def synced(self, count=6):
        devices = [device(n) for n in range(1, count + 1)]
        keys = [key(n, devices[n - 1]) for n in range(1, count + 1)]
        sim, host, data = self.world.connected(keys, devices)
        result, _ = host.sync()
        self.assertEqual(0, result.code, result.err)
        return sim, host, keys, data

    def reveal_all(self, host, keys, *arguments):
        for one in keys:
            shown = host.ok(*arguments, "reveal", one["id"], "--reason", "drill").out.strip()
            self.assertEqual(one["key"], shown)

    def test_rotation_moves_everything_and_forgets_the_old_root(self):
        _, host, keys, _ = self.synced()
        host.ok("password", "add", "Router", "--org", "Fernhill", stdin="hunter22\n")
        made = host.json("key", "rotate")
        self.assertEqual((2, 1, 1), (made["generation"], made["passwords"], made["retired"]))
        self.assertGreater(made["plugin_rows"], 0)
        status = host.json("key", "status")
        self.assertFalse(status["rotation_unfinished"])
        self.assertEqual([2], [g["generation"] for g in status["generations"]])
        self.reveal_all(host, keys)
        host.ok("key", "check")
        self.assertEqual(0, host.sync()[1][harness.TENANT]["store_changes"])

    def test_rotation_under_a_serving_host_keeps_answers_right(self):
        _, host, keys, _ = self.synced()
        host.serve()
        stop = threading.Event()
        failures = []

        def read():
            while not stop.is_set():
                for one in keys[:2]:
                    result = host.run("reveal", one["id"], "--reason", "drill")
                    if result.code != 0 or result.out.strip() != one["key"]:
                        failures.append(result.err)

        reader = threading.Thread(target=read)
        reader.start()
        try:
            for generation in (2, 3):
                self.assertEqual(generation, host.json("key", "rotate")["generation"])
        finally:
            stop.set()
            reader.join()
        self.assertEqual([], failures)
        host.stop()
        self.reveal_all(host, keys)

    def test_killed_server_leaves_a_rotation_that_the_next_run_finishes(self):
        _, host, keys, _ = self.synced()
        for n in range(10):
            host.ok("password", "add", "p%d" % n, "--org", "Fernhill", stdin="hunter%d\n" % n)
        for steps in range(1, 8):
            host.serve()
            child = subprocess.Popen([harness.DOCHOST, "--data", host.data, "key", "rotate"],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                     env=host.environment)
            try:
                child.wait(0.004 * steps)
            except subprocess.TimeoutExpired:
                pass
            host.server.kill()
            host.server.wait()
            host.stop()
            child.wait()
            host.ok("key", "check")
        made = host.json("key", "rotate")
        status = host.json("key", "status")
        self.assertEqual([made["generation"]],
                         [g["generation"] for g in status["generations"]])
        self.reveal_all(host, keys)

    def test_old_copies_open_with_the_key_file_of_their_day(self):
        _, host, keys, _ = self.synced()
        folder = host.folder
        copy, kept = os.path.join(folder, "copy.db"), os.path.join(folder, "kept")
        shares, restored = os.path.join(folder, "shares"), os.path.join(folder, "restored.key")
        host.ok("backup", "--out", copy)
        host.ok("key", "backup", "--out", kept, stdin=PASSPHRASE + "\n")
        host.ok("key", "backup", "--shares", "5", "--threshold", "3", "--out", shares)
        host.ok("key", "rotate")
        refused = host.run("restore", copy)
        self.assertEqual(1, refused.code)
        self.assertIn("generation", refused.err)
        arguments = ["key", "restore", "--from", os.path.join(shares, "keyring.sealed"), "--out",
                     restored]
        few = [a for n in (5, 1) for a in ("--share", os.path.join(shares, "share-%03d.txt" % n))]
        self.assertIn("3 shares are needed", host.run(*arguments, *few).err)
        self.assertFalse(os.path.exists(restored))
        host.ok(*arguments, *few, "--share", os.path.join(shares, "share-002.txt"))
        host.ok("--key-file", restored, "restore", copy)
        self.reveal_all(host, keys, "--key-file", restored)
        self.reveal_all_with_passphrase(host, keys, kept)

    def reveal_all_with_passphrase(self, host, keys, sealed):
        """A backup under a passphrase is a key file as it is."""
        words = os.path.join(host.folder, "words")
        with open(words, "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as out:
            out.write(PASSPHRASE + "\n")
        self.reveal_all(host, keys[:1], "--key-file", sealed, "--passphrase-file", words)
        wrong = host.run("--key-file", sealed, "--passphrase-file", "-", "org", "list",
                         stdin="something else entirely\n")
        self.assertEqual(1, wrong.code)
        self.assertIn("passphrase is wrong", wrong.err)

    def test_older_copy_loses_no_key_after_a_sync(self):
        devices = [device(n) for n in range(1, 5)]
        keys = [key(n, devices[n - 1]) for n in range(1, 5)]
        data = harness.tenant(keys[:2], devices)
        sim, host = self.world.sim([data]), self.world.host()
        host.organization("Fernhill", devices)
        self.assertEqual(0, host.connect(sim, ["Fernhill"], data).code)
        host.sync()
        copy = os.path.join(host.folder, "copy.db")
        host.serve()
        host.ok("backup", "--out", copy)
        self.assertEqual(0o600, os.stat(copy).st_mode & 0o777)
        host.stop()
        sim.stop()
        later = self.world.sim([harness.tenant(keys, devices)])
        self.assertEqual(0, host.connect(later, ["Fernhill"], data).code)
        host.sync()
        self.assertEqual(4, len(host.list("Fernhill")))
        self.reveal_all(host, keys[:2])
        host.ok("restore", copy)
        self.assertEqual(2, len(host.list("Fernhill")))
        self.assertEqual(0, host.connect(later, ["Fernhill"], data).code)
        result, _ = host.sync()
        self.assertEqual(0, result.code, result.err)
        self.assertEqual(4, len(host.list("Fernhill")))
        # What was seen after the copy is lost from the store, and told by what was published.
        told = host.run("audit", "--verify", as_json=True)
        self.assertEqual(1, told.code)
        self.assertIn(("Fernhill", "cut-off", 1, 2),
                      [(row["organization"], row["verdict"], row.get("first"), row.get("last"))
                       for row in told.rows()])
        doctor = host.run("doctor", "--state", as_json=True)
        self.assertEqual(["audit"], sorted({row["what"] for row in doctor.rows()}))
        self.reveal_all(host, keys)
        self.assertEqual([], [n for n in os.listdir(host.data) if n.startswith("store.db.")])

    def test_refused_copies_change_nothing(self):
        _, host, keys, _ = self.synced(2)
        other = self.world.host()
        copy, cut = os.path.join(host.folder, "copy.db"), os.path.join(host.folder, "cut.db")
        other.ok("backup", "--out", copy)
        self.assertIn("another key file", host.run("restore", copy).err)
        self.assertIn("exists already", other.run("backup", "--out", copy).err)
        host.ok("backup", "--out", cut)
        with open(cut, "r+b") as out:
            out.truncate(os.path.getsize(cut) // 2)
        self.assertEqual(1, host.run("restore", cut).code)
        self.assertEqual(1, host.run("restore", os.path.join(host.folder, "none.db")).code)
        host.serve()
        self.assertEqual(1, host.run("restore", copy).code)
        host.stop()
        self.reveal_all(host, keys)

    def test_warnings_name_missing_and_old_backups_and_a_key_file_inside(self):
        _, host, _, _ = self.synced(1)
        kept = os.path.join(host.folder, "kept")
        self.assertIn("no backup", " ".join(host.json("key", "status")["warnings"]))
        host.ok("key", "backup", "--out", kept, stdin=PASSPHRASE + "\n")
        self.assertEqual([], host.json("key", "status")["warnings"])
        host.ok("key", "rotate")
        self.assertIn("older", " ".join(host.json("key", "status")["warnings"]))
        inside = os.path.join(host.data, "root.key")
        os.rename(host.key_file, inside)
        said = host.json("--key-file", inside, "key", "status")["warnings"]
        self.assertIn("inside the data directory", " ".join(said))

    def test_planted_secrets_of_the_key_file_stay_out_of_copies(self):
        _, host, keys, data = self.synced(2)
        copy = os.path.join(host.folder, "copy.db")
        host.ok("backup", "--out", copy)
        with open(copy, "rb") as found, open(host.key_file, "rb") as root:
            stored, secret = found.read(), root.read()
        for planted in (secret[24:56], secret[64:96]):
            self.assertNotIn(planted, stored)
        for one in keys:
            self.assertNotIn(one["key"].encode(), stored)
        self.assertNotIn(data["refreshToken"].encode(), stored)

    def test_sealed_key_files_serve_and_refuse(self):
        host = self.world.host(init=False)
        words = os.path.join(host.folder, "words")
        with open(words, "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as out:
            out.write(PASSPHRASE + "\n")
        host.ok("init", "--plugin", harness.PLUGIN, "--passphrase", stdin=PASSPHRASE + "\n")
        self.assertIn("--passphrase-file", host.run("org", "list").err)
        host.ok("--passphrase-file", words, "org", "add", "Fernhill")
        os.chmod(words, 0o644)
        self.assertEqual(1, host.run("--passphrase-file", words, "org", "list").code)
        self.assertEqual("passphrase", host.json("--passphrase-file", "-", "key", "status",
                                                 stdin=PASSPHRASE + "\n")["source"])
        with open(host.key_file, "rb") as out:
            self.assertNotIn(PASSPHRASE.encode(), out.read())

    def test_credential_of_the_service_manager_opens_the_key_file(self):
        host = self.world.host(init=False)
        folder = os.path.join(host.folder, "credentials")
        os.mkdir(folder, 0o700)
        with open(os.path.join(folder, "root"), "wb") as out:
            out.write(os.urandom(32))
        host.environment["CREDENTIALS_DIRECTORY"] = folder
        host.ok("init", "--plugin", harness.PLUGIN, "--credential", "root")
        self.assertEqual("credential", host.json("key", "status")["source"])
        del host.environment["CREDENTIALS_DIRECTORY"]
        self.assertIn("LoadCredential", host.run("key", "status").err)

    def words(self, host, name, text):
        path = os.path.join(host.folder, name)
        with open(path, "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as out:
            out.write(text + "\n")
        return path

    def test_protection_of_a_key_file_in_use_changes_and_its_keys_stay(self):
        _, host, keys, _ = self.synced(2)
        words = self.words(host, "words", PASSPHRASE)
        other = self.words(host, "other", "quite another passphrase")
        host.serve()
        made = host.json("key", "protect", "--passphrase", stdin=PASSPHRASE + "\n")
        self.assertEqual("passphrase", made["source"])
        self.reveal_all(host, keys)
        host.ok("key", "rotate")
        host.stop()
        self.assertIn("--passphrase-file", host.run("org", "list").err)
        host.ok("--passphrase-file", words, "key", "check")
        host.ok("--passphrase-file", words, "key", "protect", "--passphrase",
                stdin="quite another passphrase\n")
        self.assertIn("wrong", host.run("--passphrase-file", words, "org", "list").err)
        folder = os.path.join(host.folder, "credentials")
        os.mkdir(folder, 0o700)
        with open(os.path.join(folder, "root"), "wb") as out:
            out.write(os.urandom(32))
        host.environment["CREDENTIALS_DIRECTORY"] = folder
        host.ok("--passphrase-file", other, "key", "protect", "--credential", "root")
        self.reveal_all(host, keys)
        self.assertEqual("key file", host.json("key", "protect", "--file")["source"])
        del host.environment["CREDENTIALS_DIRECTORY"]
        self.reveal_all(host, keys)
        said = [row["detail"] for row in host.activity() if row.get("subject") == "key file"]
        self.assertEqual(4, len([text for text in said if "sealed" in text or "mode" in text]))

    def test_refused_protection_changes_nothing(self):
        _, host, keys, _ = self.synced(1)
        with open(host.key_file, "rb") as found:
            before = found.read()
        self.assertEqual(2, host.run("key", "protect").code)
        self.assertEqual(2, host.run("key", "protect", "--file", "--credential", "root").code)
        self.assertEqual(1, host.run("key", "protect", "--passphrase", stdin="short\n").code)
        self.assertEqual(1, host.run("key", "protect", "--credential", "root").code)
        with open(host.key_file, "rb") as found:
            self.assertEqual(before, found.read())
        inside = os.path.join(host.data, "root.key")
        words = self.words(host, "words", PASSPHRASE)
        host.ok("key", "protect", "--passphrase", stdin=PASSPHRASE + "\n")
        os.rename(host.key_file, inside)
        told = host.run("--key-file", inside, "--passphrase-file", words, "key", "protect", "--file")
        self.assertIn("inside the data directory", told.err)
        self.reveal_all(host, keys, "--key-file", inside, "--passphrase-file", words)

    def test_key_status_by_rest_is_for_administrators(self):
        _, host, _, _ = self.synced(1)
        host.ok("user", "add", "maria", "--role", "manager", "--all-orgs")
        token = host.ok("token", "add", "maria").out.strip()
        host.serve()
        status, body = host.api("GET", "/api/v1/key")
        self.assertEqual((200, "key file"), (status, body["data"]["source"]))
        status, body = host.api("GET", "/api/v1/key/check")
        self.assertEqual(200, status, body)
        for path in ("/api/v1/key", "/api/v1/key/check"):
            self.assertEqual(403, host.api("GET", path, token=token)[0])


if __name__ == "__main__":
    unittest.main()
