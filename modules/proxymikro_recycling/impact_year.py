# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What each year changes, and for how many people."""
from sql import Literal, Null, Values, With
from sql.aggregate import Count, Sum
from sql.conditionals import Case, Coalesce
from sql.operators import Exists

from trytond.model import fields
from trytond.pool import Pool, PoolMeta

from .impact import ImpactMixin
from .mass_entry import of_company
from .mass_flow import get_years


class ImpactYear(ImpactMixin):
    __name__ = 'impact.year'

    year = fields.Integer("Year")
    members = fields.Integer(
        "Members", help="The members who had a device during the year.")
    schools = fields.Integer(
        "Schools",
        help="The schools, by their number, where a device was during the "
        "year.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('year', 'DESC'), ('id', 'DESC')]

    @classmethod
    def get_periods(cls):
        return get_years()

    @classmethod
    def _keys(cls, flows, collection):
        return [flows.period.as_('year')]

    @classmethod
    def _number(cls, sums):
        return sums.year

    @classmethod
    def _from_sums(cls, sums, names, with_, periods):
        years = With('period', 'start', 'end', query=Values(periods))
        people = cls._people(years)
        return sums.join(
            people, 'LEFT', condition=people.period == sums.year).select(
            cls._number(sums).as_('id'), *cls._sum_columns(sums, names),
            *(Coalesce(getattr(people, n), 0).as_(n)
                for n in cls._people_names()),
            with_=[*with_, years])

    @classmethod
    def _people_names(cls):
        return ['members', 'schools']

    @classmethod
    def _places(cls, years):
        "Return the query of who had a device, and where, by period"
        pool = Pool()
        loan = pool.get('stock.loan').__table__()
        line = pool.get('stock.loan.line').__table__()
        identifier = pool.get('party.identifier').__table__()
        back = Coalesce(line.returned_on, line.lost_on, years.end)
        place = Coalesce(loan.place, loan.borrower)
        school = Exists(identifier.select(Literal(1),
                where=(identifier.party == place)
                & (identifier.type == 'fr_uai')))
        return (line
            .join(loan, condition=line.loan == loan.id)
            .join(years, condition=(line.lent_on <= years.end)
                & (back >= years.start))
            .select(
                years.period.as_('period'), loan.borrower.as_('borrower'),
                place.as_('place'),
                Case((school, place), else_=Null).as_('school'),
                where=of_company(loan.company), distinct=True))

    @classmethod
    def _people(cls, years):
        "Return the query of the people that the loans serve, by period"
        places = cls._places(years)
        return places.select(
            places.period,
            Count(places.borrower, distinct=True).as_('members'),
            Count(places.school, distinct=True).as_('schools'),
            group_by=[places.period])

    def get_rec_name(self, name):
        return str(self.year)


class ImpactPupils(metaclass=PoolMeta):
    "The pupils that the places declare"
    __name__ = 'impact.year'

    pupils = fields.Integer(
        "Pupils",
        help="What the places where devices were declare: "
        "each place counts once by year.")

    @classmethod
    def _people_names(cls):
        return [*super()._people_names(), 'pupils']

    @classmethod
    def _people(cls, years):
        party = Pool().get('party.party').__table__()
        people, places = super()._people(years), cls._places(years)
        by_place = places.select(
            places.period, places.place, distinct=True)
        pupils = by_place.join(
            party, condition=by_place.place == party.id).select(
            by_place.period, Sum(party.pupils).as_('pupils'),
            group_by=[by_place.period])
        return people.join(
            pupils, condition=pupils.period == people.period).select(
            people.period, people.members, people.schools, pupils.pupils)
