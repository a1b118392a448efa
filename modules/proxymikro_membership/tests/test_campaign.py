# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A whole association renews: by e-mail, by paper, or not as things are."""
import datetime as dt
import os
import unittest
from collections import Counter
from functools import partial
from io import BytesIO
from unittest.mock import patch

from proteus import Model, Wizard
from pypdf import PdfReader
from trytond.modules.company.tests.tools import create_company
from trytond.modules.proxymikro_account.tests.tools import (
    create_books, create_user)
from trytond.modules.proxymikro_base.tests.tools import on_day, outbox
from trytond.modules.proxymikro_membership import campaign as campaign_module
from trytond.modules.proxymikro_membership.tests.tools import (
    create_membership_type, pay)
from trytond.tests.test_tryton import DB_NAME, drop_db
from trytond.tests.tools import activate_modules, set_user
from trytond.transaction import Transaction

# How many renew, and how many of them are called by one task
if os.environ.get('PROXYMIKRO_FULL'):
    SIZE, BATCH = 500, campaign_module.BATCH
else:
    SIZE, BATCH = 30, 12
END = dt.date(dt.date.today().year, 12, 31)
COMMUNE, PUBLIC, GRATIS, LEAVER = range(4)
EXCLUDED, WRONG = [4, 5, 6], [7, 8]
PAPER = range(9, SIZE - 1, 10)


