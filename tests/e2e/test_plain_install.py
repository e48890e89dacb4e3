# SPDX-License-Identifier: Apache-2.0
"""`make install` puts every built file where it belongs, and a host author can build with it."""
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(os.environ["ROOT"])
HEADERS = sorted(path.name for path in (ROOT / "host-sdk/include/dph").glob("*.h"))
WANTED = {"bin/dochost", "bin/dph-probe", "lib/libdph.a", "lib/pkgconfig/dph.pc",
          "lib/dochost/plugins/bitlocker_keys/bitlocker_keys.so",
          "lib/dochost/plugins/bitlocker_keys/manifest.json"}


def run(command, **more):
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env={**env, **more})


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        command = ["make", "install", "DESTDIR=" + cls.folder.name, "PREFIX=/opt/product"]
        cls.done = run(command)
        cls.prefix = pathlib.Path(cls.folder.name) / "opt/product"

    def test_everything_is_in_its_place(self):
        self.assertEqual(self.done.returncode, 0, self.done.stdout)
        there = {str(path.relative_to(self.prefix)) for path in self.prefix.rglob("*")}
        wanted = WANTED | {"include/dph/" + name for name in HEADERS}
        self.assertEqual(sorted(wanted - there), [])
        self.assertNotIn("bin/graphsim", there, "the simulated cloud is for tests alone")

    def test_only_what_is_run_or_loaded_is_executable(self):
        for path in self.prefix.rglob("*"):
            if path.is_file():
                loaded = path.suffix == ".so" or path.parent.name == "bin"
                self.assertEqual(path.stat().st_mode & 0o777, 0o755 if loaded else 0o644, path)

    def test_installed_host_finds_its_plugin(self):
        with tempfile.TemporaryDirectory() as folder:
            dochost = [self.prefix / "bin/dochost", "--data", folder + "/data"]
            done = run(dochost + ["init"])
            self.assertEqual(done.returncode, 0, done.stdout)
            done = run(dochost + ["plugin", "info", "bitlocker_keys"])
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_pkg_config_tells_where_it_is_going_to_be(self):
        command = ["pkg-config", "--cflags", "--libs", "dph"]
        told = run(command, PKG_CONFIG_PATH=str(self.prefix / "lib/pkgconfig"))
        self.assertEqual(told.returncode, 0, told.stdout)
        words = told.stdout.split()
        self.assertIn("-ldph", words)
        self.assertIn("-I/opt/product/include", words)
        self.assertIn("-L/opt/product/lib", words)


if __name__ == "__main__":
    unittest.main()
