# SPDX-License-Identifier: Apache-2.0
"""Many tenants under one server, once all well and once with ten that fail in different ways: what
their trouble costs the others. Run by run.py, or alone: tests/bench/tenants.py [TENANTS DEVICES]."""

import http.client
import json
import os
import shutil
import sqlite3
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
os.environ.setdefault("BUILD_DIR", os.path.join(ROOT, "build"))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
import harness  # noqa: E402

TENANTS = 200
DEVICES = 500
LATENCY_MS = 50
PATIENCE_S = 1800
TROUBLES = (
    {"route": "*", "latency_ms": 3600000},
    {"route": "token", "status": 500},
    {"route": "token", "error": "token:50173"},
    {"route": "recovery_keys_list", "status": 429, "retry_after": "3600"},
    {"route": "managed_devices", "reset": True},
    {"route": "managed_devices", "status": 503, "html": True},
    {"route": "recovery_keys_list", "garbage": True},
    {"route": "recovery_keys_list", "cut_body": True},
    {"route": "managed_devices", "next_link_other_host": True},
    {"route": "recovery_key_get_secret", "status": 403},
)


def drain(stream):
    """Graphsim tells each tenant; nobody reads that here, and a full pipe would stop it."""
    threading.Thread(target=lambda: [None for _ in stream], daemon=True).start()


def ask(connection, path, token):
    connection.request("GET", path, headers={"Authorization": "Bearer " + token,
                                             "User-Agent": "bench/1"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise SystemExit("%s: %d" % (path, answer.status))
    return json.loads(body)


def devices_of(sim, data):
    form = "grant_type=client_credentials&client_id=%s&client_secret=%s&scope=%s" % (
        data["clientId"], data["clientSecret"],
        harness.quote("https://graph.microsoft.com/.default"))
    connection = http.client.HTTPConnection("127.0.0.1", sim.port)
    connection.request("POST", "/%s/oauth2/v2.0/token" % data["tenantId"], form,
                       {"Content-Type": "application/x-www-form-urlencoded"})
    token = json.loads(connection.getresponse().read())["access_token"]
    page = ask(connection, "/v1.0/deviceManagement/managedDevices?$top=999", token)
    connection.close()
    return page["value"]


def prepare(world, sim, tenants):
    """A host with all tenants connected, each to an organization of its own; none was synced."""
    host = world.host()
    rows = []
    for number, data in enumerate(tenants):
        organization = host.json("org", "add", "Customer %d" % number)["id"]
        rows += [("c-%d-%d" % (number, i), organization, d["deviceName"], d["deviceName"],
                  d["serialNumber"]) for i, d in enumerate(devices_of(sim, data))]
        answer = host.connect(sim, ["Customer %d" % number], data, client=data["clientId"])
        if answer.code != 0:
            raise SystemExit(answer.err)
    database = sqlite3.connect(os.path.join(host.data, "store.db"))
    database.executemany(
        "insert into configurations(id, organization_id, name, hostname, serial, mac, manufacturer,"
        " model, archived, revision, created_ms, updated_ms)"
        " values(?, ?, ?, ?, ?, '', '', '', 0, 1, 0, 0)", rows)
    database.commit()
    database.close()
    return host


def copy(world, host):
    """The same host once more, before its first sync."""
    other = world.host(init=False)
    shutil.copytree(host.data, other.data, ignore=shutil.ignore_patterns("socket"))
    return other


def synced(host, wanted, start_ms):
    """Seconds from the start to the first good sync, by tenant; waits until all wanted have one."""
    database = sqlite3.connect(os.path.join(host.data, "store.db"), timeout=60)
    end = time.monotonic() + PATIENCE_S
    while True:
        rows = dict(database.execute("select unit, min(ended_ms) from sync_log where outcome = 1"
                                     " group by unit"))
        if wanted <= rows.keys():
            break
        if time.monotonic() > end:
            raise SystemExit("%d of %d tenants were not synced" % (len(wanted - rows.keys()),
                                                                  len(wanted)))
        time.sleep(0.2)
    database.close()
    return {unit: (rows[unit] - start_ms) / 1000 for unit in wanted}


def play(host, wanted):
    start_ms = time.time() * 1000
    host.serve()
    times = synced(host, wanted, start_ms)
    host.stop()
    return times


def measure(world, tenant_count=TENANTS, device_count=DEVICES):
    """Seconds until all are synced, all well; until the healthy are, beside ten that are not; and
    how much later the healthy one with the worst luck was than in the first run's end."""
    sim = world.sim(arguments=["--tenants", str(tenant_count), "--devices", str(device_count),
                               "--keys", str(device_count), "--seed", "11",
                               "--latency", str(LATENCY_MS)])
    drain(sim.process.stdout)
    sim.switch(throttle=False)
    tenants = sim.call("GET", "/_sim/tenants")["tenants"]
    troubled_host = prepare(world, sim, tenants)
    well_host = copy(world, troubled_host)
    everybody = {data["tenantId"] for data in tenants}
    well = play(well_host, everybody)
    step = tenant_count // len(TROUBLES)
    troubled = {tenants[i * step]["tenantId"]: trouble for i, trouble in enumerate(TROUBLES)}
    for tenant, trouble in troubled.items():
        sim.fault(tenant=tenant, count=-1, **trouble)
    beside = play(troubled_host, everybody - troubled.keys())
    sim.stop()
    return max(well.values()), max(beside.values())


def rows(world, figure, tenant_count=TENANTS, device_count=DEVICES):
    well, beside = measure(world, tenant_count, device_count)
    name = "%d tenants of %d devices" % (tenant_count, device_count)
    figure("%s, first sync, all well" % name, well, "s")
    figure("  the others, beside 10 that fail", beside, "s", well, beside / well, 2)


def main():
    counts = [int(word) for word in sys.argv[1:3]] or [TENANTS, DEVICES]
    world = harness.World()
    try:
        rows(world, lambda *words: print(*words), *counts)
    finally:
        world.close()


if __name__ == "__main__":
    main()
