# SPDX-License-Identifier: Apache-2.0
"""The audit, the doctor and bkey-open on real programs: who looked at what, whether anybody touched
the entries, and keys on the day when everything else is down."""
import concurrent.futures
import contextlib
import csv
import fcntl
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import BUILD, World, device, guid, key, password

OPEN = os.environ.get("BKEY_OPEN", os.path.join(BUILD, "bin", "bkey-open"))
REASON = "marker-reason-wombat"


class AuditTest(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        devices = [device(n) for n in range(1, 4)]
        keys = [key(n, devices[n % 3]) for n in range(101, 107)]
        self.sim, self.host, _ = self.world.connected(keys, devices)
        result, _ = self.host.sync()
        self.assertEqual(result.code, 0, result.err)
        self.store = os.path.join(self.host.data, "store.db")
        self.heads = self.host.data + ".audit"

    def reveal(self, number=101, reason=REASON):
        return self.host.run("reveal", guid(1, number), "--reason", reason, "--ticket", "T-1")

    def sql(self, text, *values):
        with contextlib.closing(sqlite3.connect(self.store)) as store, store:
            return store.execute(text, values).fetchall()

    def verify(self):
        result = self.host.run("audit", "--verify", as_json=True)
        return result.code, [row for row in result.rows() if row["verdict"] not in ("whole",
                                                                                   "broken")]

    def open_key(self, *arguments, store=None, key_file=None):
        command = [OPEN, "--store", store or self.store, "--key-file",
                   key_file or self.host.key_file] + list(arguments)
        return subprocess.run(command, input="", capture_output=True, text=True, timeout=60)


class Entries(AuditTest):
    def test_every_attempt_is_listed_with_who_when_which_and_from_where(self):
        # S2.30 S2.31 S2.32 S2.33 S2.34
        self.assertEqual(self.reveal().code, 0)
        self.assertEqual(self.reveal(reason=" ").code, 1)
        self.assertEqual(self.host.run("reveal", guid(9, 9), "--reason", "guess").code, 1)
        rows = self.host.rows("audit")
        self.assertEqual([row["result"] for row in rows], ["refused", "refused", "shown"])
        shown = rows[2]
        self.assertEqual(shown["key_id"], guid(1, 101))
        self.assertEqual(shown["device"], "PC-003")
        self.assertEqual(shown["organization"], "Fernhill")
        self.assertEqual(shown["source"], "cli")
        self.assertEqual(shown["os_uid"], os.getuid())
        self.assertEqual((shown["reason"], shown["ticket"]), (REASON, "T-1"))
        self.assertTrue(shown["at"].endswith("Z"))
        self.assertEqual(rows[1]["error"], "reason-missing")
        self.assertEqual((rows[0]["key_id"], rows[0]["error"]), (guid(9, 9), "no-state"))
        self.assertEqual(len(self.host.rows("audit", "--action", "shown")), 1)
        self.assertEqual(len(self.host.rows("audit", "--org", "Fernhill")), 2)
        self.assertEqual(self.host.rows("audit", "--until", "2020-01-01"), [])

    def test_users_addresses_and_refusals_of_the_api_are_listed(self):
        # S2.30 S2.33 S2.34
        tokens = {}
        for name, more in (("maria", ["--role", "manager", "--org", "Fernhill"]),
                           ("olaf", ["--role", "lite", "--org", "Elsewhere"])):
            self.host.run("org", "add", "Elsewhere")
            self.host.ok("user", "add", name, *more)
            tokens[name] = self.host.ok("token", "add", name).out.strip()
        self.host.serve()
        path = "/api/v1/passwords/%s/reveal" % guid(1, 101)
        body = {"reason": REASON}
        self.assertEqual(200, self.host.api("POST", path, body, token=tokens["maria"])[0])
        self.assertEqual(404, self.host.api("POST", path, body, token=tokens["olaf"])[0])
        self.assertEqual(200, self.host.api("POST", path, body)[0])
        rows = self.host.rows("audit")
        self.assertEqual([("shown", "api"), ("refused", "api"), ("shown", "api")],
                         [(row["result"], row["source"]) for row in rows])
        self.assertEqual(["maria", "olaf"], [row["actor"] for row in reversed(rows)][:2])
        self.assertEqual({"127.0.0.1"}, {row["address"].rsplit(":", 1)[0] for row in rows})
        self.assertEqual((guid(1, 101), "PC-003"), (rows[2]["key_id"], rows[2]["device"]))
        # S2.31: the times are UTC, say so, and run with the entries.
        self.assertEqual(sorted(row["at"] for row in rows), [row["at"] for row in reversed(rows)])
        self.assertTrue(all(row["at"].endswith("Z") for row in rows), rows)
        # Who may not administer sees no audit.
        self.assertEqual(1, self.host.run("--as", "maria", "audit").code)

    def test_a_server_killed_in_a_burst_leaves_a_loss_window_that_is_told(self):
        self.host.serve()
        path = "/api/v1/passwords/%s/reveal" % guid(1, 101)
        with concurrent.futures.ThreadPoolExecutor(8) as crowd:
            answers = crowd.map(lambda _: self.host.api("POST", path, {"reason": REASON})[0],
                                range(12))
            self.assertEqual([200] * 12, list(answers))
        self.host.server.kill()
        self.host.stop()
        chain = [row for row in self.host.rows("audit", "--verify") if row["entries"]][0]
        self.assertEqual(("whole", 12), (chain["verdict"], chain["entries"]))
        self.assertEqual(12, chain["published"] + chain["unpublished"])
        self.assertGreater(chain["unpublished"], 0)

    def test_export_writes_a_private_file_without_formulas(self):
        self.assertEqual(self.reveal(reason="=cmd()").code, 0)
        path = os.path.join(self.world.folder, "audit.csv")
        self.host.ok("audit", "--export", "csv", "--out", path)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        with open(path, encoding="utf-8", newline="") as source:
            rows = list(csv.DictReader(source))
        self.assertEqual(rows[0]["reason"], "'=cmd()")
        other = os.path.join(self.world.folder, "audit.json")
        self.host.ok("audit", "--export", "json", "--out", other)
        with open(other, encoding="utf-8") as source:
            self.assertEqual(json.load(source)[0]["reason"], "=cmd()")

    def test_nothing_of_an_entry_is_readable_in_store_or_heads(self):
        self.assertEqual(self.reveal().code, 0)
        for path in (self.store, self.store + "-wal", self.heads):
            if os.path.exists(path):
                with open(path, "rb") as source:
                    blob = source.read()
                self.assertNotIn(REASON.encode(), blob)
                self.assertNotIn(password(101).encode(), blob)
        self.assertEqual(os.stat(self.heads).st_mode & 0o777, 0o600)


class Tampering(AuditTest):
    def setUp(self):
        super().setUp()
        for _ in range(5):
            self.assertEqual(self.reveal().code, 0)
        self.assertEqual(self.verify(), (0, []))

    def entries(self):
        """Row keys of the chain's entries, by number: the clear start of a value has it."""
        rows = self.sql("SELECT key, value FROM plugin_state WHERE substr(key,1,1)=x'41'")
        return {int.from_bytes(value[1:9], "little"): (row, value) for row, value in rows}

    def expect(self, kind, first, last=None):
        code, problems = self.verify()
        self.assertEqual(code, 1)
        self.assertIn((kind, first, last or first),
                      [(row["verdict"], row["first"], row["last"]) for row in problems], problems)
        doctor = self.host.run("doctor", "--state", as_json=True)
        self.assertEqual(doctor.code, 1)
        self.assertIn("audit", [row["what"] for row in doctor.rows()])

    def test_a_changed_entry_is_named(self):
        row, value = self.entries()[3]
        value = value[:60] + bytes([value[60] ^ 1]) + value[61:]
        self.sql("UPDATE plugin_state SET value=? WHERE key=?", value, row)
        self.expect("changed", 3)

    def test_a_changed_last_entry_is_named(self):
        row, value = self.entries()[5]
        self.sql("UPDATE plugin_state SET value=? WHERE key=?", value[:-1] + bytes(
            [value[-1] ^ 128]), row)
        self.expect("changed", 5)

    def test_a_removed_entry_is_named(self):
        self.sql("DELETE FROM plugin_state WHERE key=?", self.entries()[2][0])
        self.expect("removed", 2)

    def test_swapped_entries_are_named(self):
        entries = self.entries()
        self.sql("UPDATE plugin_state SET value=? WHERE key=?", entries[4][1], entries[2][0])
        self.sql("UPDATE plugin_state SET value=? WHERE key=?", entries[2][1], entries[4][0])
        self.expect("reordered", 2)
        self.expect("reordered", 4)

    def test_a_cut_off_end_is_found_by_the_published_heads(self):
        # The thief puts back the whole store of two entries ago: in itself it is flawless.
        saved = self.save()
        self.assertEqual(self.reveal().code, 0)
        self.assertEqual(self.reveal().code, 0)
        self.put_back(saved)
        self.expect("cut-off", 6, 7)
        # What comes after does not hide it.
        self.assertEqual(self.reveal().code, 0)
        self.assertEqual(self.reveal().code, 0)
        self.expect("changed", 6)

    def save(self):
        saved = os.path.join(self.world.folder, "saved.db")
        with contextlib.closing(sqlite3.connect(self.store)) as store:
            with contextlib.closing(sqlite3.connect(saved)) as copy:
                store.backup(copy)
        return saved

    def put_back(self, saved):
        for end in ("-wal", "-shm"):
            if os.path.exists(self.store + end):
                os.unlink(self.store + end)
        shutil.copyfile(saved, self.store)

    def test_a_restored_copys_gap_is_acknowledged_and_never_hidden(self):
        saved = self.save()
        for _ in range(3):
            self.assertEqual(self.reveal().code, 0)
        self.put_back(saved)
        self.assertEqual(self.reveal().code, 0)
        self.expect("cut-off", 7, 8)
        self.assertEqual(self.host.run("audit", "--acknowledge").code, 2)
        self.assertEqual(self.host.run("audit", "--acknowledge", "--reason", " ").code, 2)
        self.host.ok("audit", "--acknowledge", "--reason", "marker-restore", "--ticket", "T-9")
        code, problems = self.verify()
        self.assertEqual((code, [(p["verdict"], p["first"], p["last"]) for p in problems]),
                         (0, [("acknowledged", 6, 8)]))
        self.assertIn("entry 7", problems[0]["text"])
        entry = [row for row in self.host.rows("audit") if row["result"] == "acknowledged"][0]
        self.assertEqual((entry["seq"], entry["reason"], entry["ticket"], entry["gap_first"],
                          entry["gap_last"]), (7, "marker-restore", "T-9", 6, 8))
        self.assertNotIn("marker-restore", str(self.host.rows("activity", "list")))
        self.assertIn("entries 6 to 8 acknowledged", str(self.host.rows("activity", "list")))
        self.assertEqual(self.host.run("doctor", "--state").code, 0)
        # Nothing is left to answer for, and what comes after is told as ever.
        self.assertNotEqual(self.host.run("audit", "--acknowledge", "--reason", "again").code, 0)
        for _ in range(3):
            self.assertEqual(self.reveal().code, 0)
        self.assertEqual((self.verify()[0], len(self.verify()[1])), (0, 1))
        row, value = self.entries()[6]
        self.sql("UPDATE plugin_state SET value=? WHERE key=?", value[:-1] + bytes(
            [value[-1] ^ 128]), row)
        self.expect("changed", 6)

    def test_who_puts_back_an_older_store_later_is_found_in_spite_of_an_acknowledged_gap(self):
        saved = self.save()
        for _ in range(9):
            self.assertEqual(self.reveal().code, 0)
        self.put_back(saved)
        self.host.ok("audit", "--acknowledge", "--reason", "restored")
        self.assertEqual(self.verify()[0], 0)
        self.assertEqual(self.reveal().code, 0)
        # The thief hides the newest look and the answer: both numbers lie inside the gap.
        self.put_back(saved)
        self.expect("cut-off", 6, 7)
        # That again can be answered for, and both gaps are told.
        self.host.ok("audit", "--acknowledge", "--reason", "restored once more")
        code, problems = self.verify()
        self.assertEqual((code, sorted((p["verdict"], p["first"], p["last"]) for p in problems)),
                         (0, [("acknowledged", 6, 7), ("acknowledged", 6, 14)]))

    def test_an_altered_or_foreign_answer_is_none(self):
        saved = self.save()
        self.assertEqual(self.reveal().code, 0)
        self.put_back(saved)
        self.host.ok("audit", "--acknowledge", "--reason", "restored")
        self.assertEqual(self.reveal().code, 0)
        with open(self.heads, encoding="ascii") as source:
            text = source.read()
        self.assertIn("bkey-gap 1 ", text)
        with open(self.heads, "w", encoding="ascii") as out:
            out.write(text.replace(" 6 6 ", " 6 9 "))
        self.expect("changed", 6)
        with open(self.heads, "w", encoding="ascii") as out:
            out.write(text)
        self.assertEqual(self.verify()[0], 0)
        # Nor does who may open some organizations alone answer for all of them.
        for name, role in (("maria", "manager"), ("ada", "administrator")):
            self.host.ok("user", "add", name, "--role", role, "--org", "Fernhill")
            self.assertEqual(self.host.run("--as", name, "audit", "--acknowledge", "--reason",
                                           "mine").code, 1)
        denied = self.host.run("--as", "ada", "audit", "--acknowledge", "--reason", "mine")
        self.assertIn("every organization", denied.err)

    def test_a_forged_head_is_refused(self):
        with open(self.heads, encoding="ascii") as source:
            lines = source.read().splitlines()
        with open(self.heads, "a", encoding="ascii") as out:
            out.write(lines[-1].replace(" 5 ", " 9 ") + "\n")
        self.assertEqual(self.host.run("audit", "--verify").code, 1)

    def test_a_torn_line_of_heads_is_cut_off_by_the_next(self):
        with open(self.heads, "a", encoding="ascii") as out:
            out.write("bitlocker_keys bkey-head 1 42")
        self.assertEqual(self.verify(), (0, []))
        self.assertEqual(self.reveal().code, 0)
        self.assertEqual(self.verify(), (0, []))


    def test_what_others_made_of_the_heads_is_told_and_held_in_no_memory(self):
        with open(self.heads, "rb") as source:
            text = source.read()
        for damage, expected in ((b"bitlocker_keys " + b"x" * 9000 + b"\n", 1),
                                 (b"bitlocker_keys bkey-head 1 \0\0\0\n", 1),
                                 (b"\0" * 5000 + b"\n", 0), (b"another line\n\n\n", 0)):
            with open(self.heads, "wb") as out:
                out.write(text + damage)
            self.assertEqual(self.host.run("audit", "--verify").code, expected, damage[:30])
        # A gigabyte that has no end, of which the disk holds nothing.
        with open(self.heads, "wb") as out:
            out.write(text)
            out.truncate(1 << 30)
        self.assertEqual(self.verify(), (0, []))
        self.assertEqual(self.reveal().code, 0)
        self.assertGreater(os.path.getsize(self.heads), 1 << 30)
        self.assertEqual(self.verify(), (0, []))
        self.assertEqual(self.host.run("doctor", "--state").code, 0)

    def test_heads_that_cannot_be_read_are_named_and_hide_nothing(self):
        os.chmod(self.heads, 0o644)
        for command in (("audit", "--verify"), ("doctor", "--state"),
                        ("audit", "--acknowledge", "--reason", "why")):
            result = self.host.run(*command)
            self.assertEqual(result.code, 1, command)
            self.assertIn("published heads", result.err + result.out)
            self.assertIn("chmod 600", result.err)
        os.chmod(self.heads, 0o600)
        self.assertEqual(self.verify(), (0, []))


class Doctor(AuditTest):
    def test_a_sound_state_has_no_problem(self):
        self.reveal()
        result = self.host.run("doctor", "--state", as_json=True)
        self.assertEqual((result.code, result.rows()), (0, []), result.out)

    def test_lost_altered_and_orphaned_rows_are_told(self):
        rows = self.sql("SELECT key, value FROM plugin_state WHERE substr(key,1,1)=x'53'")
        self.sql("DELETE FROM plugin_state WHERE key=?", rows[0][0])
        self.sql("UPDATE plugin_state SET value=? WHERE key=?", rows[2][1], rows[1][0])
        self.sql("INSERT INTO plugin_state SELECT plugin, ?, value, revision, tombstone"
                 " FROM plugin_state WHERE key=?", b"S" + bytes(32), rows[2][0])
        result = self.host.run("doctor", "--state", as_json=True)
        self.assertEqual(result.code, 1)
        told = sorted((row["what"], row["text"].split(",")[0]) for row in result.rows())
        self.assertEqual([what for what, _ in told], ["orphan", "secret", "secret"], told)

    def test_a_damaged_data_key_stops_its_unit_alone_and_changes_nothing(self):
        rows = self.sql("SELECT key, value FROM plugin_state WHERE substr(key,1,1)=x'59'")
        before = self.sql("SELECT key, value, revision FROM plugin_state ORDER BY key")
        for row, value in rows:
            self.sql("UPDATE plugin_state SET value=? WHERE key=?", value[:-1] + bytes(
                [value[-1] ^ 1]), row)
        result, rows_by_unit = self.host.sync()
        self.assertEqual(result.code, 1)
        self.assertIn("data key", str(rows_by_unit) + result.err)
        doctor = self.host.run("doctor", "--state", as_json=True)
        self.assertIn("canary", [row["what"] for row in doctor.rows()])
        for row, value in rows:
            self.sql("UPDATE plugin_state SET value=? WHERE key=?", value, row)
        self.assertEqual(self.sql("SELECT key, value, revision FROM plugin_state ORDER BY key"),
                         before)


class BreakGlass(AuditTest):
    def test_one_key_comes_from_a_copy_and_the_audit_learns_of_it(self):
        copy = os.path.join(self.world.folder, "copy.db")
        with sqlite3.connect(self.store) as store, sqlite3.connect(copy) as out:
            store.backup(out)
        done = self.open_key("--key", guid(1, 102), "--reason", REASON, store=copy)
        self.assertEqual((done.returncode, done.stdout), (0, password(102) + "\n"), done.stderr)
        journal = self.host.key_file + ".journal"
        with open(journal, "rb") as source:
            blob = source.read()
        self.assertNotIn(REASON.encode(), blob)
        self.assertEqual(os.stat(journal).st_mode & 0o777, 0o600)
        rows = self.host.rows("audit", "--action", "shown")
        self.assertEqual(len(rows), 1)
        self.assertEqual((rows[0]["source"], rows[0]["key_id"], rows[0]["reason"]),
                         ("break-glass", guid(1, 102), REASON))
        self.assertFalse(os.path.exists(journal))
        self.assertEqual(self.verify(), (0, []))
        self.assertEqual(self.host.run("doctor", "--state").code, 0)

    def test_an_organization_comes_with_key_ids(self):
        done = self.open_key("--org", "Fernhill", "--reason", REASON)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(done.stdout.splitlines()),
                         sorted("%s %s" % (guid(1, n), password(n)) for n in range(101, 107)))
        self.assertEqual(len(self.host.rows("audit", "--action", "shown")), 6)

    def test_without_a_reason_or_with_another_key_file_nothing_is_shown(self):
        done = self.open_key("--key", guid(1, 102))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        other = self.world.host()
        done = self.open_key("--key", guid(1, 102), "--reason", "x", key_file=other.key_file)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertNotEqual(done.stderr, "")
        done = self.open_key("--key", guid(9, 9), "--reason", "x")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(self.host.rows("audit")[0]["result"], "refused")

    def test_who_reads_at_the_same_time_is_journaled_each(self):
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            done = list(pool.map(lambda n: self.open_key("--key", guid(1, n), "--reason", REASON),
                                 range(101, 107)))
        self.assertEqual([(d.returncode, d.stdout) for d in done],
                         [(0, password(n) + "\n") for n in range(101, 107)],
                         [d.stderr for d in done])
        rows = self.host.rows("audit", "--action", "shown")
        self.assertEqual(sorted(row["key_id"] for row in rows),
                         sorted(guid(1, n) for n in range(101, 107)))
        self.assertFalse(os.path.exists(self.host.key_file + ".journal"))

    def test_a_journal_in_use_is_left_to_who_uses_it(self):
        journal = self.host.key_file + ".journal"
        self.assertEqual(self.open_key("--key", guid(1, 102), "--reason", REASON).returncode, 0)
        with open(journal, "r+b") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.assertEqual(self.host.rows("audit"), [])
            self.assertIn("journal", [row["code"] for row in
                                      self.host.run("doctor", as_json=True).rows()])
            done = self.open_key("--key", guid(1, 103), "--reason", REASON)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("another bkey-open", done.stderr)
        self.assertEqual(len(self.host.rows("audit", "--action", "shown")), 1)
        self.assertFalse(os.path.exists(journal))

    def test_an_empty_journal_is_none(self):
        journal = self.host.key_file + ".journal"
        with open(os.open(journal, os.O_WRONLY | os.O_CREAT, 0o600), "wb"):
            pass
        self.assertEqual(self.host.rows("audit"), [])
        self.assertFalse(os.path.exists(journal))
        with open(os.open(journal, os.O_WRONLY | os.O_CREAT, 0o600), "wb"):
            pass
        self.assertEqual(self.open_key("--key", guid(1, 102), "--reason", REASON).returncode, 0)
        self.assertEqual(len(self.host.rows("audit", "--action", "shown")), 1)

    def test_a_store_put_back_gets_each_record_of_a_journal_once(self):
        # Read while all was down; the store that lies there afterwards is an older copy.
        saved = os.path.join(self.world.folder, "saved.db")
        journal = self.host.key_file + ".journal"
        self.host.ok("backup", "--out", saved)
        for number in (102, 103):
            self.assertEqual(self.open_key("--key", guid(1, number), "--reason",
                                           REASON).returncode, 0)
        with open(journal, "rb") as source:
            blob = source.read()
        self.host.ok("restore", saved)
        self.assertEqual(len(self.host.rows("audit", "--action", "shown")), 2)
        # As if the host had died before it removed what it had taken over.
        with open(os.open(journal, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as out:
            out.write(blob)
        self.assertEqual(len(self.host.rows("audit", "--action", "shown")), 2)
        self.assertFalse(os.path.exists(journal))
        activity = [row for row in self.host.rows("activity", "list")
                    if "break-glass" in str(row)]
        self.assertEqual(len(activity), 2)
        self.assertEqual(self.host.run("doctor", "--state").code, 0)

    def test_an_altered_journal_is_refused_and_kept(self):
        journal = self.host.key_file + ".journal"
        self.assertEqual(self.open_key("--key", guid(1, 102), "--reason", REASON).returncode, 0)
        self.assertEqual(self.open_key("--key", guid(1, 103), "--reason", REASON).returncode, 0)
        with open(journal, "r+b") as out:
            blob = bytearray(out.read())
            blob[40] ^= 1
            out.seek(0)
            out.write(blob)
        self.assertEqual(self.host.rows("audit"), [])
        self.assertTrue(os.path.exists(journal))
        doctor = self.host.run("doctor", as_json=True)
        self.assertIn("journal", [row["code"] for row in doctor.rows()])
        done = self.open_key("--key", guid(1, 102), "--reason", REASON)
        self.assertEqual((done.returncode, done.stdout), (1, ""))


if __name__ == "__main__":
    unittest.main()
