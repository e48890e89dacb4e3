# SPDX-License-Identifier: Apache-2.0
"""The main job over TLS and HTTP/2, as every real endpoint of Microsoft speaks it; and servers whose
certificate or version is no good, which get not one request (S3.37, S3.43)."""

import os
import unittest

import harness
from net_world import NetWorld, OldTls, certificates, finding


class TlsTest(unittest.TestCase):
    def setUp(self):
        self.world = NetWorld()
        self.addCleanup(self.world.close)

    def whole_job(self, sim, host, version):
        keys = self.world.keys
        result, rows = host.sync()
        self.assertEqual(0, result.code, result.err)
        row = rows[harness.TENANT]
        self.assertEqual((len(keys), len(keys), 0),
                         (row["created"], row["key_reads"], row["failed"]))
        again = host.sync()[1][harness.TENANT]
        self.assertEqual((0, 0), (again["key_reads"], again["store_changes"]))
        shown = host.ok("reveal", keys[0]["id"], "--reason", "drill").out.strip()
        self.assertEqual(keys[0]["key"], shown)
        counts = sim.counts()
        self.assertEqual((len(keys), 1), (counts["key_reads"], counts["most_reads_of_one_key"]))
        versions = {one["http"] for one in sim.requests()["requests"]}
        self.assertEqual({version}, versions)

    def test_main_job_by_http_2(self):
        sim, host = self.world.cloud()
        self.world.trust(host)
        self.whole_job(sim, host, "2.0")
        self.assertEqual([], [row for row in host.run("doctor", as_json=True).rows()
                              if row["severity"] != "note"])

    def test_main_job_where_http_2_is_not_offered(self):
        sim, host = self.world.cloud(arguments=["--http1"])
        self.world.trust(host)
        self.whole_job(sim, host, "1.1")

    def test_tls_1_3_alone_will_do(self):
        sim, host = self.world.cloud()
        self.world.trust(host)
        host.ok("settings", "set", "http_tls_min", "1.3")
        self.whole_job(sim, host, "2.0")

    def refused(self, sim, host, code, host_name="127.0.0.1"):
        """Told by the sync and by the doctor, and nothing was asked."""
        found, what = finding(host)
        self.assertEqual(code, found, what)
        result, rows = host.sync()
        self.assertEqual(1, result.code)
        said = rows[harness.TENANT]["problem"]
        for text in (what, said):
            self.assertTrue(text.startswith("At %s: " % host_name), text)
            self.assertIn("nothing was sent", text)
        self.assertEqual(0, sim.requests()["written"], "not even a request for a token")
        self.assertEqual([], host.list("Fernhill"))

    def test_authority_that_nobody_trusts(self):
        sim, host = self.world.cloud()
        self.refused(sim, host, "certificate-untrusted")
        other = certificates(self.world.path("other"))
        host.ok("settings", "set", "http_ca_file", other)
        self.refused(sim, host, "certificate-untrusted")

    def test_certificate_that_has_expired(self):
        certificates(self.world.tls, days="-1")
        sim, host = self.world.cloud()
        self.world.trust(host)
        self.refused(sim, host, "certificate-expired")

    def test_certificate_of_another_name(self):
        certificates(self.world.tls, names="DNS:login.example.org")
        sim, host = self.world.cloud()
        self.world.trust(host)
        self.refused(sim, host, "certificate-name")

    def test_version_below_the_floor(self):
        sim, host = self.world.cloud()
        self.world.trust(host)
        old = OldTls(self.world.tls)
        self.addCleanup(old.close)
        data = harness.tenant(self.world.keys, self.world.devices)
        host.ok("settings", "set", "http_tls_min", "1.3")
        host.ok("connect", data["tenantId"], "--client-id", harness.CLIENT, "--login", old.url,
                "--graph", old.url, "--grant", "refresh", "--org", "Fernhill",
                stdin=data["refreshToken"] + "\n")
        self.refused(sim, host, "tls-version")
        self.assertEqual(b"", old.received)
        host.ok("settings", "set", "http_tls_min", "1.2")
        self.assertNotEqual("tls-version", finding(host)[0])
        self.assertIn(b"POST", old.received, "the older version was taken")

    def test_file_of_authorities_that_went_away(self):
        sim, host = self.world.cloud()
        self.world.trust(host)
        os.rename(os.path.join(self.world.tls, "ca.pem"), self.world.path("elsewhere"))
        rows = host.run("doctor", as_json=True).rows()
        self.assertEqual({"network", "ca-file"}, {row["code"] for row in rows})
        result, rows = host.sync()
        self.assertEqual(1, result.code)
        self.assertIn("authorities", rows[harness.TENANT]["problem"])
        self.assertEqual(0, sim.requests()["written"])

    def test_certificate_that_is_changed_between_two_syncs(self):
        sim, host = self.world.cloud()
        self.world.trust(host)
        self.whole_job(sim, host, "2.0")
        os.rename(self.world.tls, self.world.path("before"))
        certificates(self.world.tls)
        before = host.list("Fernhill")
        written = sim.requests()["written"]
        host.ok("settings", "set", "http_ca_file", os.path.join(self.world.tls, "ca.pem"))
        self.assertEqual("certificate-untrusted", finding(host)[0])
        self.assertEqual(1, host.sync()[0].code)
        self.assertEqual(written, sim.requests()["written"])
        self.assertEqual(before, host.list("Fernhill"), "what is documented stays")

    def test_connections_that_end_and_streams_that_break_while_keys_are_read(self):
        sim, host = self.world.cloud(count=60)
        self.world.trust(host)
        host.ok("settings", "set", "parallel_reads", "20")
        sim.fault(route="recovery_key_get_secret", skip=5, count=1, go_away=True)
        sim.fault(route="recovery_key_get_secret", skip=10, count=3, reset=True)
        sim.fault(route="recovery_key_get_secret", skip=20, count=2, cut_body=True)
        sim.fault(route="batch", count=1, go_away=True)
        sim.fault(route="batch", count=1, reset=True)
        result, rows = host.sync()
        self.assertEqual(0, result.code, result.err)
        self.assertEqual((60, 0), (rows[harness.TENANT]["created"], rows[harness.TENANT]["failed"]))
        self.assertEqual({"2.0"}, {one["http"] for one in sim.requests()["requests"]})
        again = host.sync()[1][harness.TENANT]
        self.assertEqual((0, 0), (again["key_reads"], again["store_changes"]))


if __name__ == "__main__":
    unittest.main()
