# SPDX-License-Identifier: Apache-2.0
"""Export and import of passwords and configurations: all or nothing, through the same checks as
everything else, without formulas and without secrets (docs/transfer.md)."""
import csv
import io
import json
import os
import pathlib
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from front_host import Host
from harness import FOLDER, World, device, guid, key, password

LOOK_ALIKE = "\u0412itL\u043ecker\u00a0Keys (v\u0456a Network Glue)"
PLANTED = "PLANTED-77c1e2"


class Transfer(unittest.TestCase):
    def setUp(self):
        self.host = Host()
        self.addCleanup(self.host.close)
        self.host.made("org", "add", "Fernhill")
        self.folder = pathlib.Path(self.host.folder.name)

    def file(self, text, name="in.csv"):
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)

    def take(self, text, *more):
        return self.host.run("import", "--org", "Fernhill", self.file(text), *more)

    def names(self):
        return {row["name"] for row in self.host.rows("password", "list", "--org", "Fernhill")}

    def exported(self):
        done = self.host.run("export", "--org", "Fernhill")
        self.assertEqual(done.returncode, 0, done.stderr)
        return list(csv.DictReader(io.StringIO(done.stdout, newline="")))

    def test_an_import_makes_everything_that_its_rows_name(self):
        done = self.take("\ufeffkind,name,serial,folder,category,username,password,notes,configuration\r\n"
                         "configuration,FERN-1,SN-1,,,,,,\r\n\r\n"
                         ',Router,,Network,Devices,admin,"p,w""\n' + PLANTED + '","a\nb",FERN-1\r\n'
                         "password,Switch,,Network,devices, root ,s2,,\r\n", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout),
                         {"passwords": 2, "configurations": 1, "folders": 1, "categories": 1,
                          "dry_run": False})
        rows = {row["name"]: row for row in self.exported()}
        self.assertEqual(set(rows), {"FERN-1", "Router", "Switch"})
        self.assertEqual((rows["Router"]["notes"], rows["Router"]["configuration"],
                          rows["Router"]["folder"], rows["Switch"]["username"]),
                         ("a\nb", "FERN-1", "Network", " root "))
        shown = self.host.run("reveal", rows["Router"]["id"], "--reason", "test")
        self.assertEqual(shown.stdout, 'p,w"\n' + PLANTED + "\n")

    def test_json_is_imported_and_exported(self):
        done = self.take('[{"name":"A \\u00e9","password":"%s","notes":null},\n'
                         ' {"kind":"configuration","name":"C","mac":"00:11"}]' % PLANTED)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.host.run("export", "--org", "Fernhill", "--format", "json")
        rows = {row["name"]: row for row in json.loads(done.stdout)}
        self.assertEqual((rows["C"]["mac"], rows["A \u00e9"]["kind"]), ("00:11", "password"))
        self.assertNotIn("password", rows["A \u00e9"])

    def test_a_dry_run_writes_nothing(self):
        done = self.take("name,folder\nA,New\n", "--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("dry_run: yes", done.stdout)
        self.assertEqual(self.names(), set())
        self.assertEqual(self.host.rows("folder", "tree", "--org", "Fernhill"), [])

    def test_one_bad_row_leaves_nothing_and_names_its_line(self):
        for text, wanted in (
                ("name,url\nA,\nB\n", "Line 3: a row has fewer fields"),
                ("name\nA\nB,x\n", "Line 3: A row has more fields"),
                ("name,colour\nA,red\n", 'Line 1: The column "colour"'),
                ('name,notes\nA,"x\n\ny"\n"",n\n', "Line 5: A new password needs a name"),
                ('name\nA\n"B"c\n', "Line 3: the quotes"),
                ('name\nA\n"B\n', "Line 3: the quotes"),
                (b"name\nA\n\xff\n", "Line 3: a field is no UTF-8"),
                ("name,kind\nA,\nB,thing\n", "Line 3: The kind is"),
                ("name,configuration\nA,\nB,nowhere\n", "Line 3: There is no configuration"),
                ("kind,name,password\n,A,\nconfiguration,B,x\n", "Line 3: A configuration has no"),
                ('[{"name":"A"},\n{"name":["B"]}]', 'Line 2: The value of "name"'),
                ('[{"name":"A"},\n\n{"name":"B","password":""}]', "Line 3: This is not one"),
                ('[{"name":"A"}\n{"name":"B"}]', "Line 2: a comma"),
                ('{"name":"A"}', "Line 1: this is no array")):
            done = self.take(text)
            self.assertEqual((done.returncode, done.stdout), (1, ""), text)
            self.assertIn(wanted, done.stderr)
            self.assertEqual(self.names(), set(), text)
        self.assertEqual(self.host.rows("category", "list") and self.exported(), [])

    def test_reserved_names_are_refused_by_import_and_logged(self):
        # S1.32 S1.34 S1.65
        for column in ("folder", "category"):
            for name in (FOLDER, FOLDER.upper(), LOOK_ALIKE, FOLDER.replace(" ", "  ")):
                done = self.take("name,%s\nGood,\nBad,%s\n" % (column, name))
                self.assertEqual(done.returncode, 1, (column, name))
                self.assertRegex(done.stderr, "Line 3: This (is a reserved name|folder holds only)")
        self.assertEqual(self.names(), set())
        refused = [row for row in self.host.rows("activity", "list")
                   if row["action"] == "refused"]
        self.assertEqual(len(refused), 8)
        done = self.take("name,folder,category\nGood,Old %s,%s 2\n" % (FOLDER, FOLDER))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_formulas_are_neutral_and_come_back_as_they_were(self):
        names = ["=1+1", "+1", "-1", "@x", "\uff1dx", "'quoted", "plain", 'a"b,c',
                 " =x", "'=x", "''=x", "\u00a0-x", "'"]
        done = self.take(json.dumps([{"name": name} for name in names]))
        self.assertEqual(done.returncode, 0, done.stderr)
        told = {row["name"] for row in self.exported()}
        self.assertEqual(told, {"'=1+1", "'+1", "'-1", "'@x", "'\uff1dx", "'quoted", "plain",
                                'a"b,c', "' =x", "''=x", "'''=x", "'\u00a0-x", "'"})
        text = self.host.run("export", "--org", "Fernhill").stdout
        self.host.made("org", "add", "Second")
        done = self.host.run("import", "--org", "Second", self.file(text))
        self.assertEqual(done.returncode, 0, done.stderr)
        again = {row["name"] for row in self.host.rows("password", "list", "--org", "Second")}
        self.assertEqual(again, set(names))
        # A secret is taken as it stands: no export ever put anything in front of one.
        done = self.host.run("import", "--org", "Second", self.file("name,password\nS,'=x\n"))
        self.assertEqual(done.returncode, 0, done.stderr)
        made = next(row["id"] for row in self.host.rows("password", "list", "--org", "Second")
                    if row["name"] == "S")
        self.assertEqual(self.host.run("reveal", made, "--reason", "x").stdout.rstrip("\n"), "'=x")

    def test_an_export_is_logged_and_wrong_usage_is_told(self):
        # S1.93
        self.exported()
        actions = [row["action"] for row in self.host.rows("activity", "list")]
        self.assertEqual(actions.count("exported"), 1)
        for words, status in ((["export", "--org", "Fernhill", "--format", "xml"], 2),
                              (["export", "--org", "Nowhere"], 1),
                              (["import", "--org", "Fernhill"], 2),
                              (["import", "--org", "Fernhill", "/none"], 1)):
            self.assertEqual(self.host.run(*words).returncode, status, words)

    def test_roles_hold_for_what_an_import_makes(self):
        # S1.109: a Creator adds passwords and no categories.
        self.host.run("user", "add", "cora", "--role", "creator", "--org", "Fernhill")
        path = self.file("name,category\nA,New\n")
        done = self.host.run("--as", "cora", "import", "--org", "Fernhill", path)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertEqual(self.names(), set())
        path = self.file("name\nA\n")
        done = self.host.run("--as", "cora", "import", "--org", "Fernhill", path)
        self.assertEqual(done.returncode, 0, done.stderr)

    def check_files(self, server):
        """An export by REST is a file: CSV or a JSON array, not one inside the other."""
        path = "/api/v1/organizations/Fernhill/export"
        status, headers, text = server.ask("GET", path)
        self.assertEqual((status, headers["Content-Type"]), (200, "text/csv; charset=utf-8"))
        self.assertIn("export.csv", headers["Content-Disposition"])
        self.assertEqual([row["name"] for row in csv.DictReader(io.StringIO(text, newline=""))],
                         ["A"])
        status, headers, rows = server.ask("GET", path + "?format=json")
        self.assertEqual((status, [row["name"] for row in rows]), (200, ["A"]))
        self.assertIn("export.json", headers["Content-Disposition"])
        status, headers, body = server.ask("GET", "/api/v1/organizations/Nowhere/export")
        self.assertEqual((status, body["success"]), (404, False))

    def test_rest_and_a_running_server_do_the_same(self):
        with self.host.serve() as server:
            status, _, body = server.ask("POST", "/api/v1/organizations/Fernhill/import",
                                         {"secret": "name,password\nA," + PLANTED + "\n"})
            self.assertEqual((status, body["data"]["passwords"]), (200, 1), body)
            status, _, body = server.ask("POST", "/api/v1/organizations/Fernhill/import",
                                         {"secret": "name,folder\nB," + LOOK_ALIKE + "\n"})
            self.assertEqual(status, 403, body)
            status, _, body = server.ask("GET", "/api/v1/organizations/Fernhill/export")
            self.assertEqual(status, 200)
            self.assertNotIn(PLANTED, json.dumps(body))
            self.check_files(server)
            many = "name\n" + "".join("%s-%d\n" % ("n" * 200, i) for i in range(1000))
            done = self.take(many)
            self.assertEqual(done.returncode, 0, done.stderr)
            server.stop()
            self.assertNotIn(PLANTED, server.log)
        self.assertEqual(len(self.names()), 1001)


class Protected(unittest.TestCase):
    def test_synced_records_are_listed_without_keys_and_none_can_be_imported(self):
        # S1.43 S1.117
        world = World()
        self.addCleanup(world.close)
        devices = [device(1)]
        _, host, _ = world.connected([key(1, devices[0])], devices)
        self.assertEqual(host.sync()[0].code, 0)
        text = host.ok("export", "--org", "Fernhill").out
        rows = [row for row in csv.DictReader(io.StringIO(text)) if row["guarded_by"]]
        self.assertEqual([(row["name"], row["username"], row["folder"]) for row in rows],
                         [("PC-001", guid(1, 1), FOLDER)])
        self.assertNotIn(password(1), text)
        path = os.path.join(world.folder, "in.csv")
        for name in (FOLDER, LOOK_ALIKE):
            for column in ("folder", "category"):
                with open(path, "w", encoding="utf-8") as out:
                    out.write("name,%s\nMine,%s\n" % (column, name))
                done = host.run("import", "--org", "Fernhill", path)
                self.assertEqual(done.code, 1, done.out)
        with open(path, "w", encoding="utf-8", newline="") as out:
            out.write(text)
        self.assertEqual(host.run("import", "--org", "Fernhill", path).code, 1)
        self.assertEqual(len(host.list("Fernhill")), 1)


if __name__ == "__main__":
    unittest.main()
