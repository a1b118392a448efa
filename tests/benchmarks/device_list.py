# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What it costs to show a page of the list of devices, whatever their number."""
import datetime as dt
from statistics import median

from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.transaction import Transaction

from .devices import create_collection, get_product
from .measure import cpu

ROWS = 80
FIELDS = [
    'number', 'product.rec_name', 'manufacturer', 'model', 'serial_number',
    'stage', 'location.rec_name', 'holder.rec_name', 'donor.rec_name',
    'grade_appearance', 'grade_function', 'sanitisation']
DOMAINS = {
    'all': [],
    'ready': [('stage', '=', 'ready')],
    'lent': [('stage', '=', 'lent')],
    }


def create_places():
    "Return the ids of the places where the devices will be, a third lent"
    pool = Pool()
    Location = pool.get('stock.location')
    Party = pool.get('party.party')
    company, = pool.get('company.company').search([])
    stock = [
        Location.search([('stage', '=', n), ('type', '=', 'storage')])[0]
        for n in ['ready', 'workshop']]
    places = []
    for party in Party.search([], limit=40):
        places += stock
        places.append(Location.get_borrower_location(party, party, company))
    return [p.id for p in places]


def fill(count):
    "Add devices in SQL until there are as many, each with its done move"
    cursor = Transaction().connection.cursor()
    cursor.execute('SELECT COUNT(*), MAX(id) FROM stock_lot')
    have, last = cursor.fetchone()
    places = create_places()
    collections = [create_collection() for _ in range(20)]
    product = get_product()
    cursor.execute('SELECT MAX(id) FROM stock_move')
    move = (cursor.fetchone()[0] or 0) + 1
    lot = (last or 0) + 1
    today = dt.date.today()
    lots, moves = [], []
    for i in range(count - have):
        collection = collections[i % len(collections)]
        lots.append((
                lot + i, product.id, f'B-{lot + i:06}', f'token{lot + i}',
                product.lot_uom.id, collection.id, move + i,
                "Lenovo", f'M{i % 900}'))
        moves.append((
                move + i, product.id, lot + i, product.lot_uom.id,
                collection.supplier_location.id, places[i % len(places)],
                collection.company.id, today, f'{collection}'))
    cursor.executemany(
        'INSERT INTO stock_lot (id, product, number, token, unit, '
        'unit_quantity, collection, current_move, manufacturer, model, '
        'active) VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?, 1)', lots)
    cursor.executemany(
        'INSERT INTO stock_move (id, product, lot, unit, quantity, '
        'internal_quantity, from_location, to_location, company, state, '
        "effective_date, lot_rank, shipment) VALUES (?, ?, ?, ?, 1, 1, ?, ?, "
        "?, 'done', ?, 1, ?)", moves)
    Transaction().commit()
    cursor.execute('ANALYZE')


def page(domain, context):
    """Show a page of the list, as the client asks for it.

    Return the time and the number of queries.
    """
    with Transaction().start(
            'db', 1, readonly=True, context=dict(context)):
        Lot = Pool().get('stock.lot')
        with count_queries() as executed, cpu() as time:
            rows = Lot.search_read(
                [('device', '=', True), domain], limit=ROWS,
                fields_names=FIELDS)
    assert len(rows) == ROWS
    assert all(r['location.'] and r['stage'] for r in rows)
    return time(), len(executed)


def measure(context):
    "Return for each tab the time and the queries of a page"
    result = {}
    for name, domain in DOMAINS.items():
        page(domain, context)
        pages = [page(domain, context) for _ in range(9)]
        result[name] = (
            median(t for t, _ in pages), max(n for _, n in pages))
    return result
