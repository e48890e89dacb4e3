# SPDX-License-Identifier: Apache-2.0
"""The shape of the tree: what may lie at the top, first lines, line ends, no binary files."""
import re

import tree

TOP = {"plugin", "host-sdk", "sample-host", "tests", "docs", "Makefile", "manifest.json",
       "README.md", "LICENSE"}
SPDX = "SPDX-License-Identifier: Apache-2.0"
# Pictures and fuzz or test corpora are not text.
BINARY_OK = re.compile(r"(docs|sample-host/web|tests/(fuzz|corpus|data))/")
TEXT_AS_IS = re.compile(r"tests/(fuzz|corpus|data)/|sample-host/web/vendor/")


def judge(name, text):
    if text is None or "\0" in text:
        if not BINARY_OK.match(name):
            yield f"{name}: is not text"
        return
    first_line = text.split("\n", 1)[0]
    if name.endswith((".c", ".h")) and not first_line.startswith("/* " + SPDX):
        yield f"{name}: the first line has to start with /* {SPDX}"
    if name.endswith(".py") and SPDX not in text[:200]:
        yield f"{name}: has no line {SPDX}"
    if TEXT_AS_IS.match(name):
        return
    if text and not text.endswith("\n"):
        yield f"{name}: the last line has no end"
    if "\r" in text:
        yield f"{name}: has carriage returns"
    trailing = re.search(r"[ \t]+$", text, re.M)
    if trailing and not name.endswith(".md"):
        yield f"{name}:{tree.line_of(text, trailing.start())}: blanks at the end of the line"


def main():
    root = tree.options(__doc__).root
    names = tree.paths(root)
    problems = [f"{name}: nothing else may lie at the top of the tree" for name in names
                if name.split("/")[0] not in TOP and not name.startswith(".")]
    problems += [problem for name in names for problem in judge(name, tree.read(root, name))]
    tree.finish("hygiene", problems, names)


main()
