# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The files of the bank: checked before a line of them is written."""
from collections import Counter
from decimal import Decimal

from lxml import etree
from ofxparse.ofxparse import OfxParserException

from trytond.i18n import gettext
from trytond.modules.proxymikro_base.importer import (
    MAX_SIZE, FileRefused, ValueProblem, normalize)
from trytond.pool import Pool, PoolMeta

from .exceptions import (
    StatementBalanceError, StatementCurrencyError, StatementDuplicateError,
    StatementFileError, StatementOverlapWarning, StatementPeriodError)

# What the readers of files raise on a file they were not made for
_UNREADABLE = (
    OfxParserException, etree.LxmlError, ValueError, ArithmeticError,
    LookupError, AttributeError, TypeError, AssertionError)
MAX_AMOUNT = Decimal(10) ** 12


def get_key(origin):
    "Return what two readings of the same transaction have in common"
    return (
        origin.date, origin.amount, getattr(origin, 'number', None)
        or normalize(getattr(origin, 'description', None) or ''))


class ImportStatement(metaclass=PoolMeta):
    __name__ = 'account.statement.import'

    def parse_ofx(self):
        return self._check(super().parse_ofx, _once)

    def parse_camt_052_001(self):
        return self._check(self.parse_camt)

    def parse_camt_053_001(self):
        return self._check(self.parse_camt)

    def parse_camt_054_001(self):
        return self._check(self.parse_camt)

    def parse_camt(self):
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        root = etree.fromstring(self.start.file_, parser)
        if root.getroottree().docinfo.doctype:
            # No bank declares entities, which lead to other files
            raise ValueError("doctype")
        for amount in root.iterfind('.//{*}Ntry//{*}Amt[@Ccy]'):
            account = next(amount.iterancestors(
                    '{*}Stmt', '{*}Rpt', '{*}Ntfctn')).findtext(
                        './{*}Acct/{*}Ccy')
            if amount.getparent().tag.endswith(
                    ('}Ntry', '}TxAmt')) and account:
                self._check_currency(account, amount.get('Ccy'))
        return super().parse_camt()

    def camt_origin(self, camt_statement, entry):
        for origin in super().camt_origin(camt_statement, entry):
            if not origin.number:
                origin.number = entry.findtext('./{*}AcctSvcrRef')
            if not origin.description:
                information = getattr(origin, 'information', None) or {}
                origin.description = ' '.join(filter(None, [
                            information.get('camt_debtor_name')
                            if origin.amount > 0
                            else information.get('camt_creditor_name'),
                            information.get('camt_remittance_information'),
                            ])) or None
            yield origin

    def ofx_statement(self, ofx, ofx_account):
        Journal = Pool().get('account.statement.journal')
        journal = Journal.get_by_bank_account(
            self.start.company, ofx_account.number)
        if journal:
            self._check_currency(journal.currency.code, ofx_account.curdef)
        return super().ofx_statement(ofx, ofx_account)

    def ofx_origin(self, ofx_account, transaction):
        origins = super().ofx_origin(ofx_account, transaction)
        for origin in origins:
            origin.description = (origin.description or '')[:250] or None
        return origins

    def _check_currency(self, expected, currency):
        if currency and currency != expected:
            raise StatementCurrencyError(gettext(
                    'proxymikro_account.msg_statement_currency',
                    currency=currency, expected=expected))

    def _check(self, parse, clean=None):
        "Return the statements of the file, or a sentence and nothing"
        if len(self.start.file_) > MAX_SIZE:
            raise StatementFileError(gettext(
                    'proxymikro_base.msg_import_file_size',
                    size=MAX_SIZE // 2**20))
        try:
            statements = [s for s in parse() if s.origins]
        except (FileRefused, ValueProblem) as problem:
            raise StatementFileError(get_sentence(problem)) from problem
        except _UNREADABLE as error:
            raise StatementFileError(gettext(
                    'proxymikro_account.msg_statement_file',
                    format=dict(self.start._fields['file_format'].selection)[
                        self.start.file_format])) from error
        if not statements:
            raise StatementFileError(gettext(
                    'proxymikro_account.msg_statement_empty'))
        previous = {}
        for statement in statements:
            self._check_origins(statement)
            if clean:
                clean(statement)
            self._drop_known_origins(statement)
            self._check_periods(statement)
            self._check_balances(statement, previous.get(statement.journal))
            previous[statement.journal] = statement
        return statements

    def _check_origins(self, statement):
        for origin in statement.origins:
            amount = origin.amount
            if (not isinstance(amount, Decimal) or not amount.is_finite()
                    or abs(amount) >= MAX_AMOUNT
                    or statement.journal.currency.round(amount) != amount):
                raise StatementFileError(gettext(
                        'proxymikro_account.msg_statement_amount',
                        amount=amount, date=format_date(origin.date),
                        description=getattr(origin, 'description', None)
                        or ''))
        statement.origins = [o for o in statement.origins if o.amount]
        statement.date = max(
            [o.date for o in statement.origins]
            or [getattr(statement, 'date', None)])
        for name in ['start_balance', 'end_balance']:
            balance = getattr(statement, name, None)
            if balance is not None and not balance.is_finite():
                raise StatementFileError(gettext(
                        'proxymikro_account.msg_statement_amount',
                        amount=balance, date=format_date(statement.date),
                        description=''))
        total = sum((o.amount for o in statement.origins), Decimal(0))
        if (getattr(statement, 'start_balance', None) is not None
                and getattr(statement, 'end_balance', None) is not None
                and statement.start_balance + total
                != statement.end_balance):
            raise StatementBalanceError(gettext(
                    'proxymikro_account.msg_statement_total',
                    **format_amounts(
                        statement.journal, start=statement.start_balance,
                        total=total, end=statement.end_balance)))

    def _drop_known_origins(self, statement):
        "Keep the transactions which no earlier statement already holds"
        pool = Pool()
        Origin = pool.get('account.statement.origin')
        Warning = pool.get('res.user.warning')

        origins = list(statement.origins)
        dates = [o.date for o in origins]
        earlier = Origin.search([
                ('statement.journal', '=', statement.journal.id),
                ('statement.state', '!=', 'cancelled'),
                ('date', '>=', min(dates, default=None)),
                ('date', '<=', max(dates, default=None)),
                ]) if origins else []
        known, kept, holder = Counter(map(get_key, earlier)), [], None
        holders = {get_key(o): o.statement for o in earlier}
        for origin in origins:
            key = get_key(origin)
            if known[key]:
                known[key] -= 1
                holder = holders[key]
            else:
                kept.append(origin)
        if origins and not kept:
            raise StatementDuplicateError(gettext(
                    'proxymikro_account.msg_statement_duplicate',
                    statement=holder.rec_name))
        if holder:
            key = 'statement_overlap_%s_%s_%s_%s' % (
                statement.journal.id, max(dates), len(kept), len(origins))
            if Warning.check(key):
                raise StatementOverlapWarning(key, gettext(
                        'proxymikro_account.msg_statement_overlap',
                        known=len(origins) - len(kept), kept=len(kept),
                        statement=holder.rec_name))
        self._set_origins(statement, kept)

    def _set_origins(self, statement, origins):
        total = sum((o.amount for o in origins), Decimal(0))
        statement.origins = origins
        statement.number_of_lines = len(origins)
        statement.total_amount = total
        if getattr(statement, 'end_balance', None) is not None:
            statement.start_balance = statement.end_balance - total

    def _check_periods(self, statement):
        Period = Pool().get('account.period')
        dates = sorted({o.date for o in statement.origins})
        periods = Period.search([
                ('company', '=', statement.company.id),
                ('type', '=', 'standard'),
                ('start_date', '<=', dates[-1]),
                ('end_date', '>=', dates[0]),
                ])
        for date in dates:
            period = next((
                    p for p in periods
                    if p.start_date <= date <= p.end_date), None)
            if not period:
                raise StatementPeriodError(gettext(
                        'proxymikro_account.msg_statement_no_period',
                        date=format_date(date)))
            if period.state != 'open':
                raise StatementPeriodError(gettext(
                        'proxymikro_account.msg_statement_period',
                        date=format_date(date), period=period.rec_name))

    def _check_balances(self, statement, previous):
        "Check that the balances follow those of the statements around"
        Statement = Pool().get('account.statement')
        journal = statement.journal
        if journal.validation != 'balance':
            return
        first = min(o.date for o in statement.origins)
        domain = [
            ('journal', '=', journal.id),
            ('state', '!=', 'cancelled'),
            ]
        if not previous:
            found = Statement.search(
                domain + [('date', '<=', statement.date)],
                order=[('date', 'DESC'), ('id', 'DESC')], limit=1)
            previous = found[0] if found else None
        if getattr(statement, 'end_balance', None) is None:
            if previous:
                statement.start_balance = previous.end_balance
            else:
                statement.start_balance = get_balance(journal, first)
            statement.end_balance = (
                statement.start_balance + statement.total_amount)
        later = Statement.search(
            domain + [('date', '>', statement.date)],
            order=[('date', 'ASC'), ('id', 'ASC')], limit=1)
        for before, after in [
                (previous, statement), *((statement, s) for s in later)]:
            if before and before.end_balance != after.start_balance:
                raise StatementBalanceError(gettext(
                        'proxymikro_account.msg_statement_balance',
                        before=before.name or '', after=after.name or '',
                        **format_amounts(
                            journal, end=before.end_balance,
                            start=after.start_balance)))


def _once(statement):
    "Keep one of the transactions which the bank gave the same identifier"
    statement.origins = list({
            (o.number or object(), o.date, o.amount): o
            for o in statement.origins}.values())


def get_balance(journal, date):
    "Return what the account of the bank holds in the books before the date"
    MoveLine = Pool().get('account.move.line')
    lines = MoveLine.search([
            ('account', '=', journal.account.id),
            ('move.date', '<', date),
            ])
    return sum((l.debit - l.credit for l in lines), Decimal(0))


def format_date(date):
    return Pool().get('ir.lang').get().strftime(date) if date else ''


def format_amounts(journal, **amounts):
    lang = Pool().get('ir.lang').get()
    return {
        n: lang.currency(a, journal.currency) for n, a in amounts.items()}


def get_sentence(problem):
    "Return what refuses a table, in the language of the user"
    Batch = Pool().get('import.batch')
    if isinstance(problem, ValueProblem):
        return gettext(
            f'proxymikro_base.msg_import_{problem.code}', **problem.values)
    return '\n'.join(
        Batch.format_error(Batch.get_error(p)) for p in problem.problems)


class ImportStatementStart(metaclass=PoolMeta):
    __name__ = 'account.statement.import.start'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.file_format.selection.append(('cfonb120', "CFONB 120"))
