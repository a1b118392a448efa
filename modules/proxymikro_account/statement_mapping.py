# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The CSV files of the banks: each bank has its columns, said by a record."""
import datetime as dt
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import DeactivableMixin, ModelSQL, ModelView, fields
from trytond.modules.proxymikro_base.importer import (
    Column, FileRefused, Problem, ValueProblem, parse_decimal, read_table,
    show)
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction

from .exceptions import StatementBalanceError, StatementMappingError

DATE_FORMATS = [
    ('%d/%m/%Y', "31/12/2026"),
    ('%d/%m/%y', "31/12/26"),
    ('%d-%m-%Y', "31-12-2026"),
    ('%d.%m.%Y', "31.12.2026"),
    ('%Y-%m-%d', "2026-12-31"),
    ('%m/%d/%Y', "12/31/2026"),
    ]
_COLUMNS = [
    'date', 'amount', 'debit', 'credit', 'number', 'currency', 'balance']


class StatementMapping(DeactivableMixin, ModelSQL, ModelView):
    __name__ = 'account.statement.mapping'

    name = fields.Char("Name", required=True)
    company = fields.Many2One('company.company', "Company", required=True)
    journal = fields.Many2One(
        'account.statement.journal', "Journal", required=True,
        domain=[('company', '=', Eval('company', -1))],
        help="The account whose transactions the file holds: "
        "a CSV file seldom says it.")
    skip = fields.Integer(
        "Lines to Skip", required=True, domain=[('skip', '>=', 0)],
        help="The number of lines above the names of the columns.")
    date = fields.Char(
        "Date", required=True,
        help="The name of the column, as on the first line of the file.")
    date_format = fields.Selection(
        DATE_FORMATS, "Date Format", required=True, sort=False,
        translate=False)
    amount = fields.Char(
        "Amount",
        states={
            'required': ~Bool(Eval('debit')) & ~Bool(Eval('credit')),
            'invisible': Bool(Eval('debit')) | Bool(Eval('credit')),
            },
        help="The column of the signed amount.")
    debit = fields.Char(
        "Debit",
        states={
            'required': Bool(Eval('credit')),
            'invisible': Bool(Eval('amount')),
            },
        help="The column of what left the account, with or without a sign.")
    credit = fields.Char(
        "Credit",
        states={
            'required': Bool(Eval('debit')),
            'invisible': Bool(Eval('amount')),
            },
        help="The column of what came to the account.")
    decimal_point = fields.Selection([
            (',', "1 234,56"),
            ('.', "1,234.56"),
            ], "Decimal Point", required=True, sort=False, translate=False)
    descriptions = fields.Char(
        "Descriptions", required=True,
        help="The columns which make the description, separated by a "
        "semicolon.")
    number = fields.Char(
        "Number",
        help="The column of the identifier which the bank never gives twice.")
    currency = fields.Char("Currency", help="The column of the currency.")
    balance = fields.Char(
        "Balance",
        help="The column of the balance after each transaction.\n"
        "Empty: the statement follows the previous one.")

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_skip(cls):
        return 0

    @classmethod
    def default_date_format(cls):
        return DATE_FORMATS[0][0]

    @classmethod
    def default_decimal_point(cls):
        return ','

    @classmethod
    def validate_fields(cls, mappings, field_names):
        super().validate_fields(mappings, field_names)
        cls.check_columns(mappings, field_names)

    @classmethod
    def check_columns(cls, mappings, field_names=None):
        "Check that no column is told twice"
        for mapping in mappings:
            labels = [
                l for c in mapping.get_columns() for l in c.labels]
            if len(set(labels)) < len(labels):
                raise StatementMappingError(gettext(
                        'proxymikro_account.msg_statement_mapping_twice',
                        mapping=mapping.rec_name))

    def get_columns(self):
        required = {'date', 'amount', 'debit', 'credit'}
        columns = [
            Column(name, getattr(self, name), required=name in required)
            for name in self._get_columns() if getattr(self, name)]
        columns.extend(
            Column(f'description{index}', label.strip(), required=not index)
            for index, label in enumerate(self.descriptions.split(';'))
            if label.strip())
        return columns

    @classmethod
    def _get_columns(cls):
        return list(_COLUMNS)

    def read_file(self, data):
        "Return the rows of the bytes, oldest first, or raise FileRefused"
        lines = data.split(b'\n')
        # Emptied, so that the others keep their number
        data = b'\n'.join([b''] * self.skip + lines[self.skip:])
        table = read_table(data, self.get_columns(), strict=False)
        rows, problems = [], list(table.problems)
        for row in table.rows:
            try:
                rows.append(self.read_row(row))
            except ValueProblem as problem:
                problems.append(Problem(
                        row.line, problem.column, problem.code,
                        problem.values))
        if problems:
            raise FileRefused(*problems)
        return self._sort(rows)

    def read_row(self, row):
        "Return the values of the transaction"
        values = row.values
        if self.amount:
            amount = self._get_value('amount', values, self._parse_amount)
        else:
            debit = self._get_value('debit', values, self._parse_amount, False)
            credit = self._get_value('credit', values, self._parse_amount, False)
            amount = (credit or Decimal(0)) - abs(debit or Decimal(0))
        return {
            'line': row.line,
            'date': self._get_value('date', values, self._parse_date),
            'amount': amount,
            'balance': self._get_value(
                'balance', values, self._parse_amount, bool(self.balance)),
            'currency': values.get('currency'),
            'number': values.get('number') or None,
            'description': ' '.join(filter(None, (
                        v for n, v in sorted(values.items())
                        if n.startswith('description'))))[:250],
            }

    def _get_value(self, name, values, parse, required=True):
        try:
            value = parse(values.get(name) or '')
            if value is None and required:
                raise ValueProblem('value_missing')
            return value
        except ValueProblem as problem:
            problem.column = getattr(self, name)
            raise

    def _parse_amount(self, text):
        text = text.replace('€', '').replace('\u2212', '-').strip()
        if self.decimal_point == '.':
            text = text.replace(',', '').replace('.', ',')
        else:
            # 1.234,56 is one number, 1.234 could be two
            head, comma, tail = text.partition(',')
            text = head.replace('.', '') + comma + tail if comma else text
        return parse_decimal(text)

    def _parse_date(self, text):
        if not text:
            return None
        try:
            date = dt.datetime.strptime(text, self.date_format).date()
        except ValueError:
            raise ValueProblem('value_date', value=show(text))
        if not 1990 <= date.year <= 2100:
            raise ValueProblem('value_date', value=show(text))
        return date

    def _sort(self, rows):
        "Banks write the last transaction first, or last"
        if not rows or not self.balance:
            return sorted(rows, key=lambda r: r['date'])
        for rows in [rows, rows[::-1]]:
            if all(a['balance'] + b['amount'] == b['balance']
                    and a['date'] <= b['date']
                    for a, b in zip(rows, rows[1:])):
                return rows
        raise StatementBalanceError(gettext(
                'proxymikro_account.msg_statement_mapping_balance',
                mapping=self.rec_name))


