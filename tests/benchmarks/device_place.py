# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What it costs to know where every device was on 1 January."""
import datetime as dt

from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.transaction import Transaction

from .measure import alternate, cpu

ROWS = 80
DAY = dt.date(dt.date.today().year, 1, 1)
# What somebody who knows the tables would type, the place of each device
RAW = '''
SELECT m.lot, m.lot, l.id, l.stage, l.borrower, m.effective_date
FROM (SELECT lot, MAX(lot_rank) AS rank FROM stock_move
    WHERE state = 'done' AND lot_rank IS NOT NULL AND effective_date <= ?
        AND company = ? GROUP BY lot) AS r
JOIN stock_move AS m ON m.lot = r.lot AND m.lot_rank = r.rank
    AND m.state = 'done'
JOIN stock_location AS l ON l.id = m.to_location AND l.type = 'storage'
JOIN product_product AS p ON p.id = m.product
JOIN product_template AS t ON t.id = p.template AND t.device
ORDER BY l.stage, l.id, m.lot'''


def fill():
    "Give each device two moves before those it has, around the day"
    cursor = Transaction().connection.cursor()
    for rank, date in [
            (0, DAY - dt.timedelta(days=20)),
            (-1, DAY - dt.timedelta(days=40))]:
        cursor.execute(
            'INSERT INTO stock_move (product, lot, unit, quantity, '
            'internal_quantity, from_location, to_location, company, state, '
            'effective_date, lot_rank, shipment) '
            'SELECT product, lot, unit, quantity, internal_quantity, '
            'from_location, to_location, company, state, ?, ?, shipment '
            'FROM stock_move WHERE lot_rank = 1', (date, rank))
    Transaction().commit()
    cursor.execute('ANALYZE')


def raw(company):
    cursor = Transaction().connection.cursor()
    with cpu() as time:
        cursor.execute(RAW, (DAY, company))
        rows = cursor.fetchall()
    return time(), rows


def asked():
    "The same by the query of the model"
    Place = Pool().get('device.place')
    cursor = Transaction().connection.cursor()
    with cpu() as time:
        cursor.execute(*Place.table_query())
        rows = cursor.fetchall()
    return time(), rows


def page():
    "A page of the list, as the client asks for it"
    Place = Pool().get('device.place')
    with count_queries() as executed, cpu() as time:
        places = Place.search([], limit=ROWS)
    assert len(places) == ROWS
    return time(), executed


def measure(context):
    "Return the three times, the number of devices and of queries of a page"
    with Transaction().start('db', 1, context=dict(context)):
        fill()
        company = context['company']
        with Transaction().set_context(device_date=DAY):
            times = alternate(
                lambda: raw(company)[0], lambda: asked()[0],
                lambda: page()[0], repeat=5)
            known = sorted(r[0] for r in raw(company)[1])
            assert known == sorted(r[0] for r in asked()[1])
            return *times, len(known), len(page()[1])
