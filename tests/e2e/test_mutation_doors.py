# SPDX-License-Identifier: Apache-2.0
"""Enumerates, from the source, where the host changes what a plugin may guard (S1.58, S1.65)."""

import glob
import os
import re
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOURCE = os.path.join(ROOT, "sample-host", "src")
TABLES = "passwords|folders|categories|organizations|configurations|contacts|trash|folder_access"
WRITE = re.compile(r"\b(INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM|REPLACE INTO) (?:%s)\b" % TABLES)
# People's changes, plugins' changes, what a plugin claims when it is pinned, the one release, and
# the same secrets sealed anew under another generation of the root.
ALLOWED = {"mutate_write.c", "mutate_password.c", "mutate_trash.c", "mutate_access.c",
           "mutate_contact.c", "apply_write.c", "apply_contact.c", "apply_records.c", "plugins_pin.c",
           "release.c", "key_reseal.c"}
# Who may call a writer: the gate itself, and the writer's own parts.
CALLERS = {"host_mutate_write(": {"mutate.c"}, "host_mutate_password_write(": {"mutate_write.c"},
           "host_mutate_trash_put(": {"mutate_password.c"},
           "host_mutate_trash_restore(": {"mutate_password.c"},
           "host_mutate_access_set(": {"mutate_write.c"},
           "host_mutate_access_inherit(": {"mutate_write.c"},
           "host_mutate_contact_write(": {"mutate_write.c"},
           "host_mutate_contact_move(": {"mutate_write.c"},
           "host_apply_contact_write(": {"apply_write.c"},
           "host_release(": {"commands_plugin.c"}}
# What a change may touch that asks nobody: the seal alone, never what people see.
RESEAL = re.compile("UPDATE (passwords|trash) SET sealed_secret=\\? WHERE seq=\\? AND sealed_secret=\\?")


def joined(path):
    """The file with adjacent string literals joined, so that SQL over several lines is one."""
    with open(path, encoding="utf-8") as text:
        return re.sub(r'"\s*\n\s*"', "", text.read())


def files():
    for path in glob.glob(os.path.join(SOURCE, "**", "*.c"), recursive=True):
        yield os.path.relpath(path, SOURCE), joined(path)


def writes(text):
    return [found.group(0) for found in WRITE.finditer(text)]


class MutationDoors(unittest.TestCase):
    def test_guarded_tables_are_written_behind_the_gate_alone(self):
        found = {name: writes(text) for name, text in files()}
        others = {name: list_ for name, list_ in found.items() if list_ and name not in ALLOWED}
        self.assertEqual(others, {}, "a change that passes no gate")
        self.assertTrue(all(found[name] for name in ALLOWED), "an exception that is not used")

    def test_sealing_anew_changes_the_seal_alone(self):
        text = dict(files())["key_reseal.c"]
        self.assertEqual(len(writes(text)), len(RESEAL.findall(text)))

    def test_writers_are_called_by_the_gate_alone(self):
        for call, allowed in CALLERS.items():
            users = {name for name, text in files()
                     if call in text and not re.search(r"bool " + re.escape(call), text)}
            self.assertEqual(users, allowed, call)

    def test_the_gate_asks_before_it_writes(self):
        text = joined(os.path.join(SOURCE, "mutate.c"))

        def body(start):
            rest = text[text.index(start):]
            return rest[:rest.index("\n}\n")]

        self.assertIn(" ask(", body("\nstatic bool check(host *h"))
        whole = body("\nbool host_mutate(host *h")
        self.assertLess(whole.index("check("), whole.index("host_db_write_begin("))
        inside = body("\nbool host_mutate_in(host *h")
        self.assertLess(inside.index(" ask("), inside.index("host_mutate_write("))

    def test_changes_inside_a_transaction_are_made_by_the_import_alone(self):
        users = {name for name, text in files() if re.search(r"(?<!bool )host_mutate_in\(", text)}
        self.assertEqual(users, {"transfer_import.c"})

    def test_a_write_elsewhere_would_be_seen(self):
        self.assertTrue(writes('"UPDATE passwords SET name=?"'))
        self.assertTrue(writes('"INSERT OR IGNORE INTO folders VALUES(?)"'))
        self.assertFalse(writes('"SELECT id FROM passwords"'))


if __name__ == "__main__":
    unittest.main()
