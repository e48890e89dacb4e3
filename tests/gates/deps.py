# SPDX-License-Identifier: Apache-2.0
"""Everything the tree takes from the system belongs to a package that the Makefile lists.

Looked at: system headers, -l libraries and pkg-config names, and programs that scripts, recipes
and Python files call. A program's package stands in programs.txt.
"""
import ast
import os
import pathlib
import re
import subprocess

import tree

HERE = pathlib.Path(__file__).resolve().parent
HEADER = re.compile(r"^[ \t]*#[ \t]*include[ \t]*<([^>]+)>", re.M)
LIBRARY = re.compile(r"(?<![\w-])-l([a-z][\w+.-]*)")
PKG_CONFIG = re.compile(r"pkg-config((?: --?[\w-]+)*)((?: [a-z][\w.+-]*)+)")
OWN_LIBRARIES = {"dph"}
BUILTINS = set("""
    alias bg bind break builtin case cd command continue declare do done elif else esac eval exec
    exit export false fi for function getopts hash if in local let popd pushd pwd read readonly
    return set shift shopt source test then time times trap true type ulimit umask unset until wait
    while printf echo kill mapfile select
""".split())
# Where a command may stand: at the start of a line, after an operator or a word such as `then`.
POSITION = re.compile(
    r"(?:^|[;&|({`!]|\$\(|\b(?:do|then|else|if|while|until|sudo|exec|env)\b)"
    r"(?=\s*(?:[A-Z_][A-Z_0-9]*=\S*\s+)*(?:-\w\s+)?([a-z][a-z0-9_+.-]*)(?:[\s;)|&`]|$))", re.M)
MAKE_FUNCTIONS = set("""
    abspath addprefix addsuffix basename call dir eval filter filter-out firstword foreach if info
    notdir patsubst realpath sort strip subst suffix wildcard word words
""".split())
RUNNERS = {"run", "Popen", "check_output", "check_call", "call", "which"}


def output(command):
    return subprocess.run(command, capture_output=True, text=True).stdout


