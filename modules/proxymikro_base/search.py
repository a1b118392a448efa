# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.


def search_any(clause, *names):
    """Return the domain of the clause of a searcher on any of the fields.

    On all of them if the clause denies.
    """
    _, operator, *operands = clause
    denies = operator.startswith('!') or operator.startswith('not ')
    return [
        'AND' if denies else 'OR',
        *((name, operator, *operands) for name in names)]
