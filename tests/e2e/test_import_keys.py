# SPDX-License-Identifier: Apache-2.0
"""import-keys end to end: exports of Active Directory, what they show before, what they refuse, who
may, and what becomes of their keys."""

import os
import sqlite3
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import World, device, guid, key, password, tenant

MANY_COMMANDS = True

HEAD = "Computer Name,Serial Number,Key ID,Recovery Password,Created"


class ImportKeysWorld(unittest.TestCase):
    """Fernhill's PC-001 is known to Microsoft with one key, PC-002 without; AD has keys of both."""

    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.devices = [device(1), device(2)]
        self.data = tenant([key(1, self.devices[0])], self.devices)
        self.sim = self.world.sim([self.data])
        self.host = self.world.host()
        self.host.organization("Fernhill", self.devices)
        self.host.organization("Oakdene")
        answer = self.host.connect(self.sim, ["Fernhill", "Oakdene"], self.data)
        self.assertEqual(answer.code, 0, answer.err)
        self.sync()

    def sync(self):
        result, rows = self.host.sync()
        self.assertEqual(result.code, 0, result.err)
        return next(iter(rows.values()))

    def file(self, *lines, encoding="utf-8", head=HEAD):
        path = os.path.join(self.world.folder, "export.csv")
        with open(path, "w", encoding=encoding, newline="") as out:
            out.write("\r\n".join((head,) + lines) + "\r\n")
        return path

    def run_import(self, path, *more, user=None, org="Fernhill"):
        who = ["--as", user] if user else []
        return self.host.run(*who, "import-keys", "--org", org, path, *more, as_json=True)

    def check_entries(self, wanted):
        """Of the audit: who, when, which key, from what; never a digit."""
        rows = self.host.rows("audit", "--action", "imported")
        self.assertEqual(sorted((row["key_id"], row["reason"]) for row in rows), sorted(wanted))
        for row in rows:
            self.assertTrue(row["actor"] and row["at"], row)
            for number in range(1, 12):
                self.assertNotIn(password(number)[:13], str(row))
        verified = self.host.run("audit", "--verify")
        self.assertEqual(verified.code, 0, verified.out + verified.err)

    def line(self, number, secret=None, name="PC-002", serial="SER00002", created=""):
        return ",".join([name, serial, guid(1, number), secret or password(number), created])

    def outcomes(self, result):
        return [(row["line"], row["outcome"]) for row in result.json()["rows"]]

    def stored(self, query):
        database = sqlite3.connect("file:%s?mode=ro" % os.path.join(self.host.data, "store.db"),
                                   uri=True)
        rows = database.execute(query).fetchall()
        database.close()
        return rows

    def state(self):
        return self.stored("select key, value, revision from plugin_state order by key")


