# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""proxymikro-export: the register of waste in the file of the State."""
import argparse
import os
import sys
from pathlib import Path

from proteus import Model
from trytond.modules.proxymikro_recycling.waste_register_file import (
    get_name, split, write)

from .connection import (
    ConnectionFailed, LoginFailed, Refused, call, connect)
from .messages import say, text

DONE, REFUSED, FAILED = 0, 1, 2
SLICE = 1000


def get_parser():
    parser = argparse.ArgumentParser(
        prog='proxymikro-export', description=text('command_export'))
    kinds = parser.add_subparsers(dest='kind', required=True)
    register = kinds.add_parser(
        'register', help=text('command_export_register'))
    register.add_argument(
        '--folder', type=Path, default=Path(),
        help=text('command_export_folder'))
    register.add_argument(
        '--lines', type=int, help=text('command_export_lines'))
    register.add_argument(
        '--again', type=int, help=text('command_export_again'))
    register.add_argument(
        '--check', action='store_true', help=text('command_export_check'))
    register.set_defaults(export=export_register)
    register.add_argument('--url', help=text('command_url'))
    register.add_argument('--user', help=text('command_user'))
    register.add_argument(
        '-d', '--database', help=text('command_database'))
    register.add_argument('-c', '--config', help=text('command_config'))
    register.add_argument('--passfile', help=text('command_passfile'))
    return parser


def run(args=None):
    "Run the command and return its exit code"
    options = get_parser().parse_args(args)
    if not options.database and not (options.url and options.user):
        say('command_where')
        return FAILED
    if options.lines is not None and not 0 < options.lines <= SLICE:
        say('command_export_bounds', most=SLICE)
        return FAILED
    if not options.folder.is_dir():
        say('command_export_no_folder', folder=options.folder)
        return FAILED
    try:
        with connect(options) as config:
            return options.export(options, config)
    except Refused as error:
        print(error, file=sys.stderr)
        return REFUSED
    except LoginFailed:
        say('command_login')
    except ConnectionFailed as error:
        say('command_connection', error=error)
    except OSError as error:
        say('command_export_unwritable', folder=options.folder,
            error=os.strerror(error.errno) if error.errno else error)
    return FAILED


def export_register(options, config):
    Export = Model.get('waste.register.export', config=config)
    User = Model.get('res.user', config=config)
    context = {
        **call(User.get_preferences, True, {}), 'language': 'fr'}
    if options.check:
        problems = call(Export.find_problems, context)
        for problem in problems:
            print(problem, file=sys.stderr)
        return REFUSED if problems else DONE
    export = options.again
    if export is None:
        # Not called again on its own: the lines would be taken and not given
        export = call(Export.prepare, context, delays=[])['id']
    names = write_files(options, export, read(Export, export, context))
    for name in names:
        print(name)
    say('command_export_done', count=len(names), id=export)
    return DONE


def read(Export, export, context):
    "Yield the rows of the export, a slice at a time"
    after = 0
    while after is not None:
        result = call(Export.read_rows, export, after, SLICE, context)
        yield from result['rows']
        after = result['after']


def write_files(options, export, rows):
    "Write the rows and return the paths of the files"
    paths = []
    for rank, part in enumerate(split(rows, options.lines), 1):
        path = options.folder / get_name(
            export, rank if options.lines else None)
        with open(path, 'wb') as file:
            write(file, part)
        paths.append(path)
    return paths


def main():
    sys.exit(run())
