# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is kept of who was debited, and for how long."""
import datetime as dt
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from trytond.modules.party.exceptions import EraseError
from trytond.modules.proxymikro_account.tests.books import (
    activate_books, with_books)
from trytond.modules.proxymikro_membership.tests.mandates import MandatesMixin
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase
from trytond.transaction import Transaction

TODAY = dt.date.today()


class RetentionSEPATestCase(MandatesMixin, TestCase):
    "Test what is kept of mandates"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books(['proxymikro_membership', 'account_payment_sepa'])

    def create_debited(self, company, *days):
        "Return members who left, each with a mandate, debited on its day"
        pool = Pool()
        Mandate = pool.get('account.payment.sepa.mandate')
        Party = pool.get('party.party')
        journal = self.create_journal(company)
        parties = Party.create([{
                    'name': f"Membre {i}", 'addresses': [('create', [{}])],
                    } for i in range(len(days))])
        for number, (party, day) in enumerate(zip(parties, days), 2):
            self.create_mandate(party, journal, number)
            mandate, = Mandate.search([('party', '=', party.id)])
            self.create_payment(mandate, journal, day)
        Party.write(parties, {'active': False})
        return Party.browse(parties)

    def create_payment(self, mandate, journal, day):
        "A debit which the bank has paid, without the file that was sent"
        Payment = Pool().get('account.payment')
        payment, = Payment.create([{
                    'company': journal.company.id, 'journal': journal.id,
                    'kind': 'receivable', 'party': mandate.party.id,
                    'amount': Decimal('10.00'), 'date': day,
                    'sepa_mandate': mandate.id}])
        table = Payment.__table__()
        Transaction().connection.cursor().execute(*table.update(
                [table.state], ['succeeded'], where=table.id == payment.id))

    def erase(self, party):
        Erase = Pool().get('party.erase', type='wizard')
        session_id, _, _ = Erase.create()
        erase = Erase(session_id)
        erase.ask.party = party
        erase.transition_erase()

    @with_books(TODAY.year)
    def test_erase(self, books):
        "Nothing is left of a mandate once its debits can't be contested"
        Mandate = Pool().get('account.payment.sepa.mandate')
        limit = TODAY - relativedelta(months=13)
        *gone, kept = self.create_debited(
            books.company, limit, limit, limit + dt.timedelta(days=1))
        for party in gone:
            self.erase(party)
        with self.assertRaisesRegex(EraseError, "contested"):
            self.erase(kept)
        account = kept.bank_accounts[0].numbers[0]
        read = Mandate.read(
            [m.id for m in Mandate.search([])],
            ['identification', 'account_number.number', 'state'])
        self.assertEqual(
            [(m['identification'], m['account_number.']['number'], m['state'])
                for m in sorted(read, key=lambda m: m['id'])],
            [(None, '****', 'cancelled')] * 2
            + [('RUM-4', account.number, 'validated')])
