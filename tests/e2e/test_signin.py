# SPDX-License-Identifier: Apache-2.0
"""Every way to sign in, through the real programs: certificate, device code, web page, partner."""
import http.client
import os
import re
import signal
import subprocess
import time
import unittest
import urllib.parse

from harness import ALL_SCOPES, CLIENT, DOCHOST, TENANT, World, device, key, tenant

MANY_COMMANDS = True

CUSTOMER = "0b7d4a52-0000-4000-8000-00000000c001"
STRANGER = "0b7d4a52-0000-4000-8000-00000000c002"
SCOPES = ["BitlockerKey.Read.All", "DeviceManagementManagedDevices.Read.All"]
READER = "5d6b6bb7-de71-4623-b4af-96380a352509"


def make_pem(folder, days=365):
    """A key with its certificate, and the certificate alone."""
    path = os.path.join(folder, "app.pem")
    cert = os.path.join(folder, "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=app",
                    "-days", str(days), "-keyout", path, "-out", cert], check=True,
                   capture_output=True)
    with open(path, encoding="utf-8") as private, open(cert, encoding="utf-8") as public:
        certificate = public.read()
        return private.read() + certificate, certificate


class Base(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.device = device(1)
        self.key = key(1, self.device)

    def begin(self, *more, **facts):
        """A cloud of the tenant and perhaps others, and a host that knows an organization."""
        data = tenant([self.key], [self.device], **facts)
        self.sim = self.world.sim([data] + list(more))
        self.sim.switch(device_interval_s=0)
        self.host = self.world.host()
        self.host.organization("Fernhill", [self.device])
        return data

    def arguments(self, grant, *more):
        return ["connect", TENANT, "--org", "Fernhill", "--client-id", CLIENT, "--login",
                self.sim.url, "--graph", self.sim.url, "--grant", grant, *more]

    def connect(self, grant, *more, stdin=None):
        return self.host.run(*self.arguments(grant, *more), stdin=stdin)

    def synced(self):
        result, rows = self.host.sync()
        self.assertEqual(result.code, 0, result.err)
        self.assertEqual(len(self.host.list("Fernhill")), 1)
        return rows

    def refused(self, result, text):
        self.assertEqual(result.code, 1, result.out + result.err)
        self.assertIn(text, result.err)

    def background(self, *arguments):
        command = [DOCHOST, "--data", self.host.data, *arguments]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=self.host.environment)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        return process


class Certificate(Base):
    def setUp(self):
        super().setUp()
        self.pem, self.certificate = make_pem(self.world.folder)

    def test_signs_in_as_the_application(self):
        self.begin(certificates=[self.certificate], applicationRoles=SCOPES)
        self.host.ok("settings", "set", "accepted_grants", "both")
        self.assertEqual(self.connect("cert", stdin=self.pem).code, 0)
        self.synced()

    def test_older_thumbprint_alone_is_not_sent(self):
        self.begin(certificates=[self.certificate], applicationRoles=SCOPES)
        self.host.ok("settings", "set", "accepted_grants", "both")
        self.sim.switch(x5t_sha1=False)
        self.connect("cert", stdin=self.pem)
        self.synced()

    def test_what_is_no_usable_certificate_is_refused(self):
        self.begin()
        self.host.ok("settings", "set", "accepted_grants", "both")
        self.refused(self.connect("cert", stdin=self.certificate), "no private key")
        self.refused(self.connect("cert", stdin=self.pem.replace(self.certificate, "")),
                     "no certificate")
        self.refused(self.connect("cert", stdin="a secret\n"), "no private key")
        self.assertEqual(self.host.run("sync").code, 1)

    def test_certificate_that_the_app_does_not_have(self):
        self.begin(certificates=[])
        self.host.ok("settings", "set", "accepted_grants", "both")
        self.connect("cert", stdin=self.pem)
        result, _ = self.host.sync()
        self.refused(result, "AADSTS700027")


