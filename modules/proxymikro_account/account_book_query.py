# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The rows of the account books: a query or two each, read as they come."""
import datetime as dt
from typing import NamedTuple

from sql import Literal, Null
from sql.aggregate import Count, Sum
from sql.conditionals import Case, Coalesce

from trytond import backend
from trytond.model import fields
from trytond.pool import Pool
from trytond.tools import sqlite_apply_types
from trytond.transaction import Transaction

from .annual_statement_figure import closing_moves

# After how many days what is due is older, in the aged balance
TERMS = [0, 30, 60, 90]
_IN = fields.SQL_OPERATORS['in']


class Filter(NamedTuple):
    "What the person who prints asked for"
    company: object
    start_date: dt.date
    end_date: dt.date
    posted: bool = True
    closing: bool = False
    by_party: bool = False
    journal: object = None
    account: str = None

    @property
    def opening_date(self):
        "Return the day from which income and expenses are added up"
        FiscalYear = Pool().get('account.fiscalyear')
        fiscalyears = FiscalYear.search([
                ('company', '=', self.company.id),
                ('start_date', '<=', self.start_date),
                ('end_date', '>=', self.start_date),
                ], limit=1)
        return fiscalyears[0].start_date if fiscalyears else self.start_date


class Tables:
    "The joined tables of the entries"

    def __init__(self, filter_):
        pool = Pool()
        self.filter = filter_
        self.line = pool.get('account.move.line').__table__()
        self.move = pool.get('account.move').__table__()
        self.account = pool.get('account.account').__table__()
        self.type = pool.get('account.account.type').__table__()
        self.party = pool.get('party.party').__table__()
        self.closing = closing_moves(filter_.company.id)
        line, move, account = self.line, self.move, self.account
        self.joined = (line
            .join(move, condition=line.move == move.id)
            .join(account, condition=line.account == account.id)
            .join(self.type, condition=account.type == self.type.id)
            .join(self.party, 'LEFT', condition=line.party == self.party.id)
            .join(self.closing, 'LEFT', condition=move.id == self.closing.id))

    @property
    def where(self):
        "Return the condition of what is asked, whatever the dates"
        Account = Pool().get('account.account')
        filter_ = self.filter
        where = self.move.company == filter_.company.id
        if filter_.posted:
            where &= self.move.state == 'posted'
        if filter_.account:
            accounts = Account.search([
                    ('company', '=', filter_.company.id),
                    ('code', 'like', f'{filter_.account}%')])
            where &= _IN(self.account.id, [a.id for a in accounts])
        if filter_.journal:
            where &= self.move.journal == filter_.journal.id
        return where

    @property
    def period(self):
        "Return the condition of what is between the dates"
        filter_ = self.filter
        period = (
            (self.move.date >= filter_.start_date)
            & (self.move.date <= filter_.end_date))
        if not filter_.closing:
            period &= self.closing.id == Null
        return period

    @property
    def key(self):
        "Return the columns of an account, and of a party if asked"
        key = {
            'code': self.account.code, 'name': self.account.name,
            'account': self.account.id}
        if self.filter.by_party:
            key |= {'party': self.party.name, 'party_id': self.party.id}
        return key


def fetch(query, types):
    "Yield the rows of the query as dictionaries"
    names = [c.output_name for c in query.columns]
    if backend.name == 'sqlite':
        sqlite_apply_types(query, [types.get(name) for name in names])
    cursor = Transaction().connection.cursor()
    cursor.execute(*query)
    for row in cursor:
        yield dict(zip(names, row))


def count_lines(filter_):
    tables = Tables(filter_)
    cursor = Transaction().connection.cursor()
    cursor.execute(*tables.joined.select(
            Count(tables.line.id), where=tables.where & tables.period))
    return cursor.fetchone()[0]


