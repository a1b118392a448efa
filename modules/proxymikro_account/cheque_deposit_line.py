# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The cheques of a slip: in the books already, or booked with it."""
from trytond.i18n import gettext
from trytond.model import (
    ModelSQL, ModelView, Unique, fields, sequence_ordered)
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Bool, Eval

from .account import two_line_move
from .exceptions import ChequeDepositError


class ChequeDepositLine(sequence_ordered(), ModelSQL, ModelView):
    __name__ = 'account.cheque.deposit.line'

    _draft = {
        'readonly': Eval('deposit_state') != 'draft',
        }
    _typed = {
        'readonly': (Eval('deposit_state') != 'draft') | Bool(Eval('line')),
        }

    deposit = fields.Many2One(
        'account.cheque.deposit', "Slip", required=True, ondelete='CASCADE',
        states=_draft)
    deposit_state = fields.Function(
        fields.Selection('get_deposit_states', "State of the Slip"),
        'on_change_with_deposit_state')
    company = fields.Function(
        fields.Many2One('company.company', "Company"),
        'on_change_with_company')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    line = fields.Many2One(
        'account.move.line', "Entry", ondelete='RESTRICT', states=_draft,
        domain=[
            ('account', '=', Eval('_parent_deposit', {}).get('account', -1)),
            ('move_state', '=', 'posted'),
            ('debit', '>', 0),
            ],
        help="The line of the books where the cheque was received: the "
        "payment of an invoice, a gift…\nEmpty: it is booked with the slip.")
    party = fields.Many2One(
        'party.party', "Party",
        states={
            **_typed,
            'invisible': Bool(Eval('line')),
            },
        context={'company': Eval('company', -1)}, depends={'company'})
    drawer = fields.Char(
        "Drawer", required=True, states=_draft,
        help="The name written on the cheque, which may be another one than "
        "that of who pays.")
    bank = fields.Char(
        "Bank of the Cheque", states=_draft,
        help="The bank which pays the cheque.")
    number = fields.Char("Cheque Number", states=_draft)
    amount = Monetary(
        "Amount", currency='currency', digits='currency', required=True,
        domain=[('amount', '>', 0)], states=_typed)
    account = fields.Many2One(
        'account.account', "Account",
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type', '!=', None),
            ('closed', '!=', True),
            ],
        states={
            **_typed,
            'invisible': Bool(Eval('line')) & ~Bool(Eval('account')),
            'required': ~Bool(Eval('line')) & (
                Eval('deposit_state') == 'draft'),
            },
        help="What a cheque booked with the slip pays: what the party owes, "
        "or an income.")
    del _draft, _typed

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls.__access__.add('deposit')
        cls._sql_constraints += [
            ('line_unique', Unique(t, t.line),
                'proxymikro_account.msg_cheque_deposit_line_unique'),
            ]

    @classmethod
    def get_deposit_states(cls):
        Deposit = Pool().get('account.cheque.deposit')
        return Deposit.fields_get(['state'])['state']['selection']

    @classmethod
    def default_deposit_state(cls):
        return 'draft'

    @fields.depends('deposit', '_parent_deposit.state')
    def on_change_with_deposit_state(self, name=None):
        return self.deposit.state if self.deposit else 'draft'

    @fields.depends('deposit', '_parent_deposit.company')
    def on_change_with_company(self, name=None):
        return self.deposit.company if self.deposit else None

    @fields.depends('deposit', '_parent_deposit.company')
    def on_change_with_currency(self, name=None):
        if self.deposit and self.deposit.company:
            return self.deposit.company.currency

    @fields.depends('line', 'drawer')
    def on_change_line(self):
        if self.line:
            self.amount = self.line.debit
            self.party = self.account = None
            self.drawer = self.drawer or get_drawer(self.line)

    @fields.depends('party', 'drawer', 'account', 'deposit',
        '_parent_deposit.company')
    def on_change_party(self):
        if self.party:
            self.drawer = self.drawer or self.party.name
            if not self.account:
                self.account = self.party.account_receivable_used

    def get_rec_name(self, name):
        return ' '.join(filter(None, [self.drawer, self.number]))

    @classmethod
    def check_modification(cls, mode, lines, values=None, external=False):
        super().check_modification(
            mode, lines, values=values, external=external)
        if mode in {'create', 'delete'} or external:
            for line in lines:
                if line.deposit.state != 'draft':
                    raise ChequeDepositError(gettext(
                            'proxymikro_account.msg_cheque_deposit_modify',
                            deposit=line.deposit.rec_name))

    def check_line(self):
        "Check that the cheque still waits, for the amount of the slip"
        if self.line.reconciliation or self.line.debit != self.amount:
            raise ChequeDepositError(gettext(
                    'proxymikro_account.msg_cheque_deposit_line',
                    cheque=self.rec_name, deposit=self.deposit.rec_name))

    def get_move(self):
        if self.account.party_required and not self.party:
            raise ChequeDepositError(gettext(
                    'proxymikro_account.msg_cheque_deposit_party',
                    cheque=self.rec_name))
        deposit = self.deposit
        return two_line_move(
            deposit.company, deposit.date, 'account.journal_cash',
            deposit.account, self.account, self.amount,
            party=self.party, origin=deposit, description=self.rec_name)


def get_drawer(line):
    "Return the name of who is named in the entry of the cheque"
    parties = [
        line.party, getattr(line.move.origin, 'party', None),
        *(l.party for l in line.move.lines)]
    names = [p.name for p in parties if p and p.name]
    return names[0] if names else line.description_used or line.move.rec_name