class DeviceCode(Base):
    def test_signs_in_and_syncs(self):
        self.begin()
        result = self.connect("device")
        self.assertEqual(result.code, 0, result.err)
        self.assertRegex(result.err, r"Open https://\S+ in a browser and type the code \S+")
        self.synced()

    def test_doctor_tells_of_a_first_sign_in_that_waits(self):
        """S1.17: what waits, where, with which code, and who has to act."""
        self.begin()
        self.sim.switch(device_pending=1000, device_interval_s=1)
        process = self.background(*self.arguments("device"))
        told = process.stderr.readline()
        address, code = re.search(r"Open (\S+) in a browser and type the code (\S+?)[.,]?\s",
                                  told).groups()
        process.send_signal(signal.SIGKILL)
        process.wait()
        rows = self.host.run("doctor", as_json=True).rows()
        self.assertEqual([(row["connection"], row["code"], row["severity"]) for row in rows],
                         [(TENANT, "sign-in-waits", "error")], rows)
        self.assertIn("open %s in a browser and type the code %s within" % (address, code),
                      rows[0]["what"])
        self.assertIn("not connected until then", rows[0]["hides"])
        self.assertIn("Whoever is to sign in at Microsoft", rows[0]["who"])
        self.host.ok("signin", "cancel", TENANT)
        rows = self.host.run("doctor", as_json=True).rows()
        self.assertEqual([row["code"] for row in rows], ["integration"])

    def test_signs_in_through_a_server(self):
        self.begin()
        self.host.serve()
        result = self.connect("device")
        self.assertEqual(result.code, 0, result.err)
        for _ in range(300):
            if self.host.run("folder", "list", "--org", "Fernhill", as_json=True).json():
                break
            time.sleep(0.1)
        self.synced()

    def test_confidential_app_proves_itself_too(self):
        data = self.begin(publicClient=False)
        self.refused(self.connect("device"), "AADSTS7000218")
        result = self.connect("device", "--app-secret", stdin=data["clientSecret"] + "\n")
        self.assertEqual(result.code, 0, result.err)
        self.synced()

    def test_slow_down_makes_the_pause_longer(self):
        self.begin()
        self.sim.switch(device_interval_s=1, device_pending=1)
        process = self.background(*self.arguments("device"))
        process.stderr.readline()
        counts = self.sim.counts()
        while self.sim.counts() == counts:
            time.sleep(0.05)
        self.sim.call("POST", "/_sim/time", {"advance_ms": -900})
        self.assertEqual(process.wait(60), 0, process.stderr.read())

    def test_declined_expired_blocked_leave_nothing(self):
        self.begin()
        for switch, text in (("decline", "declined"), ("expire", "in time"),
                             ("blocked", "--grant code")):
            self.sim.switch(device_pending=0, device_result=switch)
            self.refused(self.connect("device"), text)
        result, _ = self.host.sync()
        self.refused(result, "no active Microsoft integration")

    def test_wrong_cloud_is_told(self):
        self.begin(cloud="china")
        self.refused(self.connect("device"), "Microsoft")

    def test_failed_sign_in_leaves_the_old_one_working(self):
        data = self.begin()
        self.assertEqual(self.host.connect(self.sim, ["Fernhill"], data).code, 0)
        self.synced()
        self.sim.switch(device_pending=0, device_result="decline")
        self.refused(self.connect("device"), "declined")
        self.assertEqual(self.synced()[TENANT]["store_changes"], 0)

    def test_interrupt_takes_it_back(self):
        self.begin()
        self.sim.switch(device_pending=1000000)
        process = self.background(*self.arguments("device"))
        line = process.stderr.readline()
        self.assertIn("type the code", line)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(30), 1)
        self.assertIn("taken back", process.stderr.read())
        self.assertEqual(self.host.json("signin", "status", TENANT)["state"], "cancelled")

    def test_killed_client_is_followed_up_by_the_next_one(self):
        self.begin()
        self.sim.switch(device_pending=1000000)
        process = self.background(*self.arguments("device"))
        process.stderr.readline()
        process.kill()
        process.wait()
        self.assertEqual(self.host.json("signin", "status", TENANT)["state"], "waiting")
        result, _ = self.host.sync()
        self.refused(result, "not completed")


class RefreshToken(Base):
    def test_confidential_app_proves_itself_beside_the_token(self):
        data = self.begin(publicClient=False)
        token = data["refreshToken"]
        self.refused(self.connect("refresh", "--app-secret", stdin=token + "\n"), "next line")
        text = f"{token}\n{data['clientSecret']}\n"
        result = self.connect("refresh", "--app-secret", stdin=text + "more\n")
        self.assertEqual(result.code, 2, result.err)
        result = self.connect("refresh", "--app-secret", stdin=text)
        self.assertEqual(result.code, 0, result.err)
        self.synced()

    def test_certificate_beside_the_token(self):
        pem, certificate = make_pem(self.world.folder, days=20)
        data = self.begin(publicClient=False, certificates=[certificate])
        result = self.connect("refresh", "--app-secret", stdin=data["refreshToken"] + "\n" + pem)
        self.assertEqual(result.code, 0, result.err)
        self.synced()
        result = self.host.run("doctor", as_json=True)
        self.assertEqual(result.code, 1)
        self.assertEqual([row["code"] for row in result.rows()], ["certificate-ending", "no-contacts"])
        self.assertIn("in 20 days", result.rows()[0]["what"])


