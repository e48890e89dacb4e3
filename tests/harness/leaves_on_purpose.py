# SPDX-License-Identifier: Apache-2.0
"""A test that passes and leaves a program running: the runner has to turn red."""
import subprocess
import sys
import unittest


class Leaves(unittest.TestCase):
    def test_passes(self):
        words = [sys.executable, "-c", "import signal; signal.pause()"]
        child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.assertIsNone(child.poll())