class CampaignTestCase(unittest.TestCase):
    "Test a campaign from its preview to its last reminder"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        cls.config = activate_modules(
            'proxymikro_membership',
            partial(create_company, currency='EUR'), create_books)
        cls.desk = create_user('desk', 'proxymikro_base.group_front_desk')
        cls.create_members()

    @classmethod
    def create_members(cls):
        "The commune is a member for two schools, each other for itself"
        context = cls.config.context
        Party = Model.get('party.party')
        Membership = Model.get('party.membership')
        type_ = create_membership_type()
        cls.parties = Party.create([
                cls.get_party(i) for i in range(SIZE - 1)], context)
        schools = Party.create(
            [{'name': "École Nord"}, {'name': "École Sud"}], context)
        cls.memberships = Membership.create([{
                    'party': party, 'place': place, 'type': type_.id,
                    'start_date': dt.date(END.year, 1, 1), 'end_date': END,
                    'state': 'active', 'gratis': party == cls.parties[GRATIS],
                    'gratis_reason': "Bénévole",
                    } for party, place in [
                    (cls.parties[COMMUNE], school) for school in schools] + [
                    (party, party) for party in cls.parties[1:]]], context)

    @staticmethod
    def get_party(i):
        values = {'name': f"Membre {i:03}"}
        if i not in WRONG:
            values['addresses'] = [('create', [{'city': "Dunes"}])]
        if i not in PAPER:
            values['contact_mechanisms'] = [('create', [
                        {'type': 'email', 'value': f'm{i}@example.com'}])]
        return values

    def setUp(self):
        super().setUp()
        batch = patch.object(campaign_module, 'BATCH', BATCH)
        batch.start()
        self.addCleanup(batch.stop)

    def test_campaign(self):
        "Nobody is called nor written to twice, whatever is done again"
        end = Wizard('party.membership.end', [
                Model.get('party.membership')(self.memberships[LEAVER + 1])])
        end.form.reason = 'resignation'
        end.execute('close')
        set_user(self.desk.id)
        campaign = self.prepare()
        self.call(campaign)
        self.correct(campaign)
        self.send(campaign)
        self.print_(campaign)
        self.remind(campaign)

    def prepare(self):
        "The front desk looks at the list and leaves some out"
        Line = Model.get('party.membership.campaign.line')
        campaign = Model.get('party.membership.campaign')(name="Un an de plus")
        campaign.click('prepare')
        self.assertEqual(campaign.to_call, SIZE - 1)
        lines = {l.party.id: l for l in Line.find([])}
        self.assertNotIn(self.parties[LEAVER], lines)
        self.assertEqual(
            {id_ for id_, line in lines.items() if line.problem},
            {self.parties[i] for i in WRONG})
        self.assertEqual(
            Counter(l.channel for l in lines.values()),
            {'paper': len(PAPER), 'email': SIZE - 2 - len(PAPER)})
        for i in EXCLUDED:
            lines[self.parties[i]].excluded = True
            lines[self.parties[i]].save()
        lines[self.parties[PUBLIC]].channel = 'chorus'
        lines[self.parties[PUBLIC]].save()
        return campaign

    def count(self):
        "Return the renewals and the invoices"
        with Transaction().start(DB_NAME, 0, readonly=True):
            return [
                self.config.pool.get(name).search(domain, count=True)
                for name, domain in [
                    ('party.membership', [('start_date', '>', END)]),
                    ('account.invoice', [('state', '=', 'posted')])]]

    def call(self, campaign):
        "By tasks, what must be corrected aside"
        Line = self.config.pool.get('party.membership.campaign.line')
        called = SIZE - 1 - len(EXCLUDED) - len(WRONG)
        with patch.object(
                Line, 'call_renewals', wraps=Line.call_renewals) as tasks:
            campaign.click('call')
        # A task starts again for each lock that it takes
        sizes = Counter(len(t) for t in {
                tuple(l.id for l in c.args[0]) for c in tasks.call_args_list})
        batches, rest = divmod(called + len(WRONG), BATCH)
        self.assertEqual(sizes, {BATCH: batches, rest: 1})
        campaign.reload()
        self.assertEqual(
            (campaign.called, campaign.to_call), (called, len(WRONG)))
        # The one who pays nothing gets no invoice
        self.assertEqual(self.count(), [called, called - 1])
        campaign.click('call')
        self.assertEqual(self.count(), [called, called - 1])

    def correct(self, campaign):
        "Called again, only those who were corrected are"
        Party = Model.get('party.party')
        before = self.count()
        set_user(1)
        Party.write([self.parties[i] for i in WRONG], {
                'addresses': [('create', [{'city': "Sabres"}])],
                }, self.config.context)
        set_user(self.desk.id)
        campaign.click('call')
        self.assertEqual(
            self.count(), [count + len(WRONG) for count in before])

    def send(self, campaign):
        "One message each, the commune for both of its schools"
        with outbox() as messages:
            campaign.click('send')
        written = self.get_written()
        self.assertEqual(self.get_recipients(messages), written)
        commune, = [m for m in messages if 'm0@' in m['To']]
        self.assertEqual(len(list(commune.iter_attachments())), 2)
        with outbox() as messages:
            campaign.click('send')
        self.assertEqual(messages, [])

    def get_written(self, paid=()):
        """Return how many messages each is written by e-mail.

        Who owes nothing gets none.
        """
        left = {PUBLIC, GRATIS, LEAVER, *EXCLUDED, *PAPER, *paid}
        return {
            f'm{i}@example.com': 1 for i in range(SIZE - 1) if i not in left}

    @staticmethod
    def get_recipients(messages):
        return Counter(
            m['To'].split('<')[1].rstrip('>') for m in messages)

    def print_(self, campaign):
        "Those without an address get a letter, in one file"
        print_ = Wizard('party.membership.campaign.print', [campaign])
        print_.execute('print_')
        (_, content, _, _), = print_.actions
        pages = PdfReader(BytesIO(bytes(content))).pages
        self.assertEqual(len(pages), len(PAPER))
        for i, page in zip(PAPER, pages):
            self.assertIn(f"Membre {i:03}", page.extract_text())

    def remind(self, campaign):
        "Who has paid is left alone, the others are reminded once each time"
        Cron = Model.get('ir.cron')
        Line = Model.get('party.membership.campaign.line')
        set_user(1)
        paid = [10, 11, 12]
        for line in Line.find([
                    ('party', 'in', [self.parties[i] for i in paid])]):
            pay(line.renewal.invoice)
        remind, = Cron.find(
            [('method', '=', 'party.membership.campaign|remind_due')])
        written = self.get_written(paid)
        for days, word in [(-10, "rappel"), (20, "a pris fin")]:
            with on_day(END + dt.timedelta(days=days)):
                with outbox() as messages:
                    remind.click('run_once')
                self.assertEqual(self.get_recipients(messages), written)
                for message in messages:
                    self.assertIn(word, message['Subject'])
                with outbox() as messages:
                    remind.click('run_once')
                self.assertEqual(messages, [])
