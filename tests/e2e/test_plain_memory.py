# SPDX-License-Identifier: Apache-2.0
"""The memory of a serving host, read as a core dump would have it, after syncing and revealing:
planted keys and tokens lie only where docs/secrets.md says (S1.94). Runs the plain build, because
sanitizers keep freed memory; reading another process's memory takes root."""

import fcntl
import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import BUILD, World, device, guid, key, password, quote

REASON = "marker-reason-quokka"
KEYS = range(101, 113)
BATCHED = range(201, 321) # so many that batches get their turn
SNAPSHOTS = 8
# What docs/secrets.md names as residual: libcurl's receive buffers, one for each connection that a
# tick had open, its copies of the bearer token, and the form it sent for one. In the heap alone, and
# no more than that.
REFRESH_LEFT_MAX = 2
TOKENS_LEFT_MAX = 4 * len(KEYS)
NO_MEMORY = ("[vvar", "[vdso", "[vsyscall")
TOKEN = re.compile(rb"eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]*")


class Region:
    """One mapping: what it is, and what is in it."""

    def __init__(self, head, flags, blob):
        fields = head.split(None, 5)
        self.name = fields[5].strip() if len(fields) > 5 else ""
        self.writable = "w" in fields[1]
        # sodium_malloc leaves its pages out of dumps and locks them.
        self.guarded = not self.name and "dd" in flags and "lo" in flags
        self.heap = self.writable and not self.guarded and self.name in ("", "[heap]")
        self.text = head.strip()
        self.blob = blob


def read_memory(pid):
    """Every readable mapping. One that goes away meanwhile is left out."""
    regions = []
    with open("/proc/%d/smaps" % pid, encoding="utf-8") as source:
        heads = re.findall(r"^([0-9a-f]+-[0-9a-f]+ .*)\n(?:.*\n)*?VmFlags: (.*)$", source.read(),
                           re.M)
    with open("/proc/%d/mem" % pid, "rb", 0) as memory:
        for head, flags in heads:
            start, end = (int(part, 16) for part in head.split()[0].split("-"))
            # What cannot be written holds what is in its file. A slab that nobody borrows from is
            # closed; a thief with root reads it all the same.
            if ("w" not in head.split()[1] and "dd" not in flags.split()) or any(
                    name in head for name in NO_MEMORY):
                continue
            try:
                memory.seek(start)
                regions.append(Region(head, flags.split(), memory.read(end - start)))
            except OSError:
                continue
    return regions


