# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Finalise one settlement many times at once: python -m tests.faults.settlement_rush.

Reads from its input the cases, each the ids of the settlements that the
attempts are on; writes how each ended, the state of the settlement and how
many invoices adjust it.
"""
import json
import sys

from trytond.pool import Pool
from trytond.transaction import Transaction

from . import rush


def finalise(id_):
    pool = Pool()
    Settlement = pool.get('recycling.settlement')
    Settlement.finalise([Settlement(id_)], pool.get('ir.date').today())


rush.ACTS.update(finalise=finalise)
rush.MODELS.update(finalise=('recycling.settlement', 'provisional'))


def settled(database, id_):
    "Return the state of the settlement and the amounts that adjust it"
    with Transaction().start(database, 0, readonly=True):
        pool = Pool()
        Line = pool.get('account.invoice.line')
        settlement = pool.get('recycling.settlement')(id_)
        lines = Line.search([
                ('origin.settlement', '=', id_, 'recycling.settlement.line')])
        return (
            settlement.state, len({l.invoice for l in lines}),
            str(sum(l.amount for l in lines)))


def main():
    order, database, context = rush.take_order()
    json.dump([[
                rush.rush(database, context, 'finalise', ids),
                *settled(database, ids[0])]
            for ids in order['cases']], sys.stdout)


if __name__ == '__main__':
    main()