class ImportKeys(ImportKeysWorld):
    """Files."""

    def test_a_dry_run_shows_the_plan_and_writes_nothing(self):
        # S3.6
        path = self.file(self.line(7), self.line(1), self.line(8), self.line(8))
        before = self.state()
        shown = self.run_import(path, "--dry-run")
        self.assertEqual(shown.code, 0, shown.err)
        self.assertEqual(self.outcomes(shown),
                         [(2, "new"), (3, "same"), (4, "new"), (5, "same")])
        self.assertEqual(shown.json()["rows"][0]["key_id"], guid(1, 7))
        self.assertEqual(self.state(), before)

    def test_an_imported_key_follows_its_device_and_is_revealed(self):
        # S3.6
        reads = self.sim.key_reads()
        done = self.run_import(self.file(self.line(7), self.line(1)))
        self.assertEqual((done.code, self.outcomes(done)), (0, [(2, "new"), (3, "same")]))
        found = self.host.rows("find", guid(1, 7))
        self.assertEqual([(row["device"], row["state"]) for row in found],
                         [("PC-002", "unmatched")])
        self.assertEqual(self.sync()["key_reads"], 0)
        rows = {row["key_id"]: row for row in self.host.list("Fernhill")}
        self.assertEqual(set(rows), {guid(1, 1), guid(1, 7)})
        self.assertEqual((rows[guid(1, 7)]["device"], rows[guid(1, 7)]["configuration"],
                          rows[guid(1, 7)]["state"]), ("PC-002", "PC-002", "current"))
        shown = self.host.ok("reveal", guid(1, 7), "--reason", "locked out")
        self.assertEqual(shown.out.strip(), password(7))
        self.assertEqual(self.sync()["store_changes"], 0, "never gone at the source")
        again = self.run_import(self.file(self.line(7), self.line(1)))
        self.assertEqual(self.outcomes(again), [(2, "same"), (3, "same")])
        self.assertEqual(self.sync()["store_changes"], 0)
        source = "imported from an Active Directory export"
        self.check_entries([(guid(1, 1), source + "; it was held with the same password"),
                            (guid(1, 7), source)])
        state = self.host.run("doctor", "--state")
        self.assertEqual(state.code, 0, state.out + state.err)
        self.assertEqual(self.sim.key_reads(), reads)

    def test_refused_lines_are_named_and_nothing_is_written(self):
        # S2.3 S2.4
        wrong = password(8)[:-1] + str((int(password(8)[-1]) + 1) % 10)
        before = self.state()
        done = self.run_import(self.file(self.line(7), "", self.line(8, wrong), "PC,S,no id,x,",
                                         self.line(9)[:-1]))
        self.assertEqual(done.code, 1)
        self.assertIn("3 of the lines are refused", done.err)
        self.assertEqual(self.outcomes(done),
                         [(2, "new"), (4, "refused"), (5, "refused"), (6, "refused")])
        self.assertIn("multiple of 11", done.json()["rows"][1]["why"])
        for part in (wrong, password(7), password(7)[:13]):
            self.assertNotIn(part, done.out + done.err)
        self.assertEqual(self.state(), before)
        twice = self.run_import(self.file(self.line(7), self.line(7, password(8))))
        self.assertEqual((twice.code, self.outcomes(twice)), (1, [(2, "new"), (3, "refused")]))

    def test_another_password_of_a_held_key_is_a_conflict_and_stays_out(self):
        # S3.6
        done = self.run_import(self.file(self.line(1, password(99)), self.line(7)))
        self.assertEqual((done.code, self.outcomes(done)), (0, [(2, "conflict"), (3, "new")]))
        shown = self.host.ok("reveal", guid(1, 1), "--reason", "which one")
        self.assertEqual(shown.out.strip(), password(1))

    def test_what_excel_and_powershell_write_is_read(self):
        # S3.6
        name = "2026-03-11T07:42:19-00:00{%s}" % guid(1, 7).upper()
        path = self.file('"CN=%s,CN=PC-002,OU=x,DC=y";"%s";"%s"' % (name, password(7), name),
                         encoding="utf-16",
                         head='"DistinguishedName";"msFVE-RecoveryPassword";"Name"')
        done = self.run_import(path)
        self.assertEqual((done.code, self.outcomes(done)), (0, [(2, "new")]), done.err)
        self.assertEqual(done.json()["rows"][0]["device"], "PC-002")
        self.sync()
        self.assertEqual([row["key_id"] for row in self.host.list("Fernhill")], [guid(1, 1)],
                         "a name alone places nothing")
        shown = self.host.ok("reveal", guid(1, 7), "--reason", "nobody's, but needed")
        self.assertEqual(shown.out.strip(), password(7))

    def test_what_is_no_export_says_why(self):
        for content, sentence in (("a,b\n1,2\n", "must name the columns"), ("", "empty"),
                                  (HEAD + "\n", "no key"), ("x" * 1048577, "")):
            path = os.path.join(self.world.folder, "other.csv")
            with open(path, "w", encoding="utf-8") as out:
                out.write(content)
            done = self.run_import(path)
            self.assertEqual(done.code, 1, done.out)
            self.assertIn(sentence, done.err)
            self.assertTrue(done.err.strip())
        self.host.ok("org", "add", "Nobody")
        done = self.run_import(self.file(self.line(7)), org="Nobody")
        self.assertEqual(done.code, 1)
        self.assertIn("No connection names that organization", done.err)

    def test_only_an_administrator_who_sees_the_connection_may(self):
        # S1.109
        path = self.file(self.line(7))
        before = self.state()
        for user, role, orgs in (("mia", "manager", ["Fernhill", "Oakdene"]),
                                 ("ed", "editor", ["Fernhill", "Oakdene"]),
                                 ("half", "administrator", ["Fernhill"])):
            arguments = [part for name in orgs for part in ("--org", name)]
            self.host.ok("user", "add", user, "--role", role, *arguments)
            self.assertEqual(self.run_import(path, user=user).code, 1, user)
        self.host.ok("settings", "set", "entitlement.network_glue", "expired")
        self.assertEqual(self.run_import(path).code, 1)
        self.assertEqual(self.state(), before)

    def test_the_same_through_a_server(self):
        self.host.serve()
        done = self.run_import(self.file(self.line(7)))
        self.assertEqual((done.code, self.outcomes(done)), (0, [(2, "new")]), done.err)
        text = HEAD + "\n" + self.line(7) + "\n" + self.line(8) + "\n"
        status, body = self.host.api("POST", "/api/v1/organizations/Fernhill/import-keys",
                                     {"secret": text})
        self.assertEqual(status, 200, body)
        self.assertNotIn(password(8), str(body))
        self.sync()
        self.assertEqual({row["key_id"] for row in self.host.list("Fernhill")},
                         {guid(1, 1), guid(1, 7), guid(1, 8)})


