# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""proxymikro-import: lists, hardware reports and balances into the server."""
import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from proteus import Model
from trytond.modules.proxymikro_base.importer import FileRefused, read_table
from trytond.modules.proxymikro_stock import device_row

from . import (
    import_balance, import_loans, import_members, import_parts, import_prices,
    import_reports, import_settlements, import_takeover)
from .connection import (
    ConnectionFailed, LoginFailed, Refused, call, connect)
from .messages import get_error, say, say_errors, text
from .rows import UsageError, announce, check_devices, read_file

DONE, REJECTED, FAILED = 0, 1, 2
MAX_BATCH = 500
# The lists that are read, checked and sent by batches in the same way
LISTS = {
    'loans': import_loans,
    'members': import_members,
    'parts': import_parts,
    'prices': import_prices,
    'settlements': import_settlements,
    }


def get_parser():
    parser = argparse.ArgumentParser(
        prog='proxymikro-import', description=text('command_description'))
    kinds = parser.add_subparsers(dest='kind', required=True)
    devices = kinds.add_parser('devices', help=text('command_devices'))
    devices.add_argument('file', type=Path, help=text('command_file'))
    devices.add_argument(
        '--collection', required=True, help=text('command_collection'))
    devices.add_argument(
        '--batch-size', type=int, default=250,
        help=text('command_batch_size'))
    devices.set_defaults(import_=import_devices, most=MAX_BATCH)
    reports = kinds.add_parser('reports', help=text('command_reports'))
    import_reports.add_arguments(reports)
    reports.set_defaults(
        import_=import_folder, most=import_reports.MAX_BATCH)
    for name, module in LISTS.items():
        kind = kinds.add_parser(name, help=text(f'command_{name}'))
        module.add_arguments(kind)
        kind.set_defaults(import_=import_list, most=module.MAX_BATCH)
    balance = kinds.add_parser('balance', help=text('command_balance'))
    import_balance.add_arguments(balance)
    # All of the file goes at once
    balance.set_defaults(import_=import_opening, batch_size=1, most=1)
    takeover = kinds.add_parser('takeover', help=text('command_takeover'))
    import_takeover.add_arguments(takeover)
    takeover.set_defaults(import_=take_over, most=MAX_BATCH)
    for kind in kinds.choices.values():
        add_arguments(kind)
    return parser


def add_arguments(parser):
    "Add what says where and how to import, whatever it is"
    parser.add_argument('--url', help=text('command_url'))
    parser.add_argument('--user', help=text('command_user'))
    parser.add_argument('-d', '--database', help=text('command_database'))
    parser.add_argument('-c', '--config', help=text('command_config'))
    parser.add_argument('--passfile', help=text('command_passfile'))
    parser.add_argument(
        '--dry-run', action='store_true', help=text('command_dry_run'))


def run(args=None):
    "Run the command and return its exit code"
    options = get_parser().parse_args(args)
    try:
        check_options(options)
        return options.import_(options)
    except (UsageError, Refused) as error:
        print(error, file=sys.stderr)
    except FileRefused as refusal:
        say_errors(map(get_error, refusal.problems))
        return REJECTED
    except LoginFailed:
        say('command_login')
    except ConnectionFailed as error:
        say('command_connection', error=error)
    except KeyboardInterrupt:
        say('command_interrupted')
    return FAILED


def check_options(options):
    if not options.database and not (options.url and options.user):
        raise UsageError(text('command_where'))
    if not 0 < options.batch_size <= options.most:
        raise UsageError(text('command_batch_bounds', most=options.most))


def import_folder(options):
    """Check all the reports, then send them.

    So a folder with a file that can't be read writes nothing.
    """
    paths = import_reports.find_files(options.folder)
    if not paths:
        raise UsageError(text('command_no_reports', folder=options.folder))
    count = import_reports.check_files(paths)
    if count is None:
        return REJECTED
    with connect(options) as config, config.set_context(language='fr'):
        result = import_reports.send(options, config, paths, count)
    errors = result.pop('errors')
    for error in errors:
        say('command_report_error',
            file=error['name'], error=error['message'])
    say('command_reports_dry_result' if options.dry_run
        else 'command_reports_result', **result)
    return REJECTED if errors else DONE


def import_devices(options):
    data = read_file(options.file)
    table = read_table(data, device_row.COLUMNS)
    rows, errors = check_devices(table)
    source, batches = announce(options, data, table, rows, errors)
    with connect(options) as config:
        return send(options, config, batches, source, errors)


def import_list(options):
    data = read_file(options.file)
    kind = LISTS[options.kind]
    try:
        table, rows, errors = kind.read(options, data)
    except ValueError as error:
        if isinstance(error, FileRefused):
            raise
        raise UsageError(error) from error
    source, batches = announce(options, data, table, rows, errors)
    with connect(options) as config:
        return send(
            options, config, batches, source, errors,
            send_batches=kind.send_batches, result=f'_{options.kind}')


def import_opening(options):
    data = read_file(options.file)
    with connect(options) as config:
        opened = import_balance.send(options, config, data)
    return DONE if opened else REJECTED


def take_over(options):
    try:
        with connect(options) as config, config.set_context(language='fr'):
            taken = import_takeover.run(options, config)
    except ValueError as error:
        raise UsageError(error) from error
    return DONE if taken else REJECTED


def send(
        options, config, batches, source, errors,
        send_batches=None, result=''):
    """Check all the batches, then write them one by one.

    So a file with an error writes nothing; what another person does between
    the two may still stop it, and the same command goes on from there.
    """
    send_batches = send_batches or send_device_batches
    with config.set_context(language='fr'):
        checked = send_batches(
            options, config, batches, source, dry_run=True)
        errors = errors + checked['errors']
        say_errors(errors)
        refused = len({e['line'] for e in errors})
        if options.dry_run:
            say(f'command{result}_dry_result',
                **{**checked, 'refused': refused})
            return REJECTED if errors else DONE
        if errors:
            say('command_refused', count=refused)
            return REJECTED
        done = send_batches(options, config, batches, source, dry_run=False)
        if done['errors']:
            say_errors(done['errors'])
            say('command_stopped',
                count=len({e['line'] for e in done['errors']}))
            return REJECTED
        say(f'command{result}_result', **done)
        return DONE


def send_device_batches(options, config, batches, source, dry_run):
    "Return the sum of what the server did with the batches"
    Collection = Model.get('stock.shipment.in', config=config)
    total = {'created': 0, 'updated': 0, 'unchanged': 0, 'errors': []}
    handled = 0
    label = text('command_checking' if dry_run else 'command_writing')
    with tqdm(
            total=sum(map(len, batches)), desc=label, disable=None,
            file=sys.stderr) as progress:
        for batch in batches:
            handled += len(batch)
            result = call(
                Collection._proxy.import_devices, options.collection, batch,
                source, handled, dry_run, config.context)
            for name, value in result.items():
                total[name] += value
            if result['errors'] and not dry_run:
                break
            progress.update(len(batch))
    return total


def main():
    sys.exit(run())


if __name__ == '__main__':
    main()
