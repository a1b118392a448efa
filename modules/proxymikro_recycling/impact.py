# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the association changes: devices, years of loan, kg, CO2e, people."""
import datetime as dt
from calendar import monthrange

from sql import Null, Values, With
from sql.aggregate import Sum
from sql.conditionals import Case, Coalesce

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.proxymikro_stock.product import KINDS
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.transaction import Transaction, without_check_access

from .impact_factor import latest
from .mass_balance import DAYS_OF_YEAR
from .mass_balance_by import kind_rank
from .mass_entry import where_selected
from .mass_flow import get_flows, get_period

# What is kept out of disposal: used again, or made into materials
DIVERTED = [
    'placed', 'sold_parts', 'sold_materials', 'prepared', 'recycled']


def month_days(start, end):
    "Return the (number, first day, last day) of the months, by yyyymm"
    year, month, periods = start.year, start.month, []
    while (year, month) <= (end.year, end.month):
        periods.append((
                year * 100 + month, dt.date(year, month, 1),
                min(dt.date(year, month, monthrange(year, month)[1]), end)))
        year, month = (year + month // 12, month % 12 + 1)
    return periods


class ImpactMixin(ModelSQL, ModelView):
    __slots__ = ()

    placed_number = fields.Float(
        "Devices Reused", digits=(None, 0),
        help="The devices lent or sold for the first time: "
        "each counts once, whatever its loans.")
    loan_years = fields.Float(
        "Loan-Years", digits=(None, 1),
        help="The years that the devices were lent.")
    diverted = fields.Float(
        "Diverted", digits=(None, 0),
        help="The kg kept out of disposal: the devices reused, the parts and "
        "the materials sold, and what was recycled.")
    co2e = fields.Float(
        "CO2e Avoided", digits=(None, 0),
        help="The kg CO2e that the loans avoid, by the factors and the "
        "substitution in force: an estimate. "
        "Empty when no factor is known for the kind.")
    uncounted = fields.Float(
        "Loan-Years Not Counted", digits=(None, 1),
        help="The years of loan of the kinds without factor, "
        "which count for no CO2e.")

    @classmethod
    def get_periods(cls):
        raise NotImplementedError

    @classmethod
    def _keys(cls, flows, collection):
        raise NotImplementedError

    @classmethod
    def _number(cls, sums):
        raise NotImplementedError

    @classmethod
    @without_check_access
    def get_rates(cls, periods):
        """Return the kg CO2e that a year of loan avoids.

        As (period, kind, kg), without the kinds that have no factor.
        """
        pool = Pool()
        Factor = pool.get('impact.factor')
        Substitution = pool.get('impact.substitution')
        factors, substitutions = Factor.search([]), Substitution.search([])
        rates = []
        for number, _, end in periods:
            substitution = latest(substitutions, end)
            for kind, _ in KINDS:
                factor = latest([f for f in factors if f.kind == kind], end)
                if factor and substitution:
                    rates.append(
                        (number, kind, factor.embodied * substitution.rate))
        return rates

    @classmethod
    def table_query(cls):
        periods = cls.get_periods()
        with_, flows = get_flows(periods)
        # At least a row, for the database to know the types
        rates = With('period', 'kind', 'rate', query=Values(
                cls.get_rates(periods) or [(0, '', 0.)]))
        collection = Pool().get('stock.shipment.in').__table__()
        keys = cls._keys(flows, collection)
        during = flows.until - flows.before
        years = Case(
            (flows.bucket == 'loan', flows.until / DAYS_OF_YEAR), else_=0.)
        sums = flows.join(rates, 'LEFT',
            condition=(rates.period == flows.period)
            & (rates.kind == flows.kind)).join(collection, 'LEFT',
            condition=flows.collection == collection.id).select(
            *keys,
            Sum(Case((flows.bucket == 'placed', flows.number), else_=0.)
                ).as_('placed_number'),
            Sum(years).as_('loan_years'),
            Sum(Case((flows.bucket.in_(DIVERTED), during), else_=0.)
                ).as_('diverted'),
            Sum(years * rates.rate).as_('co2e'),
            Sum(Case((rates.rate == Null, years), else_=0.)
                ).as_('uncounted'),
            where=where_selected(collection),
            group_by=keys)
        return cls._from_sums(
            sums, [k.output_name for k in keys], [*with_, rates], periods)

    @classmethod
    def _from_sums(cls, sums, names, with_, periods):
        return sums.select(
            cls._number(sums).as_('id'), *cls._sum_columns(sums, names),
            where=(sums.placed_number > 0) | (sums.loan_years > 0)
            | (sums.diverted > 0),
            with_=with_)

    @classmethod
    def _sum_columns(cls, sums, names):
        counted = (sums.co2e != Null) & (sums.loan_years > sums.uncounted)
        return [
            *(getattr(sums, n).as_(n) for n in [
                    *names, 'placed_number', 'loan_years', 'diverted',
                    'uncounted']),
            Case((counted, sums.co2e), else_=Null).as_('co2e')]


class Impact(ImpactMixin):
    __name__ = 'impact'

    month = fields.Integer("Month", help="The year and the month: yyyymm.")
    month_name = fields.Function(fields.Char("Month"), 'get_month_name')
    kind = fields.Selection(KINDS, "Kind of Device", sort=False)
    kind_string = kind.translated('kind')
    kind_name = fields.Function(
        fields.Char("Kind of Device"), 'get_kind_name')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('month', 'DESC'), ('kind', 'ASC'), ('id', 'ASC')]

    @classmethod
    def get_periods(cls):
        context = Transaction().context
        today = Pool().get('ir.date').today()
        end = context.get('end_date') or today
        start = context.get('start_date') or end.replace(month=1, day=1)
        return month_days(start, max(start, end))

    @classmethod
    def _keys(cls, flows, collection):
        return [flows.period.as_('month'), flows.kind.as_('kind')]

    @classmethod
    def _number(cls, sums):
        return sums.month * 100 + kind_rank(sums.kind)

    def get_month_name(self, name):
        return f'{self.month % 100:02}/{self.month // 100}'

    def get_kind_name(self, name):
        "Return the label that a graph shows, as it does not translate"
        return self.kind_string

    def get_rec_name(self, name):
        return f'{self.month_name} {self.kind_string}'


