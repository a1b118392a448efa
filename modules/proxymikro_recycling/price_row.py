# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The rows of a buyer's price list.

Nothing here needs a database: the command checks the whole file with it, the
server checks again the rows it receives.
"""
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from trytond.modules.proxymikro_base.importer import (
    Column, Problem, ValueProblem, normalize, parse_choice, parse_decimal,
    parse_text, show)

COLUMNS = [
    Column('grade', "catégorie", (
            "code", "code catégorie", "grade", "qualité", "désignation"),
        required=True),
    Column('price', "prix", (
            "prix unitaire", "prix (€)", "prix €", "prix ht", "prix ht (€)",
            "tarif"),
        required=True),
    Column('unit', "unité", ("par", "u", "uom")),
    ]
LABELS = {c.name: c.label for c in COLUMNS}
# What people write, and by what the price is divided to be for that unit
_UNITS = {
    'uom_unit': ["pièce", "pce", "pc", "u", "unité", "à la pièce"],
    'uom_kilogram': ["kg", "kilo", "kilogramme", "au kg"],
    'uom_gram': ["g", "gramme"],
    'tonne': ["t", "tonne"],
    }
UNITS = {word: unit for unit, words in _UNITS.items() for word in words}
PRICE_DECIMALS = 4
MAX_PRICE = 1_000_000


@dataclass
class PriceRow:
    line: int
    grade: str
    price: Decimal
    unit: str | None


def parse_row(line, texts):
    "Return the row of the texts, or None, and its problems"
    values, problems = {}, []
    for column, parse in [
            ('grade', _parse_grade), ('price', _parse_price),
            ('unit', parse_unit)]:
        try:
            values[column] = parse(texts.get(column) or '')
        except ValueProblem as problem:
            problems.append(Problem(
                    line, LABELS[column], problem.code, problem.values))
    if problems:
        return None, problems
    values['price'], values['unit'] = by_unit(values['price'], values['unit'])
    if problem := check_price(values['price'], texts['price']):
        return None, [Problem(
                line, LABELS['price'], problem.code, problem.values)]
    return PriceRow(line, **values), []


def _parse_grade(text):
    return required(parse_text(text))


def _parse_price(text):
    return required(parse_money(text))


def parse_money(text):
    text = parse_text(text)
    for sign in ['€', 'EUR', 'eur']:
        text = text.removesuffix(sign).removeprefix(sign).strip()
    return parse_decimal(text, 0, MAX_PRICE)


def parse_unit(text):
    text = parse_text(text).lstrip('/').removeprefix('€/')
    return parse_choice(text, UNITS)


def required(value):
    if value is None or value == '':
        raise ValueProblem('value_missing')
    return value


def by_unit(price, unit):
    "Return the price for a unit that Tryton knows, and that unit"
    return (price / 1000, 'uom_kilogram') if unit == 'tonne' else (price, unit)


def check_price(price, text):
    "Return the problem of a price that can't be stored, if it is one"
    if round(price, PRICE_DECIMALS) != price:
        return ValueProblem(
            'value_decimals', value=show(text), decimals=PRICE_DECIMALS)


def find_duplicates(rows):
    "Return a problem for each row whose grade is there more than once"
    lines = defaultdict(list)
    for row in rows:
        lines[normalize(row.grade)].append(row.line)
    return [
        Problem(r.line, LABELS['grade'], 'value_twice', {
                'value': show(r.grade),
                'lines': ', '.join(
                    str(l) for l in lines[normalize(r.grade)][:5]
                    if l != r.line)})
        for r in rows if len(lines[normalize(r.grade)]) > 1]
