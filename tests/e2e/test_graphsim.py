# SPDX-License-Identifier: Apache-2.0
"""The simulated Microsoft cloud as a client sees it: every route, quirk, error and fault."""
import http.client
import json
import pathlib
import subprocess
import tempfile
import threading
import unittest
import urllib.parse

from graphsim_client import (AGENT, DEMO, DEVICES, GRAPHSIM, KEYS, Sim, password_is_valid,
                             payload)


class Base(unittest.TestCase):
    OPTIONS = ("--devices", "30", "--keys", "70", "--tenants", "2", "--seed", "11")

    @classmethod
    def setUpClass(cls):
        cls.sim = Sim(*cls.OPTIONS)

    @classmethod
    def tearDownClass(cls):
        code, _, err = cls.sim.stop()
        assert code == 0 and err == "", (code, err)

    def setUp(self):
        self.sim.control("reset", {})
        self.sim.control("switches", {
            "page_size": 1000, "keys_page_size": 1000, "latency_ms": 0, "wrapped_key": False,
            "volume_type_style": "as_given", "upper_guids": False, "omit_refresh_token": False,
            "expires_in_text": False, "token_lifetime_s": 0, "user_agent_required": True,
            "role_required": True})

    def assert_error(self, answer, status, code):
        self.assertEqual(answer[0], status, answer[1])
        self.assertEqual(answer[1]["error"]["code"], code)
        inner = answer[1]["error"]["innerError"]
        self.assertRegex(inner["date"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$")
        self.assertIn("request-id", inner)

    def assert_aadsts(self, answer, status, word, number):
        self.assertEqual(answer[0], status, answer[1])
        self.assertEqual(answer[1]["error"], word)
        self.assertEqual(answer[1]["error_codes"], [number])
        self.assertRegex(answer[1]["error_description"],
                         rf"^AADSTS{number}: .*\r\nTrace ID: .*\r\nCorrelation ID: .*"
                         r"\r\nTimestamp: \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$")
        self.assertRegex(answer[1]["timestamp"], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$")


class Login(Base):
    def test_client_credentials_give_an_application_token(self):
        status, body, headers = self.sim.token()
        self.assertEqual(status, 200)
        self.assertEqual(sorted(body), ["access_token", "expires_in", "ext_expires_in",
                                        "token_type"])
        self.assertEqual(body["expires_in"], 3599)
        self.assertIn("no-store", headers["Cache-Control"])
        claims = payload(body["access_token"])
        self.assertEqual(claims["idtyp"], "app")
        self.assertEqual(claims["tid"], self.sim.tenants[0]["tenantId"])
        self.assertEqual(claims["appid"], self.sim.tenants[0]["clientId"])
        self.assertIn("BitlockerKey.Read.All", claims["roles"])
        self.assertEqual(claims["exp"] - claims["iat"], 3599)
        self.assertNotIn("scp", claims)

    def test_refresh_rotates_and_the_old_token_stays_good(self):
        first = self.sim.delegated()[1]
        second = self.sim.delegated(refresh_token=first["refresh_token"])[1]
        self.assertNotEqual(first["refresh_token"], second["refresh_token"])
        self.assertEqual(self.sim.delegated(refresh_token=first["refresh_token"])[0], 200)
        self.assertEqual(self.sim.delegated()[0], 200)
        claims = payload(second["access_token"])
        self.assertEqual(claims["idtyp"], "user")
        self.assertIn("BitlockerKey.Read.All", claims["scp"].split())
        self.assertEqual(claims["wids"], ["729827e3-9c14-49f7-bb1b-9608f156bbb8"])
        self.assertIn("https://graph.microsoft.com/BitlockerKey.Read.All",
                      second["scope"].split())
        self.assertTrue(3600 <= second["expires_in"] < 5400)

    def test_domain_names_the_tenant_and_microsofts_scope_counts(self):
        answer = self.sim.token(segment=self.sim.tenants[1]["domain"], tenant=1,
                                scope="https://graph.microsoft.com/.default")
        self.assertEqual(answer[0], 200)

    def test_refusals(self):
        wrong = self.assert_aadsts
        wrong(self.sim.token(client_secret="no"), 401, "invalid_client", 7000215)
        wrong(self.sim.token(client_secret=None), 401, "invalid_client", 7000218)
        wrong(self.sim.token(segment="nowhere.example"), 400, "invalid_request", 90002)
        wrong(self.sim.token(segment="common"), 400, "invalid_request", 9001023)
        wrong(self.sim.token(client_id="bc881bab-b5a7-4699-8a4d-91792e3292c5"), 400,
              "unauthorized_client", 700016)
        wrong(self.sim.token(grant_type="password"), 400, "unsupported_grant_type", 70003)
        wrong(self.sim.token(grant_type=None), 400, "invalid_request", 90014)
        wrong(self.sim.token(scope=None), 400, "invalid_request", 90014)
        wrong(self.sim.token(scope="https://vault.azure.net/.default"), 400, "invalid_scope",
              70011)
        wrong(self.sim.token(scope=self.sim.origin + "/Device.Read.All"), 400, "invalid_scope",
              70011)
        wrong(self.sim.delegated(refresh_token="made up"), 400, "invalid_grant", 70000)
        wrong(self.sim.delegated(client_secret="no"), 401, "invalid_client", 7000215)
        other = self.sim.delegated(tenant=1)[1]["refresh_token"]
        wrong(self.sim.delegated(refresh_token=other), 400, "invalid_grant", 70000)

    def test_switches_change_the_answer(self):
        self.sim.control("switches", {"omit_refresh_token": True, "expires_in_text": True,
                                      "token_lifetime_s": 30})
        body = self.sim.delegated()[1]
        self.assertNotIn("refresh_token", body)
        self.assertEqual(body["expires_in"], "30")

    def test_token_expires_by_the_simulated_clock(self):
        headers = self.sim.bearer()
        self.assertEqual(self.sim.get(KEYS, headers=headers)[0], 200)
        self.sim.control("time", {"advance_ms": 3600 * 1000})
        answer = self.sim.get(KEYS, headers=headers)
        self.assert_error(answer, 401, "InvalidAuthenticationToken")
        self.assertIn("expired", answer[1]["error"]["message"])

    def test_no_token_and_noise_are_refused(self):
        for value in ({}, {"Authorization": "Bearer"}, {"Authorization": "Bearer x.y.SIM"}):
            answer = self.sim.get(KEYS, headers={**AGENT, **value})
            self.assert_error(answer, 401, "InvalidAuthenticationToken")


class Devices(Base):
    def test_whole_list_with_paging(self):
        rows, pages = self.sim.pages(DEVICES + "?$top=7")
        self.assertEqual((len(rows), pages), (30, 5))
        self.assertEqual(len({row["id"] for row in rows}), 30)
        self.assertEqual(self.sim.get(DEVICES + "?$top=7")[1]["@odata.count"], 7)
        self.assertEqual(self.sim.pages(DEVICES)[1], 1)

    def test_select_returns_id_and_what_was_asked(self):
        row = self.sim.get(DEVICES + "?$select=deviceName,serialNumber")[1]["value"][0]
        self.assertEqual(sorted(row), ["deviceName", "id", "serialNumber"])
        self.assertEqual(row["serialNumber"], "S0000000000")

    def test_beta_property_unknown_option_and_bad_values_give_400(self):
        for query in ("$select=joinType", "$skip=5", "$orderby=deviceName", "$top=0", "$top=x",
                      "$filter=userDisplayName%20eq%20'x'", "$filter=deviceName%20gt%20'x'",
                      "$skiptoken=zzz"):
            self.assert_error(self.sim.get(DEVICES + "?" + query), 400, "BadRequest")

    def test_filters(self):
        for query, count in (("operatingSystem%20eq%20'Windows'", 30),
                             ("operatingSystem%20eq%20'iOS'", 0),
                             ("serialNumber%20eq%20's0000000004'", 1),
                             ("deviceName%20eq%20'T00-PC-000007'", 1)):
            rows = self.sim.get(f"{DEVICES}?$filter={query}")[1]["value"]
            self.assertEqual(len(rows), count, query)
        aad = self.sim.get(DEVICES + "?$top=1")[1]["value"][0]["azureADDeviceId"]
        rows = self.sim.get(f"{DEVICES}?$filter=azureADDeviceId%20eq%20'{aad}'")[1]["value"]
        self.assertEqual([row["azureADDeviceId"] for row in rows], [aad])

    def test_beta_answers_too_and_tenants_are_apart(self):
        beta = self.sim.get(DEVICES.replace("v1.0", "beta"))
        self.assertEqual(beta[0], 200)
        self.assertIn("/beta/$metadata", beta[1]["@odata.context"])
        ids = [{row["id"] for row in self.sim.pages(DEVICES, tenant)[0]} for tenant in (0, 1)]
        self.assertFalse(ids[0] & ids[1])

    def test_headers_of_graph(self):
        headers = {**self.sim.bearer(), "client-request-id": "abc-1"}
        found = self.sim.get(DEVICES, headers=headers)[2]
        self.assertEqual(found["client-request-id"], "abc-1")
        self.assertEqual(found["OData-Version"], "4.0")
        self.assertTrue(found["Content-Type"].startswith("application/json;odata.metadata"))
        self.assertIn("ServerInfo", found["x-ms-ags-diagnostic"])
        self.assertIsNotNone(found["Date"])


class Keys(Base):
    def test_list_has_every_key_and_no_secret(self):
        self.sim.control("switches", {"keys_page_size": 20})
        rows, pages = self.sim.pages(KEYS)
        self.assertEqual((len(rows), pages), (70, 4))
        for row in rows:
            self.assertEqual(sorted(row), ["createdDateTime", "deviceId", "id", "volumeType"])
        self.assertEqual(self.sim.counts()["key_reads"], 0)
        self.assertEqual(len(self.sim.pages(KEYS + "?$select=key")[0][0]), 4)
        self.assertEqual(sorted(self.sim.pages(KEYS + "?$select=id,deviceId")[0][0]),
                         ["deviceId", "id"])

    def test_filter_on_device_only(self):
        rows = self.sim.pages(KEYS)[0]
        device = rows[3]["deviceId"]
        found = self.sim.pages(f"{KEYS}?$filter=deviceId%20eq%20'{device.upper()}'")[0]
        self.assertEqual([r["id"] for r in found],
                         [r["id"] for r in rows if r["deviceId"] == device])
        self.assertEqual(len(found), 3)
        none = self.sim.get(f"{KEYS}?$filter=deviceId%20eq%20'nobody'")
        self.assertEqual((none[0], none[1]["value"]), (200, []))

    def test_unsupported_options_give_400(self):
        for query in ("$top=5", "$skip=1", "$orderby=id", "$count=true", "$expand=x",
                      "$filter=id%20eq%20'x'", "$select=nope"):
            self.assert_error(self.sim.get(KEYS + "?" + query), 400, "BadRequest")

    def test_key_comes_only_when_it_is_selected_alone(self):
        key = self.sim.pages(KEYS)[0][0]["id"]
        one = self.sim.get(f"{KEYS}/{key}?$select=key")[1]
        self.assertEqual(one["id"], key)
        self.assertTrue(password_is_valid(one["key"]), one)
        for query in ("", "?$select=key,id", "?$select=id"):
            self.assertNotIn("key", self.sim.get(f"{KEYS}/{key}{query}")[1])
        counts = self.sim.counts()
        self.assertEqual((counts["recovery_key_get_secret"], counts["key_reads"],
                          counts["recovery_key_get_metadata"]), (1, 1, 3))

    def test_reads_are_counted_and_audited(self):
        keys = [row["id"] for row in self.sim.pages(KEYS)[0][:2]]
        for key in (keys[0], keys[0], keys[1]):
            self.sim.get(f"{KEYS}/{key}?$select=key")
        counts = self.sim.counts()
        self.assertEqual((counts["key_reads"], counts["most_reads_of_one_key"],
                          counts["audits"]), (3, 2, 3))
        mine = counts["tenants"][self.sim.tenants[0]["tenantId"]]
        self.assertEqual(mine["key_reads"], 3)
        records = self.sim.call("GET", "/_sim/audits")[1]["value"]
        self.assertEqual([r["targetResources"][0]["displayName"] for r in records],
                         [keys[0], keys[0], keys[1]])
        self.assertEqual(records[0]["activityDisplayName"], "Read BitLocker key")
        self.assertEqual(records[0]["initiatedBy"]["app"]["appId"],
                         self.sim.tenants[0]["clientId"])
        other = self.sim.call("GET", "/_sim/audits?tenant=" + self.sim.tenants[1]["tenantId"])
        self.assertEqual(other[1]["value"], [])

    def test_unknown_key_gives_404_and_no_read(self):
        other = self.sim.pages(KEYS, tenant=1)[0][0]["id"]
        for key in (other, "b5a1464d-cb60-415d-b51f-8a385d7798ec", "noise"):
            self.assert_error(self.sim.get(f"{KEYS}/{key}?$select=key"), 404, "ResourceNotFound")
        self.assertEqual(self.sim.counts()["key_reads"], 0)

    def test_user_agent_is_needed_unless_switched_off(self):
        headers = {"Authorization": self.sim.bearer()["Authorization"]}
        self.assert_error(self.sim.get(KEYS, headers=headers), 400, "BadRequest")
        self.sim.control("switches", {"user_agent_required": False})
        self.assertEqual(self.sim.get(KEYS, headers=headers)[0], 200)

    def test_switches_change_the_shape(self):
        key = self.sim.pages(KEYS)[0][0]["id"]
        self.sim.control("switches", {"wrapped_key": True, "upper_guids": True,
                                      "volume_type_style": "digit"})
        one = self.sim.get(f"{KEYS}/{key}?$select=key")[1]
        self.assertEqual(list(one), ["value"])
        self.assertEqual(one["value"]["id"], key.upper())
        self.assertEqual(one["value"]["volumeType"], "1")
        self.sim.control("switches", {"volume_type_style": "number"})
        self.assertEqual(self.sim.get(KEYS)[1]["value"][0]["volumeType"], 1)

    def test_other_paths_and_methods(self):
        answer = self.sim.get("/v1.0/informationProtection/bitlocker")
        self.assert_error(answer, 404, "NotFound")
        self.assertEqual(answer[1]["error"]["message"], "Unsupported method or endpoint.")
        self.assertEqual(self.sim.call("DELETE", KEYS + "/x", headers=self.sim.bearer())[0], 404)


class Faults(Base):
    def rule(self, **members):
        self.sim.control("faults", [{"route": "recovery_keys_list", **members}])

    def test_status_skip_and_count(self):
        self.rule(status=503, skip=1, count=2)
        self.assertEqual([self.sim.get(KEYS)[0] for _ in range(4)], [200, 503, 503, 200])
        self.assertEqual(self.sim.counts()["faults"], 2)
        log = self.sim.call("GET", "/_sim/requests?last=1")[1]["requests"][0]
        self.assertEqual((log["route"], log["status"], log["fault"]),
                         ("recovery_keys_list", 200, None))

    def test_named_errors(self):
        for name, status, code in (("throttled", 429, "TooManyRequests"),
                                   ("no_intune", 400, "BadRequest"),
                                   ("bitlocker_403", 403, "authorization_error"),
                                   ("directory_403", 403, "Authorization_RequestDenied"),
                                   ("intune_401", 401, "UnknownError"),
                                   ("expired", 401, "InvalidAuthenticationToken"),
                                   ("unavailable", 503, "serviceNotAvailable"),
                                   ("internal", 500, "InternalServerError")):
            self.rule(error=name)
            self.assert_error(self.sim.get(KEYS), status, code)
        self.rule(error="cae")
        self.assertIn("insufficient_claims", self.sim.get(KEYS)[2]["WWW-Authenticate"])
        self.rule(error="intune_403")
        text = json.loads(self.sim.get(KEYS)[1]["error"]["message"])
        self.assertEqual(text["_version"], 3)

    def test_retry_after_in_seconds_and_as_a_date(self):
        date = "Thu, 20 Aug 2026 10:00:00 GMT"
        for given, seen in ((7, "7"), (date, date)):
            self.rule(error="throttled", retry_after=given)
            self.assertEqual(self.sim.get(KEYS)[2].get_all("Retry-After"), [seen])

    def test_token_errors(self):
        self.sim.control("faults", {"route": "token", "error": "token:50173"})
        self.assert_aadsts(self.sim.token(), 400, "invalid_grant", 50173)
        self.sim.control("faults", {"route": "token", "error": "token:65001"})
        self.assertEqual(self.sim.token()[1]["suberror"], "consent_required")

    def test_tenant_and_match_narrow_a_rule(self):
        self.sim.control("faults", {"tenant": self.sim.tenants[1]["tenantId"], "count": -1,
                                    "route": "managed_devices", "match": "top=3", "status": 500})
        self.assertEqual(self.sim.get(DEVICES + "?$top=3")[0], 200)
        self.assertEqual(self.sim.get(DEVICES + "?$top=4", tenant=1)[0], 200)
        self.assertEqual(self.sim.get(DEVICES + "?$top=3", tenant=1)[0], 500)

    def test_body_cut_reset_garbage_html(self):
        headers = self.sim.bearer()
        self.rule(cut_body=True)
        with self.assertRaises(http.client.IncompleteRead):
            self.sim.raw("GET", KEYS, headers=headers)
        self.rule(action="reset")
        with self.assertRaises((ConnectionError, http.client.RemoteDisconnected)):
            self.sim.raw("GET", KEYS, headers=headers)
        self.rule(garbage=True)
        with self.assertRaises(ValueError):
            json.loads(self.sim.raw("GET", KEYS, headers=headers)[1])
        self.rule(action={"html": True, "status": 502})
        status, body, found = self.sim.raw("GET", KEYS, headers=headers)
        self.assertEqual((status, found["Content-Type"]), (502, "text/html; charset=utf-8"))
        self.assertTrue(body.startswith(b"<!DOCTYPE html>"))

    def test_rows_and_links_that_lie(self):
        self.sim.control("switches", {"keys_page_size": 50})
        self.rule(duplicate_rows=True)
        ids = [row["id"] for row in self.sim.get(KEYS)[1]["value"]]
        self.assertEqual((len(ids), len(set(ids))), (100, 50))
        self.rule(empty_page=True)
        rows, pages = self.sim.pages(KEYS)
        self.assertEqual((len(rows), pages), (70, 3))
        self.rule(next_link_other_host=True)
        link = self.sim.get(KEYS)[1]["@odata.nextLink"]
        self.assertEqual(urllib.parse.urlsplit(link).hostname, "graph.attacker.example")
        self.rule(wrong_type=True)
        self.assertNotIsInstance(self.sim.get(KEYS)[1]["value"], list)

    def test_latency_delays_without_blocking_others(self):
        self.rule(latency_ms=400)
        headers = self.sim.bearer()
        slow = []
        thread = threading.Thread(
            target=lambda: slow.append(self.sim.get(KEYS, headers=headers)[0]))
        thread.start()
        while self.sim.counts()["in_flight"] == 0:
            pass
        self.assertEqual(self.sim.get(DEVICES, headers=headers)[0], 200)
        self.assertEqual(slow, [])
        thread.join()
        self.assertEqual(slow, [200])
        self.assertEqual(self.sim.counts()["most_in_flight"], 2)

    def test_client_that_leaves_early_is_forgotten(self):
        self.rule(latency_ms=600000)
        done = subprocess.Popen(["curl", "-s", "--http2-prior-knowledge", self.sim.origin + KEYS,
                                 "-H", "Authorization: " + self.sim.bearer()["Authorization"]])
        while self.sim.counts()["in_flight"] == 0:
            pass
        done.kill()
        done.wait()
        while self.sim.counts()["in_flight"] > 0:
            pass
        self.assertEqual(self.sim.get(DEVICES)[0], 200)

    def test_bad_rules_are_refused_whole(self):
        for rules in ([{"status": 500}, {"nonsense": 1}], [{"count": "x"}], ["x"],
                      [{"status": 500}] * 65):
            self.assertEqual(self.sim.call("POST", "/_sim/faults", rules)[0], 400)
        self.assertEqual(self.sim.call("GET", "/_sim/faults")[1]["faults"], [])
        self.rule(status=500)
        self.assertEqual(len(self.sim.call("GET", "/_sim/faults")[1]["faults"]), 1)
        self.assertEqual(self.sim.call("DELETE", "/_sim/faults")[1]["faults"], [])


class Control(Base):
    def test_events_change_the_data(self):
        sim, tenant = self.sim, self.sim.tenants[1]["tenantId"]
        keys = sim.pages(KEYS, tenant=1)[0]
        device = sim.pages(DEVICES, tenant=1)[0][5]
        new = {"id": "11111111-2222-4333-8444-555555555555", "deviceId": keys[0]["deviceId"],
               "createdDateTime": "2026-08-20T11:20:44.0930000Z", "volumeType": 1,
               "key": "562793-313632-485771-178431-507793-391149-368016-105941"}
        sim.control("events", [
            {"type": "add_key", "tenant": tenant, "key": new},
            {"type": "remove_key", "tenant": tenant, "id": keys[1]["id"]},
            {"type": "set_key", "tenant": tenant, "id": keys[2]["id"], "key": "123456-broken"},
            {"type": "rename_device", "tenant": tenant, "id": device["id"], "name": "NEW"},
            {"type": "remove_device", "tenant": tenant, "id": keys[3]["deviceId"], "keys": True},
            {"type": "add_device", "tenant": tenant,
             "device": {"id": "dev-1", "deviceName": "ADDED", "serialNumber": "A1"}}])
        ids = [row["id"] for row in sim.pages(KEYS, tenant=1)[0]]
        gone = [k["id"] for k in keys if k["deviceId"] == keys[3]["deviceId"]]
        self.assertEqual(len(ids), 70 + 1 - 1 - len(gone))
        self.assertFalse(set(ids) & set(gone + [keys[1]["id"]]))
        self.assertEqual(sim.get(f"{KEYS}/{new['id'].upper()}?$select=key", tenant=1)[1]["key"],
                         new["key"])
        self.assertEqual(sim.get(f"{KEYS}/{keys[2]['id']}?$select=key", tenant=1)[1]["key"],
                         "123456-broken")
        rows = {row["id"]: row for row in sim.pages(DEVICES, tenant=1)[0]}
        self.assertEqual(rows[device["id"]], {**device, "deviceName": "NEW"})
        self.assertEqual(rows["dev-1"]["deviceName"], "ADDED")
        self.assertEqual(len(rows), 30)

    def test_refused_events_say_why(self):
        for event, why in (({"type": "remove_key"}, "tenant"),
                           ({"type": "x", "tenant": self.sim.tenants[0]["domain"]}, "type"),
                           ({"type": "remove_key", "tenant": self.sim.tenants[0]["tenantId"],
                             "id": "x"}, "no such key")):
            status, body, _ = self.sim.call("POST", "/_sim/events", event)
            self.assertEqual(status, 400)
            self.assertIn(why, body["error"])

    def test_log_names_no_secret(self):
        self.sim.token()
        self.sim.get(KEYS)
        text = json.dumps(self.sim.call("GET", "/_sim/requests")[1])
        self.assertNotIn(self.sim.tenants[0]["clientSecret"], text)
        self.assertNotIn("Bearer", text)
        self.assertIn("recovery_keys_list", text)

    def test_reset_forgets_counts_log_and_faults(self):
        self.sim.get(KEYS)
        self.sim.control("faults", {"status": 500})
        self.sim.control("reset", {})
        self.assertEqual(self.sim.counts()["total"], 0)
        self.assertEqual(self.sim.call("GET", "/_sim/requests")[1]["requests"], [])
        self.assertEqual(self.sim.call("GET", "/_sim/faults")[1]["faults"], [])

    def test_bad_control_requests(self):
        for what, body in (("switches", {"nope": 1}), ("switches", {"page_size": 0}),
                           ("switches", {"volume_type_style": "x"}), ("time", {}),
                           ("events", b"{"), ("switches", [1])):
            self.assertEqual(self.sim.call("POST", "/_sim/" + what, body)[0], 400, (what, body))
        self.assertEqual(self.sim.call("GET", "/_sim/none")[0], 404)


class Permissions(unittest.TestCase):
    def start(self, **facts):
        path = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        path = path / "data.json"
        path.write_text(json.dumps({"recoveryKeys": [
            {"id": "b5a1464d-cb60-415d-b51f-8a385d7798ec", "volumeType": "1",
             "createdDateTime": "2026-03-11T07:42:19.1204417Z", "deviceId": None,
             "key": "183634-203555-385792-331386-712844-512622-064064-493504"}],
            "managedDevices": [{"id": "d1"}], **facts}))
        sim = Sim("--data", str(path))
        self.addCleanup(sim.stop)
        return sim

    def statuses(self, sim, token):
        headers = {"Authorization": "Bearer " + token[1]["access_token"], **AGENT}
        one = KEYS + "/b5a1464d-cb60-415d-b51f-8a385d7798ec"
        return [sim.get(path, headers=headers)[0]
                for path in (DEVICES, KEYS, one, one + "?$select=key")]

    def test_each_call_needs_its_own_permission(self):
        sim = self.start(roles=["BitlockerKey.ReadBasic.All"],
                         scopes="DeviceManagementManagedDevices.ReadWrite.All "
                                "https://graph.microsoft.com/BitlockerKey.Read.All")
        self.assertEqual(self.statuses(sim, sim.token()), [403, 200, 200, 403])
        self.assertEqual(self.statuses(sim, sim.delegated()), [200, 200, 200, 200])

    def test_application_without_any_role_gets_a_token_that_opens_nothing(self):
        sim = self.start(roles=[])
        token = sim.token()
        self.assertNotIn("roles", payload(token[1]["access_token"]))
        self.assertEqual(self.statuses(sim, token), [403] * 4)

    def test_delegated_key_access_needs_a_directory_role(self):
        sim = self.start(wids=["4a5d8f65-41da-4de4-8968-e035b65339cf"])
        self.assertEqual(self.statuses(sim, sim.delegated()), [200, 403, 403, 403])
        sim.control("switches", {"role_required": False})
        self.assertEqual(self.statuses(sim, sim.delegated()), [200] * 4)

    def test_dialects_of_refusal(self):
        sim = self.start(roles=[])
        headers = {"Authorization": "Bearer " + sim.token()[1]["access_token"], **AGENT}
        self.assertEqual(sim.get(KEYS, headers=headers)[1]["error"]["code"],
                         "authorization_error")
        error = sim.get(DEVICES, headers=headers)[1]["error"]
        self.assertEqual(error["code"], "Forbidden")
        self.assertIn("DeviceManagementManagedDevices.Read.All",
                      json.loads(error["message"])["Message"])

    def test_tenant_without_intune(self):
        sim = self.start(intune=False)
        answer = sim.get(DEVICES)
        self.assertEqual((answer[0], answer[1]["error"]["message"]),
                         (400, "Request not applicable to target tenant."))

    def test_rows_are_returned_as_given(self):
        sim = self.start()
        row = sim.get(KEYS)[1]["value"][0]
        self.assertEqual(row, {"id": "b5a1464d-cb60-415d-b51f-8a385d7798ec", "volumeType": "1",
                               "createdDateTime": "2026-03-11T07:42:19.1204417Z",
                               "deviceId": None})
        device = sim.get(DEVICES)[1]["value"][0]
        self.assertEqual((device["id"], device["deviceName"], device["serialNumber"]),
                         ("d1", "", ""))


class Program(unittest.TestCase):
    def test_same_seed_same_data_other_seed_other_data(self):
        seen = []
        for seed in ("1", "1", "2"):
            sim = Sim("--devices", "5", "--seed", seed)
            seen.append((sim.pages(KEYS)[0], sim.pages(DEVICES)[0], sim.tenants))
            self.assertEqual(sim.stop()[0], 0)
        self.assertEqual(seen[0], seen[1])
        self.assertNotEqual(seen[0][0], seen[2][0])

    def test_start_prints_what_was_filled_in(self):
        sim = Sim("--devices", "3", "--tenants", "2")
        self.assertEqual(sim.ready, f"graphsim listening on {sim.origin}\n")
        code, out, err = sim.stop()
        self.assertEqual((code, err), (0, ""))
        lines = [json.loads(line.removeprefix("tenant ")) for line in out.splitlines()]
        self.assertEqual([line["clientSecret"] for line in lines],
                         [tenant["clientSecret"] for tenant in sim.tenants])

    def test_wrong_usage_and_data_are_refused(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        bad = {"half.json": "{", "list.json": "[]", "type.json": '{"recoveryKeys": 5}',
               "twice.json": '{"recoveryKeys": [{"id": "a"}, {"id": "A"}]}',
               "noid.json": '{"managedDevices": [{}]}', "tenants.json": '{"tenants": [1]}'}
        for name, text in bad.items():
            (folder / name).write_text(text)
        cases = [(("--data", str(folder / name)), 1) for name in bad]
        cases += [(("--data", str(folder / "none.json")), 1), ((), 2), (("--tls", "x"), 2),
                  (("--devices",), 2), (("--devices", "-1"), 2), (("--devices", "1x"), 2),
                  (("--devices", "1", "--data", "x"), 2), (("--devices", "1", "--tenants", "0"), 2)]
        for options, code in cases:
            done = subprocess.run([GRAPHSIM, "--port", "0", *options], text=True,
                                  capture_output=True, timeout=20)
            self.assertEqual(done.returncode, code, (options, done.stderr))
            self.assertRegex(done.stderr, r"^graphsim: .+\n")

    def test_top_is_capped_and_page_size_is_an_option(self):
        sim = Sim("--devices", "1200")
        self.assertEqual(len(sim.get(DEVICES + "?$top=5000")[1]["value"]), 1000)
        self.assertEqual(len(sim.get(KEYS)[1]["value"]), 1000)
        sim.stop()
        sim = Sim("--devices", "60", "--page-size", "25")
        self.assertEqual(sim.pages(DEVICES)[1], 3)
        self.assertEqual(sim.pages(KEYS)[1], 3)
        sim.stop()

    def test_port_in_use_is_one_clear_sentence(self):
        sim = Sim("--devices", "1")
        done = subprocess.run([GRAPHSIM, "--port", str(sim.port), "--devices", "1"], text=True,
                              capture_output=True, timeout=20)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot listen on 127.0.0.1", done.stderr)
        sim.stop()

    def test_demo_data(self):
        sim = Sim("--data", str(DEMO))
        self.addCleanup(sim.stop)
        self.assertEqual(len(sim.tenants), 3)
        devices, keys, invalid = 0, 0, 0
        for tenant in range(3):
            devices += len(sim.pages(DEVICES, tenant)[0])
            headers = sim.bearer(tenant)
            for row in sim.pages(KEYS, tenant)[0]:
                one = sim.get(f"{KEYS}/{row['id']}?$select=key", headers=headers)[1]
                keys += 1
                invalid += not password_is_valid(one["key"])
        self.assertEqual((devices, keys, invalid), (60, 66, 1))

    def test_http2_by_upgrade_and_prior_knowledge(self):
        sim = Sim("--devices", "1")
        self.addCleanup(sim.stop)
        for option, version in (("--http1.1", "1.1"), ("--http2", "2"),
                                ("--http2-prior-knowledge", "2")):
            done = subprocess.run(["curl", "-s", option, "-o", "/dev/null", "-w",
                                   "%{http_version} %{http_code}", sim.origin + "/_sim/counts"],
                                  text=True, capture_output=True, timeout=20)
            self.assertEqual(done.stdout, version + " 200")


if __name__ == "__main__":
    unittest.main()
