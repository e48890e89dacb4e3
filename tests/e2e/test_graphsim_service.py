# SPDX-License-Identifier: Apache-2.0
"""The simulated service around the data: batches, budgets, Intune's actions, transport, TLS."""
import email.utils
import gzip
import json
import pathlib
import ssl
import subprocess
import tempfile
import unittest
import urllib.request

from graphsim_client import AGENT, DEVICES, GRAPHSIM, KEYS, Sim, password_is_valid

BATCH = "/v1.0/$batch"
STATES = "/beta/deviceManagement/managedDeviceEncryptionStates"
WRITER = ("BitlockerKey.Read.All Device.Read.All DeviceManagementManagedDevices.ReadWrite.All "
          "DeviceManagementConfiguration.ReadWrite.All")


class Base(unittest.TestCase):
    OPTIONS = ("--devices", "60", "--keys", "120", "--seed", "3")

    def setUp(self):
        self.sim = Sim(*self.OPTIONS)
        self.addCleanup(self.stop)
        self.headers = self.sim.bearer()

    def stop(self):
        code, _, err = self.sim.stop()
        self.assertEqual((code, err), (0, ""))

    def advance(self, seconds):
        self.sim.control("time", {"advance_ms": int(seconds * 1000)})

    def switch(self, **values):
        self.sim.control("switches", values)


class Batch(Base):
    def send(self, requests, target=BATCH):
        return self.sim.call("POST", target, {"requests": requests}, self.headers)

    def items(self, *requests, **options):
        status, body, _ = self.send(list(requests), **options)
        self.assertEqual(status, 200, body)
        return {item["id"]: item for item in body["responses"]}

    def item(self, name, url, **members):
        return {"id": name, "method": "GET", "url": url, **members}

    def test_each_item_is_a_request_of_its_own(self):
        key = self.sim.pages(KEYS)[0][0]["id"]
        url = f"informationProtection/bitlocker/recoveryKeys/{key}?$select=key"
        found = self.items(self.item("1", "/devices?$top=1&$select=id"), self.item("2", url),
                           self.item("3", "/devices/nobody"), self.item("4", "/nothing"))
        self.assertEqual([found[i]["status"] for i in "1234"], [200, 200, 404, 404])
        self.assertTrue(password_is_valid(found["2"]["body"]["key"]))
        self.assertEqual(len(found["1"]["body"]["value"]), 1)
        counts = self.sim.counts()
        self.assertEqual((counts["batch"], counts["devices"], counts["key_reads"]), (1, 1, 1))
        self.switch(batch_recovery_keys=False)
        self.assertEqual(self.items(self.item("2", url))["2"]["status"], 400)

    def test_next_link_can_be_followed_in_a_batch(self):
        link = self.items(self.item("1", "/devices?$top=50"))["1"]["body"]["@odata.nextLink"]
        rest = self.items(self.item("1", link.split("/v1.0", 1)[1]))
        self.assertEqual(len(rest["1"]["body"]["value"]), 10)

    def test_malformed_batches_are_refused_whole(self):
        one = self.item("1", "/devices")
        many = [self.item(str(i), "/devices") for i in range(21)]
        for requests in ([], many, [one, one], [{"id": "1"}], [self.item("a", "/x"),
                         self.item("A", "/x")], [{**one, "dependsOn": ["9"]}],
                         [{**one, "body": {}}], "x"):
            self.assertEqual(self.send(requests)[0], 400, requests)
        self.assertEqual(len(self.items(*many[:20])), 20)

    def test_order_and_dependencies(self):
        chain = [self.item("1", "/devices/nobody"), self.item("2", "/devices", dependsOn=["1"]),
                 self.item("3", "/devices", dependsOn=["2"]), self.item("4", "/devices")]
        for order in ("given", "reversed", "shuffled"):
            self.switch(batch_order=order)
            _, body, _ = self.send(chain)
            got = {item["id"]: item["status"] for item in body["responses"]}
            self.assertEqual(got, {"1": 404, "2": 424, "3": 424, "4": 200})
        self.switch(batch_order="reversed")
        self.assertEqual([r["id"] for r in self.send(chain)[1]["responses"]], list("4321"))

    def test_throttled_items_with_and_without_retry_after(self):
        self.switch(keys_limit=1)
        url = "/informationProtection/bitlocker/recoveryKeys"
        pair = (self.item("1", url), self.item("2", url))
        found = self.items(*pair)
        self.assertEqual([found["1"]["status"], found["2"]["status"]], [200, 429])
        self.assertTrue(1 <= int(found["2"]["headers"]["Retry-After"]) <= 10)
        self.switch(batch_retry_after=False)
        self.assertNotIn("Retry-After", self.items(*pair)["1"]["headers"])

    def test_beta_only_action_in_a_v1_batch(self):
        one = {**self.item("1", "/deviceManagement/managedDevices/x/rotateBitLockerKeys"),
               "method": "POST"}
        self.assertEqual(self.items(one)["1"]["status"], 405)
        self.assertEqual(self.items(one, target="/beta/$batch")["1"]["status"], 403)


