# SPDX-License-Identifier: Apache-2.0
"""The simulated directory: devices, delta, owners, people, licences, audits, policy, deletion."""
import json
import pathlib
import tempfile
import unittest

from graphsim_client import AGENT, DEVICES, KEYS, Sim

OBJECTS = "/v1.0/devices"
USERS = "/v1.0/users"
AUDITS = "/v1.0/auditLogs/directoryAudits"
POLICY = "/v1.0/policies/authorizationPolicy"
DAY = 86400000
EVERYTHING = ("BitlockerKey.Read.All Device.Read.All User.Read.All LicenseAssignment.Read.All "
              "Organization.Read.All AuditLog.Read.All Policy.ReadWrite.Authorization "
              "Directory.AccessAsUser.All DeviceManagementManagedDevices.Read.All")
ADMIN = ["62e90394-69f5-4237-9190-012177145e10"]


class Base(unittest.TestCase):
    OPTIONS = ("--devices", "250", "--seed", "3")

    def setUp(self):
        self.sim = Sim(*self.OPTIONS)
        self.addCleanup(self.stop)
        self.event(type="set_tenant", fields={"scopes": EVERYTHING, "wids": ADMIN})
        self.user = {"Authorization": "Bearer " + self.sim.delegated()[1]["access_token"], **AGENT}

    def stop(self):
        code, _, err = self.sim.stop()
        self.assertEqual((code, err), (0, ""))

    def event(self, **event):
        self.sim.control("events", event)

    def send(self, method, target, body=None, headers=None):
        data = json.dumps(body).encode() if body is not None else None
        status, text, found = self.sim.raw(method, target, data, headers or self.user)
        return status, json.loads(text) if text else None, found

    def code(self, answer):
        return answer[0], answer[1]["error"]["code"]


class Devices(Base):
    def test_pages_default_to_100_and_refuse_1000(self):
        rows, pages = self.sim.pages(OBJECTS)
        self.assertEqual((len(rows), pages), (250, 3))
        self.assertEqual(len({row["id"] for row in rows}), 250)
        self.assertEqual(self.sim.pages(OBJECTS + "?$top=999")[1], 1)
        answer = self.sim.get(OBJECTS + "?$top=1000")
        self.assertEqual(self.code(answer), (400, "Request_UnsupportedQuery"))
        self.assertIn("Must be between 1 and 999", answer[1]["error"]["message"])

    def test_objects_join_managed_devices_and_keys(self):
        managed = {row["azureADDeviceId"]: row for row in self.sim.pages(DEVICES)[0]}
        for row in self.sim.pages(OBJECTS)[0]:
            self.assertEqual(managed[row["deviceId"]]["deviceName"], row["displayName"])
            self.assertNotEqual(row["id"], row["deviceId"])
        self.assertEqual({k["deviceId"] for k in self.sim.pages(KEYS)[0]}, set(managed))

    def test_object_id_in_the_path_device_id_as_the_key(self):
        row = self.sim.get(OBJECTS + "?$top=1")[1]["value"][0]
        path = f"{OBJECTS}(deviceId='{row['deviceId']}')"
        self.assertEqual(self.sim.get(f"{OBJECTS}/{row['id']}")[1]["id"], row["id"])
        self.assertEqual(self.sim.get(path)[1]["id"], row["id"])
        self.assertEqual(self.sim.get(path.replace("(", "%28"))[1]["id"], row["id"])
        for path in (f"{OBJECTS}/{row['deviceId']}", f"{OBJECTS}(deviceId='{row['id']}')"):
            self.assertEqual(self.code(self.sim.get(path)), (404, "Request_ResourceNotFound"))

    def test_select_and_filter(self):
        row = self.sim.get(OBJECTS + "?$select=deviceId,displayName&$top=1")[1]["value"][0]
        self.assertEqual(sorted(row), ["deviceId", "displayName"])
        for query, count in ((f"deviceId eq '{row['deviceId'].upper()}'", 1),
                             ("startswith(displayName,'T00-PC-00001')", 10),
                             ("operatingSystem eq 'Windows' and isManaged eq true", 250),
                             ("displayName eq 'T00-PC-000003' or displayName eq 'x'", 1),
                             ("approximateLastSignInDateTime le 2020-01-01T00:00:00Z", 0)):
            rows = self.sim.pages(OBJECTS + "?$filter=" + query.replace(" ", "%20"))[0]
            self.assertEqual(len(rows), count, query)
        for query in ("model eq 'x'", "displayName gt 'x'", "nope eq 'x'", "deviceId eq 'x"):
            answer = self.sim.get(OBJECTS + "?$filter=" + query.replace(" ", "%20"))
            self.assertEqual(self.code(answer), (400, "Request_UnsupportedQuery"))

    def test_long_links_duplicates_and_expired_page_tokens(self):
        self.sim.control("switches", {"long_next_link": True, "duplicate_across_pages": True})
        link = self.sim.get(OBJECTS)[1]["@odata.nextLink"]
        self.assertGreaterEqual(len(link), 9000)
        for path, count in ((OBJECTS, 250), (KEYS, 250)):
            self.sim.control("switches", {"keys_page_size": 100})
            rows, pages = self.sim.pages(path)
            self.assertEqual(len({row["id"] for row in rows}), count)
            self.assertEqual(len(rows), count + pages - 1)
        self.sim.control("switches", {"page_token_epoch": 1})
        answer = self.sim.get(link[len(self.sim.origin):])
        self.assertEqual(self.code(answer), (400, "Directory_ExpiredPageToken"))
        self.assertEqual(len({r["id"] for r in self.sim.pages(OBJECTS)[0]}), 250)


