# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The CSV files of the register, written as they are read."""
import csv
import io
from itertools import chain, islice

from trytond.modules.proxymikro_base.export import protect

from .waste_register_column import COLUMNS

# The State's importer takes semicolons, and UTF-8 that says so
DELIMITER = ';'
BOM = '\N{ZERO WIDTH NO-BREAK SPACE}'


def split(rows, most=None):
    "Yield the rows of each file, to be read before the next"
    rows = iter(rows)
    for first in rows:
        yield chain([first], islice(rows, most - 1) if most else rows)


def write(output, rows):
    "Write the rows below their header in the file open for bytes"
    text = io.TextIOWrapper(output, 'utf-8', newline='')
    text.write(BOM)
    writer = csv.writer(text, delimiter=DELIMITER)
    writer.writerow(COLUMNS.values())
    for row in rows:
        writer.writerow(map(protect, row))
    text.detach()


def get_name(export, rank=None):
    "Return the name of a file of the export, with its rank if several"
    suffix = f'-{rank:02}' if rank else ''
    return f'registre-dechets-sortants-{export:05}{suffix}.csv'
