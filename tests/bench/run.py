#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints one table of figures and writes build/bench/results.json. Every sync figure stands beside
its floor: the bare download of the same answers, measured in the same run."""

import http.client
import json
import os
import sqlite3
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(ROOT, "build")
os.environ["BUILD_DIR"] = BUILD
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
sys.path.insert(0, HERE)
import harness  # noqa: E402
import tenants  # noqa: E402

KEYS = int(os.environ.get("KEYS", "10000"))
FULL = os.environ.get("SCALE") == "full"
ENTRIES = 1000000 if FULL else 200000
READY_KEYS = 1000000 if FULL else 100000
CLIENT = os.path.join(BUILD, "bench", "client")
GATE = os.path.join(BUILD, "bench", "gate")
SEALED = os.path.join(BUILD, "bench", "sealed")
MANIFEST = os.path.join(BUILD, "plugin", "manifest.json")
THROTTLE = os.path.join(BUILD, "bench", "throttle")
THROTTLES = ((2000, 20, "seconds"), (5000, 10, "seconds"), (600, 10, "date"), (100, 10, "seconds"),
             (1000, 60, "seconds"))
LARGE = 10 * KEYS
SYNCS = int(os.environ.get("SYNCS", "200"))
SINGLE = 500  # requests of the one-at-a-time client, scaled to KEYS
ROUNDS = 3
rows = []


def figure(name, value, unit, floor=None, ratio=None, goal=None, higher=False):
    met = None
    if goal is not None:
        compared = value if ratio is None else ratio
        met = compared >= goal if higher else compared <= goal
    rows.append({"name": name, "value": round(value, 4), "unit": unit,
                 "floor": None if floor is None else round(floor, 4),
                 "ratio": None if ratio is None else round(ratio, 3), "goal": goal, "met": met})
    show(rows[-1])
    save()


def show(row):
    shown = {k: "" if row[k] is None else row[k] for k in row}
    print("%-48s %12s %-4s %10s %8s %8s  %s" % (
        row["name"], shown["value"], row["unit"], shown["floor"], shown["ratio"], shown["goal"],
        {None: "", True: "yes", False: "NO"}[row["met"]]), flush=True)


def save():
    """After every row: whoever ends a long run keeps what it measured."""
    os.makedirs(os.path.join(BUILD, "bench"), exist_ok=True)
    with open(os.path.join(BUILD, "bench", "results.json"), "w", encoding="utf-8") as out:
        json.dump(rows, out, indent=1)


def yardstick(sim, data, mode, streams, store=None):
    secure = ["--ca", sim.ca] if sim.secure else []
    command = [CLIENT, *secure, sim.url, data["tenantId"], data["clientId"], mode, str(streams)]
    done = subprocess.run(command + ([store] if store else []), input=data["refreshToken"] + "\n",
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def timed_sync(host):
    """Wall seconds, CPU seconds, peak KiB and the sync's own row."""
    command = [harness.DOCHOST, "--data", host.data, "--json", "sync"]
    done = subprocess.run([sys.executable, "-S", "-E", os.path.join(HERE, "measured.py"), *command],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit("sync failed: " + done.stdout + done.stderr)
    took = json.loads(done.stderr)
    return took["seconds"], took["cpu"], took["peak_kib"], json.loads(done.stdout)[0]


def learn(sim):
    """What the simulator made up: the tenant and its managed devices."""
    data = sim.call("GET", "/_sim/tenants")["tenants"][0]
    form = ("grant_type=client_credentials&client_id=%s&client_secret=%s&scope=%s" % (
        data["clientId"], data["clientSecret"],
        harness.quote("https://graph.microsoft.com/.default")))
    connection = sim.connection()
    connection.request("POST", "/%s/oauth2/v2.0/token" % data["tenantId"], form,
                       {"Content-Type": "application/x-www-form-urlencoded"})
    token = json.loads(connection.getresponse().read())["access_token"]
    devices = []
    path = "/v1.0/deviceManagement/managedDevices?$top=999"
    while path:
        connection.request("GET", path, headers={"Authorization": "Bearer " + token,
                                                 "User-Agent": "bench/1"})
        page = json.loads(connection.getresponse().read())
        devices += page["value"]
        path = page.get("@odata.nextLink", "")[len(sim.url):] or None
    connection.close()
    return data, devices


def fill(host, devices):
    """Configurations for all devices, straight into the store: a set-up, not a measurement."""
    organization = host.json("org", "add", "Bench")["id"]
    database = sqlite3.connect(os.path.join(host.data, "store.db"))
    database.executemany(
        "insert into configurations(id, organization_id, name, hostname, serial, mac, manufacturer,"
        " model, archived, revision, created_ms, updated_ms)"
        " values(?, ?, ?, ?, ?, '', '', '', 0, 1, 0, 0)",
        [("bench-%d" % i, organization, d["deviceName"], d["deviceName"], d["serialNumber"])
         for i, d in enumerate(devices)])
    database.commit()
    database.close()


def ordinary(world, latency):
    """What ordinary clients take for as many keys: one at a time (scaled), eight, batches."""
    times = {}
    for name, mode, streams, keys in (("one at a time", "keys", 1, min(SINGLE, KEYS)),
                                      ("eight at a time", "keys", 8, KEYS),
                                      ("batches of 20", "batch", 1, KEYS)):
        sim = world.sim(arguments=["--devices", str(keys), "--keys", str(keys), "--seed", "7",
                                   "--latency", str(latency)])
        sim.switch(throttle=False)
        data, _ = learn(sim)
        store = os.path.join(world.folder, "ordinary-%d-%s-%d.db" % (latency, mode, streams))
        times[name] = yardstick(sim, data, mode, streams, store)["seconds"] * KEYS / keys
        sim.stop()
    return times


def first_and_again(world, sim, data, devices, keys):
    """A first and an unchanged sync of a new host: what timed_sync gives for each."""
    host = world.host()
    fill(host, devices)
    if sim.secure:
        host.ok("settings", "set", "http_ca_file", sim.ca)
    answer = host.connect(sim, ["Bench"], data, client=data["clientId"])
    if answer.code != 0:
        raise SystemExit(answer.err)
    first = timed_sync(host)
    if first[3]["created"] != keys or first[3]["key_reads"] != keys:
        raise SystemExit("unexpected first sync: %r" % (first[3],))
    again = timed_sync(host)
    if again[3]["store_changes"] != 0 or again[3]["key_reads"] != 0:
        raise SystemExit("an unchanged sync changed something: %r" % (again[3],))
    return host, first, again


def sync_rows(world, latency, keys=KEYS, rounds=ROUNDS):
    sim = world.sim(arguments=["--devices", str(keys), "--keys", str(keys), "--seed", "7",
                               "--latency", str(latency)])
    sim.switch(throttle=False)
    data, devices = learn(sim)
    at = "%d ms" % latency
    floor = min(yardstick(sim, data, "keys", 100)["seconds"] for _ in range(rounds))
    listing = min(yardstick(sim, data, "listing", 1)["seconds"] for _ in range(rounds))
    runs = [first_and_again(world, sim, data, devices, keys) for _ in range(rounds)]
    first = min(run[1][:3] for run in runs)
    again = min(run[2][:3] for run in runs)
    figure("first sync, %d keys, %s" % (keys, at), first[0], "s", floor, first[0] / floor,
           1.25 if latency else None)
    for name, seconds in ordinary(world, latency).items() if keys == KEYS else ():
        goal = 1 if latency == 0 else 20 if name == "one at a time" else None
        figure("  faster than %s" % name, seconds / first[0], "x", seconds, None, goal,
               higher=True)
    figure("  CPU per 100,000 keys", first[1] * 100000 / keys, "s")
    figure("  peak memory", first[2] / 1024, "MiB", None, None, 48 + 200 * keys / 1048576)
    figure("unchanged sync, %d keys, %s" % (keys, at), again[0], "s", listing, again[0] / listing,
           1.25 if latency else None)
    sim.stop()


def secure_row(world, latency):
    """The same against an endpoint as Microsoft's are: TLS, and HTTP/2 with 100 streams."""
    sim = world.sim(arguments=["--devices", str(KEYS), "--keys", str(KEYS), "--seed", "7",
                               "--latency", str(latency), "--tls",
                               os.path.join(world.folder, "tls")])
    sim.switch(throttle=False)
    data, devices = learn(sim)
    floor = min(yardstick(sim, data, "keys", 100)["seconds"] for _ in range(ROUNDS))
    runs = [first_and_again(world, sim, data, devices, KEYS) for _ in range(ROUNDS)]
    first = min(run[1][:3] for run in runs)
    figure("first sync, %d keys, %d ms, TLS and HTTP/2" % (KEYS, latency), first[0], "s", floor,
           first[0] / floor, 1.25)
    figure("  CPU per 100,000 keys", first[1] * 100000 / KEYS, "s")
    sim.stop()


def once_row(world):
    """However often it is synced: each secret is read once (D9)."""
    sim = world.sim(arguments=["--devices", str(KEYS), "--keys", str(KEYS), "--seed", "7"])
    sim.switch(throttle=False)
    data, devices = learn(sim)
    host, _, _ = first_and_again(world, sim, data, devices, KEYS)
    for _ in range(SYNCS - 2):
        again = timed_sync(host)[3]
        if again["store_changes"] != 0:
            raise SystemExit("an unchanged sync changed something: %r" % (again,))
    counts = sim.counts()
    if counts["most_reads_of_one_key"] != 1:
        raise SystemExit("a key was read %d times" % counts["most_reads_of_one_key"])
    figure("secrets read in %d syncs of %d keys" % (SYNCS, KEYS), counts["key_reads"], "", KEYS,
           counts["key_reads"] / KEYS, 1)
    sim.stop()


def throttled_rows():
    """The reading of secrets against services that count, on a clock of their own."""
    for limit, window, style in THROTTLES:
        done = subprocess.run([THROTTLE, str(limit), str(window), style], capture_output=True,
                              text=True, check=True)
        got = json.loads(done.stdout)
        name = "throttled to %d in %d s, %s" % (limit, window, style)
        figure(name + ": used", got["used"] * 100, "%", None, None, 95, higher=True)
        figure("  refused", got["refused"] * 100, "%", None, None, 1)


def gate_rows():
    done = subprocess.run([GATE, harness.PLUGIN, MANIFEST], capture_output=True, text=True,
                          check=True)
    times = json.loads(done.stdout)
    figure("guard check through the whole gate", times["guard_check_ns"] / 1000, "us", goal=1)
    figure("name check, 255 characters", times["name_check_ns"] / 1000, "us", goal=100)
    figure("plugin load, warm, known hash", times["plugin_load_ms"], "ms", goal=20)


def crowd(host, organization, count, tenant="bench"):
    """A folder of `count` records of the plugin, straight into the store."""
    database = sqlite3.connect(os.path.join(host.data, "store.db"))
    columns = [r[1] for r in database.execute("pragma table_info(passwords)") if r[1] != "seq"]
    template = dict(zip(columns, database.execute(
        "select %s from passwords where external_id <> '' limit 1" % ",".join(columns)).fetchone()))
    database.executemany(
        "insert into passwords(%s) values(%s)" % (",".join(columns), ",".join("?" * len(columns))),
        [tuple(dict(template, id="bench-%07d" % i, name="PC-%07d" % i,
                    external_id="%s:%s" % (tenant, harness.guid(5, i)), username=harness.guid(5, i))[c] for c in columns)
         for i in range(count)])
    database.commit()
    database.close()


def served_ms(host, action, rounds=201):
    """What the server itself spends on one answer: programs beside it do not count."""
    def spent():
        with open("/proc/%d/stat" % host.server.pid, encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")
    start = spent()
    for _ in range(rounds):
        action()
    return (spent() - start) / rounds


def folder_rows(world):
    one = harness.device(1)
    sim, host, _ = world.connected([harness.key(1, one)], [one])
    host.sync()
    crowd(host, "Fernhill", 100000)
    host.serve()
    connection = http.client.HTTPConnection("127.0.0.1", host.port)

    def get(path):
        connection.request("GET", path, headers={"Authorization": "Bearer " + host.token})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit("GET %s: %d" % (path, answer.status))
        return json.loads(body)["data"]

    page = "/api/v1/folders?org=Fernhill&limit=100"
    if len(get(page)) != 100:
        raise SystemExit("the folder page has not 100 rows")
    figure("folder page of 100 out of 100,000, by REST", served_ms(host, lambda: get(page)), "ms",
           goal=2)
    for name, more in (("sorted by time", "&sort=updated"), ("of one category", "&category=" +
                       harness.quote(harness.FOLDER)), ("searched", "&search=PC-00777")):
        figure("folder page of 100 out of 100,000, " + name,
               served_ms(host, lambda: get(page + more), 101), "ms",
               goal=5 if "search" in more else 60)
    part = harness.guid(5, 77777)[:8]
    if len(get("/api/v1/find?key=" + part)) < 1:
        raise SystemExit("the key was not found")
    figure("find by 8 characters out of 100,000, by REST",
           served_ms(host, lambda: get("/api/v1/find?key=" + part)), "ms", goal=5)
    connection.close()
    activity_rows(host, get)


def activity_rows(host, get):
    """A log of 1,000,000 entries over a year, three actions of four by one of 50 users."""
    database = sqlite3.connect(os.path.join(host.data, "store.db"), timeout=60)
    database.execute(
        "with recursive n(i) as (select 0 union all select i+1 from n where i<999999)"
        " insert into activity(at_ms, actor, role, source, address, os_uid, organization_id,"
        " action, subject, object_id, detail, code) select ?-i*31536, 'user '||(i%50), 3, 2, '', 0,"
        " (select id from organizations limit 1), 1+i%12, 'PC-'||i, 'bench:'||(i%100000), '', 0"
        " from n", (int(time.time() * 1000),))
    database.commit()
    database.close()
    for name, more in (("", ""), (", one user", "&user=user%207"),
                       (", refused", "&action=refused"), (", one organization", "&org=Fernhill")):
        path = "/api/v1/activity?limit=100" + more
        if len(get(path)) != 100:
            raise SystemExit("the activity page has not 100 rows")
        figure("activity, last 30 days of 1,000,000" + name,
               served_ms(host, lambda: get(path), 101), "ms", goal=20)


def sealed(host, *arguments):
    done = subprocess.run([SEALED, host.data, *arguments], capture_output=True, text=True,
                          check=True)
    return json.loads(done.stdout)


def timed(host, *arguments):
    start = time.monotonic()
    answer = host.ok(*arguments)
    return time.monotonic() - start, answer


def sealed_rows(world):
    """Sealed state at a size that takes years to come about: filled by the plugin's own code."""
    one = harness.device(1)
    _, host, _ = world.connected([harness.key(1, one)], [one])
    host.sync()
    record = min((sealed(host, "record") for _ in range(ROUNDS)), key=lambda r: r["seconds"])
    figure("seal and open one record, CPU", record["seconds"] * 1e6, "us", record["bare"] * 1e6,
           None, 5)
    sealed(host, "places", "1000")
    bare = sealed(host, "bare-rewrap")
    if bare["count"] < 1000:
        raise SystemExit("there are %d wrapped keys" % bare["count"])
    seconds, _ = timed(host, "key", "rotate")
    figure("root rotation over 1,000 organizations", seconds, "s", bare["seconds"], None, 2)
    sealed(host, "audit", str(ENTRIES))
    bare = sealed(host, "bare-verify")
    if bare["count"] != ENTRIES:
        raise SystemExit("there are %d entries" % bare["count"])
    seconds, _ = timed(host, "audit", "--verify")
    scale = 1000000 / ENTRIES
    figure("verify 1,000,000 audit entries, a head of each%s"
           % ("" if scale == 1 else " (%d, scaled)" % ENTRIES), seconds * scale, "s",
           bare["seconds"] * scale, None, 10)


def many_keys(host, tenant, count):
    """Records and sealed rows of `count` keys of one organization, among a thousand that have data
    keys. Text search, which a start does not read, is not told of them: that alone would take
    minutes."""
    with sqlite3.connect(os.path.join(host.data, "store.db")) as database:
        database.execute("drop trigger passwords_insert")
    database.close()
    crowd(host, "Fernhill", count, tenant)
    organization = [row["id"] for row in host.rows("org", "list") if row["name"] == "Fernhill"][0]
    sealed(host, "places", "1000")
    sealed(host, "keys", str(count), tenant, organization)


def ready_rows(world):
    one = harness.device(1)
    _, host, data = world.connected([harness.key(1, one)], [one])
    host.sync()
    many_keys(host, data["tenantId"], READY_KEYS)
    times = []
    for _ in range(ROUNDS):
        start = time.monotonic()
        host.serve()
        status, page = host.api("GET", "/api/v1/folders?org=Fernhill&limit=100")
        if status != 200 or len(page["data"]) != 100:
            raise SystemExit("the host did not answer when it said its address")
        times.append(time.monotonic() - start)
        host.stop()
    figure("from start to the first page, %d keys" % READY_KEYS, min(times), "s", goal=1)
    host.serve()
    wanted = harness.guid(5, READY_KEYS * 7 // 9)

    def find():
        status, answer = host.api("GET", "/api/v1/find?key=" + wanted[:8])
        if status != 200 or not answer["data"]:
            raise SystemExit("the key was not found")
    figure("find by 8 characters, %d keys" % READY_KEYS, served_ms(host, find), "ms", goal=5)
    host.ok("reveal", wanted, "--reason", "the rows are real")
    host.stop()


def main():
    world = harness.World()
    print("%-48s %12s %-4s %10s %8s %8s  %s" % ("figure", "value", "unit", "floor", "ratio", "goal",
                                               "met"), flush=True)
    try:
        for latency in (0, 50):
            sync_rows(world, latency)
            sync_rows(world, latency, LARGE, 1)
            if FULL:
                sync_rows(world, latency, 1000000, 1)
        secure_row(world, 50)
        throttled_rows()
        once_row(world)
        gate_rows()
        folder_rows(world)
        sealed_rows(world)
        ready_rows(world)
        tenants.rows(world, figure)
    finally:
        world.close()


if __name__ == "__main__":
    main()
