# SPDX-License-Identifier: Apache-2.0
"""A class that cannot be set up: its tests do not run, and the runner has to turn red."""
import unittest


class Breaks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise RuntimeError("on purpose")

    def test_never_runs(self):
        self.fail("ran")
