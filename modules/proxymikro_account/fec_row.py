# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The rows of the FEC, read from the database as they are written.

Article A47 A-1 of the LPF: 18 columns, the opening balances first, then the
entries in the order they were validated, without those which close the
accounts of income and expense.
"""
import datetime as dt
from decimal import Decimal

from sql import Literal, Null
from sql.aggregate import Sum
from sql.conditionals import Case, Coalesce, NullIf
from sql.functions import CharLength, Substring

from trytond import backend
from trytond.i18n import gettext
from trytond.pool import Pool
from trytond.transaction import Transaction

HEADER = [
    'JournalCode', 'JournalLib', 'EcritureNum', 'EcritureDate', 'CompteNum',
    'CompteLib', 'CompAuxNum', 'CompAuxLib', 'PieceRef', 'PieceDate',
    'EcritureLib', 'Debit', 'Credit', 'EcritureLet', 'DateLet', 'ValidDate',
    'Montantdevise', 'Idevise']
OPENING = 'AN'
# The contributions in kind, of the class that the law keeps for them
IN_KIND = ['86', '87']
SIZE = 1000


def fetch(query):
    "Yield the rows of the query with the memory of a few only"
    cursor = Transaction().connection.cursor()
    if backend.name != 'postgresql':
        cursor.execute(*query)
        while rows := cursor.fetchmany(SIZE):
            yield from rows
        return
    sql, parameters = tuple(query)
    # The client would receive all the rows of a query at once
    cursor.execute(
        f'DECLARE fec NO SCROLL CURSOR FOR {sql}', parameters)
    try:
        while True:
            cursor.execute(f'FETCH {SIZE} FROM fec')
            rows = cursor.fetchall()
            if not rows:
                break
            yield from rows
    finally:
        cursor.execute('CLOSE fec')


def day(value):
    if not value:
        return ''
    if isinstance(value, str):
        value = dt.date.fromisoformat(value[:10])
    return f'{value:%Y%m%d}'


def amount(value):
    return f'{Decimal(str(value or 0)):.2f}'.replace('.', ',')


class Rows:
    "The rows of the FEC of a fiscal year"

    def __init__(self, fiscalyear, in_kind=False):
        pool = Pool()
        self.fiscalyear, self.in_kind = fiscalyear, in_kind
        self.account = pool.get('account.account').__table__()
        self.line = pool.get('account.move.line').__table__()
        self.move = pool.get('account.move').__table__()
        self.party = pool.get('party.party').__table__()
        self.period = pool.get('account.period').__table__()

    def __iter__(self):
        yield HEADER
        yield from self.opening()
        yield from self.entries()

    @property
    def _lines(self):
        "The posted lines with their accounts, moves and periods"
        account, line, move = self.account, self.line, self.move
        return (line
            .join(move, condition=line.move == move.id)
            .join(self.period, condition=move.period == self.period.id)
            .join(account, condition=line.account == account.id)
            .join(self.party, 'LEFT', condition=line.party == self.party.id))

    @property
    def _where(self):
        where = (
            (self.move.company == self.fiscalyear.company.id)
            & (self.move.state == 'posted'))
        if not self.in_kind:
            where &= ~Coalesce(Substring(
                    self.account.code, 1, 2), '').in_(IN_KIND)
        return where

    def _opening_query(self):
        account, line, party = self.account, self.line, self.party
        fiscalyear = Pool().get('account.fiscalyear').__table__()
        years = fiscalyear.select(fiscalyear.id,
            where=(fiscalyear.company == self.fiscalyear.company.id)
            & (fiscalyear.end_date < self.fiscalyear.start_date))
        columns = [account.code, account.name, party.code, party.name]
        return self._lines.select(
            *columns,
            Sum(Coalesce(line.debit, 0) - Coalesce(line.credit, 0)),
            where=self._where & self.period.fiscalyear.in_(years),
            group_by=columns, order_by=[account.code, party.code])

    def opening(self):
        date = day(self.fiscalyear.start_date)
        label = gettext('proxymikro_account.msg_fec_opening')
        for code, name, party_code, party_name, balance in fetch(
                self._opening_query()):
            balance = round(Decimal(str(balance or 0)), 2)
            if not balance:
                continue
            yield [
                OPENING, label, OPENING, date, code, name, party_code,
                party_name, OPENING, date, label, amount(max(balance, 0)),
                amount(max(-balance, 0)), '', '', date, '', '']

    def _entries_query(self):
        pool = Pool()
        Move = pool.get('account.move')
        account, line, move, party = (
            self.account, self.line, self.move, self.party)
        currency = pool.get('currency.currency').__table__()
        reconciliation = pool.get('account.move.reconciliation').__table__()
        from_ = (self._lines
            .join(currency, 'LEFT',
                condition=line.second_currency == currency.id)
            .join(reconciliation, 'LEFT',
                condition=(line.reconciliation == reconciliation.id)
                & (reconciliation.date <= self.fiscalyear.end_date)))
        from_, reference, date = join_pieces(Move, from_, move)
        closing = f'account.fiscalyear,{self.fiscalyear.id}'
        return from_.select(
            move.journal, move.number, move.date, account.code, account.name,
            party.code, party.name, reference, Coalesce(date, move.date),
            Coalesce(NullIf(line.description, ''), NullIf(
                    move.description, ''), party.name),
            line.debit, line.credit, reconciliation.number,
            reconciliation.create_date, move.post_date,
            line.amount_second_currency, currency.code,
            where=self._where
            & (self.period.fiscalyear == self.fiscalyear.id)
            & ((line.debit != 0) | (line.credit != 0))
            & (Coalesce(move.origin, '') != closing),
            order_by=[
                move.post_date, CharLength(move.number), move.number,
                line.id])

    def entries(self):
        Journal = Pool().get('account.journal')
        with Transaction().set_context(active_test=False):
            journals = {
                j.id: (j.code or j.name, j.name) for j in Journal.search([])}
        for (journal, number, date, code, name, party_code, party_name,
                reference, piece_date, label, debit, credit, letter,
                letter_date, post_date, second_amount, currency) in fetch(
                self._entries_query()):
            journal_code, journal_name = journals[journal]
            yield [
                journal_code, journal_name, number, day(date), code, name,
                party_code, party_name, reference or number, day(piece_date),
                label or journal_name, amount(debit), amount(credit), letter,
                day(letter_date) if letter else '', day(post_date),
                amount(second_amount) if second_amount else '',
                currency if second_amount else '']


def join_pieces(Move, from_, move):
    """Join the documents that the moves come from.

    Return what to select from, the number and the date of the document.
    """
    pool = Pool()
    numbers, dates = [], []
    for name, (number, date) in Move.get_pieces().items():
        Model = pool.get(name)
        table = Model.__table__()
        is_origin = move.origin.like(f'{name},%')
        from_ = from_.join(table, 'LEFT', condition=is_origin
            & (table.id == Move.origin.sql_id(move.origin, Move)))
        numbers.append((is_origin, getattr(table, number)))
        dates.append((
                is_origin, getattr(table, date) if date else move.date))
    own = NullIf(move.description, '')
    if not numbers:
        return from_, own, Literal(Null)
    return from_, Coalesce(Case(*numbers), own), Case(*dates)
