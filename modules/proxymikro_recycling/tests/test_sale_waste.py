# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A part that a recycler buys is recycled, not reused."""
from decimal import Decimal

from trytond.modules.proxymikro_account.tests.books import (
    activate_books, with_books)
from trytond.modules.proxymikro_recycling.exceptions import (
    HazardousSaleWarning, MetalPaymentError)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase

from .resale import TODAY, Resale


class SaleWasteTestCase(TestCase):
    "Test what is sold for its material"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books('proxymikro_recycling')

    def sell(self, books):
        "Sell a memory module to a recycler, and another to be used again"
        Lot = Pool().get('stock.lot')
        resale = Resale(books)
        first, second, _ = resale.dismantle(parts=['memory'] * 2)
        Lot.write([first], {'weight': .03}, [second], {'weight': .04})
        return [
            resale.sell(
                resale.buyer(name), (Decimal(price), [Lot(lot.id)]),
                material=material)
            for name, lot, price, material in [
                    ("Recycler", first, 3, True), ("Person", second, 5, False)]
            ]

    @with_books(TODAY.year)
    def test_counted(self, books):
        "In the mass balance and in the report of the activity"
        pool = Pool()
        Report = pool.get('impact.activity', type='report')
        self.sell(books)
        rows = pool.get('recycling.mass.balance').search([])
        self.assertEqual(
            [round(sum(getattr(r, n) for r in rows), 3)
                for n in ['sold_parts', 'sold_materials']],
            [.04, .03])
        self.assertEqual(Report._get_sales(TODAY, TODAY), [5, 3])

    @with_books(TODAY.year)
    def test_cash(self, books):
        "What the recycler pays is not paid in cash"
        Invoice = Pool().get('account.invoice')
        recycled, reused = self.sell(books)
        lines = {}
        for invoice in [recycled, reused]:
            amount = invoice.total_amount
            move = books.move(
                TODAY, ('5311', amount, 0),
                (invoice.account.code, 0, amount, invoice.party))
            lines[invoice], = [
                l for l in move.lines if l.account == invoice.account]
        Invoice.add_payment_lines({reused: [lines[reused]]})
        with self.assertRaises(MetalPaymentError):
            Invoice.add_payment_lines({recycled: [lines[recycled]]})

    @with_books(TODAY.year)
    def test_hazardous(self, books):
        "A battery sold otherwise is told to be waste unless it serves again"
        pool = Pool()
        Code = pool.get('waste.code')
        Default = pool.get('waste.default')
        resale = Resale(books)
        part, _ = resale.dismantle(parts=['memory'])
        code, = Code.search([('code', '=', '16 02 15')], limit=1)
        self.assertTrue(code.hazardous)
        Default.create([{
                    'template': part.product.template.id,
                    'waste_code': code.id}])
        with self.assertRaises(HazardousSaleWarning):
            resale.sell(resale.buyer(), (Decimal(3), [part]))
