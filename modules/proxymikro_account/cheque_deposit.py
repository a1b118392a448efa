# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Cheques taken to the bank on a slip, which the bank credits as one amount.

A cheque is booked the day it is received, on the account of the cheques to
deposit. The slip lists those the bank gets; the line of the statement which
credits the slip clears them together.
"""
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Workflow, fields
from trytond.modules.company import CompanyReport
from trytond.modules.currency.fields import Monetary
from trytond.modules.proxymikro_base.report import HTMLReportMixin
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction

from .account import find_account
from .cheque_deposit_line import get_drawer
from .exceptions import ChequeDepositError

ACCOUNT = 'account_fr.5112'


class ChequeDeposit(Workflow, ModelSQL, ModelView):
    __name__ = 'account.cheque.deposit'

    _draft = {
        'readonly': Eval('state') != 'draft',
        }
    _started = {
        'readonly': (Eval('state') != 'draft') | Bool(Eval('cheques', [0])),
        }

    company = fields.Many2One(
        'company.company', "Company", required=True, states=_started)
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    date = fields.Date("Date", required=True, states=_draft)
    journal = fields.Many2One(
        'account.statement.journal', "Bank", required=True, states=_draft,
        domain=[
            ('company', '=', Eval('company', -1)),
            ('currency', '=', Eval('currency', -1)),
            ],
        help="The bank account which is credited.")
    account = fields.Many2One(
        'account.account', "Cheques to Deposit", required=True,
        states=_started,
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type', '!=', None),
            ('closed', '!=', True),
            ('reconcile', '=', True),
            ('party_required', '!=', True),
            ],
        help="The account where cheques wait for the bank.")
    reference = fields.Char(
        "Slip Number", states=_draft,
        help="The number printed on the slip of the bank, which its statement "
        "may quote.")
    cheques = fields.One2Many(
        'account.cheque.deposit.line', 'deposit', "Cheques", states=_draft)
    amount = fields.Function(
        Monetary("Amount", currency='currency', digits='currency'),
        'on_change_with_amount')
    pending = fields.Function(
        Monetary(
            "Awaited from the Bank", currency='currency', digits='currency',
            states={'invisible': Eval('state') != 'deposited'}),
        'get_pending')
    state = fields.Selection([
            ('draft', "Draft"),
            ('deposited', "Deposited"),
            ('cancelled', "Cancelled"),
            ], "State", required=True, readonly=True, sort=False)
    del _draft, _started

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._transitions |= {
            ('draft', 'deposited'),
            ('deposited', 'cancelled'),
            }
        cls._buttons.update({
                'fill': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'deposit': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'cancel': {
                    'invisible': Eval('state') != 'deposited',
                    'depends': ['state'],
                    },
                })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_account(cls):
        Company = Pool().get('company.company')
        company = cls.default_company()
        if company is not None and company >= 0:
            account = find_account(Company(company), ACCOUNT)
            return account.id if account else None

    @classmethod
    def default_journal(cls):
        "Return the only bank account there is"
        Journal = Pool().get('account.statement.journal')
        journals = Journal.search(
            [('company', '=', cls.default_company())], limit=2)
        return journals[0].id if len(journals) == 1 else None

    @classmethod
    def default_state(cls):
        return 'draft'

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @fields.depends('cheques')
    def on_change_with_amount(self, name=None):
        return sum((c.amount or 0 for c in self.cheques or []), Decimal(0))

    @classmethod
    def get_pending(cls, deposits, name):
        lines = cls.get_pending_lines(deposits)
        return {
            d.id: sum((l.debit - l.credit for l in lines[d]), Decimal(0))
            for d in deposits}

    @classmethod
    def get_pending_lines(cls, deposits):
        "Return by slip its cheques to clear, and what the bank sent of them"
        MoveLine = Pool().get('account.move.line')
        lines = {
            d: [c.line for c in d.cheques
                if c.line and not c.line.reconciliation]
            for d in deposits}
        for line in MoveLine.search([
                    ('origin.related_to', 'in', [str(d) for d in deposits],
                        'account.statement.line'),
                    ('reconciliation', '=', None),
                    ('move.company', 'in', [d.company.id for d in deposits]),
                    ]):
            deposit = line.origin.related_to
            if line.account == deposit.account:
                lines[deposit].append(line)
        return lines

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return gettext(
            'proxymikro_account.msg_cheque_deposit_name',
            date=lang.strftime(self.date), reference=self.reference or '',
            amount=lang.currency(self.amount, self.currency)).strip()

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('reference', *clause[1:])]

    @classmethod
    def check_modification(cls, mode, deposits, values=None, external=False):
        super().check_modification(
            mode, deposits, values=values, external=external)
        if mode == 'delete' or (mode == 'write' and external):
            for deposit in deposits:
                if deposit.state != 'draft':
                    raise ChequeDepositError(gettext(
                            'proxymikro_account.msg_cheque_deposit_modify',
                            deposit=deposit.rec_name))

    @classmethod
    def copy(cls, deposits, default=None):
        default = default.copy() if default is not None else {}
        for name in ['reference', 'cheques']:
            default.setdefault(name)
        default.setdefault('state', 'draft')
        return super().copy(deposits, default=default)

    @classmethod
    @ModelView.button
    def fill(cls, deposits):
        "List the cheques received which are on no slip"
        Cheque = Pool().get('account.cheque.deposit.line')
        to_save, taken = [], set()
        for deposit in deposits:
            for line in cls._get_waiting(deposit):
                if line not in taken:
                    taken.add(line)
                    to_save.append(Cheque(
                            deposit=deposit, line=line, amount=line.debit,
                            drawer=get_drawer(line)))
        Cheque.save(to_save)

    @classmethod
    def _get_waiting(cls, deposit):
        pool = Pool()
        Cheque = pool.get('account.cheque.deposit.line')
        MoveLine = pool.get('account.move.line')
        listed = Cheque.search([
                ('line', '!=', None),
                ('line.reconciliation', '=', None),
                ('deposit.company', '=', deposit.company.id),
                ])
        return MoveLine.search([
                ('account', '=', deposit.account.id),
                ('move.state', '=', 'posted'),
                ('reconciliation', '=', None),
                ('debit', '>', 0),
                ('date', '<=', deposit.date),
                ('id', 'not in', [c.line.id for c in listed]),
                ], order=[('date', 'ASC'), ('id', 'ASC')])

    @classmethod
    @ModelView.button
    @Workflow.transition('deposited')
    def deposit(cls, deposits):
        "Book the cheques that nothing booked yet, and close the slip"
        pool = Pool()
        Cheque = pool.get('account.cheque.deposit.line')
        Move = pool.get('account.move')
        moves, cheques = [], []
        for deposit in deposits:
            if not deposit.cheques:
                raise ChequeDepositError(gettext(
                        'proxymikro_account.msg_cheque_deposit_empty',
                        deposit=deposit.rec_name))
            for cheque in deposit.cheques:
                if cheque.line:
                    cheque.check_line()
                else:
                    cheques.append(cheque)
                    moves.append(cheque.get_move())
        Move.save(moves)
        for cheque, move in zip(cheques, moves):
            cheque.line, = [
                l for l in move.lines if l.account == cheque.deposit.account
                and l.debit == cheque.amount]
        Move.post(moves)
        Cheque.save(cheques)

    @classmethod
    @ModelView.button
    @Workflow.transition('cancelled')
    def cancel(cls, deposits):
        "Void the slips: their cheques wait for another one"
        pool = Pool()
        Cheque = pool.get('account.cheque.deposit.line')
        StatementLine = pool.get('account.statement.line')
        used = {l.related_to for l in StatementLine.search([
                    ('related_to', 'in', [str(d) for d in deposits]),
                    ('statement.state', '!=', 'cancelled'),
                    ])}
        cheques = [c for d in deposits for c in d.cheques]
        used.update(
            c.deposit for c in cheques if c.line and c.line.reconciliation)
        for deposit in used:
            raise ChequeDepositError(gettext(
                    'proxymikro_account.msg_cheque_deposit_cancel',
                    deposit=deposit.rec_name))
        Cheque.write(cheques, {'line': None})


class Move(metaclass=PoolMeta):
    __name__ = 'account.move'

    @classmethod
    def _get_origin(cls):
        return [*super()._get_origin(), 'account.cheque.deposit']


class Replace(metaclass=PoolMeta):
    __name__ = 'party.replace'

    @classmethod
    def fields_to_replace(cls):
        return [
            *super().fields_to_replace(),
            ('account.cheque.deposit.line', 'party'),
            ]


class ChequeDepositSlip(HTMLReportMixin, CompanyReport):
    __name__ = 'account.cheque.deposit.slip'
