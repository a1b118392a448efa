# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The income from resale beside the accounts it must be equal to."""
from sql import Cast, Literal, Window
from sql.aggregate import Count, Sum
from sql.conditionals import Case, Coalesce
from sql.functions import Round, RowNumber

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.transaction import Transaction

from .income_query import in_, is_closing, resale_accounts
from .product import COMPONENT_KINDS

# More than the periods that there will ever be, in the identifier of a row
PERIODS = 1_000_000


class IncomeTotal(ModelSQL, ModelView):
    __name__ = 'recycling.income.total'

    account = fields.Many2One('account.account', "Account")
    period = fields.Many2One('account.period', "Period")
    month = fields.Char("Month")
    ledger = Monetary(
        "Account", currency='currency', digits='currency',
        help="What the posted entries brought, without those which close a "
        "year.")
    income = Monetary(
        "Income", currency='currency', digits='currency',
        help="The sum of the rows of the income from resale.")
    difference = Monetary(
        "Difference", currency='currency', digits='currency',
        help="Must be zero.")
    unexplained = Monetary(
        "To Be Explained", currency='currency', digits='currency',
        help="The part of the income without invoice or lot.")
    draft = Monetary(
        "Draft Entries", currency='currency', digits='currency',
        help="Not counted: what the books will have once they are posted.")
    closing = Monetary(
        "Closing Entries", currency='currency', digits='currency',
        help="Not counted: what the closing of the year takes out of the "
        "account.")
    currency = fields.Many2One('currency.currency', "Currency")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('period.start_date', 'ASC'), ('account', 'ASC'), ('id', 'ASC')]

    def get_rec_name(self, name):
        return f'{self.account.rec_name} {self.month}'

    @classmethod
    def _ledger(cls):
        "Return what the books say by account and period"
        pool = Pool()
        context = Transaction().context
        line = pool.get('account.move.line').__table__()
        move = pool.get('account.move').__table__()
        accounts = [a.id for a in resale_accounts()]
        if account := context.get('income_account'):
            accounts = [a for a in accounts if a == account]
        where = in_(line.account, accounts or [-1])
        if start := context.get('income_start_date'):
            where &= move.date >= start
        if end := context.get('income_end_date'):
            where &= move.date <= end
        cast = cls.ledger.sql_cast
        amount = cast(line.credit) - cast(line.debit)
        kind = Case(
            (move.state != 'posted', 'draft'),
            (is_closing(move), 'closing'),
            else_='ledger')
        # A column first: the parameters of a case can't be grouped by
        lines = line.join(move, condition=line.move == move.id).select(
            line.account, move.period, move.company, amount.as_('amount'),
            kind.as_('kind'), where=where)
        return lines.select(
            lines.account, lines.period, lines.company,
            *(Sum(Case((lines.kind == name, lines.amount),
                        else_=Literal(0))).as_(name)
                for name in ['ledger', 'draft', 'closing']),
            group_by=[lines.account, lines.period, lines.company])

    @classmethod
    def table_query(cls):
        pool = Pool()
        rows = pool.get('recycling.income').sums_query()
        period = pool.get('account.period').__table__()
        company = pool.get('company.company').__table__()
        ledger = cls._ledger()
        income = rows.select(
            rows.account, rows.period, Sum(rows.amount).as_('amount'),
            Sum(Case((rows.unexplained, rows.amount),
                    else_=Literal(0))).as_('unexplained'),
            group_by=[rows.account, rows.period])

        def amount(expression):
            cast = cls.ledger.sql_cast
            return cast(Round(cast(Coalesce(expression, 0)), 2))

        return (ledger
            .join(period, condition=ledger.period == period.id)
            .join(company, condition=ledger.company == company.id)
            .join(income, 'LEFT',
                condition=(income.account == ledger.account)
                & (income.period == ledger.period))
            .select(
                (Cast(ledger.account, 'BIGINT') * Literal(PERIODS)
                    + ledger.period).as_('id'),
                ledger.account, ledger.period, period.name.as_('month'),
                *(amount(getattr(ledger, name)).as_(name)
                    for name in ['ledger', 'draft', 'closing']),
                amount(income.amount).as_('income'),
                amount(income.unexplained).as_('unexplained'),
                amount(ledger.ledger - Coalesce(income.amount, 0)
                    ).as_('difference'),
                company.currency.as_('currency')))

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(Eval('difference', 0) != 0, 'danger', '')),
            ]


class IncomeKind(ModelSQL, ModelView):
    __name__ = 'recycling.income.kind'

    kind = fields.Selection(COMPONENT_KINDS, "Kind of Part", sort=False)
    kind_string = kind.translated('kind')
    label = fields.Function(fields.Char("Kind of Part"), 'get_label')
    rows = fields.Integer("Rows")
    weight = fields.Float("Weight (kg)", digits=(None, 3))
    amount = Monetary("Amount", currency='currency', digits='currency')
    currency = fields.Many2One('currency.currency', "Currency")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('amount', 'DESC'), ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        rows = Pool().get('recycling.income').sums_query()
        cast = cls.amount.sql_cast
        kinds = rows.select(
            rows.kind, rows.currency, Count(rows.id).as_('rows'),
            Sum(rows.weight).as_('weight'), Sum(rows.amount).as_('amount'),
            group_by=[rows.kind, rows.currency])
        return kinds.select(
            RowNumber(window=Window(
                    [], order_by=[kinds.kind.asc])).as_('id'),
            kinds.kind, kinds.currency, kinds.rows, kinds.weight,
            cast(Round(cast(kinds.amount), 2)).as_('amount'))

    @classmethod
    def get_label(cls, kinds, name):
        "Return the name that a graph shows"
        return {
            k.id: k.kind_string if k.kind else gettext(
                'proxymikro_recycling.msg_income_no_kind') for k in kinds}
