# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A part that is sold for its material is recycled, whatever its kind."""
from decimal import Decimal

from trytond.modules.proxymikro_account.tests.books import (
    activate_books, with_books)
from trytond.modules.proxymikro_recycling.exceptions import MetalPaymentError
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase

from .resale import TODAY, Resale


class MaterialTestCase(TestCase):
    "Test what is said of what is sold for its material"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books('proxymikro_recycling')

    def sell(self, books):
        "Sell a memory module for its material, and another to be used again"
        Lot = Pool().get('stock.lot')
        resale = Resale(books)
        refined, reused, _ = resale.dismantle(parts=['memory'] * 2)
        Lot.write([refined], {'weight': .03}, [reused], {'weight': .04})
        refined, reused = Lot.browse([refined, reused])
        return (
            resale.sell(
                resale.buyer(), (Decimal(3), [refined]), material=True),
            resale.sell(resale.buyer(), (Decimal(5), [reused])))

    @with_books(TODAY.year)
    def test_counted(self, books):
        "The balance and the report of the activity tell them apart"
        pool = Pool()
        Report = pool.get('impact.activity', type='report')
        self.sell(books)
        rows = pool.get('recycling.mass.balance').search([])
        for name, kg in [('sold_parts', .04), ('sold_materials', .03)]:
            self.assertAlmostEqual(sum(getattr(r, name) for r in rows), kg)
        self.assertEqual(Report._get_sales(TODAY, TODAY), [5, 3])

    @with_books(TODAY.year)
    def test_cash(self, books):
        "What is sold for its material is not paid in cash"
        Invoice = Pool().get('account.invoice')
        refined, reused = self.sell(books)

        def pay(invoice):
            amount, account = invoice.total_amount, invoice.account
            move = books.move(
                TODAY, ('5311', amount, 0),
                (account.code, 0, amount, invoice.party))
            Invoice.add_payment_lines({
                    invoice: [l for l in move.lines if l.account == account]})

        pay(reused)
        with self.assertRaises(MetalPaymentError):
            pay(refined)
