#!/bin/sh
# Makes sure that the Debian packages named as arguments are installed; installs what is missing.
# On a system without dpkg it only says so: the build then tells what it lacks.
set -eu

if ! command -v dpkg-query > /dev/null; then
    echo "deps: this is no Debian system; needed are: $*" >&2
    exit 0
fi
missing=
for package in "$@"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo > /dev/null || ! sudo -n true 2> /dev/null; then
        echo "deps: missing packages, install them as root: apt-get install$missing" >&2
        exit 1
    fi
    as_root="sudo -n"
fi
echo "deps: installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
if ! { $as_root apt-get update -q &&
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends $missing; } > "$log" 2>&1; then
    tail -n 30 "$log" >&2
    echo "deps: could not install$missing" >&2
    exit 1
fi
