# SPDX-License-Identifier: Apache-2.0
"""The command line of dochost: usage, secrets, output, and the one owner of a data directory
(DESIGN.md section 3)."""
import fcntl
import json
import signal
import socket
import stat
import struct
import unittest

from front_host import Host

PLANTED = "PLANTED-8f2c41"


class Usage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.host = Host()
        cls.addClassCleanup(cls.host.close)

    def test_help_and_version_go_to_standard_output(self):
        for words, wanted in ((["--version"], "dochost "), (["--help"], "commands:"),
                              (["org", "add", "--help"], "usage: dochost")):
            done = self.host.program(*words)
            self.assertEqual((done.returncode, done.stderr), (0, ""), words)
            self.assertIn(wanted, done.stdout)

    def test_wrong_usage_exits_2_with_usage_on_standard_error(self):
        for words in ([], ["nonsense"], ["org"], ["org", "add"], ["org", "add", "a", "b"],
                      ["org", "list", "--fast"], ["find"], ["reveal", "X"],
                      ["serve", "--port", "x"], ["serve", "--port", "65536"],
                      ["--as", "eve", "name", "check", "X", "--kind", "folder"],
                      ["folder", "list"]):
            done = self.host.run(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertTrue(done.stderr.startswith("dochost: "), done.stderr)

    def test_the_data_directory_has_to_be_named(self):
        done = self.host.program("org", "list")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--data", done.stderr)

    def test_a_folder_without_data_is_told_in_one_line(self):
        done = self.host.program("--data", str(self.host.data) + "-none", "org", "list")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_a_secret_as_argument_is_refused_and_not_repeated(self):
        for option in ("--secret", "--token", "--client-secret", "--password"):
            for words in ([option, PLANTED], [f"{option}={PLANTED}"]):
                done = self.host.run("connect", "t", "--org", "o", "--client-id", "c", *words)
                self.assertEqual(done.returncode, 2)
                self.assertIn("standard input", done.stderr)
                self.assertNotIn(PLANTED, done.stdout + done.stderr)

    def test_a_bad_secret_on_standard_input_is_refused(self):
        given = ["connect", "t", "--org", "o", "--client-id", "c"]
        for text, wanted in (("", "missing"), ("a\nb\n", "more than one line"),
                             ("x" * 65537, "64 KiB"), ("a\0b\n", "zero byte")):
            done = self.host.run(*given, stdin=text)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(wanted, done.stderr)

    def test_an_address_that_others_reach_needs_a_certificate(self):
        done = self.host.run("serve", "--port", "0", "--address", "0.0.0.0")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--cert", done.stderr)

    def test_a_name_is_read_from_standard_input(self):
        for name, status in (("Printers", 0), ("BitLocker Keys (via Network Glue)", 1)):
            done = self.host.program("name", "check", "--kind", "folder", "-", stdin=name + "\n")
            self.assertEqual(done.returncode, status, done.stderr)


class Output(unittest.TestCase):
    def setUp(self):
        self.host = Host()
        self.addCleanup(self.host.close)

    def test_lists_are_tables_or_one_line_of_json(self):
        self.host.made("org", "add", "Contoso")
        self.host.made("org", "add", "\u6771\u4eac GmbH")
        text = self.host.run("org", "list").stdout.splitlines()
        self.assertEqual(text[0].split(), ["ID", "NAME"])
        self.assertEqual(len(text), 3)
        done = self.host.run("org", "list", "--json")
        self.assertEqual(done.stdout.count("\n"), 1)
        names = {row["name"] for row in json.loads(done.stdout)}
        self.assertEqual(names, {"Contoso", "\u6771\u4eac GmbH"})

    def test_names_from_outside_cannot_steer_a_terminal(self):
        self.host.run("org", "add", "Evil \x1b[2J\x07\u202eeman")
        done = self.host.run("org", "list")
        for sign in ("\x1b", "\x07", "\u202e"):
            self.assertNotIn(sign, done.stdout + self.host.said)

    def test_reveal_prints_the_secret_and_nothing_else(self):
        self.host.made("org", "add", "Contoso")
        record = self.host.made("password", "add", "Router", "--org", "Contoso",
                                stdin=PLANTED + "\n")
        done = self.host.run("reveal", record, "--reason", "test")
        self.assertEqual((done.returncode, done.stdout), (0, PLANTED + "\n"))
        for words in (["password", "show", record], ["password", "list", "--org", "Contoso"],
                      ["activity", "list"]):
            done = self.host.run(*words)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn(PLANTED, done.stdout)
        self.assertNotIn(PLANTED, self.host.said)

    def test_a_failed_command_says_why_on_standard_error_alone(self):
        done = self.host.run("org", "delete", "nobody")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertTrue(done.stderr.startswith("dochost: "))
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)


