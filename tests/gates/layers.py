# SPDX-License-Identifier: Apache-2.0
"""Holds every #include line against the table of layers: arrows run down only."""
import posixpath
import re

import tree

# Where a quoted include may be found, besides the folder of the file itself.
SEARCH = ("", "host-sdk/include", "host-sdk", "plugin/src", "plugin", "sample-host/src",
          "sample-host/graphsim", "sample-host/graphsim/src", "build/gen")
GENERATED = re.compile(r"gen/|(.*_)?manifest\w*\.h$|.*_gen\.h$")

# A file belongs to the first layer whose pattern fits its path.
LAYERS = (
    ("dph", r"host-sdk/include/dph/"),
    ("support", r"host-sdk/support/"),
    ("loader", r"host-sdk/(loader|probe|tools)/"),
    ("example", r"host-sdk/example-plugin/"),
    ("example_host", r"host-sdk/example-host/"),
    ("base", r"plugin/src/base/"),
    ("domain", r"plugin/src/domain/"),
    ("state_host", r"plugin/src/state/host_[^/]*$"),
    ("state", r"plugin/src/state/"),
    ("graph", r"plugin/src/graph/"),
    ("usecase", r"plugin/src/usecase/"),
    ("wiring", r"plugin/src/hooks/host_ports[^/]*$"),
    ("hooks", r"plugin/src/hooks/"),
    ("plugin_top", r"plugin/src/[^/]+$"),
    ("tools", r"plugin/tools/"),
    ("graphsim", r"sample-host/graphsim/"),
    ("host", r"sample-host/src/"),
    ("generated", r"build/gen/"),
    ("tests", r"tests/"),
)

LOW = {"base", "support"}
# Where the ports are filled and the instance is put together, everything meets.
WIRING = LOW | {"domain", "state", "state_host", "graph", "usecase", "hooks", "wiring", "dph",
                "plugin_top", "generated"}
MAY_INCLUDE = {
    "dph": {"dph"},
    "support": {"support"},
    "loader": {"loader", "dph", "support"},
    "example": {"example", "dph", "generated"},
    "example_host": {"example_host", "loader", "dph", "support"},
    "base": LOW | {"generated"},
    "domain": LOW | {"domain"},
    "state": LOW | {"domain", "state"},
    "state_host": LOW | {"domain", "state", "state_host", "dph"},
    "graph": LOW | {"domain", "graph"},
    "usecase": LOW | {"domain", "state", "state_host", "graph", "usecase", "dph"},
    "hooks": LOW | {"domain", "usecase", "hooks", "wiring", "dph", "plugin_top", "generated"},
    "wiring": WIRING,
    "plugin_top": WIRING,
    "tools": LOW | {"domain", "state", "state_host", "tools", "generated"},
    "graphsim": {"graphsim", "support"},
    "host": {"host", "loader", "dph", "support", "generated"},
    "generated": {"dph"},
}

# System headers that only these files may include; within the named tree, where one is given.
ONLY_IN = (
    (r"curl/", r"plugin/src/graph/transport[^/]*$", r"plugin/"),
    (r"openssl/", r"plugin/src/graph/assertion\.c$", r"plugin/"),
    (r"jansson\.h$", r"plugin/src/base/json[^/]*$", r"plugin/"),
    (r"pcre2", r"plugin/src/base/pattern[^/]*$", r"plugin/"),
    (r"utf8proc", r"plugin/src/base/unicode\.c$", r""),
    (r"unicode/", r"plugin/tools/gen_[^/]*$", r""),
    (r"csv\.h$", r"sample-host/src/base/csv_read\.c$", r""),
    (r"(h2o|h2o/.*|uv)\.h$", r"sample-host/graphsim/", r""),
    (r"microhttpd\.h$", r"sample-host/src/", r""),
    (r"sqlite3\.h$", r"sample-host/src/|plugin/tools/open_store|tests/", r""),
    (r"dlfcn\.h$", r"host-sdk/|tests/|sample-host/src/os_", r""),
)
LIBC = re.compile(r"(assert|ctype|errno|float|inttypes|limits|math|stdarg|stdatomic|stdbool|stddef|"
                  r"stdint|stdio|stdlib|stdnoreturn|string|time|setjmp|signal|stdalign)\.h$")
# These layers stand on the C library alone.
ONLY_LIBC = {"dph", "support"}
# POSIX headers stay in files named os_*, so that the plugin builds elsewhere; graphsim is exempt.
POSIX = re.compile(r"(sys/|unistd|fcntl|poll|netdb|netinet/|arpa/|dirent|pwd|spawn|syslog|dlfcn|"
                   r"termios|semaphore|sched|glob|regex|strings)")
POSIX_FREE = re.compile(r"(plugin|host-sdk|sample-host/src)/")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.M)


def layer_of(path):
    return next((name for name, pattern in LAYERS if re.match(pattern, path)), None)


def resolve(here, included, known):
    places = (posixpath.dirname(here),) + SEARCH
    names = (posixpath.normpath(posixpath.join(place, included)) for place in places)
    found = next((name for name in names if name in known), None)
    if found is None and GENERATED.match(included):
        return "build/gen/" + included
    return found


def judge_own(path, layer, included, known):
    target = resolve(path, included, known)
    if target is None:
        return f'"{included}" is found nowhere in the tree'
    there = layer_of(target)
    if there not in MAY_INCLUDE[layer]:
        return f"{layer} may not include {there} ({included})"
    return None


def judge_system(path, layer, header):
    for pattern, home, within in ONLY_IN:
        if re.match(pattern, header) and re.match(within, path) and not re.match(home, path):
            return f"<{header}> belongs into {home}"
    if layer in ONLY_LIBC and not LIBC.match(header):
        return f"{layer} stands on the C library alone, not on <{header}>"
    posix = POSIX.match(header) and POSIX_FREE.match(path)
    if posix and not posixpath.basename(path).startswith("os_"):
        return f"<{header}> belongs into a file named os_*"
    return None


def judge_file(root, path, known):
    layer = layer_of(path)
    if layer is None:
        yield f"{path}: belongs to no layer of the table"
    if layer in (None, "tests"):
        return
    text = tree.read(root, path)
    for found in INCLUDE.finditer(text):
        quoted, name = found.group(1) == '"', found.group(2)
        inside = quoted or name.startswith("dph/")
        wrong = judge_own(path, layer, name, known) if inside else judge_system(path, layer, name)
        if wrong:
            yield f"{path}:{tree.line_of(text, found.start())}: {wrong}"


def main():
    root = tree.options(__doc__).root
    names = tree.paths(root, "*.c", "*.h")
    known = set(names)
    problems = [problem for name in names for problem in judge_file(root, name, known)]
    tree.finish("layers", problems, names)


main()
