# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Measure the speeds to reach: python -m tests.benchmarks [--small].

Prints ratios between paths measured in turn in one run, and fails where one is
beyond its goal.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Report:
    "What was measured, and whether it is as good as it must be"

    def __init__(self):
        self.failed = False

    def __call__(self, text, value, most, unit='x'):
        good = value <= most
        self.failed |= not good
        print(
            f"{'ok  ' if good else 'SLOW'} {text}: {value:.2f}{unit} "
            f"(at most {most:g}{unit})", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        '--small', action='store_true',
        help="sizes that fit in the default run of the tests")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, '-m', 'tests.benchmarks.prepare',
                str(Path(folder) / 'db.sqlite')], cwd=ROOT, check=True)
        # Before trytond is imported
        os.environ['TRYTOND_DATABASE_URI'] = 'sqlite://'
        os.environ['TRYTOND_DATABASE__PATH'] = folder
        report = Report()
        run(report, *((200, 10, 500, 5_000, 100) if args.small
                else (1_000, 40, 1_000, 100_000, 5_000)))
    sys.exit(report.failed)


def run(report, count, few, small, big, reports):
    from trytond.pool import Pool
    from trytond.transaction import Transaction
    Pool.start()
    pool = Pool('db')
    with Transaction().start('db', 0, readonly=True):
        pool.init()
    assert not Pool.test
    with Transaction().start('db', 1):
        context = pool.get('res.user').get_preferences(True)
    warnings.simplefilter('ignore')
    measure_list(report, context, small, big)
    measure_place(report, context)
    measure_import(report, context, count, few)
    measure_reports(report, context, reports)


def measure_import(report, context, count, few):
    from proteus import config as proteus_config

    from . import devices
    from .measure import alternate
    config = proteus_config.set_trytond('db', user='admin')
    config._context = dict(context)

    def within(function, number):
        from trytond.transaction import Transaction
        with Transaction().start('db', 1, context=dict(context)):
            result = function(number)
            Transaction().rollback()
            return result / number

    added, received, core, slow = alternate(
        lambda: within(devices.added, count),
        lambda: within(devices.received, count),
        lambda: within(devices.core, count),
        lambda: devices.one_by_one(few, context) / few)
    print(f"     a device: added {added * 1000:.1f} ms, with the receipt "
        f"{received * 1000:.1f} ms; core's lot and done move "
        f"{core * 1000:.1f} ms; lot and move saved by proteus "
        f"{slow * 1000:.0f} ms")
    report(f"{count} devices added and received, to core's create and do",
        received / core, 1.3)
    report("added in one call, to saved one by one by proteus, a twentieth",
        20 * added / slow, 1)


def measure_reports(report, context, count):
    from trytond.transaction import Transaction

    from . import reports
    from .measure import alternate

    def within(function):
        with Transaction().start(
                'db', 1, context=dict(context),
                _lock_tables=['device_report']):
            result = function(count)
            Transaction().rollback()
            return result / count

    imported, core = alternate(
        lambda: within(reports.imported), lambda: within(reports.core),
        repeat=1 if count > 1_000 else 3)
    print(f"     a hardware report: {imported * 1000:.1f} ms, "
        f"{1 / imported:.0f} by second; its records created by core "
        f"{core * 1000:.1f} ms")
    report(f"{count} reports imported, to core's create of their records",
        imported / core, 3)


def measure_list(report, context, small, big):
    from trytond.transaction import Transaction

    from . import device_list, lend
    measured, lent = [], []
    for size in [small, big]:
        with Transaction().start('db', 1, context=dict(context)):
            device_list.fill(size)
            Transaction().commit()
        measured.append(device_list.measure(context))
        lent.append(lend.measure(context))
    before, after = measured
    for tab in before:
        print(f"     a page of the list, {tab}: {before[tab][0] * 1000:.1f} ms "
            f"and {before[tab][1]} queries at {small}, "
            f"{after[tab][0] * 1000:.1f} ms and {after[tab][1]} at {big}")
        report(f"time at {big} to {small} devices, {tab}",
            after[tab][0] / before[tab][0], 2)
        report(f"queries more at {big}, {tab}",
            after[tab][1] - before[tab][1], 0, "")
    (time, few), (more_time, many) = lent
    print(f"     {lend.COUNT} devices lent in one click: {time * 1000:.0f} ms "
        f"and {few} queries at {small}, {more_time * 1000:.0f} ms and {many} "
        f"at {big}")
    report(f"queries more at {big}, lend", many - few, 0, "")
    report(f"time at {big} to {small} devices, lend", more_time / time, 2)


def measure_place(report, context):
    from . import device_place
    raw, asked, page, count, queries = device_place.measure(context)
    print(f"     where {count} devices were on 1 January: "
        f"{asked * 1000:.0f} ms, a page of them {page * 1000:.0f} ms; "
        f"by a raw query {raw * 1000:.0f} ms")
    report(f"where {count} devices were on 1 January, to the raw query",
        asked / raw, 3)
    report("a page of the places of that day, to the raw query of all",
        page / raw, 3)
    report("queries for that page", queries, 1, "")


if __name__ == '__main__':
    main()
