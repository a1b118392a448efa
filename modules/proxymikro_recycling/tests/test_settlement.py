# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from decimal import Decimal

from trytond.model.exceptions import SQLConstraintError
from trytond.modules.proxymikro_account.tests.books import (
    activate_books, with_books)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase

from .resale import TODAY, Resale


class SettlementTestCase(TestCase):
    "Test that what is invoiced is settled once"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books('proxymikro_recycling')

    @with_books(TODAY.year)
    def test_line_added_while_provisional(self, books):
        "What a settlement added after its note is kept when it is final"
        pool = Pool()
        Line = pool.get('recycling.settlement.line')
        Settlement = pool.get('recycling.settlement')
        resale = Resale(books)
        *parts, scrap = resale.dismantle()
        buyer = resale.buyer()
        invoice = resale.sell(
            buyer, (Decimal('5.00'), parts[:2]), (Decimal('5.00'), parts[2:]),
            (Decimal('1.00'), [scrap]))
        lines = list(invoice.lines)
        shared = lines.pop()

        def take(reference, own, also):
            settlement = Settlement(
                company=books.company, party=buyer, reference=reference,
                date=TODAY)
            settlement.save()
            Line.save(Line.propose(settlement, own))
            Settlement.provision([settlement])
            Line.save(Line.propose(settlement, also))
            return Settlement(settlement.id)

        first = take("D1", lines[0], shared)
        second = take("D2", lines[1], shared)
        Settlement.finalise([first], TODAY)
        self.assertEqual(
            {l.settles for l in Settlement(first.id).lines},
            {lines[0], shared})
        with self.assertRaises(SQLConstraintError):
            Settlement.finalise([second], TODAY)
