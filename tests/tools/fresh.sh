#!/bin/bash
# Runs the two commands of the README in a new clone of HEAD inside a bare Debian 12 that has only
# make and git: fresh.sh WORKDIR [TARGET ...]. The bare system and the packages that were fetched
# stay in WORKDIR, so that the next run is quick. Mirror, proxy and keys are this machine's own.
set -euo pipefail

work=$(realpath -m "${1:?working directory}")
shift
targets=${*:-demo test}
suite=bookworm
base=$work/base
root=$work/root

if [ "$(id -u)" -ne 0 ]; then
    echo "fresh-check: a bare system is made with chroot, which needs root; run: sudo make fresh-check" >&2
    exit 1
fi

# The mounts live in a name space of their own and go with it, however this ends.
if [ -z "${FRESH_INSIDE:-}" ]; then
    export FRESH_INSIDE=1
    # shellcheck disable=SC2086
    exec unshare --mount --propagation private --pid --fork --kill-child \
        bash "$0" "$work" $targets
fi

mirror() {
    apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' 'Component: main' |
        awk -v suite=$suite '$1 == suite { print $2; exit }'
}

make_base() {
    [ ! -e "$base/.complete" ] || return 0
    local from
    from=$(mirror)
    [ -n "$from" ] || { echo "fresh-check: apt knows no mirror of $suite" >&2; exit 1; }
    rm -rf "$base"
    mkdir -p "$base"
    echo "fresh-check: making a bare $suite"
    if ! debootstrap --variant=minbase --include=make,git $suite "$base" "$from" \
        > "$work/debootstrap.log" 2>&1; then
        tail -n 20 "$work/debootstrap.log" >&2
        exit 1
    fi
    touch "$base/.complete"
}

copy_settings() {
    rm -rf "$root/etc/apt/sources.list" "$root/etc/apt/sources.list.d"
    local name
    for name in sources.list sources.list.d keyrings trusted.gpg trusted.gpg.d auth.conf.d; do
        [ ! -e "/etc/apt/$name" ] || cp -aLT "/etc/apt/$name" "$root/etc/apt/$name"
    done
    # Proxies and the like; not hooks that would empty the package cache.
    { grep -lsE '^[[:space:]]*Acquire' /etc/apt/apt.conf /etc/apt/apt.conf.d/* || true; } |
        xargs -r cp -t "$root/etc/apt/apt.conf.d/"
    cp -aLT /usr/share/keyrings "$root/usr/share/keyrings"
    cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
}

make_root() {
    rm -rf --one-file-system "$root"
    cp -a "$base" "$root"
    copy_settings
    git -c safe.directory='*' clone --quiet --no-hardlinks "file://$PWD" "$root/product"
    mkdir -p "$work/archives/partial"
    mount --bind "$work/archives" "$root/var/cache/apt/archives"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
}

inside() {
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
        chroot "$root" /bin/sh -c "cd /product && $1"
}

mkdir -p "$work"
make_base
make_root
for target in $targets; do
    echo "fresh-check: make $target"
    inside "make $target" 2>&1 | tee "$work/$target.log"
done
echo "fresh-check: passed ($targets)"