class ImportStatementStart(metaclass=PoolMeta):
    __name__ = 'account.statement.import.start'

    mapping = fields.Many2One(
        'account.statement.mapping', "Mapping",
        domain=[('company', '=', Eval('company', -1))],
        states={
            'invisible': Eval('file_format') != 'csv',
            'required': Eval('file_format') == 'csv',
            },
        help="What the columns of the file hold.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.file_format.selection.append(('csv', "CSV"))


class ImportStatement(metaclass=PoolMeta):
    __name__ = 'account.statement.import'

    def parse_csv(self):
        return self._check(self._parse_csv)

    def _parse_csv(self):
        mapping = self.start.mapping
        if not mapping:
            raise FileRefused.because('file_empty')
        rows = mapping.read_file(self.start.file_)
        for row in rows:
            self._check_currency(mapping.journal.currency.code, {
                    '€': 'EUR'}.get(row['currency'], row['currency']))
        if rows:
            yield self.csv_statement(mapping, rows)

    def csv_statement(self, mapping, rows):
        Statement = Pool().get('account.statement')
        statement = Statement(
            name=f'{mapping.name} {rows[-1]["date"]:%d/%m/%Y}',
            company=self.start.company,
            journal=mapping.journal,
            date=rows[-1]['date'],
            start_balance=None,
            end_balance=None,
            origins=self.csv_origins(mapping, rows))
        if mapping.balance:
            first, last = rows[0], rows[-1]
            statement.start_balance = first['balance'] - first['amount']
            statement.end_balance = last['balance']
        return statement

    def csv_origins(self, mapping, rows):
        Origin = Pool().get('account.statement.origin')
        return [
            Origin(**{n: row[n] for n in [
                        'number', 'date', 'amount', 'description']})
            for row in rows]
