# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The thresholds of the law, and how near the association is to each."""
import datetime as dt
import re
from collections import defaultdict
from decimal import Decimal

from sql import Null
from sql.aggregate import Sum
from sql.conditionals import Coalesce

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.modules.proxymikro_base.validity import ValidityMixin
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.transaction import Transaction

from .annual_statement_figure import closing_moves
from .exceptions import ThresholdAccountsError

# The part of a threshold from which the association is warned
NEAR = Decimal('0.8')


class Threshold(ValidityMixin, ModelSQL, ModelView):
    __name__ = 'account.threshold'

    name = fields.Char("Name", required=True, translate=True)
    amount = fields.Numeric(
        "Threshold", digits=(None, 2), required=True,
        domain=[('amount', '>', 0)],
        help="The amount of a year, in euros.")
    accounts = fields.Char(
        "Accounts", required=True,
        help="How the numbers of the accounts that count begin, separated by "
        "spaces; after a minus sign, those which do not: 70 -7085.")
    period = fields.Selection([
            ('civil', "Civil Year"),
            ('fiscal', "Fiscal Year"),
            ], "Counted By", required=True, sort=False)
    consequence = fields.Text(
        "Once Passed", translate=True,
        help="What the association must do then.")
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'get_currency')
    reached = fields.Function(Monetary(
            "Reached", currency='currency', digits='currency',
            help="What the posted moves of the year amount to."),
        'get_gauge')
    ratio = fields.Function(fields.Float(
            "Part of the Threshold", digits=(None, 4)), 'get_gauge')
    level = fields.Function(fields.Selection([
                (None, ""),
                ('clear', "Clear"),
                ('near', "Near"),
                ('passed', "Passed"),
                ], "Level", sort=False,
            help="Near from 80 % on."),
        'get_gauge', searcher='search_level')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('name', 'ASC'), ('start_date', 'DESC'), ('id', 'DESC')]

    @classmethod
    def default_period(cls):
        return 'civil'

    @classmethod
    def validate_fields(cls, thresholds, names):
        super().validate_fields(thresholds, names)
        if names and 'accounts' not in names:
            return
        for threshold in thresholds:
            if not re.fullmatch(r'(-?\d+\s+)*\d+(\s+-?\d+)*',
                    threshold.accounts.strip()):
                raise ThresholdAccountsError(gettext(
                        'proxymikro_account.msg_threshold_accounts',
                        threshold=threshold.rec_name,
                        accounts=threshold.accounts))

    @classmethod
    def get_currency(cls, thresholds, name):
        Company = Pool().get('company.company')
        company = Transaction().context.get('company')
        currency = Company(company).currency.id if company else None
        return dict.fromkeys(map(int, thresholds), currency)

    @property
    def prefixes(self):
        "Return how the numbers that count begin, and those that don't"
        words = self.accounts.split()
        return (
            tuple(w for w in words if not w.startswith('-')),
            tuple(w[1:] for w in words if w.startswith('-')))

    def count(self, balances):
        "Return the sum of the balances, by account number, that count"
        counted, left = self.prefixes
        return sum((
                balance for code, balance in balances.items()
                if code.startswith(counted)
                and not (left and code.startswith(left))), Decimal(0))

    @classmethod
    def get_gauge(cls, thresholds, names):
        balances = {p: cls.get_balances(p) for p in {
                t.period for t in thresholds}}
        result = {n: {} for n in names}
        for threshold in thresholds:
            reached = threshold.count(balances[threshold.period])
            ratio = reached / threshold.amount
            level = 'clear'
            if ratio >= NEAR:
                level = 'passed' if ratio > 1 else 'near'
            gauge = {
                'reached': reached, 'ratio': min(max(float(ratio), 0), 1),
                'level': level}
            for name in names:
                result[name][threshold.id] = gauge[name]
        return result

    @classmethod
    def search_level(cls, name, clause):
        _, operator, value = clause
        values = set(value) if isinstance(value, (list, tuple)) else {value}
        denies = operator.startswith('!') or operator.startswith('not ')
        return [('id', 'in', [
                    t.id for t in cls.search([])
                    if (t.level in values) != denies])]

    @classmethod
    def get_dates(cls, period):
        "Return the first and the last day of the year that is counted"
        pool = Pool()
        FiscalYear = pool.get('account.fiscalyear')
        context = Transaction().context
        date = context.get('date') or pool.get('ir.date').today()
        if period == 'fiscal':
            fiscalyears = FiscalYear.search([
                    ('company', '=', context.get('company')),
                    ('start_date', '<=', date), ('end_date', '>=', date),
                    ], limit=1)
            if fiscalyears:
                fiscalyear, = fiscalyears
                return fiscalyear.start_date, fiscalyear.end_date
        return dt.date(date.year, 1, 1), dt.date(date.year, 12, 31)

    @classmethod
    def get_balances(cls, period):
        """Return what the accounts received in the year, by number.

        The moves which close a year, or undo its closing, are left out.
        """
        pool = Pool()
        account = pool.get('account.account').__table__()
        line = pool.get('account.move.line').__table__()
        move = pool.get('account.move').__table__()
        company = Transaction().context.get('company')
        closing = closing_moves(company)
        start, end = cls.get_dates(period)
        cursor = Transaction().connection.cursor()
        cursor.execute(*line
            .join(move, condition=line.move == move.id)
            .join(account, condition=line.account == account.id)
            .join(closing, 'LEFT', condition=move.id == closing.id)
            .select(
                account.code,
                Sum(Coalesce(line.credit, 0) - Coalesce(line.debit, 0)),
                where=(move.company == company)
                & (move.state == 'posted')
                & (move.date >= start) & (move.date <= end)
                & (closing.id == Null),
                group_by=account.code))
        balances = defaultdict(Decimal)
        for code, balance in cursor:
            balances[code or ''] += round(Decimal(str(balance or 0)), 2)
        return balances

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(
                    Eval('level') == 'passed', 'danger',
                    If(Eval('level') == 'near', 'warning', ''))),
            ]