class Delta(Base):
    def round(self, target):
        rows = []
        while True:
            status, body, headers = self.sim.get(target)
            if status != 200:
                return status, headers, None
            rows += body["value"]
            link = body.get("@odata.nextLink") or body["@odata.deltaLink"]
            target = link[len(self.sim.origin):]
            if "@odata.deltaLink" in body:
                return status, rows, target

    def test_first_round_then_only_changes(self):
        _, rows, link = self.round(OBJECTS + "/delta?$select=displayName")
        self.assertEqual(len(rows), 250)
        self.assertEqual(sorted(rows[0]), ["displayName", "id"])
        self.assertEqual(self.round(link)[1], [])
        ids = [row["id"] for row in rows[:4]]
        self.event(type="set_object", id=ids[0], fields={"displayName": "NEW"})
        self.event(type="delete_object", id=ids[1])
        self.event(type="destroy_object", id=ids[2])
        self.event(type="delete_object", id=ids[3])
        self.event(type="restore_object", id=ids[3])
        _, rows, after = self.round(link)
        told = {row["id"]: row.get("@removed", {}).get("reason", row.get("displayName"))
                for row in rows}
        self.assertEqual(told, {ids[0]: "NEW", ids[1]: "changed", ids[2]: "deleted",
                                ids[3]: "T00-PC-000003"})
        self.assertEqual(self.round(after)[1], [])

    def test_latest_old_and_lost_tokens(self):
        _, rows, link = self.round(OBJECTS + "/delta?$deltatoken=latest")
        self.assertEqual(rows, [])
        self.assertEqual(self.round(link)[0], 200)
        self.sim.control("time", {"advance_ms": 8 * DAY})
        status, headers, _ = self.round(link)
        self.assertEqual(status, 410)
        self.assertTrue(headers["Location"].endswith("$deltatoken="))
        self.assertEqual(len(self.round(headers["Location"][len(self.sim.origin):])[1]), 250)
        _, _, link = self.round(OBJECTS + "/delta?$deltatoken=latest")
        self.event(type="expire_delta")
        self.assertEqual(self.round(link)[0], 410)
        self.assertEqual(self.round(OBJECTS + "/delta?$deltatoken=noise")[0], 400)


