# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The rows of a list of parts: their columns, their values, their identity.

Nothing here needs a database: the command checks the whole file with it, the
server checks again the rows it receives.
"""
import hashlib
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from trytond.modules.proxymikro_base.importer import (
    Column, Problem, ValueProblem, normalize, parse_decimal, parse_text, show)
from trytond.modules.proxymikro_stock.device_row import normalize_serial

COLUMNS = [
    Column('kind', "pièce", ("type", "nature", "article"), required=True),
    Column('quantity', "quantité", ("qté", "nombre", "poids (kg)")),
    Column('number', "n° de lot", ("n°", "numéro", "numéro de lot")),
    Column('serial_number', "n° de série", ("numéro de série", "s/n")),
    Column('manufacturer', "marque", ("fabricant", "constructeur")),
    Column('model', "modèle", ("référence",)),
    Column('grade', "catégorie", ("grade", "qualité")),
    Column('place', "lieu", ("emplacement", "étagère")),
    ]
LABELS = {c.name: c.label for c in COLUMNS}
# What people write for the kinds, besides the names of the products
KIND_NAMES = {
    'processor': ["processeur", "CPU"],
    'memory': ["mémoire", "RAM", "barrette", "barrette mémoire"],
    'motherboard': ["carte mère"],
    'drive': ["disque", "disque dur", "SSD"],
    'graphics': ["carte graphique"],
    'network': ["carte réseau"],
    'optical': ["lecteur optique", "lecteur DVD", "graveur"],
    'battery': ["batterie"],
    'psu': ["alimentation"],
    'display': ["dalle"],
    'scrap': ["rebut", "ferraille"],
    }
MAX_QUANTITY = 100_000
_quantity = partial(
    parse_decimal, minimum=Decimal('0.001'), maximum=MAX_QUANTITY)


@dataclass
class PartRow:
    line: int
    values: dict
    key: str


def parse_row(line, texts):
    "Return the row of the texts by column, and its problems"
    values, problems = {}, []
    for name, label in LABELS.items():
        parse = _quantity if name == 'quantity' else parse_text
        try:
            values[name] = parse(texts.get(name) or '') or None
        except ValueProblem as problem:
            problems.append(Problem(
                    line, label, problem.code, problem.values))
    if not problems and not values['kind']:
        problems.append(Problem(line, LABELS['kind'], 'value_missing'))
    if problems:
        return None, problems
    values['quantity'] = values['quantity'] or Decimal(1)
    return PartRow(line, values, get_key(values)), []


def get_key(values):
    "Return what makes the row the same one when the file is read again"
    if number := values['number']:
        return f'number:{normalize(number) or number}'
    if serial := normalize_serial(values['serial_number']):
        return f'serial:{normalize(values["manufacturer"] or "")}:{serial}'
    content = '\x1f'.join(
        normalize(values[n] or '') for n in LABELS if n != 'quantity')
    return f'row:{hashlib.sha256(content.encode()).hexdigest()[:32]}'


def find_duplicates(rows):
    "Return a problem for each row that says the same part as another"
    lines = defaultdict(list)
    for row in rows:
        lines[row.key].append(row.line)
    return [
        Problem(row.line, LABELS['kind'], 'value_twice', {
                'value': show(row.values['number'] or row.values['kind']),
                'lines': ', '.join(
                    str(l) for l in lines[row.key][:5] if l != row.line)})
        for row in rows if len(lines[row.key]) > 1]
