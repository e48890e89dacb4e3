# SPDX-License-Identifier: Apache-2.0
"""cppcheck over the product's C files; what it is told to overlook stands in cppcheck.supp."""
import os
import pathlib

import parallel
import tree

HERE = pathlib.Path(__file__).resolve().parent
CHECKED = ("plugin/*.c", "host-sdk/*.c", "sample-host/*.c")


def main():
    root = tree.options(__doc__).root
    names = tree.paths(root, *CHECKED)
    if names:
        command = ["cppcheck", "--quiet", "--std=c11", "--enable=warning,performance,portability",
                   "--error-exitcode=1", "--inline-suppr", "--template=gcc", f"-j{os.cpu_count()}",
                   f"--suppressions-list={HERE / 'cppcheck.supp'}", "-Ihost-sdk/include",
                   "-Ihost-sdk", "-Iplugin/src", "-I.", "-D__linux__",
                   f"--include={HERE / 'cppcheck.h'}", *names]
        problems = parallel.run([("cppcheck", command)], root)
    tree.finish("cppcheck", problems if names else [], names)


main()
