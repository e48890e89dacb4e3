# SPDX-License-Identifier: Apache-2.0
"""The permission doctor and the preflight on real programs: broken set-ups and what is said of
each, what a refused sync leaves alone, and the switch that turns key sync on."""

import json
import os
import shutil
import sqlite3
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import ALL_SCOPES, PLUGIN, TENANT, World, device, guid, key, tenant

MANY_COMMANDS = True

HELPDESK = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
KEYS = "BitlockerKey.Read.All"
BASIC = "BitlockerKey.ReadBasic.All"
DEVICES = "DeviceManagementManagedDevices.Read.All"
EXTRA = ALL_SCOPES + " Policy.Read.All LicenseAssignment.Read.All"
SKU = {"accountId": TENANT, "appliesTo": "User", "capabilityStatus": "Enabled",
       "id": TENANT + "_cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46", "skuPartNumber": "SPB",
       "skuId": "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46", "servicePlans": [
           {"servicePlanId": "c1ec4a95-1f05-45b3-a911-aa3fa01094f5", "appliesTo": "User",
            "servicePlanName": "INTUNE_A", "provisioningStatus": "Success"}]}


def sku(**changes):
    """A subscription whose only plan, or itself, is otherwise than it should be."""
    row = json.loads(json.dumps(SKU))
    row.update({name: value for name, value in changes.items() if name in row})
    row["servicePlans"][0].update({name: value for name, value in changes.items()
                                   if name in row["servicePlans"][0]})
    return row


def setting(name, value):
    return lambda sim, host: host.ok("settings", "set", name, value)


def facts(**fields):
    return lambda sim, host: sim.event(type="set_tenant", fields=fields)


def refusal(number):
    return lambda sim, host: sim.fault(route="token", error="token:%d" % number, count=-1)


def fault(**rule):
    return lambda sim, host: sim.fault(count=-1, **rule)


def switch(**switches):
    return lambda sim, host: sim.switch(**switches)


def skus(*rows):
    return lambda sim, host: sim.event(type="set_skus", skus=list(rows))


def both(*steps):
    return lambda sim, host: [step(sim, host) for step in steps]


