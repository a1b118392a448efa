# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The books of the accounts: balance, ledger, journals, aged balance."""
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.model.exceptions import AccessError
from trytond.modules.proxymikro_base.spreadsheet import (
    SpreadsheetReportMixin, Table)
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.report import Report
from trytond.transaction import Transaction
from trytond.wizard import Button, StateReport, StateView, Wizard

from .account_book_query import (
    TERMS, Filter, count_lines, get_aged_balance, get_lines,
    get_trial_balance)
from .annual_statement import FORMATS
from .exceptions import AccountBookSizeError

# More lines than these are for a spreadsheet: nobody reads so many pages
MAX_PDF = 2_000
BOOKS = {
    'trial_balance': "Balance générale",
    'general_ledger': "Grand livre",
    'journal': "Journaux",
    'aged_balance': "Balance âgée",
    }
_ACCOUNT = {'code': "Compte", 'name': "Intitulé"}
_LINE = {
    'date': "Date", 'number': "N°", 'piece': "Pièce",
    'description': "Libellé", 'party': "Tiers"}
_AMOUNTS = {'debit': "Débit", 'credit': "Crédit"}
_TERMS = {
    'term0': "Non échu",
    **{f'term{i}': f"{start + 1} à {end} jours"
        for i, (start, end) in enumerate(zip(TERMS, TERMS[1:]), 1)},
    f'term{len(TERMS)}': f"Plus de {TERMS[-1]} jours",
    }
# The columns of money
AMOUNTS = {
    'opening', *_AMOUNTS, 'balance', 'debit_balance', 'credit_balance',
    *_TERMS, 'total'}
KINDS = {
    'receivable': "Adhérents, usagers et clients",
    'payable': "Fournisseurs",
    }


class Book(NamedTuple):
    """A book: its columns, its rows and what they are grouped and added by.

    The columns of the group head the rows on paper, and are on each row of a
    spreadsheet.
    """
    title: str
    columns: dict
    rows: object
    group: tuple = ()
    totals: tuple = ()

    @property
    def detail(self):
        return {k: v for k, v in self.columns.items() if k not in self.group}

    def groups(self):
        "Yield the heading, the rows and the totals of each group"
        for key, rows in groupby(self.rows, key=itemgetter(*self.group)
                if self.group else lambda row: ''):
            rows = list(rows)
            key = key if isinstance(key, tuple) else (key,)
            totals = {
                name: sum(row[name] for row in rows if row[name] is not None)
                for name in self.totals}
            if 'balance' in self.columns:
                totals['balance'] = rows[-1]['balance']
            yield ' '.join(filter(None, key)), rows, totals


class AccountBook(SpreadsheetReportMixin, Report):
    __name__ = 'account.book'

    @classmethod
    def execute(cls, ids, data):
        *result, _ = super().execute(ids, data)
        return *result, BOOKS[data['book']]

    @classmethod
    def get_context(cls, records, header, data):
        filter_ = cls.get_filter(data)
        if data['book'] in {'general_ledger', 'journal'}:
            cls.check_size(filter_)
        context = super().get_context(records, header, data)
        context['filter'] = filter_
        context['book'] = cls.get_book(data['book'], filter_)
        context['amounts'] = AMOUNTS
        context['aged'] = data['book'] == 'aged_balance'
        return context

    @classmethod
    def check_size(cls, filter_):
        lines = count_lines(filter_)
        if lines > MAX_PDF:
            raise AccountBookSizeError(gettext(
                    'proxymikro_account.msg_account_book_size',
                    lines=lines, limit=MAX_PDF))

    @classmethod
    def get_filter(cls, data):
        pool = Pool()
        Company = pool.get('company.company')
        Journal = pool.get('account.journal')
        User = pool.get('res.user')
        if data['company'] not in User.get_companies():
            raise AccessError(gettext('proxymikro_account.msg_account_book'))
        values = {k: v for k, v in data.items() if k in Filter._fields}
        values['company'] = Company(data['company'])
        values['journal'] = (
            Journal(data['journal']) if data.get('journal') else None)
        return Filter(**values)

    @classmethod
    def get_book(cls, name, filter_):
        return getattr(cls, f'get_{name}')(filter_)._replace(
            title=BOOKS[name])

    @classmethod
    def get_trial_balance(cls, filter_):
        party = {'party': "Tiers"} if filter_.by_party else {}
        columns = {
            **_ACCOUNT, **party, 'opening': "Solde initial", **_AMOUNTS,
            'debit_balance': "Solde débiteur",
            'credit_balance': "Solde créditeur"}

        def rows():
            opening = 0
            for row in get_trial_balance(filter_):
                opening += row['opening']
                yield row
            if opening and not filter_.account:
                yield {
                    **dict.fromkeys(columns), 'opening': -opening, 'debit': 0,
                    'credit': 0, 'name': "Résultat des exercices non clos"}

        def balances():
            for row in rows():
                balance = row['opening'] + row['debit'] - row['credit']
                row['debit_balance'] = balance if balance > 0 else None
                row['credit_balance'] = -balance if balance < 0 else None
                yield row

        return Book(
            '', columns, balances(), totals=(
                'opening', *_AMOUNTS, 'debit_balance', 'credit_balance'))

    @classmethod
    def get_general_ledger(cls, filter_):
        Journal = Pool().get('account.journal')
        codes = {j.id: j.code for j in Journal.search([])}
        group = ('code', 'name', 'party') if filter_.by_party else (
            'code', 'name')
        columns = {
            **dict.fromkeys(group, ''), **_ACCOUNT,
            'date': "Date", 'journal': "Journal", **_LINE,
            'reconciliation': "Lettrage", **_AMOUNTS, 'balance': "Solde"}
        return Book(
            '', columns, cls.get_ledger_rows(filter_, codes), group,
            tuple(_AMOUNTS))

    @classmethod
    def get_ledger_rows(cls, filter_, codes):
        "Yield the opening balance of each account, then its lines"
        def key(row):
            return row['account'], row.get('party_id')

        lines = groupby(get_lines(filter_, 'account'), key=key)
        current, rows = next(lines, (None, []))
        for account in get_trial_balance(filter_):
            balance = account['opening']
            opening = dict.fromkeys(
                ['journal', 'number', 'piece', 'reconciliation', *_AMOUNTS])
            yield {
                'party': None, **account, **opening,
                'date': filter_.start_date, 'balance': balance,
                'description': "Solde initial"}
            if key(account) != current:
                continue
            for row in rows:
                balance += row['debit'] - row['credit']
                yield {
                    **row, 'journal': codes[row['journal']],
                    'balance': balance}
            current, rows = next(lines, (None, []))

    @classmethod
    def get_journal(cls, filter_):
        Journal = Pool().get('account.journal')
        names = {
            j.id: f'{j.code or ""} {j.name}'.strip()
            for j in Journal.search([])}
        columns = {
            'journal': "Journal", 'date': "Date", 'number': "N°",
            'piece': "Pièce", **_ACCOUNT, 'party': "Tiers",
            'description': "Libellé", **_AMOUNTS}
        rows = (
            {**row, 'journal': names[row['journal']]}
            for row in get_lines(filter_, 'journal'))
        return Book('', columns, rows, ('journal',), tuple(_AMOUNTS))

    @classmethod
    def get_aged_balance(cls, filter_):
        columns = {
            'kind': "Nature", 'party': "Tiers", **_TERMS, 'total': "Total"}

        def rows():
            for kind, label in KINDS.items():
                for row in get_aged_balance(filter_, kind):
                    row['total'] = sum(row[name] for name in _TERMS)
                    yield {**row, 'kind': label}

        return Book('', columns, rows(), ('kind',), (*_TERMS, 'total'))

    @classmethod
    def get_tables(cls, records, data):
        book = cls.get_book(data['book'], cls.get_filter(data))
        return [Table(
                book.title, list(book.columns.values()),
                ([row[name] for name in book.columns]
                    for row in book.rows))]


