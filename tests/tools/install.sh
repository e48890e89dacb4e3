#!/bin/sh
# Copies files to an installation prefix: install.sh PREFIX SOURCE:DIRECTORY ...
# Programs and libraries that are loaded keep their execute bit, all else is only readable.
set -eu

prefix=$1
shift
for pair in "$@"; do
    from=${pair%%:*}
    into=$prefix/${pair#*:}
    mode=644
    [ ! -x "$from" ] || mode=755
    install -d "$into"
    install -m "$mode" "$from" "$into/"
    echo "  $into/$(basename "$from")"
done
