# SPDX-License-Identifier: Apache-2.0
"""The SDK as an author outside this tree gets it: manifest generator, headers, example host."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(os.environ["ROOT"])
SDK = ROOT / "host-sdk"
GOOD = json.loads((SDK / "example-plugin/manifest.json").read_text(encoding="utf-8"))


def run(*command, **more):
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env={**env, **more}, cwd=ROOT)


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)


class Generator(Folder):
    def generate(self, text):
        (self.folder / "manifest.json").write_text(text, encoding="utf-8")
        return run(sys.executable, SDK / "tools/gen_manifest.py", self.folder / "manifest.json",
                   self.folder / "out")

    def test_hostile_name_stays_text(self):
        name = 'A "quoted" \\ name ??/ é \U0001f511 9'
        done = self.generate(json.dumps({**GOOD, "name": name}))
        self.assertEqual(done.returncode, 0, done.stdout)
        (self.folder / "example_plugin_manifest.h").write_text(
            (self.folder / "out.h").read_text(), encoding="utf-8")
        (self.folder / "main.c").write_text(
            '#include "example_plugin_manifest.h"\n#include <stdio.h>\n'
            "int main(void) { return puts(example_plugin_manifest.name) < 0; }\n",
            encoding="utf-8")
        program = self.folder / "main"
        built = run("gcc", "-std=c11", "-Wall", "-Werror", "-trigraphs", "-I", self.folder, "-I",
                    SDK / "include", self.folder / "main.c", self.folder / "out.c", "-o", program)
        self.assertEqual(built.returncode, 0, built.stdout)
        self.assertEqual(run(program).stdout, name + "\n")

    def test_broken_manifest_is_refused_in_one_line_and_writes_nothing(self):
        without = {key: {k: v for k, v in GOOD.items() if k != key}
                   for key in ("id", "version", "name", "abi", "hooks", "services",
                               "max_parallel_units")}
        broken = [json.dumps(text) for text in without.values()] + [
            "", "{", "[]", json.dumps({**GOOD, "id": "Bad Id"}),
            json.dumps({**GOOD, "version": "1.0"}), json.dumps({**GOOD, "name": "a\nb"}),
            json.dumps({**GOOD, "abi": {"major": True, "minor": 1}}),
            json.dumps({**GOOD, "hooks": ["dph.hook.guard"]}),
            json.dumps({**GOOD, "hooks": ["a/1", "a/1"]}),
            json.dumps({**GOOD, "max_parallel_units": 0})]
        for text in broken:
            with self.subTest(text=text[:60]):
                done = self.generate(text)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertEqual(done.stdout.count("\n"), 1, done.stdout)
                self.assertFalse((self.folder / "out.c").exists())


class ExampleHost(Folder):
    def paths(self):
        plugin = self.folder / "example_plugin.so"
        manifest = self.folder / "manifest.json"
        shutil.copy(ROOT / "build/example-plugin/example_plugin.so", plugin)
        shutil.copy(ROOT / "build/example-plugin/manifest.json", manifest)
        return plugin, manifest, ROOT / "build/bin/dph-probe"

    def build(self):
        """With nothing of this tree but what is installed for host authors."""
        done = run("make", "install", f"DESTDIR={self.folder}", "PREFIX=/sdk")
        self.assertEqual(done.returncode, 0, done.stdout)
        shutil.copytree(SDK / "example-host", self.folder / "src/example-host")
        flags = run("pkg-config", "--cflags", "--libs", "--static", "dph",
                    PKG_CONFIG_PATH=f"{self.folder}/sdk/lib/pkgconfig",
                    PKG_CONFIG_SYSROOT_DIR=str(self.folder))
        self.assertEqual(flags.returncode, 0, flags.stdout)
        words = [word.replace(f"{self.folder}/usr/", "/usr/") for word in flags.stdout.split()]
        program = self.folder / "host"
        sources = sorted((self.folder / "src/example-host").glob("*.c"))
        built = run("gcc", "-std=c11", "-I", self.folder / "src", *sources, "-o", program, *words)
        self.assertEqual(built.returncode, 0, built.stdout)
        return program

    def test_host_built_from_what_is_installed_prints_the_readme(self):
        done = run(self.build(), *self.paths())
        self.assertEqual(done.returncode, 0, done.stdout)
        readme = (SDK / "README.md").read_text(encoding="utf-8")
        shown = [line[4:] for line in readme.splitlines()
                 if line.startswith(("    log level", "    category"))]
        self.assertEqual(done.stdout.splitlines(), shown)

    def test_altered_plugin_is_refused_with_a_sentence(self):
        plugin, manifest, probe = self.paths()
        plugin.write_bytes(b"not a library at all, but long enough to be read as one" * 9)
        done = run(ROOT / "build/bin/example-host", plugin, manifest, probe)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"^example-host: Plugin example_plugin is refused by the "
                                      r"dynamic linker: .*\.\n$")


if __name__ == "__main__":
    unittest.main()
