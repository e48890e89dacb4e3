# SPDX-License-Identifier: Apache-2.0
"""What the rules must still bear: a release that is taken back, greedy plugins, and users who reach
beyond their organizations."""

import json
import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from guard_world import GuardWorld
from harness import CLIENT, FOLDER, device, guid, key, password

# The same code runs with sanitizers in test_rules.py.
PLAIN = True


class Limits(unittest.TestCase):
    def setUp(self):
        self.box = GuardWorld()
        self.addCleanup(self.box.close)
        self.host = self.box.host
        self.current = self.box.ids["current"]

    def as_user(self, user, *words, stdin=None, as_json=False):
        return self.host.run("--as", user, *words, stdin=stdin, as_json=as_json)

    def test_a_plugin_that_comes_back_after_a_release_documents_anew(self):
        host, kept = self.host, os.path.join(self.host.folder, "kept.so")
        shutil.copy(self.box.library, kept)
        before = {row["key_id"]: row["archived"] for row in host.list("Fernhill", "--archived")}
        self.box.replace_plugin(None)
        host.ok("plugin", "release", "bitlocker_keys", "--reason", "it was lost")
        host.ok("password", "edit", self.current, "--name", "mine now")
        shutil.copy(kept, self.box.library)
        reads = self.box.world.sims[0].key_reads()
        result, _ = host.sync()
        self.assertEqual(result.code, 0, result.err)
        self.assertEqual(self.box.world.sims[0].key_reads(), reads)
        rows = host.list("Fernhill", "--archived")
        self.assertEqual({row["key_id"]: row["archived"] for row in rows}, before)
        self.assertEqual(host.ok("reveal", guid(1, 1), "--reason", "x").out.strip(), password(1))
        # What was released stays where it is, and is ordinary.
        self.assertEqual(host.json("password", "show", self.current)["guarded_by"], "")
        tree = [row["guarded_by"] for row in host.rows("folder", "tree", "--org", "Fernhill")
                if row["name"] == FOLDER]
        self.assertEqual(sorted(tree), ["", "bitlocker_keys"])
        category = next(row for row in host.rows("category", "list") if row["name"] == FOLDER)
        self.assertEqual(category["guarded_by"], "bitlocker_keys")
        self.assertEqual(host.run("password", "delete", rows[0]["record_id"]).code, 1)
        self.assertEqual({row["store_changes"] for row in host.sync()[1].values()}, {0})

    def test_keys_of_nobody_are_counted_for_who_sees_everything_alone(self):
        # S1.7: such keys may be any customer's.
        self.box.world.sims[0].event(type="add_key", key=key(9, device(9)))
        self.assertEqual(self.host.sync()[0].code, 0)
        self.assertIn("orphan_keys: 1", self.host.ok("status", "--unmatched").out)
        self.host.ok("user", "add", "eve", "--role", "lite", "--org", "Other")
        told = self.as_user("eve", "status", "--unmatched")
        self.assertEqual((told.out.strip(), told.err.strip()), ("(none)", ""))

    def test_another_plugin_cannot_claim_the_reserved_names(self):
        # S1.32 S1.34
        other = os.path.join(self.host.folder, "other")
        os.mkdir(other)
        shutil.copy(self.box.library, os.path.join(other, "greedy.so"))
        for kind in ("category", "folder"):
            with open(os.path.join(other, "greedy.json"), "w", encoding="utf-8") as out:
                json.dump({"id": "greedy", "guarded_names": [
                    {"kind": kind, "name": FOLDER.upper()}]}, out)
            shutil.copy(os.path.join(other, "greedy.json"), os.path.join(other, "manifest.json"))
            answer = self.host.run("plugin", "add", os.path.join(other, "greedy.so"))
            self.assertEqual(answer.code, 1, answer.out)
            self.assertIn("another plugin", answer.err)
        category = next(row for row in self.host.rows("category", "list") if row["name"] == FOLDER)
        self.assertEqual(category["guarded_by"], "bitlocker_keys")

    def test_a_connection_is_made_by_who_sees_every_organization(self):
        # S1.3 S1.7: a connection decides whose keys go where, also with a partner's credential.
        host, sim = self.host, self.box.world.sims[0]
        tenant = sim.call("GET", "/_sim/tenants")["tenants"][0]["tenantId"]
        host.ok("user", "add", "mia", "--role", "manager", "--org", "Other")
        host.ok("user", "add", "max", "--role", "manager", "--all-orgs")

        def connect(user, *more):
            return self.as_user(user, "connect", tenant, "--client-id", CLIENT, "--login", sim.url,
                                "--graph", sim.url, *more, stdin="1.sim-refresh-%s\n" % tenant)
        answers = {connect("mia", *words).err for words in (
            ["--org", "Fernhill", "--org", "Other"], ["--org", "Nowhere"], ["--org", "Other"],
            ["--partner", tenant, "--org", "Other"])}
        self.assertEqual(len(answers), 1, answers)
        self.assertIn("every organization", answers.pop())
        self.assertEqual(host.activity("refused")[0]["code"], 9111)
        for word in ("status", "cancel"):
            self.assertEqual(self.as_user("mia", "signin", word, tenant).code, 1)
        self.assertEqual(connect("max", "--org", "Fernhill").code, 0)

    def test_numbers_that_are_too_big_are_refused(self):
        for days in ("9223372036854775807", "-9223372036854775808", "-1"):
            self.assertEqual(self.host.run("activity", "list", "--days", days).code, 2, days)

    def test_a_group_that_is_not_there_cannot_be_deleted(self):
        self.assertEqual(self.host.run("group", "delete", "nobody").code, 1)

    def test_a_report_shows_the_own_organizations_alone(self):
        # S1.7 S1.115
        own = self.box.add_own()
        self.as_user("editor", "reveal", own, "--reason", "x")
        self.host.ok("user", "add", "adam", "--role", "administrator", "--org", "Other")
        self.assertEqual(self.as_user("adam", "activity", "at-risk", as_json=True).rows(), [])


if __name__ == "__main__":
    unittest.main()
