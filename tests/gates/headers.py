# SPDX-License-Identifier: Apache-2.0
"""Every header compiles alone; the public ones also as C99, C11 and C++11 with gcc and clang,
without a hole in any struct, since the layout is the contract."""
import pathlib
import re
import shlex
import subprocess

import parallel
import tree

PUBLIC = re.compile(r"host-sdk/include/dph/")
STRICT = ["-pedantic-errors", "-Wall", "-Wextra", "-Wpadded", "-Wconversion", "-Wundef", "-Werror"]
LANGUAGES = (("gcc", "c", "c99"), ("gcc", "c", "c11"), ("clang", "c", "c99"),
             ("clang", "c", "c11"), ("g++", "c++", "c++11"), ("clang++", "c++", "c++11"))
INCLUDES = ["-Ihost-sdk/include", "-Ihost-sdk", "-Ibuild/gen", "-Iplugin/src", "-I."]


def include_lines(name, text):
    return f'#include "{name}"\n#include "{name}"\n' + text


def command(name, compiler, language, standard, more):
    """The header is included twice by a file that has nothing else but one declaration."""
    source = include_lines(name, "extern int only_so_that_the_unit_is_not_empty;\n")
    words = [compiler, "-x", language, f"-std={standard}", "-fsyntax-only", *INCLUDES,
             "-I" + str(pathlib.PurePath(name).parent), *more, "-"]
    line = "printf %s " + shlex.quote(source) + " | " + " ".join(map(shlex.quote, words))
    return f"{name} ({compiler}, {standard})", ["/bin/bash", "-c", "set -o pipefail; " + line]


def library_flags():
    """h2o's headers want to know which event loop they are built for."""
    done = subprocess.run(["pkg-config", "--cflags", "libh2o-evloop"], capture_output=True,
                          text=True)
    return (shlex.split(done.stdout) if done.returncode == 0 else []) + ["-DH2O_USE_LIBUV=0"]


def main():
    root = tree.options(__doc__).root
    names = tree.paths(root, "*.h")
    flags = ["-D_GNU_SOURCE", "-Wall", "-Werror", *library_flags()]
    commands = []
    for name in names:
        if PUBLIC.match(name):
            commands += [command(name, *language, STRICT) for language in LANGUAGES]
        else:
            commands.append(command(name, "gcc", "c", "c11", flags))
    tree.finish("headers", parallel.run(commands, root), names)


main()
