# SPDX-License-Identifier: Apache-2.0
"""The memory of a serving host that speaks TLS and HTTP/2 through a proxy which asks who it is: what
test_plain_memory.py promises holds there too, and the proxy's login lies in guarded memory and in
libcurl's buffers alone (S1.94)."""

import base64
import os
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import device, key
from net_world import NetWorld, Proxy
from test_plain_memory import KEYS, Memory, marks_of, places

LOGIN = "alice:Tr0mbone-in-a-w3ll"
SNAPSHOTS = 8


@unittest.skipUnless(os.geteuid() == 0, "reading another process's memory takes root")
class SecureMemory(Memory):
    """All of Memory's tests, by TLS."""

    def setUp(self):
        self.world = NetWorld()
        self.addCleanup(self.world.close)
        devices = [device(n) for n in range(1, 4)]
        keys = [key(n, devices[n % 3]) for n in KEYS]
        self.sim, self.host, self.data = self.world.connected(
            keys, devices, arguments=["--latency", "200", "--tls", self.world.tls])
        self.world.trust(self.host)
        self.proxy = Proxy(login=LOGIN)
        self.addCleanup(self.proxy.close)
        self.host.ok("settings", "set", "http_proxy", self.proxy.url)
        self.host.ok("settings", "set", "http_proxy_login_file",
                     self.world.write("login", LOGIN + "\n"))
        self.host.serve()
        self.keys = [mark for n in KEYS for part in marks_of(n) for mark in part]
        self.refresh = [b"1.sim-refresh"]
        self.plain = LOGIN.encode()
        self.encoded = base64.b64encode(self.plain)

    def test_login_of_the_proxy(self):
        done, taken = [], []
        tick = threading.Thread(target=lambda: done.append(self.host.sync()))
        tick.start()
        while tick.is_alive():
            taken = taken[-SNAPSHOTS:] + [self.memory()]
        tick.join()
        self.assertEqual(done[0][0].code, 0, done[0][0].err)
        for regions in taken:
            for region, mark in places(regions, [self.plain]):
                self.assertTrue(region.guarded, (region.text, mark))
            for region, mark in places(regions, [self.encoded]):
                self.assertTrue(region.guarded or region.heap, (region.text, mark))
        self.assertTrue(any(region.guarded for regions in taken
                            for region, _ in places(regions, [self.encoded])),
                        "no snapshot fell into the tick")
        regions = self.memory()
        self.expect_none(regions, [self.plain])
        left = places(regions, [self.encoded])
        self.assertTrue(all(region.heap for region, _ in left))
        self.assertLessEqual(sum(region.blob.count(self.encoded) for region, _ in left),
                             len(self.proxy.heads), "one CONNECT, one header")


del Memory # its own file runs it

if __name__ == "__main__":
    unittest.main()
