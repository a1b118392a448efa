# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Call memberships at once, in threads: python -m tests.faults.membership_rush.

Reads from its input the cases, each the parties who renew; writes how each
attempt ended, and how many memberships and invoices the parties have.
"""
import json
import sys

from trytond.pool import Pool
from trytond.transaction import Transaction

from . import rush


def join(id_):
    "Call the membership of the party for the current period"
    pool = Pool()
    Membership = pool.get('party.membership')
    Type = pool.get('party.membership.type')
    type_, = Type.search([])
    start, end = type_.compute_period(pool.get('ir.date').today())
    memberships = Membership.create([{
                'party': id_, 'place': id_, 'type': type_.id,
                'start_date': start, 'end_date': end}])
    Membership.call(memberships)


rush.ACTS['join'] = join
rush.MODELS['join'] = 'party.party', None


def count(database, parties):
    "Return the memberships and the invoices of the parties"
    with Transaction().start(database, 0, readonly=True):
        pool = Pool()
        domain = [('party', 'in', parties)]
        return [
            pool.get(name).search(domain, count=True)
            for name in ['party.membership', 'account.invoice']]


def main():
    order, database, context = rush.take_order()
    json.dump([[
                rush.rush(database, context, 'join', parties),
                *count(database, parties)]
            for parties in order['cases']], sys.stdout)


if __name__ == '__main__':
    main()
