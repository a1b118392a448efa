# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Match one line of the bank many times at once: python -m tests.faults.match_rush.

Reads from its input the cases, each the ids of the statements that the attempts
are on; writes how each ended and how many lines the statements got.
"""
import json
import sys

from trytond.pool import Pool
from trytond.transaction import Transaction

from . import rush


def match(id_):
    "Confirm what was on the screen before anybody else did"
    pool = Pool()
    Statement = pool.get('account.statement')
    Match = pool.get('account.statement.match', type='wizard')
    statement = Statement(id_)
    origin, = statement.origins
    invoice, = pool.get('account.invoice').search(
        [('number', '=', origin.description)])
    with Transaction().set_context(
            active_model=Statement.__name__, active_id=id_, active_ids=[id_]):
        session, _, _ = Match.create()
        Match.execute(session, {'start': {
                    'statement': id_,
                    'lines': [{
                            'accept': True, 'origin': origin.id,
                            'date': origin.date,
                            'description': origin.description,
                            'amount': origin.amount, 'matched': origin.amount,
                            'related_to': str(invoice),
                            'proposed': str(invoice)}]}}, 'confirm')


rush.ACTS['match'] = match
rush.MODELS['match'] = 'account.statement', 'draft'


def count(database, ids):
    with Transaction().start(database, 0, readonly=True):
        return Pool().get('account.statement.line').search(
            [('statement', 'in', ids)], count=True)


def main():
    order, database, context = rush.take_order()
    json.dump([
            [rush.rush(database, context, 'match', ids), count(database, ids)]
            for ids in order['cases']], sys.stdout)


if __name__ == '__main__':
    main()
