# SPDX-License-Identifier: Apache-2.0
"""What the source really says of devices, by the real programs: deleted and restored ones, the guard
that clean-up scripts ask, escrow status, and tenants without Intune."""

import os
import sqlite3
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import ALL_SCOPES, TENANT, World, device, guid, key, password, tenant
from test_main_job import dump

MANY_COMMANDS = True

REPORT = ALL_SCOPES.split() + ["DeviceManagementConfiguration.Read.All"]


def directory(devices, trust="AzureAd"):
    """The devices as Entra lists them."""
    return [{"id": guid(4, number), "deviceId": one["azureADDeviceId"],
             "displayName": one["deviceName"], "operatingSystem": "Windows", "trustType": trust}
            for number, one in enumerate(devices, 1)]


class TruthTest(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)

    def synced(self, keys, devices, objects=None, **more):
        objects = directory(devices) if objects is None else objects
        data = tenant(keys, devices, **more)
        data["devices"] = objects
        sim = self.world.sim([data])
        host = self.world.host()
        host.organization("Fernhill", devices)
        answer = host.connect(sim, ["Fernhill"], data)
        self.assertEqual(0, answer.code, answer.err)
        self.sync(host)
        return sim, host, data

    def sync(self, host):
        result, rows = host.sync()
        self.assertEqual(0, result.code, result.err)
        return rows[TENANT]

    def reveal(self, host, number):
        return host.run("reveal", guid(1, number), "--reason", "drill").out.strip()

    def guard(self, host, name):
        result = host.run("device", "safe-to-delete", name, as_json=True)
        return result.code, result.err

    def status(self, host, organization="Fernhill"):
        rows = host.rows("status", "--org", organization)
        self.assertEqual([row["device"] for row in rows], sorted(row["device"] for row in rows))
        return {row["device"]: row for row in rows}

    def test_a_clean_up_of_twenty_devices_loses_no_key(self):
        # D3 S3.49 S1.73: the three whose key Microsoft did not give are the three noes.
        devices = [device(n) for n in range(1, 25)]
        without = (4, 9, 15)
        keys = [key(n, devices[n - 1], secret="" if n in without else None)
                for n in range(1, 25)]
        sim, host, _ = self.synced(keys, devices)
        answers = {n: self.guard(host, "PC-%03d" % n) for n in range(1, 21)}
        self.assertEqual({n for n in answers if answers[n][0] != 0}, set(without))
        for n in without:
            self.assertIn("keys-not-held", answers[n][1])
        for n in range(1, 21):
            sim.event(type="delete_object", id=guid(4, n))
        self.sync(host)
        rows = self.status(host)
        self.assertEqual({rows["PC-%03d" % n]["state"] for n in range(1, 21)}, {"soft-deleted"})
        self.assertEqual({rows["PC-%03d" % n]["days_left"] for n in range(1, 21)}, {30})
        self.assertEqual({rows["PC-%03d" % n]["state"] for n in range(21, 25)}, {"listed"})
        for n in range(1, 21):
            sim.event(type="destroy_object", id=guid(4, n))
        self.sync(host)
        rows = self.status(host)
        self.assertEqual({rows["PC-%03d" % n]["state"] for n in range(1, 21)}, {"hard-deleted"})
        for n in range(1, 25):
            shown = self.reveal(host, n)
            self.assertEqual(shown, "" if n in without else password(n))
        self.assertEqual([row for row in host.list("Fernhill") if row["archived"]], [])
        told = [row for row in host.activity() if "for good" in str(row)]
        self.assertEqual(len(told), 20)

    def test_a_403_or_half_a_list_changes_nothing(self):
        # D3 S1.73
        devices = [device(n) for n in range(1, 6)]
        keys = [key(n, devices[n - 1]) for n in range(1, 6)]
        sim, host, _ = self.synced(keys, devices)
        before = dump(host)
        faults = [{"route": "recovery_keys_list", "status": 403},
                  {"route": "recovery_keys_list", "skip": 1, "cut_body": True},
                  {"route": "devices", "skip": 1, "cut_body": True},
                  {"route": "devices", "reset": True},
                  {"route": "encryption_states", "status": 500}]
        sim.switch(page_size=2, directory_page_size=2)
        for rule in faults:
            sim.fault(count=-1, **rule)
            host.sync()
            sim.clear_faults()
            self.assertEqual(dump(host), before, rule)

    def test_a_lost_permission_is_no_deletion(self):
        # D3: the directory's permission goes, and with it any word on what was deleted.
        devices = [device(1), device(2)]
        sim, host, _ = self.synced([key(1, devices[0]), key(2, devices[1])], devices)
        sim.event(type="destroy_object", id=guid(4, 1))
        sim.fault(route="devices", status=403, count=-1)
        self.sync(host)
        answer = host.json("status", "--org", "Fernhill")
        self.assertEqual({row["state"] for row in answer}, {"listed"})
        self.assertEqual(self.reveal(host, 1), password(1))
        self.assertEqual(self.sync(host)["store_changes"], 0)

    def test_a_restored_device_is_listed_again(self):
        devices = [device(1)]
        sim, host, _ = self.synced([key(1, devices[0])], devices)
        sim.event(type="delete_object", id=guid(4, 1))
        self.sync(host)
        self.assertEqual(self.status(host)["PC-001"]["state"], "soft-deleted")
        sim.event(type="restore_object", id=guid(4, 1))
        self.sync(host)
        self.assertEqual(self.status(host)["PC-001"]["state"], "listed")
        self.assertEqual(self.sync(host)["store_changes"], 0)

    def test_each_status_has_its_reason(self):
        # S2.24 S2.25 S2.26 S2.27 S2.28 S3.47 S3.9 S3.10
        devices = [device(n) for n in range(1, 6)]
        devices[1]["encryptionState"] = {"advancedBitLockerStates": "recoveryKeyBackupFailed"}
        devices[2]["encryptionState"] = {"advancedBitLockerStates": "networkError,tpmNotReady"}
        devices[3]["isEncrypted"] = False
        objects = directory(devices, "ServerAd")
        sim, host, _ = self.synced([key(1, devices[0]), key(2, devices[1])], devices, objects,
                                   scopes=REPORT)
        rows = self.status(host)
        self.assertEqual({name: (row["status"], row["reason"]) for name, row in rows.items()},
                         {"PC-001": ("Escrowed", "held"), "PC-002": ("Failed", "backup-failed"),
                          "PC-003": ("Failed", "no-network"),
                          "PC-004": ("Not Available", "not-encrypted"),
                          "PC-005": ("Pending", "no-key")})
        self.assertEqual({row["join"] for row in rows.values()}, {"hybrid"})
        self.assertEqual(self.guard(host, "PC-004")[0], 0)
        for name, why in (("PC-002", "backup-failed"), ("PC-005", "no-key")):
            code, said = self.guard(host, name)
            self.assertEqual(code, 1)
            self.assertIn(why, said)
        self.assertEqual(self.sync(host)["store_changes"], 0)

    def test_many_keys_of_one_device_are_a_warning(self):
        # S3.48
        devices = [device(1), device(2), device(3)]
        counts = {1: 149, 2: 150, 3: 200}
        keys = [key(n * 1000 + i, devices[n - 1], volume="fixedDataVolume")
                for n, count in counts.items() for i in range(count)]
        _, host, _ = self.synced(keys, devices)
        rows = self.status(host)
        self.assertEqual([rows["PC-%03d" % n]["warning"] for n in (1, 2, 3)],
                         ["", "many-keys", "key-limit-reached"])
        self.assertEqual([rows["PC-%03d" % n]["keys"] for n in (1, 2, 3)], [149, 150, 200])

    def test_a_tenant_without_intune_loses_nothing(self):
        devices = [device(1), device(2)]
        sim, host, _ = self.synced([key(1, devices[0]), key(2, devices[1])], devices, intune=False)
        self.assertEqual(self.sync(host)["unmatched"], 2)
        self.assertEqual(host.list("Fernhill"), [])
        waiting = host.rows("status", "--unmatched")
        self.assertEqual({row["device"] for row in waiting}, {"PC-001", "PC-002"})
        self.assertEqual({row["keys"] for row in waiting}, {1})
        sim.event(type="set_tenant", fields={"intune": True})
        self.sync(host)
        self.assertEqual(self.reveal(host, 1), password(1))
        self.assertEqual(len(self.status(host)), 2)

    def test_a_name_that_two_devices_have_is_no_answer(self):
        devices = [device(1, "TWIN", "SER-A"), device(2, "twin", "SER-B")]
        _, host, _ = self.synced([key(1, devices[0]), key(2, devices[1])], devices)
        code, said = self.guard(host, "Twin")
        self.assertEqual(code, 1)
        self.assertIn("2 devices", said)
        self.assertEqual(self.guard(host, guid(3, 1))[0], 0)
        self.assertEqual(self.guard(host, guid(4, 2))[0], 0)
        self.assertEqual(self.guard(host, "nobody")[0], 1)

    def test_the_guard_trusts_no_old_and_no_failed_sync(self):
        devices = [device(1)]
        sim, host, _ = self.synced([key(1, devices[0])], devices)
        self.assertEqual(self.guard(host, "PC-001")[0], 0)
        sim.fault(route="recovery_keys_list", status=403, count=-1)
        host.sync()
        code, said = self.guard(host, "PC-001")
        self.assertEqual(code, 1)
        self.assertIn("last-sync-failed", said)

    def change_store(self, host, statement, *values):
        database = sqlite3.connect(os.path.join(host.data, "store.db"))
        with database:
            changed = database.execute(statement, values).rowcount
        database.close()
        return changed

    def test_the_guard_wants_to_see_each_key(self):
        # D3: what is said of a key is no proof that it opens.
        devices = [device(1), device(2)]
        _, host, _ = self.synced([key(1, devices[0]), key(2, devices[1])], devices)
        self.assertEqual(self.guard(host, "PC-001")[0], 0)
        self.assertEqual(self.change_store(
            host, "delete from plugin_state where substr(key, 1, 1) = x'53'"), 2)
        code, said = self.guard(host, "PC-001")
        self.assertEqual(code, 1)
        self.assertIn("key-not-readable", said)

    def test_the_guard_does_not_guess_about_the_operating_system_volume(self):
        # D3 S3.1: a key of a data volume says nothing of the other one.
        devices = [device(1), device(2)]
        devices[0]["isEncrypted"] = None
        _, host, _ = self.synced([key(n, devices[n - 1], volume="fixedDataVolume")
                                  for n in (1, 2)], devices)
        for name, why in (("PC-001", "encryption-unknown"), ("PC-002", "no-key")):
            code, said = self.guard(host, name)
            self.assertEqual(code, 1, name)
            self.assertIn(why, said)

    def test_the_guard_trusts_no_sync_of_tomorrow(self):
        devices = [device(1)]
        _, host, _ = self.synced([key(1, devices[0])], devices)
        self.change_store(host, "update sync_log set ended_ms = ended_ms + 86400000")
        code, said = self.guard(host, "PC-001")
        self.assertEqual(code, 1)
        self.assertIn("not-fresh", said)

    def test_a_name_is_no_answer_either_when_the_other_device_is_hidden(self):
        # D3: a script that deletes by name deletes both, and nobody's key is not held.
        devices = [device(1, "TWIN", "SER-A"), device(2, "TWIN", "SER-B")]
        data = tenant([key(1, devices[0]), key(2, devices[1], secret="")], devices)
        data["devices"] = directory(devices)
        sim, host = self.world.sim([data]), self.world.host()
        host.organization("Fernhill", devices[:1])
        self.assertEqual(0, host.connect(sim, ["Fernhill"], data).code)
        self.sync(host)
        host.ok("user", "add", "ann", "--role", "editor", "--org", "Fernhill")
        by_name = host.run("--as", "ann", "device", "safe-to-delete", "TWIN")
        self.assertEqual(by_name.code, 1, by_name.out)
        self.assertIn("another device", by_name.err)
        self.assertEqual(
            host.run("--as", "ann", "device", "safe-to-delete", guid(3, 1)).code, 0)

    def test_the_guard_and_the_status_over_rest(self):
        devices = [device(1), device(2)]
        _, host, _ = self.synced([key(1, devices[0]), key(2, devices[1], secret="")], devices)
        host.ok("user", "add", "ann", "--role", "editor", "--org", "Fernhill")
        host.organization("Other")
        host.ok("user", "add", "bob", "--role", "editor", "--org", "Other")
        self.assertEqual(host.run("--as", "ann", "device", "safe-to-delete", "PC-001").code, 0)
        hidden = host.run("--as", "bob", "device", "safe-to-delete", "PC-001")
        self.assertEqual(hidden.code, 1)
        self.assertIn("no such device", hidden.err)
        self.assertEqual(host.run("--as", "bob", "status", "--org", "Fernhill").code, 1)
        host.serve()
        status, answer = host.api("GET", "/api/v1/devices/PC-001/safe-to-delete")
        self.assertEqual((status, answer["meta"]["safe"]), (200, True))
        status, answer = host.api("GET", "/api/v1/devices/PC-002/safe-to-delete")
        self.assertEqual((status, answer["error"]["details"]["safe"]), (409, False))
        listed = host.rows("org", "list")
        fernhill = [row["id"] for row in listed if row["name"] == "Fernhill"][0]
        status, answer = host.api("GET", "/api/v1/organizations/%s/status" % fernhill)
        self.assertEqual(status, 200)
        self.assertEqual({row["device"]: row["status"] for row in answer["data"]},
                         {"PC-001": "Escrowed", "PC-002": "Pending"})

    def test_a_configuration_that_is_gone_is_shown_so(self):
        # S1.78 S1.79
        devices = [device(1), device(2)]
        _, host, _ = self.synced([key(1, devices[0]), key(2, devices[1])], devices)
        rows = {row["name"]: row["id"] for row in host.rows("config", "list", "--org", "Fernhill")}
        host.ok("config", "delete", rows["PC-001"])
        self.sync(host)
        self.assertEqual(self.reveal(host, 1), password(1))
        shown = {row["device"]: row for row in host.list("Fernhill")}
        self.assertFalse(shown["PC-001"]["archived"])
        self.assertIn("configuration gone", str(shown["PC-001"]))
        self.assertNotIn("configuration gone", str(shown["PC-002"]))


if __name__ == "__main__":
    unittest.main()
