# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The take-over of the loans that ran before the register."""
import datetime as dt
import hashlib
import unittest

from trytond.modules.proxymikro_base.importer import read_table
from trytond.modules.proxymikro_stock import loan_row
from trytond.modules.proxymikro_stock.exceptions import DataGateError
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module

from .fleet import count_queries, with_company

TODAY = dt.date.today()
SNIPE_IT = """\
"Asset Tag","Serial","Model","Status","Checked Out To","Location",\
"Checkout Date","Expected Checkin Date"
"PM-1","S1","Latitude","Deployed","School","Room 3","2025-09-01 10:30 AM",""
"PM-2","S2","Latitude","Ready to Deploy","","Store","",""
""".encode()


def rows(*texts):
    names = ['number', 'borrower', 'lent_on', 'end_date']
    return [
        {'line': i, 'texts': dict(zip(names, t))}
        for i, t in enumerate(texts, 2)]


class LoanRowTestCase(unittest.TestCase):
    "Test the rows of the running loans"

    def test_snipe_it(self):
        "The export of Snipe-IT is read, its other columns left aside"
        table = read_table(SNIPE_IT, loan_row.COLUMNS, strict=False)
        lent, free = table.rows
        self.assertFalse(loan_row.is_lent(free.values))
        end = dt.date(2027, 8, 31)
        row, problems = loan_row.parse_row(lent.line, lent.values, end)
        self.assertEqual(problems, [])
        self.assertEqual(row.values['number'], "PM-1")
        self.assertEqual(row.values['borrower'], "School")
        self.assertEqual(row.values['lent_on'], dt.date(2025, 9, 1))
        self.assertEqual(row.values['end_date'], end)
        self.assertIsNone(row.values['place'])

    def test_problems(self):
        "Each row says what is wrong in it"
        tomorrow = TODAY + dt.timedelta(days=1)
        for texts, column in [
                ({'borrower': "A", 'lent_on': "01/09/2025",
                    'end_date': "01/09/2027"}, 'number'),
                ({'number': "1", 'lent_on': "01/09/2025",
                    'end_date': "01/09/2027"}, 'borrower'),
                ({'number': "1", 'borrower': "A", 'lent_on': "01/09/2025"},
                    'end_date'),
                ({'number': "1", 'borrower': "A", 'lent_on': "01/09/2025",
                    'end_date': "31/08/2025"}, 'end_date'),
                ({'number': "1", 'borrower': "A", 'end_date': "31/08/2099",
                    'lent_on': f"{tomorrow:%d/%m/%Y}"}, 'lent_on'),
                ({'number': "1", 'borrower': "A", 'end_date': tomorrow,
                    'lent_on': "01/09/2024"}, 'end_date'),
                ]:
            with self.subTest(texts=texts):
                row, problems = loan_row.parse_row(2, texts)
                self.assertIsNone(row)
                self.assertIn(
                    loan_row.LABELS[column], {p.column for p in problems})