class FromPasswords(ImportKeysWorld):
    """What people typed by hand into Fernhill's passwords before there was a sync."""

    def typed(self, name, secret, *more, org="Fernhill"):
        self.host.ok("password", "add", name, "--org", org, *more, stdin=secret + "\n")

    def type_all(self):
        self.typed("PC-002 BitLocker", password(7), "--username", guid(1, 7).upper(),
                   "--configuration", "PC-002")
        self.typed("Key {%s} of a stick" % guid(1, 8), password(8).replace("-", ""))
        self.typed("PC-001", password(1), "--username", guid(1, 1))
        self.typed("PC-001 app", "hunter22", "--username", guid(1, 9))
        self.typed("Router", password(10))
        self.typed("Elsewhere", password(11), "--username", guid(1, 11), org="Oakdene")
        self.typed("Thrown away", password(12), "--username", guid(1, 12))
        gone = [row["id"] for row in self.host.rows("password", "list", "--org", "Fernhill")
                if row["name"] == "Thrown away"]
        self.host.ok("password", "delete", gone[0])

    def take(self, *more, user=None, org="Fernhill"):
        who = ["--as", user] if user else []
        return self.host.run(*who, "import-keys", "--from-passwords", "--org", org, *more,
                             as_json=True)

    def outcomes(self, result):
        return [(row["password"], row["outcome"]) for row in result.json()["rows"]]

    def opened(self):
        return sorted(row["subject"] for row in self.host.activity("viewed"))

    def passwords(self):
        return self.stored("select * from passwords where guard_owner='' order by seq")

    def test_typed_keys_are_taken_over_and_the_passwords_stay(self):
        # S3.6
        self.type_all()
        wanted = [("Key {%s} of a stick" % guid(1, 8), "new"), ("PC-001", "same"),
                  ("PC-002 BitLocker", "new")]
        before, passwords = self.state(), self.passwords()
        shown = self.take("--dry-run")
        self.assertEqual((shown.code, self.outcomes(shown)), (0, wanted), shown.err)
        self.assertEqual(self.state(), before)
        opened = ["Key {%s} of a stick" % guid(1, 8), "PC-001", "PC-001 app", "PC-002 BitLocker"]
        self.assertEqual(self.opened(), opened, "a look is logged in a dry run too")
        said = self.host.run("import-keys", "--from-passwords", "--org", "Fernhill", "--dry-run")
        self.assertIn("4 passwords were opened for it", said.err)
        self.assertEqual(self.opened(), sorted(opened * 2))
        done = self.take()
        self.assertEqual((done.code, self.outcomes(done)), (0, wanted), done.err)
        self.assertEqual(self.opened(), sorted(opened * 3))
        self.assertEqual(self.passwords(), passwords)
        self.check_entries([(guid(1, 1), "imported from a typed password; it was held with the same"
                             " password"),
                            (guid(1, 7), "imported from a typed password"),
                            (guid(1, 8), "imported from a typed password")])
        for number in (1, 7, 8, 10, 11):
            for part in (password(number), password(number).replace("-", "")):
                self.assertNotIn(part, done.out + done.err + shown.out + shown.err)
        self.assertEqual(self.sync()["key_reads"], 0)
        rows = {row["key_id"]: row for row in self.host.list("Fernhill")}
        self.assertEqual(set(rows), {guid(1, 1), guid(1, 7)}, "a link to a configuration places")
        self.assertEqual(rows[guid(1, 7)]["configuration"], "PC-002")
        shown = self.host.ok("reveal", guid(1, 8), "--reason", "nobody's, but held")
        self.assertEqual(shown.out.strip(), password(8))
        again = self.take()
        self.assertEqual([outcome for _, outcome in self.outcomes(again)], ["same"] * 3)
        self.assertEqual(self.sync()["store_changes"], 0)

    def test_a_typed_key_with_a_wrong_digit_is_refused_by_its_name(self):
        # S2.4
        wrong = password(8)[:-1] + str((int(password(8)[-1]) + 1) % 10)
        self.typed("Good one", password(7), "--username", guid(1, 7))
        self.typed("Wrong digit", wrong, "--username", guid(1, 8))
        self.typed("Whose, %s or %s" % (guid(1, 9), guid(1, 10)), password(9))
        before = self.state()
        done = self.take()
        self.assertEqual(done.code, 1)
        self.assertIn("2 of the passwords are refused", done.err)
        rows = {row["password"].split(",")[0]: row for row in done.json()["rows"]}
        self.assertEqual({name: row["outcome"] for name, row in rows.items()},
                         {"Good one": "new", "Wrong digit": "refused", "Whose": "refused"})
        self.assertIn("multiple of 11", rows["Wrong digit"]["why"])
        self.assertNotIn(wrong, done.out + done.err)
        self.assertEqual(self.state(), before)

    def test_without_right_add_on_or_key_no_secret_is_opened(self):
        # S1.109
        nothing = self.take()
        self.assertEqual(nothing.code, 1)
        self.assertIn("No password of the organization", nothing.err)
        self.type_all()
        before = self.state()
        self.assertEqual(self.run_import(self.file(self.line(7)), "--from-passwords").code, 2)
        self.host.ok("user", "add", "mia", "--role", "manager", "--org", "Fernhill", "--org",
                     "Oakdene")
        self.assertEqual(self.take(user="mia").code, 1)
        self.host.ok("settings", "set", "entitlement.network_glue", "expired")
        self.assertEqual(self.take().code, 1)
        self.assertEqual((self.opened(), self.state()), ([], before))

    def test_typed_keys_through_a_server(self):
        self.type_all()
        self.host.serve()
        status, body = self.host.api("POST", "/api/v1/organizations/Fernhill/import-keys",
                                     {"from_passwords": True})
        self.assertEqual(status, 200, body)
        self.assertNotIn(password(7), str(body))
        done = self.take()
        self.assertEqual([outcome for _, outcome in self.outcomes(done)], ["same"] * 3, done.err)


if __name__ == "__main__":
    unittest.main(verbosity=1)
