# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Take one device many times at once, in threads: python -m tests.faults.rush.

Reads from its input the cases, each an act, the device and the ids of what takes
it; writes how each attempt ended, where the device is and the states of the loans.
A process of its own, as the tests' SQLite lives in the memory of theirs.
"""
import json
import sys
import threading
import time

from trytond import backend
from trytond.exceptions import UserError
from trytond.pool import Pool
from trytond.transaction import Transaction, TransactionError

RETRY = 20


def lend(id_):
    Loan = Pool().get('stock.loan')
    Loan.reserve([Loan(id_)])
    Loan.deliver([Loan(id_)])


def reserve(id_):
    Loan = Pool().get('stock.loan')
    Loan.reserve([Loan(id_)])


def move(id_):
    Move = Pool().get('stock.move')
    Move.do([Move(id_)])


def swap(id_):
    "Take back the only device of the loan, lend the one its purpose names"
    pool = Pool()
    Line = pool.get('stock.loan.line')
    Lot = pool.get('stock.lot')
    line, = _open_lines(id_)
    lot, = Lot.search([('number', '=', line.loan.purpose)])
    Line.swap(line, lot)


def return_(id_):
    "Take back one device by its line"
    Line = Pool().get('stock.loan.line')
    Line.return_([Line(id_)])


def seal(id_):
    Pool().get('evidence.seal').seal()


def _open_lines(id_):
    return [n for n in Pool().get('stock.loan')(id_).lines if n.open_device]


ACTS = {
    'lend': lend, 'reserve': reserve, 'move': move, 'swap': swap,
    'return': return_, 'close': return_, 'seal': seal}
# What each act is done on, and the state in which it waits
MODELS = {
    'move': ('stock.move', 'draft'),
    'swap': ('stock.loan', 'running'),
    'return': ('stock.loan.line', 'lent'),
    'close': ('stock.loan.line', 'lent'),
    'seal': ('device.erasure', 'signed'),
    }


def attempt(database, context, act, id_, barrier):
    "Do the act as the dispatcher does and return how it ended"
    count, extras, met = 0, {}, False
    while True:
        time.sleep(0.02 * count)
        try:
            transaction = Transaction().start(
                database, 1, context=dict(context), **extras)
        except backend.DatabaseOperationalError as exception:
            # No lock after as many tries: the dispatcher does not go on
            return 'operational', str(exception)
        try:
            with transaction:
                if not met:
                    meet(act, id_, barrier)
                    met = True
                ACTS[act](id_)
                transaction.commit()
            return 'won', None
        except TransactionError as exception:
            exception.fix(extras)
        except backend.DatabaseOperationalError as exception:
            count += 1
            if count > RETRY:
                return 'operational', str(exception)
        except UserError as exception:
            return type(exception).__name__, exception.message
        except Exception as exception:
            return 'crash', repr(exception)


def meet(act, id_, barrier):
    "Wait until everyone has read the old world before the first writes"
    model, state = MODELS.get(act, ('stock.loan', 'draft'))
    record = Pool().get(model)(id_)
    assert not state or record.state == state
    record.rec_name
    barrier.wait(60)


def rush(database, context, act, ids):
    barrier = threading.Barrier(len(ids))
    results = [None] * len(ids)

    def run(index, id_):
        results[index] = attempt(database, context, act, id_, barrier)

    threads = [
        threading.Thread(target=run, args=item) for item in enumerate(ids)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def holders(database, lot):
    "Return the places that hold the device by adding up quantities"
    with Transaction().start(database, 0, readonly=True):
        Move = Pool().get('stock.move')
        places = {}
        for move in Move.search([('lot', '=', lot), ('state', '=', 'done')]):
            for location, sign in [
                    (move.to_location, 1), (move.from_location, -1)]:
                places.setdefault(location, 0)
                places[location] += sign * move.quantity
        return sorted(
            (l.stage, q) for l, q in places.items()
            if l.type == 'storage' and q)


def running(database, act, ids):
    "Return the states of the loans of the lines"
    if MODELS.get(act, ('', ''))[0] != 'stock.loan.line':
        return []
    with Transaction().start(database, 0, readonly=True):
        Line = Pool().get('stock.loan.line')
        return sorted({n.loan.state for n in Line.browse(ids)})


def verify(database):
    "Return the ranks of the seals, and what is wrong with them"
    with Transaction().start(database, 1, readonly=True):
        Seal = Pool().get('evidence.seal')
        ranks = [s.rank for s in Seal.search([], order=[('rank', 'ASC')])]
        return ranks, Seal.verify()['problems']


def take_order():
    "Return what the input asks for, once the pool of its database is ready"
    order = json.load(sys.stdin)
    Pool.start()
    pool = Pool(order['database'])
    with Transaction().start(order['database'], 0, readonly=True):
        pool.init()
    return order, order['database'], order['context']


def main():
    order, database, context = take_order()
    results = [(
            rush(database, context, act, ids), holders(database, lot),
            running(database, act, ids))
        for act, lot, ids in order['cases']]
    sealed = rush(database, context, 'seal', order['erasures'])
    json.dump([results, sealed, *verify(database)], sys.stdout)


if __name__ == '__main__':
    main()