# (what is broken, how, codes in their order, words that the lines must have)
ROWS = [
    ("the add-on has ended", setting("entitlement.network_glue", "expired"), ["add-on"],
     ["account owner"]),
    ("the box is off", setting("sync_bitlocker_keys", "false"), ["keys-off"],
     ["sync_bitlocker_keys", "manager"]),
    ("Intune sync is off", setting("sync_intune_devices", "false"), ["intune-off"],
     ["sync_intune_devices"]),
    ("contacts are not selected", setting("sync_contacts", "false"), ["contacts-off"],
     ["sync_contacts"]),
    ("no licence type is selected", setting("licence_types", ""), ["licences-off"],
     ["licence_types"]),
    ("the permission is of another type", setting("accepted_grants", "application"),
     ["permission-type"], ["accepted_grants", "delegated"]),
    ("no permission for devices", facts(scopes=[KEYS]), ["permission-devices"], [DEVICES]),
    ("no permission for keys", facts(scopes=[DEVICES]),
     ["permission-key-list", "permission-key-read"], [BASIC, KEYS]),
    ("keys may be listed, not read", facts(scopes=[DEVICES, BASIC]), ["permission-key-read"],
     [KEYS, "Microsoft administrator"]),
    ("no directory role", facts(wids=[]), ["directory-role"], ["Security Reader", KEYS]),
    ("no Intune licence", facts(intune=False), ["no-intune"], ["Intune", "directory"]),
    ("no Intune licence and no directory", facts(intune=False, scopes=[KEYS, DEVICES]),
     ["no-devices"], ["Device.Read.All"]),
    ("Intune refuses what is granted", fault(route="managed_devices", error="intune_403"),
     ["intune-role"], [DEVICES]),
    ("the sign-in was revoked", refusal(50173), ["sign-in"], ["AADSTS50173", "connect"]),
    ("a second factor is asked for", refusal(50076), ["sign-in"], ["second factor"]),
    ("no consent", facts(consented=False), ["consent"], ["AADSTS65001", "consent"]),
    ("conditional access", refusal(53003), ["policy"], ["conditional access"]),
    ("the app's secret has ended", refusal(7000222), ["app-credential"], ["secret has expired"]),
    ("the app's secret is wrong", refusal(7000215), ["app-credential"], ["secret is wrong"]),
    ("the tenant is unknown", refusal(90002), ["tenant"], ["tenant"]),
    ("the tenant is in another cloud", refusal(90038), ["tenant"], ["clouds"]),
    ("the GDAP relationship has ended", refusal(50020), ["tenant"], ["GDAP"]),
    ("the partner is not authorised", refusal(90099), ["consent"], ["partner"]),
    ("the sign-in service is busy", refusal(90055), ["throttled"], ["slow down"]),
    ("a number that nobody knows", refusal(1234567), None, ["AADSTS1234567"]),
    ("the clock is wrong", switch(clock_skew_s=-1000), ["clock-skew"], ["1000 seconds ahead"]),
    ("the clock is behind", switch(clock_skew_s=4000), ["clock-skew"], ["seconds behind"]),
    ("tokens live for five minutes", switch(token_lifetime_s=300), ["token-short"],
     ["300 seconds"]),
    ("a proxy drops the User-Agent", fault(route="recovery_keys_list", status=400),
     ["user-agent"], ["User-Agent", "proxy"]),
    ("the list of keys fails", fault(route="recovery_keys_list", status=503), ["remote-fault"],
     ["service"]),
    ("the list of devices is cut", fault(route="managed_devices", reset=True), ["network"],
     ["Microsoft could not be reached"]),
    ("users may not read their keys",
     both(facts(scopes=EXTRA.split(), allowedToReadBitlockerKeysForOwnedDevice=False),
          skus(SKU)), ["self-service"], ["is false"]),
    ("users may read their keys", both(facts(scopes=EXTRA.split()), skus(SKU)),
     ["self-service"], ["is true"]),
    ("no subscription at all", both(facts(scopes=EXTRA.split()), skus()),
     ["no-licence", "self-service"], ["licence_types"]),
    ("a subscription of another plan that is named like a good one",
     both(facts(scopes=EXTRA.split()), skus(sku(servicePlanName="INTUNE_O365"))),
     ["no-licence", "self-service"], []),
    ("the plan is switched off",
     both(facts(scopes=EXTRA.split()), skus(sku(provisioningStatus="Disabled"))),
     ["no-licence", "self-service"], []),
    ("the subscription is suspended",
     both(facts(scopes=EXTRA.split()), skus(sku(capabilityStatus="Suspended"))),
     ["no-licence", "self-service"], []),
    ("a good plan in a subscription of any name",
     both(facts(scopes=EXTRA.split()), skus(sku(skuPartNumber="WHATEVER"))),
     ["self-service"], []),
    ("much at once",
     both(setting("sync_intune_devices", "false"), setting("licence_types", ""),
          setting("sync_contacts", "false"), facts(scopes=[DEVICES]), switch(clock_skew_s=9000)),
     ["intune-off", "contacts-off", "licences-off", "permission-key-list",
      "permission-key-read", "clock-skew"], []),
]
NOTES = {"self-service"}
# What test_contacts.py is about: nearly every set-up here lacks the permission for users.
ELSEWHERE = {"no-contacts"}


