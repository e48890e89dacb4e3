# SPDX-License-Identifier: Apache-2.0
"""Runs every test program and closes with one line: N passed, N failed.

A suite is a Criterion program (unit), a plain program (driver) or a Python file (e2e). What
Criterion lets pass is a failure here: a leak or any other sanitizer report, a run of no tests,
a crash of the runner itself. It knows nothing about what the tests are about.
"""
import argparse
import collections
import concurrent.futures
import fnmatch
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
LOGS = BUILD / "test" / "logs"
TIMEOUT_S = {"unit": 120, "driver": 480, "e2e": 480}
# Criterion's last line; its JSON is broken by the message of a failed assertion.
SYNTHESIS = re.compile(r"Synthesis: Tested: \d+ \| Passing: (\d+) \| Failing: (\d+) \| Crashing")
SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed$", re.M)

Suite = collections.namedtuple("Suite", "kind path name plain")
Result = collections.namedtuple("Result", "suite passed failed reasons seconds log")


def read_plain(path):
    """"always", "by day" (not in the nightly run) or ""."""
    text = path.read_text(encoding="utf-8")
    if path.name.startswith("test_plain_") or re.search(r"^PLAIN = True$", text, re.M):
        return "always"
    return "by day" if re.search(r"^MANY_COMMANDS = True$", text, re.M) else ""


def make_suite(kind, path):
    plain = read_plain(path) if kind == "e2e" else ""
    return Suite(kind, path, f"{kind}/{path.stem}", plain)


def discover():
    """Slowest kinds first, so that the last worker does not wait for one long suite."""
    for path in sorted((ROOT / "tests/e2e").glob("test_*.py")):
        yield make_suite("e2e", path)
    for path in sorted((ROOT / "tests/drivers").glob("*.c")):
        yield make_suite("driver", BUILD / "test/drivers" / path.stem)
    for path in sorted((ROOT / "tests/unit").glob("test_*.c")):
        yield make_suite("unit", BUILD / "test/unit" / path.stem)


def is_sanitized(suite, options):
    if suite.kind != "e2e":
        return True
    return not (options.plain_e2e or suite.plain == "always" or
                (suite.plain == "by day" and not options.sanitized_e2e))


def environment(suite, work, options):
    env = dict(os.environ)
    base = BUILD / "san" if is_sanitized(suite, options) else BUILD
    # UBSan cannot write to a file beside ASan, so it aborts and ASan reports the abort. A test
    # that lets a child crash on purpose gives that child an ASAN_OPTIONS of its own.
    path = f"log_path={work}/report"
    asan = path + ":exitcode=99:handle_abort=1:detect_leaks=1:detect_stack_use_after_return=1"
    env.update(
        TEST_SEED=str(options.seed), TMPDIR=str(work), LC_ALL="C.UTF-8", ROOT=str(ROOT),
        PYTHONDONTWRITEBYTECODE="1", BUILD_DIR=str(base), DOCHOST=str(base / "bin/dochost"),
        GRAPHSIM=str(base / "bin/graphsim"), PLUGIN=str(base / "plugin/bitlocker_keys.so"),
        DPH_PROBE=str(base / "bin/dph-probe"), BKEY_OPEN=str(base / "bin/bkey-open"),
        ASAN_OPTIONS=asan,
        UBSAN_OPTIONS=path + ":halt_on_error=1:print_stacktrace=1:abort_on_error=1")
    if env.get("MALLOC_PERTURB_") is None:
        env["MALLOC_PERTURB_"] = str(options.seed % 255 + 1)
    return env


def command(suite):
    if suite.kind == "unit":
        return [str(suite.path), "--jobs=1", "--color=never"]
    if suite.kind == "driver":
        return [str(suite.path)]
    return [sys.executable, str(ROOT / "tests/tools/run_unittest.py"), str(suite.path)]


def group_alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def stop_leftovers(group):
    """True when the suite left programs running: they get two seconds, then they are ended."""
    deadline = time.monotonic() + 2
    while group_alive(group) and time.monotonic() < deadline:
        time.sleep(0.02)
    if not group_alive(group):
        return False
    os.killpg(group, signal.SIGKILL)
    return True


