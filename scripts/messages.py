# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the commands say, in French, from the translations of the server."""
import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import polib

MODULES = [
    'proxymikro_account', 'proxymikro_membership', 'proxymikro_recycling',
    'proxymikro_stock', 'proxymikro_base']
_PREFIX = 'model:ir.message,text:msg_'


@lru_cache(maxsize=None)
def _texts():
    return {
        entry.msgctxt.removeprefix(_PREFIX): entry.msgstr
        for module in MODULES
        for entry in polib.pofile(_folder(module) / 'locale' / 'fr.po')
        if entry.msgctxt.startswith(_PREFIX)}


def _folder(module):
    """Return where the module is, without importing it.

    It would choose the database before the configuration is read.
    """
    return Path(find_spec(f'trytond.modules.{module}').origin).parent


def text(name, **values):
    message = _texts()[name]
    return message % values if values else message


def say(name, **values):
    print(text(name, **values), file=sys.stderr)


def say_errors(errors):
    "Print errors by line and column, as the server or the file gave them"
    for error in sorted(errors, key=lambda e: (e['line'], e['column'])):
        say('import_error' if error['column'] else 'import_error_line',
            **error)


def get_error(problem):
    "Return the problem of a file as the server would send it"
    return {
        'line': problem.line, 'column': problem.column,
        'message': text(f'import_{problem.code}', **problem.values),
        }
