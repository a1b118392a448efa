# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What waits for support, by state and by age."""
import datetime as dt

from sql import Null
from sql.aggregate import Count, Min, Sum
from sql.conditionals import Case

from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool

from .support import OPEN

WEEK, MONTH = dt.timedelta(days=7), dt.timedelta(days=30)


class SupportBoard(ModelSQL, ModelView):
    __name__ = 'support.request.board'

    company = fields.Many2One('company.company', "Company")
    state = fields.Selection('get_states', "State", sort=False)
    requests = fields.Integer("Requests")
    week = fields.Integer(
        "7 Days at Most", help="The requests of the last 7 days.")
    month = fields.Integer("8 to 30 Days")
    older = fields.Integer("More than 30 Days")
    late = fields.Integer(
        "Late",
        help="Those not answered by the day that the membership promises.")
    oldest = fields.Date("Oldest")

    @classmethod
    def get_states(cls):
        Request = Pool().get('support.request')
        states = Request.fields_get(['state'])['state']['selection']
        return [(s, name) for s, name in states if s in OPEN]

    @classmethod
    def order_state(cls, tables):
        "As the requests go through them"
        table, _ = tables[None]
        return [Case(
            *((table.state == s, i) for i, s in enumerate(OPEN)),
            else_=len(OPEN))]

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('company', 'ASC'), ('state', 'ASC'), ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        pool = Pool()
        table = pool.get('support.request').__table__()
        today = pool.get('ir.date').today()

        def count(condition):
            return cls.requests.sql_cast(
                Sum(Case((condition, 1), else_=0)))
        week, month = today - WEEK, today - MONTH
        return table.select(
            Min(table.id).as_('id'),
            table.company.as_('company'),
            table.state.as_('state'),
            Count(table.id).as_('requests'),
            count(table.date >= week).as_('week'),
            count((table.date < week) & (table.date >= month)).as_('month'),
            count(table.date < month).as_('older'),
            count((table.due_date < today) & (table.answered_on == Null)
                ).as_('late'),
            Min(table.date).as_('oldest'),
            where=table.state.in_(OPEN),
            group_by=[table.company, table.state])
