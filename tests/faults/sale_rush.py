# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Sell one part many times at once, in threads: python -m tests.faults.sale_rush.

Reads from its input the cases, each an act, the part and the ids of the sales;
writes how each attempt ended, the states of the sales and the moves of the part
to a customer.
"""
import json
import sys

from trytond.pool import Pool
from trytond.transaction import Transaction

from . import rush


def quote(id_):
    Sale = Pool().get('sale.sale')
    Sale.quote([Sale(id_)])


def dispatch(id_):
    Sale = Pool().get('sale.sale')
    Sale.dispatch([Sale(id_)])


rush.ACTS.update(quote=quote, dispatch=dispatch)
rush.MODELS.update(
    quote=('sale.sale', 'draft'), dispatch=('sale.sale', 'processing'))


def states(database, ids):
    with Transaction().start(database, 0, readonly=True):
        Sale = Pool().get('sale.sale')
        return sorted(s.state for s in Sale.browse(ids))


def sold(database, lot):
    "Return how many times the part left to a customer"
    with Transaction().start(database, 0, readonly=True):
        Move = Pool().get('stock.move')
        return Move.search([
                ('lot', '=', lot), ('state', '=', 'done'),
                ('to_location.type', '=', 'customer'),
                ], count=True)


def main():
    order, database, context = rush.take_order()
    json.dump([[
                rush.rush(database, context, act, ids),
                states(database, ids), sold(database, lot)]
            for act, lot, ids in order['cases']], sys.stdout)


if __name__ == '__main__':
    main()
