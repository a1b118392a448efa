# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Many people finalise one settlement at once: the difference is invoiced once."""
import unittest
from decimal import Decimal

from proteus import Model
from trytond import backend
from trytond.modules.proxymikro_recycling.tests.tools import (
    add_component, create_buyer, dismantle, get_part, give_desktops,
    invoice_sale, sell, setup_recycling)
from trytond.tests.test_tryton import drop_db
from trytond.tests.tools import activate_modules

from .launch import SIZES, launch


class SettlementRushTestCase(unittest.TestCase):
    "Test that a difference is never invoiced twice"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        cls.config = activate_modules('proxymikro_recycling', setup_recycling)
        device, = give_desktops("Menuiserie Larrieu", 'company')
        for i, _ in enumerate(SIZES):
            add_component(device, 'memory', f'M{i}')
        parts = get_part(dismantle([device]), 'memory')
        cls.cases = [
            [cls.settle(part, i)] * size
            for i, (part, size) in enumerate(zip(parts, SIZES))]
        cls.results = launch(
            'settlement_rush', context=cls.config.context, cases=cls.cases)

    @classmethod
    def settle(cls, part, rank):
        "Return the id of a settlement that takes 2.00 from the invoice"
        buyer = create_buyer(f"Acheteur {rank}")
        invoice_sale(sell(buyer, (10, [part])))
        settlement = Model.get('recycling.settlement')(
            party=buyer, reference=f"D-{rank}")
        settlement.save()
        settlement.click('propose')
        settlement.lines[0].buyer_price = Decimal(8)
        settlement.save()
        settlement.click('provision')
        return settlement.id

    def test_finalised_once(self):
        "One person wins, the others are told, one invoice adjusts"
        # SQLite may also tell some that the database is busy
        allowed = {'won', 'SettlementError'}
        if backend.name == 'sqlite':
            allowed.add('operational')
        for ends, state, invoices, amount in self.results:
            with self.subTest(size=len(ends)):
                self.assertLessEqual({e for e, _ in ends}, allowed, ends)
                self.assertEqual([e for e, _ in ends].count('won'), 1, ends)
                self.assertEqual((state, invoices), ('final', 1))
                self.assertEqual(Decimal(amount), Decimal('-2.00'))
                for end, message in ends:
                    if end == 'SettlementError':
                        self.assertRegex(message, r'^To finalise .*"D-\d')
