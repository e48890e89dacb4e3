# SPDX-License-Identifier: Apache-2.0
"""dochost is killed in the middle of a first sync, at seeded points, and started again: the end
state is the same, no committed secret is fetched again."""

import os
import random
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import DOCHOST, FOLDER, World, device, guid, key, password

KEYS = 300
PARALLEL = 100  # the default of the setting parallel_reads
COMMIT = 64     # secrets that may wait for one commit


class Crash(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.random = random.Random(int(os.environ.get("TEST_SEED", "1")))

    def kill_after(self, sim, host, reads):
        process = subprocess.Popen([DOCHOST, "--data", host.data, "sync"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env=host.environment)
        while process.poll() is None and sim.counts()["key_reads"] < reads:
            pass
        process.send_signal(signal.SIGKILL)
        process.wait()

    def test_sync_killed_at_many_points_ends_in_the_same_state(self):
        # S1.28 S1.51
        devices = [device(n) for n in range(1, 61)]
        keys = [key(n, devices[n % 60], volume="fixedDataVolume") for n in range(1, KEYS + 1)]
        sim, host, data = self.world.connected(keys, devices)
        deaths = 6
        for point in sorted(self.random.randrange(1, KEYS) for _ in range(deaths)):
            self.kill_after(sim, host, point)
            listed = host.list("Fernhill")
            tree = host.ok("folder", "tree", "--org", "Fernhill").out
            self.assertTrue(listed == [] or len(listed) == KEYS, "a partial set is shown")
            self.assertEqual(FOLDER in tree, listed != [])
        result, rows = host.sync()
        self.assertEqual(result.code, 0, result.err)
        self.assertEqual({row["key_id"] for row in host.list("Fernhill")},
                         {guid(1, n) for n in range(1, KEYS + 1)})
        for n in (1, KEYS // 2, KEYS):
            self.assertEqual(host.ok("reveal", guid(1, n), "--reason", "x").out,
                             password(n) + "\n")
        created = [row for row in host.activity("created") if guid(1, 1)[:8] in str(row)]
        self.assertLessEqual(len(created), 1)
        self.assertLessEqual(sim.key_reads(), KEYS + deaths * (PARALLEL + COMMIT))
        reads = sim.key_reads()
        result, rows = host.sync()
        self.assertEqual(next(iter(rows.values()))["store_changes"], 0)
        self.assertEqual(sim.key_reads(), reads)


if __name__ == "__main__":
    unittest.main()
