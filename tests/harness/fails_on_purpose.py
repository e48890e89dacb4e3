# SPDX-License-Identifier: Apache-2.0
"""One test passes, one subtest fails: the runner has to turn red."""
import unittest


class Fails(unittest.TestCase):
    def test_passes(self):
        self.assertTrue(True)

    def test_one_of_two(self):
        for value in (1, 2):
            with self.subTest(value=value):
                self.assertEqual(value, 1)