class Doctor(unittest.TestCase):
    """D9, S1.9 - S1.18, S1.108, S3.35, S3.38"""

    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.devices = [device(1), device(2)]
        self.keys = [key(1, self.devices[0]), key(2, self.devices[1])]
        self.sim, self.host, self.data = self.world.connected(self.keys, self.devices)

    def heal(self):
        self.sim.clear_faults()
        self.sim.switch(clock_skew_s=0, token_lifetime_s=0)
        self.sim.event(type="set_tenant", fields={
            "scopes": ALL_SCOPES.split(), "wids": [HELPDESK], "intune": True, "consented": True,
            "allowedToReadBitlockerKeysForOwnedDevice": True})
        self.host.ok("settings", "set", "entitlement.network_glue", "active")
        for name, value in (("sync_intune_devices", "true"), ("sync_contacts", "true"),
                            ("licence_types", "INTUNE_A"), ("accepted_grants", "delegated"),
                            ("sync_bitlocker_keys", "true")):
            self.host.ok("settings", "set", name, value)

    def doctor(self):
        return self.host.run("doctor", as_json=True)

    def rows(self):
        """Exit code and findings."""
        result = self.doctor()
        return result.code, [row for row in result.json() if row["code"] not in ELSEWHERE]

    def check_row(self, codes, words):
        result = self.doctor()
        rows = [row for row in result.json() if row["code"] not in ELSEWHERE]
        if codes is not None:
            self.assertEqual([row["code"] for row in rows], codes, rows)
        problems = [row for row in rows if row["code"] not in NOTES]
        self.assertEqual(result.code, 1 if problems else 0, result.err)
        for row in rows:
            self.assertEqual(set(row), {"connection", "code", "what", "hides", "who", "severity"})
            self.assertEqual(row["connection"], TENANT)
            self.assertTrue(row["what"].endswith((".", ")")), row)
        told = json.dumps(rows)
        for word in words:
            self.assertIn(word, told)

    def test_organizations_that_are_merged_or_deleted(self):
        """S1.17: a connection follows a merge, and says what is gone."""
        host = self.host
        for name in ("Old", "New", "Gone"):
            host.ok("org", "add", name)
        machine = device(7)
        host.configuration("Old", machine)
        self.sim.stop()
        data = tenant([key(7, machine)], [machine])
        self.sim = self.world.sim([data])
        self.assertEqual(host.connect(self.sim, ["Old", "Gone"], data).code, 0)
        host.ok("org", "merge", "Old", "New")
        self.assertEqual(host.sync()[0].code, 0)
        self.assertEqual(len(host.list("New")), 1)
        self.assertTrue([row for row in host.activity("updated")
                         if "merged into another one" in json.dumps(row)])
        self.assertEqual(host.sync()[1][TENANT]["store_changes"], 0)
        self.assertEqual(self.rows(), (0, []))
        host.ok("org", "delete", "Gone")
        code, rows = self.rows()
        self.assertEqual((code, [row["code"] for row in rows]), (1, ["organization-gone"]))
        self.assertIn("1 organization of this host that no longer exists.", rows[0]["what"])
        self.assertIn("connect the tenant again", rows[0]["who"])
        _, synced = host.sync()
        self.assertEqual(synced[TENANT]["store_changes"], 0)
        self.assertIn("no longer exist: connect again", synced[TENANT]["summary"])
        self.assertEqual(host.connect(self.sim, ["New"], data).code, 0)
        self.assertEqual(self.rows(), (0, []))

    def test_each_broken_set_up_has_its_diagnosis(self):
        self.assertGreaterEqual(len({row[0] for row in ROWS}), 20)
        self.assertEqual(self.rows(), (0, []))
        for name, breaks, codes, words in ROWS:
            with self.subTest(name):
                self.sim.call("POST", "/_sim/switches", {"clock_skew_s": 0})
                self.heal()
                breaks(self.sim, self.host)
                self.check_row(codes, words)
        self.heal()
        self.assertEqual(self.rows(), (0, []))
        self.assertEqual(self.sim.key_reads(), 0)

    def test_text_output_has_one_line_for_each_problem(self):
        self.sim.event(type="set_tenant", fields={"scopes": [DEVICES]})
        result = self.host.run("doctor")
        lines = result.out.splitlines()
        self.assertEqual((result.code, len(lines)), (1, 4))
        self.assertIn("CODE", lines[0])
        for word in (TENANT, "permission-key-list", BASIC, "Microsoft administrator"):
            self.assertIn(word, lines[1])

    def test_unreachable_microsoft_is_told(self):
        self.sim.stop()
        self.assertEqual([row["code"] for row in self.doctor().json()], ["network"])

    def test_no_connection_is_told(self):
        # S1.9
        host = self.world.host()
        result = host.run("doctor", as_json=True)
        self.assertEqual(result.code, 1)
        self.assertEqual([(row["connection"], row["code"]) for row in result.json()],
                         [("", "integration")])
        self.assertIn("Microsoft integration", result.json()[0]["what"])
        refused = host.run("sync")
        self.assertEqual(refused.code, 1)
        self.assertIn("Microsoft integration", refused.err)

    def test_one_tenants_trouble_is_its_own(self):
        # S1.108
        other = tenant([key(3, device(3))], [device(3)], guid(9, 1), wids=[])
        sim = self.world.sim([other])
        self.host.organization("Other", [device(3)])
        self.assertEqual(self.host.connect(sim, ["Other"], other).code, 0)
        rows = self.rows()[1]
        self.assertEqual([(row["connection"], row["code"]) for row in rows],
                         [(guid(9, 1), "directory-role")])
        _, synced = self.host.sync()
        self.assertEqual(synced[TENANT]["outcome"], "done")
        self.assertEqual(synced[guid(9, 1)]["outcome"], "refused")
        self.assertIn("directory role", synced[guid(9, 1)]["summary"])

    def test_a_check_writes_nothing_that_is_documented(self):
        self.host.sync()
        before = documented(self.host)
        reads = self.sim.key_reads()
        self.doctor()
        self.assertEqual(documented(self.host), before)
        self.assertEqual(self.sim.key_reads(), reads)
        self.assertEqual(self.host.ok("doctor", "--state").code, 0)


