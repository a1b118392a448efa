# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What people type wrong about members, fees, assemblies and requests.

Each is refused in words that name what is wrong, and writes nothing. What can
be wrong in the cells of a file is in the tests of the importer.
"""
import datetime as dt
import unittest
from decimal import Decimal
from functools import partial

from proteus import Model
from trytond.exceptions import UserError
from trytond.model.exceptions import ValidationError
from trytond.modules.company.tests.tools import create_company
from trytond.modules.party.exceptions import InvalidIdentifierCode
from trytond.modules.proxymikro_account.tests.tools import create_books
from trytond.modules.proxymikro_base.tests.tools import outbox
from trytond.modules.proxymikro_membership.exceptions import (
    AssemblyError, CampaignError, MembershipCallError, MembershipEndError,
    MembershipOverlapError, SupportError, SupportRightError)
from trytond.modules.proxymikro_membership.tests.tools import (
    create_membership, create_membership_type)
from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME, drop_db
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

TODAY = dt.date.today()
START, END = dt.date(TODAY.year, 1, 1), dt.date(TODAY.year, 12, 31)
TABLES = [
    'party.party', 'party.identifier', 'party.membership',
    'party.membership.fee', 'party.membership.campaign', 'account.invoice',
    'party.membership.assembly.voter', 'support.request', 'ir.email']
# What a request would be started again for
LOCKED = [
    'account_invoice', 'account_move', 'account_period', 'ir_sequence',
    'ir_sequence_strict', 'party_membership_assembly',
    'party_membership_campaign', 'party_membership_campaign_line']


class BadInputTestCase(unittest.TestCase):
    "Test what is wrong is refused, and leaves nothing"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        cls.config = activate_modules(
            'proxymikro_membership',
            partial(create_company, currency='EUR'), create_books)
        type_ = create_membership_type()
        school = Model.get('party.party')(name="École Nord")
        school.contact_mechanisms.new(type='email', value='nord@example.com')
        school.save()
        membership = create_membership(school, type_)
        membership.click('call')
        cls.type, cls.school, cls.called = type_.id, school.id, membership.id

    def setUp(self):
        super().setUp()
        transaction = Transaction().start(
            DB_NAME, 1, context=dict(self.config.context), _lock_tables=LOCKED)
        self.addCleanup(transaction.stop)
        self.addCleanup(transaction.rollback)

    def count(self):
        pool = Pool()
        return [pool.get(n).search([], count=True) for n in TABLES]

    def refused(self, rows, error=UserError):
        "Check each function is refused with these words and writes nothing"
        transaction = Transaction()
        cursor = transaction.connection.cursor()
        before = self.count()
        for i, (words, function) in enumerate(rows):
            with self.subTest(i=i, words=words):
                cursor.execute('SAVEPOINT refused')
                with self.assertRaises(error) as cm:
                    function()
                for word in words:
                    self.assertIn(word, cm.exception.message)
                cursor.execute('ROLLBACK TO SAVEPOINT refused')
                # What was created may give its id to another
                for cache in transaction.cache.values():
                    cache.clear()
                self.assertEqual(self.count(), before)

    def create(self, **values):
        Membership = Pool().get('party.membership')
        membership, = Membership.create([{
                    'party': self.school, 'place': self.school,
                    'type': self.type, 'start_date': START, 'end_date': END,
                    **values}])
        return membership

    def format(self, date):
        return Pool().get('ir.lang').get().strftime(date)

    def test_overlap(self):
        "A day has one membership, and the first free one is told"
        called = Pool().get('party.membership')(self.called)
        words = [called.number, "École Nord",
            self.format(END + dt.timedelta(days=1))]
        self.refused([
                (words, self.create),
                (words, lambda: self.create(
                        start_date=END, end_date=END.replace(
                            year=END.year + 1))),
                (words, lambda: self.create(
                        start_date=START - dt.timedelta(days=9),
                        end_date=START)),
                ], MembershipOverlapError)

    def test_dates(self):
        "A membership ends after it starts, and within its own days"
        Membership = Pool().get('party.membership')
        self.refused([
                (["Start Date"], lambda: self.create(
                        start_date=END, end_date=START))], ValidationError)
        called = Membership(self.called)
        active = self.create(
            start_date=END + dt.timedelta(days=1),
            end_date=END + dt.timedelta(days=9), state='active')
        self.refused([
                ([called.number],
                    lambda: Membership.end([called], TODAY, 'resignation')),
                ([active.rec_name, self.format(active.end_date)],
                    lambda: Membership.end([active], TODAY, 'resignation')),
                ], MembershipEndError)

    def test_renewed(self):
        "Who renewed already is not called, and it is said by which number"
        pool = Pool()
        Campaign = pool.get('party.membership.campaign')
        Line = pool.get('party.membership.campaign.line')
        Membership = pool.get('party.membership')
        Membership.write([Membership(self.called)], {'state': 'active'})
        campaign, = Campaign.create([{
                    'name': "Un an de plus", 'from_date': END,
                    'to_date': END}])
        Campaign.prepare([campaign])
        line, = campaign.lines
        renewal = self.create(
            start_date=END + dt.timedelta(days=1),
            end_date=END + dt.timedelta(days=365))
        before = self.count()
        Campaign.call([campaign])
        Line.call_renewals([line])
        line = Line(line.id)
        self.assertIn(renewal.rec_name, line.problem)
        self.assertEqual((line.state, self.count()), ('to_call', before))
        self.refused([
                (["Un an de plus"],
                    lambda: Campaign.remind([Campaign(campaign.id)]))],
            CampaignError)

    def test_call(self):
        "What can't be called says what is missing"
        pool = Pool()
        Address = pool.get('party.address')
        Fee = pool.get('party.membership.fee')
        Membership = pool.get('party.membership')
        Type = pool.get('party.membership.type')
        next_year = END + dt.timedelta(days=1)
        membership = self.create(
            start_date=next_year, end_date=next_year)
        type_ = membership.type

        def change(function):
            function()
            Membership.call([Membership(membership.id)])
        self.refused([
                ([type_.name, "École Nord", self.format(next_year)],
                    lambda: change(lambda: Fee.write(
                            list(type_.fees), {'end_date': END}))),
                (["École Nord", "address"],
                    lambda: change(lambda: Address.write(
                            list(membership.party.addresses),
                            {'active': False}))),
                ([type_.name, "legal kind"], lambda: change(lambda: (
                            Type.write([type_], {'targets': ['company']}),
                            membership.party.__class__.write(
                                [membership.party],
                                {'legal_kind': 'individual'})))),
                ], MembershipCallError)

    def test_fee(self):
        "A part of a fee is above zero: who pays nothing has a type without"
        Fee = Pool().get('party.membership.fee')
        fee, *_ = Pool().get('party.membership.type')(self.type).fees
        self.refused([
                (["Amount"], lambda v=v: Fee.write([fee], {'amount': v}))
                for v in [Decimal(0), Decimal(-1)]], ValidationError)

    def test_identifiers(self):
        "A wrong number is told with whose it is"
        Identifier = Pool().get('party.identifier')
        address, *_ = Pool().get('party.party')(self.school).addresses

        def create(**values):
            return lambda: Identifier.create(
                [{'party': self.school, **values}])
        self.refused([
                ([code, "École Nord"], create(type=type_, code=code))
                for type_, code in [
                    ('fr_uai', '0750655D'), ('fr_uai', '075'),
                    ('fr_rna', '332098765W'), ('fr_siren', '404833040')]] + [
                ([code, "École Nord"], create(
                        type='fr_siret', code=code, address=address.id))
                for code in ['40483304800023', '404833048']],
            InvalidIdentifierCode)

    def test_bounce(self):
        "What came back is no more sent: a letter is printed"
        pool = Pool()
        Campaign = pool.get('party.membership.campaign')
        Line = pool.get('party.membership.campaign.line')
        Membership = pool.get('party.membership')
        Message = pool.get('party.membership.message')
        Membership.write([Membership(self.called)], {'state': 'active'})
        campaign, = Campaign.create([{
                    'name': "Un an de plus", 'from_date': END,
                    'to_date': END}])
        Campaign.prepare([campaign])
        line, = campaign.lines
        Line.call_renewals([line])
        Campaign.write([campaign], {})
        with outbox() as messages:
            Line.send_letter([Line(line.id)], 'call')
        self.assertEqual(len(messages), 1)
        Message.bounce(list(Line(line.id).messages))
        with outbox() as messages:
            Line.remind([Line(line.id)])
        self.assertEqual(messages, [])
        self.assertEqual(Line(line.id).channel, 'paper')
        self.refused([
                (["Un an de plus", "e-mail"],
                    lambda: Campaign.remind([Campaign(campaign.id)]))],
            CampaignError)

    def test_support(self):
        "A wrong address, or nobody with a right, is told with the request"
        Request = Pool().get('support.request')
        request, waiting = Request.create([
                {'subject': "Souris", 'contact': "Zoé", 'state': state}
                for state in ['open', 'assessed']])
        self.refused([
                (["pas une adresse"], lambda: Request.create([{
                                'subject': "Clavier",
                                'email': "pas une adresse"}])),
                ([waiting.number], lambda: Request.wait([waiting])),
                ([request.number], lambda: Request.resolve([request])),
                ([request.number], lambda: Request.delete([request])),
                ], SupportError)
        self.refused([
                ([request.number, "Zoé", "not a member"],
                    lambda: Request.assess([request]))], SupportRightError)

    def test_assembly(self):
        "An assembly without members, or before its day, does not open"
        Assembly = Pool().get('party.membership.assembly')
        empty, early = Assembly.create([{
                    'name': name, 'date': date, 'voters_date': TODAY,
                    'state': state,
                    } for name, date, state in [
                    ("Sans personne", TODAY, 'draft'),
                    ("Trop tôt", TODAY + dt.timedelta(days=9), 'convened')]])
        self.refused([
                (["Sans personne", self.format(TODAY)],
                    lambda: Assembly.convene([empty])),
                (["Trop tôt", self.format(early.date)],
                    lambda: Assembly.open_([early])),
                ], AssemblyError)
