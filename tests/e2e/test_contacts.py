# SPDX-License-Identifier: Apache-2.0
"""Contacts: the host's commands and rights, and users of a tenant that become contacts."""

import json
import os
import sqlite3
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import ALL_SCOPES, TENANT, World, device, guid, key, tenant

MANY_COMMANDS = True

SCOPES = ALL_SCOPES.split() + ["User.Read.All", "LicenseAssignment.Read.All"]
SKU_ID = "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"
PLAN = "c1ec4a95-1f05-45b3-a911-aa3fa01094f5"
SKU = {"capabilityStatus": "Enabled", "id": TENANT + "_" + SKU_ID, "skuPartNumber": "SPB",
       "skuId": SKU_ID, "servicePlans": [
           {"servicePlanId": PLAN, "servicePlanName": "INTUNE_A", "appliesTo": "User",
            "provisioningStatus": "Success"}]}


def user(number, first, last, address, **more):
    row = {"id": guid(7, number), "displayName": (first + " " + last).strip(), "givenName": first,
           "surname": last, "mail": address, "userPrincipalName": address,
           "assignedLicenses": [{"skuId": SKU_ID, "disabledPlans": []}]}
    row.update(more)
    return row


def changes(host):
    """Rows that a sync must leave alone when nothing changed."""
    database = sqlite3.connect("file:%s?mode=ro" % os.path.join(host.data, "store.db"), uri=True)
    rows = {name: database.execute("select * from %s order by 1" % name).fetchall()
            for name in ("contacts", "passwords", "folders", "activity", "configurations")}
    database.close()
    return rows