class Budgets(Base):
    def test_unpublished_budget_is_a_switch_on_the_virtual_clock(self):
        self.switch(keys_limit=3, keys_window_s=20)
        seen = [self.sim.get(KEYS, headers=self.headers) for _ in range(5)]
        self.assertEqual([s[0] for s in seen], [200, 200, 200, 429, 429])
        self.assertEqual(seen[3][1]["error"]["code"], "TooManyRequests")
        wait = int(seen[3][2]["Retry-After"])
        self.assertTrue(1 <= wait <= 20)
        self.advance(wait)
        self.assertEqual(self.sim.get(KEYS, headers=self.headers)[0], 200)

    def test_retry_after_as_date_and_absent(self):
        self.switch(keys_limit=1, retry_after_style="date")
        self.sim.get(KEYS, headers=self.headers)
        text = self.sim.get(KEYS, headers=self.headers)[2]["Retry-After"]
        now = self.sim.call("GET", "/_sim/time")[1]["now_ms"] / 1000
        ahead = email.utils.parsedate_to_datetime(text).timestamp() - now
        self.assertTrue(-1 <= ahead <= 11, (text, ahead))
        self.switch(retry_after_style="absent")
        self.assertIsNone(self.sim.get(KEYS, headers=self.headers)[2]["Retry-After"])

    def test_intune_takes_2000_requests_in_20_seconds(self):
        path = "/deviceManagement/managedDevices?$top=1"
        body = {"requests": [{"id": str(i), "method": "GET", "url": path} for i in range(20)]}
        for _ in range(100):
            answer = self.sim.call("POST", BATCH, body, self.headers)[1]["responses"]
            self.assertEqual({item["status"] for item in answer}, {200})
        answer = self.sim.get(DEVICES, headers=self.headers)
        self.assertEqual(answer[0], 429)
        self.switch(throttle=False)
        self.assertEqual(self.sim.get(DEVICES, headers=self.headers)[0], 200)

    def test_directory_counts_resource_units_by_the_size_of_the_tenant(self):
        answer = self.sim.get("/v1.0/subscribedSkus", headers=self.headers)
        self.assertEqual(answer[2]["x-ms-resource-unit"], "3")
        answer = self.sim.get("/v1.0/users?$select=id&$top=5", headers=self.headers)
        self.assertEqual(answer[2]["x-ms-resource-unit"], "1")
        item = {"method": "GET", "url": "/subscribedSkus"}
        body = {"requests": [{**item, "id": str(i)} for i in range(20)]}
        statuses, share = [], None
        for _ in range(60):
            statuses += [r["status"] for r in self.sim.call("POST", BATCH, body, self.headers)[1]
                         ["responses"]]
        answer = self.sim.get("/v1.0/subscribedSkus", headers=self.headers)
        share = float(answer[2]["x-ms-throttle-limit-percentage"])
        self.assertEqual(statuses.count(200), (3500 - 4) // 3)
        self.assertEqual((answer[0], answer[2]["x-ms-throttle-information"]),
                         (429, "ResourceUnitLimitExceeded"))
        self.assertGreaterEqual(share, 1.0)


class Intune(Base):
    def setUp(self):
        super().setUp()
        tenant = self.sim.tenants[0]["tenantId"]
        self.sim.control("events", {"type": "set_tenant", "tenant": tenant,
                                    "fields": {"scopes": WRITER, "roles": WRITER}})
        self.headers = self.sim.bearer()
        self.device = self.sim.get(DEVICES + "?$top=1", headers=self.headers)[1]["value"][0]
        self.path = f"/beta/deviceManagement/managedDevices/{self.device['id']}"

    def rotate(self, path=None):
        return self.sim.raw("POST", (path or self.path) + "/rotateBitLockerKeys", b"{}",
                            self.headers)

    def renew(self):
        self.headers = self.sim.bearer()

    def states(self):
        target = f"{DEVICES}/{self.device['id']}?$select=id,deviceActionResults"
        rows = self.sim.get(target, headers=self.headers)[1]["deviceActionResults"]
        return [row["actionState"] for row in rows]

    def keys(self):
        device = self.device["azureADDeviceId"]
        return self.sim.get(f"{KEYS}?$filter=deviceId%20eq%20'{device}'",
                            headers=self.headers)[1]["value"]

    def test_single_device_by_its_own_id_only(self):
        self.assertEqual(self.sim.get(f"{DEVICES}('{self.device['id']}')",
                                      headers=self.headers)[1]["id"], self.device["id"])
        target = f"{DEVICES}/{self.device['id']}?$select=physicalMemoryInBytes"
        self.assertGreater(self.sim.get(target, headers=self.headers)[1]["physicalMemoryInBytes"],
                           self.device["physicalMemoryInBytes"])
        answer = self.sim.get(f"{DEVICES}/{self.device['azureADDeviceId']}", headers=self.headers)
        self.assertEqual((answer[0], answer[1]["error"]["code"]), (404, "ResourceNotFound"))

    def test_rotation_ends_later_with_new_keys_beside_the_old(self):
        before = {row["id"] for row in self.keys()}
        status, body, _ = self.rotate()
        self.assertEqual((status, body), (204, b""))
        self.assertEqual(self.states(), ["pending"])
        self.advance(961)
        self.assertEqual(self.states(), ["done"])
        self.assertEqual({row["id"] for row in self.keys()}, before)
        self.advance(61)
        rows = self.keys()
        new = [row for row in rows if row["id"] not in before]
        self.assertEqual(len(rows), len(before) + 2)
        self.assertEqual(sorted(row["volumeType"] for row in new),
                         ["fixedDataVolume", "operatingSystemVolume"])
        one = self.sim.get(f"{KEYS}/{new[0]['id']}?$select=key", headers=self.headers)[1]
        self.assertTrue(password_is_valid(one["key"]))
        log = self.sim.get("/beta/deviceManagement/remoteActionAudits", headers=self.headers)[1]
        self.assertEqual([row["actionState"] for row in log["value"]], ["done"])
        names = [r["activityDisplayName"] for r in self.sim.call("GET", "/_sim/audits")[1]["value"]]
        self.assertEqual(names.count("Add BitLocker key"), 2)

    def test_other_outcomes_by_switch_and_by_event(self):
        for outcome, state in (("failed", "failed"), ("not_supported", "notSupported"),
                               ("no_key", "done")):
            self.switch(rotation_outcome=outcome)
            self.rotate()
            self.advance(1100)
            self.assertEqual(self.states()[0], state)
        self.sim.control("events", {"type": "rotation", "id": self.device["id"],
                                    "outcome": "stuck"})
        self.rotate()
        self.advance(86400)
        self.renew()
        self.assertEqual(self.states()[0], "pending")
        self.assertEqual(len(self.keys()), 2)
        self.sim.control("events", {"type": "rotation", "id": self.device["id"],
                                    "outcome": "done"})
        self.assertEqual(self.states()[0], "done")
        self.assertEqual(len(self.keys()), 4)

    def test_who_may_rotate_and_where(self):
        self.assertEqual(self.rotate(self.path.replace("beta", "v1.0"))[0], 400)
        self.assertEqual(self.rotate("/beta/deviceManagement/managedDevices/x")[0], 404)
        for wanted, status in (("configuration", 204), ("managed_devices", 204),
                               ("privileged", 403)):
            self.switch(rotation_permission=wanted)
            self.assertEqual(self.rotate()[0], status)
        self.switch(rotation_permission="any", intune_forbidden_as_401=True)
        self.sim.control("events", {"type": "set_tenant", "fields": {"roles": "User.Read.All"}})
        self.renew()
        answer = self.rotate()
        self.assertEqual(answer[0], 401)
        inner = json.loads(json.loads(answer[1])["error"]["message"])
        self.assertEqual(json.loads(inner["Message"])["_version"], 3)

    def test_encryption_report_is_beta_and_paged(self):
        self.assertEqual(self.sim.get(STATES.replace("beta", "v1.0"), headers=self.headers)[0], 400)
        rows = self.sim.get(STATES + "?$top=50", headers=self.headers)[1]
        self.assertEqual((rows["@odata.count"], len(rows["value"])), (50, 50))
        more = self.sim.get(rows["@odata.nextLink"][len(self.sim.origin):], headers=self.headers)
        self.assertEqual(len(more[1]["value"]), 10)
        self.assertEqual(rows["value"][0]["encryptionState"], "encrypted")

    def test_offset_dates(self):
        self.switch(intune_offset_dates=True)
        row = self.sim.get(DEVICES + "?$top=1", headers=self.headers)[1]["value"][0]
        self.assertRegex(row["lastSyncDateTime"], r"^\d{4}-.*-08:00$")


class Transport(Base):
    def test_gzip_when_asked_and_switched_on(self):
        headers = {**self.headers, "Accept-Encoding": "gzip"}
        plain = self.sim.raw("GET", DEVICES, headers=self.headers)
        status, body, found = self.sim.raw("GET", DEVICES, headers=headers)
        self.assertEqual((status, found["Content-Encoding"]), (200, "gzip"))
        self.assertEqual(json.loads(gzip.decompress(body)), json.loads(plain[1]))
        self.switch(gzip=False)
        self.assertIsNone(self.sim.raw("GET", DEVICES, headers=headers)[2]["Content-Encoding"])

    def test_chunked_close_and_date(self):
        self.switch(chunked=True)
        found = self.sim.raw("GET", DEVICES, headers=self.headers)[2]
        self.assertEqual((found["Transfer-Encoding"], found["Content-Length"]), ("chunked", None))
        self.switch(chunked=False)
        self.sim.control("faults", {"route": "managed_devices", "status": 503, "close": True,
                                    "retry_after": 5})
        answer = self.sim.raw("GET", DEVICES, headers=self.headers)
        self.assertEqual((answer[0], answer[2]["Connection"]), (503, "close"))
        for error, status in (("gateway_timeout", 504), ("bandwidth", 509),
                              ("throttled_old", 429)):
            self.sim.control("faults", {"route": "managed_devices", "error": error})
            self.assertEqual(self.sim.get(DEVICES, headers=self.headers)[0], status)
        self.switch(clock_skew_s=3600)
        date = self.sim.raw("GET", DEVICES, headers=self.headers)[2]["Date"]
        now = self.sim.call("GET", "/_sim/time")[1]["now_ms"] / 1000
        ahead = email.utils.parsedate_to_datetime(date).timestamp() - now
        self.assertTrue(3590 < ahead < 3610, ahead)
        self.sim.call("DELETE", "/_sim/switches")
        self.assertEqual(self.sim.call("GET", "/_sim/switches")[1]["clock_skew_s"], 0)

    def test_volume_type_null_and_unknown(self):
        for style, seen in (("null", None), ("unknown", "unknownFutureValue")):
            self.switch(volume_type_style=style)
            self.assertEqual(self.sim.get(KEYS, headers=self.headers)[1]["value"][0]
                             ["volumeType"], seen)


class Tls(unittest.TestCase):
    def start(self, folder):
        process = subprocess.Popen([GRAPHSIM, "--port", "0", "--devices", "2", "--tls", folder],
                                   text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        ready = process.stdout.readline()
        authority = process.stdout.readline().removeprefix("ca ").strip()
        self.addCleanup(self.stop, process)
        return int(ready.rsplit(":", 1)[1]), authority

    def stop(self, process):
        process.terminate()
        process.communicate(timeout=20)

    def test_own_authority_both_versions_and_the_same_files_again(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "tls"
        port, authority = self.start(str(folder))
        self.assertEqual(authority, str(folder / "ca.pem"))
        self.assertEqual((folder / "ca-key.pem").stat().st_mode & 0o777, 0o600)
        first = (folder / "ca.pem").read_bytes()
        for option, version in (("--http1.1", "1.1"), ("--http2", "2")):
            for host in ("localhost", "127.0.0.1"):
                done = subprocess.run(
                    ["curl", "-s", option, "--cacert", authority, "-o", "/dev/null", "-w",
                     "%{http_version} %{http_code}", f"https://{host}:{port}/_sim/counts"],
                    text=True, capture_output=True, timeout=20)
                self.assertEqual(done.stdout, version + " 200")
        with self.assertRaises(OSError):
            urllib.request.urlopen(f"https://127.0.0.1:{port}/_sim/counts", timeout=20,
                                   context=ssl.create_default_context())
        port, authority = self.start(str(folder))
        self.assertEqual((folder / "ca.pem").read_bytes(), first)
        context = ssl.create_default_context(cafile=authority)
        with urllib.request.urlopen(f"https://127.0.0.1:{port}/_sim/counts", timeout=20,
                                    context=context) as answer:
            self.assertEqual(answer.status, 200)

    def test_folder_that_cannot_be_made(self):
        done = subprocess.run([GRAPHSIM, "--port", "0", "--devices", "1", "--tls",
                               "/proc/none/here"], text=True, capture_output=True, timeout=20)
        self.assertEqual((done.returncode, done.stderr[:9]), (1, "graphsim:"))


class Million(unittest.TestCase):
    def test_a_million_keys_need_little_memory_and_any_page_is_found(self):
        sim = Sim("--devices", "1000000", "--seed", "5")
        self.addCleanup(sim.stop)
        headers = {**sim.bearer(), **AGENT}
        first = sim.get(KEYS, headers=headers)[1]
        self.assertEqual(len(first["value"]), 1000)
        last = sim.get(KEYS + "?$skiptoken=c2ltLXJvdy05OTk5OTU", headers=headers)[1]
        self.assertEqual(len(last["value"]), 5)
        self.assertNotIn("@odata.nextLink", last)
        device = last["value"][0]["deviceId"]
        one = sim.get(f"{DEVICES}?$filter=azureADDeviceId%20eq%20'{device}'", headers=headers)[1]
        self.assertEqual([row["azureADDeviceId"] for row in one["value"]], [device])
        self.assertEqual(sim.get(f"/v1.0/devices(deviceId='{device}')", headers=headers)[0], 200)
        status = pathlib.Path(f"/proc/{sim.process.pid}/status").read_text()
        peak = int(status.split("VmHWM:")[1].split()[0])
        self.assertLess(peak, 200 * 1024)


if __name__ == "__main__":
    unittest.main()
