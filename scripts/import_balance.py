# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""proxymikro-import balance: what the earlier software leaves, at one go."""
from pathlib import Path

from proteus import Model
from trytond.modules.proxymikro_base.importer import format_number

from .connection import call
from .messages import say, say_errors, text


def add_arguments(parser):
    parser.add_argument('file', type=Path, help=text('command_balance_file'))
    parser.add_argument(
        '--fiscal-year', required=True, help=text('command_fiscalyear'))
    parser.add_argument(
        '--create-parties', action='store_true',
        help=text('command_create_parties'))
    parser.add_argument(
        '--closest', action='store_true', help=text('command_closest'))


def send(options, config, data):
    """Return whether the server opened the books, or would.

    All is in one call: what stops in the middle has written nothing.
    """
    with config.set_context(language='fr'):
        Opening = Model.get('account.opening', config=config)
        result = call(
            Opening._proxy.import_file, options.fiscal_year, data,
            options.file.name, options.dry_run, options.create_parties,
            options.closest, config.context)
    for note in result['notes']:
        say('command_note', note=note)
    if result['errors']:
        say_errors(result['errors'])
        say('command_refused', count=len(
                {e['line'] for e in result['errors']}))
        return False
    say('command_balance_dry_result' if options.dry_run
        else 'command_balance_result', lines=result['lines'],
        debit=format_number(result['debit']), parties=result['parties'])
    return True
