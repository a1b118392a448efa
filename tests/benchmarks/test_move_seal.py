# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The chain of the moves is sealed and verified in a time that is linear."""
import os
import time

from trytond.modules.proxymikro_account.tests.books import (
    activate_books, with_books)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase
from trytond.transaction import Transaction

from .entries import fill

# A small size is measured with more noise
SMALL, BIG, MOST = (
    (10_000, 100_000, 1.35) if os.environ.get('PROXYMIKRO_FULL')
    else (500, 2_500, 2.5))


class MoveSealBenchmarkTestCase(TestCase):
    "Test the speed of the seals"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books()

    def measure(self, function):
        Transaction().cache.clear()
        start = time.process_time()
        result = function()
        return time.process_time() - start, result

    @with_books(2026)
    def test_linear(self, books):
        "A move costs the same however many there are: five times if squared"
        Seal = Pool().get('evidence.seal')
        times = []
        for count in [SMALL, BIG - SMALL]:
            fill(books, 2 * count)
            sealed, _ = self.measure(Seal.seal)
            verified, result = self.measure(Seal.verify)
            self.assertEqual(result['problems'], [])
            times.append((sealed / count, verified))
        (seal, verify), (more_seal, more_verify) = times
        print(f"{BIG} moves sealed in {more_seal * (BIG - SMALL):.1f} s, "
            f"verified in {more_verify:.1f} s")
        self.assertLess(more_seal / seal, MOST)
        self.assertLess(more_verify / verify / (BIG / SMALL), MOST)