class ImportLoansTestCase(TestCase):
    "Test the import of the running loans"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    source = {
        'file_name': 'prets.csv', 'encoding': 'utf-8', 'rows': 3,
        'sha256': hashlib.sha256(b'prets').hexdigest()}

    def setup_fleet(self, fleet, count=1, regime='gift_regime_unknown'):
        "Return a school and computers come by a collection of the regime"
        pool = Pool()
        Collection = pool.get('stock.shipment.in')
        Party = pool.get('party.party')
        donor, school = Party.create([
                {'name': "Donor", 'addresses': [('create', [{}])]},
                {'name': "School"}])
        collection = Collection(
            supplier=donor, effective_date=TODAY - dt.timedelta(days=5),
            gift_regime=fleet.ref(f'proxymikro_stock.{regime}'))
        collection.on_change_supplier()
        collection.on_change_warehouse()
        collection.save()
        product = fleet.ref('proxymikro_stock.product_desktop')
        lots = collection.add_devices(
            collection, [{'product': product}] * count)
        collection.receive([collection.__class__(collection.id)])
        return school, fleet.Lot.browse(lots)

    def take_over(self, *texts, dry_run=False):
        Loan = Pool().get('stock.loan')
        return Loan.import_loans(
            rows(*texts), self.source, len(texts), dry_run)

    @with_company
    def test_import(self, fleet):
        "The computers are where they already were, since then"
        Loan = Pool().get('stock.loan')
        school, (lot, other) = self.setup_fleet(fleet, 2)
        texts = [
            (lot.number, "School", "01/09/2025", "31/08/2099"),
            (other.number, "School", "01/09/2025", "31/08/2099")]
        self.assertEqual(
            self.take_over(*texts, dry_run=True),
            {'created': 2, 'unchanged': 0, 'errors': []})
        self.assertEqual(Loan.search([]), [])
        self.assertEqual(
            self.take_over(*texts),
            {'created': 2, 'unchanged': 0, 'errors': []})
        loan, = Loan.search([])
        self.assertEqual(loan.state, 'running')
        self.assertEqual(loan.delivered_on, dt.date(2025, 9, 1))
        self.assertTrue(loan.number)
        for lot in [lot, other]:
            lot = fleet.Lot(lot.id)
            self.assertEqual(lot.holder, school)
            self.assertEqual(fleet.oracle(lot), {lot.location})
        self.assertEqual(
            self.take_over(*texts),
            {'created': 0, 'unchanged': 2, 'errors': []})
        self.assertEqual(Loan.search([]), [loan])

    @with_company
    def test_returned(self, fleet):
        "Once back, a computer must be erased as any other"
        Loan = Pool().get('stock.loan')
        school, (lot,) = self.setup_fleet(fleet)
        self.take_over((lot.number, "School", "01/09/2025", "31/08/2099"))
        loan, = Loan.search([])
        loan.lines[0].return_(loan.lines)
        lot = fleet.Lot(lot.id)
        self.assertEqual(lot.stage, 'reception')
        with self.assertRaises(DataGateError):
            fleet.do(lot, 'input', 'ready')
        result = self.take_over(
            (lot.number, "School", "01/09/2025", "31/08/2099"))
        self.assertEqual(len(result['errors']), 1)

    @with_company
    def test_refused(self, fleet):
        "One row refused writes nothing, and each says why"
        Loan = Pool().get('stock.loan')
        school, (lot,) = self.setup_fleet(fleet)
        _, (given,) = self.setup_fleet(fleet, regime='gift_regime_company')
        result = self.take_over(
            (lot.number, "Donor", "01/09/2025", "31/08/2099"),
            ("PM-99999", "Shool", "01/09/2025", "31/08/2099"),
            (given.number, "Donor", "01/09/2025", "31/08/2099"),
            (lot.number, "", "32/09/2025", "31/08/2099"))
        self.assertEqual(result['created'], 0)
        self.assertEqual(
            {e['line'] for e in result['errors']}, {2, 3, 4, 5})
        self.assertEqual(Loan.search([]), [])
        self.assertEqual(fleet.Lot(lot.id).stage, 'reception')

    @with_company
    def test_merged(self, fleet):
        "The tag of a card that was given up lends the device, once"
        Alias = Pool().get('device.alias')
        _, (given_up, lot) = self.setup_fleet(fleet, 2)
        fleet.Lot.write([given_up], {'serial_number': "OLD-1"})
        Alias.merge(given_up, lot, "Same machine")
        texts = [
            (n.number, "School", "01/09/2025", "31/08/2099")
            for n in [given_up, lot]]
        error, = self.take_over(*texts)['errors']
        self.assertEqual(error['line'], 3)
        for created in [1, 0]:
            self.assertEqual(self.take_over(texts[0]), {
                    'created': created, 'unchanged': 1 - created,
                    'errors': []})
        self.assertEqual(fleet.Lot(lot.id).stage, 'lent')

    @with_company
    def test_queries(self, fleet):
        "A row more is no query more to read"
        _, lots = self.setup_fleet(fleet, 12)
        Party = Pool().get('party.party')
        school, = Party.create([{'name': "College"}])

        def count(lots):
            texts = [
                (l.number, "College", "01/09/2025", "31/08/2099")
                for l in lots]
            with count_queries() as queries:
                result = self.take_over(*texts, dry_run=True)
            self.assertEqual(result['errors'], [])
            return len(queries)

        count(lots)
        self.assertEqual(count(lots[:2]), count(lots))