def marks_of(number):
    """A recovery password as text, whole and two groups of it, and as bytes."""
    groups = password(number).split("-")
    words = b"".join((int(group) // 11).to_bytes(2, "little") for group in groups)
    texts = [joint.join(groups).encode() for joint in ("-", "", " ")]
    texts.append(("%s-%s" % (groups[2], groups[3])).encode())
    return texts, [words, words.hex().encode()]


def places(regions, marks):
    return [(region, mark) for region in regions for mark in marks if mark in region.blob]


@unittest.skipUnless(os.geteuid() == 0, "reading another process's memory takes root")
class Memory(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        devices = [device(n) for n in range(1, 4)]
        keys = [key(n, devices[n % 3]) for n in KEYS]
        self.sim, self.host, self.data = self.world.connected(
            keys, devices, arguments=["--latency", "200"])
        self.host.serve()
        self.keys = [mark for n in KEYS for part in marks_of(n) for mark in part]
        self.refresh = [b"1.sim-refresh"]

    def memory(self):
        regions = read_memory(self.host.server.pid)
        # That what is there can be found, or nothing below proves anything.
        self.assertTrue(places(regions, [b"bitlocker_keys"]))
        self.assertTrue(any(region.guarded for region in regions))
        return regions

    def expect_none(self, regions, marks):
        self.assertEqual([(r.text, m) for r, m in places(regions, marks)], [])

    def residue(self, regions, numbers=KEYS):
        """Keys that a tick left in libcurl's freed buffers: text alone, in the heap, once."""
        left = set()
        for number in numbers:
            texts, raw = marks_of(number)
            self.expect_none(regions, raw)
            found = places(regions, texts)
            self.assertTrue(all(region.heap for region, _ in found), found and found[0][0].text)
            self.assertLessEqual(sum(region.blob.count(texts[0]) for region in regions), 1)
            left |= {number} if found else set()
        return left

    def expect_tokens_in_heap(self, regions):
        count = 0
        held = places(regions, self.refresh)
        self.assertTrue(all(region.heap for region, _ in held), held and held[0][0].text)
        self.assertLessEqual(sum(r.blob.count(m) for r, m in held), REFRESH_LEFT_MAX)
        for region in regions:
            found = TOKEN.findall(region.blob)
            count += len(found)
            self.assertTrue(region.heap or not found, region.text)
        self.assertLessEqual(count, TOKENS_LEFT_MAX)

    def test_after_a_sync_and_reveals_no_more_is_left_than_is_named(self):
        # S1.94
        self.assertEqual(self.host.sync()[0].code, 0)
        before = self.residue(self.memory())
        for n in (101, 102, 103):
            shown = self.host.ok("reveal", guid(1, n), "--reason", REASON)
            self.assertEqual(shown.out, password(n) + "\n")
        records = self.host.api("GET", "/api/v1/passwords?org=Fernhill")[1]["data"]
        for n in (104, 105):
            record = [r for r in records if r["username"] == guid(1, n)][0]
            status, body = self.host.api("POST", "/api/v1/passwords/%s/reveal" % quote(
                record["id"]), {"reason": REASON})
            self.assertEqual((status, body["data"]["password"]), (200, password(n)))
        regions = self.memory()
        self.expect_none(regions, [REASON.encode()])
        self.assertLessEqual(self.residue(regions), before, "a reveal left a key")
        self.expect_tokens_in_heap(regions)

    def test_answers_of_batches_lie_in_guarded_memory_and_in_libcurls_buffers_alone(self):
        # S1.94: twenty keys come in one body, in guarded memory and in a buffer of libcurl's.
        self.host.sync()
        self.host.ok("settings", "set", "parallel_reads", "4")
        self.sim.switch(throttle=False)
        for n in BATCHED:
            self.sim.event(type="add_key", key=key(n, device(1 + n % 3)))
        self.assertEqual(self.host.sync()[0].code, 0)
        self.assertGreater(self.sim.counts()["batch"], 1)
        looked_for = BATCHED[::8] # looking for all of them takes minutes
        left = self.residue(self.memory(), looked_for)
        for n in looked_for[::5]:
            shown = self.host.ok("reveal", guid(1, n), "--reason", REASON)
            self.assertEqual(shown.out, password(n) + "\n")
        self.assertLessEqual(self.residue(self.memory(), looked_for), left, "a reveal left a key")

    def test_in_a_tick_secrets_are_in_guarded_memory_and_in_libcurls_buffers_alone(self):
        # S1.94
        done = []
        tick = threading.Thread(target=lambda: done.append(self.host.sync()))
        tick.start()
        taken = []
        while tick.is_alive():
            taken = taken[-SNAPSHOTS:] + [self.memory()]
        tick.join()
        self.assertEqual(done[0][0].code, 0, done[0][0].err)
        seen_guarded = False
        for regions in taken:
            for region, mark in places(regions, self.keys + self.refresh):
                self.assertTrue(region.guarded or region.heap, (region.text, mark))
            for region in regions:
                held = TOKEN.search(region.blob) is not None
                self.assertTrue(not held or region.guarded or region.heap, region.text)
                seen_guarded = seen_guarded or (held and region.guarded)
        self.assertTrue(seen_guarded, "no snapshot fell into the tick")
        regions = self.memory()
        self.residue(regions)
        self.expect_tokens_in_heap(regions)

    def test_in_the_middle_of_a_reveal_the_key_is_in_guarded_memory_alone(self):
        # S1.94: held between opening the key and its audit entry, which waits for the store.
        self.assertEqual(self.host.sync()[0].code, 0)
        left = self.residue(self.memory())
        number = [n for n in KEYS if n not in left][0] if len(left) < len(KEYS) else 101
        records = self.host.api("GET", "/api/v1/passwords?org=Fernhill")[1]["data"]
        record = [r for r in records if r["username"] == guid(1, number)][0]
        store = sqlite3.connect(os.path.join(self.host.data, "store.db"), isolation_level=None)
        store.execute("BEGIN IMMEDIATE")
        answers = []
        reveal = threading.Thread(target=lambda: answers.append(self.host.api(
            "POST", "/api/v1/passwords/%s/reveal" % quote(record["id"]), {"reason": REASON})))
        reveal.start()
        texts, raw = marks_of(number)
        held, regions = [], []
        deadline = time.monotonic() + 20
        while not held and reveal.is_alive() and time.monotonic() < deadline:
            regions = self.memory()
            held = [region for region, _ in places(regions, raw + texts) if region.guarded]
        store.execute("ROLLBACK")
        store.close()
        reveal.join()
        self.assertTrue(held, "no snapshot fell into the reveal")
        self.assertEqual((200, password(number)),
                         (answers[0][0], answers[0][1]["data"]["password"]))
        for region, mark in places(regions, self.keys):
            self.assertTrue(region.guarded or (region.heap and left), (region.text, mark))
        for region, _ in places(regions, [REASON.encode()]):
            self.assertTrue(region.writable, region.text)
        self.expect_none(self.memory(), [REASON.encode()])

    def test_bkey_open_holds_one_key_at_a_time_and_in_guarded_memory_alone(self):
        # S1.94: its output stands still, so that it is met in the middle.
        self.assertEqual(self.host.sync()[0].code, 0)
        self.host.stop()
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        size = fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        os.write(writer, b"\n" * size)
        command = [os.path.join(BUILD, "bin", "bkey-open"), "--store",
                   os.path.join(self.host.data, "store.db"), "--key-file", self.host.key_file,
                   "--org", "Fernhill"]
        opener = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=writer,
                                  stderr=subprocess.DEVNULL)
        os.close(writer)
        opener.stdin.write(REASON.encode() + b"\n")
        opener.stdin.close()
        held, regions = [], []
        deadline = time.monotonic() + 20
        while not held and opener.poll() is None and time.monotonic() < deadline:
            regions = read_memory(opener.pid)
            held = places(regions, self.keys)
        with open(reader, "rb", closefd=False) as source:
            lines = source.read().split()
        self.assertEqual(opener.wait(), 0)
        self.assertEqual(sorted(lines[1::2]), sorted(password(n).encode() for n in KEYS))
        self.assertTrue(held, "it was not met with a key in its hands")
        self.assertTrue(all(region.guarded for region, _ in held), [r.text for r, _ in held])
        self.assertEqual(1, len([n for n in KEYS if places(regions, sum(marks_of(n), []))]))
        # The reason is no key: where it is read from and kept until it is in the journal.
        self.assertTrue(all(region.writable for region, _ in places(regions, [REASON.encode()])))


if __name__ == "__main__":
    unittest.main()
