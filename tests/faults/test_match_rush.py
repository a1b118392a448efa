# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Two treasurers match one line of the bank, or one invoice, at once."""
import datetime as dt
import unittest
from decimal import Decimal

from proteus import Model
from trytond import backend
from trytond.modules.proxymikro_account.tests.tools import (
    create_books, create_invoice)
from trytond.modules.proxymikro_stock.tests.tools import create_euro_company
from trytond.tests.test_tryton import drop_db
from trytond.tests.tools import activate_modules

from .launch import SIZES, launch


class MatchRushTestCase(unittest.TestCase):
    "Test that nothing is matched twice"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        cls.config = activate_modules(
            'proxymikro_account', create_euro_company, create_books)
        party = Model.get('party.party')(name="Adhérent")
        party.save()
        cases = []
        for size in SIZES:
            # One line of the bank, then an invoice that several lines pay
            cases.append([cls.create_statement(cls.bill(party))] * size)
            number = cls.bill(party)
            cases.append([cls.create_statement(number) for _ in range(size)])
        cls.results = launch(
            'match_rush', context=cls.config.context, cases=cases)

    @classmethod
    def bill(cls, party):
        "Return the number of a posted invoice"
        invoice = create_invoice(
            party, dt.date.today(), [('706', Decimal(12))])
        invoice.click('post')
        return invoice.number

    @classmethod
    def create_statement(cls, number):
        Journal = Model.get('account.statement.journal')
        Statement = Model.get('account.statement')
        journal, = Journal.find([('validation', '=', 'balance')], limit=1)
        statement = Statement(
            name=number, journal=journal, date=dt.date.today(),
            start_balance=Decimal(0), end_balance=Decimal(12))
        origin = statement.origins.new()
        origin.date, origin.amount = dt.date.today(), Decimal(12)
        origin.description = number
        statement.save()
        return statement.id

    def test_once(self):
        "One person wins, the others are told that it is taken"
        allowed = {'won', 'StatementMatchError'}
        if backend.name == 'sqlite':
            allowed.add('operational')
        for ends, lines in self.results:
            with self.subTest(size=len(ends)):
                names = [e for e, _ in ends]
                self.assertLessEqual(set(names), allowed, ends)
                self.assertEqual((names.count('won'), lines), (1, 1), ends)
