# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The rows of the buyers' settlements: what each weighed, graded and pays.

Nothing here needs a database: the command checks the whole file with it, the
server checks again the rows it receives.
"""
import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from trytond.modules.proxymikro_base.importer import (
    Column, Problem, ValueProblem, normalize, parse_date, parse_decimal,
    parse_integer, parse_text, show, today)

from .price_row import (
    by_unit, check_price, parse_money, parse_unit, required)

COLUMNS = [
    Column('buyer', "acheteur", (
            "client", "récupérateur", "siret", "siret acheteur",
            "code acheteur"),
        required=True),
    Column('reference', "décompte", (
            "référence", "référence du décompte", "n° décompte",
            "n° de décompte", "n° du décompte"),
        required=True),
    Column('date', "date", ("date du décompte",), required=True),
    Column('document', "document", (
            "facture", "n° facture", "n° de facture", "vente", "n° vente",
            "n° de vente", "bon de livraison", "n° de bon de livraison",
            "bl", "n° bl")),
    Column('lot', "lot", ("n° lot", "n° de lot")),
    Column('grade', "catégorie", (
            "code catégorie", "catégorie acheteur", "grade", "qualité",
            "désignation")),
    Column('weight', "pesée (kg)", (
            "pesée", "pesée acheteur", "pesée acheteur (kg)", "poids",
            "poids (kg)", "poids net", "poids net (kg)", "kg")),
    Column('pieces', "pièces", ("quantité", "nombre", "nombre de pièces")),
    Column('price', "prix", (
            "prix unitaire", "prix (€)", "prix €", "prix ht", "prix ht (€)"),
        required=True),
    Column('unit', "unité", ("unité du prix", "prix par", "par", "u")),
    Column('impurity', "impuretés", (
            "impuretés (€)", "retenue impuretés", "réfaction")),
    Column('freight', "transport", ("transport (€)", "retenue transport")),
    Column('assay', "analyse", ("analyse (€)", "retenue analyse")),
    Column('other', "autre retenue", (
            "autre retenue (€)", "autres retenues", "retenue", "retenues",
            "retenue (€)", "déduction", "déductions")),
    Column('reason', "motif", (
            "motif de la retenue", "motif retenue", "raison")),
    ]
LABELS = {c.name: c.label for c in COLUMNS}
DEDUCTIONS = ['impurity', 'freight', 'assay', 'other']
WEIGHT_DECIMALS, MONEY_DECIMALS = 3, 2
MAX_WEIGHT = MAX_PIECES = 1_000_000


@dataclass
class SettlementRow:
    line: int
    buyer: str
    reference: str
    date: dt.date
    document: str
    lot: str
    grade: str
    weight: Decimal | None
    pieces: int | None
    price: Decimal
    unit: str | None
    deductions: list
    reason: str

    @property
    def key(self):
        return tuple(map(normalize, [
                    self.buyer, self.reference, self.document, self.lot,
                    self.grade]))


def parse_row(line, texts):
    "Return the row of the texts, or None, and its problems"
    values, problems = {}, []
    for column, parse in _PARSERS.items():
        try:
            values[column] = parse(texts.get(column) or '')
        except ValueProblem as problem:
            problems.append(_problem(line, column, problem))
    if problems:
        return None, problems
    problems = [
        Problem(line, LABELS[column], 'value_missing')
        for column in _find_missing(values)]
    values['price'], values['unit'] = by_unit(values['price'], values['unit'])
    if problem := check_price(values['price'], texts['price']):
        problems.append(_problem(line, 'price', problem))
    values['deductions'] = [
        (kind, amount) for kind in DEDUCTIONS if (amount := values.pop(kind))]
    return (None if problems else SettlementRow(line, **values)), problems


def _problem(line, column, problem):
    return Problem(line, LABELS[column], problem.code, problem.values)


def _find_missing(values):
    "Yield the columns that the others make required"
    if not values['document'] and not values['lot']:
        yield 'document'
    if values['weight'] is None and values['pieces'] is None:
        yield 'weight'
    if values['other'] and not values['reason']:
        yield 'reason'
    if values['reason'] and not any(values[n] for n in DEDUCTIONS):
        yield 'other'


def _parse_required(text):
    return required(parse_text(text))


def _parse_date(text):
    return required(parse_date(text, maximum=today()))


def _parse_weight(text):
    text = parse_text(text).removesuffix('kg')
    return _limit(parse_decimal(text, 0, MAX_WEIGHT), text, WEIGHT_DECIMALS)


def _parse_pieces(text):
    return parse_integer(text, 0, MAX_PIECES)


def _parse_price(text):
    return required(parse_money(text))


def _parse_deduction(text):
    return _limit(parse_money(text), text, MONEY_DECIMALS)


def _limit(value, text, decimals):
    if value is not None and round(value, decimals) != value:
        raise ValueProblem(
            'value_decimals', value=show(text), decimals=decimals)
    return value


_PARSERS = {
    'buyer': _parse_required,
    'reference': _parse_required,
    'date': _parse_date,
    'document': parse_text,
    'lot': parse_text,
    'grade': parse_text,
    'weight': _parse_weight,
    'pieces': _parse_pieces,
    'price': _parse_price,
    'unit': parse_unit,
    **dict.fromkeys(DEDUCTIONS, _parse_deduction),
    'reason': parse_text,
    }


def find_duplicates(rows):
    "Return a problem for each row that says again what another one says"
    lines = defaultdict(list)
    for row in rows:
        lines[row.key].append(row.line)
    return [
        Problem(
            r.line, LABELS['lot' if r.lot else 'document'], 'value_twice', {
                'value': show(r.lot or r.document),
                'lines': ', '.join(
                    str(l) for l in lines[r.key][:5] if l != r.line)})
        for r in rows if len(lines[r.key]) > 1]
