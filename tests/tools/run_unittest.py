# SPDX-License-Identifier: Apache-2.0
"""Runs one unittest file and closes with the line the test runner reads: N passed, N failed."""
import importlib.util
import pathlib
import sys
import unittest


def load(path):
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return unittest.defaultTestLoader.loadTestsFromModule(module)


def owner(test):
    """The test itself, for a subtest of it."""
    return getattr(test, "test_case", test).id()


def main(path):
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, buffer=False).run(load(path))
    failed = {owner(test) for test, _ in result.failures + result.errors}
    failed |= {owner(test) for test in result.unexpectedSuccesses}
    # A failed setUpClass is no test of its own, so it is added to those that ran.
    extra = sum(1 for name in failed if name.startswith(("setUpClass", "setUpModule",
                                                         "tearDownClass", "tearDownModule")))
    passed = result.testsRun + extra - len(failed) - len(result.skipped)
    sys.stdout.flush()
    print(f"{max(passed, 0)} passed, {len(failed)} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
