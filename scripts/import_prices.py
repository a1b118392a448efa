# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""proxymikro-import prices: what a buyer pays for each grade, from a day on."""
from pathlib import Path

from proteus import Model
from trytond.modules.proxymikro_base.importer import ValueProblem, parse_date
from trytond.modules.proxymikro_recycling import price_row

from .connection import call
from .messages import text
from .rows import add_up, read_rows

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
    return read_rows(data, price_row)


def send_batches(options, config, batches, source, dry_run):
    "Return the sum of what the server did with the batches"
    PriceList = Model.get('recycling.price.list', config=config)

    def send(batch, handled):
        return call(
            PriceList._proxy.import_prices, options.buyer,
            parse_start(options), batch, source, handled, dry_run,
            config.context)

    total = {'created': 0, 'updated': 0, 'unchanged': 0, 'errors': []}
    return add_up(batches, send, total, dry_run)
