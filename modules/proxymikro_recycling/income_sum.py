# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""All the rows of the income at once, for what adds them up.

A subquery by row shares the line of the page that is shown; the windows share
all the lines in one pass.
"""
from sql import Null, Window
from sql.aggregate import Sum
from sql.conditionals import Case
from sql.functions import Round

from trytond.pool import PoolMeta


class Income(metaclass=PoolMeta):
    __name__ = 'recycling.income'

    @classmethod
    def sums_query(cls):
        "Return the query of all the rows, with what is added up only"
        tables = cls._tables()
        columns = cls._columns(tables)
        columns['amount'] = cls._amount_of_all(tables)
        columns['unexplained'] = cls._unexplained(tables)
        return cls._from(tables).select(
            *(columns[n].as_(n) for n in [
                    'id', 'account', 'period', 'kind', 'weight', 'amount',
                    'currency', 'unexplained']),
            where=cls._where(tables))

    @classmethod
    def _amount_of_all(cls, tables):
        "Return the same part, when all the rows of the line are read"
        cast, line, sold = cls.amount.sql_cast, tables['line'], tables['sold']
        total, weight = cls._total(tables), cls._share(tables['stock_move'])
        whole = Sum(weight, window=Window([line.id]))
        until = Sum(weight, window=Window([line.id], order_by=[sold.id.asc]))

        def share(part):
            return Round(cast(total * part / whole), 2)

        return cast(Case(
                (sold.id == Null, total),
                else_=Round(cast(share(until) - share(until - weight)), 2)))
