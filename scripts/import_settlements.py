# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""proxymikro-import settlements: what the buyers weighed, graded and pay."""
from pathlib import Path

from proteus import Model
from trytond.modules.proxymikro_base.importer import normalize
from trytond.modules.proxymikro_recycling import settlement_row

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
    return read_rows(data, settlement_row)


def keep_whole(batches, size):
    "Return the batches with all the rows of a settlement in the same one"
    settlements = {}
    for batch in batches:
        for row in batch:
            key = normalize(row['texts']['reference'])
            settlements.setdefault(key, []).append(row)
    whole = []
    for rows in settlements.values():
        if not whole or len(whole[-1]) + len(rows) > size:
            whole.append([])
        whole[-1].extend(rows)
    return whole


def send_batches(options, config, batches, source, dry_run):
    "Return the sum of what the server did with the batches"
    Settlement = Model.get('recycling.settlement', config=config)

    def send(batch, handled):
        return call(
            Settlement._proxy.import_settlements, batch, source, handled,
            dry_run, config.context)

    total = {
        'created': 0, 'updated': 0, 'removed': 0, 'unchanged': 0,
        'errors': []}
    return add_up(
        keep_whole(batches, options.batch_size), send, total, dry_run)