class ImpactPeriodMixin(ImpactMixin):
    "What a whole period changed"
    __slots__ = ()

    @classmethod
    def get_periods(cls):
        return get_period()


class ImpactKind(ImpactPeriodMixin):
    __name__ = 'impact.kind'

    kind = fields.Selection(KINDS, "Kind of Device", sort=False)
    kind_string = kind.translated('kind')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('loan_years', 'DESC'), ('id', 'ASC')]

    @classmethod
    def _keys(cls, flows, collection):
        return [flows.kind.as_('kind')]

    @classmethod
    def _number(cls, sums):
        return kind_rank(sums.kind)

    def get_rec_name(self, name):
        return self.kind_string


class ImpactDonor(ImpactPeriodMixin):
    __name__ = 'impact.donor'

    donor = fields.Many2One('party.party', "Donor")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('loan_years', 'DESC'), ('id', 'ASC')]

    @classmethod
    def _keys(cls, flows, collection):
        return [collection.supplier.as_('donor')]

    @classmethod
    def _number(cls, sums):
        return Coalesce(sums.donor, 0) + 1

    def get_rec_name(self, name):
        return self.donor.rec_name if self.donor else ''


class ImpactContext(ModelView):
    __name__ = 'impact.context'

    start_date = fields.Date(
        "From",
        domain=[
            If(Eval('start_date') & Eval('end_date'),
                ('start_date', '<=', Eval('end_date')), ()),
            ],
        help="Leave empty to start with the year.")
    end_date = fields.Date(
        "To",
        domain=[
            If(Eval('start_date') & Eval('end_date'),
                ('end_date', '>=', Eval('start_date')), ()),
            ],
        help="Leave empty to count until today.")

    @classmethod
    def default_start_date(cls):
        return cls.default_end_date().replace(month=1, day=1)

    @classmethod
    def default_end_date(cls):
        return Pool().get('ir.date').today()
