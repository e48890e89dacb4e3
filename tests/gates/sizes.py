# SPDX-License-Identifier: Apache-2.0
"""Bounds on files and functions, counted on the text that clang-format leaves: a function's
body starts at a brace in the first column and ends at one."""
import re
import statistics

import tree

FILE_LINES = 600
MEDIAN_LINES = 250
FUNCTION_LINES = 40
PARAMETERS = 6
# A function that fills a slot has the parameters that the ABI or a library gives the slot. Most are
# static; the others are named here.
SLOT_PARAMETERS = 8
SLOTS = {
    "host_apply": "apply of dph.store/1",
    "front_rest_request_handle": "the request handler of libmicrohttpd",
}
# A test is one story with its table, so it may be longer.
TEST_LINES = 90

HEAD = re.compile(r"^([A-Za-z_][^;{}#=]*?\b(\w+)\(([^{};]*)\))\s*\n\{\n(.*?)^\}", re.M | re.S)


def parameter_count(text):
    """Top-level commas; those of a function pointer's own list do not count."""
    while re.search(r"\([^()]*\)", text):
        text = re.sub(r"\([^()]*\)", "", text)
    return 0 if text.strip() in ("", "void") else text.count(",") + 1


def judge_function(name, text, found):
    line = tree.line_of(text, found.start())
    # With its own line and both braces, as an editor counts it.
    lines = found.group(4).count("\n") + 3
    limit = TEST_LINES if name.startswith("tests/") else FUNCTION_LINES
    if lines > limit:
        yield f"{name}:{line}: {found.group(2)} has {lines} lines, at most {limit}"
    count = parameter_count(found.group(3))
    slot = found.group(1).startswith("static") or found.group(2) in SLOTS
    limit = SLOT_PARAMETERS if slot or name.startswith("tests/") else PARAMETERS
    if count > limit:
        yield f"{name}:{line}: {found.group(2)} has {count} parameters, at most {limit}"


def judge_file(name, text, lines):
    if lines > FILE_LINES:
        yield f"{name}: {lines} lines, at most {FILE_LINES}"
    plain = tree.code(text)
    if name.endswith((".c", ".h")):
        for found in HEAD.finditer(plain):
            yield from judge_function(name, plain, found)


def main():
    root = tree.options(__doc__).root
    names = tree.paths(root, "*.c", "*.h", "*.py", "*.sh", "*.js", "*.mk", "*Makefile")
    problems = []
    sizes = []
    for name in names:
        text = tree.read(root, name)
        sizes.append(text.count("\n"))
        problems += judge_file(name, text, sizes[-1])
    if sizes and statistics.median(sizes) > MEDIAN_LINES:
        problems.append(f"the median file has {statistics.median(sizes)} lines, "
                        f"at most {MEDIAN_LINES}")
    tree.finish("sizes", problems, names)


main()
