# SPDX-License-Identifier: Apache-2.0
"""Words and calls that do not belong in the tree. Exceptions are counted in banned.txt: more than
written there is red, fewer is red too, so that the list only ever shrinks with the code."""
import collections
import fnmatch
import pathlib
import re

import tree

C = ("*.c", "*.h")
TEXT = C + ("*.md", "*.py", "*.sh", "*.mk", "*.awk", "*Makefile", ".ci/*", "*.js", "*.css")
OUTSIDE_OS = ("*/os_*", "tests/*", "sample-host/graphsim/*")
SELF = ("tests/gates/banned.py", "tests/gates/banned.txt", "tests/gates/selftest.py")

Rule = collections.namedtuple("Rule", "name pattern where but what")


def call(names):
    return rf"(?<![\w.>])(?:{names})\s*\("


# `what`: "code" looks at C without comments and literals, "text" at everything.
RULES = (
    Rule("unbounded", call("strcpy|strcat|sprintf|vsprintf|gets|stpcpy"), C, (), "code"),
    Rule("number-parsing", call("atoi|atol|atoll|atof|strtol|strtoul|sscanf|scanf|fscanf"),
         C, (), "code"),
    Rule("hidden-state", call("strtok|rand|srand|random|setlocale|localtime|gmtime|"
                              "asctime|ctime|putenv|setenv"), C, ("tests/*",), "code"),
    Rule("shell", call("system|popen"), C, (), "code"),
    Rule("temp-name", call("tmpnam|tempnam|mktemp|tmpfile"), C, (), "code"),
    Rule("signal", call("signal|sigaction"), C, OUTSIDE_OS, "code"),
    Rule("clock", call("time|gettimeofday|clock_gettime|timespec_get"), C, OUTSIDE_OS,
         "code"),
    Rule("sleep", call("sleep|usleep|nanosleep|thrd_sleep"), C, ("*/os_*",), "code"),
    Rule("getenv", call("getenv|secure_getenv"), ("plugin/*.c", "host-sdk/*.c"), (), "code"),
    Rule("memcmp", call("memcmp"), ("plugin/src/state/*", "plugin/src/base/secret*"), (),
         "code"),
    Rule("print", call("printf|fprintf|vprintf|vfprintf|puts|fputs|putchar|perror"),
         ("plugin/src/*", "host-sdk/loader/*", "host-sdk/support/*"), (), "code"),
    Rule("exit", call("exit|abort|_exit|quick_exit|assert"),
         ("plugin/src/*", "host-sdk/loader/*", "host-sdk/support/*"), (), "code"),
    Rule("secret-as-text", r"\bchar\s*\*\s*(?:const\s+)?\w*(?:recovery|password)\w*\b(?!\s*\()",
         ("plugin/src/*",), (), "code"),
    Rule("cleanup-attribute", r"__attribute__\s*\(\(\s*cleanup", C, (), "code"),
    Rule("line-comment", r"//", C, (), "no-comments"),
    Rule("unfinished", r"\b(?:TODO|FIXME|XXX|HACK)\b|(?i:\bfor now\b|\bnot implemented\b)",
         TEXT, SELF, "text"),
    Rule("pretence", r"(?i:\bstubs?\b|\bstubbed\b|\bplaceholders?\b)", TEXT, SELF, "text"),
    Rule("emoji", "[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f]", TEXT, SELF, "text"),
    Rule("machine-path", r"(?<![\w.$})~-])/(?:home|root|work|Users|tmp)/[\w.]+", TEXT + ("*.json",
         "*.txt", "*.yml", "*.yaml"), SELF, "text"),
    Rule("registry-host", r"(?i:registry\.npmjs|pypi\.org|proxy\.golang|crates\.io|"
         r"(?:deb|snapshot|security)\.debian\.org|\.pkg\.dev|artifactory)",
         ("*",), SELF, "text"),
)


def fits(name, patterns):
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def without_block_comments(text):
    """Only `//` comments are left standing: literals and block comments become spaces."""
    return tree.TOKEN.sub(
        lambda found: found.group(0) if found.group(0).startswith("//") else tree.blank(found),
        text)


def views(text, is_c):
    if not is_c:
        return {"text": text}
    return {"text": text, "code": tree.code(text), "no-comments": without_block_comments(text)}


def find(root, name):
    text = tree.read(root, name)
    if text is None:
        return
    view = views(text, name.endswith((".c", ".h")))
    for rule in RULES:
        if rule.what in view and fits(name, rule.where) and not fits(name, rule.but):
            for hit in re.finditer(rule.pattern, view[rule.what]):
                yield rule.name, tree.line_of(text, hit.start()), hit.group(0).strip()


def read_exceptions():
    """(rule, path) -> how often; each line is: count rule path  # reason."""
    lines = (pathlib.Path(__file__).parent / "banned.txt").read_text(encoding="utf-8").splitlines()
    allowed = {}
    for line in lines:
        if line and not line.startswith("#"):
            fields, _, reason = line.partition("#")
            count, rule, path = fields.split()
            assert reason.strip(), f"banned.txt: {path} gives no reason"
            allowed[rule, path] = int(count)
    return allowed


def main():
    root = tree.options(__doc__).root
    names = tree.paths(root)
    allowed = read_exceptions()
    problems = []
    for name in names:
        hits = collections.defaultdict(list)
        for rule, line, word in find(root, name):
            hits[rule].append(f"{name}:{line}: {rule}: {word}")
        for rule, lines in hits.items():
            if len(lines) != allowed.pop((rule, name), 0):
                problems += lines
    problems += [f"banned.txt: {rule} in {path} no longer happens {count} times"
                 for (rule, path), count in allowed.items() if path in names]
    tree.finish("banned", problems, names)


main()
