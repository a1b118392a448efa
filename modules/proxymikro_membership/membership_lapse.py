# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Who has not renewed, once the days of grace are over."""
import datetime as dt

from sql.operators import Exists

from trytond.model import fields
from trytond.modules.proxymikro_base.search import search_boolean
from trytond.pool import Pool, PoolMeta
from trytond.transaction import Transaction

from .membership import TAKEN


class Membership(metaclass=PoolMeta):
    __name__ = 'party.membership'

    lapsed = fields.Function(
        fields.Boolean(
            "Lapsed",
            help="Checked if it is over, its days of grace too, and no other "
            "follows it."),
        'get_lapsed', searcher='search_lapsed')

    @classmethod
    def get_lapsed(cls, memberships, name):
        ids = [m.id for m in memberships]
        lapsed = {m.id for m in cls.search([
                    ('id', 'in', ids), ('lapsed', '=', True)])}
        return {id_: id_ in lapsed for id_ in ids}

    @classmethod
    def search_lapsed(cls, name, clause):
        query = cls._lapsed_query()
        return search_boolean(
            clause, [('id', 'in', query)], [('id', 'not in', query)])

    @classmethod
    def _lapsed_query(cls):
        "Return the query of the last memberships whose grace is over"
        pool = Pool()
        Type = pool.get('party.membership.type')
        today = pool.get('ir.date').today()
        table = cls.__table__()
        with Transaction().set_context(active_test=False):
            types = Type.search([])
        over = table.id < 0
        for days in {t.grace_days for t in types}:
            over |= (
                table.type.in_(
                    [t.id for t in types if t.grace_days == days])
                & (table.end_date < today - dt.timedelta(days=days)))
        return table.select(
            table.id,
            where=table.state.in_(['active', 'ended']) & over
            & ~Exists(cls._following(table, ['active', 'ended'])))

    @classmethod
    def _following(cls, table, states):
        "Return the query of what comes after the membership of the table"
        later = cls.__table__()
        return later.select(
            later.id,
            where=(later.party == table.party)
            & (later.place == table.place)
            & (later.company == table.company)
            & later.state.in_(states)
            & (later.end_date > table.end_date))

    @classmethod
    def followed_query(cls):
        "Return the query of the memberships which another follows already"
        table = cls.__table__()
        return table.select(
            table.id, where=Exists(cls._following(table, TAKEN)))

    @classmethod
    def get_member_since(cls, memberships):
        """Return since which day each party is a member, with no gap.

        The days of grace between two memberships are not one.
        """
        earlier = cls.search([
                ('party', 'in', [m.party.id for m in memberships]),
                ('company', 'in', [m.company.id for m in memberships]),
                ('state', 'in', ['active', 'ended']),
                ], order=[('start_date', 'DESC'), ('id', 'DESC')])
        since = {}
        for membership in memberships:
            day = since.get(membership.party, membership.start_date)
            since[membership.party] = min(day, membership.start_date)
        for membership in earlier:
            day = since[membership.party]
            grace = dt.timedelta(days=membership.type.grace_days + 1)
            if membership.start_date < day <= membership.end_date + grace:
                since[membership.party] = membership.start_date
        return since
