# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Many people sell one part at once: one buyer has it, the others are told why."""
import unittest

from trytond import backend
from trytond.modules.proxymikro_recycling.tests.tools import (
    add_component, create_buyer, dismantle, get_part, give_desktops, sell,
    setup_recycling)
from trytond.tests.test_tryton import drop_db
from trytond.tests.tools import activate_modules

from .launch import SIZES, launch

ACTS = ['quote', 'dispatch']


class SaleRushTestCase(unittest.TestCase):
    "Test that a part is never sold twice"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        cls.config = activate_modules('proxymikro_recycling', setup_recycling)
        cases = [(act, size) for act in ACTS for size in SIZES]
        device, = give_desktops("Menuiserie Larrieu", 'company')
        for i, _ in enumerate(cases):
            add_component(device, 'memory', f'M{i}')
        parts = get_part(dismantle([device]), 'memory')
        cls.cases = [
            (act, part.id, cls.get_sales(act, part, size))
            for (act, size), part in zip(cases, parts)]
        cls.results = launch(
            'sale_rush', context=cls.config.context, cases=cls.cases)

    @classmethod
    def get_sales(cls, act, part, size):
        "Return the ids of the sales that each attempt is on"
        if act == 'quote':
            return [
                sell(create_buyer(f"Acheteur {i}"), (10, [part])).id
                for i in range(size)]
        sale = sell(create_buyer(), (10, [part]))
        sale.click('quote')
        sale.click('confirm')
        return [sale.id] * size

    def each(self, act):
        for (case, _, ids), result in zip(self.cases, self.results):
            if case == act:
                with self.subTest(size=len(ids)):
                    yield result

    def check_ends(self, ends):
        "SQLite may also tell some that the database is busy"
        allowed = {'won', 'SaleLotError'}
        if backend.name == 'sqlite':
            allowed.add('operational')
        self.assertLessEqual({e for e, _ in ends}, allowed, ends)

    def test_quoted_once(self):
        "One sale is quoted, the others are told by which"
        for ends, states, _ in self.each('quote'):
            self.check_ends(ends)
            self.assertEqual([e for e, _ in ends].count('won'), 1, ends)
            self.assertEqual(states.count('quotation'), 1)
            for end, message in ends:
                if end == 'SaleLotError':
                    self.assertRegex(message, r'^To quote ".*PI-\d+".*"VEN-')

    def test_shipped_once(self):
        "The part leaves once, whoever ships it"
        for ends, _, sold in self.each('dispatch'):
            self.check_ends(ends)
            self.assertEqual(sold, 1)
