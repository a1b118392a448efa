# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The fees called in a year for days of the next one."""
import datetime as dt
from decimal import Decimal
from unittest.mock import patch

from trytond.modules.proxymikro_account.tests.books import (
    activate_books, with_books)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase

CALLED = dt.date(2026, 9, 15)


class MembershipCutOffTestCase(TestCase):
    "Test the cut-offs of the fees"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books('proxymikro_membership')

    def call(self, books, period):
        "Call a fee of 10 € without counterpart and of 36.50 € with"
        pool = Pool()
        Data = pool.get('ir.model.data')
        Date = pool.get('ir.date')
        Membership = pool.get('party.membership')
        Type = pool.get('party.membership.type')
        type_, = Type.create([{
                    'name': period, 'company': books.company.id,
                    'period': period, 'fees': [('create', [{
                                    'product': Data.get_id(
                                        f'proxymikro_account.product_{name}'),
                                    'amount': Decimal(amount),
                                    } for name, amount in [
                                    ('fee', '10.00'),
                                    ('fee_counterpart', '36.50')]])]}])
        party, = pool.get('party.party').create([{
                    'name': period, 'addresses': [('create', [{}])]}])
        start_date, end_date = type_.compute_period(CALLED)
        with patch.object(Date, 'today', return_value=CALLED):
            membership, = Membership.create([{
                        'company': books.company.id, 'party': party.id,
                        'type': type_.id, 'start_date': start_date,
                        'end_date': end_date}])
            Membership.call([membership])
        return membership

    @with_books(2026, 2027)
    def test_proposals(self, books):
        "The share of the next year's days of the fee with a counterpart"
        CutOff = Pool().get('account.cut.off')
        self.call(books, 'civil')
        school = self.call(books, 'school')
        cancelled = self.call(books, 'rolling')
        type(cancelled).cancel([cancelled])
        fiscalyear = books.years[2026]
        CutOff.save(CutOff.get_proposals(fiscalyear))
        cut_off, = CutOff.search([])
        self.assertEqual(cut_off.account.code, '7562')
        line, = cut_off.lines
        self.assertEqual(line.origin.origin, school)
        # From the 1st of January to the 31 of August: 243 days of 365
        self.assertEqual(cut_off.amount, Decimal('24.30'))
        self.assertFalse(CutOff.get_proposals(fiscalyear))
        CutOff.post([cut_off])
        CutOff.cancel([cut_off])
        self.assertTrue(CutOff.get_proposals(fiscalyear))
