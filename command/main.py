# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import argparse
import sys

from . import demo, test
from .server import commands as server
from .tools import Failure


def parser():
    parser = argparse.ArgumentParser(
        prog='./proxymikro',
        description="Try Proxy Mikro, test it, or run it for real, "
        "from a bare machine.")
    commands = parser.add_subparsers(required=True, metavar='COMMAND')

    command = commands.add_parser(
        'demo', help="install, fill and start a demonstration")
    command.add_argument(
        '--port', type=int, default=8000,
        help="the port of the server (default: 8000)")
    command.add_argument(
        '--check', action='store_true',
        help="do it on a free port in a temporary folder, "
        "walk the ten steps of the story, and stop")
    command.add_argument(
        '--reset', action='store_true',
        help="forget the demonstration's data and start again")
    command.set_defaults(run=demo.run)

    command = commands.add_parser(
        'test', help="run all the tests",
        epilog="The other arguments are given to pytest.")
    command.set_defaults(run=test.run)

    server.add(commands)
    return parser


def main(argv=None):
    args, rest = parser().parse_known_args(argv)
    if rest and args.run is not test.run:
        parser().error(f"unknown arguments: {' '.join(rest)}")
    args.rest = rest
    try:
        return args.run(args)
    except Failure as failure:
        print(f"proxymikro: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted: run the same command again to go on.",
            file=sys.stderr)
        return 130
