# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The tables that French spreadsheets save: CSV files and their values.

Nothing here needs a database: the commands check a file with it before they
send it, and the server checks again with it what it receives.  A problem has
a code, which is the end of the identifier of a message of this module.
"""
import csv
import datetime as dt
import difflib
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

MAX_SIZE = 20 * 2**20
MAX_ROWS = 50_000
MAX_TEXT = 250
DELIMITERS = [';', ',', '\t']
MIN_YEAR, MAX_YEAR = 1900, 2100

_DECIMAL = re.compile(
    r'([+-]?)([0-9]{1,12}|[0-9]{1,3}(?: [0-9]{3}){1,3})(?:,([0-9]{1,9}))?')
_INTEGER = re.compile(r'[+-]?[0-9]{1,10}')
_FRENCH_DATE = re.compile(r'([0-9]{2})/([0-9]{2})/([0-9]{4})')
_ISO_DATE = re.compile(r'([0-9]{4})-([0-9]{2})-([0-9]{2})')
# Cc: control, Cf: format as bidi, Cs: lone surrogate, Co and Cn: no character
_REFUSED = {'Cc', 'Cf', 'Cs', 'Co', 'Cn', 'Zl', 'Zp'}
# What copying from a page leaves and means nothing
_INVISIBLE = {'\ufeff', '\u200b', '\u00ad', '\u2060'}


class ValueProblem(ValueError):
    "A text is not the value that its column wants"

    def __init__(self, code, **values):
        super().__init__(code, values)
        self.code = code
        self.values = values


@dataclass(frozen=True)
class Problem:
    line: int
    column: str
    code: str
    values: dict = field(default_factory=dict)


class FileRefused(ValueError):
    "A file can't be read at all"

    def __init__(self, *problems):
        super().__init__(*problems)
        self.problems = problems

    @classmethod
    def because(cls, code, line=1, column='', **values):
        return cls(Problem(line, column, code, values))


@dataclass(frozen=True)
class Column:
    "A column, by the label that the file gives to it"
    name: str
    label: str
    aliases: tuple = ()
    required: bool = False

    @property
    def labels(self):
        return {normalize(l) for l in (self.label, *self.aliases)}


@dataclass
class Row:
    line: int
    values: dict


@dataclass
class Table:
    encoding: str
    delimiter: str
    columns: list
    rows: list
    problems: list


def normalize(label):
    "Return the label without case, accents and signs"
    label = unicodedata.normalize('NFKD', label.replace('°', ' '))
    label = ''.join(c for c in label if not unicodedata.combining(c))
    return ' '.join(re.findall(r'[a-z0-9]+', label.casefold()))


def near(text, choices, count=3):
    "Return the choices which look like the text"
    by_key = {normalize(c): c for c in choices}
    return [
        by_key[k] for k in difflib.get_close_matches(
            normalize(text), by_key, n=count, cutoff=0.5)]


def decode(data):
    "Return the text and the name of its encoding"
    if len(data) > MAX_SIZE:
        raise FileRefused.because(
            'file_size', size=MAX_SIZE // 2**20)
    if data[:2] in {b'\xff\xfe', b'\xfe\xff'}:
        raise FileRefused.because('file_encoding')
    for encoding in ['utf-8', 'cp1252']:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text.removeprefix('\ufeff'), encoding
    raise FileRefused.because('file_encoding')


def read_records(text, delimiter):
    "Yield the number of the first line and the cells of each record"
    reader = csv.reader(
        io.StringIO(text, newline=''), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(c.strip() for c in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise FileRefused.because('file_quotes', line=line) from error


def detect_delimiter(text, columns):
    "Return the delimiter which cuts the first line into known columns"
    labels = {l for c in columns for l in c.labels}

    def score(delimiter):
        try:
            _, cells = next(read_records(text, delimiter), (1, []))
        except FileRefused:
            return 0, 0
        return len(labels & set(map(normalize, cells))), len(cells)
    return max(DELIMITERS, key=score)


def read_header(line, cells, columns, strict=True):
    """Return the column of each cell, None for those to ignore.

    A label which starts with # names a column to leave aside, as any that is
    not known when the reading is not strict.
    """
    by_label = {l: c for c in columns for l in c.labels}
    header, problems = [], []
    for cell in cells:
        label = cell.strip()
        column = by_label.get(normalize(label))
        if not label or label.startswith('#'):
            column = None
        elif not column and strict:
            choices = near(label, [c.label for c in columns], 1)
            problems.append(Problem(
                    line, label[:MAX_TEXT], 'column_unknown',
                    {'near': ', '.join(choices or [
                            c.label for c in columns])}))
        elif column and column in header:
            problems.append(Problem(line, label, 'column_twice'))
        header.append(column)
    problems.extend(
        Problem(line, c.label, 'column_missing')
        for c in columns if c.required and c not in header)
    if problems:
        raise FileRefused(*problems)
    return header


def read_table(data, columns, strict=True):
    """Return the table of the bytes of a CSV file.

    It raises FileRefused for what makes the file unreadable.  The problems of
    single cells are left in the table, and their rows are not kept.
    """
    text, encoding = decode(data)
    if text[:4].casefold() == 'sep=':
        # Left by a spreadsheet: emptied, so that the others keep their number
        text = '\n' + text.partition('\n')[2]
    delimiter = detect_delimiter(text, columns)
    records = read_records(text, delimiter)
    line, cells = next(records, (1, None))
    if not cells:
        raise FileRefused.because('file_empty')
    header = read_header(line, cells, columns, strict)
    table = Table(
        encoding, delimiter, [c for c in header if c], rows=[], problems=[])
    for count, (line, cells) in enumerate(records, 1):
        if count > MAX_ROWS:
            raise FileRefused.because('file_rows', line=line, rows=MAX_ROWS)
        row, problems = read_row(line, cells, header)
        table.problems.extend(problems)
        if not problems:
            table.rows.append(row)
    return table


def read_row(line, cells, header):
    "Return the row of the cells and its problems"
    if any(c.strip() for c in cells[len(header):]):
        return None, [Problem(
                line, '', 'row_cells',
                {'cells': len(cells), 'columns': len(header)})]
    row, problems = Row(line, {}), []
    for column, cell in zip(header, cells):
        if not column:
            continue
        try:
            row.values[column.name] = parse_text(cell)
        except ValueProblem as problem:
            problems.append(Problem(
                    line, column.label, problem.code, problem.values))
    return row, problems


def show(text):
    "Return the text as it can be quoted to a person"
    return ''.join(
        c if unicodedata.category(c) not in _REFUSED else '\ufffd'
        for c in str(text)[:60])


def parse_text(text, length=MAX_TEXT):
    "Return the text with single spaces, or raise what it may not hold"
    if not isinstance(text, str):
        raise ValueProblem('value_text', value=show(text))
    for char in _INVISIBLE:
        text = text.replace(char, '')
    text = ' '.join(re.split(r'[ \t\r\n\u00a0\u202f]+', text)).strip()
    for char in text:
        if unicodedata.category(char) in _REFUSED:
            raise ValueProblem(
                'value_character', value=show(text),
                character=f'U+{ord(char):04X}')
    if len(text) > length:
        raise ValueProblem('value_long', value=show(text), length=length)
    return text


def parse_decimal(text, minimum=None, maximum=None):
    "Return the Decimal of a number as French people write it"
    text = parse_text(text)
    if not text:
        return None
    match = _DECIMAL.fullmatch(text)
    if not match:
        raise ValueProblem('value_decimal', value=show(text))
    sign, integer, decimals = match.groups()
    integer = integer.replace(' ', '')
    return _bounded(
        Decimal(f"{sign}{integer}.{decimals or '0'}"), text, minimum, maximum)


def parse_integer(text, minimum=-2**31, maximum=2**31 - 1):
    text = parse_text(text)
    if not text:
        return None
    if not _INTEGER.fullmatch(text):
        raise ValueProblem('value_integer', value=show(text))
    return _bounded(int(text), text, minimum, maximum)


def _bounded(value, text, minimum, maximum):
    if ((minimum is not None and value < minimum)
            or (maximum is not None and value > maximum)):
        raise ValueProblem(
            'value_bounds', value=show(text),
            minimum=format_number(minimum), maximum=format_number(maximum))
    return value


def format_number(number):
    return '' if number is None else str(number).replace('.', ',')


def today():
    "Return the day in France, where the files are from"
    return dt.datetime.now(ZoneInfo('Europe/Paris')).date()


def parse_date(text, maximum=None):
    "Return the date written as 31/12/2026 or 2026-12-31"
    text = parse_text(text)
    if not text:
        return None
    if match := _FRENCH_DATE.fullmatch(text):
        day, month, year = map(int, match.groups())
    elif match := _ISO_DATE.fullmatch(text):
        year, month, day = map(int, match.groups())
    else:
        raise ValueProblem('value_date', value=show(text))
    try:
        date = dt.date(year, month, day)
    except ValueError:
        raise ValueProblem('value_date', value=show(text))
    if not MIN_YEAR <= year <= MAX_YEAR:
        raise ValueProblem('value_date', value=show(text))
    if maximum and date > maximum:
        raise ValueProblem('value_date_future', value=show(text))
    return date


def parse_choice(text, choices):
    "Return what the text names in the dictionary of choices"
    text = parse_text(text)
    if not text:
        return None
    by_key = {normalize(c): value for c, value in choices.items()}
    try:
        return by_key[normalize(text)]
    except KeyError:
        raise ValueProblem(
            'value_choice', value=show(text),
            near=', '.join(near(text, choices) or choices))


def duplicates(values):
    "Return the values which are there more than once"
    return {v for v, count in Counter(filter(None, values)).items()
        if count > 1}


def are_rows(rows, handled, labels, most):
    """Whether a client sends the rows of a file as a server's call wants them.

    A row is a dictionary of line, texts (by name of column) and maybe
    occurrence; handled is the number of rows sent until now.
    """
    def valid(row):
        return (isinstance(row, dict)
            and type(row.get('line')) is int
            and 0 < row['line'] < 2**31
            and type(row.get('occurrence', 1)) is int
            and isinstance(row.get('texts'), dict)
            and row['texts'].keys() <= labels.keys())
    return (isinstance(rows, list) and 0 < len(rows) <= most
        and all(map(valid, rows))
        and type(handled) is int and 0 <= handled < 2**31)
