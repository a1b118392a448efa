# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What people type, scan and send wrong about devices, loans and collections.

Each row is refused in words that name what is wrong, and writes nothing. What
can be wrong in the cells of a file is in the tests of the importer.
"""
import datetime as dt
import json
import unittest
from contextlib import suppress
from unittest.mock import patch

from proteus import Model
from trytond.exceptions import UserError
from trytond.model.exceptions import ValidationError
from trytond.modules.proxymikro_stock import hardware
from trytond.modules.proxymikro_stock.exceptions import (
    CollectionError, DataGateError, LoanDateError, LoanPlaceError)
from trytond.modules.proxymikro_stock.tests.tools import (
    add_devices, create_collection, create_euro_company, make_ready, receive)
from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME, drop_db
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

TODAY = dt.date.today()
TOMORROW = TODAY + dt.timedelta(days=1)
TABLES = [
    'stock.lot', 'stock.move', 'stock.loan', 'stock.loan.line',
    'stock.shipment.in', 'stock.inventory', 'stock.location', 'party.party',
    'device.report', 'device.component', 'device.erasure', 'device.issue']
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "aaaaaaaaaa">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><list><node id="&c;"/></list>')
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">'
    b']><list><node id="&b;"/></list>')


class BadInputTestCase(unittest.TestCase):
    "Test what is wrong is refused, and leaves nothing"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        cls.config = activate_modules('proxymikro_stock', create_euro_company)
        parties = [
            Model.get('party.party')(name=name)
            for name in ["Donatrice", "École Nord", "École Sud"]]
        for party in parties:
            party.save()
        donor, cls.north, cls.south = [p.id for p in parties]
        collection = create_collection(parties[0])
        screens = add_devices(
            collection, 'screen', 3, serials=["SN-1", "SN-2", "SN-3"])
        computer, = add_devices(collection, 'desktop', 1)
        draft = create_collection(parties[0])
        receive(collection)
        make_ready(screens)
        cls.lent, cls.other, cls.ready = [s.id for s in screens]
        cls.computer, cls.done, cls.draft = (
            computer.id, collection.id, draft.id)
        cls.loans = [
            cls.lend(party, screen) for party, screen in [
                (parties[1], screens[0]), (parties[2], screens[1])]]

    @classmethod
    def lend(cls, party, screen):
        Line = Model.get('stock.loan.line')
        loan = Model.get('stock.loan')(borrower=party)
        loan.end_date = TODAY + dt.timedelta(days=30)
        loan.lines.append(Line(lot=screen))
        loan.click('reserve')
        loan.click('deliver')
        return loan.id

    def setUp(self):
        super().setUp()
        transaction = Transaction().start(
            DB_NAME, 1, context=dict(self.config.context),
            _lock_tables=['device_report'])
        self.addCleanup(transaction.stop)
        self.addCleanup(transaction.rollback)

    def count(self):
        pool = Pool()
        with Transaction().set_context(active_test=False):
            return [pool.get(n).search([], count=True) for n in TABLES]

    def refused(self, rows, error=UserError):
        "Check each function is refused with these words and writes nothing"
        before = self.count()
        for i, (words, function) in enumerate(rows):
            with self.subTest(i=i, words=words):
                with self.assertRaises(error) as cm:
                    function()
                self.assertIn(words, cm.exception.message)
                self.assertRegex(cm.exception.message, "[a-z]{4}")
                self.assertEqual(self.count(), before)

    def start_lend(self, lot, **values):
        pool = Pool()
        Start = pool.get('stock.loan.lend.start')
        values = {'end_date': TODAY, 'borrower': self.north, **values}
        return Start(
            **values, devices=[lot] if lot else [], place=None, places=[])

    def test_weight(self):
        "A weight is above zero and at most 200 kg, and a number"
        Lot = Pool().get('stock.lot')
        lot = Lot(self.computer)
        self.refused([
                (lot.rec_name, lambda v=v: Lot.write([lot], {'weight': v}))
                for v in [0, -1, 200.001, float('inf')]], ValidationError)
        # No number is no weight on SQLite, and refused on PostgreSQL
        with suppress(ValidationError):
            Lot.write([lot], {'weight': float('nan')})
            self.assertIsNone(Lot(lot.id).weight)

    def test_serial_numbers(self):
        "Serial numbers pasted are each one, once, of characters one can read"
        pool = Pool()
        Start = pool.get('stock.shipment.in.add_devices.start')
        lot = pool.get('stock.lot')(self.ready)

        def paste(text):
            start = Start(
                product=lot.product, count=1, serial_numbers=text,
                manufacturer=None, model=None, weight=None, gift_value=None,
                acquired_on=None)
            start.on_change_serial_numbers()
            start.get_rows()
        self.refused([
                ("x-1", lambda: paste("X-1\nX-2\nx-1")),
                (lot.rec_name, lambda: paste("X-1\nsn-3".upper())),
                ("X\ufffd1", lambda: paste("X-0\nX\x001")),
                ("X\ufffd1", lambda: paste("X-0\nX\u202e1")),
                ("X\ufffd1", lambda: paste("X-0\nX\ud8001")),
                ("XXX", lambda: paste("X" * 300)),
                ], CollectionError)

    def test_lend(self):
        "What is lent, holds data or is unknown is not lent"
        pool = Pool()
        Lot = pool.get('stock.lot')
        lent, computer = Lot(self.lent), Lot(self.computer)
        self.refused([
                (lent.rec_name,
                    lambda: self.start_lend(None).on_scan_code(lent.number)),
                (computer.rec_name,
                    lambda: self.start_lend(None).on_scan_code(
                        computer.number)),
                ("PM-99999",
                    lambda: self.start_lend(None).on_scan_code("PM-99999")),
                ("%", lambda: self.start_lend(None).on_scan_code("%")),
                ], LoanPlaceError)

    def test_gate(self):
        "Nor does a device with data go to the shelf by any other way"
        pool = Pool()
        Lot = pool.get('stock.lot')
        Location = pool.get('stock.location')
        ready, = Location.search([
                ('stage', '=', 'ready'), ('type', '=', 'storage')])
        lot = Lot(self.computer)
        self.refused([
                (lot.rec_name, lambda: Lot.check_destination([lot], place))
                for place in [ready, Location.get_members()]], DataGateError)

    def reserve(self, lot, start, end):
        pool = Pool()
        Line = pool.get('stock.loan.line')
        Loan = pool.get('stock.loan')
        loan = Loan(
            borrower=self.south, start_date=start, end_date=end,
            lines=[Line(lot=lot)])
        loan.on_change_place()
        loan.save()
        return loan

    def test_reserve(self):
        "Days that overlap, or that end before they start"
        Loan = Pool().get('stock.loan')
        loan = self.reserve(self.lent, TODAY, TOMORROW)
        self.refused([
                (loan.lines[0].lot.rec_name, lambda: Loan.reserve([loan])),
                ], LoanDateError)
        self.refused([
                ("", lambda: Loan.write([loan], {
                            'start_date': TOMORROW, 'end_date': TODAY}))])

    def test_future(self):
        "What has not happened can't be recorded"
        pool = Pool()
        Line = pool.get('stock.loan.line')
        Move = pool.get('stock.move')
        Location = pool.get('stock.location')
        lot = pool.get('stock.lot')(self.ready)
        parts, = Location.search([
                ('stage', '=', 'parts'), ('type', '=', 'storage')], limit=1)
        move = Move(
            product=lot.product, unit=lot.unit, quantity=1, lot=lot,
            from_location=lot.location, to_location=parts,
            company=lot.current_move.company, effective_date=TOMORROW)
        move.save()
        back = Line.search([('loan', '=', self.loans[0])])
        for words, function in [
                (lot.rec_name, lambda: Move.do([move])),
                (back[0].lot.rec_name, lambda: Line.return_(back, TOMORROW)),
                ]:
            with self.subTest(words=words), \
                    self.assertRaises(UserError) as cm:
                function()
            self.assertIn(words, cm.exception.message)

    def test_return(self):
        "What is brought back belongs to the loan that is being closed"
        pool = Pool()
        Loan, Lot = pool.get('stock.loan'), pool.get('stock.lot')
        Start = pool.get('stock.loan.return.start')
        other, ready = Lot(self.other), Lot(self.ready)

        def scan(code):
            Start(loan=Loan(self.loans[0]), lines=[]).on_scan_code(code)
        self.refused([
                (Loan(self.loans[1]).rec_name, lambda: scan(other.number)),
                (ready.rec_name, lambda: scan(ready.number)),
                ("SN-9", lambda: scan("SN-9")),
                ], LoanPlaceError)

    def test_delete(self):
        "What has a past is not deleted"
        pool = Pool()
        Party = pool.get('party.party')
        Lot = pool.get('stock.lot')
        Loan = pool.get('stock.loan')
        Collection = pool.get('stock.shipment.in')
        Move = pool.get('stock.move')
        moves = Move.search([('lot', '=', self.lent)], limit=1)
        for function in [
                lambda: Party.delete([Party(self.north)]),
                lambda: Lot.delete([Lot(self.lent)]),
                lambda: Loan.delete([Loan(self.loans[0])]),
                lambda: Collection.delete([Collection(self.done)]),
                lambda: Move.delete(moves),
                ]:
            cursor = Transaction().connection.cursor()
            cursor.execute('SAVEPOINT deletion')
            before = self.count()
            with self.assertRaises(UserError):
                function()
            cursor.execute('ROLLBACK TO SAVEPOINT deletion')
            self.assertEqual(self.count(), before)

    def test_report(self):
        "A report that is too big, a trap or no report is refused by its name"
        Report = Pool().get('device.report')
        number = Pool().get('stock.shipment.in')(self.draft).number
        deep = b'[' * 100_000 + b']' * 100_000
        for data in [
                b' ' * (hardware.MAX_SIZE + 1), BOMB, OUTSIDE,
                deep, b'', b'\x00', b'PK\x03\x04', json.dumps({
                        'id': 'pc', 'class': 'system',
                        'children': 'x'}).encode()]:
            before = self.count()
            result = Report.import_files(
                [{'name': 'releve.json', 'data': data}], number)
            error, = result['errors']
            self.assertEqual(error['name'], 'releve.json')
            self.assertTrue(error['message'])
            self.assertEqual(self.count(), before)

    def test_markup(self):
        "Markup and formulas in names are text on the documents"
        pool = Pool()
        Party = pool.get('party.party')
        Slip = pool.get('stock.loan.delivery_slip', type='report')
        Party.write([Party(self.north)], {'name': "<script>alert(1)</script>"})
        with patch.object(
                Slip, 'convert', lambda report, data, **kwargs: ('html', data)):
            _, html, _, _ = Slip.execute(
                [self.loans[0]], {'model': 'stock.loan'})
        self.assertNotIn("<script>alert", html)
        self.assertIn("&lt;script&gt;alert", html)