class PrintAccountBookStart(ModelView):
    __name__ = 'account.book.print.start'

    company = fields.Many2One('company.company', "Company", required=True)
    book = fields.Selection([
            ('trial_balance', "Trial Balance"),
            ('general_ledger', "General Ledger"),
            ('journal', "Journals"),
            ('aged_balance', "Aged Balance"),
            ], "Book", required=True, sort=False)
    start_date = fields.Date(
        "Start Date",
        states={
            'required': Eval('book') != 'aged_balance',
            'invisible': Eval('book') == 'aged_balance',
            })
    end_date = fields.Date(
        "End Date", required=True,
        domain=[
            If(Eval('book') != 'aged_balance',
                ('end_date', '>=', Eval('start_date', None)),
                ()),
            ])
    account = fields.Char(
        "Accounts Starting With",
        states={
            'invisible': ~Eval('book').in_(
                ['trial_balance', 'general_ledger']),
            },
        help="Empty: all the accounts.")
    by_party = fields.Boolean(
        "By Party",
        states={
            'invisible': ~Eval('book').in_(
                ['trial_balance', 'general_ledger']),
            },
        help="Part the accounts of third parties by party.")
    journal = fields.Many2One(
        'account.journal', "Journal",
        states={'invisible': Eval('book') != 'journal'},
        help="Empty: all the journals.")
    posted = fields.Boolean(
        "Posted Entries Only", help="Uncheck to count the drafts too.")
    closing = fields.Boolean(
        "With Closing Entries",
        states={'invisible': Eval('book') == 'aged_balance'},
        help="Check to count the entries which balance the income and the "
        "expenses at the end of a year.")
    format = fields.Selection(FORMATS, "Format", required=True, sort=False)

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_book(cls):
        return 'trial_balance'

    @classmethod
    def default_start_date(cls):
        return Pool().get('ir.date').today().replace(month=1, day=1)

    @classmethod
    def default_end_date(cls):
        return Pool().get('ir.date').today().replace(month=12, day=31)

    @classmethod
    def default_posted(cls):
        return True

    @classmethod
    def default_format(cls):
        return 'pdf'

    @fields.depends('start_date', 'end_date')
    def on_change_start_date(self):
        if (self.start_date and self.end_date
                and self.end_date < self.start_date):
            self.end_date = self.start_date.replace(month=12, day=31)


class PrintAccountBook(Wizard):
    __name__ = 'account.book.print'

    start = StateView(
        'account.book.print.start',
        'proxymikro_account.account_book_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Print", 'print_', 'tryton-print', default=True),
            ])
    print_ = StateReport('account.book')

    def do_print_(self, action):
        start = self.start
        data = {
            name: getattr(start, name) for name in [
                'book', 'end_date', 'posted', 'format']}
        data['company'] = start.company.id
        data['start_date'] = start.start_date or start.end_date
        data['closing'] = start.closing and start.book != 'aged_balance'
        if start.book in {'trial_balance', 'general_ledger'}:
            data['account'] = start.account
            data['by_party'] = start.by_party
        elif start.book == 'journal':
            data['journal'] = start.journal.id if start.journal else None
        return action, data
