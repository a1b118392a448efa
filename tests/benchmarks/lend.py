# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What it costs to lend many devices in one click, whatever their number."""
import datetime as dt
from statistics import median

from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.transaction import Transaction

from .measure import cpu

COUNT = 30


def get_devices():
    "Return ready devices that hold no data: screens, from now on"
    pool = Pool()
    Lot = pool.get('stock.lot')
    ModelData = pool.get('ir.model.data')
    screen = ModelData.get_id('proxymikro_stock', 'product_screen')
    lots = Lot.search([('stage', '=', 'ready')], limit=COUNT)
    ids = [(screen, l.id) for l in lots]
    cursor = Transaction().connection.cursor()
    cursor.executemany('UPDATE stock_lot SET product = ? WHERE id = ?', ids)
    cursor.executemany('UPDATE stock_move SET product = ? WHERE lot = ?', ids)
    return [l.id for l in lots]


def click(context):
    """Lend them as the wizard does, and undo it.

    Return the time and the number of queries.
    """
    with Transaction().start('db', 1, context=dict(context)):
        pool = Pool()
        Loan = pool.get('stock.loan')
        Party = pool.get('party.party')
        Start = pool.get('stock.loan.lend.start')
        devices = get_devices()
        borrower, = Party.search([], limit=1)
        start = Start(
            borrower=borrower, place=None, devices=devices,
            end_date=dt.date.today() + dt.timedelta(days=30))
        with count_queries() as executed, cpu() as time:
            loan = start.lend()
        assert Loan(loan.id).open_count == COUNT
        Transaction().rollback()
    return time(), len(executed)


def measure(context):
    "Return the time and the queries of the click"
    click(context)
    clicks = [click(context) for _ in range(3)]
    return median(t for t, _ in clicks), max(n for _, n in clicks)
