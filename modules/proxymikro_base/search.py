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


def search_boolean(clause, when_true, when_false):
    "Return the domain of the clause of a searcher on a yes or no"
    _, operator, value = clause
    if operator in {'in', 'not in'}:
        values = {bool(v) for v in value}
        wanted = values if operator == 'in' else {True, False} - values
    else:
        wanted = {bool(value) == (operator == '=')}
    if wanted == {True}:
        return when_true
    elif wanted == {False}:
        return when_false
    return [] if wanted else [('id', '<', 0)]
