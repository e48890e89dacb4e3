# SPDX-License-Identifier: Apache-2.0
"""What a thief finds in copied files: no secret, no reason, and no name or id that came from the
plugin's state (S1.94). The host's own rows show device name and Key ID by specification."""

import base64
import os
import sqlite3
import subprocess
import sys
import unittest
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import BUILD, CLIENT, TENANT, World, device, guid, key, password

OPEN = os.environ.get("BKEY_OPEN", os.path.join(BUILD, "bin", "bkey-open"))
REASON = "quokka-asks-why"
TICKET = "TICKET-wombat-77"
KEYS = range(101, 110)
# Where the host's own rows say which key they are (a record's external id is TENANT:KEYID) and
# which connection was made or synced.
TENANT_COLUMNS = {("passwords", "external_id"), ("activity", "object_id"), ("activity", "subject"),
                  ("sync_log", "unit")}


def secret_marks(digits):
    """A recovery password as it might leak: whole, two neighbouring groups, as bytes."""
    groups = digits.split("-")
    words = b"".join((int(group) // 11).to_bytes(2, "little") for group in groups)
    marks = [joint.join(groups).encode() for joint in ("", "-", " ")]
    for first, second in zip(groups, groups[1:]):
        marks += [("%s%s%s" % (first, joint, second)).encode() for joint in ("", "-", " ")]
    return marks + [words, words[:8], words[8:], words.hex().encode(),
                    base64.b64encode(words).rstrip(b"=")]


def id_marks(text):
    """A GUID as bytes in both orders and as text in every usual form."""
    one = uuid.UUID(text)
    texts = [text, text.upper(), one.hex, one.hex.upper()]
    return [one.bytes, one.bytes_le] + [t.encode() for t in texts] + [
        t.encode("utf-16-le") for t in texts[:2]]


class AtRest(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.devices = [device(n) for n in range(1, 4)]
        keys = [key(n, self.devices[n % 3]) for n in KEYS]
        keys.append(key(110, None))  # of no device: held, in nobody's folder
        # Two devices in nobody's folder: what is known of them is in the plugin's state alone.
        self.nobodys = [dict(device(n, name, serial), manufacturer="Markermaker", model="Markermodel",
                             ethernetMacAddress="0A1B2C3D4E%02X" % n)
                        for n, name, serial in ((7, "MARKERNAME", "MARKERSERIAL"),
                                                (8, "IGNORED-PC", "To be filled by O.E.M."))]
        keys += [key(111 + i, one) for i, one in enumerate(self.nobodys)]
        self.sim, self.host, self.data = self.world.connected(keys, self.devices + self.nobodys,
                                                              self.devices)
        self.assertEqual(self.host.sync()[0].code, 0)
        self.secrets = [m for n in list(KEYS) + [110, 111, 112, 120]
                        for m in secret_marks(password(n))]
        self.secrets += [self.data["refreshToken"].encode(), b"1.sim-refresh", b"eyJ0eXAi",
                         b"eyJhbGci"]

    def refuse(self, where, blob, marks):
        for mark in marks:
            at = blob.find(mark)
            self.assertEqual(at, -1, "%s holds %r: %r" % (where, mark, blob[max(at - 80, 0):at + 80]))

    def live_on(self):
        """Reveals, refusals, a rotation of the root, another sync; the server stays up."""
        self.host.serve()
        self.host.ok("reveal", guid(1, 101), "--reason", REASON, "--ticket", TICKET)
        self.assertEqual(self.host.run("reveal", guid(1, 102), "--reason", "").code, 1)
        self.host.ok("key", "rotate")
        self.assertEqual(self.host.sync()[0].code, 0)

    def copies(self):
        """Every file that may be carried off, as it lies there beside a running server."""
        folder = self.world.folder
        backup = os.path.join(folder, "copy.db")
        self.host.ok("backup", "--out", backup)
        done = subprocess.run([OPEN, "--store", backup, "--key-file", self.host.key_file, "--key",
                               guid(1, 103), "--reason", REASON], capture_output=True, text=True,
                              check=True)
        self.assertEqual(done.stdout, password(103) + "\n")
        paths = [backup, self.host.key_file + ".journal", self.host.data + ".audit"]
        for base, _, names in os.walk(self.host.data):
            paths += [os.path.join(base, name) for name in names]
        paths.append(os.path.join(self.host.folder, "serve.log"))
        return [path for path in paths if os.path.isfile(path)]

    def test_no_file_holds_a_secret_a_reason_or_an_id_of_the_plugin(self):
        # S1.94
        self.live_on()
        paths = self.copies()
        names = {os.path.basename(path) for path in paths}
        for wanted in ("store.db", "store.db-wal", "copy.db", "data.key.journal", "data.audit"):
            self.assertIn(wanted, names)
        marks = self.secrets + [REASON.encode()]
        marks += [m for one in self.devices for m in id_marks(one["azureADDeviceId"])]
        marks += id_marks(CLIENT) + [self.sim.url.encode()]
        # Host rows name tenant and Key ID as text; as bytes they could only be the plugin's.
        for text in [TENANT] + [guid(1, n) for n in list(KEYS) + [110]]:
            marks += id_marks(text)[:2]
        for path in paths:
            with open(path, "rb") as source:
                blob = source.read()
            self.assertGreater(len(blob), 0 if "store" in path else -1)
            self.refuse(path, blob, marks)

    def test_no_row_of_the_plugin_can_be_read(self):
        # S1.94
        self.live_on()
        self.host.stop()
        store = sqlite3.connect(os.path.join(self.host.data, "store.db"))
        self.addCleanup(store.close)
        ids = [one for table in ("organizations", "configurations", "passwords", "folders")
               for one, in store.execute("SELECT id FROM " + table)]
        texts = ids + ["Fernhill", self.sim.url, "http://", "BitLocker", REASON, TICKET]
        texts += [one[k] for one in self.devices for k in ("deviceName", "serialNumber")]
        marks = self.secrets + [text.encode() for text in texts]
        guids = [TENANT, CLIENT] + [guid(1, n) for n in list(KEYS) + [110]]
        guids += [one["azureADDeviceId"] for one in self.devices]
        marks += [m for text in guids for m in id_marks(text)]
        rows = 0
        for table in ("plugin_state", "apply_ops"):
            for row in store.execute("SELECT * FROM " + table):
                rows += 1
                for value in row[1:]:
                    if isinstance(value, (bytes, str)):
                        blob = value if isinstance(value, bytes) else value.encode()
                        self.refuse(table, blob, marks)
        self.assertGreater(rows, 2 * len(KEYS))

    def test_tenants_are_named_only_where_a_host_row_says_which_key_it_is(self):
        # S1.94
        self.live_on()
        self.host.stop()
        store = sqlite3.connect(os.path.join(self.host.data, "store.db"))
        self.addCleanup(store.close)
        found = set()
        for table, in store.execute("SELECT name FROM sqlite_schema WHERE type='table'"):
            columns = [row[1] for row in store.execute("PRAGMA table_info(%s)" % table)]
            for row in store.execute("SELECT * FROM " + table):
                found |= {(table, column) for column, value in zip(columns, row)
                          if any(mark in (value if isinstance(value, bytes)
                                          else str(value).encode()) for mark in id_marks(TENANT))}
        self.assertLessEqual(found, TENANT_COLUMNS)

    def test_what_only_the_plugin_knows_is_named_in_no_file(self):
        # S1.94: devices in nobody's folder, where an imported key came from, what was decided, what
        # a check found. The activity log names the computer of an import or a decision, by
        # specification.
        export = os.path.join(self.world.folder, "export.csv")
        with open(export, "w", encoding="ascii") as out:
            out.write("Computer Name,Serial Number,Key ID,Recovery Password\nIMPORTED-PC,"
                      "MARKERSERIAL2,%s,%s\n" % (guid(1, 120), password(120)))
        listed = self.host.rows("match", "list")
        self.assertLessEqual({"MARKERNAME", "IGNORED-PC"}, {row["device"] for row in listed})
        self.host.ok("match", "ignore", "IGNORED-PC")
        self.host.ok("import-keys", "--org", "Fernhill", export)
        self.assertIn("IMPORTED-PC", self.host.ok("find", guid(1, 120)).out)
        os.remove(export)
        self.host.run("doctor")
        self.live_on()
        with sqlite3.connect(os.path.join(self.host.data, "store.db")) as store:
            kinds = {bytes(kind) for kind, in store.execute(
                "SELECT DISTINCT substr(key,1,1) FROM plugin_state WHERE tombstone=0")}
        store.close()
        self.assertLessEqual({b"E", b"M", b"I", b"D", b"F", b"P", b"W", b"Y"}, kinds)
        marks = self.secrets + [REASON.encode(), b"\x0a\x1b\x2c\x3d\x4e", b"\x4e\x3d\x2c\x1b\x0a"]
        for text in ("MARKER", "Marker", "marker", "0A1B2C3D4E", "To be filled"):
            marks += [text.encode(), text.encode("utf-16-le")]
        for one in self.nobodys:
            marks += id_marks(one["azureADDeviceId"]) + id_marks(one["id"])
        for number in (110, 111, 112):
            marks += id_marks(guid(1, number))
        for path in self.copies():
            with open(path, "rb") as source:
                self.refuse(path, source.read(), marks)

    def test_an_unplaced_key_is_named_nowhere_in_the_store(self):
        # S1.94: what no record shows is the plugin's alone, its Key ID too.
        for end in ("", "-wal"):
            path = os.path.join(self.host.data, "store.db" + end)
            if os.path.exists(path):
                with open(path, "rb") as source:
                    self.refuse(path, source.read(), id_marks(guid(1, 110)))

    def test_an_audit_export_has_reasons_and_no_secret(self):
        self.live_on()
        for form in ("csv", "json"):
            path = os.path.join(self.world.folder, "audit." + form)
            self.host.ok("audit", "--export", form, "--out", path)
            with open(path, "rb") as source:
                blob = source.read()
            self.assertIn(REASON.encode(), blob)
            self.refuse(path, blob, self.secrets)


if __name__ == "__main__":
    unittest.main()