class Deletion(Base):
    def test_soft_deletion_hides_keys_and_a_restore_shows_them(self):
        key = self.sim.pages(KEYS)[0][7]
        device = key["deviceId"]
        one = f"{KEYS}/{key['id']}?$select=key"
        self.event(type="delete_object", id=device)
        self.assertEqual(self.sim.get(f"{OBJECTS}(deviceId='{device}')")[0], 404)
        self.assertEqual(self.sim.get(one)[0], 404)
        self.assertEqual(self.sim.get(f"{KEYS}?$filter=deviceId%20eq%20'{device}'")[0], 404)
        self.assertEqual(len(self.sim.pages(KEYS)[0]), 249)
        self.event(type="restore_object", id=device)
        self.assertEqual(self.sim.get(one)[0], 200)
        self.assertEqual(len(self.sim.pages(OBJECTS)[0]), 250)

    def test_thirty_days_later_or_at_once_everything_is_gone(self):
        first, second = (row["deviceId"] for row in self.sim.pages(KEYS)[0][:2])
        self.event(type="delete_object", id=first)
        self.event(type="destroy_object", id=second)
        self.assertEqual(len(self.sim.pages(KEYS)[0]), 248)
        self.sim.control("time", {"advance_ms": 31 * DAY})
        self.assertEqual(len(self.sim.pages(KEYS)[0]), 248)
        status, body, _ = self.sim.call("POST", "/_sim/events",
                                        {"type": "restore_object", "id": first})
        self.assertEqual(status, 400, body)


class Owners(Base):
    def setUp(self):
        super().setUp()
        self.device = self.sim.get(OBJECTS + "?$top=1")[1]["value"][0]
        self.person = self.sim.get(USERS + "?$top=1")[1]["value"][0]
        self.path = f"{OBJECTS}/{self.device['id']}/registeredOwners"
        self.body = {"@odata.id": f"{self.sim.origin}/v1.0/directoryObjects/{self.person['id']}"}

    def fresh(self):
        row = self.sim.pages(OBJECTS)[0]
        return next(r["id"] for r in row if r["deviceId"] == self.device["deviceId"])

    def test_add_list_remove(self):
        self.assertEqual(self.send("GET", self.path)[1]["value"], [])
        self.assertEqual(self.send("POST", self.path + "/$ref", self.body)[0], 204)
        row = self.send("GET", self.path)[1]["value"][0]
        self.assertEqual((row["id"], row["@odata.type"], row["mail"]),
                         (self.person["id"], "#microsoft.graph.user", self.person["mail"]))
        answer = self.send("POST", self.path + "/$ref", self.body)
        self.assertEqual(self.code(answer), (400, "Request_BadRequest"))
        owned = self.send("GET", f"{USERS}/{self.person['id']}/ownedDevices")[1]["value"]
        self.assertEqual([row["deviceId"] for row in owned], [self.device["deviceId"]])
        self.assertEqual(self.send("DELETE", f"{self.path}/{self.person['id']}/$ref")[0], 204)
        self.assertEqual(self.send("GET", self.path)[1]["value"], [])
        self.assertEqual(self.fresh(), self.device["id"])
        names = [r["activityDisplayName"] for r in self.send("GET", AUDITS)[1]["value"]]
        self.assertEqual(names, ["Remove registered owner from device",
                                 "Add registered owner to device"])

    def test_who_may_and_what_is_refused(self):
        path = self.path + "/$ref"
        self.event(type="set_tenant", fields={"roles": EVERYTHING})
        answer = self.send("POST", path, self.body, self.sim.bearer())
        self.assertEqual(self.code(answer), (403, "Authorization_RequestDenied"))
        self.assertEqual(self.code(self.send("POST", path, {"@odata.id": "x/y"})),
                         (404, "Request_ResourceNotFound"))
        self.assertEqual(self.send("POST", path, {})[0], 400)
        self.event(type="set_tenant", fields={"wids": []})
        plain = {"Authorization": "Bearer " + self.sim.delegated()[1]["access_token"], **AGENT}
        self.assertEqual(self.send("POST", path, self.body, plain)[0], 403)

    def test_owner_reads_own_keys_while_the_policy_allows(self):
        self.event(type="add_user", user={"id": "f6732670-8556-4d87-a9b4-776954c997f4"})
        self.event(type="set_tenant", fields={"wids": [], "scopes": EVERYTHING})
        plain = {"Authorization": "Bearer " + self.sim.delegated()[1]["access_token"], **AGENT}
        rows = self.sim.pages(KEYS)[0]
        mine = next(r["id"] for r in rows if r["deviceId"] == self.device["deviceId"])
        other = next(r["id"] for r in rows if r["deviceId"] != self.device["deviceId"])
        self.body["@odata.id"] = "x/f6732670-8556-4d87-a9b4-776954c997f4"
        self.assertEqual(self.send("POST", self.path + "/$ref", self.body)[0], 204)
        asked = [f"{KEYS}/{mine}?$select=key", f"{KEYS}/{other}?$select=key", KEYS,
                 f"{KEYS}?$filter=deviceId%20eq%20'{self.device['deviceId']}'"]
        self.assertEqual([self.sim.get(path, headers=plain)[0] for path in asked],
                         [200, 403, 403, 200])
        change = {"defaultUserRolePermissions": {
            "allowedToReadBitLockerKeysForOwnedDevice": False}}
        self.assertEqual(self.send("PATCH", POLICY, change)[0], 204)
        self.assertEqual(self.sim.get(asked[0], headers=plain)[0], 403)
        shown = self.send("GET", POLICY)[1]["defaultUserRolePermissions"]
        self.assertIs(shown["allowedToReadBitlockerKeysForOwnedDevice"], False)
        self.assertEqual(self.send("PATCH", POLICY, {"x": 1})[0], 400)
        self.assertEqual(self.send("PATCH", POLICY, change, plain)[0], 403)


