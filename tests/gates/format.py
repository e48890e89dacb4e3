# SPDX-License-Identifier: Apache-2.0
"""Every C file looks as clang-format writes it."""
import pathlib

import parallel
import tree

STYLE = pathlib.Path(__file__).resolve().parents[2] / ".clang-format"
BATCH = 40


def main():
    root = tree.options(__doc__).root
    names = tree.paths(root, "*.c", "*.h")
    batches = [names[at:at + BATCH] for at in range(0, len(names), BATCH)]
    problems = parallel.run(
        [("format", ["clang-format", f"--style=file:{STYLE}", "--dry-run", "-Werror", *batch])
         for batch in batches], root)
    tree.finish("format", problems, names)


main()
