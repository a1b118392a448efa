# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The State receives each line of the register of outgoing waste once."""
import datetime as dt

from trytond.modules.proxymikro_recycling.exceptions import WasteRegisterError
from trytond.modules.proxymikro_recycling.waste_register_column import COLUMNS
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, with_transaction
from trytond.transaction import Transaction

from .test_waste import TODAY
from .test_waste_register import SIRETS, RegisterMixin


class RegisterExportTestCase(RegisterMixin, TestCase):
    "Test what the State receives"

    def _export(self):
        "Return the lines of a new export, as dictionaries by column"
        Export = Pool().get('waste.register.export')
        export = Export.prepare()
        rows = Export.read_rows(export['id'])['rows']
        self.assertEqual(len(rows), export['count'])
        return [dict(zip(COLUMNS, row)) for row in rows]

    @with_transaction()
    def test_once(self):
        "A line goes out once, and its file can be had again"
        pool = Pool()
        Export = pool.get('waste.register.export')
        with self._in_company():
            shipment = self._out()
            self.assertEqual(Export.get_count(), 1)
            row, = self._export()
            self.assertEqual(
                (row['reason'], row['publicId'], len(row)),
                ('', shipment.number, 100))
            line, = self._lines(shipment)
            export = line.export
            self.assertEqual((export.count, export.user.id), (1, 1))
            self.assertEqual(export.date.date(), TODAY)
            self.assertTrue(line.sealed_at)
            self._refused(
                WasteRegisterError, "exported already", Export.prepare)
            self.assertEqual(Export.search([], count=True), 1)
            again, = Export.read_rows(export.id)['rows']
            self.assertEqual(dict(zip(COLUMNS, again)), row)

    @with_transaction()
    def test_incomplete(self):
        "Nothing goes out while a line would be refused; it is completed"
        pool = Pool()
        Export = pool.get('waste.register.export')
        with self._in_company():
            self._out()
            other = self._sent(
                [self._scrap(self._scrap_of(6))], operation='R4',
                operation_mode='recycling', carriers=[self._carrier(
                        party=self._party("Bare Carrier"),
                        receipt_number='40-1')])
            self._refused(WasteRegisterError, other.number, Export.prepare)
            Transaction().cache.clear()
            self.assertEqual(Export.search([], count=True), 0)
            self.assertEqual(Export.get_count(), 2)
            self._complete(other.party, SIRETS[0])
            self._complete(other.carriers[0].party, SIRETS[2])
            Transaction().cache.clear()
            self.assertEqual(Export.find_problems(), [])
            rows = self._export()
            self.assertEqual([r['reason'] for r in rows], ['', ''])
            self.assertEqual(
                [l.reason for l in self._lines(other)], ['new', 'modify'])

    @with_transaction()
    def test_corrections(self):
        "The State is told to modify or cancel what it knows, only"
        pool = Pool()
        Export = pool.get('waste.register.export')
        with self._in_company():
            before, after, known, unknown = [
                self._out(mass) for mass in [5, 6, 7, 8]]
            # Corrected or refused before the State knows
            self._correct(before, description="Cables")
            self._refuse(unknown)
            rows = {r['publicId']: r for r in self._export()}
            self.assertEqual(
                {r['reason'] for r in rows.values()}, {''})
            self.assertEqual(
                set(rows), {s.number for s in [before, after, known]})
            self.assertEqual(
                rows[before.number]['wasteDescription'], "Cables")
            # And once it does
            self._correct(after, description="Screens")
            self._refuse(known)
            self.assertEqual(
                {r['publicId']: r['reason'] for r in self._export()},
                {after.number: 'MODIFIER', known.number: 'ANNULER'})
            self._refused(WasteRegisterError, "", Export.prepare)

    @with_transaction()
    def test_slices(self):
        "The file is read by slices"
        Export = Pool().get('waste.register.export')
        with self._in_company():
            shipments = [self._out(mass) for mass in [5, 6, 7]]
            export = Export.prepare()['id']
            first = Export.read_rows(export, 0, 2)
            second = Export.read_rows(export, first['after'], 2)
            self.assertEqual(
                [r[1] for r in first['rows'] + second['rows']],
                [s.number for s in shipments])
            self.assertEqual(
                Export.read_rows(export, second['after'], 2),
                {'rows': [], 'after': None})

    @with_transaction()
    def test_wizard(self):
        "The screen gives one file, or several in an archive"
        pool = Pool()
        Wizard = pool.get('waste.register.export.make', type='wizard')
        with self._in_company():
            for mass in [5, 6, 7]:
                self._out(mass)
            session, _, _ = Wizard.create()
            wizard = Wizard(session)
            values = wizard.default_start([])
            self.assertEqual(values, {'pending': 3, 'problems': None})
            wizard.start.again, wizard.start.most = None, None
            wizard.transition_make()
            result = wizard.default_result([])
            self.assertEqual(
                bytes(result['file']).decode('utf-8-sig').count('\r\n'), 4)
            self.assertTrue(result['filename'].endswith('.csv'))
            wizard.start.again = pool.get('waste.register.export').search(
                [])[0]
            wizard.start.most = 2
            wizard.transition_make()
            result = wizard.default_result([])
            self.assertEqual(bytes(result['file'])[:2], b'PK')
            self.assertTrue(result['filename'].endswith('.zip'))

    @with_transaction()
    def test_too_old(self):
        "What left too long ago to be declared stops the export"
        pool = Pool()
        Export = pool.get('waste.register.export')
        with self._in_company():
            shipment = self._out()
            table = pool.get('waste.register').__table__()
            old = (TODAY - dt.timedelta(days=600)).isoformat()
            line, = self._lines(shipment)
            Transaction().connection.cursor().execute(*table.update(
                    [table.declaration],
                    [line.declaration.replace(TODAY.isoformat(), old)]))
            table = pool.get('stock.shipment.waste').__table__()
            Transaction().connection.cursor().execute(*table.update(
                    [table.effective_date], [dt.date.fromisoformat(old)]))
            Transaction().cache.clear()
            self._refused(WasteRegisterError, old, Export.prepare)
