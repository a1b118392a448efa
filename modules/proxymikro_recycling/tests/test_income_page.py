# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from decimal import Decimal

from trytond.modules.proxymikro_account.tests.books import (
    activate_books, with_books)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase

from .resale import TODAY, Resale


class IncomePageTestCase(TestCase):
    "Test that the pages of the income make all of it"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books('proxymikro_recycling')

    @with_books(TODAY.year)
    def test_pages(self, books):
        "Lines of several lots are cut between the pages where they come"
        Income = Pool().get('recycling.income')
        resale = Resale(books)
        for price in ['12.00', '7.00', '3.50']:
            *parts, scrap = resale.dismantle()
            resale.sell(
                resale.buyer(), (Decimal(price), parts),
                (Decimal('0.80'), [scrap]))
        rows = Income.search([])
        self.assertGreater(len(rows), len({r.move_line for r in rows}))
        self.assertGreater(len(rows), 8)
        for domain in [[], ['AND', [], []], [('state', '=', 'invoiced')]]:
            for limit in [1, 4, len(rows)]:
                pages = [
                    row for offset in range(0, len(rows), limit)
                    for row in Income.search(
                        domain, offset=offset, limit=limit)]
                self.assertEqual(pages, rows, (domain, limit))
        self.assertEqual(
            Income.search([], order=[('date', 'ASC'), ('id', 'ASC')], limit=2),
            rows[:-3:-1])
