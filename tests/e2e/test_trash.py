# SPDX-License-Identifier: Apache-2.0
"""The trash, merged organizations and folder security: what they do to ordinary things, and that
none of them reaches what the sync manages."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from guard_world import GuardWorld
from harness import FOLDER, guid

MISSING = "0123456789abcdef01234567"
# The same code runs with sanitizers in tests/drivers/test_guard_table.c.
PLAIN = True


class Trash(unittest.TestCase):
    def setUp(self):
        self.box = GuardWorld()
        self.addCleanup(self.box.close)
        self.host = self.box.host

    def as_user(self, user, *words, stdin=None, as_json=False):
        return self.host.run("--as", user, *words, stdin=stdin, as_json=as_json)

    def names(self, *words):
        return [row["name"] for row in self.host.rows(*words)]

    def actions(self, record):
        return [row["action"] for row in self.host.activity() if row["object"] == record]

    def test_a_deleted_password_is_nowhere_until_it_comes_back_whole(self):
        made = self.host.json("password", "add", "Router", "--org", "Fernhill", "--folder", "Plain",
                              "--category", "Mine", "--username", "root", "--notes", "=n",
                              stdin="s3cret-planted\n")["id"]
        before = self.host.json("password", "show", made)
        self.host.ok("password", "schedule", made, "--days", "30")
        self.host.ok("password", "delete", made)
        for words in (["password", "show", made], ["reveal", made, "--reason", "x"],
                      ["password", "edit", made, "--name", "x"], ["password", "delete", made],
                      ["find", "Router"]):
            self.assertEqual(self.host.run(*words).code, 1, words)
        self.assertNotIn("Router", self.names("password", "list", "--org", "Fernhill"))
        self.assertNotIn("Router", self.names("password", "rotation-list"))
        self.assertNotIn("Router", self.host.ok("export", "--org", "Fernhill").out)
        self.assertEqual(self.names("trash", "list", "--org", "Fernhill"), ["Router"])
        # Its secret goes with a rotation of the root, and still opens.
        self.host.ok("key", "rotate")
        self.host.ok("key", "check")
        self.host.ok("trash", "restore", made)
        after = self.host.json("password", "show", made)
        for field in ("id", "name", "username", "category", "folder_id", "notes", "created"):
            self.assertEqual(after[field], before[field], field)
        self.assertEqual(self.host.ok("reveal", made, "--reason", "x").out, "s3cret-planted\n")
        self.assertEqual(self.names("trash", "list"), [])
        self.assertEqual(self.host.run("trash", "restore", made).code, 1)
        self.host.ok("password", "delete", made)
        self.host.ok("trash", "purge", made)
        self.assertEqual(self.names("trash", "list"), [])
        self.assertEqual(self.actions(made)[:2], ["purged", "deleted"])
        self.assertIn("restored", self.actions(made))

    def test_a_restore_passes_the_gate_and_goes_up_when_its_folder_went(self):
        folder = self.host.json("folder", "add", "Old", "--org", "Fernhill")["id"]
        made = self.host.json("password", "add", "A", "--org", "Fernhill", "--folder", folder)["id"]
        self.host.ok("password", "delete", made)
        self.host.ok("folder", "delete", folder)
        self.host.ok("trash", "restore", made)
        self.assertEqual(self.host.json("password", "show", made)["folder_id"], "")

    def test_the_trash_of_others_is_not_there(self):
        # S1.7 S1.110
        self.host.ok("user", "add", "eve", "--role", "editor", "--org", "Other")
        made = self.box.add_own()
        self.host.ok("password", "delete", made)
        self.assertEqual(self.as_user("eve", "trash", "list", as_json=True).rows(), [])
        for words in (["trash", "restore"], ["trash", "purge"]):
            one = self.as_user("eve" if words[1] == "restore" else "manager", *words, MISSING)
            self.assertEqual(one.code, 1)
        self.host.ok("user", "add", "max", "--role", "manager", "--org", "Other")
        for user, word in (("eve", "restore"), ("max", "restore"), ("max", "purge")):
            mine = self.as_user(user, "trash", word, made)
            none = self.as_user(user, "trash", word, MISSING)
            self.assertEqual(mine.code, 1)
            self.assertEqual(mine.err.replace(made, "@"), none.err.replace(MISSING, "@"))

    def test_managed_things_never_get_there(self):
        # S1.61 S1.62
        current = self.box.ids["current"]
        for words in (["password", "delete", current], ["trash", "purge", current],
                      ["trash", "restore", current], ["password", "bulk-delete", current]):
            self.assertEqual(self.host.run(*words).code, 1, words)
        self.assertEqual(self.names("trash", "list"), [])
        self.assertEqual(len(self.host.list("Fernhill")), 1)

    def test_an_organization_is_merged_with_all_that_it_has(self):
        # S1.37 S1.38: never one that holds the managed folder.
        host = self.host
        before, _ = self.box.fingerprint()
        refused = host.run("org", "merge", "Fernhill", "Other")
        self.assertEqual(refused.code, 1)
        self.assertIn("managed by the BitLocker key sync", refused.err)
        self.assertEqual(self.box.fingerprint()[0], before)
        self.assertEqual(host.activity("refused")[0]["code"], 1201)
        host.ok("org", "add", "Spare")
        folder = host.json("folder", "add", "F", "--org", "Spare")["id"]
        made = host.json("password", "add", "P", "--org", "Spare", "--folder", folder,
                         stdin="s\n")["id"]
        gone = host.json("password", "add", "Q", "--org", "Spare", stdin="s\n")["id"]
        host.ok("password", "delete", gone)
        host.ok("config", "add", "--org", "Spare", "--name", "PC")
        host.ok("user", "add", "sam", "--role", "editor", "--org", "Spare")
        self.assertEqual(host.run("org", "delete", "Spare").code, 1)
        self.assertEqual(host.run("org", "merge", "Spare", "Spare").code, 1)
        host.ok("org", "merge", "Spare", "Fernhill")
        self.assertEqual(sorted(self.names("org", "list")), ["Fernhill", "Other"])
        self.assertIn("F", self.names("folder", "tree", "--org", "Fernhill"))
        self.assertIn("P", self.names("password", "list", "--org", "Fernhill"))
        self.assertIn("PC", self.names("config", "list", "--org", "Fernhill"))
        host.ok("trash", "restore", gone)
        self.assertEqual(host.ok("reveal", made, "--reason", "x").out, "s\n")
        # Access to the one that went is no access to the one that stays.
        self.assertEqual(self.as_user("sam", "password", "show", made).code, 1)
        self.assertEqual(host.activity("merged")[0]["organization"], "Fernhill")
        self.assertEqual(host.sync()[1][next(iter(host.sync()[1]))]["store_changes"], 0)

    def secured(self):
        """Parent > Inner with a password each; named: user ann. The managed folder is in Parent."""
        host, ids = self.host, self.box.ids
        host.ok("group", "add", "ops")
        host.ok("user", "add", "ann", "--role", "editor", "--org", "Fernhill")
        host.ok("user", "add", "bob", "--role", "editor", "--org", "Fernhill", "--group", "ops")
        inner = host.json("folder", "add", "Inner", "--org", "Fernhill", "--parent",
                          ids["parent"])["id"]
        records = [host.json("password", "add", name, "--org", "Fernhill", "--folder", folder,
                             stdin="s\n")["id"] for name, folder in (("Top", ids["parent"]),
                                                                     ("Deep", inner))]
        host.ok("folder", "secure", ids["parent"], "--user", "ann")
        return inner, records

    def test_folder_security_shows_it_to_those_named_alone(self):
        # S1.111
        inner, records = self.secured()
        parent = self.box.ids["parent"]

        def seen(user):
            rows = self.as_user(user, "folder", "tree", "--org", "Fernhill", as_json=True).rows()
            return {row["name"] for row in rows}
        self.assertLessEqual({"Parent", "Inner"}, seen("ann"))
        for user in ("bob", "administrator", "lite"):
            self.assertEqual(seen(user) & {"Parent", "Inner"}, set(), user)
            listed = self.as_user(user, "password", "list", "--org", "Fernhill", as_json=True).rows()
            self.assertFalse({"Top", "Deep"} & {row["name"] for row in listed})
            for record in records:
                for words in (["password", "show", "@"], ["reveal", "@", "--reason", "x"]):
                    one = self.as_user(user, *[word.replace("@", record) for word in words])
                    none = self.as_user(user, *[word.replace("@", MISSING) for word in words])
                    self.assertEqual((one.code, one.err.replace(record, "@")),
                                     (none.code, none.err.replace(MISSING, "@")))
        for words in (["folder", "delete", inner], ["folder", "rename", inner, "x"],
                      ["folder", "list", "--org", "Fernhill", "--folder", inner],
                      ["password", "move", self.box.add_own(), "--folder", inner],
                      ["password", "edit", records[1], "--name", "x"],
                      ["password", "delete", records[1]],
                      ["folder", "secure", parent, "--everyone"]):
            self.assertEqual(self.as_user("bob", *words).code, 1, words)
        self.assertNotIn("Deep", self.as_user("bob", "export", "--org", "Fernhill").out)
        self.assertEqual(self.as_user("ann", "password", "delete", records[1]).code, 0)
        self.assertEqual(self.as_user("bob", "trash", "list", as_json=True).rows(), [])
        about = self.as_user("manager", "activity", "list", as_json=True).rows()
        self.assertFalse({"Top", "Deep", "Inner"} & {row["subject"] for row in about})
        self.assertEqual(self.as_user("ann", "reveal", records[0], "--reason", "x").code, 0)
        risks = self.as_user("administrator", "activity", "at-risk", as_json=True).rows()
        self.assertNotIn("Top", {row["name"] for row in risks})
        self.assertIn("Top", self.names("activity", "at-risk"))
        # The managed folder below is no part of it: whoever may open the organization sees it.
        self.assertIn(FOLDER, seen("bob"))
        self.assertEqual(self.as_user("bob", "reveal", guid(1, 1), "--reason", "x").code, 0)

    def test_it_cascades_once_past_what_is_closed_to_the_user(self):
        # S1.111
        inner, records = self.secured()
        host, parent = self.host, self.box.ids["parent"]
        later = host.json("folder", "add", "Later", "--org", "Fernhill", "--parent", parent)["id"]
        self.assertEqual(self.as_user("bob", "folder", "rename", later, "x").code, 1)
        host.ok("folder", "secure", inner, "--group", "ops")
        self.assertEqual(self.as_user("ann", "password", "show", records[1]).code, 1)
        self.assertEqual(self.as_user("bob", "password", "show", records[1]).code, 0)
        # Ann opens what she sees; Inner is not hers to open.
        self.assertEqual(self.as_user("ann", "folder", "secure", parent, "--everyone").code, 0)
        self.assertEqual(self.as_user("bob", "password", "show", records[0]).code, 0)
        self.assertEqual(self.as_user("ann", "password", "show", records[1]).code, 1)
        tree = {row["name"]: row["seen_by"] for row in host.rows("folder", "tree", "--org",
                                                                 "Fernhill")}
        self.assertEqual((tree["Inner"], tree["Parent"], tree[FOLDER]), ("ops", "", ""))
        self.assertEqual(host.run("user", "edit", "bob", "--group", "").code, 0)
        self.assertEqual(host.run("group", "delete", "ops").code, 1)
        self.assertEqual(self.as_user("bob", "password", "show", records[1]).code, 1)

    def test_a_closed_folder_stays_closed_when_its_last_user_goes(self):
        # S1.111
        _, records = self.secured()
        self.host.ok("user", "delete", "ann")
        self.assertEqual(self.as_user("bob", "password", "show", records[0]).code, 1)
        self.host.ok("password", "show", records[0])

    def test_the_trash_keeps_what_a_closed_folder_kept(self):
        # S1.111: deleting the folder would open its deleted passwords to all.
        inner, records = self.secured()
        self.assertEqual(self.as_user("ann", "password", "delete", records[1]).code, 0)
        for words in (["folder", "delete", inner], ["folder", "clean", "--org", "Fernhill"]):
            self.assertEqual(self.as_user("ann", *words).code, 1, words)
        self.assertEqual(self.as_user("bob", "trash", "list", as_json=True).rows(), [])
        self.assertEqual(self.as_user("bob", "trash", "restore", records[1]).code, 1)
        self.host.ok("trash", "purge", records[1])
        self.assertEqual(self.as_user("ann", "folder", "delete", inner).code, 0)

    def test_a_merge_throws_no_secret_away(self):
        made = [self.host.json("password", "add", name, "--org", "Fernhill",
                               stdin="secret-of-%s\n" % name)["id"] for name in ("A", "B")]
        self.host.ok("password", "merge", made[0], "--into", made[1])
        self.assertEqual(self.host.ok("reveal", made[1], "--reason", "x").out, "secret-of-B\n")
        self.assertEqual(self.names("trash", "list"), ["A"])
        self.host.ok("trash", "restore", made[0])
        self.assertEqual(self.host.ok("reveal", made[0], "--reason", "x").out, "secret-of-A\n")

    def test_the_managed_folders_security_is_refused(self):
        # S1.39 S1.111
        managed = self.box.ids["managed"]
        refused = self.host.run("folder", "secure", managed, "--user", "editor", as_json=True)
        self.assertEqual(refused.code, 1)
        self.assertEqual(self.host.activity("refused")[0]["code"], 1101)
        for words in (["--user", "nobody"], [], ["--everyone", "--user", "editor"]):
            self.assertNotEqual(self.host.run("folder", "secure", self.box.ids["plain"],
                                              *words).code, 0)

    def test_the_same_by_rest(self):
        self.host.serve()
        made = self.box.add_own()
        folder = self.box.ids["plain"]
        token = self.box.tokens["manager"]

        def ask(method, path, body=None):
            status, answer = self.host.api(method, "/api/v1" + path, body, token)
            return status, answer
        self.assertEqual(ask("DELETE", "/passwords/" + made)[0], 200)
        status, answer = ask("GET", "/trash?org=Fernhill")
        self.assertEqual((status, [row["id"] for row in answer["data"]]), (200, [made]))
        self.assertNotIn("secret", json.dumps(answer))
        self.assertEqual(ask("POST", "/trash/%s/restore" % made, {})[0], 200)
        self.assertEqual(ask("POST", "/folders/%s/security" % folder, {"user": ["lite"]})[0], 200)
        self.assertEqual(ask("PATCH", "/folders/" + folder, {"name": "x"})[0], 404)
        self.assertEqual(ask("POST", "/organizations/Fernhill/merge", {"into": "Other"})[0], 403)


if __name__ == "__main__":
    unittest.main()
