# SPDX-License-Identifier: Apache-2.0
"""Crosses every action, object, role, door and subscription state with the hand-written table
tests/expect/guard.tsv; then the same with a plugin that is gone, dead, or lying."""

import os
import random
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from guard_world import GuardWorld, table
from harness import BUILD

MANY_COMMANDS = True

# The share of the table that is run, drawn by the seed; all of it with GUARD_FULL=1. All of it runs
# inside one process in tests/drivers/test_guard_table.c.
FULL = bool(os.environ.get("GUARD_FULL"))
REST_SHARE = 1 if FULL else 6
SOCKET_SHARE = 1 if FULL else 40
# What stays the same without the plugin: who may, and what is nobody's.
GATE = {"gone": "9001", "dead": "9001", "lies": "9003"}
NAMES = {"gone": "9101", "dead": "9101", "lies": "9003"}


class GuardTable(unittest.TestCase):
    """S1.3 S1.6 S1.7 S1.8 S1.14 S1.20 S1.21 S1.30 S1.35 S1.37 S1.38 S1.41 S1.42 S1.43 S1.53 S1.54
    S1.55 S1.56 S1.57 S1.58 S1.60 S1.61 S1.62 S1.63 S1.64 S1.65 S1.66 S1.70 S1.74 S1.80 S1.82 S1.85
    S1.109 S1.114 S1.115 S1.118"""

    def setUp(self):
        self.box = GuardWorld()
        self.addCleanup(self.box.close)
        self.audits = True
        self.random = random.Random(int(os.environ.get("TEST_SEED", "1")))

    def check(self, case, expected, door):
        action, item, add_on, role = case
        name, arguments, secret = self.box.command(action, item, add_on)
        before, refusals = self.box.fingerprint()
        if door == "rest":
            got = self.box.by_rest(role, name, arguments, secret)
            self.assertEqual(got, expected, (case, door))
        else:
            code, text = self.box.by_socket(role, name, arguments, secret)
            self.assertEqual(code, 0 if expected == "ok" else 1, (case, door, text))
        after, refused = self.box.fingerprint()
        if expected != "ok":
            self.assertEqual(after, before, ("a refusal had an effect", case, door))
            # What is not found is nothing to tell, but a reveal is: S2.34.
            silent = expected == "404" and not (action == "reveal" and self.audits)
            self.assertEqual(refused - refusals, 0 if silent else 1,
                             ("entries of a refusal", case, door))
        else:
            self.box.undo(action, item)

    def run_table(self, translate=lambda case, expected: expected):
        self.box.host.serve()
        for add_on in ("on", "off"):
            self.box.add_on("active" if add_on == "on" else "expired")
            for action, item, state, role, expected in table():
                if state != add_on:
                    continue
                case = (action, item, add_on, role)
                expected = translate(case, expected)
                if expected is None:
                    continue
                if self.random.randrange(REST_SHARE) == 0:
                    self.check(case, expected, "rest")
                if self.random.randrange(SOCKET_SHARE) == 0:
                    self.check(case, expected, "socket")

    def test_the_table_holds_at_every_door(self):
        self.run_table()

    def replace(self, name):
        if name and not os.path.exists(os.path.join(BUILD, "bad-plugins", name + ".so")):
            self.skipTest("the deliberately bad plugins are built with sanitizers alone")
        self.box.replace_plugin(name)

    def without(self, how):
        """Refusals by a rule become refusals by the gate; nothing guarded becomes allowed."""
        self.audits = False

        def translate(case, expected):
            action, item, _, _ = case
            guarded = item in ("current", "superseded", "managed")
            if expected.startswith("1") or (guarded and expected == "ok" and
                                            action in ("link", "unarchive", "move-in-org")):
                return GATE[how]
            if expected.startswith("2"):
                return NAMES[how]
            if guarded and action == "reveal" and expected == "ok":
                return "9109"
            if action == "settings":
                return None
            if how == "lies" and action == "rename" and item in ("parent", "plain"):
                return "role" if expected == "role" else NAMES[how]
            return expected
        self.run_table(translate)
        role = "administrator"
        self.box.add_on("active")
        code, text = self.box.by_socket(role, "reveal", {"key": self.box.ids["current"],
                                                         "reason": "test"}, None)
        self.assertEqual(code, 1)
        self.assertIn("bkey-open", text)

    def test_the_table_holds_without_the_plugins_file(self):
        self.replace(None)
        self.without("gone")

    def test_the_table_holds_with_a_plugin_that_dies_on_load(self):
        self.replace("bad_rule_dies")
        self.without("dead")

    def test_the_table_holds_with_a_plugin_that_says_allow_and_fails(self):
        self.replace("bad_rule_allows")
        self.without("lies")


if __name__ == "__main__":
    unittest.main()