class People(Base):
    def test_users_and_licences(self):
        rows, pages = self.sim.pages(USERS)
        self.assertEqual((len(rows), pages), (125, 2))
        self.assertNotIn("assignedLicenses", rows[0])
        user = self.sim.get(f"{USERS}/{rows[0]['id']}?$select=id,assignedLicenses")[1]
        skus = self.sim.get("/v1.0/subscribedSkus")[1]["value"]
        self.assertEqual(user["assignedLicenses"][0]["skuId"], skus[0]["skuId"])
        found = self.sim.get(f"{USERS}/{rows[0]['userPrincipalName']}/licenseDetails")[1]["value"]
        self.assertEqual([plan["servicePlanName"] for plan in found[0]["servicePlans"]],
                         ["INTUNE_A", "AAD_PREMIUM"])
        self.assertEqual(self.sim.get(USERS + "/nobody")[0], 404)
        self.assertEqual(self.sim.get("/v1.0/subscribedSkus?$top=1")[0], 400)
        self.assertEqual(self.sim.get(USERS + "?$skip=1")[0], 400)

    def test_licences_of_others_need_more_than_read_basic(self):
        self.event(type="set_tenant", fields={"roles": ["User.ReadBasic.All"]})
        self.assertEqual(self.sim.get(USERS)[0], 200)
        self.assertEqual(self.sim.get(USERS + "?$select=assignedLicenses")[0], 403)
        self.assertEqual(self.sim.get("/v1.0/subscribedSkus")[0], 403)

    def test_organization(self):
        row = self.sim.get("/v1.0/organization")[1]["value"][0]
        self.assertEqual((row["id"], row["mobileDeviceManagementAuthority"]),
                         (self.sim.tenants[0]["tenantId"], "intune"))
        self.event(type="set_tenant", fields={"scopes": "User.Read", "roles": ""})
        plain = {"Authorization": "Bearer " + self.sim.delegated()[1]["access_token"], **AGENT}
        self.assertEqual(self.sim.get("/v1.0/organization", headers=plain)[0], 200)
        self.assertEqual(self.sim.get("/v1.0/organization")[0], 403)


