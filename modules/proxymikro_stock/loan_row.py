# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The rows of a list of what is already lent, ours or exported by Snipe-IT.

Nothing here needs a database: the command checks the whole file with it, the
server checks again the rows it receives.
"""
import re
from collections import defaultdict
from dataclasses import dataclass

from trytond.modules.proxymikro_base.importer import (
    Column, Problem, ValueProblem, normalize, parse_date, parse_text, show,
    today)

from .hardware_value import normalize as normalize_serial

COLUMNS = [
    Column('number', "n° d'inventaire", (
            "numéro d'inventaire", "no d'inventaire", "asset tag",
            "étiquette de l'actif", "étiquette")),
    Column('serial_number', "n° de série", (
            "numéro de série", "no de série", "serial", "serial number")),
    Column('borrower', "emprunteur", (
            "membre", "adhérent", "checked out to", "assigned to",
            "checked out", "attribué à", "affecté à"), required=True),
    Column('place', "lieu", ("établissement", "lieu d'utilisation")),
    Column('lent_on', "prêté le", (
            "date de prêt", "checkout date", "last checkout",
            "date d'affectation"), required=True),
    Column('end_date', "à rendre le", (
            "échéance", "expected checkin date", "expected checkin",
            "date de retour prévue")),
    Column('condition_out', "état à la remise", ("état",)),
    ]
LABELS = {c.name: c.label for c in COLUMNS}
_DATES = {'lent_on', 'end_date'}
_MOMENT = re.compile(r'[ T][0-9]{1,2}:[0-9]{2}.*')


@dataclass
class LoanRow:
    line: int
    values: dict


def is_lent(texts):
    "Whether the row of an export of all the assets speaks of a loan"
    return bool((texts.get('borrower') or '').strip())


def parse_row(line, texts, end_date=None):
    "Return the row of the texts by column, and its problems"
    values, problems = {}, []

    def add(name, code, **problem_values):
        problems.append(Problem(line, LABELS[name], code, problem_values))

    for name in LABELS:
        try:
            values[name] = parse_value(name, texts.get(name) or '')
        except ValueProblem as problem:
            add(name, problem.code, **problem.values)
    if problems:
        return None, problems
    values['end_date'] = values['end_date'] or end_date
    if not values['number'] and not values['serial_number']:
        add('number', 'value_missing')
    for name in ['borrower', 'lent_on', 'end_date']:
        if not values[name]:
            add(name, 'value_missing')
    if not problems and values['end_date'] < values['lent_on']:
        add('end_date', 'value_date', value=show(values['end_date']))
    return (None if problems else LoanRow(line, values)), problems


def parse_value(name, text):
    if name in _DATES:
        # Snipe-IT writes the time of the day as well
        return parse_date(
            _MOMENT.sub('', parse_text(text)),
            maximum=today() if name == 'lent_on' else None)
    return parse_text(text) or None


def find_duplicates(rows):
    "Return a problem for each row whose device is repeated"
    problems = []
    for name, identify in [
            ('number', normalize), ('serial_number', normalize_serial)]:
        groups = defaultdict(list)
        for row in rows:
            if value := row.values[name]:
                groups[identify(value) or value].append(row)
        for group in groups.values():
            for row in group if len(group) > 1 else []:
                problems.append(Problem(
                        row.line, LABELS[name], 'value_twice', {
                            'value': show(row.values[name]),
                            'lines': ', '.join(
                                str(o.line) for o in group[:6]
                                if o is not row),
                            }))
    return problems