class Owner(unittest.TestCase):
    def setUp(self):
        self.host = Host()
        self.addCleanup(self.host.close)

    def test_commands_go_through_the_server_that_owns_the_data(self):
        with self.host.serve() as server:
            organization = self.host.made("org", "add", "Contoso")
            record = self.host.made("password", "add", "Router", "--org", "Contoso",
                                    stdin=PLANTED + "\n")
            done = self.host.run("reveal", record, "--reason", "test")
            self.assertEqual((done.returncode, done.stdout), (0, PLANTED + "\n"))
            done = self.host.run("org", "delete", "nobody")
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertEqual(server.stop(), 0)
        self.assertEqual([row["id"] for row in self.host.rows("org", "list")], [organization])
        self.assertNotIn(PLANTED, server.log + self.host.said)

    def test_a_second_server_is_refused(self):
        with self.host.serve():
            done = self.host.run("serve", "--port", "0")
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertTrue(done.stderr.startswith("dochost: "), done.stderr)

    def test_what_needs_the_data_alone_is_refused_beside_a_server(self):
        with self.host.serve():
            done = self.host.run("plugin", "add", "/nowhere.so")
            self.assertEqual(done.returncode, 1)
            self.assertIn("stop it first", done.stderr)

    def test_owned_data_without_a_server_is_told(self):
        with open(self.host.data / "lock", "a+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = self.host.run("org", "list")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("no server answers", done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1)

    def test_the_server_stops_clean_on_either_signal(self):
        for sign in (signal.SIGTERM, signal.SIGINT):
            with self.host.serve() as server:
                mode = (self.host.data / "socket").stat().st_mode
                self.assertTrue(stat.S_ISSOCK(mode))
                self.assertEqual(stat.S_IMODE(mode), 0o600)
                self.assertEqual(server.stop(sign), 0, sign)
            self.assertFalse((self.host.data / "socket").exists())
            self.assertEqual(self.host.rows("org", "list"), [])

    def test_a_socket_left_by_a_killed_server_is_replaced(self):
        with self.host.serve() as server:
            server.stop(signal.SIGKILL)
        self.assertTrue((self.host.data / "socket").exists())
        self.assertEqual(self.host.rows("org", "list"), [])
        with self.host.serve():
            self.assertEqual(self.host.rows("org", "list"), [])

    def test_frames_that_make_no_sense_are_answered_and_closed(self):
        def head(kind, json_len, secret_len=0, version=1):
            return b"dhf" + bytes([version]) + struct.pack(">III", kind, json_len, secret_len)

        frames = (b"GET / HTTP/1.1\r\n\r\n", head(1, 2 ** 20 + 1), head(1, 2, 65537),
                  head(1, 2, version=2) + b"{}", head(9, 2) + b"{}", head(1, 2) + b"[]",
                  head(1, 2) + b"{}", head(2, 2) + b"{}",
                  head(1, 33) + b'{"command":"no such","args":{}}  ',
                  head(1, 30) + b'{"command":"init","args":{}}  ', b"dh", head(1, 100) + b"{")
        with self.host.serve():
            for frame in frames:
                with socket.socket(socket.AF_UNIX) as peer:
                    peer.settimeout(60)
                    peer.connect(str(self.host.data / "socket"))
                    peer.sendall(frame)
                    peer.shutdown(socket.SHUT_WR)
                    answer = b"".join(iter(lambda: peer.recv(65536), b""))
                self.assertEqual(answer[:4], b"dhf\x01", frame)
                self.assertEqual(json.loads(answer[16:])["exit_code"], 1, frame)
            self.assertEqual(self.host.rows("org", "list"), [])

    def test_a_data_directory_with_a_very_long_path_has_a_socket_too(self):
        deep = Host(below="/".join(["a-rather-long-name-of-a-directory"] * 6))
        self.addCleanup(deep.close)
        with deep.serve():
            self.assertEqual(deep.rows("org", "list"), [])


if __name__ == "__main__":
    unittest.main()
