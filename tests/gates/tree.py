# SPDX-License-Identifier: Apache-2.0
"""What every gate needs: the files of the tree, C text without comments, and how to report.

A gate takes --root, so that the same code reads this tree and a fixture's small one.
"""
import argparse
import fnmatch
import pathlib
import re
import subprocess
import sys

# Bad on purpose, or not ours.
NOT_OURS = ("tests/gates/fixtures/", "sample-host/web/vendor/")

TOKEN = re.compile(r"""
    /\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
""", re.X | re.S)


def options(doc, *more):
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path.cwd())
    for names, settings in more:
        parser.add_argument(*names, **settings)
    return parser.parse_args()


def paths(root, *patterns):
    """Files of the tree, tracked or about to be, as relative names; all when no pattern is given."""
    if (root / ".git").exists():
        listed = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard"],
                                check=True, capture_output=True, text=True).stdout.splitlines()
    else:
        listed = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
    return [name for name in sorted(listed)
            if not name.startswith(NOT_OURS) and (root / name).is_file()
            and (not patterns or any(fnmatch.fnmatch(name, one) for one in patterns))]


def read(root, name):
    """The text, or None of a file that is not text."""
    try:
        return (root / name).read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return None


def blank(found):
    """Spaces in place of a comment or literal; line ends, and the quotes around a literal, stay."""
    text = found.group(0)
    if text[0] in "\"'":
        return text[0] + " " * (len(text) - 2) + text[0]
    return re.sub(r"[^\n]", " ", text)


def code(text):
    """C text in which comments and the insides of literals are spaces, at the same places."""
    return TOKEN.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def finish(gate, problems, seen):
    """Prints the problems and ends the program; a gate that saw nothing to check is red too."""
    for problem in problems:
        print(problem)
    if not seen:
        print(f"{gate}: found nothing to check")
    sys.exit(1 if problems or not seen else 0)
