# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The cash box counted, coin by coin, against what the books say.

A count which is confirmed is a piece of evidence: it keeps the balance of the
books on that day, and its difference is booked.
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

from .account import find_account, two_line_move
from .exceptions import CashCountError, CashCountWarning
from .transfer import CASH, get_money_accounts

ACCOUNT = 'account_fr.5311'
SHORTAGE = 'proxymikro_account.6588'
SURPLUS = 'proxymikro_account.7588'
# The notes and the coins in euros
DENOMINATIONS = [
    '200', '100', '50', '20', '10', '5', '2', '1', '0.50', '0.20', '0.10',
    '0.05', '0.02', '0.01']


class CashCount(Workflow, ModelSQL, ModelView):
    __name__ = 'account.cash.count'

    _draft = {
        'readonly': Eval('state') != 'draft',
        }

    company = fields.Many2One(
        'company.company', "Company", required=True, readonly=True)
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    accounts = fields.Function(
        fields.Many2Many('account.account', None, None, "Cash Boxes"),
        'on_change_with_accounts')
    date = fields.Date(
        "Date", required=True, states=_draft,
        help="The count is done in the evening, after the last entry of the "
        "day.")
    account = fields.Many2One(
        'account.account', "Cash Box", required=True, states=_draft,
        domain=[('id', 'in', Eval('accounts', []))])
    counted_by = fields.Char("Counted By", required=True, states=_draft)
    witness = fields.Char(
        "Witness", states=_draft,
        help="Who counted too.")
    lines = fields.One2Many(
        'account.cash.count.line', 'count', "Notes and Coins",
        states=_draft)
    counted = fields.Function(
        Monetary("Counted", currency='currency', digits='currency'),
        'on_change_with_counted')
    frozen_balance = Monetary(
        "Balance When Confirmed", currency='currency', digits='currency',
        readonly=True)
    balance = fields.Function(
        Monetary(
            "Balance of the Books", currency='currency', digits='currency',
            help="What is posted up to the day of the count; kept as it was "
            "when the count was confirmed."),
        'on_change_with_balance')
    difference = fields.Function(
        Monetary(
            "Difference", currency='currency', digits='currency',
            help="Above zero, there is more money than in the books."),
        'on_change_with_difference')
    reason = fields.Text(
        "Reason of the Difference",
        states={
            **_draft,
            'invisible': (
                ~Bool(Eval('difference', 0)) & ~Bool(Eval('reason'))),
            },
        help="What was found out: a forgotten ticket, an error of change…")
    move = fields.Many2One(
        'account.move', "Entry of the Difference", readonly=True,
        ondelete='RESTRICT')
    cancel_move = fields.Many2One(
        'account.move', "Cancel Move", readonly=True, ondelete='RESTRICT',
        states={'invisible': ~Bool(Eval('cancel_move'))})
    state = fields.Selection([
            ('draft', "Draft"),
            ('confirmed', "Confirmed"),
            ('cancelled', "Cancelled"),
            ], "State", required=True, readonly=True, sort=False)
    del _draft

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._transitions |= {
            ('draft', 'confirmed'),
            ('confirmed', 'cancelled'),
            }
        cls._buttons.update({
                'confirm': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'cancel': {
                    'invisible': Eval('state') != 'confirmed',
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
        "Return the cash box in euros"
        Company = Pool().get('company.company')
        company = cls.default_company()
        if company is not None and company >= 0:
            account = find_account(Company(company), ACCOUNT)
            return account.id if account else None

    @classmethod
    def default_counted_by(cls):
        User = Pool().get('res.user')
        return User(Transaction().user).name

    @classmethod
    def default_lines(cls):
        return [
            {'value': Decimal(value), 'quantity': 0}
            for value in DENOMINATIONS]

    @classmethod
    def default_state(cls):
        return 'draft'

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @fields.depends('company')
    def on_change_with_accounts(self, name=None):
        return self._get_accounts(self.company.id if self.company else None)

    @classmethod
    def _get_accounts(cls, company_id):
        "Return the ids of the cash boxes no statement is imported for"
        pool = Pool()
        Company = pool.get('company.company')
        Journal = pool.get('account.statement.journal')
        if company_id is None or company_id < 0:
            return []
        banks = {
            j.account for j in Journal.search([('company', '=', company_id)])}
        return [
            a.id for a in get_money_accounts(Company(company_id), CASH)
            if a not in banks]

    @fields.depends('lines')
    def on_change_with_counted(self, name=None):
        return sum((l.get_amount() for l in self.lines or []), Decimal(0))

    @fields.depends('state', 'frozen_balance', 'account', 'date', 'company')
    def on_change_with_balance(self, name=None):
        if self.state != 'draft':
            return self.frozen_balance
        if self.account and self.date:
            return self._get_balance()

    def _get_balance(self):
        Account = Pool().get('account.account')
        with Transaction().set_context(
                company=self.company.id, date=self.date, posted=True,
                fiscalyear=None):
            return Account(self.account.id).balance

    @fields.depends(methods=[
            'on_change_with_balance', 'on_change_with_counted'])
    def on_change_with_difference(self, name=None):
        balance = self.on_change_with_balance()
        if balance is not None:
            return self.on_change_with_counted() - balance

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return f'{self.account.rec_name}, {lang.strftime(self.date)}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('account.rec_name', *clause[1:])]

    @classmethod
    def check_modification(cls, mode, counts, values=None, external=False):
        super().check_modification(
            mode, counts, values=values, external=external)
        if mode == 'delete' or (mode == 'write' and external):
            for count in counts:
                if count.state != 'draft':
                    raise CashCountError(gettext(
                            'proxymikro_account.msg_cash_count_modify',
                            count=count.rec_name))

    @classmethod
    def copy(cls, counts, default=None):
        default = default.copy() if default is not None else {}
        for name in ['frozen_balance', 'reason', 'move', 'cancel_move']:
            default.setdefault(name)
        default.setdefault('state', 'draft')
        return super().copy(counts, default=default)

    @classmethod
    @ModelView.button
    @Workflow.transition('confirmed')
    def confirm(cls, counts):
        "Keep the balance of the books, and book what differs from it"
        pool = Pool()
        Move = pool.get('account.move')
        moves = []
        for count in counts:
            count.frozen_balance = count._get_balance()
            difference = count.counted - count.frozen_balance
            if difference:
                count._check_difference(difference)
                count.move = count._get_move(difference)
                moves.append(count.move)
        Move.save(moves)
        cls.save(counts)
        Move.post(moves)

    def _check_difference(self, difference):
        "Check that the difference is explained, and that it is wanted"
        pool = Pool()
        Warning = pool.get('res.user.warning')
        amount = pool.get('ir.lang').get().currency(difference, self.currency)
        if not self.reason:
            raise CashCountError(gettext(
                    'proxymikro_account.msg_cash_count_reason',
                    count=self.rec_name, amount=amount))
        key = Warning.format('cash_count_difference', [self])
        if Warning.check(key):
            raise CashCountWarning(key, gettext(
                    'proxymikro_account.msg_cash_count_difference',
                    count=self.rec_name, amount=amount))

    def _get_move(self, difference):
        other = find_account(
            self.company, SURPLUS if difference > 0 else SHORTAGE)
        if not other:
            raise CashCountError(gettext(
                    'proxymikro_account.msg_cash_count_account',
                    count=self.rec_name))
        amount = abs(difference)
        debit, credit = self.account, other
        if difference < 0:
            debit, credit = credit, debit
        return two_line_move(
            self.company, self.date, 'account.journal_cash',
            debit, credit, amount, origin=self,
            description=self.reason.splitlines()[0][:250])

    @classmethod
    @ModelView.button
    @Workflow.transition('cancelled')
    def cancel(cls, counts):
        "Void the counts and the entries of their differences"
        Move = Pool().get('account.move')
        moves = []
        for count in counts:
            if count.move:
                count.cancel_move = count.move.cancel()
                moves.append(count.cancel_move)
        cls.save(counts)
        Move.post(moves)


class CashCountLine(ModelSQL, ModelView):
    __name__ = 'account.cash.count.line'

    count = fields.Many2One(
        'account.cash.count', "Count", required=True, ondelete='CASCADE')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    value = Monetary(
        "Note or Coin", currency='currency', digits='currency', required=True,
        domain=[('value', '>', 0)])
    quantity = fields.Integer(
        "Number", required=True, domain=[('quantity', '>=', 0)])
    amount = fields.Function(
        Monetary("Amount", currency='currency', digits='currency'),
        'on_change_with_amount')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('count')
        cls._order = [('value', 'DESC'), ('id', 'ASC')]

    @fields.depends('count', '_parent_count.company')
    def on_change_with_currency(self, name=None):
        if self.count and self.count.company:
            return self.count.company.currency

    def get_amount(self):
        return (getattr(self, 'value', None) or Decimal(0)) * (
            getattr(self, 'quantity', None) or 0)

    @fields.depends('value', 'quantity')
    def on_change_with_amount(self, name=None):
        return self.get_amount()

    @classmethod
    def check_modification(cls, mode, lines, values=None, external=False):
        super().check_modification(
            mode, lines, values=values, external=external)
        for line in lines:
            if line.count.state != 'draft':
                raise CashCountError(gettext(
                        'proxymikro_account.msg_cash_count_modify',
                        count=line.count.rec_name))


class Move(metaclass=PoolMeta):
    __name__ = 'account.move'

    @classmethod
    def _get_origin(cls):
        return [*super()._get_origin(), 'account.cash.count']


class CashCountReport(HTMLReportMixin, CompanyReport):
    __name__ = 'account.cash.count.statement'
