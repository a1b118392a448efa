# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The fees of a campaign are debited once, many as they are."""
import datetime as dt
from decimal import Decimal
from unittest.mock import patch

from trytond.modules.proxymikro_account.tests.books import (
    activate_books, with_books)
from trytond.modules.proxymikro_membership.tests.mandates import MandatesMixin
from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase

TODAY = dt.date.today()
END = dt.date(TODAY.year, 12, 31)


class CampaignSEPATestCase(MandatesMixin, TestCase):
    "Test the debits of a campaign"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books(['proxymikro_membership', 'account_payment_sepa'])

    def prepare(self, company, count):
        "Return the lines of a campaign whose members gave a mandate"
        pool = Pool()
        Campaign = pool.get('party.membership.campaign')
        Data = pool.get('ir.model.data')
        Membership = pool.get('party.membership')
        Party = pool.get('party.party')
        Type = pool.get('party.membership.type')
        journal = self.create_journal(company)
        type_, = Type.create([{
                    'name': "École", 'company': company.id,
                    'fees': [('create', [{
                                    'product': Data.get_id(
                                        'proxymikro_account.product_fee'),
                                    'amount': Decimal('10.00')}])]}])
        parties = Party.create([{
                    'name': f"Membre {i}", 'addresses': [('create', [{}])],
                    } for i in range(count)])
        for number, party in enumerate(parties, 2):
            self.create_mandate(party, journal, number)
        Membership.create([{
                    'party': party.id, 'type': type_.id, 'state': 'active',
                    'start_date': dt.date(TODAY.year, 1, 1), 'end_date': END,
                    } for party in parties])
        campaign, = Campaign.create([{
                    'name': "Renouvellement", 'payment_journal': journal.id,
                    'debit_date': TODAY + dt.timedelta(days=14)}])
        Campaign.prepare([campaign])
        return campaign.lines

    @with_books(TODAY.year)
    def test_once(self, books):
        "What runs again debits nothing more, even what the bank refused"
        pool = Pool()
        Line = pool.get('party.membership.campaign.line')
        Payment = pool.get('account.payment')
        lines = self.prepare(books.company, 2)
        Line.call_renewals(lines)
        payments = Payment.search([])
        self.assertEqual(len(payments), 2)
        Line._create_debits(Line.browse(lines))
        self.assertEqual(Payment.search([], count=True), 2)
        Payment.write(payments[:1], {'state': 'failed'})
        Line.call_renewals(Line.browse(lines))
        self.assertEqual(Payment.search([], count=True), 2)

    @with_books(TODAY.year)
    def test_queries(self, books):
        "The payments of many fees are made and numbered together"
        Line = Pool().get('party.membership.campaign.line')
        lines = Line.browse(self.prepare(books.company, 12))
        with patch.object(Line, '_create_debits'):
            Line._call(lines)
        counts = []
        for some in [lines[:1], lines[1:4], lines[4:12]]:
            with count_queries() as queries:
                Line._create_debits(Line.browse(some))
            counts.append(len(queries))
        self.assertLess(counts[2], counts[1] * 2)
        self.assertEqual(
            Pool().get('account.payment').search([], count=True), 12)
