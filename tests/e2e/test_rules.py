# SPDX-License-Identifier: Apache-2.0
"""Who sees what: organizations, groups, the subscription; folder view, activity, release."""

import csv
import json
import os
import sqlite3
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from guard_world import GuardWorld
from harness import FOLDER, guid, quote

MANY_COMMANDS = True

MISSING = "0123456789abcdef0123456789abcdef"


class Rules(unittest.TestCase):
    def setUp(self):
        self.box = GuardWorld()
        self.addCleanup(self.box.close)
        self.host = self.box.host
        self.current = self.box.ids["current"]

    def as_user(self, user, *words, stdin=None, as_json=False):
        return self.host.run("--as", user, *words, stdin=stdin, as_json=as_json)

    def same_answer(self, user, found, missing, *more):
        """The answers for a forbidden and for a missing thing differ in the name alone."""
        one = self.as_user(user, *[word.replace("@", found) for word in more])
        other = self.as_user(user, *[word.replace("@", missing) for word in more])
        self.assertEqual(one.code, 1, more)
        self.assertEqual((one.code, one.out, one.err.replace(found, "@")),
                         (other.code, other.out, other.err.replace(missing, "@")), more)

    def test_foreign_organization_is_not_found_everywhere(self):
        # S1.3 S1.7 S1.107
        self.host.ok("user", "add", "eve", "--role", "manager", "--org", "Other")
        for words in (["password", "show", "@"], ["reveal", "@", "--reason", "x"],
                      ["password", "edit", "@", "--name", "x"], ["password", "delete", "@"],
                      ["password", "move", "@"], ["password", "copy", "@"]):
            self.same_answer("eve", self.current, MISSING, *words)
        self.same_answer("eve", guid(1, 1), guid(1, 9), "reveal", "@", "--reason", "x")
        self.same_answer("eve", "Fernhill", "Nowhere", "folder", "list", "--org", "@")
        self.same_answer("eve", "Fernhill", "Nowhere", "password", "list", "--org", "@")
        self.same_answer("eve", "Fernhill", "Nowhere", "activity", "list", "--org", "@")
        self.same_answer("eve", guid(1, 1), guid(1, 9), "find", "@")
        self.same_answer("eve", "PC-001", "PC-009", "config", "show", "@")
        self.same_answer("eve", self.box.ids["plain"], MISSING, "folder", "delete", "@")
        names = [row["name"] for row in self.as_user("eve", "org", "list", as_json=True).rows()]
        self.assertEqual(names, ["Other"])
        self.assertEqual(self.as_user("eve", "config", "list", as_json=True).rows(), [])
        self.assertEqual({row["organization"] for row in
                          self.as_user("eve", "activity", "list", as_json=True).rows()} - {"Other"},
                         set())
        # S1.6: the same records for whoever may open the organization.
        self.host.ok("user", "edit", "eve", "--org", "Fernhill", "--role", "lite")
        self.assertEqual(self.as_user("eve", "reveal", self.current, "--reason", "x").code, 0)

    def test_hidden_without_the_add_on_and_back_unchanged(self):
        # S1.8 S1.80 S1.81 S1.82 S1.84 S1.85
        before, _ = self.box.fingerprint()
        listed = self.host.list("Fernhill", "--archived")
        activity = len(self.host.activity())
        self.box.add_on("absent")
        for user in ("administrator", "lite"):
            for words in (["password", "show", "@"], ["reveal", "@", "--reason", "x"]):
                self.same_answer(user, self.current, MISSING, *words)
            self.same_answer(user, self.box.ids["managed"], MISSING, "folder", "list", "--org",
                             "Fernhill", "--folder", "@")
        self.assertEqual(self.host.list("Fernhill", "--archived"), [])
        self.assertEqual(self.host.run("find", guid(1, 1)).code, 1)
        rows = self.host.rows("password", "list", "--org", "Fernhill", "--category", FOLDER,
                              "--archived")
        self.assertEqual(rows, [])
        self.assertNotIn(FOLDER, [row["name"] for row in self.host.rows("category", "list")])
        self.assertNotIn(FOLDER, [row["name"] for row in
                                  self.host.rows("folder", "tree", "--org", "Fernhill")])
        config = self.host.rows("config", "list", "--org", "Fernhill")[0]["id"]
        self.assertEqual(self.host.json("config", "show", config)["passwords"], [])
        about = [row for row in self.host.activity() if guid(1, 1) in row["object"]]
        self.assertEqual(about, [])
        self.assertNotIn(FOLDER, [row["category"] for row in
                                  self.host.rows("activity", "at-risk")])
        for words in (["folder", "add", FOLDER, "--org", "Fernhill"], ["category", "add", FOLDER]):
            self.assertEqual(self.host.run(*words).code, 1)
        self.box.add_on("active")
        self.assertEqual(self.host.list("Fernhill", "--archived"), listed)
        self.assertEqual(self.box.fingerprint()[0][:5], before[:5])
        self.assertGreater(len(self.host.activity()), activity)

    def test_no_command_tells_of_what_is_hidden(self):
        # S1.8 S1.82: every command that shows something, so that a new one cannot be forgotten.
        host, ids = self.host, self.box.ids
        self.as_user("editor", "password", "edit", self.current, "--name", "x")
        self.as_user("editor", "reveal", self.current, "--reason", "x")
        organization = ["--org", "Fernhill"]
        config = host.rows("config", "list", *organization)[0]["id"]
        looks = {
            "activity at-risk": [], "activity list": ["--all"], "category list": [],
            "config list": organization, "config show": [config], "contact list": organization,
            "export": organization,
            "find": [guid(1, 1)], "folder list": organization + ["--archived"],
            "folder tree": organization, "org list": [],
            "password list": organization + ["--archived"], "password rotation-list": [],
            "password show": [ids["partner"]], "plugin info": [], "plugin list": [],
            "settings get": [], "trash list": [], "whoami": [], "user list": [], "group list": [],
            "token list": [], "name check": [FOLDER, "--kind", "folder"],
            "status": organization, "match list": [], "connection list": [],
            "device safe-to-delete": ["PC-001"], "sync log": [], "sync status": []}
        # About the host itself, or changing something: the guard table has what changes.
        others = {"audit", "doctor", "backup", "restore", "reveal", "rotate", "sync", "connect",
                  "import", "import-keys", "activity export", "key status", "key check", "key backup",
                  "key rotate", "key restore", "key protect", "sync queue", "init",
                  "signin status", "signin cancel", "partner customers"}
        changes = {"add", "create", "edit", "delete", "move", "rename", "clean", "secure", "merge", "copy",
                   "archive", "unarchive", "link", "rotate", "schedule", "bulk-delete", "bulk-edit",
                   "bulk-move", "bulk-rotate", "retry", "release", "set", "purge", "restore",
                   "ignore", "undo"}
        may = host.json("whoami")["may"]
        unknown = [name for name in may if name not in looks and name not in others and
                   name.split(" ")[-1] not in changes]
        self.assertEqual(unknown, [], "what do these show without the add-on?")
        self.box.add_on("expired")
        planted = [guid(1, 1), guid(1, 2), self.current, ids["superseded"], ids["managed"]]
        for name in sorted(set(looks) & set(may)):
            for more in ([], ["--json"]):
                answer = host.run(*name.split(" "), *looks[name], *more)
                text = answer.out + (answer.err if name not in ("find", "name check") else "")
                self.assertEqual([word for word in planted if word in text], [], (name, text))
                if name not in ("name check", "plugin info", "settings get"):
                    self.assertNotIn(FOLDER, text, name)

    def test_relation_shows_on_both_sides(self):
        # S1.29 S1.78
        config = self.host.rows("config", "list", "--org", "Fernhill")[0]
        shown = self.host.json("config", "show", config["id"])
        self.assertEqual({row["username"] for row in shown["passwords"]}, {guid(1, 1), guid(1, 2)})
        self.assertEqual(self.host.json("password", "show", self.current)["configuration"],
                         config["name"])

    def test_a_group_that_denies_passwords(self):
        # S1.110
        self.host.ok("group", "add", "no-passwords", "--denies", "passwords")
        self.host.ok("user", "edit", "editor", "--group", "no-passwords")
        for words in (["password", "list", "--org", "Fernhill"], ["find", guid(1, 1)],
                      ["password", "show", self.current], ["folder", "list", "--org", "Fernhill"],
                      ["reveal", self.current, "--reason", "x"],
                      ["password", "add", "x", "--org", "Fernhill"],
                      ["password", "delete", self.current]):
            denied = self.as_user("editor", *words)
            self.assertEqual((denied.code, denied.out), (1, ""), words)
            self.assertIn("no passwords", denied.err)
        may = self.as_user("editor", "whoami", as_json=True).json()["may"]
        self.assertIn("config list", may)
        self.assertEqual([name for name in may if name.startswith("password")], [])
        config = self.host.rows("config", "list", "--org", "Fernhill")[0]["id"]
        shown = self.as_user("editor", "config", "show", config, as_json=True).json()
        self.assertEqual(shown["passwords"], [])

    def test_denied_passwords_are_in_no_log_and_no_trash(self):
        # S1.110
        own = self.box.add_own()
        self.host.ok("password", "delete", self.box.add_own())
        self.as_user("editor", "reveal", own, "--reason", "x")
        self.as_user("editor", "reveal", self.current, "--reason", "x")
        self.host.ok("group", "add", "none", "--denies", "passwords")
        for role in ("administrator", "manager"):
            subjects = {row["subject"] for row in
                        self.as_user(role, "activity", "list", as_json=True).rows()}
            self.assertLessEqual({"own", "PC-001"}, subjects)
            self.host.ok("user", "edit", role, "--group", "none")
            rows = self.as_user(role, "activity", "list", as_json=True).rows()
            self.assertFalse({"own", "PC-001", "partner"} & {row["subject"] for row in rows
                                                             if row["detail"] != "configuration"})
            self.assertTrue(rows)
            for words in (["trash", "list"], ["activity", "at-risk"], ["export", "--org", "Fernhill"],
                          ["password", "rotation-list"], ["status", "--org", "Fernhill"]):
                self.assertEqual(self.as_user(role, *words).code, 1, (role, words))

    def test_a_wanted_change_is_made_at_microsoft(self):
        # S1.59: refused here, done there, here after the next sync.
        host, sim = self.host, self.box.world.sims[0]
        self.assertEqual(host.run("password", "edit", self.current, "--name", "RECEPTION").code, 1)
        sim.event(type="rename_device", tenant=sim.call("GET", "/_sim/tenants")["tenants"][0]
                  ["tenantId"], id=guid(2, 1), name="RECEPTION")
        self.assertEqual({row["device"] for row in host.list("Fernhill", "--archived")}, {"PC-001"})
        result, _ = host.sync()
        self.assertEqual(result.code, 0, result.err)
        self.assertEqual({row["device"] for row in host.list("Fernhill", "--archived")},
                         {"RECEPTION"})
        self.assertEqual({row["detail"] for row in host.activity("renamed")},
                         {"PC-001 -> RECEPTION"})

    def test_an_entry_says_who_what_when_and_from_where(self):
        # S1.113
        host = self.host
        host.serve()
        host.api("GET", "/api/v1/passwords/" + self.current, token=self.box.tokens["editor"])
        entry = host.activity("accessed")[0]
        self.assertEqual((entry["actor"], entry["source"], entry["organization"], entry["subject"],
                          entry["address"]), ("editor", "api", "Fernhill", "PC-001", "127.0.0.1"))
        self.assertRegex(entry["at"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d")
        self.assertIn(guid(1, 1), entry["object"])

    def test_the_log_shows_thirty_days_and_older_on_request(self):
        # S1.114: newest first; older on request, back to the beginning.
        host = self.host
        host.run("password", "delete", self.current)
        database = sqlite3.connect(os.path.join(host.data, "store.db"))
        database.execute("update activity set at_ms=at_ms-31*86400000 where action=10")
        database.commit()
        database.close()
        times = [row["at"] for row in host.rows("activity", "list")]
        self.assertEqual(times, sorted(times, reverse=True))
        self.assertEqual(host.activity("refused"), [])
        self.assertEqual(len(host.rows("activity", "list", "--action", "refused", "--days", "32")), 1)
        self.assertEqual(len(host.rows("activity", "list", "--action", "refused", "--all")), 1)
        # A Manager sees the own part alone.
        host.ok("user", "add", "mia", "--role", "manager", "--org", "Other")
        organizations = {row["organization"] for row in
                         self.as_user("mia", "activity", "list", "--all", as_json=True).rows()}
        self.assertLessEqual(organizations, {"Other", ""})

    def test_lite_sees_at_most_five_organizations(self):
        # S1.109
        names = ["Org %d" % n for n in range(6)]
        for name in names:
            self.host.ok("org", "add", name)
        five = [word for name in names[:5] for word in ("--org", name)]
        self.host.ok("user", "edit", "lite", *five)
        self.assertEqual(len(self.as_user("lite", "org", "list", as_json=True).rows()), 5)
        self.assertEqual(self.host.run("user", "edit", "lite", *five, "--org", names[5]).code, 1)
        self.assertEqual(self.host.run("user", "edit", "lite", "--all-orgs").code, 1)
        self.assertEqual(len(self.as_user("lite", "org", "list", as_json=True).rows()), 5)

    def test_settings_are_seen_by_all_and_changed_by_few(self):
        # S1.14 S1.20 S1.21 S1.100
        for role, editable in (("manager", True), ("editor", False), ("lite", False)):
            rows = {row["key"]: row for row in
                    self.as_user(role, "settings", "get", as_json=True).rows()}
            row = rows["sync_bitlocker_keys"]
            self.assertEqual(row["editable"], editable, role)
            self.assertEqual(row["why_not"] == "", editable, role)
        refused = self.as_user("editor", "settings", "set", "sync_bitlocker_keys", "false")
        self.assertIn("Administrator or Manager", refused.err)
        self.box.add_on("expired")
        rows = {row["key"]: row for row in self.as_user("manager", "settings", "get",
                                                        as_json=True).rows()}
        self.assertFalse(rows["sync_bitlocker_keys"]["editable"])
        self.assertIn("add-on", rows["sync_bitlocker_keys"]["why_not"])
        self.assertEqual(self.as_user("creator", "plugin", "info").code, 1)

    def test_moved_folder_stays_where_it_was_put(self):
        # S1.27 S1.30 S1.35 S1.36
        result, rows = self.host.sync()
        self.assertEqual(result.code, 0, result.err)
        tree = [row for row in self.host.rows("folder", "tree", "--org", "Fernhill")
                if row["name"] == FOLDER]
        self.assertEqual([row["parent_id"] for row in tree], [self.box.ids["parent"]])
        listed = self.host.rows("password", "list", "--org", "Fernhill", "--category", FOLDER)
        self.assertEqual([row["username"] for row in listed], [guid(1, 1)])
        both = self.host.rows("password", "list", "--org", "Fernhill", "--category", FOLDER,
                              "--archived")
        self.assertEqual({row["username"] for row in both}, {guid(1, 1), guid(1, 2)})

    def test_folder_view_sorts_filters_and_pages(self):
        # S1.30 S1.67 S1.68
        ids = sorted([guid(1, 1), guid(1, 2)])
        for sort in ("name", "key_id", "created", "updated"):
            first = self.host.json("folder", "list", "--org", "Fernhill", "--archived", "--sort",
                                   sort)
            self.assertEqual(sorted(row["key_id"] for row in first), ids, sort)
        rows = self.host.list("Fernhill", "--archived", "--sort", "key_id")
        self.assertEqual([row["key_id"] for row in rows], ids)
        self.assertEqual(len(self.host.list("Fernhill", "--archived", "--category", FOLDER)), 2)
        self.assertEqual(self.host.list("Fernhill", "--archived", "--category", "Mine"), [])
        self.host.serve()
        seen, after = [], ""
        for _ in range(2):
            status, answer = self.host.api("GET", "/api/v1/folders?org=Fernhill&archived=true"
                                           "&sort=updated&limit=1&after=" + quote(after))
            self.assertEqual(status, 200, answer)
            seen += [row["key_id"] for row in answer["data"]]
            after = answer["meta"].get("next", "")
        self.assertEqual(sorted(seen), ids)

    def test_unarchive_is_remembered_and_archive_of_a_current_key_refused(self):
        # S1.70 S1.71 S1.74
        self.host.ok("password", "unarchive", self.box.ids["superseded"])
        for _ in range(2):
            self.assertEqual(self.host.sync()[0].code, 0)
            self.assertEqual(len(self.host.list("Fernhill")), 2)
        refused = self.host.run("password", "archive", self.current)
        self.assertEqual(refused.code, 1)
        self.assertIn("current", refused.err)

    def test_refused_fields_are_listed_and_nothing_changes(self):
        # S1.58 S1.65
        before = self.box.fingerprint()[0]
        answer = self.host.run("password", "edit", self.current, "--name", "x", "--notes", "y",
                               as_json=True)
        self.assertEqual(answer.code, 1)
        self.assertEqual(sorted(answer.json()["refused_fields"]), ["name", "notes"])
        self.assertEqual(self.box.fingerprint()[0], before)
        entry = self.host.activity("refused")[0]
        self.assertEqual((entry["code"], entry["subject"]), (1001, "PC-001"))

    def test_bulk_rotation_does_the_others(self):
        # S1.64 S1.118
        own = self.box.add_own()
        answer = self.host.run("password", "bulk-rotate", self.current, own, as_json=True)
        self.assertEqual(answer.code, 1)
        self.assertEqual([row["outcome"] for row in answer.rows()], ["Not Permitted", "rotated"])
        listed = self.host.rows("password", "rotation-list")
        self.assertIn(own, [row["id"] for row in listed])
        self.assertNotIn(self.current, [row["id"] for row in listed])

    def test_folder_clean_spares_the_managed_folder(self):
        # S1.41 S1.62
        answer = self.host.run("folder", "clean", "--org", "Fernhill", as_json=True)
        self.assertEqual(answer.code, 0, answer.err)
        names = [row["name"] for row in self.host.rows("folder", "tree", "--org", "Fernhill")]
        self.assertEqual(sorted(names), sorted(["Parent", FOLDER]))

    def test_activity_filters_and_export(self):
        # S1.93 S1.113 S1.114
        self.as_user("editor", "password", "add", "=1+1", "--org", "Other")
        self.as_user("editor", "password", "edit", self.current, "--name", "x")
        by_user = self.host.rows("activity", "list", "--user", "editor")
        self.assertEqual({row["actor"] for row in by_user}, {"editor"})
        refused = self.host.rows("activity", "list", "--action", "refused")
        self.assertEqual({row["action"] for row in refused}, {"refused"})
        self.assertEqual(self.host.rows("activity", "list", "--until", "2020-01-01", "--all"), [])
        about = self.host.rows("activity", "list", "--category", FOLDER)
        self.assertTrue(about)
        self.assertLessEqual({row["organization"] for row in about}, {"Fernhill"})
        moved = {row["action"] for row in self.host.rows("activity", "list", "--all")}
        self.assertLessEqual({"created", "matched", "moved", "refused"}, moved)
        path = os.path.join(self.host.folder, "log.csv")
        self.host.ok("activity", "export", path, "--all")
        with open(path, encoding="utf-8", newline="") as text:
            rows = list(csv.DictReader(text))
        self.assertIn("'=1+1", [row["subject"] for row in rows])
        self.assertEqual([row for row in rows if row["subject"].startswith("=")], [])
        path = os.path.join(self.host.folder, "log.json")
        self.host.ok("activity", "export", path, "--format", "json")
        with open(path, encoding="utf-8") as text:
            self.assertTrue(json.load(text))
        self.assertEqual(self.host.activity("exported")[0]["subject"], "activity log")

    def test_at_risk_until_the_secret_changes(self):
        # S1.115
        own = self.box.add_own()
        self.assertEqual(self.as_user("editor", "reveal", own, "--reason", "x").code, 0)
        self.assertEqual(self.as_user("editor", "reveal", self.current, "--reason", "x").code, 0)

        def at_risk():
            rows = self.host.rows("activity", "at-risk", "--user", "editor")
            return {row["name"]: row["at_risk"] for row in rows}
        self.assertEqual(at_risk(), {"own": True, "PC-001": True})
        self.host.ok("password", "rotate", own)
        self.assertEqual(at_risk(), {"own": False, "PC-001": True})

    def test_the_report_counts_what_a_user_did(self):
        # S1.93 S1.115: shown, created, updated, imported, exported.
        path = os.path.join(self.host.folder, "in.csv")
        with open(path, "w", encoding="utf-8") as out:
            out.write("name,password\nTaken,secret-one\n")
        self.assertEqual(self.as_user("editor", "import", "--org", "Fernhill", path).code, 0)
        self.assertEqual(self.as_user("editor", "export", "--org", "Fernhill").code, 0)
        made = self.as_user("editor", "password", "add", "Made", "--org", "Fernhill",
                            stdin="secret-two\n", as_json=True).json()["id"]
        self.assertEqual(self.as_user("editor", "password", "edit", made, "--notes", "n").code, 0)
        self.assertEqual(self.as_user("editor", "reveal", made, "--reason", "x").code, 0)
        rows = {row["name"]: row for row in
                self.host.rows("activity", "at-risk", "--user", "editor")}
        columns = ("shown", "created", "updated", "imported", "exported", "at_risk")
        self.assertEqual([rows["Made"][name] for name in columns], [1, 1, 1, 0, 0, True])
        self.assertEqual([rows["Taken"][name] for name in columns], [0, 0, 0, 1, 1, False])
        # The export had the key's record too, without its secret: that is no risk.
        self.assertEqual([rows["PC-001"][name] for name in columns], [0, 0, 0, 0, 1, False])
        self.assertEqual([row["subject"] for row in self.host.activity("imported")], ["Taken"])
        self.assertEqual(len(self.host.activity("exported")), 1)

    def test_release_is_for_what_is_gone_alone(self):
        # S1.65 and the protection that outlives the plugin
        refused = self.host.run("plugin", "release", "bitlocker_keys", "--reason", "x")
        self.assertEqual(refused.code, 1)
        self.box.replace_plugin(None)
        self.assertEqual(self.as_user("manager", "plugin", "release", "bitlocker_keys", "--reason",
                                      "x").code, 1)
        self.assertEqual(self.host.run("plugin", "release", "bitlocker_keys", "--reason",
                                       " ").code, 1)
        self.assertEqual(self.host.run("password", "delete", self.current).code, 1)
        done = self.host.json("plugin", "release", "bitlocker_keys", "--reason", "contract ended")
        self.assertEqual((done["records"], done["folders"]), (2, 1))
        entry = self.host.activity("released")[0]
        self.assertEqual(entry["detail"], "contract ended")
        self.host.ok("password", "edit", self.current, "--name", "mine now")
        self.host.ok("password", "delete", self.current)

    def test_tokens_of_users_act_as_them(self):
        # S1.52 of roles: S1.109, through REST
        self.host.serve()
        status, answer = self.host.api("GET", "/api/v1/me", token=self.box.tokens["lite"])
        self.assertEqual((status, answer["data"]["role"]), (200, "Lite"))
        status, _ = self.host.api("GET", "/api/v1/users", token=self.box.tokens["manager"])
        self.assertEqual(status, 403)
        status, _ = self.host.api("GET", "/api/v1/me", token="0" * 64)
        self.assertEqual(status, 401)
        listed = self.host.rows("token", "list")
        self.assertNotIn(self.box.tokens["lite"], json.dumps(listed))
        gone = next(row["id"] for row in listed if row["user"] == "lite")
        self.host.ok("token", "delete", gone)
        status, _ = self.host.api("GET", "/api/v1/me", token=self.box.tokens["lite"])
        self.assertEqual(status, 401)


if __name__ == "__main__":
    unittest.main()
