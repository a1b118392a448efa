# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the income says of what the buyers settle otherwise."""
import csv
import io
from decimal import Decimal

from trytond.modules.proxymikro_account.tests.books import (
    activate_books, with_books)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase

from .resale import TODAY, Resale


class IncomeSettlementTestCase(TestCase):
    "Test the variance in the income and on its sheet"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books('proxymikro_recycling')

    def sell(self, books):
        "Sell four parts and scrap, and let the buyer's note propose its lines"
        pool = Pool()
        Settlement = pool.get('recycling.settlement')
        self.resale = Resale(books)
        *self.parts, self.scrap = self.resale.dismantle()
        buyer = self.resale.buyer()
        invoice = self.resale.sell(
            buyer, (Decimal('5.00'), self.parts),
            (Decimal('2.00'), [self.scrap]))
        settlement = Settlement(
            company=books.company, party=buyer, reference="D1", date=TODAY)
        settlement.save()
        Settlement.propose([settlement])
        boards, = [l for l in settlement.lines if self.scrap in l.lots]
        return invoice, settlement, boards

    def rows(self, *domain):
        return Pool().get('recycling.income').search(list(domain))

    def varying(self):
        return {r.lot for r in self.rows(('varies', '=', True))}

    @with_books(TODAY.year)
    def test_variance(self, books):
        "What the buyer settles otherwise, of the lot that it is about"
        pool = Pool()
        Invoice = pool.get('account.invoice')
        Settlement = pool.get('recycling.settlement')
        invoice, settlement, boards = self.sell(books)
        Settlement.provision([settlement])
        self.assertEqual(self.varying(), set())
        boards.buyer_quantity -= .5
        boards.save()
        self.assertEqual(self.varying(), {self.scrap})
        self.assertEqual(
            {r.lot: r.state for r in self.rows()}, {
                **dict.fromkeys(self.parts, 'invoiced'),
                self.scrap: 'variance'})
        row, = self.rows(('state', '=', 'variance'))
        self.assertEqual(row.settlement_lines, (boards,))
        self.assertEqual((row.unit_price, row.list_price), (2, None))
        self.resale.receive(invoice.total_amount, Invoice(invoice.id))
        self.assertEqual(
            {r.lot: r.state for r in self.rows()},
            dict.fromkeys([*self.parts, self.scrap], 'reconciled'))
        self.assertEqual(self.varying(), {self.scrap})
        Settlement.draft([settlement])
        self.assertEqual(self.varying(), set())

    def settle(self, settlement, boards):
        "Grade and price the boards lower, hold an assay and bags back"
        pool = Pool()
        Deduction = pool.get('recycling.settlement.deduction')
        Line = pool.get('recycling.settlement.line')
        Settlement = pool.get('recycling.settlement')
        for line in settlement.lines:
            line.deductions = [Deduction(kind='assay', amount=Decimal(1))]
        boards = Line(boards.id)
        boards.buyer_quantity, boards.buyer_price = 4.5, Decimal('1.5')
        boards.buyer_grade, = pool.get('recycling.grade').search(
            [('code', '=', 'FER')])
        boards.deductions = [Deduction(
                kind='other', amount=Decimal('0.5'), reason="sacs")]
        Line.save([l for l in settlement.lines if l != boards] + [boards])
        Settlement.provision([settlement])
        Settlement.finalise([settlement], TODAY)

    def execute(self, format_):
        Report = Pool().get('recycling.income.sheet', type='report')
        _, content, *_ = Report.execute([], {
                'format': format_, 'income_start_date': TODAY,
                'income_end_date': TODAY})
        return content

    @with_books(TODAY.year)
    def test_sheet(self, books):
        "The sheet says what the buyer weighed, graded, paid and held back"
        _, settlement, boards = self.sell(books)
        self.settle(settlement, boards)
        header, *rows = csv.reader(
            io.StringIO(self.execute('csv').decode('utf-8-sig')),
            delimiter=';')
        rows = [dict(zip(header, row)) for row in rows]
        told = [r for r in rows if r['Retenues']]
        # What is settled for all the lots of a line is told once
        self.assertEqual(len(told), 2)
        row, = [r for r in told if r['Lot'] == self.scrap.number]
        self.assertEqual([
                row[n] for n in ['Catégorie acheteur', 'Motifs des retenues']],
            ['FER', "sacs"])
        self.assertEqual([
                float(row[n].replace(',', '.')) for n in [
                    'Prix facturé', 'Pesée acheteur (kg)', 'Prix payé',
                    'Retenues']],
            [2, 4.5, 1.5, .5])
        self.assertEqual(self.execute('pdf')[:5], b'%PDF-')

    @with_books(TODAY.year)
    def test_list_price(self, books):
        "The price of the list that was in force at the sale"
        pool = Pool()
        kilogram = pool.get('product.uom')(pool.get('ir.model.data').get_id(
                'product', 'uom_kilogram'))
        resale = Resale(books)
        *parts, scrap = resale.dismantle()
        buyer = resale.buyer()
        scrap.grade, = pool.get('recycling.grade').search(
            [('code', '=', 'FER')])
        scrap.save()
        pool.get('recycling.price.list').create([{
                    'buyer': buyer, 'start_date': TODAY,
                    'lines': [('create', [{
                                    'grade': scrap.grade, 'unit': kilogram,
                                    'price': Decimal('0.15')}])],
                    }])
        resale.sell(buyer, (Decimal('0.20'), [scrap]))
        row, = self.rows(('lot', '=', scrap.id))
        self.assertEqual(
            (row.unit_price, row.list_price),
            (Decimal('0.20'), Decimal('0.15')))
