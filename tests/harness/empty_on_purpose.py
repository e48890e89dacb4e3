# SPDX-License-Identifier: Apache-2.0
"""A file with nothing but a skipped test: the runner has to turn red."""
import unittest


class Empty(unittest.TestCase):
    @unittest.skip("on purpose")
    def test_skipped(self):
        self.fail("ran")
