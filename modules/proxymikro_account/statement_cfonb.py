# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The CFONB 120 account statement: records of 120 characters.

01 opens with the old balance, 04 is a transaction, 05 tells more of it and 07
closes with the new balance.  The last character of an amount holds its last
digit and its sign.
"""
import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from trytond.i18n import gettext
from trytond.modules.account_statement.exceptions import ImportStatementError
from trytond.modules.proxymikro_base.importer import FileRefused, decode
from trytond.pool import Pool, PoolMeta

LENGTH = 120
_SIGNED = {
    **{c: (1, d) for d, c in enumerate('{ABCDEFGHI')},
    **{c: (-1, d) for d, c in enumerate('}JKLMNOPQR')},
    # Accents of the French variant of ASCII
    'é': (1, 0), 'è': (-1, 0),
    }
# What a complement tells, by its qualifier: who pays or is paid
_NAMES = {'NPY', 'NBE', 'NPO', 'NBU'}
_LABELS = {'LIB', 'LCC', 'LC2', 'LCS', 'RCN', 'REF'}


class CFONBError(ValueError):
    pass


@dataclass
class Movement:
    number: str
    date: dt.date
    amount: Decimal
    label: str
    reference: str
    names: list = field(default_factory=list)
    labels: list = field(default_factory=list)

    @property
    def description(self):
        parts = [self.label, *self.names, *self.labels, self.reference]
        return ' '.join(dict.fromkeys(filter(None, parts)))


@dataclass
class Account:
    number: str
    currency: str
    start_balance: Decimal
    transactions: list = field(default_factory=list)
    end_balance: Decimal = None
    date: dt.date = None


def parse_amount(text, digits):
    "Return the amount of 14 characters"
    try:
        sign, digit = _SIGNED[text[-1]]
        return sign * Decimal(int(f'{int(text[:-1]):d}{digit}')).scaleb(
            -int(digits))
    except (KeyError, ValueError, IndexError):
        raise CFONBError(text)


def parse_date(text):
    "Return the date written DDMMYY"
    if not text.isdecimal():
        raise CFONBError(text)
    return dt.datetime.strptime(text, '%d%m%y').date()


def split_records(text):
    "Return the records, whether the bank puts an end of line or not"
    lines = [l for l in text.splitlines() if l.strip()]
    if len(lines) == 1:
        line, = lines
        lines = [
            line[i:i + LENGTH] for i in range(0, len(line), LENGTH)]
    return [l.ljust(LENGTH) for l in lines]


def parse(data):
    """Return the accounts of the file with their transactions.

    The blocks of the days of an account are joined: each follows the former.
    """
    try:
        text, _ = decode(data)
    except FileRefused as error:
        raise CFONBError(str(error)) from error
    accounts, account = {}, None
    for record in split_records(text):
        code = record[:2]
        if len(record) > LENGTH or (account is None) != (code == '01'):
            raise CFONBError(record)
        if code == '01':
            account = open_account(accounts, record)
        elif code == '04':
            account.transactions.append(parse_transaction(record))
        elif code == '05' and account.transactions:
            complete(account.transactions[-1], record)
        elif code == '07':
            account.end_balance = parse_amount(record[90:104], record[19])
            account.date = parse_date(record[34:40])
            account = None
        else:
            raise CFONBError(record)
    if account:
        # Cut in the middle
        raise CFONBError(account.number)
    return list(accounts.values())


def open_account(accounts, record):
    number, currency = record[21:32], record[16:19]
    balance = parse_amount(record[90:104], record[19])
    account = accounts.setdefault(
        (record[2:7], record[11:16], number, currency),
        Account(number, currency, balance))
    if account.end_balance not in {None, balance}:
        raise CFONBError(record)
    return account


def parse_transaction(record):
    number = record[81:88].strip()
    return Movement(
        number=number if number.strip('0') else '',
        date=parse_date(record[34:40]),
        amount=parse_amount(record[90:104], record[19]),
        label=' '.join(record[48:79].split()),
        reference=' '.join(record[104:120].split()))


def complete(transaction, record):
    qualifier, text = record[45:48], ' '.join(record[48:118].split())
    if qualifier in _NAMES:
        transaction.names.append(text)
    elif qualifier in _LABELS:
        transaction.labels.append(text)


class ImportStatement(metaclass=PoolMeta):
    __name__ = 'account.statement.import'

    def parse_cfonb120(self):
        return self._check(self._parse_cfonb120)

    def _parse_cfonb120(self):
        for account in parse(self.start.file_):
            yield self.cfonb_statement(account)

    def cfonb_statement(self, account):
        pool = Pool()
        Journal = pool.get('account.statement.journal')
        Origin = pool.get('account.statement.origin')
        Statement = pool.get('account.statement')
        journal = Journal.get_by_bank_account(
            self.start.company, account.number)
        if not journal:
            raise ImportStatementError(gettext(
                    'account_statement.msg_import_no_journal',
                    account=account.number))
        self._check_currency(journal.currency.code, account.currency)
        return Statement(
            name=f'{account.number} {account.date:%d/%m/%Y}',
            company=self.start.company,
            journal=journal,
            date=account.date,
            start_balance=account.start_balance,
            end_balance=account.end_balance,
            origins=[Origin(
                    # The number of the day is not one for ever
                    number=t.number or None,
                    date=t.date,
                    amount=t.amount,
                    description=t.description[:250],
                    ) for t in account.transactions])
