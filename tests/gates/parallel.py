# SPDX-License-Identifier: Apache-2.0
"""Runs one command per file, as many at a time as there are processors."""
import concurrent.futures
import os
import subprocess


def run(commands, cwd, judge=lambda status, text: None if status == 0 else text):
    """commands: (name, argument list). Returns what `judge` makes of those that failed, in order."""
    def one(command):
        done = subprocess.run(command[1], cwd=cwd, text=True, errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        told = judge(done.returncode, done.stdout.strip())
        return None if told is None else f"{command[0]}:\n{told}"
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        return [text for text in pool.map(one, commands) if text]
