# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Many posted entries, added in SQL: to post them takes an hour."""
import datetime as dt

from sql.aggregate import Max
from trytond import backend
from trytond.model import fields
from trytond.pool import Pool
from trytond.transaction import Transaction


def fill(books, count):
    "Add as many lines, two by move, like those of a gift that is posted"
    pool = Pool()
    Line = pool.get('account.move.line')
    Move = pool.get('account.move')
    model = books.move(
        dt.date(2026, 2, 3), ('5121', '12.50', '0'), ('75411', '0', '12.50'),
        description="Don")
    first, moves = model.id + 1, count // 2
    copy(Move, model, lambda table: [table.id, table.number], [
            [first + i, f'{i + 10:07}'] for i in range(moves)])
    for line in model.lines:
        copy(Line, line, lambda table: [table.move], [
                [first + i] for i in range(moves)])
    if backend.name == 'postgresql':
        # Its own statistics never count what is not committed
        Transaction().connection.cursor().execute(
            f'ANALYZE {Move._table}, {Line._table}')


def copy(Model, record, get_columns, keys):
    "Insert a copy of the record for each of the keys"
    table = Model.__table__()
    columns = get_columns(table)
    replaced = {c.name for c in columns} | {'id'}
    names = [
        n for n, f in Model._fields.items()
        if not isinstance(f, fields.Function) and f.sql_type()
        and n not in replaced]
    cursor = Transaction().connection.cursor()
    cursor.execute(*table.select(
            *[getattr(table, n) for n in names], where=table.id == record.id))
    values = [(n, v) for n, v in zip(names, cursor.fetchone())
        if v is not None]
    columns += [getattr(table, n) for n, _ in values]
    for start in range(0, len(keys), 500):
        cursor.execute(*table.insert(columns, [
                    [*k, *(v for _, v in values)]
                    for k in keys[start:start + 500]]))
    if backend.name == 'postgresql' and keys:
        # Its sequence does not see the numbers that are given
        cursor.execute(*table.select(Max(table.id)))
        last, = cursor.fetchone()
        Transaction().database.setnextid(
            Transaction().connection, Model._table, last + 1)