def execute(suite, env, timeout, log):
    """Returns (exit status or None, reasons)."""
    with open(log, "wb") as out:
        try:
            child = subprocess.Popen(command(suite), cwd=ROOT, env=env, stdout=out,
                                     stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                     start_new_session=True)
        except OSError as problem:
            return None, [f"cannot start: {problem.strerror}"]
        try:
            status = child.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            return None, [f"timed out after {timeout} s"]
    return status, ["left programs running"] if stop_leftovers(child.pid) else []


def counts(suite, log):
    """(passed, failed) as the suite itself tells them, or None when it does not."""
    pattern = SYNTHESIS if suite.kind == "unit" else SUMMARY
    found = pattern.findall(log.read_text(encoding="utf-8", errors="replace"))
    return (int(found[-1][0]), int(found[-1][1])) if found else None


def run(suite, options):
    log = LOGS / (suite.name.replace("/", "-") + ".log")
    work = pathlib.Path(tempfile.mkdtemp(prefix="dph-"))
    started = time.monotonic()
    try:
        env = environment(suite, work, options)
        timeout = options.timeout or TIMEOUT_S[suite.kind]
        status, reasons = execute(suite, env, timeout, log)
        told = counts(suite, log)
        reports = sorted(work.glob("report.*"))
        with open(log, "ab") as out:
            for report in reports[:5]:
                out.write(report.read_bytes())
    finally:
        shutil.rmtree(work, ignore_errors=True)
    passed, failed = told or (0, 0)
    if reports:
        reasons.append("sanitizer report")
    if told is None and not reasons:
        reasons.append(f"no summary, exit status {status}")
    elif told and passed + failed == 0:
        reasons.append("no test ran")
    elif status not in (0, None) and failed == 0 and not reasons:
        reasons.append(f"exit status {status} without a failed test")
    failed = max(failed, 1) if reasons else failed
    return Result(suite, passed, failed, reasons, time.monotonic() - started, log)


def show(result):
    word = "FAIL" if result.failed else "ok"
    note = "; ".join(result.reasons)
    print(f"{word:<4} {result.suite.name:<40} {result.passed:>5} passed {result.failed:>3} failed"
          f" {result.seconds:7.1f} s  {note}".rstrip(), flush=True)
    if result.failed:
        lines = result.log.read_text(encoding="utf-8", errors="replace").splitlines()
        print("\n".join("     | " + line for line in lines[-60:]), flush=True)


def choose(options):
    if options.suite:
        pairs = (item.split(":", 1) for item in options.suite)
        return [make_suite(kind, pathlib.Path(path).resolve()) for kind, path in pairs]
    pattern = options.only if "*" in options.only else f"*{options.only}*"
    return [suite for suite in discover() if fnmatch.fnmatch(suite.name, pattern)]


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="PATTERN", help="suites by name, such as "
                        "unit/test_hex; a part of the name or a pattern with *")
    parser.add_argument("--jobs", type=int, default=2, help="suites at a time")
    parser.add_argument("--plain-e2e", action="store_true",
                        help="end-to-end tests use the binaries without sanitizers")
    parser.add_argument("--sanitized-e2e", action="store_true",
                        help="those with MANY_COMMANDS too use the sanitized ones")
    parser.add_argument("--timeout", type=float, help="seconds a suite may take")
    parser.add_argument("--suite", action="append", metavar="KIND:PATH",
                        help="run just this program or file")
    parser.add_argument("--list", action="store_true", help="print the suites' names and stop")
    options = parser.parse_args(arguments)
    # One seed a month: short runs draw other points in time, and any two of one day are the same.
    options.seed = int(os.environ.get("TEST_SEED") or time.strftime("%Y%m"))
    return options


def main(arguments):
    options = parse(arguments)
    suites = choose(options)
    if options.list:
        print("\n".join(suite.name for suite in suites))
        return 0
    LOGS.mkdir(parents=True, exist_ok=True)
    print(f"seed {options.seed} (TEST_SEED={options.seed} repeats this run)", flush=True)
    if not suites:
        print("no suite has such a name\n0 passed, 1 failed")
        return 1
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(max(1, options.jobs)) as pool:
        for future in concurrent.futures.as_completed(
                [pool.submit(run, suite, options) for suite in suites]):
            result = future.result()
            show(result)
            passed += result.passed
            failed += result.failed
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
