# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""proxymikro-import parts: what was in the store of parts before."""
from pathlib import Path

from proteus import Model
from trytond.modules.proxymikro_recycling import part_row

from .connection import call
from .messages import text
from .rows import add_up, read_rows

MAX_BATCH = 500


def add_arguments(parser):
    parser.add_argument('file', type=Path, help=text('command_file'))
    parser.add_argument(
        '--batch-size', type=int, default=250,
        help=text('command_batch_size'))


def read(options, data):
    "Return the table, its rows as the server wants them, and the errors"
    return read_rows(data, part_row)


def send_batches(options, config, batches, source, dry_run):
    "Return the sum of what the server did with the batches"
    Lot = Model.get('stock.lot', config=config)

    def send(batch, handled):
        return call(
            Lot._proxy.import_parts, batch, source, handled, dry_run,
            config.context)

    total = {'created': 0, 'unchanged': 0, 'errors': []}
    return add_up(batches, send, total, dry_run)
