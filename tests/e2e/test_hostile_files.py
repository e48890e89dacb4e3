# SPDX-License-Identifier: Apache-2.0
"""Files and terminals that somebody else has prepared: nothing hangs, nothing of others is touched,
and the sentence says what to do."""
import hashlib
import os
import pathlib
import pty
import signal
import sqlite3
import subprocess
import sys
import tempfile
import termios
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from front_host import DOCHOST, Host


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.data = self.folder / "data"

    def run_it(self, *words, timeout=30):
        return subprocess.run([DOCHOST, "--data", str(self.data), *words], input="", text=True,
                              capture_output=True, timeout=timeout)

    def refused(self, done, *words):
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)


class Init(Folder):
    def test_a_folder_of_somebody_else_beside_the_data_is_left_alone(self):
        precious = self.folder / "data.init"
        precious.mkdir()
        (precious / "thesis.txt").write_text("years of work", encoding="utf-8")
        done = self.run_it("init")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((precious / "thesis.txt").read_text(encoding="utf-8"), "years of work")

    def test_a_link_beside_the_data_is_not_followed(self):
        target = self.folder / "home"
        target.mkdir()
        (target / "thesis.txt").write_text("years of work", encoding="utf-8")
        (self.folder / "data.init").symlink_to(target)
        self.run_it("init")
        self.assertTrue((target / "thesis.txt").exists())

    def test_a_refused_init_leaves_nothing(self):
        self.refused(self.run_it("init", "--plugin", str(self.folder / "none.so")), "none.so")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_data_and_key_file_are_for_their_owner_alone(self):
        done = self.run_it("init")
        self.assertEqual(done.returncode, 0, done.stderr)
        for path in [self.data, self.folder / "data.key", *self.data.iterdir()]:
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)

    def test_a_path_that_is_too_long_is_told(self):
        self.data = self.folder / ("x" * 300)
        self.refused(self.run_it("init"), "too long")
        self.data = str(self.folder) + "/." * 2500 + "/data"
        self.refused(self.run_it("init"), "too long")

    def test_a_key_file_inside_the_data_is_refused(self):
        self.refused(self.run_it("init", "--key-file", str(self.data / "root.key")), "data")


class KeyFile(Folder):
    def setUp(self):
        super().setUp()
        done = self.run_it("init")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.key = self.folder / "data.key"

    def test_a_pipe_in_its_place_does_not_hang(self):
        self.key.unlink()
        os.mkfifo(self.key, 0o600)
        self.refused(self.run_it("org", "list"), "data.key is not a regular file")

    def test_a_link_in_its_place_is_refused(self):
        self.key.rename(self.folder / "elsewhere")
        self.key.symlink_to(self.folder / "elsewhere")
        self.refused(self.run_it("org", "list"), "data.key is a symbolic link")

    def test_a_folder_in_its_place_is_refused(self):
        self.key.unlink()
        self.key.mkdir(0o700)
        self.refused(self.run_it("org", "list"), "data.key is not a regular file")

    def test_a_huge_file_is_refused(self):
        with open(self.key, "r+b") as out:
            out.truncate(1 << 40)
        self.refused(self.run_it("org", "list"), "too large")

    def test_every_cut_is_noticed(self):
        whole = self.key.read_bytes()
        for at in range(0, len(whole), 7):
            self.key.write_bytes(whole[:at])
            self.refused(self.run_it("org", "list"), "data.key")
        self.key.write_bytes(whole)
        self.assertEqual(self.run_it("org", "list").returncode, 0)


class Quarantine(Folder):
    def setUp(self):
        super().setUp()
        done = self.run_it("init")
        self.assertEqual(done.returncode, 0, done.stderr)

    def mark(self):
        """What a host leaves that is killed while it loads the plugin."""
        database = sqlite3.connect(self.data / "store.db")
        library = database.execute("select library_path from plugins").fetchone()[0]
        database.close()
        marker = self.data / "loading-bitlocker_keys"
        marker.write_text(hashlib.sha256(pathlib.Path(library).read_bytes()).hexdigest(),
                          encoding="ascii")

    def test_a_quarantined_plugin_tells_the_command_that_lifts_it(self):
        self.mark()
        self.refused(self.run_it("sync"), "plugin retry bitlocker_keys")
        self.refused(self.run_it("sync"), "plugin retry bitlocker_keys")
        done = self.run_it("plugin", "retry", "bitlocker_keys")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.run_it("plugin", "info").returncode, 0)
        self.assertIn("plugin bitlocker_keys", self.run_it("activity", "list").stdout)

    def test_names_stay_claimed_while_the_plugin_is_quarantined(self):
        self.mark()
        done = self.run_it("category", "add", "BitLocker Keys (via Network Glue)")
        self.assertEqual(done.returncode, 1)

    def test_there_is_nothing_to_retry(self):
        self.refused(self.run_it("plugin", "retry", "bitlocker_keys"), "not quarantined")
        self.refused(self.run_it("plugin", "retry", "nobody_here"), "not installed")


class Terminal(unittest.TestCase):
    def test_an_interrupt_at_the_prompt_leaves_the_terminal_as_it_was(self):
        host = Host()
        self.addCleanup(host.close)
        self.assertEqual(host.run("org", "add", "Contoso").returncode, 0)
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        self.addCleanup(os.close, slave)
        before = termios.tcgetattr(slave)
        child = subprocess.Popen([DOCHOST, "--data", str(host.data), "password", "add", "x",
                                  "--org", "Contoso"], stdin=slave, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE)
        self.addCleanup(child.stderr.close)
        self.assertIn(b"Secret", os.read(child.stderr.fileno(), 100))
        child.send_signal(signal.SIGINT)
        child.wait(30)
        self.assertEqual(child.returncode, 1)
        self.assertEqual(termios.tcgetattr(slave), before)


if __name__ == "__main__":
    unittest.main()
