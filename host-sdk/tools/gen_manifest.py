#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns a plugin's manifest.json into the C manifest inside the library.

usage: gen_manifest.py MANIFEST.json OUT    writes OUT.h and OUT.c

The C object is called ID_manifest. Only the fields that a host compares are in it; the rest of
manifest.json is read by hosts from the file.
"""
import json
import os
import re
import sys


class Fault(Exception):
    pass


def text(manifest, key, pattern):
    value = manifest.get(key)
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise Fault(f'"{key}" must be text of the form {pattern}')
    return value


def names(value, where):
    if not isinstance(value, list) or len(value) > 64:
        raise Fault(f"{where} must be a list of at most 64 interface ids")
    for name in value:
        if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9.-]+/[0-9]+", name):
            raise Fault(f"{where}: {name!r} is no interface id such as dph.log/1")
    if len(set(value)) != len(value):
        raise Fault(f"{where} names an interface twice")
    return value


def number(value, where, least):
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= 65535:
        raise Fault(f"{where} must be a whole number from {least} to 65535")
    return value


def quote(value):
    """C string of printable ASCII; everything else as three octal digits, which cannot run on."""
    return '"' + "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\?' else f"\\{byte:03o}"
        for byte in value.encode()) + '"'


def array(name, items):
    body = ", ".join([quote(item) for item in items] + ["NULL"])
    return f"static const char *const {name}[] = {{{body}}};\n"


def generate(manifest):
    if not isinstance(manifest, dict):
        raise Fault("it must be one JSON object")
    ident = text(manifest, "id", r"[a-z0-9_]{3,48}")
    version = text(manifest, "version", r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}")
    name = text(manifest, "name", r"[^\x00-\x1f]{1,255}")
    abi = manifest.get("abi")
    services = manifest.get("services")
    if not isinstance(abi, dict) or not isinstance(services, dict):
        raise Fault('"abi" and "services" must be objects')
    major = number(abi.get("major"), "abi.major", 0)
    minor = number(abi.get("minor"), "abi.minor", 0)
    units = number(manifest.get("max_parallel_units"), "max_parallel_units", 1)
    lists = {
        "required": names(services.get("required"), "services.required"),
        "optional": names(services.get("optional"), "services.optional"),
        "hooks": names(manifest.get("hooks"), "hooks"),
    }
    guard = f"{ident.upper()}_MANIFEST_H"
    head = ("/* SPDX-License-Identifier: Apache-2.0\n *\n"
            " * Generated from manifest.json by gen_manifest.py; change that file instead. */\n")
    header = (f"{head}#ifndef {guard}\n#define {guard}\n\n#include \"dph/plugin.h\"\n\n"
              f"extern const dph_manifest {ident}_manifest;\n\n#endif\n")
    source = (f"{head}#include \"{ident}_manifest.h\"\n\n"
              f"_Static_assert(DPH_ABI_MAJOR == {major} && DPH_ABI_MINOR == {minor},\n"
              f"               \"manifest.json names ABI {major}.{minor}\");\n\n"
              + "".join(array(key, lists[key]) for key in lists)
              + f"\nconst dph_manifest {ident}_manifest = {{\n"
              f"    sizeof(dph_manifest), 0, {quote(ident)}, {quote(version)}, {quote(name)},\n"
              f"    required, optional, hooks, {units}, 0}};\n")
    return header, source


def write(path, content):
    with open(path + ".new", "w", encoding="ascii") as out:
        out.write(content)
    os.replace(path + ".new", path)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: gen_manifest.py MANIFEST.json OUT")
    try:
        with open(sys.argv[1], encoding="utf-8") as source:
            header, body = generate(json.load(source))
    except (OSError, ValueError, Fault) as fault:
        sys.exit(f"{sys.argv[1]}: {fault}")
    write(sys.argv[2] + ".h", header)
    write(sys.argv[2] + ".c", body)


if __name__ == "__main__":
    main()
