# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What each type of account is worth at the end of a fiscal year.

One query adds up the posted lines by account and fiscal year; the rest is
addition along the tree of the types.
"""
from collections import defaultdict
from decimal import Decimal

from sql import Cast
from sql.aggregate import Sum
from sql.operators import Concat

from trytond import backend
from trytond.i18n import gettext
from trytond.pool import Pool
from trytond.tools import sqlite_apply_types
from trytond.transaction import Transaction

from .account import find_accounts
from .exceptions import (
    AnnualStatementBalanceError, AnnualStatementLayoutError)

# The accounts which reduce the value of those they follow
DEPRECIATIONS = [
    'account_fr.28', 'account_fr.29', 'account_fr.39', 'account_fr.49',
    'account_fr.59']
# The roots the statements start from
ROOTS = {
    'assets': 'account_fr.actif',
    'liabilities': 'account_fr.passif',
    'result': 'account_fr.compte_resultat',
    'in_kind': 'proxymikro_account.cvn',
    }
ZERO = Decimal(0)


def previous_fiscalyear(fiscalyear):
    FiscalYear = Pool().get('account.fiscalyear')
    fiscalyears = FiscalYear.search([
            ('company', '=', fiscalyear.company.id),
            ('end_date', '<', fiscalyear.start_date),
            ], order=[('end_date', 'DESC')], limit=1)
    return fiscalyears[0] if fiscalyears else None


class Chart:
    "The types of the accounts of a company, by the XML id of their template"

    def __init__(self, company):
        pool = Pool()
        Data = pool.get('ir.model.data')
        Type = pool.get('account.account.type')
        self.company = company
        self.childs = defaultdict(list)
        self.by_template = {}
        for type_ in Type.search([('company', '=', company.id)]):
            if type_.template:
                self.by_template[type_.template.id] = type_
            parent = type_.parent.id if type_.parent else None
            self.childs[parent].append(type_)
        self._ids = {
            f'{d.module}.{d.fs_id}': d.db_id for d in Data.search([
                    ('model', '=', 'account.account.type.template'),
                    ('module', 'in', ['account_fr', 'proxymikro_account']),
                    ])}
        self.depreciations = {
            a.id for a in find_accounts(company.id, DEPRECIATIONS)}
        self.roots = {
            name: self.get(xml_id) for name, xml_id in ROOTS.items()}
        if not all(self.roots.values()):
            raise AnnualStatementLayoutError(gettext(
                    'proxymikro_account.msg_annual_statement_layout',
                    company=company.rec_name))

    def get(self, xml_id):
        "Return the type made from the template"
        return self.by_template.get(self._ids.get(xml_id))

    def subtree(self, type_):
        yield type_.id
        for child in self.childs[type_.id]:
            yield from self.subtree(child)


class Figures:
    """Debit less credit of each type at the end of a fiscal year.

    ``balance`` cumulates from the first entry on, ``income`` is of the year
    alone, without the entry which closes it. ``gross`` and ``depreciation``
    part the balance of the assets.
    """

    def __init__(self, chart, rows, fiscalyear):
        self.chart = chart
        self.gross = defaultdict(Decimal)
        self.depreciation = defaultdict(Decimal)
        self.balance = defaultdict(Decimal)
        self.income = defaultdict(Decimal)
        accounts, income = {}, defaultdict(Decimal)
        balances = defaultdict(Decimal)
        for row in rows:
            account = row['account']
            if row['end_date'] > fiscalyear.end_date:
                continue
            accounts[account] = row
            balances[account] += row['balance']
            if row['fiscalyear'] == fiscalyear.id and not row['closing']:
                income[account] += row['balance']
        for account, balance in balances.items():
            self._add(accounts[account], balance, income[account])
        self._check(accounts, balances, fiscalyear)
        for figures in [
                self.gross, self.depreciation, self.balance, self.income]:
            for root in chart.childs[None]:
                self._sum(figures, root)

    def _add(self, row, balance, income):
        type_ = row['type']
        if balance > 0 and row['debit_type']:
            type_ = row['debit_type']
        elif balance < 0 and row['credit_type']:
            type_ = row['credit_type']
        part = (
            self.depreciation if row['account'] in self.chart.depreciations
            else self.gross)
        part[type_] += balance
        self.balance[type_] += balance
        self.income[type_] += income

    def _sum(self, figures, type_):
        "Add to the type what its children are worth"
        for child in self.chart.childs[type_.id]:
            self._sum(figures, child)
            figures[type_.id] += figures[child.id]

    def _check(self, accounts, balances, fiscalyear):
        """Refuse what would leave the assets and the liabilities unequal.

        An entry is balanced: only an account which is on neither side can
        part them.
        """
        seen = {
            t for name in ['assets', 'liabilities']
            for t in self.chart.subtree(self.chart.roots[name])}
        difference = sum(v for t, v in self.balance.items() if t in seen)
        if not difference:
            return
        lang = Pool().get('ir.lang').get()
        outside = sorted(
            (row['code'] or '', balances[account])
            for account, row in accounts.items()
            if row['type'] not in seen and balances[account])
        currency = self.chart.company.currency
        raise AnnualStatementBalanceError(gettext(
                'proxymikro_account.msg_annual_statement_balance',
                fiscalyear=fiscalyear.rec_name,
                amount=lang.currency(abs(difference), currency),
                accounts=', '.join(
                    f'{code} ({lang.currency(balance, currency)})'
                    for code, balance in outside)))


def get_rows(company, end_date):
    """Return a row by account, fiscal year and whether the entries close it.

    Of the posted lines of the fiscal years which end until the date.
    """
    query, names = get_query(company, end_date)
    cursor = Transaction().connection.cursor()
    cursor.execute(*query)
    rows = [dict(zip(names, row)) for row in cursor]
    for row in rows:
        row['balance'] = company.currency.round(row['balance'])
    return rows


def get_query(company, end_date):
    "Return the query of the rows and the names of its columns"
    pool = Pool()
    Account = pool.get('account.account')
    FiscalYear = pool.get('account.fiscalyear')
    Line = pool.get('account.move.line')
    Move = pool.get('account.move')
    Period = pool.get('account.period')
    account, fiscalyear, line, move, period = (
        Model.__table__() for Model in [
            Account, FiscalYear, Line, Move, Period])
    closing = closing_moves(company.id)
    groups = {
        'account': account.id, 'code': account.code, 'type': account.type,
        'debit_type': account.debit_type, 'credit_type': account.credit_type,
        'fiscalyear': fiscalyear.id, 'end_date': fiscalyear.end_date,
        'closing': closing.id}
    query = (line
        .join(move, condition=line.move == move.id)
        .join(period, condition=move.period == period.id)
        .join(fiscalyear, condition=period.fiscalyear == fiscalyear.id)
        .join(account, condition=line.account == account.id)
        .join(closing, 'LEFT', condition=move.id == closing.id)
        .select(
            *(column.as_(name) for name, column in groups.items()),
            Sum(line.debit - line.credit).as_('balance'),
            where=(move.company == company.id) & (move.state == 'posted')
            & (fiscalyear.end_date <= end_date),
            group_by=list(groups.values())))
    names = [*groups, 'balance']
    if backend.name == 'sqlite':
        types = {'end_date': 'DATE', 'balance': 'NUMERIC'}
        sqlite_apply_types(query, map(types.get, names))
    return query, names


def closing_moves(company_id):
    "Return the query of the entries which close a year or undo its closing"
    Move = Pool().get('account.move')
    move, cancel, closing = (
        Move.__table__(), Move.__table__(), Move.__table__())
    origin = 'account.fiscalyear,%'
    undone = closing.select(
        Concat('account.move,', Cast(closing.id, 'VARCHAR')),
        where=(closing.company == company_id) & closing.origin.like(origin))
    return (
        move.select(
            move.id,
            where=(move.company == company_id) & move.origin.like(origin))
        | cancel.select(
            cancel.id,
            where=(cancel.company == company_id)
            & cancel.origin.in_(undone)))


def count_drafts(fiscalyear):
    Move = Pool().get('account.move')
    return Move.search([
            ('period.fiscalyear', '=', fiscalyear.id),
            ('state', '=', 'draft'),
            ], count=True)