class Page(Base):
    def begin_page(self, *more):
        self.host.serve()
        process = self.background(*self.arguments("code", *more))
        line = process.stderr.readline()
        self.assertIn("Open this address", line)
        return process, process.stderr.readline().strip()

    def visit(self, url):
        """What a browser does: Microsoft's page, then where it leads."""
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection("127.0.0.1", self.sim.port, timeout=30)
        connection.request("GET", parts.path + "?" + parts.query)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        self.assertEqual(answer.status, 302)
        return answer.headers["Location"]

    def come_back(self, location, host=None):
        parts = urllib.parse.urlsplit(location)
        connection = http.client.HTTPConnection("127.0.0.1", self.host.port, timeout=30)
        connection.request("GET", parts.path + "?" + parts.query,
                           headers={"Host": host or parts.netloc})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def test_signs_in_by_the_page(self):
        self.begin()
        process, url = self.begin_page()
        back = self.visit(url)
        self.assertEqual(self.come_back(back, "evil.example")[0], 403)
        wrong = re.sub(r"state=[^&]*", "state=" + "A" * 43, back)
        refused = self.come_back(wrong)
        self.assertEqual(refused[0], 400)
        self.assertEqual(self.come_back(back)[0], 200)
        self.assertEqual(process.wait(30), 0, process.stderr.read())
        self.assertEqual(self.come_back(back), refused)
        self.assertEqual(self.come_back("http://localhost:%d/signin/callback" % self.host.port),
                         refused)
        self.synced()

    def test_refused_at_the_page(self):
        self.begin()
        self.sim.switch(authorize_error=65004)
        process, url = self.begin_page()
        self.assertEqual(self.come_back(self.visit(url))[0], 400)
        self.assertEqual(process.wait(30), 1)
        self.assertIn("refused at Microsoft's page", process.stderr.read())

    def test_alone_it_says_that_a_server_is_needed(self):
        self.begin()
        self.refused(self.connect("code"), "`serve` must be running")
        self.refused(self.connect("code", "--redirect", "http://evil.example/x"), "https://")


