# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The page of the income that is shown, out of those of all the books.

The rows have no table: their page is found by its order alone, then read from
the lines of the books that it is about.
"""
from trytond.model import Index
from trytond.pool import PoolMeta
from trytond.transaction import Transaction

from .income import LOTS
from .income_query import in_


def is_empty(domain):
    return all(
        clause == 'AND' or isinstance(clause, list) and is_empty(clause)
        for clause in domain)


class Income(metaclass=PoolMeta):
    __name__ = 'recycling.income'

    @classmethod
    def search(
            cls, domain, offset=0, limit=None, order=None, count=False,
            query=False):
        if count or query or limit is None:
            return super().search(
                domain, offset=offset, limit=limit, order=order, count=count,
                query=query)
        lines = None
        if is_empty(domain) and (not order or order == cls._order):
            lines = cls._get_first_lines(offset + limit)
        with Transaction().set_context(income_lines=lines):
            select = super().search(
                domain, offset=offset, limit=limit, order=order, query=True)
        cursor = Transaction().connection.cursor()
        cursor.execute(*select)
        return cls.browse([id_ for id_, in cursor])

    @classmethod
    def _get_first_lines(cls, count):
        """Return the first lines of the books in the order of the rows.

        Each has a row at least: the first rows are among theirs.
        """
        tables = cls._tables()
        move, line = tables['move'], tables['line']
        cursor = Transaction().connection.cursor()
        cursor.execute(*line.join(
                move, condition=line.move == move.id).select(
                line.id, where=cls._where(tables),
                order_by=[move.date.desc, line.id.desc], limit=count))
        return [id_ for id_, in cursor]

    @classmethod
    def read(cls, ids, fields_names):
        lines = sorted({id_ // LOTS for id_ in ids})
        with Transaction().set_context(income_lines=lines):
            return super().read(ids, fields_names)

    @classmethod
    def _where(cls, tables):
        transaction = Transaction()
        context = dict(transaction.context)
        lines = context.pop('income_lines', None)
        # What is read meanwhile is kept for all the pages
        with transaction.reset_context(), transaction.set_context(context):
            where = super()._where(tables)
        if lines:
            where &= in_(tables['line'].id, lines)
        return where


class InvoiceLineStockMove(metaclass=PoolMeta):
    __name__ = 'account.invoice.line-stock.move'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_indexes.add(Index(t, (t.invoice_line, Index.Equality())))
