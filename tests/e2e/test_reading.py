# SPDX-License-Identifier: Apache-2.0
"""Reading secrets from the simulated cloud, alone and in batches: each is read once in its life
(S3.38-S3.41, D9), however the service answers."""

import unittest

import harness
from harness import World, device, key

COUNT = 120
DEVICES = 3 # each costs a command before the test begins


class ReadingTest(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)

    def connected(self, count=COUNT, parallel=4):
        devices = [device(n) for n in range(DEVICES)]
        self.keys = [key(n, devices[n % DEVICES]) for n in range(1, count + 1)]
        sim, host, _ = self.world.connected(self.keys, devices)
        host.ok("settings", "set", "parallel_reads", str(parallel))
        sim.switch(throttle=False)
        return sim, host

    def expect_all_once(self, sim, host):
        result, rows = host.sync()
        self.assertEqual(0, result.code, result.err)
        row = rows[harness.TENANT]
        self.assertEqual((len(self.keys), len(self.keys), 0),
                         (row["created"], row["key_reads"], row["failed"]))
        counts = sim.counts()
        self.assertEqual(len(self.keys), counts["key_reads"])
        self.assertEqual(1, counts["most_reads_of_one_key"])
        again = host.sync()[1][harness.TENANT]
        self.assertEqual((0, 0), (again["key_reads"], again["store_changes"]))
        self.assertEqual(counts["batch"], sim.counts()["batch"])
        for one in (self.keys[0], self.keys[-1]):
            shown = host.ok("reveal", one["id"], "--reason", "drill").out.strip()
            self.assertEqual(one["key"], shown)
        return counts

    def test_both_ways_read_each_key_once(self):
        sim, host = self.connected()
        sim.switch(batch_order="shuffled", wrapped_key=True, upper_guids=True)
        self.assertGreater(self.expect_all_once(sim, host)["batch"], 0)

    def test_keys_that_may_not_be_in_a_batch_are_read_alone(self):
        sim, host = self.connected(300)
        sim.switch(batch_recovery_keys=False)
        counts = self.expect_all_once(sim, host)
        self.assertGreater(counts["batch"], 0)
        self.assertLessEqual(counts["batch"], 7, "those under way; refused, and asked no more")

    def test_a_limit_that_nobody_published_is_kept_to(self):
        for style in ("seconds", "date", "absent"):
            with self.subTest(style):
                sim, host = self.connected(60)
                sim.switch(keys_limit=40, keys_window_s=1, retry_after_style=style)
                self.expect_all_once(sim, host)

    def test_an_answer_that_breaks_off_costs_no_other_key(self):
        sim, host = self.connected()
        sim.fault(route="batch", count=1, status=504, html=True)
        sim.fault(route="recovery_key_get_secret", skip=10, count=2, status=503, close=True,
                  retry_after="1")
        self.expect_all_once(sim, host)

    def test_a_key_that_is_not_there_is_not_asked_for_in_every_tick(self):
        sim, host = self.connected(3)
        gone = self.keys[1]["id"]
        sim.fault(route="recovery_key_get_secret", match=gone, count=-1, status=404)
        host.serve()
        for _ in range(3):
            result, rows = host.sync()
            self.assertEqual(0, result.code, result.err)
            self.assertEqual(1, rows[harness.TENANT]["failed"])
        asked = [one for one in sim.requests()["requests"] if gone in str(one)]
        self.assertEqual(1, len(asked), asked)


if __name__ == "__main__":
    unittest.main()
