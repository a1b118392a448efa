# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The rows of a list of devices: their columns, their values, their identity.

Nothing here needs a database: the command checks the whole file with it,
the server checks again the rows it receives.
"""
import hashlib
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from trytond.modules.proxymikro_base.importer import (
    Column, Problem, ValueProblem, normalize, parse_choice, parse_decimal,
    parse_text, show)

from .hardware_value import is_bogus
from .hardware_value import normalize as normalize_serial

COLUMNS = [
    Column('kind', "type", ("nature", "type de matériel"), required=True),
    Column('manufacturer', "marque", ("fabricant", "constructeur")),
    Column('model', "modèle"),
    Column('serial_number', "n° de série", (
            "numéro de série", "no de série", "s/n")),
    Column('donor_number', "n° du donateur", (
            "numéro du donateur", "no du donateur")),
    Column('weight', "poids (kg)", ("poids", "poids en kg")),
    Column('number', "n° d'inventaire", (
            "numéro d'inventaire", "no d'inventaire")),
    Column('grade_appearance', "état", ("aspect", "état d'aspect")),
    Column('grade_function', "fonctionnement"),
    ]
LABELS = {c.name: c.label for c in COLUMNS}
# What people write for the kinds, besides the names of the products
KIND_NAMES = {
    'desktop': [
        "PC", "PC fixe", "ordinateur", "ordinateur fixe", "fixe",
        "unité centrale", "UC", "tour", "ordinateur de bureau"],
    'laptop': ["portable", "PC portable", "ordinateur portable"],
    'screen': ["écran", "moniteur"],
    'tablet': ["tablette"],
    'smartphone': ["téléphone", "smartphone"],
    'printer': ["imprimante"],
    'server': ["serveur"],
    'network': ["réseau", "switch", "commutateur", "routeur"],
    }
MAX_WEIGHT = Decimal(200)
_GRADES = {g: g for g in 'ABCDE'}
_PARSERS = {
    'weight': partial(
        parse_decimal, minimum=Decimal('0.001'), maximum=MAX_WEIGHT),
    'grade_appearance': partial(parse_choice, choices=_GRADES),
    'grade_function': partial(parse_choice, choices=_GRADES),
    }


@dataclass
class DeviceRow:
    line: int
    kind: str
    values: dict
    key: str


def parse_row(line, texts, occurrence=1):
    "Return the row of the texts by column, and its problems"
    values, problems = {}, []
    for name, label in LABELS.items():
        try:
            values[name] = parse_value(name, texts.get(name, ''))
        except ValueProblem as problem:
            problems.append(Problem(
                    line, label, problem.code, problem.values))
    kind = values.pop('kind', None)
    if not kind and not problems:
        problems.append(Problem(line, LABELS['kind'], 'value_missing'))
    if problems:
        return None, problems
    key = get_key(kind, values, occurrence)
    return DeviceRow(line, kind, values, key), []


def parse_value(name, text):
    if parser := _PARSERS.get(name):
        value = parser(text)
        return float(round(value, 3)) if isinstance(value, Decimal) else value
    value = parse_text(text)
    if name in {'manufacturer', 'model', 'serial_number'} and is_bogus(value):
        return None
    return value or None


def get_key(kind, values, occurrence=1):
    """Return what makes the row the same one when the file is read again.

    It is the tag, or the serial number with its manufacturer.  Without them
    rows may be alike: the donor's number, or all that the row says, and how
    many times it was said before.
    """
    if number := values['number']:
        return f'tag:{normalize(number) or number}'
    if serial := normalize_serial(values['serial_number']):
        maker = normalize(values['manufacturer'] or '')
        return f'serial:{maker}:{serial}'
    return f'{get_content(kind, values)}#{occurrence}'


def get_content(kind, values):
    "Return what a row without identity says"
    if donor_number := values['donor_number']:
        return f'donor:{normalize(kind)}:{donor_number.casefold()}'
    content = [normalize(kind)] + [
        str(values[n] or '').casefold() for n in LABELS if n != 'kind']
    digest = hashlib.sha256('\x1f'.join(content).encode())
    return f'row:{digest.hexdigest()[:32]}'


def count_occurrences(rows):
    "Return by line how many times the content of each row was said"
    counts, occurrences = defaultdict(int), {}
    for row in rows:
        content = get_content(row.kind, row.values)
        counts[content] += 1
        occurrences[row.line] = counts[content]
    return occurrences


def same_unit(maker, other):
    "Whether one serial number of the two manufacturers is one unit"
    return not maker or not other or normalize(maker) == normalize(other)


def find_duplicates(rows):
    "Return a problem for each row whose tag or serial number is repeated"
    problems = []
    for name, identify in [
            ('serial_number', normalize_serial), ('number', normalize)]:
        groups = defaultdict(list)
        for row in rows:
            if value := row.values[name]:
                groups[identify(value) or value].append(row)
        for group in groups.values():
            for row in group:
                others = [
                    o.line for o in group if o is not row
                    and (name == 'number' or same_unit(
                            row.values['manufacturer'],
                            o.values['manufacturer']))]
                if others:
                    problems.append(Problem(
                            row.line, LABELS[name], 'value_twice', {
                                'value': show(row.values[name]),
                                'lines': ', '.join(map(str, others[:5])),
                                }))
    return problems
