# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The FEC: faster than the core's, with a memory that does not grow."""
import os
import tempfile
import time
import tracemalloc

from trytond.modules.account_fr.account import FrFEC
from trytond.modules.proxymikro_account.tests.books import (
    activate_books, with_books)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase

from .entries import fill

FULL = bool(os.environ.get('PROXYMIKRO_FULL'))
LINES, RATIO = (100_000, 25) if FULL else (2_000, 5)
MEBIBYTE = 2 ** 20


class FECBenchmarkTestCase(TestCase):
    "Test the speed and the memory of the FEC"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books()

    def wizard(self, fiscalyear):
        FEC = Pool().get('account.fr.fec', type='wizard')
        session_id, _, _ = FEC.create()
        wizard = FEC(session_id)
        wizard.start.fiscalyear = fiscalyear
        wizard.start.deferral_period = None
        wizard.start.encoding, wizard.start.delimiter = 'utf-8', 'tab'
        return wizard

    def time(self, function):
        start = time.process_time()
        function()
        return time.process_time() - start

    @with_books(2026)
    def test_speed(self, books):
        "Core reads record by record"
        fill(books, LINES)
        fiscalyear = books.years[2026]
        wizard = self.wizard(fiscalyear)
        with tempfile.TemporaryFile() as file:
            ours = self.time(lambda: wizard.write(file))
            file.seek(0)
            self.assertEqual(sum(1 for _ in file), LINES + 3)
        core = self.wizard(fiscalyear)
        ratio = self.time(lambda: FrFEC.transition_generate(core)) / ours
        print(f"FEC of {LINES} lines: {ours:.2f} s, core {ratio:.0f} x")
        self.assertGreater(ratio, RATIO)

    @with_books(2026)
    def test_memory(self, books):
        "The file is written as it is read"
        fill(books, LINES)
        wizard = self.wizard(books.years[2026])
        tracemalloc.start()
        try:
            with tempfile.TemporaryFile() as file:
                wizard.write(file)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        print(f"FEC of {LINES} lines: {peak / MEBIBYTE:.1f} MiB more")
        self.assertLess(peak, (30 if FULL else 3) * MEBIBYTE)