class Audits(Base):
    def read(self, *positions):
        rows = self.sim.pages(KEYS)[0]
        for at in positions:
            self.sim.get(f"{KEYS}/{rows[at]['id']}?$select=key", headers=self.user)
        return [rows[at]["id"] for at in positions]

    def test_newest_first_with_filters_and_pages(self):
        keys = self.read(0, 1, 2)
        rows = self.sim.get(AUDITS)[1]["value"]
        self.assertEqual([r["targetResources"][0]["displayName"] for r in rows], keys[::-1])
        self.assertEqual(rows[0]["initiatedBy"]["user"]["userPrincipalName"],
                         "tech@harborbyte.example")
        when = rows[1]["activityDateTime"]
        for query, count in ((f"targetResources/any(t:t/id eq '{keys[1]}')", 1),
                             ("category eq 'KeyManagement'", 3),
                             ("startswith(activityDisplayName,'Read')", 3),
                             ("activityDisplayName eq 'Add BitLocker key'", 0),
                             (f"activityDateTime ge {when} and loggedByService eq "
                              "'Device Registration Service'", 2)):
            found = self.sim.get(AUDITS + "?$filter=" + query.replace(" ", "%20"))[1]["value"]
            self.assertGreaterEqual(len(found), count, query)
            if "ge" not in query:
                self.assertEqual(len(found), count, query)
            self.sim.control("time", {"advance_ms": 10000})
        self.sim.control("switches", {"audit_category_filter": False})
        self.assertEqual(self.sim.get(AUDITS + "?$filter=category%20eq%20'x'")[0], 400)

    def test_pages_retention_delay_and_own_budget(self):
        self.read(0, 1, 2)
        first = self.sim.get(AUDITS + "?$top=2&$orderby=activityDateTime%20desc")[1]
        rest = self.sim.get(first["@odata.nextLink"][len(self.sim.origin):])[1]
        self.assertEqual((len(first["value"]), len(rest["value"])), (2, 1))
        self.sim.control("switches", {"audit_delay_s": 600})
        self.assertEqual(self.sim.get(AUDITS)[1]["value"], [])
        self.sim.control("time", {"advance_ms": 31 * DAY})
        self.assertEqual(self.sim.get(AUDITS)[1]["value"], [])
        headers = self.sim.bearer()
        seen = [self.sim.get(AUDITS, headers=headers)[0] for _ in range(6)]
        self.assertEqual(seen, [200] * 4 + [429] * 2)

    def test_free_tenant_collects_only_after_the_first_look(self):
        self.event(type="set_skus", skus=[])
        self.read(0)
        self.sim.control("time", {"advance_ms": 1000})
        self.assertEqual(self.sim.get(AUDITS)[1]["value"], [])
        self.read(1)
        self.assertEqual(len(self.sim.get(AUDITS)[1]["value"]), 1)

    def test_role_is_needed(self):
        self.event(type="set_tenant", fields={"wids": [
            "729827e3-9c14-49f7-bb1b-9608f156bbb8"]})
        plain = {"Authorization": "Bearer " + self.sim.delegated()[1]["access_token"], **AGENT}
        self.assertEqual(self.sim.get(AUDITS, headers=plain)[0], 403)


class FromFile(unittest.TestCase):
    def test_devices_are_derived_unless_given(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        managed = [{"id": "m1", "azureADDeviceId": "be1a9ffc-ba30-4086-bd76-c20d3af47e13",
                    "deviceName": "A"},
                   {"id": "m2", "azureADDeviceId": "00000000-0000-0000-0000-000000000000"}]
        (folder / "a.json").write_text(json.dumps({"managedDevices": managed}))
        (folder / "b.json").write_text(json.dumps({
            "managedDevices": managed, "devices": [], "users": [
                {"id": "u1", "userPrincipalName": "ana@fern.example", "assignedLicenses": []}]}))
        sim = Sim("--data", str(folder / "a.json"))
        self.addCleanup(sim.stop)
        self.assertEqual([r["displayName"] for r in sim.pages(OBJECTS)[0]], ["A"])
        sim.control("events", {"type": "rename_device", "id": "m1", "name": "B"})
        self.assertEqual([r["displayName"] for r in sim.pages(OBJECTS)[0]], ["B"])
        sim.control("events", {"type": "add_device", "device": {
            "id": "m3", "azureADDeviceId": "9091a2bd-9809-4bd5-b057-47574f36805c"}})
        self.assertEqual(len(sim.pages(OBJECTS)[0]), 2)
        other = Sim("--data", str(folder / "b.json"))
        self.addCleanup(other.stop)
        self.assertEqual(other.pages(OBJECTS)[0], [])
        self.assertEqual(other.get(USERS + "/ana@fern.example")[1]["id"], "u1")


if __name__ == "__main__":
    unittest.main()