class Commands(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.host = self.world.host()
        for name in ("Fernhill", "Other"):
            self.host.ok("org", "add", name)

    def add(self, name, *more, org="Fernhill"):
        return self.host.json("contact", "add", "--org", org, "--name", name, *more)["id"]

    def rows(self, *more):
        return self.host.rows("contact", "list", *more)

    def test_a_contact_is_added_changed_archived_and_deleted(self):
        made = self.add("Ana Ruiz", "--first", "Ana", "--emails", "a@x.example, b@x.example")
        row = self.rows("--org", "Fernhill")[0]
        self.assertEqual((row["id"], row["organization"], row["first"], row["last"],
                          row["emails"], row["linked_by"], row["archived"]),
                         (made, "Fernhill", "Ana", "", "a@x.example b@x.example", "", False))
        self.host.ok("contact", "edit", made, "--last", "Ruiz", "--name", "Ana R")
        self.host.ok("contact", "archive", "Ana R")
        self.assertEqual(self.rows(), [])
        self.assertEqual([(one["name"], one["last"], one["archived"])
                          for one in self.rows("--archived")], [("Ana R", "Ruiz", True)])
        self.host.ok("contact", "unarchive", made)
        self.host.ok("contact", "edit", made, "--emails", "")
        self.assertEqual(self.rows()[0]["emails"], "")
        self.host.ok("contact", "delete", made)
        self.assertEqual(self.rows("--archived"), [])
        actions = [row["action"] for row in self.host.activity() if row["object"] == made]
        self.assertEqual(sorted(actions), sorted(["created", "renamed", "archived", "unarchived",
                                                  "updated", "deleted"]))

    def test_what_is_no_address_or_name_is_refused(self):
        made = self.add("Ana")
        for bad in ("ana", "@x", "a@b@c", "a@x " * 600):
            answer = self.host.run("contact", "edit", made, "--emails", bad)
            self.assertEqual(answer.code, 1, bad)
            self.assertIn("name@domain", answer.err)
        self.assertEqual(self.host.run("contact", "edit", made, "--first", "x\ny").code, 1)
        self.assertEqual(self.host.run("contact", "add", "--org", "Fernhill", "--name", " ").code, 1)
        self.assertEqual(self.host.run("contact", "edit", made).code, 1)
        self.assertEqual([row["name"] for row in self.rows()], ["Ana"])

    def test_an_organization_with_contacts_stays_or_is_merged(self):
        self.add("Ana")
        self.add("Bo", org="Other")
        self.assertEqual(self.host.run("org", "delete", "Other").code, 1)
        self.host.ok("org", "merge", "Other", "Fernhill")
        self.assertEqual([(row["organization"], row["name"]) for row in self.rows()],
                         [("Fernhill", "Ana"), ("Fernhill", "Bo")])

    def test_roles_and_organizations(self):
        # S1.3 S1.107 S1.109
        made = self.add("Ana")
        for role, may_write, may_delete in (("lite", False, False), ("read-only", False, False),
                                            ("creator", True, False), ("editor", True, True)):
            self.host.ok("user", "add", role, "--role", role, "--org", "Fernhill")
            def run(*words):
                return self.host.run("--as", role, *words).code
            self.assertEqual(run("contact", "list"), 0)
            self.assertEqual(run("contact", "edit", made, "--last", role), 0 if may_write else 1)
            self.assertEqual(run("contact", "archive", made), 0 if may_write else 1)
            self.assertEqual(run("contact", "unarchive", made), 0 if may_write else 1)
            self.assertEqual(run("contact", "delete", self.add("x")), 0 if may_delete else 1)
        self.host.ok("user", "add", "eve", "--role", "manager", "--org", "Other")
        one = self.host.run("--as", "eve", "contact", "delete", made)
        other = self.host.run("--as", "eve", "contact", "delete", "nobody")
        self.assertEqual((one.code, one.err.replace(made, "@")),
                         (1, other.err.replace("nobody", "@")))
        self.assertEqual(self.host.run("--as", "eve", "--json", "contact", "list").rows(), [])

    def test_rest(self):
        self.host.serve()
        status, answer = self.host.api("POST", "/api/v1/contacts", {
            "org": "Fernhill", "name": "Ana", "emails": "a@x.example"})
        self.assertEqual(status, 201, answer)
        made = answer["data"]["id"]
        self.assertEqual(self.host.api("PATCH", "/api/v1/contacts/" + made, {"last": "R"})[0], 200)
        self.assertEqual(self.host.api("POST", "/api/v1/contacts/%s/archive" % made, {})[0], 200)
        status, answer = self.host.api("GET", "/api/v1/contacts?org=Fernhill&archived=true")
        self.assertEqual((status, [row["last"] for row in answer["data"]]), (200, ["R"]))
        self.assertEqual(self.host.api("POST", "/api/v1/contacts/%s/unarchive" % made, {})[0], 200)
        self.assertEqual(self.host.api("DELETE", "/api/v1/contacts/" + made)[0], 200)
        self.assertEqual(self.host.api("GET", "/api/v1/contacts")[1]["data"], [])


class Synced(unittest.TestCase):
    """S1.12 S1.102 S1.103"""

    def connect(self, users, **more):
        self.world = World()
        self.addCleanup(self.world.close)
        one = device(1)
        fields = {"scopes": SCOPES, "users": users, "subscribedSkus": [SKU]}
        fields.update(more)
        self.sim, self.host, self.data = self.world.connected([key(1, one)], [one], **fields)

    def sync(self):
        result, rows = self.host.sync()
        self.assertEqual(result.code, 0, result.err)
        self.assertEqual(len(self.host.list("Fernhill")), 1)
        return rows[TENANT]["summary"]

    def contacts(self):
        return {row["name"]: row for row in self.host.rows("contact", "list", "--archived")}

    def asked(self):
        return [row for row in map(json.dumps, self.sim.requests()["requests"])
                if "/v1.0/users" in row]

    def test_users_become_contacts_once(self):
        self.connect([user(1, "Ana", "Ruiz", "ana@fernhill.example",
                           proxyAddresses=["SMTP:ana@fernhill.example",
                                           "smtp:a.ruiz@fernhill.example", "sip:ana"],
                           otherMails=["ana@home.example"]),
                      user(2, "Guy", "Guest", "g@else.example", userType="Guest"),
                      user(3, "Dora", "Out", "d@fernhill.example", accountEnabled=False),
                      user(4, "Uli", "None", "u@fernhill.example", assignedLicenses=[]),
                      user(5, "Piet", "Off", "p@fernhill.example", assignedLicenses=[
                          {"skuId": SKU_ID, "disabledPlans": [PLAN]}])])
        dry = self.host.ok("sync", "--dry-run", as_json=True).out
        self.assertIn("Contacts: 1 created", dry)
        self.assertEqual(self.contacts(), {})
        self.assertIn("Contacts: 1 created", self.sync())
        rows = self.contacts()
        self.assertEqual(list(rows), ["Ana Ruiz"])
        ana = rows["Ana Ruiz"]
        self.assertEqual((ana["first"], ana["last"], ana["emails"], ana["linked_by"],
                          ana["external_id"]),
                         ("Ana", "Ruiz", "ana@fernhill.example a.ruiz@fernhill.example "
                          "ana@home.example", "bitlocker_keys", "%s:%s" % (TENANT, guid(7, 1))))
        self.assertIn(("created", "Ana Ruiz"), [(row["action"], row["subject"])
                                                for row in self.host.activity()])
        before = changes(self.host)
        self.assertNotIn("Contacts", self.sync())
        self.assertEqual(changes(self.host), before)
        self.assertEqual(self.sim.key_reads(), 1)

    def test_contacts_of_before_are_found_in_order(self):
        self.connect([user(1, "Ana", "Ruiz", "ana@fernhill.example",
                           proxyAddresses=["smtp:Boss@fernhill.example"]),
                      user(2, "Bo", "Berg", "bo@fernhill.example", mail=None),
                      user(3, "Cleo", "Cruz", "cleo@fernhill.example"),
                      user(4, "Dan", "Dee", "dan@fernhill.example")])
        for name, more in (("The boss", ["--emails", "boss@FERNHILL.example", "--last", "R."]),
                           ("Namesake", ["--first", "Ana", "--last", "Ruiz"]),
                           ("Signs in", ["--emails", "bo@fernhill.example"]),
                           ("Named", ["--first", "cleo", "--last", "CRUZ"]),
                           ("Twin 1", ["--first", "Dan", "--last", "Dee"]),
                           ("Twin 2", ["--first", "Dan", "--last", "Dee"])):
            self.host.ok("contact", "add", "--org", "Fernhill", "--name", name, *more)
        self.assertIn("Contacts: 0 created, 3 updated, 1 not told apart.", self.sync())
        rows = self.contacts()
        linked = {name: row["external_id"][-36:] for name, row in rows.items() if row["linked_by"]}
        self.assertEqual(linked, {"The boss": guid(7, 1), "Signs in": guid(7, 2),
                                  "Named": guid(7, 3)})
        self.assertEqual((rows["The boss"]["first"], rows["The boss"]["last"],
                          rows["The boss"]["emails"]), ("Ana", "R.", "boss@FERNHILL.example"))
        self.assertEqual(rows["Named"]["emails"], "cleo@fernhill.example")
        details = {row["detail"] for row in self.host.activity("matched")}
        self.assertLessEqual({"contact, by mail address", "contact, by sign-in name",
                              "contact, by first and last name"}, details)
        before = changes(self.host)
        self.assertIn("0 created, 0 updated, 1 not told apart.", self.sync())
        self.assertEqual(changes(self.host), before)

    def test_what_people_do_to_a_linked_contact_stays(self):
        self.connect([user(1, "Ana", "Ruiz", "ana@fernhill.example")])
        self.sync()
        self.host.ok("contact", "edit", "Ana Ruiz", "--name", "Ana", "--emails", "x@y.example")
        self.host.ok("contact", "archive", "Ana")
        before = changes(self.host)
        self.sync()
        self.assertEqual(changes(self.host), before)
        self.host.ok("contact", "delete", "Ana")
        self.assertIn("Contacts: 1 created", self.sync())
        # A merge that meets the same link twice keeps one of them.
        self.host.ok("org", "add", "Spare")
        self.host.ok("settings", "set", "entitlement.network_glue", "absent")
        self.assertEqual(list(self.contacts()), ["Ana Ruiz"])

    def test_a_missing_permission_leaves_keys_alone(self):
        # S1.12: contacts are selected, and Microsoft does not let them be read.
        self.connect([user(1, "Ana", "Ruiz", "ana@fernhill.example")], scopes=ALL_SCOPES.split())
        self.assertNotIn("Contacts", self.sync())
        self.assertEqual((self.contacts(), self.asked()), ({}, []))
        answer = self.host.run("doctor", as_json=True)
        self.assertEqual((answer.code, [(row["code"], row["severity"]) for row in answer.rows()]),
                         (0, [("no-contacts", "note")]))
        self.assertIn("User.Read.All", answer.rows()[0]["what"])
        self.sim.event(type="set_tenant", fields={"scopes": SCOPES})
        self.assertEqual(self.host.run("doctor", as_json=True).rows(), [])
        self.assertIn("Contacts: 1 created", self.sync())

    def test_users_of_several_organizations_are_nobodys(self):
        self.connect([user(1, "Ana", "Ruiz", "ana@fernhill.example")])
        self.host.organization("Other")
        self.assertEqual(self.host.connect(self.sim, ["Fernhill", "Other"], self.data).code, 0)
        self.assertNotIn("Contacts", self.sync())
        self.assertEqual((self.contacts(), self.asked()), ({}, []))
        rows = self.host.run("doctor", as_json=True).rows()
        self.assertEqual([row["code"] for row in rows], ["contacts-unplaced"])
        self.assertIn("2 organizations", rows[0]["what"])

    def test_trouble_with_users_is_told_and_keys_are_kept(self):
        self.connect([user(1, "Ana", "Ruiz", "ana@fernhill.example")])
        self.sim.fault(route="users", status=403, count=-1)
        self.assertIn("Contacts were left as they are: ", self.sync())
        self.assertEqual(self.contacts(), {})
        self.sim.clear_faults()
        self.assertIn("Contacts: 1 created", self.sync())

    def test_many_pages(self):
        self.connect([user(n, "U%d" % n, "Last", "u%d@fernhill.example" % n)
                      for n in range(1, 1203)])
        self.assertIn("Contacts: 1202 created", self.sync())
        self.assertEqual(len(self.contacts()), 1202)
        self.assertGreaterEqual(len(self.asked()), 2)
        self.assertNotIn("Contacts", self.sync())


if __name__ == "__main__":
    unittest.main()