class Partner(Base):
    def begin_partner(self, **facts):
        other = device(2)
        entry = {"tenantId": TENANT, "scopes": SCOPES, "wids": [READER]}
        self.customer = tenant([key(2, other)], [other], CUSTOMER, clientId="x",
                               partners=[entry], displayName="Customer")
        self.stranger = tenant([], [], STRANGER, clientId="y", partners=[])
        data = self.begin(self.customer, self.stranger, **facts)
        for name, one in (("Customer", other), ("Stranger", device(3))):
            self.host.organization(name, [one])
        done = self.host.run("connect", TENANT, "--partner", TENANT, "--client-id", CLIENT,
                             "--login", self.sim.url, "--graph", self.sim.url,
                             stdin=data["refreshToken"] + "\n")
        self.assertEqual(done.code, 0, done.err)
        return data

    def test_customers_are_reached_by_one_sign_in(self):
        self.begin_partner()
        self.host.ok("connect", CUSTOMER, "--partner", TENANT, "--org", "Customer")
        self.host.ok("connect", STRANGER, "--partner", TENANT, "--org", "Stranger")
        result, rows = self.host.sync()
        self.assertEqual(result.code, 1)
        self.assertEqual(rows[CUSTOMER]["outcome"], "done", rows[CUSTOMER])
        self.assertEqual(rows[TENANT]["outcome"], "done", rows[TENANT])
        self.assertEqual(rows[STRANGER]["outcome"], "refused")
        self.assertIn("delegated admin relationship", rows[STRANGER]["summary"])
        self.assertEqual(len(self.host.list("Customer")), 1)

    def test_customers_are_listed_with_a_suggestion(self):
        """S1.108: by relationship, else by contract, else the permission is named."""
        self.begin_partner()
        wanted = [{"tenant": CUSTOMER, "name": "Customer", "organization": "Customer",
                   "connected": False}]
        for permission in ("DelegatedAdminRelationship.Read.All", "Directory.Read.All"):
            self.sim.event(type="set_tenant", tenant=TENANT, fields={"scopes": [*ALL_SCOPES.split(), permission]})
            rows = self.host.rows("partner", "customers", TENANT)
            self.assertEqual(rows, wanted, permission)
        self.host.ok("connect", CUSTOMER.upper(), "--partner", TENANT, "--org", "Customer")
        rows = self.host.rows("partner", "customers", TENANT)
        self.assertEqual([row["connected"] for row in rows], [True])
        self.sim.event(type="set_tenant", tenant=TENANT, fields={"scopes": SCOPES})
        self.refused(self.host.run("partner", "customers", TENANT),
                     "DelegatedAdminRelationship.Read.All")
        self.refused(self.host.run("partner", "customers", CUSTOMER), "no partner's connection")
        self.refused(self.host.run("partner", "customers", STRANGER), "no such connection")

    def test_tenant_ids_are_taken_however_they_are_written(self):
        self.begin_partner()
        shouted = "{%s}" % CUSTOMER.upper()
        self.host.ok("connect", shouted, "--partner", "{%s}" % TENANT.upper(), "--org", "Customer")
        listed = [row["connection"] for row in self.host.rows("sync", "status")]
        self.assertIn(CUSTOMER, listed)
        for tenant_id in (CUSTOMER.upper(), shouted, "{%s}" % CUSTOMER):
            result, rows = self.host.sync("--connection", tenant_id)
            self.assertEqual(result.code, 0, result.err)
            self.assertEqual(list(rows), [CUSTOMER])
            self.assertTrue(self.host.rows("sync", "log", "--connection", tenant_id))
            self.host.ok("match", "list", "--connection", tenant_id)
        partner = "{%s}" % TENANT.upper()
        self.sim.event(type="set_tenant", tenant=TENANT, fields={
            "scopes": [*ALL_SCOPES.split(), "Directory.Read.All"]})
        rows = self.host.rows("partner", "customers", partner)
        self.assertIn(CUSTOMER, [row["tenant"] for row in rows])
        for wrong in ("{%s" % CUSTOMER, CUSTOMER[:-1], "no-body"):
            result = self.host.run("sync", "--connection", wrong)
            self.refused(result, '"%s" is neither the tenant id nor the name of one' % wrong)
            self.refused(self.host.run("partner", "customers", wrong), '"%s" is neither' % wrong)
            self.assertNotEqual(self.host.run("match", "list", "--connection", wrong).code, 0)

    def test_partner_alone_needs_no_permission_in_its_own_tenant(self):
        self.begin_partner(scopes=["User.Read"])
        self.host.ok("connect", CUSTOMER, "--partner", TENANT, "--org", "Customer")
        result, rows = self.host.sync()
        self.assertEqual(result.code, 0, result.err)
        self.assertEqual(rows[TENANT]["outcome"], "done", rows[TENANT])
        self.assertEqual(self.host.run("doctor").code, 0)

    def test_renewed_partner_wakes_its_customers(self):
        """A customer that waits after failures is tried at once when the partner signs in again."""
        data = self.begin_partner()
        self.host.ok("connect", CUSTOMER, "--partner", TENANT, "--org", "Customer")
        self.sim.fault(route="token", error="token:50173", count=-1)
        self.host.serve()
        self.wait_for(lambda: self.failures() == [1, 1])
        self.sim.clear_faults()
        done = self.host.run("connect", TENANT.upper(), "--partner", TENANT, "--client-id", CLIENT,
                             stdin=data["refreshToken"] + "\n")
        self.assertEqual(done.code, 0, done.err)
        self.wait_for(lambda: len(self.host.list("Customer")) == 1)

    def failures(self):
        rows = self.host.rows("sync", "status")
        return [row["failures_in_a_row"] for row in rows]

    def wait_for(self, condition):
        for _ in range(300):
            if condition():
                return
            time.sleep(0.1)
        self.fail("it does not come to that")

    def test_file_of_customers_counts_as_a_whole(self):
        self.begin_partner()
        path = os.path.join(self.world.folder, "customers.csv")
        for text, problem in ((f"{CUSTOMER},Customer\n{STRANGER},Nobody\n", "Line 2"),
                              (f"{CUSTOMER}\n", "Line 1"), ("", "no customer")):
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
            self.refused(self.host.run("connect", "--customers", path, "--partner", TENANT),
                         problem)
            _, rows = self.host.sync()
            self.assertEqual(list(rows), [TENANT])
        with open(path, "w", encoding="utf-8") as out:
            out.write(f"tenant,organization\n{CUSTOMER.upper()},Customer\n{CUSTOMER},Fernhill\n")
        self.host.ok("connect", "--customers", path, "--partner", TENANT)
        _, rows = self.host.sync()
        self.assertEqual(rows[CUSTOMER]["outcome"], "done", rows[CUSTOMER])

    def test_partner_must_be_connected_first(self):
        self.begin()
        self.refused(self.host.run("connect", CUSTOMER, "--partner", TENANT, "--org", "Fernhill"),
                     "partner is not connected")


class Challenge(Base):
    def test_challenge_is_answered_once(self):
        data = self.begin()
        self.host.connect(self.sim, ["Fernhill"], data)
        self.synced()
        for style in ("bearer", "pop_first", "two_lines", "unquoted"):
            self.sim.switch(challenge_style=style)
            before = self.sim.counts()
            self.sim.fault(route="managedDevices", error="err.cae", count=1)
            self.assertEqual(self.synced()[TENANT]["store_changes"], 0)
            self.assertNotEqual(before, self.sim.counts())


if __name__ == "__main__":
    unittest.main()
