# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The benchmarks in small sizes, in a process of their own.

Tryton checks more under its tests, which measures something else.
"""
import subprocess
import sys
import unittest
from pathlib import Path

from trytond import backend

ROOT = Path(__file__).resolve().parents[2]


@unittest.skipIf(backend.name != 'sqlite', "the same whatever the database")
class BenchmarksTestCase(unittest.TestCase):
    "Test the speeds to reach"

    def test_small(self):
        "No ratio is beyond its goal"
        process = subprocess.run(
            [sys.executable, '-m', 'tests.benchmarks', '--small'], cwd=ROOT,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=1200)
        self.assertEqual(process.returncode, 0, process.stdout)
        self.assertEqual(process.stdout.count('ok  '), 14, process.stdout)
