# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Many members renew: their fees are called by batches, not one by one."""
import datetime as dt
import os
from functools import partial

from proteus import Model
from trytond.modules.company.tests.tools import create_company, get_company
from trytond.modules.proxymikro_account.tests.tools import create_books
from trytond.modules.proxymikro_membership.tests.tools import (
    create_membership_type)
from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME, TestCase
from trytond.tests.tools import activate_modules
from trytond.tools import grouped_slice
from trytond.transaction import Transaction, TransactionError
from trytond.worker import run_task

from .measure import cpu

# How many members are called by batches, and how many invoices one by one
RENEWED = 2000 if os.environ.get('PROXYMIKRO_FULL') else 200
ALONE = 20
# For how many years they have been members: 50,000 memberships at full size
YEARS = 25 if os.environ.get('PROXYMIKRO_FULL') else 5
# How many times slower an invoice is when it is created and posted alone
RATIO = 4
TODAY = dt.date.today()
END = dt.date(TODAY.year, 12, 31)
TABLE = '"party_membership"'


def start(**extras):
    return Transaction().start(
        DB_NAME, 1, context={'company': RenewalTestCase.company}, **extras)


def run(function, *args):
    "Run the function as a request: again from the start when it must lock"
    extras = {}
    while True:
        with start(**extras) as transaction:
            try:
                result = function(*args)
                transaction.commit()
            except TransactionError as error:
                transaction.rollback()
                error.fix(extras)
                continue
        # Those which print the invoices, on both sides, are not run
        tasks = list(transaction.tasks)
        transaction.tasks.clear()
        return result, tasks


class RenewalTestCase(TestCase):
    "Test the speed of a campaign"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(
            'proxymikro_membership',
            partial(create_company, currency='EUR'), create_books)
        cls.company = get_company().id
        type_ = create_membership_type()
        Party = Model.get('party.party')
        context = Party._config.context
        # Core checks what is recorded at once the longer the more there is
        cls.parties = [
            id_ for numbers in grouped_slice(range(RENEWED), 200)
            for id_ in Party.create([{
                        'name': f"Membre {i}",
                        'addresses': [('create', [{'city': "Dunes"}])],
                        } for i in numbers], context)]
        with start() as transaction:
            Membership = Pool().get('party.membership')
            Membership.create([{
                        'party': party, 'place': party,
                        'type': type_.id, 'state': 'active', 'gratis': False,
                        'start_date': dt.date(TODAY.year, 1, 1),
                        'end_date': END,
                        } for party in cls.parties])
            cls.create_past(Membership.__table__(), type_.id)
            transaction.commit()

    @classmethod
    def create_past(cls, table, type_):
        "Write the memberships of the years before, as they were left"
        cursor = Transaction().connection.cursor()
        for year in range(TODAY.year - YEARS + 1, TODAY.year):
            for parties in grouped_slice(cls.parties, 500):
                cursor.execute(*table.insert([
                            table.company, table.party, table.place,
                            table.type, table.state, table.gratis,
                            table.start_date, table.end_date],
                        [[cls.company, party, party, type_, 'ended', False,
                                dt.date(year, 1, 1), dt.date(year, 12, 31)]
                            for party in parties]))

    def test_call(self):
        "A fee called by batches costs a quarter of an invoice posted alone"
        alone = self.post_alone() / ALONE
        campaign = self.prepare()
        with cpu() as spent:
            _, tasks = run(self.call, campaign)
            for task in tasks:
                run_task(DB_NAME, task)
        each = spent() / RENEWED
        with start():
            campaign = Pool().get('party.membership.campaign')(campaign)
            self.assertEqual(campaign.called, RENEWED)
        print(f"\none by one {alone * 1000:.0f} ms, by batches "
            f"{each * 1000:.0f} ms a fee: {alone / each:.1f} ×")
        self.assertGreater(alone / each, RATIO)

    def post_alone(self):
        "Create and post invoices as the client does: two transactions each"
        with cpu() as spent:
            for party in self.parties[:ALONE]:
                invoice, _ = run(self.create_invoice, party)
                run(self.post, invoice)
        return spent()

    def call(self, campaign):
        Campaign = Pool().get('party.membership.campaign')
        Campaign.call(Campaign.browse([campaign]))

    def post(self, invoice):
        Invoice = Pool().get('account.invoice')
        Invoice.post(Invoice.browse([invoice]))

    def create_invoice(self, party):
        pool = Pool()
        Invoice = pool.get('account.invoice')
        Line = pool.get('account.invoice.line')
        Company = pool.get('company.company')
        Type = pool.get('party.membership.type')
        company, (type_,) = Company(self.company), Type.search([])
        invoice = Invoice(
            type='out', company=company, party=party, invoice_date=TODAY,
            currency=company.currency)
        invoice.set_journal()
        invoice.on_change_party()
        invoice.lines = []
        for fee in type_.fees:
            line = Line(
                type='line', invoice_type='out', company=self.company, party=party,
                currency=invoice.currency, product=fee.product, quantity=1)
            line.on_change_product()
            line.unit_price = fee.amount
            invoice.lines += (line,)
        invoice.save()
        return invoice.id

    def prepare(self):
        "Prepare the campaign; its preview reads no member one by one"
        with start() as transaction:
            Campaign = Pool().get('party.membership.campaign')
            campaign, = Campaign.create([{
                        'name': "Renouvellement", 'company': self.company,
                        'from_date': END, 'to_date': END}])
            Campaign.prepare([campaign])
            transaction.commit()
        with start(), count_queries() as made:
            Line = Pool().get('party.membership.campaign.line')
            lines = Line.search([('campaign', '=', campaign.id)], limit=100)
            self.assertEqual(
                {l['problem'] for l in Line.read(
                        [l.id for l in lines], ['problem', 'amount'])},
                {None})
        self.assertLess(len(made), 60)
        return campaign.id

    def test_members_on_date(self):
        "Who is a member on a date is one query, however many were"
        past = END.replace(year=TODAY.year - YEARS + 1)
        for date in [END, past, past.replace(year=past.year - 1)]:
            counts = []
            for limit in [10, RENEWED]:
                with start(), count_queries() as made, cpu() as spent:
                    Party = Pool().get('party.party')
                    with Transaction().set_context(membership_date=date):
                        members = Party.search(
                            [('member', '=', True)], limit=limit)
                self.assertEqual(len(members), limit if date >= past else 0)
                counts.append(len([q for q, *_ in made if TABLE in q]))
            self.assertEqual(counts, [1, 1])
            print(f"\n{len(members)} members on {date} among "
                f"{RENEWED * YEARS} memberships: {spent() * 1000:.0f} ms")
