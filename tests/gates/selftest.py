# SPDX-License-Identifier: Apache-2.0
"""Every gate, and the test runner, turns red on what is bad on purpose, and for that very reason.

A fixture is one text file: a line `expect: WORDS` that the gate has to print, perhaps a line
`make: COMMAND` run first, then files, each after a line `--- path`.
"""
import concurrent.futures
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
HARNESS = ROOT / "build/test/harness"
# What the runner has to say of each program in tests/harness/.
RUNNER = (
    ("unit", HARNESS / "leaks_on_purpose", "sanitizer report"),
    ("unit", HARNESS / "ubsan_on_purpose", "sanitizer report"),
    ("driver", HARNESS / "overflow_on_purpose", "sanitizer report"),
    ("driver", HARNESS / "crashes_on_purpose", "no summary, exit status -9"),
    ("unit", HARNESS / "test_crashes_on_purpose", "1 passed   1 failed"),
    ("unit", HARNESS / "fails_on_purpose", "0 passed   1 failed"),
    ("unit", HARNESS / "no_tests_on_purpose", "no test ran"),
    ("unit", HARNESS / "does_not_exist", "cannot start"),
    ("driver", HARNESS / "silent_on_purpose", "no summary"),
    ("driver", HARNESS / "lies_on_purpose", "exit status 1 without a failed test"),
    ("driver", HARNESS / "hangs_on_purpose", "timed out"),
    ("e2e", ROOT / "tests/harness/fails_on_purpose.py", "1 passed   1 failed"),
    ("e2e", ROOT / "tests/harness/breaks_on_purpose.py", "0 passed   1 failed"),
    ("e2e", ROOT / "tests/harness/empty_on_purpose.py", "no test ran"),
    ("e2e", ROOT / "tests/harness/leaves_on_purpose.py", "left programs running"),
)


def unpack(text, root):
    head, *parts = re.split(r"^--- (.+)\n", text, flags=re.M)
    for name, content in zip(parts[::2], parts[1::2]):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8"))
    return dict(re.findall(r"^(expect|make): (.+)$", head, re.M))


def verdict(done, expected):
    """None when red for the right reason."""
    told = done.stdout + done.stderr
    if done.returncode == 0:
        return "stayed green"
    if expected not in told:
        return f"is red, but does not say {expected!r}:\n{told}"
    return None


def run(command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace")


def try_gate(case):
    gate, fixture = case
    with tempfile.TemporaryDirectory(prefix="dph-gate-") as folder:
        root = pathlib.Path(folder)
        wanted = unpack(fixture.read_bytes().decode("utf-8"), root)
        if "make" in wanted:
            subprocess.run(shlex.split(wanted["make"]), cwd=root, check=True)
        done = run([sys.executable, str(HERE / f"{gate}.py"), "--root", folder])
    return gate, fixture.stem, verdict(done, wanted["expect"])


def try_runner(case):
    kind, path, expected = case
    limit = ["--timeout", "3"] if path.stem.startswith("hangs") else []
    done = run([sys.executable, str(ROOT / "tests/run.py"), "--suite", f"{kind}:{path}", *limit])
    return "runner", path.stem, verdict(done, expected)


def cases():
    for path in sorted(HERE.glob("fixtures/*/*.txt")):
        yield try_gate, (path.parent.name, path)
    for row in RUNNER:
        yield try_runner, row


def missing(gates):
    """Each gate needs a fixture, and each fixture a gate."""
    written = {path.stem for path in HERE.glob("*.py")} - {"tree", "parallel", "selftest"}
    yield from (f"gate {gate} has no fixture" for gate in sorted(written - gates))
    yield from (f"fixtures/{gate} has no gate" for gate in sorted(gates - written))


def main():
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        results = list(pool.map(lambda case: case[0](case[1]), cases()))
    problems = list(missing({gate for gate, _, _ in results} - {"runner"}))
    for gate in sorted({gate for gate, _, _ in results}):
        own = [(name, wrong) for one, name, wrong in results if one == gate]
        bad = [f"{gate}/{name} {wrong}" for name, wrong in own if wrong]
        print(f"{'FAIL' if bad else 'ok':<4} {gate:<10} {len(own) - len(bad)} of {len(own)} red")
        problems += bad
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
