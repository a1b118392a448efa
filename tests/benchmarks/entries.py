# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Many posted entries, added in SQL: to post them takes an hour."""
import datetime as dt

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
    """Insert a copy of the record for each of the keys.

    Only the keys are sent, the rest never leaves the database.
    """
    table = Model._table
    columns = [c.name for c in get_columns(Model.__table__())]
    others = [
        n for n, f in Model._fields.items()
        if not isinstance(f, fields.Function) and f.sql_type()
        and n not in {'id', *columns}]
    into = ', '.join(f'"{n}"' for n in columns + others)
    values = ', '.join(f'r."{n}"' for n in others)
    cursor = Transaction().connection.cursor()
    if backend.name == 'sqlite':
        cursor.executemany(
            f'INSERT INTO "{table}" ({into}) '
            f'SELECT {", ".join("?" * len(columns))}, {values} '
            f'FROM "{table}" AS r WHERE r.id = {int(record)}', keys)
    elif keys:
        arrays = ', '.join(
            '%s::text[]' if isinstance(k, str) else '%s::integer[]'
            for k in keys[0])
        # What is copied refers to what exists: not to be checked row by row
        cursor.execute('SET LOCAL session_replication_role = replica')
        cursor.execute(
            f'INSERT INTO "{table}" ({into}) SELECT k.*, {values} '
            f'FROM UNNEST({arrays}) AS k, "{table}" AS r WHERE r.id = %s',
            [*map(list, zip(*keys)), record.id])
        cursor.execute('SET LOCAL session_replication_role = DEFAULT')
        # Its sequence does not see the numbers that are given
        cursor.execute(f'SELECT MAX(id) FROM "{table}"')
        last, = cursor.fetchone()
        Transaction().database.setnextid(
            Transaction().connection, table, last + 1)
