#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The main job with demo data: starts the simulated Microsoft cloud, makes a data directory, adds
# organizations and their configurations, connects three tenants, syncs and prints what is
# documented. With --once it checks what it sees and ends; without, it serves until Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022

once=0
case "${1-}" in
--once) once=1 ;;
"") ;;
*)
	echo "usage: sample-host/demo.sh [--once]" >&2
	exit 2
	;;
esac

bin=${DEMO_BIN:-build/bin}
data=build/demo
sim_dir=build/demo-sim
dochost="$bin/dochost --data $data"
sim_pid=
serve_pid=

stop() {
	for pid in $serve_pid $sim_pid; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
}
trap stop EXIT
trap 'exit 130' INT TERM

fail() {
	echo "demo: $*" >&2
	exit 1
}

# ask FILE EXPRESSION [ARGUMENT]: prints what a Python expression makes of the JSON in a file.
ask() {
	python3 -c '
import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
a = sys.argv[3] if len(sys.argv) > 3 else ""
r = eval(sys.argv[2])
print("\n".join(str(x) for x in r) if isinstance(r, (list, tuple)) else r)' "$@"
}

start_sim() {
	rm -rf "$sim_dir"
	mkdir -p "$sim_dir"
	: >"$sim_dir/graphsim.log" # it is read before the simulator has opened it
	"$bin/graphsim" --port 0 --data sample-host/graphsim/demo.json \
		>"$sim_dir/graphsim.log" 2>&1 &
	sim_pid=$!
	for _ in $(seq 200); do
		origin=$(sed -n 's/^graphsim listening on //p' "$sim_dir/graphsim.log" | head -n 1)
		[ -z "$origin" ] || return 0
		kill -0 "$sim_pid" 2>/dev/null || fail "graphsim ended: $(cat "$sim_dir/graphsim.log")"
		sleep 0.05
	done
	fail "graphsim does not start"
}

# Adds organizations and configurations, one command each, as a person would.
fill() {
	python3 - "$bin/dochost" "$data" sample-host/graphsim/demo-host.json <<'PY'
import json, subprocess, sys
program, data, file = sys.argv[1:4]
def run(*words):
    subprocess.run([program, "--data", data, *words], check=True, stdout=subprocess.DEVNULL)
for org in json.load(open(file, encoding="utf-8"))["organizations"]:
    run("org", "add", "--", org["name"])
    for config in org["configurations"]:
        words = ["config", "add", "--org=" + org["name"]]
        words += ["--%s=%s" % (k, v) for k, v in config.items() if v]
        run(*words)
PY
}

connect_all() {
	local count tenant index
	count=$(ask sample-host/graphsim/demo-host.json 'len(d["organizations"])')
	for index in $(seq 1 "$count"); do
		tenant=$(ask sample-host/graphsim/demo-host.json 'd["organizations"][int(a) - 1]["tenantId"]' $index)
		ask sample-host/graphsim/demo.json \
			'[t for t in d["tenants"] if t["tenantId"] == a][0]["refreshToken"]' "$tenant" |
			$dochost connect "$tenant" --grant refresh --login "$origin" --graph "$origin" \
				--client-id "$(ask sample-host/graphsim/demo.json \
					'[t for t in d["tenants"] if t["tenantId"] == a][0]["clientId"]' "$tenant")" \
				--org "$(ask sample-host/graphsim/demo-host.json \
					'd["organizations"][int(a) - 1]["name"]' $index)" >/dev/null
	done
}

# Every organization has rows with the expected columns; a second sync finds nothing to do.
verify() {
	local name reads
	while IFS= read -r name; do
		$dochost --json folder list --org "$name" >"$sim_dir/rows.json"
		[ "$(ask "$sim_dir/rows.json" 'len(d)')" -ge 10 ] ||
			fail "$name has too few rows"
		[ "$(ask "$sim_dir/rows.json" \
			'all(r["key_id"] and r["device"] and r["volume"] and r["state"] and r["configuration"] for r in d)')" = True ] ||
			fail "a row of $name lacks a column"
		[ "$(ask "$sim_dir/rows.json" 'any(r["archived"] for r in d)')" = False ] ||
			fail "an archived key of $name is listed"
	done < <(ask sample-host/graphsim/demo-host.json '[o["name"] for o in d["organizations"]]')
	$dochost --json sync >"$sim_dir/second.json" || fail "the second sync failed"
	[ "$(ask "$sim_dir/second.json" 'sum(c["store_changes"] + c["key_reads"] for c in d)')" = 0 ] ||
		fail "the second sync wrote or read something: $(cat "$sim_dir/second.json")"
	reads=$(ask "$sim_dir/sync.json" 'sum(c["key_reads"] for c in d)')
	[ "$reads" = "$(ask sample-host/graphsim/demo.json 'sum(len(t["recoveryKeys"]) for t in d["tenants"])')" ] ||
		fail "$reads keys were read, but not once each"
	$dochost reveal "$full" --reason "demo" >"$sim_dir/shown" || fail "reveal failed"
	grep -Eqx '([0-9]{6}-){7}[0-9]{6}' "$sim_dir/shown" || fail "reveal printed something else"
	rm -f "$sim_dir/shown"
	if $dochost reveal "$full" --reason " " >/dev/null 2>&1; then
		fail "reveal worked without a reason"
	fi
}

start_sim
rm -rf "$data" "$data.key" "$data.audit"
$dochost init --plugin build/plugin/bitlocker_keys.so >/dev/null
fill
connect_all
status=0
$dochost --json sync >"$sim_dir/sync.json" 2>"$sim_dir/sync.err" || status=$?
[ "$status" = 0 ] || fail "the first sync failed: $(cat "$sim_dir/sync.err")"

while IFS= read -r name; do
	echo
	echo "$name / BitLocker Keys (via Network Glue)"
	$dochost folder list --org "$name"
done < <(ask sample-host/graphsim/demo-host.json '[o["name"] for o in d["organizations"]]')
echo
ask "$sim_dir/sync.json" '["%s: %s" % (c["name"] or c["connection"], c["summary"]) for c in d]'

$dochost --json folder list --org "$(ask sample-host/graphsim/demo-host.json 'd["organizations"][0]["name"]')" \
	>"$sim_dir/first.json"
full=$(ask "$sim_dir/first.json" 'd[0]["key_id"]')
echo
echo "\$ dochost --data $data find ${full:0:8}"
$dochost find "${full:0:8}"
echo
echo "Show that key:  $bin/dochost --data $data reveal $full --reason \"TEXT\""
echo "API login:      $data/api-token"

if [ "$once" = 1 ]; then
	verify
	echo
	echo "demo: everything is as expected"
	exit 0
fi
echo
$dochost serve --port "${DEMO_PORT:-8420}" &
serve_pid=$!
wait "$serve_pid"
