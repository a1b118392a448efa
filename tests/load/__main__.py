# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Serve many volunteers at once: python -m tests.load [--volunteers 30]
[--minutes 10].

Prints requests by second, how long each act takes and how the lists compare
with core's, and fails where a promise is broken.
"""
import argparse
import sys

from ..application import served
from .prepare import VOLUNTEERS
from .run import Run


def main():
    parser = argparse.ArgumentParser(
        prog='python -m tests.load', description=__doc__)
    parser.add_argument(
        '--volunteers', type=int, default=30, choices=range(6, VOLUNTEERS + 1),
        metavar=f'6…{VOLUNTEERS}')
    parser.add_argument('--minutes', type=float, default=10)
    args = parser.parse_args()
    with served() as (server, application):
        run = Run(server, application, args.volunteers, args.minutes * 60)
        run.work()
        run.check()
        run.compare(seconds=5)
    run.print()
    for problem in run.problems:
        print(f"BROKEN {problem}")
    sys.exit(bool(run.problems))


if __name__ == '__main__':
    main()
