# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The balance, or the FEC, that the earlier software leaves.

Both become the same rows: an account, who it is with, a signed balance.  Nothing
here needs a database.
"""
import csv
import datetime as dt
import io
import zipfile
from dataclasses import dataclass
from decimal import Decimal

from lxml import etree

from trytond.modules.proxymikro_base.importer import (
    MAX_ROWS, MAX_SIZE, Column, FileRefused, Problem, ValueProblem, decode,
    normalize, parse_date, parse_decimal, parse_text, read_records,
    read_table)

from .fec_row import HEADER

COLUMNS = [
    Column('account', "Compte", (
            "Numéro de compte", "N° compte", "Numéro", "Code"),
        required=True),
    Column('name', "Libellé", ("Intitulé", "Libellé du compte")),
    Column('party', "Tiers", (
            "Code tiers", "Auxiliaire", "Compte auxiliaire", "Nom du tiers")),
    Column('party_name', "Intitulé du tiers", ("Libellé auxiliaire",)),
    Column('reference', "Pièce", (
            "Référence", "N° pièce", "Facture", "Numéro de facture")),
    Column('date', "Date", ("Date de pièce", "Date de facture")),
    Column('due', "Échéance", ("Date d'échéance",)),
    Column('debit', "Débit", ("Solde débit", "Solde débiteur")),
    Column('credit', "Crédit", ("Solde crédit", "Solde créditeur")),
    Column('balance', "Solde", ("Solde final",)),
    ]
LABELS = {c.name: c.label for c in COLUMNS}
MAX_AMOUNT = Decimal(10) ** 12
MAX_CELLS = 60
SENSES = {'D': 1, 'C': -1, '+1': 1, '-1': -1}
_NS = {
    'table': 'urn:oasis:names:tc:opendocument:xmlns:table:1.0',
    'text': 'urn:oasis:names:tc:opendocument:xmlns:text:1.0',
    'office': 'urn:oasis:names:tc:opendocument:xmlns:office:1.0',
    }
# The members of a small file can be a bomb once opened
MAX_XML = 200 * 2**20


@dataclass
class OpeningRow:
    line: int
    account: str
    balance: Decimal
    name: str = ''
    party: str = ''
    party_name: str = ''
    reference: str = ''
    date: dt.date = None
    due: dt.date = None


def read(data):
    "Return the rows of the file and the problems of its cells"
    if len(data) > MAX_SIZE:
        raise FileRefused.because('file_size', size=MAX_SIZE // 2**20)
    if data[:4] == b'PK\x03\x04':
        return read_balance(ods_to_csv(data))
    text, _ = decode(data)
    for delimiter in '\t|':
        header = [
            normalize(c) for c in text.partition('\n')[0].split(delimiter)]
        if normalize('CompteNum') in header:
            return read_fec(text, delimiter, header)
    return read_balance(data)


def read_balance(data):
    table = read_table(data, COLUMNS, strict=False)
    rows, problems = [], list(table.problems)
    for row in table.rows:
        try:
            rows.append(get_row(row))
        except CellProblem as problem:
            problems.append(problem.at(row.line))
    # The totals that a balance ends with, and the accounts which are at zero
    return [r for r in rows if r and r.balance], problems


class CellProblem(ValueError):
    "A cell, by the name of its column, which can't be read"

    def __init__(self, name, problem):
        self.name, self.problem = name, problem

    def at(self, line):
        return Problem(
            line, LABELS.get(self.name, self.name), self.problem.code,
            self.problem.values)


def get_row(row):
    "Return the row of a balance, None for the one of a total"
    values = row.values
    account = (values.get('account') or '').replace(' ', '')
    if not account[:1].isdigit():
        return None
    amounts = {
        n: parse(n, parse_amount, values.get(n))
        for n in ['debit', 'credit', 'balance']}
    balance = amounts['balance']
    if balance is None:
        balance = (amounts['debit'] or 0) - (amounts['credit'] or 0)
    return OpeningRow(
        row.line, account, Decimal(balance),
        **{n: values.get(n) or '' for n in [
                'name', 'party', 'party_name', 'reference']},
        **{n: parse(n, parse_date, values.get(n)) for n in ['date', 'due']})


def parse(name, parser, text):
    try:
        return parser(text or '')
    except ValueProblem as problem:
        raise CellProblem(name, problem) from problem


def parse_amount(text):
    text = text.replace('€', '').strip()
    if ',' not in text:
        text = text.replace('.', ',')
    return parse_decimal(text, -MAX_AMOUNT, MAX_AMOUNT)


def ods_to_csv(data):
    "Return the first sheet of an ODS file as the bytes of a CSV"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            info = archive.getinfo('content.xml')
            if info.file_size > MAX_XML:
                raise FileRefused.because(
                    'file_size', size=MAX_SIZE // 2**20)
            root = etree.fromstring(archive.read(info), etree.XMLParser(
                    resolve_entities=False, no_network=True))
    except (zipfile.BadZipFile, KeyError, etree.LxmlError) as error:
        raise FileRefused.because('file_encoding') from error
    output = io.StringIO(newline='')
    writer = csv.writer(output, delimiter=';')
    for count, row in enumerate(
            root.iterfind('.//table:table[1]/table:table-row', _NS)):
        if count > MAX_ROWS:
            raise FileRefused.because('file_rows', rows=MAX_ROWS)
        writer.writerow(get_cells(row))
    return output.getvalue().encode('utf-8')


def get_cells(row):
    cells = []
    for cell in row.iterfind('table:table-cell', _NS):
        get = lambda name, ns='office': cell.get(f'{{{_NS[ns]}}}{name}')
        if get('value-type') in {'float', 'currency'}:
            value = get('value').replace('.', ',')
        else:
            value = get('date-value') or ' '.join(
                ''.join(p.itertext()) for p in cell.iterfind('text:p', _NS))
        repeated = int(get('number-columns-repeated', 'table') or 1)
        cells += [value] * min(repeated, MAX_CELLS)
    return cells


def read_fec(text, delimiter, header):
    """Return what the year of a FEC leaves open at its end.

    What has the letters of a reconciliation is closed; the rest of an account
    with a party stays entry by entry, the others are one balance.
    """
    names = {normalize(n): n for n in [*HEADER, 'Montant', 'Sens']}
    columns = [names.get(h) for h in header]
    missing = {'CompteNum', 'EcritureDate'} - set(columns)
    if missing or not ({'Debit', 'Credit'} <= set(columns)
            or {'Montant', 'Sens'} <= set(columns)):
        raise FileRefused(*(
                Problem(1, n, 'column_missing')
                for n in sorted(missing) or ['Debit', 'Credit']))
    groups, problems = {}, []
    records = read_records(text, delimiter)
    next(records)
    for line, cells in records:
        if len(cells) != len(columns):
            problems.append(Problem(line, '', 'row_cells', {
                        'cells': len(cells), 'columns': len(columns)}))
            continue
        try:
            add_entry(groups, line, dict(zip(columns, cells)))
        except CellProblem as problem:
            problems.append(problem.at(line))
    return [r for r in groups.values() if r.balance], problems


def add_entry(groups, line, cells):
    "Add the line of the FEC to the balance it belongs to"
    get = lambda name: parse(name, parse_text, cells.get(name))
    account, party = get('CompteNum'), get('CompAuxNum')
    if not account[:1].isdigit():
        raise CellProblem('CompteNum', ValueProblem('value_missing'))
    letter = get('EcritureLet')
    date = parse('PieceDate', parse_fec_date, cells.get('PieceDate')) or parse(
        'EcritureDate', parse_fec_date, cells.get('EcritureDate'))
    key = account, party, letter and (letter,)
    if party and not letter:
        key = account, party, line
    row = groups.get(key)
    if row is None:
        row = groups[key] = OpeningRow(
            line, account, Decimal(0), get('CompteLib'), party,
            get('CompAuxLib'), get('PieceRef') if party else '',
            date if party else None)
    row.balance += get_amount(cells)


def get_amount(cells):
    "Return the debit less the credit of the line"
    amount = lambda name: (
        parse(name, parse_amount, cells.get(name)) or Decimal(0))
    if 'Sens' not in cells:
        return amount('Debit') - amount('Credit')
    try:
        return amount('Montant') * SENSES[cells['Sens'].strip().upper()]
    except KeyError:
        raise CellProblem('Sens', ValueProblem(
                'value_choice', value=cells['Sens'][:60],
                near=', '.join(SENSES)))


def parse_fec_date(text):
    text = parse_text(text)
    if len(text) == 8 and text.isdigit():
        text = f'{text[:4]}-{text[4:6]}-{text[6:]}'
    return parse_date(text)