def listed_packages(root):
    text = (root / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    found = re.findall(r"^PKGS_\w+ *[:+]?= *(.*)$", text, re.M)
    return {word for line in found for word in line.split()}


def toolchain():
    """The compilers' own headers and the kernel's come with gcc, whatever their version."""
    command = ["apt-cache", "depends", "--recurse", "--no-recommends", "--no-suggests",
               "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances", "gcc",
               "libc6-dev"]
    names = set(re.findall(r"^(\w\S*)", output(command), re.M))
    return names or {"libgcc-12-dev", "linux-libc-dev"}


def owners(found):
    """path -> packages, asked of dpkg in one go, under /usr and without it."""
    both = sorted({form for path in found for form in (path, re.sub("^/usr/lib", "/lib", path))})
    result = {}
    for line in output(["dpkg", "-S", *both]).splitlines():
        packages, _, path = line.rpartition(": ")
        path = re.sub("^/lib", "/usr/lib", path)
        names = {name.split(":")[0].strip() for name in packages.split(",")}
        result.setdefault(path, set()).update(names)
    return result


def header_path(header, flags):
    made = subprocess.run(["gcc", "-x", "c", "-E", "-M", *flags, "-"], capture_output=True,
                          text=True, input=f"#include <{header}>\n").stdout
    words = made.replace("\\\n", " ").split()
    found = next((word for word in words if word.endswith("/" + header)), None)
    return os.path.realpath(found) if found else None


def library_path(name):
    for ending in (".so", ".a"):
        told = output(["gcc", f"-print-file-name=lib{name}{ending}"]).strip()
        if "/" in told:
            return re.sub("^/lib/", "/usr/lib/", os.path.normpath(told))
    return None


def pc_path(name):
    folder = output(["pkg-config", "--variable=pcfiledir", name]).strip()
    return f"{folder}/{name}.pc" if folder else None


def used_files(root, names):
    """Yields (where, what, path or None) for headers, libraries and pkg-config names."""
    headers, libraries, packages = {}, {}, {}
    for name in names:
        text = tree.read(root, name) or ""
        if name.endswith((".c", ".h")):
            for found in HEADER.findall(text):
                if not (root / "host-sdk/include" / found).exists():
                    headers.setdefault(found, name)
            text = "\n".join(re.findall(r"/\* *LIBS:.*?\*/", text, re.S))
        elif not name.endswith((".mk", "Makefile", ".sh", ".py")) or name.startswith("tests/gates"):
            continue
        text = re.sub(r"^PKGS_.*$", "", text.replace("\\\n", " "), flags=re.M)
        for found in [] if name.endswith((".sh", ".py")) else LIBRARY.findall(text):
            libraries.setdefault(found, name)
        for _, words in PKG_CONFIG.findall(text):
            for word in words.split():
                packages.setdefault(word, name)
    flags = ["-Ihost-sdk/include", "-DH2O_USE_LIBUV=0"]
    yield from ((where, f"<{what}>", header_path(what, flags)) for what, where in headers.items())
    yield from ((where, f"-l{what}", library_path(what)) for what, where in libraries.items()
                if what not in OWN_LIBRARIES)
    yield from ((where, f"pkg-config {what}", pc_path(what)) for what, where in packages.items())


def shell_words(text):
    text = re.sub(r"<<-?\s*'?(\w+)'?.*?^\s*\1$", "", text, flags=re.S | re.M)
    text = re.sub(r"(?m)(^|\s)#.*$", "", text)
    text = re.sub(r"'[^']*'", "''", text).replace("\\\n", " ")
    # What stands in double quotes is text, but for the commands in it.
    text = re.sub(r'"((?:[^"\\]|\\.)*)"', lambda m: " ".join(
        re.findall(r"\$\([^()]*\)", m.group(1))) or '""', text)
    own = set(re.findall(r"^\s*(\w+)\s*\(\)", text, re.M))
    patterns = set(re.findall(r"^\s*([\w-]+)\)", text, re.M))
    return {word for word in POSITION.findall(text)} - BUILTINS - own - patterns


def recipe_words(text):
    text = re.sub(r"^PKGS_.*$", "", text.replace("\\\n", " "), flags=re.M)
    values = dict(re.findall(r"^([A-Z]+) := (/?[\w/.+-]+)$", text, re.M))
    values = {name: value.replace("/usr/bin/", "") for name, value in values.items()}
    lines = re.findall(r"^\t[@+-]*(.*)", text, re.M) + re.findall(r"\$\(shell (.*)\)", text)
    plain = "\n".join(lines).replace("$$", "$")
    plain = re.sub(r"\$\(Q\)|\$\(if[^\n]*?@", " ", plain).replace("$(AGAIN)", "make")
    plain = re.sub(r"\$\(([A-Z]+)\)", lambda found: values.get(found.group(1), "X"), plain)
    return shell_words(plain) - MAKE_FUNCTIONS


def python_words(text):
    """First words of lists given to subprocess, or kept in a name such as `command`."""
    for node in ast.walk(ast.parse(text)):
        value = None
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in RUNNERS and node.args:
            value = node.args[0]
        elif isinstance(node, ast.Assign):
            name = getattr(node.targets[0], "id", "")
            value = node.value if re.search(r"command|words|argv", name) else None
        if isinstance(value, ast.List) and value.elts:
            value = value.elts[0]
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value


def used_programs(root, names):
    for name in names:
        text = tree.read(root, name) or ""
        words = set()
        if text.startswith("#!"):
            words.add(text.split("\n", 1)[0].split()[-1].rsplit("/", 1)[-1])
        if name.endswith(".py"):
            words |= set(python_words(text))
        elif name.endswith((".mk", "Makefile")):
            words |= recipe_words(text)
        elif name.endswith(".sh") or (text.startswith("#!") and "sh" in text.split("\n", 1)[0]):
            words |= shell_words(text)
        for word in words:
            if word and "/" not in word:
                yield name, word


def always_there(package):
    told = output(["dpkg-query", "-W", "-f", "${Essential} ${Priority}", package])
    return "yes" in told or "required" in told


def judge_programs(root, names, listed):
    lines = (HERE / "programs.txt").read_text(encoding="utf-8").splitlines()
    table = dict(line.split() for line in lines if line and not line.startswith("#"))
    for where, program in sorted(set(used_programs(root, names))):
        package = table.get(program)
        if package is None:
            yield f"{where}: calls {program}, whose package programs.txt does not name"
        elif package != "-" and package not in listed and not always_there(package):
            yield f"{where}: calls {program} of {package}, which the Makefile does not list"


def judge_files(root, names, listed):
    used = list(used_files(root, names))
    owned = owners({path for _, _, path in used if path})
    allowed = listed | toolchain()
    for where, what, path in used:
        packages = owned.get(path, set())
        if path is None:
            yield f"{where}: {what} is not on this system"
        elif not packages & allowed:
            yield (f"{where}: {what} comes from {', '.join(packages) or 'no package'}, "
                   "which the Makefile does not list")


def main():
    root = tree.options(__doc__).root
    names = tree.paths(root)
    listed = listed_packages(root)
    problems = [*judge_files(root, names, listed), *judge_programs(root, names, listed)]
    tree.finish("deps", problems, names)


main()
