# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""proxymikro-import prices: what a buyer pays for each grade, from a day on."""
import sys
from pathlib import Path

from tqdm import tqdm

from proteus import Model
from trytond.modules.proxymikro_base.importer import (
    ValueProblem, parse_date, read_table)
from trytond.modules.proxymikro_recycling import price_row

from .connection import call
from .messages import get_error, text

MAX_BATCH = 500


def add_arguments(parser):
    parser.add_argument('file', type=Path, help=text('command_file'))
    parser.add_argument(
        '--buyer', required=True, help=text('command_prices_buyer'))
    parser.add_argument(
        '--date', required=True, help=text('command_prices_date'))
    parser.add_argument(
        '--batch-size', type=int, default=250,
        help=text('command_batch_size'))


def parse_start(options):
    "Return the first day of the list, or raise a ValueError"
    try:
        if date := parse_date(options.date):
            return date
        raise ValueProblem('value_missing')
    except ValueProblem as problem:
        raise ValueError(text(
                f'import_{problem.code}', **problem.values)) from problem


def read(options, data):
    "Return the table, its rows as the server wants them, and the errors"
    parse_start(options)
    table = read_table(data, price_row.COLUMNS)
    problems, parsed, rows = list(table.problems), [], []
    for row in table.rows:
        price, row_problems = price_row.parse_row(row.line, row.values)
        problems.extend(row_problems)
        if price:
            parsed.append(price)
            rows.append({'line': row.line, 'texts': row.values})
    duplicates = price_row.find_duplicates(parsed)
    problems.extend(duplicates)
    refused = {p.line for p in duplicates}
    return (
        table, [r for r in rows if r['line'] not in refused],
        list(map(get_error, problems)))


def send_batches(options, config, batches, source, dry_run):
    "Return the sum of what the server did with the batches"
    PriceList = Model.get('recycling.price.list', config=config)
    total = {'created': 0, 'updated': 0, 'unchanged': 0, 'errors': []}
    handled = 0
    label = text('command_checking' if dry_run else 'command_writing')
    with tqdm(
            total=sum(map(len, batches)), desc=label, disable=None,
            file=sys.stderr) as progress:
        for batch in batches:
            handled += len(batch)
            result = call(
                PriceList._proxy.import_prices, options.buyer,
                parse_start(options), batch, source, handled, dry_run,
                config.context)
            for name, value in result.items():
                total[name] += value
            if result['errors'] and not dry_run:
                break
            progress.update(len(batch))
    return total
