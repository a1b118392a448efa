# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The fees of a campaign which are debited from who gave a mandate."""
import datetime as dt

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval
from trytond.transaction import without_check_access

from .exceptions import CampaignDebitError, MembershipDebitError


class Campaign(metaclass=PoolMeta):
    __name__ = 'party.membership.campaign'

    payment_journal = fields.Many2One(
        'account.payment.journal', "Debit Journal",
        domain=[
            ('company', '=', Eval('company', -1)),
            ('process_method', '=', 'sepa'),
            ],
        states={
            'readonly': Eval('state') != 'draft',
            },
        help="Leave empty to debit nobody.")
    debit_date = fields.Date(
        "Debit On",
        states={
            'required': Bool(Eval('payment_journal')),
            'invisible': ~Eval('payment_journal'),
            'readonly': Eval('state') == 'closed',
            },
        help="The day on which the fees are taken from the accounts.")
    debit_notice = fields.Integer(
        "Notice",
        domain=['OR', ('debit_notice', '=', None), ('debit_notice', '>', 0)],
        states={
            'required': Bool(Eval('payment_journal')),
            'invisible': ~Eval('payment_journal'),
            'readonly': Eval('state') == 'closed',
            },
        help="How many days before the debit the member is told at the "
        "latest: 14, unless its mandate says otherwise.")

    @classmethod
    def default_payment_journal(cls):
        "Return the journal when there is no choice"
        Journal = Pool().get('account.payment.journal')
        journals = Journal.search([
                ('company', '=', cls.default_company()),
                ('process_method', '=', 'sepa'),
                ], limit=2)
        return journals[0].id if len(journals) == 1 else None

    @classmethod
    def default_debit_notice(cls):
        # The pre-notification of the SEPA Core rulebook of the EPC
        return 14

    @property
    def first_debit_date(self):
        today = Pool().get('ir.date').today()
        return today + dt.timedelta(days=self.debit_notice)

    @classmethod
    @ModelView.button
    def prepare(cls, campaigns):
        for campaign in campaigns:
            if campaign.payment_journal:
                campaign.check_debit()
        super().prepare(campaigns)

    @classmethod
    @ModelView.button
    def call(cls, campaigns):
        for campaign in campaigns:
            if any(l.debit and l.state == 'to_call' for l in campaign.lines):
                campaign.check_debit()
        super().call(campaigns)

    @without_check_access
    def check_debit(self):
        "Refuse to debit without an identifier, or sooner than it may be told"
        party = self.company.party
        if not party.sepa_creditor_identifier_used:
            raise CampaignDebitError(gettext(
                    'proxymikro_membership.msg_campaign_creditor',
                    campaign=self.rec_name, company=party.rec_name))
        if self.debit_date < self.first_debit_date:
            raise CampaignDebitError(gettext(
                    'proxymikro_membership.msg_campaign_debit_date',
                    campaign=self.rec_name, days=self.debit_notice,
                    date=self._format_date(self.first_debit_date)))

    @classmethod
    @ModelView.button
    def send(cls, campaigns):
        cls.check_notice(campaigns)
        super().send(campaigns)

    @classmethod
    @without_check_access
    def check_notice(cls, campaigns):
        "Refuse to announce a debit too late"
        for campaign in campaigns:
            for line in campaign.lines:
                if 'call' in line.kinds:
                    continue
                for debit in line.debits:
                    if debit.date < campaign.first_debit_date:
                        raise CampaignDebitError(gettext(
                                'proxymikro_membership.msg_campaign_notice',
                                party=line.party.rec_name,
                                payment=debit.rec_name,
                                days=campaign.debit_notice,
                                date=cls._format_date(
                                    campaign.first_debit_date)))

    @staticmethod
    def _format_date(date):
        return Pool().get('ir.lang').get().strftime(date)

    @classmethod
    def copy(cls, campaigns, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('payment_journal', None)
        default.setdefault('debit_date', None)
        return super().copy(campaigns, default=default)


class CampaignLine(metaclass=PoolMeta):
    __name__ = 'party.membership.campaign.line'

    debit = fields.Boolean(
        "SEPA Debit",
        states={
            'readonly': Eval('state') != 'to_call',
            },
        help="Check to debit the fee from the account of the member, who gave "
        "a mandate. The call announces it and asks for nothing.")
    debit_state = fields.Function(
        fields.Selection('get_debit_states', "State of the Debit"),
        'get_debit_state')

    @classmethod
    def default_debit(cls):
        return False

    @classmethod
    def get_debit_states(cls):
        Payment = Pool().get('account.payment')
        return [(None, ""), *Payment.fields_get(['state'])['state'][
                'selection']]

    @classmethod
    @without_check_access
    def get_debit_state(cls, lines, name):
        Payment = Pool().get('account.payment')
        states = dict.fromkeys(map(int, lines))
        for payment in Payment.search(
                [('origin', 'in', [str(l) for l in lines])],
                order=[('id', 'ASC')]):
            states[payment.origin.id] = payment.state
        return states

    @classmethod
    def propose(cls, campaign, membership):
        line = super().propose(campaign, membership)
        line.debit = bool(
            campaign.payment_journal and line.channel != 'chorus'
            and not membership.gratis and line.mandate)
        return line

    @property
    def mandate(self):
        """The mandate under which the fees of the member are debited.

        It is a recurring one: core uses a one-off only once it has the
        payment.
        """
        for mandate in self.party.sepa_mandates:
            if (mandate.company == self.campaign.company
                    and mandate.type == 'recurrent' and mandate.is_valid):
                return mandate

    def _find_problem(self, last):
        problem = super()._find_problem(last)
        if not problem and self.debit:
            party = self.party.rec_name
            if self.channel == 'chorus':
                return gettext(
                    'proxymikro_membership.msg_campaign_debit_chorus',
                    party=party)
            if not self.campaign.payment_journal:
                return gettext(
                    'proxymikro_membership.msg_campaign_debit_journal',
                    party=party)
            if not self.mandate:
                return gettext(
                    'proxymikro_membership.msg_campaign_debit_mandate',
                    party=party)
            account = self.mandate.account_number.account
            if not account.bank:
                return gettext(
                    'proxymikro_membership.msg_campaign_debit_bank',
                    party=party, account=account.rec_name)
        return problem

    @classmethod
    def _call(cls, lines):
        super()._call(lines)
        cls._create_debits([l for l in lines if l.debit])

    @classmethod
    def _create_debits(cls, lines):
        "Leave to the treasury the payments of what the lines called"
        pool = Pool()
        Configuration = pool.get('account.configuration')
        Payment = pool.get('account.payment')
        payments = [
            line._get_debit(move_line) for line in lines
            if line.renewal.invoice
            for move_line in line.renewal.invoice.lines_to_pay
            if not move_line.reconciliation and move_line.payment_amount > 0]
        if payments:
            sequence = Configuration(1).get_multivalue(
                'payment_sequence', company=payments[0].company.id)
            for payment, number in zip(
                    payments, sequence.get_many(len(payments))):
                payment.number = number
            Payment.save(payments)

    def _get_debit(self, move_line):
        Payment = Pool().get('account.payment')
        return Payment(
            company=self.campaign.company,
            journal=self.campaign.payment_journal,
            kind='receivable', party=self.party,
            date=self.campaign.debit_date, amount=move_line.payment_amount,
            line=move_line, sepa_mandate=self.mandate, origin=self)

    @classmethod
    def _fixed_fields(cls):
        return super()._fixed_fields() | {'debit'}


class PrintLetters(metaclass=PoolMeta):
    __name__ = 'party.membership.campaign.print'

    def do_print_(self, action):
        Campaign = Pool().get('party.membership.campaign')
        if self.start.kind == 'call':
            Campaign.check_notice(self.records)
        return super().do_print_(action)


class Membership(metaclass=PoolMeta):
    __name__ = 'party.membership'

    @classmethod
    @ModelView.button
    @without_check_access
    def cancel(cls, memberships):
        "Withdraw the debits, unless the bank has them already"
        Payment = Pool().get('account.payment')
        drafts = []
        for membership in filter(lambda m: m.invoice, memberships):
            for debit in membership.invoice.debits:
                if debit.state != 'draft':
                    raise MembershipDebitError(gettext(
                            'proxymikro_membership.msg_membership_debited',
                            membership=membership.rec_name,
                            payment=debit.rec_name))
                drafts.append(debit)
        Payment.delete(drafts)
        super().cancel(memberships)


class Payment(metaclass=PoolMeta):
    __name__ = 'account.payment'

    @classmethod
    def _get_origin(cls):
        return super()._get_origin() + ['party.membership.campaign.line']
