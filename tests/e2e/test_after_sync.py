# SPDX-License-Identifier: Apache-2.0
"""What people see of a device's keys after a sync, from the day that BitLocker is switched on: the
volumes, the origin, and how soon it is there."""

import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import TENANT, World, device, guid, key, password, tenant

SHOWS_WITHIN = "New data shows within 15 minutes after a sync ends."
DATES = ["2026-03-%02dT07:42:19Z" % day for day in range(1, 20)]


class AfterSync(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)

    def sync(self, host):
        result, rows = host.sync()
        self.assertEqual(0, result.code, result.err)
        return rows[TENANT]

    def keys_of(self, host, name):
        return {row["key_id"]: row for row in host.list("Fernhill", "--archived")
                if row["device"] == name} | {row["key_id"]: row for row in host.list("Fernhill")
                                             if row["device"] == name}

    def status(self, host, name):
        return [row for row in host.rows("status", "--org", "Fernhill") if row["device"] == name][0]

    def test_a_new_key_shows_when_the_sync_ends_and_people_are_told_so(self):
        # S1.97
        one = device(1)
        sim, host, _ = self.world.connected([key(1, one)], [one])
        told = host.ok("sync")
        self.assertIn(SHOWS_WITHIN, told.out + told.err)
        self.assertNotIn(SHOWS_WITHIN, host.ok("sync", "--dry-run").err)
        host.serve()
        sim.event(type="add_key", key=key(2, one, DATES[12]))
        status, answer = host.api("POST", "/api/v1/tenants/%s/sync" % TENANT)
        self.assertEqual((status, answer["data"]["note"]), (202, SHOWS_WITHIN))
        deadline = time.monotonic() + 60
        while not host.rows("sync", "log", "--limit", "1")[0]["key_reads"] \
                and time.monotonic() < deadline:
            time.sleep(0.2)
        newest = host.rows("sync", "log", "--limit", "1")[0]
        self.assertEqual((newest["result"], newest["created"]), ("done", 1))
        # No page has to grow old first: the next look has it, however it is looked at.
        self.assertIn(guid(1, 2), self.keys_of(host, "PC-001"))
        listed = host.api("GET", "/api/v1/passwords?org=Fernhill")[1]["data"]
        self.assertIn(guid(1, 2), [row["username"] for row in listed])

    def test_a_key_is_shown_as_escrowed_with_its_origin(self):
        # S2.2: the one is managed by Intune, the other is known to the directory alone.
        one, other = device(1), device(2)
        objects = [{"id": guid(4, n), "deviceId": d["azureADDeviceId"],
                    "displayName": d["deviceName"], "operatingSystem": "Windows",
                    "trustType": "AzureAd"} for n, d in enumerate((one, other), 1)]
        data = tenant([key(1, one), key(2, other)], [one])
        data["devices"] = objects
        sim, host = self.world.sim([data]), self.world.host()
        host.organization("Fernhill", [one])
        self.assertEqual(0, host.connect(sim, ["Fernhill"], data).code)
        self.sync(host)
        row = self.status(host, "PC-001")
        self.assertEqual((row["status"], row["origin"]), ("Escrowed", "intune"))
        self.assertIn("escrowed to Microsoft Entra", row["text"])
        waiting = host.rows("status", "--unmatched")
        self.assertEqual([(r["device"], r["origin"]) for r in waiting], [("PC-002", "entra")])
        shown = host.ok("status", "--org", "Fernhill").out
        self.assertIn("intune", shown)

    def test_a_key_comes_with_encryption_and_more_join_its_device(self):
        # S2.5
        one = device(1)
        one["isEncrypted"] = False
        sim, host, _ = self.world.connected([], [one])
        self.sync(host)
        self.assertEqual(self.status(host, "PC-001")["status"], "Not Available")
        self.assertEqual(self.keys_of(host, "PC-001"), {})
        sim.event(type="rename_device", id=one["id"], fields={"isEncrypted": True})
        self.sync(host)
        self.assertEqual(self.status(host, "PC-001")["status"], "Pending")
        for number in (1, 2, 3):
            sim.event(type="add_key", key=key(number, one, DATES[number]))
            self.sync(host)
            row = self.status(host, "PC-001")
            self.assertEqual((row["status"], row["keys"]), ("Escrowed", number))
            self.assertEqual(set(self.keys_of(host, "PC-001")),
                             {guid(1, n) for n in range(1, number + 1)})
        self.assertEqual(len(host.rows("status", "--org", "Fernhill")), 1)
        for number in (1, 2, 3):
            shown = host.ok("reveal", guid(1, number), "--reason", "drill").out
            self.assertEqual(shown, password(number) + "\n")

    def test_volumes_are_told_apart_and_supersede_only_their_own_kind(self):
        # S3.1
        one = device(1)
        volumes = {1: ("operatingSystemVolume", "os"), 2: ("fixedDataVolume", "fixed"),
                   3: ("removableDataVolume", "removable")}
        sim, host, _ = self.world.connected(
            [key(n, one, DATES[n], volume=words[0]) for n, words in volumes.items()], [one])
        self.sync(host)
        rows = self.keys_of(host, "PC-001")
        self.assertEqual({n: rows[guid(1, n)]["volume"] for n in volumes},
                         {n: words[1] for n, words in volumes.items()})
        self.assertEqual({row["state"] for row in rows.values()}, {"current"})
        sim.event(type="add_key", key=key(4, one, DATES[10], volume="fixedDataVolume"))
        sim.event(type="add_key", key=key(5, one, DATES[11]))
        self.sync(host)
        rows = self.keys_of(host, "PC-001")
        self.assertEqual({n: rows[guid(1, n)]["state"] for n in range(1, 6)},
                         {1: "superseded", 2: "current", 3: "current", 4: "current",
                          5: "current"})
        self.assertEqual([n for n in range(1, 6) if rows[guid(1, n)]["archived"]], [1])


if __name__ == "__main__":
    unittest.main()
