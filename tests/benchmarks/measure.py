# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""How time and queries are measured."""
import time
from contextlib import contextmanager
from statistics import median

from trytond import backend
from trytond.transaction import Transaction


@contextmanager
def cpu():
    """Measure the processor's time: others may use the machine as well.

    What is yielded tells it, when called after the block.
    """
    spent = []
    start = time.process_time()
    yield lambda: spent[0]
    spent.append(time.process_time() - start)


def alternate(*functions, repeat=3):
    "Return the median of what each function measures, taken in turn"
    results = [[] for _ in functions]
    for _ in range(repeat):
        for function, times in zip(functions, results):
            times.append(function())
    return [median(times) for times in results]


def spent(function, expected=None):
    """Return the seconds, of the processor where the database is in it.

    The function starts from an empty cache and must return as many rows as
    expected.
    """
    clock = (
        time.process_time if backend.name == 'sqlite'
        else time.perf_counter)
    Transaction().cache.clear()
    start = clock()
    rows = function()
    result = clock() - start
    assert expected is None or len(rows) == expected, len(rows)
    return result
