# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the treasurer looks at in the morning: cash, what is owed, income."""
import datetime as dt

from sql import Literal, Null
from sql.aggregate import Count, Sum
from sql.conditionals import Case, Coalesce

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.transaction import Transaction

from .account import find_accounts
from .annual_statement_figure import closing_moves

CASH_ACCOUNTS = ['account_fr.51', 'account_fr.53']
# Days since it was due, the last has no end
AGES = [0, 30, 60, 90]


def get_company():
    return Transaction().context.get('company', -1)


def posted_lines():
    "Return the join of the posted lines of the company, and its tables"
    pool = Pool()
    account = pool.get('account.account').__table__()
    line = pool.get('account.move.line').__table__()
    move = pool.get('account.move').__table__()
    type_ = pool.get('account.account.type').__table__()
    query = (line
        .join(move, condition=(line.move == move.id)
            & (move.company == get_company()) & (move.state == 'posted'))
        .join(account, condition=line.account == account.id)
        .join(type_, condition=account.type == type_.id))
    return query, line, move, account, type_


class TreasuryMixin:
    __slots__ = ()
    amount = Monetary("Amount", currency='currency', digits='currency')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"), 'get_currency')

    @classmethod
    def get_currency(cls, records, name):
        Company = Pool().get('company.company')
        currency = Company(get_company()).currency.id if records else None
        return dict.fromkeys(map(int, records), currency)


class TreasuryCash(TreasuryMixin, ModelSQL, ModelView):
    __name__ = 'account.treasury.cash'

    account = fields.Many2One('account.account', "Account")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('account', 'ASC'), ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        "Return what each account of the bank and of the cash box holds"
        accounts = find_accounts(get_company(), CASH_ACCOUNTS)
        query, line, _, account, _ = posted_lines()
        amount = Sum(line.debit - line.credit)
        return query.select(
            account.id.as_('id'), account.id.as_('account'),
            cls.amount.sql_cast(amount).as_('amount'),
            where=fields.SQL_OPERATORS['in'](
                account.id, [a.id for a in accounts] or [-1]),
            group_by=account.id, having=amount != 0)


class TreasuryReceivable(TreasuryMixin, ModelSQL, ModelView):
    __name__ = 'account.treasury.receivable'

    label = fields.Function(fields.Char("Late By"), 'get_label')
    count = fields.Integer("Entries")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('id', 'ASC')]

    @classmethod
    def table_query(cls):
        "Return what the members and the buyers owe, by how late it is"
        today = Pool().get('ir.date').today()
        query, line, move, account, type_ = posted_lines()
        due = Coalesce(line.maturity_date, move.date)
        age = Case(*[
                (due >= today - dt.timedelta(days=days), rank)
                for rank, days in enumerate(AGES, 1)],
            else_=len(AGES) + 1)
        # The age is a column: its parameters can't be grouped by
        lines = query.select(
            age.as_('age'), line.debit, line.credit,
            where=(type_.receivable == Literal(True))
            & (line.reconciliation == Null))
        return lines.select(
            lines.age.as_('id'), Count(Literal('*')).as_('count'),
            cls.amount.sql_cast(
                Sum(lines.debit - lines.credit)).as_('amount'),
            group_by=lines.age)

    def get_label(self, name):
        if self.id == 1:
            return gettext('proxymikro_account.msg_treasury_not_due')
        if self.id > len(AGES):
            return gettext(
                'proxymikro_account.msg_treasury_later', start=AGES[-1])
        return gettext(
            'proxymikro_account.msg_treasury_late',
            start=AGES[self.id - 2] + 1, end=AGES[self.id - 1])


class TreasuryIncome(TreasuryMixin, ModelSQL, ModelView):
    __name__ = 'account.treasury.income'

    type = fields.Many2One('account.account.type', "Origin")
    label = fields.Function(fields.Char("Origin"), 'get_label')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('amount', 'DESC'), ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        "Return where the income of the fiscal year comes from"
        start, end = Pool().get('account.threshold').get_dates('fiscal')
        query, line, move, _, type_ = posted_lines()
        closing = closing_moves(get_company())
        query = query.join(
            closing, 'LEFT', condition=move.id == closing.id)
        amount = Sum(line.credit - line.debit)
        return query.select(
            type_.id.as_('id'), type_.id.as_('type'),
            cls.amount.sql_cast(amount).as_('amount'),
            where=(type_.statement == 'income')
            & (type_.revenue == Literal(True))
            & (move.date >= start) & (move.date <= end)
            & (closing.id == Null),
            group_by=type_.id, having=amount != 0)

    @classmethod
    def get_label(cls, incomes, name):
        "Return the label that a graph shows"
        return {i.id: i.type.name for i in incomes}
