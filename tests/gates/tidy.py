# SPDX-License-Identifier: Apache-2.0
"""clang-tidy over the files that changed and the public headers; with --all over every file.

Changed means: not committed yet, or touched by the last commits up to a cap, newest first.
"""
import pathlib
import re
import subprocess

import parallel
import tree

CONFIG = pathlib.Path(__file__).resolve().parents[2] / ".clang-tidy"
PUBLIC = "host-sdk/include/dph/"
CHECKED = re.compile(r"(plugin|host-sdk|sample-host)/.*\.c$")
# The compiler proves the room of a snprintf, and of a line that cannot be printed nobody can be
# told, so these results may go unused; glibc's strerror is per thread since 2.32.
OVERLOOKED = (
    ("cert-err33-c", r"\b(v?s?n?printf|v?fprintf|fputs|fputc|fflush)\("),
    ("concurrency-mt-unsafe", r"\bstrerror\("),
)
COMMITS = 5
CAP = 30
FLAGS = ["-std=c11", "-pthread", "-Ihost-sdk/include", "-Ihost-sdk", "-Ibuild/gen", "-Iplugin/src", "-I.",
         '-DPRODUCT_VERSION="0"', "-Wno-unknown-warning-option"]


def git(root, *arguments):
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True)
    return done.stdout.splitlines() if done.returncode == 0 else []


def changed(root, names):
    """Newest first, without repeats; in a clone without history this is every file, up to CAP."""
    touched = git(root, "diff", "--name-only", "HEAD")
    touched += git(root, "ls-files", "-o", "--exclude-standard")
    touched += git(root, "log", "-m", "--first-parent", f"-{COMMITS}", "--name-only", "--format=")
    return [name for name in dict.fromkeys(touched) if name in names][:CAP]


def command(name, header):
    kind = ["-x", "c"] if header else []
    words = ["clang-tidy", f"--config-file={CONFIG}", "--quiet", name, "--", *kind, *FLAGS,
             "-I" + str(pathlib.PurePath(name).parent)]
    return name, words


def overlooked(block):
    return any(check in block and re.search(words, block) for check, words in OVERLOOKED)


def judge(root, status, text):
    """What is left of the findings, or None."""
    starts = [found.start() for found in re.finditer(r"^\S+?:\d+:\d+: (error|warning): ", text, re.M)]
    blocks = [text[start:end].strip() for start, end in zip(starts, [*starts[1:], len(text)])]
    kept = [block.replace(f"{root}/", "") for block in blocks if not overlooked(block)]
    if status != 0 and not starts:
        kept.append(text)
    return "\n".join(kept) if kept else None


def main():
    chosen = tree.options(__doc__, (("--all",), {"action": "store_true"}))
    root = chosen.root
    names = [name for name in tree.paths(root, "*.c") if CHECKED.match(name)]
    headers = tree.paths(root, PUBLIC + "*.h")
    everything = chosen.all or not (root / ".git").exists()
    files = names if everything else changed(root, set(names))
    problems = parallel.run([command(name, False) for name in files] +
                            [command(name, True) for name in headers], root,
                            lambda status, text: judge(root, status, text))
    print(f"tidy: {len(files)} of {len(names)} files, {len(headers)} public headers")
    tree.finish("tidy", problems, names)


main()
