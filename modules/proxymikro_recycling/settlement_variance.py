# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from sql import Cast, Null
from sql.aggregate import Count, Min, Sum
from sql.conditionals import Case, NullIf
from sql.functions import Extract

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval

from .rounding import round_to_field


class SettlementVariance(ModelSQL, ModelView):
    "What the final settlements of a buyer changed, by year"
    __name__ = 'recycling.settlement.variance'

    company = fields.Many2One('company.company', "Company")
    currency = fields.Many2One('currency.currency', "Currency")
    party = fields.Many2One(
        'party.party', "Buyer",
        context={'company': Eval('company', -1)}, depends={'company'})
    year = fields.Integer("Year")
    settlements = fields.Integer("Settlements")
    weight = fields.Float("Our Weight", digits=(None, 3))
    buyer_weight = fields.Float("Buyer's Weight", digits=(None, 3))
    weight_variance = fields.Float(
        "Difference of Weight", digits=(None, 3),
        help="In kg, of what is sold by weight.")
    weight_rate = fields.Float("Difference of Weight (%)", digits=(None, 4))
    graded = fields.Integer(
        "Graded", help="The lines whose grade we and the buyer say.")
    downgraded = fields.Integer("Downgraded")
    downgraded_rate = fields.Float("Downgraded (%)", digits=(None, 4))
    provisional_amount = Monetary(
        "Provisional", currency='currency', digits='currency')
    final_amount = Monetary("Settled", currency='currency', digits='currency')
    variance = Monetary("Variance", currency='currency', digits='currency')
    variance_rate = fields.Float("Variance (%)", digits=(None, 4))

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('year', 'DESC'), ('party', 'ASC'), ('id', 'ASC')]

    def get_rec_name(self, name):
        return f'{self.party.rec_name} · {self.year}'

    @classmethod
    def table_query(cls):
        pool = Pool()
        company = pool.get('company.company').__table__()
        line = pool.get('recycling.settlement.line').__table__()
        settlement = pool.get('recycling.settlement').__table__()
        year = Cast(Extract('YEAR', settlement.final_date), 'INTEGER')
        return (line
            .join(settlement, condition=line.settlement == settlement.id)
            .join(company, condition=settlement.company == company.id)
            .select(
                Min(line.id).as_('id'),
                settlement.company, company.currency, settlement.party,
                year.as_('year'),
                Count(settlement.id, distinct=True).as_('settlements'),
                *[c.as_(n) for n, c in cls._get_columns(line).items()],
                where=settlement.state == 'final',
                group_by=[
                    settlement.company, company.currency, settlement.party,
                    year]))

    @classmethod
    def _get_columns(cls, line):
        # What is not weighed on both sides compares nothing
        weighed = (line.weight != Null) & (line.buyer_weight != Null)
        weight, buyer_weight = (
            Sum(Case((weighed, column), else_=0.))
            for column in [line.weight, line.buyer_weight])
        both = (line.grade != Null) & (line.buyer_grade != Null)
        graded = Sum(Case((both, 1), else_=0))
        downgraded = Sum(Case(
                (both & (line.grade != line.buyer_grade), 1), else_=0))
        cast = cls.variance.sql_cast
        provisional, final = (
            Sum(line.provisional_amount), Sum(line.settled_amount))
        columns = {
            'weight': weight,
            'buyer_weight': buyer_weight,
            'weight_variance': buyer_weight - weight,
            'weight_rate': (buyer_weight - weight) / NullIf(weight, 0),
            'graded': graded,
            'downgraded': downgraded,
            'downgraded_rate': Cast(downgraded, 'FLOAT') / NullIf(graded, 0),
            'provisional_amount': cast(provisional),
            'final_amount': cast(final),
            'variance': cast(final - provisional),
            'variance_rate': (
                Cast(final - provisional, 'FLOAT') / NullIf(provisional, 0)),
            }
        return {
            n: round_to_field(cls._fields[n], c)
            if cls._fields[n]._type == 'float' else c
            for n, c in columns.items()}
