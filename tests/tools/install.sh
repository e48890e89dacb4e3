#!/bin/sh
# Copies files to an installation prefix: install.sh PREFIX SOURCE:DIRECTORY ...
# Programs and libraries that are loaded keep their execute bit, all else is only readable. In a
# source NAME.in, @PREFIX@ and @VERSION@ become the variables PREFIX and VERSION.
set -eu

prefix=$1
shift
for pair in "$@"; do
    from=${pair%%:*}
    into=$prefix/${pair#*:}
    mode=644
    [ ! -x "$from" ] || mode=755
    name=$(basename "$from" .in)
    install -d "$into"
    if [ "$name" = "$(basename "$from")" ]; then
        install -m "$mode" "$from" "$into/"
    else
        sed -e "s|@PREFIX@|$PREFIX|" -e "s|@VERSION@|$VERSION|" "$from" > "$into/$name"
        chmod "$mode" "$into/$name"
    fi
    echo "  $into/$name"
done
