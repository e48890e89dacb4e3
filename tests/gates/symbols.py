# SPDX-License-Identifier: Apache-2.0
"""A plugin exports its entry function and nothing else."""
import subprocess

import tree

ENTRY = "dph_plugin_entry_v1"


def exported(path):
    done = subprocess.run(["nm", "--dynamic", "--defined-only", "--format=posix", str(path)],
                          capture_output=True, text=True)
    if done.returncode != 0:
        return None
    return sorted(line.split()[0] for line in done.stdout.splitlines())


def main():
    root = tree.options(__doc__).root
    libraries = sorted(root.glob("build/*plugin/*.so"))
    problems = []
    for path in libraries:
        symbols = exported(path)
        if symbols != [ENTRY]:
            problems.append(f"{path.relative_to(root)}: exports {symbols}, wanted only {ENTRY}")
    if not libraries:
        problems.append("build/plugin/ holds no plugin: build it first (make all)")
    tree.finish("symbols", problems, libraries)


main()
