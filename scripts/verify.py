# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""proxymikro-verify: tell whether what was sealed has changed since."""
import argparse
import sys

from proteus import Model

from .connection import (
    ConnectionFailed, LoginFailed, Refused, call, connect)
from .messages import say, text

SOUND, TAMPERED, FAILED = 0, 1, 2


def get_parser():
    parser = argparse.ArgumentParser(
        prog='proxymikro-verify', description=text('command_verify'))
    parser.add_argument('--url', help=text('command_url'))
    parser.add_argument('--user', help=text('command_user'))
    parser.add_argument('-d', '--database', help=text('command_database'))
    parser.add_argument('-c', '--config', help=text('command_config'))
    parser.add_argument('--passfile', help=text('command_passfile'))
    parser.add_argument('--known', help=text('command_known'))
    parser.add_argument(
        '--seal', action='store_true', help=text('command_seal'))
    return parser


def run(args=None):
    "Run the command and return its exit code"
    options = get_parser().parse_args(args)
    if not options.database and not (options.url and options.user):
        say('command_where')
        return FAILED
    try:
        with connect(options):
            return verify(options)
    except Refused as error:
        print(error, file=sys.stderr)
    except LoginFailed:
        say('command_login')
    except ConnectionFailed as error:
        say('command_connection', error=error)
    return FAILED


def verify(options):
    "Print what the seals say"
    Seal = Model.get('evidence.seal')
    User = Model.get('res.user')
    context = call(User.get_preferences, True, {})
    if options.seal:
        call(Seal.seal, context)
    result = call(Seal.verify, options.known, context)
    for line in result['summary']:
        print(line)
    for problem in result['problems']:
        print(problem, file=sys.stderr)
    return TAMPERED if result['problems'] else SOUND


def main():
    sys.exit(run())
