# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""proxymikro-import takeover: all that existed before, in one command.

The files of a folder are taken in the order in which each needs the one
before. What is refused stops there: mend the file and run again, what is in
already changes nothing.
"""
import datetime as dt
import hashlib
import os
from argparse import Namespace
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from proteus import Model
from trytond.modules.proxymikro_base.importer import (
    FileRefused, format_number, read_table)
from trytond.modules.proxymikro_stock import device_row

from . import import_loans, import_members, import_parts
from .connection import Refused, call
from .messages import get_error, text
from .rows import UsageError, add_up, announce, check_devices, read_file

REPORT = 'rapport-de-reprise.txt'
# What each file brings, by its name, in the order of the take-over
PATTERNS = [
    ('members', 'adherents*.csv'),
    ('devices', 'materiel*.csv'),
    ('loans', 'prets*.csv'),
    ('parts', 'pieces*.csv'),
    ('balance', 'balance*.csv'),
    ('balance', 'balance*.ods'),
    ('balance', '*fec*.txt'),
    ]
LISTS = {
    'members': import_members,
    'loans': import_loans,
    'parts': import_parts,
    }
SNIPE_IT = 'snipe-it'


@dataclass
class Result:
    "What was done with a file"
    kind: str
    path: Path
    state: str = 'done'
    counts: dict = field(default_factory=dict)
    errors: list = field(default_factory=list)

    @property
    def changed(self):
        return any(
            v for n, v in self.counts.items()
            if n in {'created', 'updated', 'memberships'})


def add_arguments(parser):
    parser.add_argument(
        'folder', type=Path, help=text('command_takeover_folder'))
    parser.add_argument('--type', help=text('command_members_type'))
    parser.add_argument('--start-date', help=text('command_members_start'))
    parser.add_argument('--end-date', help=text('command_takeover_end'))
    parser.add_argument(
        '--fiscal-year', help=text('command_takeover_fiscalyear'))
    parser.add_argument(
        '--closest', action='store_true', help=text('command_closest'))
    parser.add_argument(
        '--batch-size', type=int, default=250,
        help=text('command_batch_size'))


def find_files(folder):
    "Return the kind and the path of each file, in the order of the take-over"
    found = []
    try:
        paths = sorted(p for p in folder.iterdir() if p.is_file())
    except OSError as error:
        raise UsageError(text(
                'command_unreadable', file=folder,
                error=os.strerror(error.errno))) from error
    for kind, pattern in PATTERNS:
        found += [
            (kind, p) for p in paths
            if Path(p.name.lower()).match(pattern)]
    if sum(1 for k, _ in found if k == 'balance') > 1:
        raise UsageError(text('command_takeover_balances'))
    if not found:
        raise UsageError(text(
                'command_takeover_empty', folder=folder,
                names=', '.join(p for _, p in PATTERNS)))
    return found


def run(options, config):
    "Take the files over and return whether none was refused"
    results = []
    stopped = False
    for kind, path in find_files(options.folder):
        result = Result(kind, path)
        results.append(result)
        if stopped:
            result.state = 'waiting'
            continue
        try:
            take(result, options, config, results)
        except FileRefused as refusal:
            result.errors = list(map(get_error, refusal.problems))
        except Refused as error:
            result.errors = [
                {'line': 1, 'column': '', 'message': str(error)}]
        if result.errors:
            result.state = 'refused'
            stopped = not options.dry_run
    write_report(options, config, results)
    return not any(r.errors for r in results)


def take(result, options, config, results):
    "Check the file, then write what it brings"
    kind = result.kind
    own = get_options(result, options)
    data = read_file(result.path)
    if kind == 'balance':
        take_balance(result, own, config, data)
        return
    if kind == 'devices':
        table = read_table(data, device_row.COLUMNS)
        rows, errors = check_devices(table)
        send_batches = send_devices
    else:
        table, rows, errors = LISTS[kind].read(own, data)
        send_batches = LISTS[kind].send_batches
    source, batches = announce(own, data, table, rows, errors)
    result.errors = errors
    if own.dry_run and kind == 'loans' and any(r.changed for r in results):
        # The server does not know the devices nor the borrowers yet
        result.state, result.counts = 'read', {'rows': len(rows)}
        return
    checked = send_batches(own, config, batches, source, dry_run=True)
    result.errors = errors + checked.pop('errors')
    result.counts = checked
    if own.dry_run or result.errors:
        return
    if result.changed:
        result.counts = send_batches(
            own, config, batches, source, dry_run=False)
        result.errors = result.counts.pop('errors')
    if kind == 'devices' and not result.errors:
        # Even when all is in: it may have stopped before
        Collection = Model.get('stock.shipment.in', config=config)
        call(Collection._proxy.receive_take_over, config.context)


def get_options(result, options):
    "Return the options of the command that would take this file alone"
    name = result.path.stem.lower()
    source = name.partition('-')[2]
    return Namespace(**{
            **vars(options),
            'file': result.path,
            'source': (
                source if source in import_members.SOURCES else 'csv'),
            'snipe_it': source == SNIPE_IT,
            # Of the loans; that of the members is in their file
            'end_date': options.end_date if result.kind == 'loans' else None,
            })


def send_devices(options, config, batches, source, dry_run):
    "Return the sum of what the server did with the batches"
    Collection = Model.get('stock.shipment.in', config=config)

    def send(batch, handled):
        return call(
            Collection._proxy.import_take_over, batch, source, handled,
            dry_run, config.context)

    total = {'created': 0, 'updated': 0, 'unchanged': 0, 'errors': []}
    return add_up(batches, send, total, dry_run)


def take_balance(result, options, config, data):
    "Open the books with the balance or the FEC, unless they were with it"
    Opening = Model.get('account.opening', config=config)
    if Opening.find([
                ('sha256', '=', hashlib.sha256(data).hexdigest()),
                ('state', '=', 'posted')]):
        result.counts = {'lines': 0}
        return
    year = options.fiscal_year or get_year(config)
    for dry_run in [True] if options.dry_run else [True, False]:
        answer = call(
            Opening._proxy.import_file, year, data, result.path.name,
            dry_run, True, options.closest, config.context)
        result.errors = answer['errors']
        if result.errors:
            return
    result.counts = {
        'created': answer['lines'], 'lines': answer['lines'],
        'debit': format_number(answer['debit']),
        'parties': answer['parties']}


def get_year(config):
    "Return the name of the fiscal year of today"
    FiscalYear = Model.get('account.fiscalyear', config=config)
    today = dt.date.today()
    years = FiscalYear.find([
            ('company', '=', config.context.get('company')),
            ('start_date', '<=', today),
            ('end_date', '>=', today),
            ])
    if not years:
        raise UsageError(text('command_takeover_year'))
    return years[0].name


def write_report(options, config, results):
    "Write the report in the folder, and say it"
    Batch = Model.get('import.batch', config=config)
    lines = [text(
            'command_takeover_dry' if options.dry_run
            else 'command_takeover_title',
            date=f'{dt.datetime.now():%d/%m/%Y %H:%M}'), '']
    for result in results:
        lines += describe(result)
    remaining = call(Batch._proxy.get_remaining, config.context)
    if remaining:
        lines += ['', text('command_takeover_remaining')]
        lines += [f'- {sentence}' for sentence in remaining]
    report = '\n'.join(lines) + '\n'
    print(report)
    # It is on the screen anyway
    with suppress(OSError):
        (options.folder / REPORT).write_text(report, encoding='utf-8')


def describe(result):
    "Return the lines of the report about the file"
    if result.state == 'done' and not result.changed:
        result.state = 'unchanged'
    name = {
        'done': f'command_takeover_{result.kind}',
        }.get(result.state, f'command_takeover_{result.state}')
    lines = [text(
            name, what=text(f'command_takeover_kind_{result.kind}'),
            file=result.path.name, **result.counts)]
    for error in sorted(
            result.errors, key=lambda e: (e['line'], e['column'])):
        lines.append('  ' + text(
                'import_error' if error['column'] else 'import_error_line',
                **error))
    return lines
