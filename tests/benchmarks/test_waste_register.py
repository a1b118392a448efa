# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The register of waste: given to the State with a memory that does not grow."""
import os
import resource
import tempfile
import time
import tracemalloc

from trytond.modules.proxymikro_recycling.tests.test_waste_register import (
    RegisterMixin)
from trytond.modules.proxymikro_recycling.waste_register_file import (
    split, write)
from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, with_transaction
from trytond.transaction import Transaction

from .entries import copy

FULL = bool(os.environ.get('PROXYMIKRO_FULL'))
LINES = 50_000 if FULL else 2_500
MEBIBYTE = 2 ** 20
# What a slice takes, whatever the number of lines
MOST = 12 * MEBIBYTE


class WasteRegisterBenchmarkTestCase(RegisterMixin, TestCase):
    "Test the export of a long register"

    def fill(self, count):
        "Add the lines of as many shipments, like one that left"
        pool = Pool()
        Register = pool.get('waste.register')
        Shipment = pool.get('stock.shipment.waste')
        shipment = self._out()
        line, = self._lines(shipment)
        first = shipment.id + 1
        numbers = [f'ENL-{i:07}' for i in range(first, first + count - 1)]
        copy(Shipment, shipment, lambda t: [t.id, t.number], [
                [first + i, n] for i, n in enumerate(numbers)])
        copy(Register, line, lambda t: [t.shipment, t.number], [
                [first + i, n] for i, n in enumerate(numbers)])

    def rows(self, export):
        Wizard = Pool().get('waste.register.export.make', type='wizard')
        return Wizard.read(export)

    @with_transaction()
    def test_memory(self):
        "The file is checked, taken and written a slice at a time"
        pool = Pool()
        Export = pool.get('waste.register.export')
        Seal = pool.get('evidence.seal')
        with self._in_company():
            self.fill(LINES)
            # The hourly seals, which have a benchmark of their own
            Seal.seal()
            Transaction().cache.clear()
            start = time.process_time()
            tracemalloc.start()
            with tempfile.TemporaryFile() as file:
                with count_queries() as made:
                    export = Export.prepare()
                    for rows in split(self.rows(export['id'])):
                        write(file, rows)
                _, peak = tracemalloc.get_traced_memory()
                tracemalloc.stop()
                spent = time.process_time() - start
                file.seek(0)
                self.assertEqual(sum(1 for _ in file), LINES + 1)
        resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"Register of {LINES} lines: {spent:.1f} s, "
            f"{peak / MEBIBYTE:.1f} MiB more, {resident} MiB resident, "
            f"{len(made)} queries")
        self.assertEqual(export['count'], LINES)
        self.assertLess(peak, MOST)
        # Five readings by slice, and what does not depend on the lines
        self.assertLess(len(made), 5 * (LINES // 1000 + 2) + 40)