def get_trial_balance(filter_):
    """Yield what each account was worth, its debit and its credit.

    The opening of an income or an expense starts with its fiscal year.
    """
    tables = Tables(filter_)
    line, move = tables.line, tables.move
    before = move.date < filter_.start_date
    before &= (
        (tables.type.statement != 'income')
        | (move.date >= filter_.opening_date))

    def total(condition, amount):
        return Sum(Case((condition, amount), else_=Literal(0)))

    key = tables.key
    query = tables.joined.select(
        *(column.as_(name) for name, column in key.items()),
        total(before, line.debit - line.credit).as_('opening'),
        total(tables.period, line.debit).as_('debit'),
        total(tables.period, line.credit).as_('credit'),
        total(tables.period, Literal(1)).as_('lines'),
        where=tables.where & (before | tables.period),
        group_by=list(key.values()), order_by=list(key.values()))
    round_ = filter_.company.currency.round
    amounts = ['opening', 'debit', 'credit']
    for row in fetch(query, dict.fromkeys(amounts, 'NUMERIC')):
        for name in amounts:
            row[name] = round_(row[name]) + 0
        if row['opening'] or row['lines']:
            yield row


def get_lines(filter_, order):
    "Yield the lines between the dates"
    pool = Pool()
    Invoice = pool.get('account.invoice')
    Journal = pool.get('account.journal')
    Reconciliation = pool.get('account.move.reconciliation')
    tables = Tables(filter_)
    line, move = tables.line, tables.move
    invoice, journal, reconciliation = (
        Invoice.__table__(), Journal.__table__(), Reconciliation.__table__())
    key = {**tables.key, 'party': tables.party.name}
    columns = {
        **key, 'journal': move.journal, 'date': move.date,
        'number': Coalesce(move.number, ''), 'move': move.id,
        'piece': Coalesce(invoice.number, ''),
        'description': Coalesce(line.description, move.description, ''),
        'reconciliation': reconciliation.number,
        'debit': line.debit, 'credit': line.credit,
        }
    orders = {
        'account': [*tables.key.values(), move.date, move.id, line.id],
        'journal': [
            journal.code, journal.id, move.date, move.id, line.id],
        }
    query = (tables.joined
        .join(journal, condition=move.journal == journal.id)
        .join(invoice, 'LEFT', condition=invoice.move == move.id)
        .join(reconciliation, 'LEFT',
            condition=line.reconciliation == reconciliation.id)
        .select(
            *(column.as_(name) for name, column in columns.items()),
            where=tables.where & tables.period, order_by=orders[order]))
    return fetch(query, {
            'date': 'DATE', 'debit': 'NUMERIC', 'credit': 'NUMERIC'})


def get_aged_balance(filter_, kind):
    """Yield what each party owed (receivable) or was owed (payable).

    On the end date, by how long it had been due.
    """
    Reconciliation = Pool().get('account.move.reconciliation')
    tables = Tables(filter_)
    line, move, party = tables.line, tables.move, tables.party
    reconciliation = Reconciliation.__table__()
    date = filter_.end_date
    due = Coalesce(line.maturity_date, move.date)
    amount = (
        line.debit - line.credit if kind == 'receivable'
        else line.credit - line.debit)
    limits = [date - dt.timedelta(days=days) for days in TERMS]
    columns = {'term0': due >= limits[0]}
    for i, (newer, older) in enumerate(zip(limits, limits[1:]), 1):
        columns[f'term{i}'] = (due < newer) & (due >= older)
    columns[f'term{len(TERMS)}'] = due < limits[-1]
    query = tables.joined.join(
        reconciliation, 'LEFT',
        condition=line.reconciliation == reconciliation.id).select(
        party.name.as_('party'), party.id.as_('party_id'), *(
            Sum(Case((condition, amount), else_=Literal(0))).as_(name)
            for name, condition in columns.items()),
        where=tables.where & (move.date <= date)
        & getattr(tables.type, kind)
        & ((line.reconciliation == Null) | (reconciliation.date > date)),
        group_by=[party.name, party.id], order_by=[party.name, party.id])
    round_ = filter_.company.currency.round
    for row in fetch(query, dict.fromkeys(columns, 'NUMERIC')):
        for name in columns:
            row[name] = round_(row[name]) + 0
        if any(row[name] for name in columns):
            yield row