def documented(host):
    database = sqlite3.connect("file:%s?mode=ro" % os.path.join(host.data, "store.db"), uri=True)
    rows = {name: database.execute("select * from %s order by 1" % name).fetchall()
            for name in ("organizations", "configurations", "folders", "categories", "passwords",
                         "activity", "sync_log")}
    database.close()
    return rows


class Refusals(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.devices = [device(1), device(2)]
        self.keys = [key(1, self.devices[0]), key(2, self.devices[1])]
        self.sim, self.host, self.data = self.world.connected(self.keys, self.devices)

    def paths(self):
        return [json.dumps(row) for row in self.sim.requests()["requests"]]

    def records(self):
        rows = documented(self.host)
        return {name: rows[name] for name in ("folders", "passwords", "configurations")}

    def test_without_the_add_on_not_one_request_is_made(self):
        # S1.5 S1.83
        self.host.ok("settings", "set", "entitlement.network_glue", "absent")
        result, _ = self.host.sync()
        self.assertEqual(result.code, 1)
        self.assertIn("add-on", result.err)
        self.assertEqual(self.host.run("doctor").code, 1)
        self.assertEqual([path for path in self.paths() if "/_sim/" not in path], [])
        self.assertEqual(self.records()["passwords"], [])
        self.assertEqual(self.records()["folders"], [])

    def test_with_the_box_off_no_key_request_is_made(self):
        # S1.13
        self.host.ok("settings", "set", "sync_bitlocker_keys", "false")
        result, _ = self.host.sync()
        self.assertEqual(result.code, 1)
        self.host.run("doctor")
        self.assertEqual([path for path in self.paths() if "recoveryKeys" in path], [])

    def test_everything_that_is_missing_is_told_at_once_in_order(self):
        # S1.12 S1.15 S1.17 S1.18: of the settings and of the token
        for name, value in (("sync_intune_devices", "false"), ("sync_contacts", "false"),
                            ("licence_types", ""), ("sync_bitlocker_keys", "false")):
            self.host.ok("settings", "set", name, value)
        self.sim.event(type="set_tenant", fields={"scopes": "User.Read"})
        before = self.records()
        result, rows = self.host.sync()
        self.assertEqual(result.code, 1)
        summary = rows[TENANT]["summary"]
        places = [summary.find(word) for word in
                  ("sync_bitlocker_keys", "sync_intune_devices", "sync_contacts",
                   "licence_types", DEVICES, BASIC, KEYS)]
        self.assertEqual(places, sorted(places), summary)
        self.assertGreater(places[0], 0)
        self.assertTrue(summary.endswith("."), summary)
        self.assertEqual(self.records(), before)
        # S1.15: it heals by itself
        for name, value in (("sync_intune_devices", "true"), ("sync_contacts", "true"),
                            ("licence_types", "INTUNE_A")):
            self.host.ok("settings", "set", name, value)
        self.sim.event(type="set_tenant", fields={"scopes": ALL_SCOPES})
        self.host.ok("settings", "set", "sync_bitlocker_keys", "true")
        _, rows = self.host.sync()
        self.assertEqual(rows[TENANT]["created"], 2)

    def test_a_withdrawn_permission_stops_the_sync_with_its_name(self):
        # S1.10
        self.host.sync()
        before = self.records()
        self.sim.event(type="add_key", key=key(9, self.devices[0]))
        self.sim.event(type="set_tenant", fields={"scopes": [DEVICES, BASIC]})
        result, rows = self.host.sync()
        self.assertEqual((result.code, rows[TENANT]["outcome"]), (1, "refused"))
        self.assertIn(KEYS, rows[TENANT]["summary"])
        self.assertEqual(self.records(), before)

    def test_a_permission_withdrawn_in_the_middle_stops_the_sync_with_its_name(self):
        # S1.10: the token still names it
        self.host.sync()
        before = self.records()
        self.sim.event(type="add_key", key=key(9, self.devices[0]))
        self.sim.fault(route="recovery_key_get_secret", error="bitlocker_403", count=-1)
        self.sim.fault(route="batch", status=400, count=-1)
        result, rows = self.host.sync()
        self.assertEqual((result.code, rows[TENANT]["outcome"]), (1, "refused"))
        self.assertIn(KEYS, rows[TENANT]["summary"])
        self.assertEqual(self.records(), before)

    def test_a_new_integration_without_the_permission_is_on_and_says_so(self):
        # S1.24 S1.25
        value = self.host.rows("settings", "get", "sync_bitlocker_keys")[0]["value"]
        self.assertEqual(value, "true")
        self.sim.event(type="set_tenant", fields={"scopes": [DEVICES, BASIC]})
        result, rows = self.host.sync()
        self.assertEqual((result.code, rows[TENANT]["outcome"]), (1, "refused"))
        self.assertIn("Microsoft has not granted the permission " + KEYS, rows[TENANT]["summary"])


class Switch(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.devices = [device(1)]
        self.sim, self.host, self.data = self.world.connected([key(1, self.devices[0])],
                                                              self.devices)

    def set(self, value):
        return self.host.run("settings", "set", "sync_bitlocker_keys", value)

    def value(self):
        return self.host.rows("settings", "get", "sync_bitlocker_keys")[0]["value"]

    def test_switching_on_waits_for_the_permission(self):
        # S1.10 S1.23
        self.assertEqual(self.set("false").code, 0)
        self.sim.event(type="set_tenant", fields={"scopes": [DEVICES, BASIC]})
        refused = self.set("true")
        self.assertEqual((refused.code, self.value()), (1, "false"))
        self.assertIn(KEYS, refused.err)
        self.sim.event(type="set_tenant", fields={"scopes": ALL_SCOPES})
        self.assertEqual((self.set("true").code, self.value()), (0, "true"))

    def test_switching_on_is_refused_while_microsoft_cannot_be_asked(self):
        self.assertEqual(self.set("false").code, 0)
        self.sim.stop()
        refused = self.set("true")
        self.assertEqual((refused.code, self.value()), (1, "false"))
        self.assertIn("could not be reached", refused.err)

    def test_one_tenant_that_has_the_permission_is_enough(self):
        # S1.108
        other = tenant([], [], guid(9, 1), scopes=[DEVICES])
        sim = self.world.sim([other])
        self.host.organization("Other")
        self.assertEqual(self.host.connect(sim, ["Other"], other).code, 0)
        self.assertEqual(self.set("false").code, 0)
        self.assertEqual((self.set("true").code, self.value()), (0, "true"))

    def test_switched_off_keeps_records_and_shows_since_when(self):
        # S1.26
        self.host.sync()
        before = documented(self.host)["passwords"]
        self.set("false")
        self.assertEqual(self.host.run("sync").code, 1)
        self.assertEqual(documented(self.host)["passwords"], before)
        shown = self.host.ok("folder", "list", "--org", "Fernhill")
        self.assertRegex(shown.out, r"not being updated since 20\d\d-\d\d-\d\dT")
        row = self.host.list("Fernhill")[0]
        self.assertRegex(row["badges"][0], r"not being updated since 20\d\d-\d\d-\d\dT")
        again = self.host.list("Fernhill")[0]["badges"]
        self.set("false")
        self.assertEqual(self.host.list("Fernhill")[0]["badges"], again)
        self.set("true")
        self.assertNotIn("not being updated", self.host.ok("folder", "list", "--org",
                                                           "Fernhill").out)

    def test_an_integration_from_before_the_feature_is_off(self):
        # S1.22 S1.23: the plugin that is updated did not have the setting
        folder = os.path.join(self.world.folder, "older")
        os.mkdir(folder)
        library = shutil.copy(PLUGIN, folder)
        manifest_path = os.path.join(os.path.dirname(PLUGIN), "manifest.json")
        with open(manifest_path, encoding="utf-8") as file:
            manifest = json.load(file)
        manifest["settings"] = [one for one in manifest["settings"]
                                if one["key"] != "sync_bitlocker_keys"]
        with open(os.path.join(folder, "manifest.json"), "w", encoding="utf-8") as out:
            json.dump(manifest, out)
        host = self.world.host(plugin=library)
        host.organization("Fernhill", self.devices)
        self.assertEqual(host.connect(self.sim, ["Fernhill"], self.data).code, 0)
        fresh = self.world.host(plugin=library)
        for one, value in ((host, "false"), (fresh, "true")):
            one.ok("plugin", "add", PLUGIN)
            self.assertEqual(one.rows("settings", "get", "sync_bitlocker_keys")[0]["value"], value)
        self.assertEqual(host.run("sync").code, 1)
        host.ok("settings", "set", "sync_bitlocker_keys", "true")
        self.assertEqual(host.run("sync").code, 0)
        host.ok("plugin", "add", PLUGIN)
        self.assertEqual(host.rows("settings", "get", "sync_bitlocker_keys")[0]["value"], "true")


if __name__ == "__main__":
    unittest.main()
