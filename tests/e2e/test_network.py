# SPDX-License-Identifier: Apache-2.0
"""How the host reaches the outside is the administrator's to say and nobody else's: settings that
are checked when they are set, a proxy that carries everything that is encrypted, and an environment
that nobody asks (S3.37, S3.43)."""

import os
import unittest

import harness
from net_world import NetWorld, Proxy, finding

LOGIN = "alice:Tr0mbone-in-a-w3ll"


class NetworkTest(unittest.TestCase):
    def setUp(self):
        self.world = NetWorld()
        self.addCleanup(self.world.close)

    def proxy(self, **options):
        proxy = Proxy(**options)
        self.addCleanup(proxy.close)
        return proxy

    def behind(self, proxy):
        sim, host = self.world.cloud()
        self.world.trust(host)
        host.ok("settings", "set", "http_proxy", proxy.url)
        return sim, host

    def expect_synced(self, host):
        result, rows = host.sync()
        self.assertEqual(0, result.code, result.err)
        self.assertEqual(len(self.world.keys), rows[harness.TENANT]["created"])

    def test_everything_goes_through_the_proxy(self):
        proxy = self.proxy()
        sim, host = self.behind(proxy)
        self.expect_synced(host)
        self.assertGreater(len(proxy.heads), 0)
        target = "CONNECT 127.0.0.1:%d HTTP/1.1" % sim.port
        self.assertEqual({target}, {head.split("\r\n")[0] for head in proxy.heads})
        self.assertEqual({"2.0"}, {one["http"] for one in sim.requests()["requests"]})
        for head in proxy.heads:
            self.assertNotIn("authorization", head.lower())
        self.assertEqual(0, host.sync()[1][harness.TENANT]["store_changes"])

    def test_streams_share_few_connections(self):
        proxy = self.proxy()
        sim, host = self.world.cloud(count=1000, arguments=["--latency", "100"])
        self.world.trust(host)
        sim.switch(throttle=False)
        host.ok("settings", "set", "http_proxy", proxy.url)
        host.ok("settings", "set", "parallel_reads", "200")
        self.expect_synced(host)
        self.assertLess(len(proxy.heads), 10)

    def test_environment_is_not_asked(self):
        proxy = self.proxy()
        sim, host = self.behind(proxy)
        trap = self.proxy()
        keys = self.world.path("tls-keys")
        for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            host.environment[name] = trap.url
        host.environment.update(no_proxy="*", NO_PROXY="127.0.0.1", SSLKEYLOGFILE=keys,
                                CURL_CA_BUNDLE="/dev/null", SSL_CERT_FILE="/dev/null")
        self.expect_synced(host)
        self.assertGreater(len(proxy.heads), 0, "no_proxy leads around nothing")
        host.ok("settings", "set", "http_proxy", "")
        before = len(proxy.heads)
        self.assertEqual(0, host.sync()[0].code)
        self.assertEqual(before, len(proxy.heads))
        self.assertEqual([], trap.heads)
        self.assertFalse(os.path.exists(keys), "keys of connections in a file")
        self.assertGreater(sim.requests()["written"], 0)

    def test_plain_loopback_is_not_shown_to_a_proxy(self):
        proxy = self.proxy()
        self.world.cloud(count=0)
        devices = self.world.devices
        data = harness.tenant([harness.key(1, devices[0])], devices)
        sim = self.world.sim([data])
        host = self.world.connect_to(sim, data)
        host.ok("settings", "set", "http_proxy", proxy.url)
        self.assertEqual(0, host.sync()[0].code)
        self.assertEqual([], proxy.heads)

    def expect_stopped(self, sim, host, code, words):
        found, what = finding(host)
        self.assertEqual(code, found, what)
        self.assertIn(words, what)
        self.assertIn("administrator must", what)
        self.assertEqual(0, sim.requests()["written"])

    def test_proxy_that_is_down_or_refuses(self):
        gone = self.proxy()
        sim, host = self.behind(gone)
        gone.close()
        self.expect_stopped(sim, host, "proxy", "cannot be reached")
        forbids = self.proxy(refuse=403)
        host.ok("settings", "set", "http_proxy", forbids.url)
        self.expect_stopped(sim, host, "proxy", "does not let this through")
        host.ok("settings", "set", "http_proxy", "http://nobody.invalid:3128")
        self.expect_stopped(sim, host, "proxy", "cannot be reached")
        host.ok("settings", "set", "http_proxy", "")
        self.expect_synced(host)

    def test_proxy_that_asks_who_it_is(self):
        proxy = self.proxy(login=LOGIN)
        sim, host = self.behind(proxy)
        self.expect_stopped(sim, host, "proxy-login", "user name and password")
        wrong = self.world.write("wrong", "alice:other\n")
        host.ok("settings", "set", "http_proxy_login_file", wrong)
        self.expect_stopped(sim, host, "proxy-login", "user name and password")
        right = self.world.write("right", LOGIN + "\n")
        host.ok("settings", "set", "http_proxy_login_file", right)
        self.expect_synced(host)
        shown = host.run("settings", "get").out + host.run("activity", "list").out
        self.assertNotIn("Tr0mbone", shown)
        self.assert_nowhere("Tr0mbone", right)
        os.chmod(right, 0o644)
        result, rows = host.sync()
        self.assertEqual(1, result.code)
        self.assertIn("http_proxy_login_file", rows[harness.TENANT]["problem"])
        self.assertIn("http_proxy_login_file", result.err, "the host's own sentence")
        self.assertEqual({"network", "http-policy"},
                         {row["code"] for row in host.run("doctor", as_json=True).rows()})

    def assert_nowhere(self, secret, but):
        for folder, _, names in os.walk(self.world.folder):
            for name in names:
                path = os.path.join(folder, name)
                if path == but:
                    continue
                with open(path, "rb") as file:
                    self.assertNotIn(secret.encode(), file.read(), path)

    def test_bad_values_are_refused_when_they_are_set(self):
        host = self.world.host()
        no_pem = self.world.write("no.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n"
                                  "-----END CERTIFICATE-----\n")
        nul = self.world.write("nul.pem", "a\0b")
        open_login = self.world.write("open", LOGIN, 0o644)
        bad_login = self.world.write("bad", "no colon")
        empty = self.world.write("empty", "")
        table = [
            ("http_proxy", "proxy.example:3128", "http://HOST:PORT"),
            ("http_proxy", "socks5://127.0.0.1:1080", "http://HOST:PORT"),
            ("http_proxy", "http://proxy.example", "http://HOST:PORT"),
            ("http_proxy", "http://proxy.example:0", "http://HOST:PORT"),
            ("http_proxy", "http://proxy.example:70000", "http://HOST:PORT"),
            ("http_proxy", "http://proxy.example:3128/x", "http://HOST:PORT"),
            ("http_proxy", "http://" + "a" * 2000 + ":1", "http://HOST:PORT"),
            ("http_proxy", "http://alice:pw@proxy.example:3128", "http_proxy_login_file"),
            ("http_ca_file", "ca.pem", "absolute"),
            ("http_ca_file", self.world.path("missing"), "cannot be found"),
            ("http_ca_file", self.world.folder, "not a regular file"),
            ("http_ca_file", no_pem, "no certificates"),
            ("http_ca_file", nul, "no certificates"),
            ("http_ca_file", empty, "no certificates"),
            ("http_proxy_login_file", open_login, "chmod 600"),
            ("http_proxy_login_file", bad_login, "USER:PASSWORD"),
            ("http_proxy_login_file", empty, "USER:PASSWORD"),
            ("http_proxy_login_file", self.world.path("missing"), "missing"),
            ("http_tls_min", "1.1", "does not offer"),
            ("http_max_body_mib", "all", "whole number"),
            ("http_max_body_mib", "2000", "whole number"),
        ]
        before = host.rows("settings", "get")
        for name, value, words in table:
            with self.subTest(name=name, value=value[:60]):
                answer = host.run("settings", "set", name, value)
                self.assertEqual(1, answer.code, answer.out)
                self.assertIn(words, answer.err)
                self.assertNotIn("alice:pw", answer.err)
        self.assertEqual(before, host.rows("settings", "get"))
        for value in ("http://proxy.example:3128", "https://[::1]:8080", ""):
            host.ok("settings", "set", "http_proxy", value)
            self.assertEqual(value, host.rows("settings", "get", "http_proxy")[0]["value"])

    def test_only_an_administrator_changes_them(self):
        host = self.world.host()
        host.ok("user", "add", "mia", "--role", "manager")
        host.ok("--as", "mia", "settings", "set", "parallel_reads", "90")
        answer = host.run("--as", "mia", "settings", "set", "http_proxy", "http://evil.example:1")
        self.assertEqual(1, answer.code)
        self.assertIn("Administrator", answer.err)
        rows = {row["key"]: row for row in host.run("--as", "mia", "settings", "get",
                                                    as_json=True).rows()}
        self.assertEqual("", rows["http_proxy"]["value"])
        self.assertFalse(rows["http_proxy"]["editable"])
        self.assertTrue(rows["parallel_reads"]["editable"])

    def test_cap_on_bodies_is_held(self):
        sim, host = self.world.cloud(count=4000)
        self.world.trust(host)
        host.ok("settings", "set", "parallel_reads", "1")
        host.ok("settings", "set", "http_max_body_mib", "1")
        sim.switch(gzip=True)
        sim.fault(route="recovery_keys_list", count=-1, duplicate_rows=True)
        sim.switch(keys_page_size=100000)
        result, rows = host.sync("--dry-run")
        self.assertEqual(1, result.code)
        self.assertIn("larger than is accepted", rows[harness.TENANT]["problem"])
        host.ok("settings", "set", "http_max_body_mib", "0")
        self.assertEqual(0, host.sync("--dry-run")[0].code)


if __name__ == "__main__":
    unittest.main()
