# SPDX-License-Identifier: Apache-2.0
"""Twelve tenants under one server: hourly by the clock, back-off that a restart remembers, one
tenant's trouble is its own, syncs on demand (S1.96, S1.98, S1.99, S2.56), dry runs, progress.
Hours pass by moving the due times in the store while the server is stopped."""

import http.client
import os
import sqlite3
import time
import unittest

import harness
from harness import guid

TENANTS = 12
HOUR = 3600000


class Many(unittest.TestCase):
    def setUp(self):
        self.world = harness.World()
        self.addCleanup(self.world.close)
        self.tenants = []
        for t in range(TENANTS):
            devices = [harness.device(t * 10 + i) for i in range(2)]
            keys = [harness.key(t * 10 + i, devices[i]) for i in range(2)]
            self.tenants.append(harness.tenant(keys, devices, tenant_id=guid(9, t + 1)))
        self.sim = self.world.sim(self.tenants)
        self.host = self.world.host()
        self.host.serve()
        for t, data in enumerate(self.tenants):
            self.host.organization("Org %d" % t, data["managedDevices"])
        self.host.stop()

    def connect_all(self):
        """While the server runs, as people do it."""
        for t, data in enumerate(self.tenants):
            answer = self.host.connect(self.sim, ["Org %d" % t], data)
            self.assertEqual(answer.code, 0, answer.err)

    def id(self, number):
        return self.tenants[number]["tenantId"]

    def break_tenants(self):
        """Three of them: answers nothing, server errors, credential withdrawn."""
        self.sim.fault(tenant=self.id(0), route="*", count=-1, latency_ms=3600000)
        self.sim.fault(tenant=self.id(1), route="token", count=-1, status=500)
        self.sim.fault(tenant=self.id(2), route="token", count=-1, error="token:50173")

    def log(self, connection=None):
        more = ["--connection", connection] if connection else []
        return self.host.rows("sync", "log", "--limit", "1000", *more)

    def wait(self, test, why):
        """Polls what the server says; gives up after a minute."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            found = test()
            if found:
                return found
        self.fail("waited in vain: " + why)

    def done(self):
        return {row["connection"] for row in self.log() if row["result"] == "done"}

    def wait_for_the_healthy(self):
        healthy = {self.id(t) for t in range(3, TENANTS)}
        self.wait(lambda: healthy <= self.done(), "the healthy ones are synced")

    def let_pass(self, milliseconds):
        database = sqlite3.connect(os.path.join(self.host.data, "store.db"))
        database.execute("update sync_log set next_due_ms = next_due_ms - ? where next_due_ms > 0",
                         (milliseconds,))
        database.commit()
        database.close()

    def metrics(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.host.port, timeout=30)
        connection.request("GET", "/metrics", headers={"Authorization": "Bearer " +
                                                       self.host.token})
        text = connection.getresponse().read().decode()
        connection.close()
        return dict(line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")

    def ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.host.port, timeout=30)
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    def assert_due(self, row, hours):
        wait = row["next_due_ms"] - row["ended_ms"]
        self.assertLessEqual(wait, hours * HOUR)
        self.assertGreaterEqual(wait, hours * HOUR * 0.9 - 1)

    def test_trouble_of_some_is_their_own(self):
        self.break_tenants()
        self.host.serve()
        self.connect_all()
        self.wait_for_the_healthy()
        refused = self.wait(lambda: [r for r in self.log(self.id(2)) if r["result"] != "done"],
                            "the withdrawn credential is told")
        self.assertEqual(self.ready(), 200, "a tenant's trouble is not the host's")
        for row in self.log():
            if row["connection"] in {self.id(t) for t in range(3, TENANTS)}:
                self.assert_due(row, 1)
                self.assertEqual((row["created"], row["failures_in_a_row"], row["reason"]),
                                 (2, 0, "clock"))
        self.assert_due(refused[0], 2)
        self.assertEqual(refused[0]["failures_in_a_row"], 1)
        hanging = [r for r in self.host.rows("sync", "status") if r["connection"] == self.id(0)]
        self.assertEqual(hanging[0]["state"], "running")
        self.assertGreaterEqual(int(self.metrics()["dochost_connections_failing"]), 1)
        start = time.monotonic()
        self.host.stop()
        self.assertLess(time.monotonic() - start, 20, "a stop cancels what hangs")

    def test_failures_double_the_wait_over_restarts_and_success_restores_it(self):
        self.sim.fault(tenant=self.id(2), route="token", count=-1, error="token:50173")
        self.host.serve()
        self.connect_all()
        self.wait(lambda: len(self.done()) == TENANTS - 1, "the others are synced")
        for round_number, hours in enumerate((2, 4, 8)):
            rows = self.wait(lambda n=round_number: [r for r in self.log(self.id(2))
                                                     if r["failures_in_a_row"] == n + 1],
                             "round %d" % round_number)
            self.assert_due(rows[0], hours)
            self.host.stop()
            self.host.serve()
            self.assertEqual(self.log(self.id(2))[0], rows[0], "a restart alone tries nothing")
            self.host.stop()
            self.let_pass(hours * HOUR)
            if hours == 8:
                self.sim.clear_faults()
            self.host.serve()
        rows = self.wait(lambda: [r for r in self.log(self.id(2)) if r["result"] == "done"],
                         "it is well again")
        self.assert_due(rows[0], 1)
        self.assertEqual(rows[0]["failures_in_a_row"], 0)
        healthy = self.wait(lambda: len(self.log(self.id(5))) >= 4 and self.log(self.id(5)),
                            "the others went on by the hour")
        self.assertEqual([r["result"] for r in healthy], ["done"] * len(healthy))
        self.assertEqual(self.sim.key_reads(), 2 * TENANTS, "each key was read once")

    def test_new_credential_and_changed_setting_are_tried_at_once(self):
        self.sim.fault(tenant=self.id(2), route="token", count=1, error="token:50173")
        self.host.serve()
        self.connect_all()
        self.wait(lambda: [r for r in self.log(self.id(2)) if r["result"] != "done"], "it fails")
        self.host.connect(self.sim, ["Org 2"], self.tenants[2])
        self.wait(lambda: [r for r in self.log(self.id(2)) if r["result"] == "done"],
                  "the new credential is tried")
        self.wait(lambda: len(self.done()) == TENANTS, "all are synced")
        self.host.ok("settings", "set", "sync_bitlocker_keys", "false")
        status, _ = self.host.api("POST", "/api/v1/tenants/%s/sync" % self.id(4))
        self.assertEqual(status, 202)
        self.wait(lambda: self.log(self.id(4))[0]["result"] == "refused", "it is switched off")
        self.host.ok("settings", "set", "sync_bitlocker_keys", "true")
        self.wait(lambda: self.log(self.id(4))[0]["result"] == "done", "it is tried at once")

    def test_sync_by_the_api_is_accepted_and_told(self):
        """S2.56"""
        self.host.serve()
        self.connect_all()
        self.wait(lambda: len(self.done()) == TENANTS, "all are synced")
        path = "/api/v1/tenants/%s/sync" % self.id(7)
        status, body = self.host.api("POST", path)
        self.assertEqual((status, body["data"]["connection"]), (202, self.id(7)))
        rows = self.wait(lambda: [r for r in self.host.api("GET", path)[1]["data"]
                                  if r["reason"] == "manual"], "it ran")
        self.assertEqual((rows[0]["result"], rows[0]["store_changes"], rows[0]["key_reads"]),
                         ("done", 0, 0))
        self.assertEqual(self.host.api("POST", "/api/v1/tenants/nobody/sync")[0], 404)
        names = [row["name"] for row in self.host.api("GET", "/api/v1/tenants")[1]["data"]]
        self.assertEqual(sorted(names), sorted("Org %d" % t for t in range(TENANTS)))
        self.host.ok("user", "add", "ed", "--role", "editor", "--all-orgs")
        token = self.host.ok("token", "add", "ed").out.strip()
        self.assertEqual(self.host.api("POST", path, token=token)[0], 403)
        self.host.stop()
        alone = self.host.run("sync", "queue", self.id(7))
        self.assertEqual(alone.code, 1)
        self.assertIn("No server", alone.err)

    def rows_of_the_store(self):
        database = sqlite3.connect(os.path.join(self.host.data, "store.db"))
        names = [r[0] for r in database.execute(
            "select name from sqlite_master where type='table' and name not like 'sqlite_%'"
            " and name not like 'passwords_text_%'")]
        found = {}
        for name in names:
            found[name] = sorted(map(repr, database.execute("select * from %s" % name)))
        # A renewed credential is kept, in a dry run too: the old one may be worth nothing now.
        renewed = [repr(r) for r in database.execute("select * from plugin_state where"
                                                     " substr(key, 1, 1) = cast('T' as blob)")]
        found["plugin_state"] = sorted(set(found["plugin_state"]) - set(renewed))
        del found["apply_ops"]
        found["meta"] = [row for row in found["meta"] if "'changes'" not in row]
        database.close()
        return found

    def test_server_that_has_synced_for_long_syncs_as_on_its_first_day(self):
        # More ticks than there is guarded memory for secrets: none of it may stay taken.
        self.host.serve()
        self.connect_all()
        for _ in range(7):
            for row in self.host.json("sync"):
                self.assertEqual(row["failed"], 0, row)
        self.host.ok("reveal", self.tenants[0]["recoveryKeys"][0]["id"], "--reason", "after long")

    def test_dry_run_shows_the_plan_and_writes_nothing(self):
        self.connect_all()
        before = self.rows_of_the_store()
        result, rows = self.host.sync("--dry-run")
        self.assertEqual(result.code, 0, result.err)
        self.assertEqual(self.rows_of_the_store(), before)
        self.assertEqual(self.sim.key_reads(), 0)
        for t in range(TENANTS):
            row = rows[self.id(t)]
            self.assertEqual((row["created"], row["key_reads"], row["store_changes"]), (2, 0, 0))
            self.assertEqual(sorted((p["organization"], p["device"], p["key_id"], p["action"])
                                    for p in row["plan"]),
                             sorted(("Org %d" % t, "PC-%03d" % (t * 10 + i), guid(1, t * 10 + i),
                                     "create") for i in range(2)))
        text = self.host.ok("sync", "--dry-run")
        self.assertIn("Nothing was written.", text.err)
        self.assertNotIn("change_counter", text.out)
        _, real = self.host.sync()
        self.assertEqual([real[self.id(t)]["created"] for t in range(TENANTS)], [2] * TENANTS)
        _, rows = self.host.sync("--dry-run")
        self.assertEqual([row["plan"] for row in rows.values()], [[]] * TENANTS)

    def test_progress_is_told_in_plain_lines_also_by_a_server(self):
        self.connect_all()
        alone = self.host.ok("sync", "--connection", "Org 1")
        self.assertIn("Org 1: reading keys: 2 of 2\n", alone.err)
        self.host.serve()
        self.wait(lambda: len(self.done()) == TENANTS, "all are synced")
        served = self.host.ok("sync", "--connection", "Org 2")
        self.assertIn("Org 2: ", served.err)
        many = self.host.ok("sync")
        self.assertIn("has ended: %d of %d\n" % (TENANTS, TENANTS), many.err)


if __name__ == "__main__":
    unittest.main()
