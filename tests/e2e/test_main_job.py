# SPDX-License-Identifier: Apache-2.0
"""The main job end to end: keys of a simulated tenant become protected records of the host."""

import os
import sqlite3
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import FOLDER, TENANT, World, device, guid, key, password, tenant

TABLES_OF_TRUTH = ["organizations", "configurations", "folders", "categories", "passwords",
                   "activity"]


def dump(host):
    """Every row that an unchanged sync must leave alone."""
    database = sqlite3.connect("file:%s?mode=ro" % os.path.join(host.data, "store.db"), uri=True)
    rows = {name: database.execute("select * from %s order by 1" % name).fetchall()
            for name in TABLES_OF_TRUTH}
    state = database.execute("select key, revision, value from plugin_state").fetchall()
    database.close()
    # The connection's renewed credential is the one value that may change; its kind is 'T'.
    rows["state"] = sorted(row for row in state if row[0][:1] != b"T")
    return rows


class MainJob(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)

    def test_first_sync_documents_every_key_of_matched_devices(self):
        # S1.1 S1.4 S1.44 S1.45 S1.46 S1.47
        devices = [device(1), device(2), device(3)]
        keys = [key(1, devices[0]), key(2, devices[0], volume="fixedDataVolume"),
                key(3, devices[1]), key(4, devices[2], volume="1")]
        sim, host, _ = self.world.connected(keys, devices)
        result, rows = host.sync()
        self.assertEqual(result.code, 0, result.err)
        row = next(iter(rows.values()))
        self.assertEqual((row["created"], row["failed"], row["unmatched"], row["key_reads"]),
                         (4, 0, 0, 4))
        listed = host.list("Fernhill")
        self.assertEqual({(r["device"], r["key_id"], r["volume"]) for r in listed},
                         {("PC-001", guid(1, 1), "os"), ("PC-001", guid(1, 2), "fixed"),
                          ("PC-002", guid(1, 3), "os"), ("PC-003", guid(1, 4), "os")})
        self.assertTrue(all(r["organization"] == "Fernhill" and r["state"] == "current" and
                            not r["archived"] for r in listed))
        self.assertEqual({r["configuration"] for r in listed}, {"PC-001", "PC-002", "PC-003"})
        for number in range(1, 5):
            shown = host.ok("reveal", guid(1, number), "--reason", "test of the first sync")
            self.assertEqual(shown.out, password(number) + "\n")
        records = [r for r in host.rows("password", "list", "--org", "Fernhill")]
        self.assertEqual({r["category"] for r in records}, {FOLDER})
        self.assertEqual(len(records), 4)

    def test_second_sync_writes_nothing_and_reads_no_secret(self):
        # S1.51 and the goal "an unchanged sync changes nothing"
        devices = [device(n) for n in range(1, 6)]
        keys = [key(n, devices[n % 5]) for n in range(1, 9)]
        sim, host, _ = self.world.connected(keys, devices)
        host.sync()
        before = dump(host)
        reads = sim.key_reads()
        result, rows = host.sync()
        self.assertEqual(result.code, 0, result.err)
        row = next(iter(rows.values()))
        self.assertEqual((row["store_changes"], row["key_reads"], row["created"], row["updated"],
                          row["archived"]), (0, 0, 0, 0, 0))
        self.assertEqual(sim.key_reads(), reads)
        self.assertEqual(dump(host), before)

    def test_same_key_listed_again_and_again_is_one_record(self):
        # S1.51
        one = device(1)
        sim, host, data = self.world.connected([key(1, one)], [one])
        for _ in range(3):
            host.sync()
            sim.switch(upper_guids=True)
        self.assertEqual(len(host.list("Fernhill", "--archived")), 1)
        self.assertEqual(sim.key_reads(), 1)

    def test_key_added_and_device_renamed_at_source_show_after_next_sync(self):
        # S1.2
        one = device(1)
        sim, host, data = self.world.connected([key(1, one)], [one])
        host.sync()
        sim.event(tenant=data["tenantId"], type="add_key",
                  key=key(2, one, volume="fixedDataVolume"))
        sim.event(tenant=data["tenantId"], type="rename_device", id=one["id"], name="NEW-NAME")
        result, rows = host.sync()
        self.assertEqual(result.code, 0, result.err)
        self.assertEqual({(r["device"], r["key_id"]) for r in host.list("Fernhill")},
                         {("NEW-NAME", guid(1, 1)), ("NEW-NAME", guid(1, 2))})
        renamed = host.activity("renamed")
        self.assertEqual(len(renamed), 1)
        self.assertIn("PC-001", str(renamed[0]))
        self.assertIn("NEW-NAME", str(renamed[0]))

    def test_newer_os_key_archives_the_older_which_can_still_be_revealed(self):
        # S1.67 S1.69 S1.72 S1.90
        one = device(1)
        sim, host, data = self.world.connected([key(1, one)], [one])
        host.sync()
        sim.event(tenant=data["tenantId"], type="add_key",
                  key=key(2, one, created="2026-06-01T00:00:00Z"))
        result, rows = host.sync()
        self.assertEqual(next(iter(rows.values()))["archived"], 1)
        self.assertEqual([r["key_id"] for r in host.list("Fernhill")], [guid(1, 2)])
        everything = {r["key_id"]: r for r in host.list("Fernhill", "--archived")}
        self.assertEqual(len(everything), 2)
        self.assertTrue(everything[guid(1, 1)]["archived"])
        self.assertEqual(everything[guid(1, 1)]["state"], "superseded")
        self.assertEqual(len(host.activity("archived")), 1)
        shown = host.ok("reveal", guid(1, 1), "--reason", "old disk on the bench")
        self.assertEqual(shown.out, password(1) + "\n")

    def test_failed_listing_archives_nothing(self):
        # S1.73
        one = device(1)
        keys = [key(1, one), key(2, one, created="2026-06-01T00:00:00Z"),
                key(3, one, volume="fixedDataVolume")]
        sim, host, data = self.world.connected(keys, [one], arguments=("--page-size", "1"))
        host.sync()
        before = host.list("Fernhill", "--archived")
        for rule in ({"status": 403}, {"status": 404},
                     {"action": "garbage"}, {"action": "cut_body"}, {"action": "reset"},
                     {"action": "next_link_other_host"}, {"action": "html"}):
            with self.subTest(rule=rule):
                sim.fault(route="recovery_keys_list", skip=1, count=-1, **rule)
                result, rows = host.sync()
                self.assertEqual(result.code, 1)
                self.assertTrue(result.err.strip())
                sim.clear_faults()
                self.assertEqual(host.list("Fernhill", "--archived"), before)

    def test_device_without_configuration_has_no_record_until_it_is_created(self):
        # S1.75 S1.76
        one, two = device(1), device(2)
        sim, host, data = self.world.connected([key(1, one), key(2, two)], [one, two],
                                               configured=[one])
        result, rows = host.sync()
        self.assertEqual(next(iter(rows.values()))["unmatched"], 1)
        self.assertEqual([r["key_id"] for r in host.list("Fernhill")], [guid(1, 1)])
        host.configuration("Fernhill", two)
        reads = sim.key_reads()
        result, rows = host.sync()
        self.assertEqual(next(iter(rows.values()))["created"], 1)
        self.assertEqual({r["key_id"] for r in host.list("Fernhill")}, {guid(1, 1), guid(1, 2)})
        self.assertEqual(sim.key_reads(), reads, "the waiting key was fetched already")
        self.assertEqual(host.ok("reveal", guid(1, 2), "--reason", "x").out, password(2) + "\n")

    def test_failed_first_sync_leaves_no_folder(self):
        # S1.28
        one = device(1)
        sim, host, data = self.world.connected([key(1, one)], [one])
        sim.fault(route="recovery_keys_list", count=-1, status=403)
        result, _ = host.sync()
        self.assertEqual(result.code, 1)
        self.assertEqual(host.list("Fernhill"), [])
        self.assertNotIn(FOLDER, host.ok("folder", "tree", "--org", "Fernhill").out)
        sim.clear_faults()
        host.sync()
        self.assertIn(FOLDER, host.ok("folder", "tree", "--org", "Fernhill").out)

    def test_one_unreadable_key_does_not_hold_back_the_others(self):
        # S1.28
        one, two = device(1), device(2)
        sim, host, data = self.world.connected([key(1, one), key(2, two)], [one, two])
        sim.fault(route="recovery_key_get_secret", match=guid(1, 1), count=-1,
                  status=404)
        result, rows = host.sync()
        row = next(iter(rows.values()))
        self.assertEqual((row["created"], row["failed"]), (1, 1))
        self.assertIn(guid(1, 1) + ", could not be read", row["summary"])
        self.assertEqual([r["key_id"] for r in host.list("Fernhill")], [guid(1, 2)])
        sim.clear_faults()
        result, rows = host.sync()
        self.assertEqual(next(iter(rows.values()))["created"], 1)

    def test_malformed_password_is_kept_verbatim_and_flagged(self):
        # S2.3 S2.4
        one = device(1)
        bad = "123456-231453-000000-000000-000000-000000-000000-000000"
        sim, host, data = self.world.connected([key(1, one, secret=bad)], [one])
        result, rows = host.sync()
        self.assertEqual(next(iter(rows.values()))["failed"], 1)
        listed = host.list("Fernhill")
        self.assertEqual(len(listed), 1)
        self.assertIn("malformed", str(listed[0]))
        self.assertIn(guid(1, 1), next(iter(rows.values()))["summary"])
        shown = host.run("reveal", guid(1, 1), "--reason", "see what came")
        self.assertEqual(shown.out.strip(), bad)
        self.assertIn("not a valid", shown.err)
        result, rows = host.sync()
        self.assertEqual(sim.key_reads(), 1, "a malformed key is not read again")

    def test_guarded_folder_and_records_refuse_people(self):
        # S1.39 S1.40 S1.65
        one = device(1)
        sim, host, data = self.world.connected([key(1, one)], [one])
        host.sync()
        folder = next(f for f in host.rows("folder", "tree", "--org", "Fernhill")
                      if f["name"] == FOLDER)
        record = host.rows("password", "list", "--org", "Fernhill")[0]
        before = dump(host)
        attempts = [
            ("folder", "rename", folder["id"], "Mine"),
            ("folder", "delete", folder["id"]),
            ("password", "edit", record["id"], "--name", "x"),
            ("password", "delete", record["id"]),
            ("password", "rotate", record["id"]),
            ("folder", "add", "--org", "Fernhill", "--parent", folder["id"], "Sub"),
            ("password", "add", "--org", "Fernhill", "--folder", folder["id"], "x"),
        ]
        for attempt in attempts:
            with self.subTest(attempt=attempt[:2]):
                result = host.run(*attempt, stdin="pw\n")
                self.assertEqual(result.code, 1, result.out + result.err)
                self.assertTrue(result.err.strip())
        after = dump(host)
        for name in ("folders", "passwords", "configurations", "state"):
            self.assertEqual(before[name], after[name])
        self.assertEqual(len(host.activity("refused")), len(attempts))

    def test_reserved_names_are_refused(self):
        host = self.world.host()
        host.organization("Fernhill")
        self.assertEqual(host.run("category", "add", FOLDER).code, 1)
        self.assertEqual(host.run("folder", "add", "--org", "Fernhill", FOLDER).code, 1)
        self.assertEqual(host.run("folder", "add", "--org", "Fernhill",
                                  FOLDER + " archive 2025").code, 0)

    def test_find_by_first_eight_characters_names_device_organization_and_key(self):
        one = device(1)
        sim, host, data = self.world.connected([key(1, one)], [one])
        host.sync()
        for part in (guid(1, 1)[:8], guid(1, 1)[:8].upper()):
            rows = host.rows("find", part)
            self.assertEqual(len(rows), 1)
            self.assertEqual((rows[0]["device"], rows[0]["organization"], rows[0]["key_id"]),
                             ("PC-001", "Fernhill", guid(1, 1)))
        self.assertIn("PC-001", host.ok("find", guid(1, 1)[:8]).out)
        missing = host.run("find", "ffffffff", as_json=True)
        self.assertEqual((missing.code, missing.json()), (1, []))

    def test_reveal_needs_a_reason_and_leaves_one_viewed_entry(self):
        # S1.91 S1.92
        one = device(1)
        sim, host, data = self.world.connected([key(1, one)], [one])
        host.sync()
        for arguments in (("reveal", guid(1, 1)), ("reveal", guid(1, 1), "--reason", "   ")):
            result = host.run(*arguments)
            self.assertNotEqual(result.code, 0)
            self.assertEqual(result.out, "")
        self.assertEqual(len(host.activity("viewed")), 0)
        host.ok("reveal", guid(1, 1), "--reason", "customer on the phone", "--ticket", "T-77")
        viewed = host.activity("viewed")
        self.assertEqual(len(viewed), 1)
        self.assertIn("T-77", str(viewed[0]))
        self.assertNotIn("customer on the phone", str(viewed[0]))
        record = host.rows("password", "list", "--org", "Fernhill")[0]
        host.ok("password", "show", record["id"])
        self.assertEqual(len(host.activity("accessed")), 1)
        self.assertEqual(len(host.activity("viewed")), 1)

    def test_reveal_shows_nothing_when_the_entry_cannot_be_written(self):
        # S1.95
        one = device(1)
        sim, host, data = self.world.connected([key(1, one)], [one])
        host.sync()
        with sqlite3.connect(os.path.join(host.data, "store.db")) as database:
            database.execute("create trigger no_viewed before insert on activity"
                             " begin select raise(abort, 'log is full'); end")
        refused = host.run("reveal", guid(1, 1), "--reason", "customer on the phone")
        self.assertEqual((refused.code, refused.out), (1, ""))
        self.assertTrue(refused.err.strip())
        with sqlite3.connect(os.path.join(host.data, "store.db")) as database:
            database.execute("drop trigger no_viewed")
        self.assertEqual(host.ok("reveal", guid(1, 1), "--reason", "x").out, password(1) + "\n")

    def test_created_entries_are_one_per_record(self):
        # S1.89
        devices = [device(n) for n in range(1, 4)]
        sim, host, data = self.world.connected([key(n, devices[n - 1]) for n in range(1, 4)],
                                               devices)
        host.sync()
        created = [row for row in host.activity("created") if row["subject"].startswith("PC-")]
        self.assertEqual(sum(TENANT in str(row) for row in created), 3)

    def test_same_key_id_in_two_tenants_is_told_apart_by_record(self):
        # S1.51
        one = device(1)
        first = tenant([key(1, one)], [one])
        other = "11111111-2222-4333-8444-555555555555"
        second = tenant([dict(key(1, one), key=password(99))], [one], tenant_id=other)
        sim = self.world.sim([first, second])
        host = self.world.host()
        host.organization("A", [one])
        host.organization("B", [one])
        self.assertEqual(host.connect(sim, ["A"], first).code, 0)
        self.assertEqual(host.connect(sim, ["B"], second).code, 0)
        result, rows = host.sync()
        self.assertEqual(result.code, 0, result.err)
        self.assertEqual(len(host.list("A")), 1)
        self.assertEqual(len(host.list("B")), 1)
        refused = host.run("reveal", guid(1, 1), "--reason", "x")
        self.assertEqual((refused.code, refused.out), (1, ""))
        for name, number in (("A", 1), ("B", 99)):
            record = host.rows("password", "list", "--org", name)[0]
            shown = host.ok("reveal", record["id"], "--reason", "x")
            self.assertEqual(shown.out.strip(), password(number))


if __name__ == "__main__":
    unittest.main()
