# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Hardware reports that are broken, or made to do harm."""
import json
import os
import random
import resource
import time

from trytond.modules.proxymikro_stock.hardware import UnreadableReport, parse
from trytond.modules.proxymikro_stock.tests.report_importer import (
    with_importer)
from trytond.modules.proxymikro_stock.tests.test_hardware import mutate
from trytond.modules.proxymikro_stock.tests.workshop import read
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module

COUNT = 2_000 if os.environ.get('PROXYMIKRO_FULL') else 200
SECONDS = 5  # of processor for one file
MEGABYTES = 300  # more than at the start
TREES = [
    'desktop.lshw.json', 'laptop.lshw.json', 'desktop.snapshot.json',
    'netbook.workbench11.json', 'desktop.smartctl.json']
TEXTS = ['desktop.lshw.xml', 'desktop.dmidecode.txt', 'desktop.lshw.json']
TABLES = [
    'device.report', 'device.component', 'device.report.change',
    'device.component.health', 'stock.lot', 'stock.move']


def get_snapshot():
    return {
        'type': 'Snapshot', 'timestamp': '2022-05-04T12:10:07',
        'data': {
            'lshw': json.loads(read('desktop.lshw.json')),
            'smart': json.loads(read('desktop.smartctl.json')),
            'dmidecode': read('desktop.dmidecode.txt').decode()}}


def mutate_bytes(data, generator):
    "Return the bytes with some replaced, repeated, removed or cut"
    data = bytearray(data)
    for _ in range(generator.randint(1, 20)):
        start = generator.randrange(len(data) or 1)
        end = start + generator.randint(0, 200)
        data[start:end] = generator.choice([
                b'', b'\x00', b'<', b'&lt;', b'{', b'"', b'\xff\xfe',
                b'<!DOCTYPE a>', '٣'.encode(), bytes(data[start:end]) * 3,
                generator.randbytes(10)])
    return bytes(data)


def get_mutants(count):
    generator = random.Random(2026)
    for i in range(count):
        if i % 3 == 2:
            yield mutate_bytes(
                read(generator.choice(TEXTS)), generator)
            continue
        tree = (get_snapshot() if i % 3
            else json.loads(read(generator.choice(TREES))))
        for _ in range(generator.randint(1, 8)):
            mutate(tree, generator)
        yield json.dumps(tree).encode()


class HostileReportsTestCase(TestCase):
    "Test reports from outside can't harm"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    def count(self):
        return [Pool().get(n).search([], count=True) for n in TABLES]

    @with_importer
    def test_mutants(self, importer):
        "A mutant is imported whole or refused by name, quickly"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        refused = 0
        for i, data in enumerate(get_mutants(COUNT)):
            before = self.count()
            start = time.process_time()
            with self.subTest(i=i):
                result = importer({'name': f'{i}.json', 'data': data})
                self.assertLess(time.process_time() - start, SECONDS)
                try:
                    read_ = parse(data)
                except UnreadableReport:
                    refused += 1
                    error, = result['errors']
                    self.assertIn("you must", error['message'])
                    self.assertEqual(self.count(), before)
                else:
                    self.assertEqual(sum(result.values()), 1, result)
                    self.check_report(result, read_, before)
        self.assertTrue(COUNT * 0.1 < refused < COUNT * 0.6, refused)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
        self.assertLess(grown / 1024, MEGABYTES)

    def check_report(self, result, read_, before):
        "Check the report is there, with all its components if it is bound"
        Report = Pool().get('device.report')
        after = self.count()
        if 'known' in result:
            self.assertEqual(after, before)
            return
        self.assertEqual(after[0], before[0] + 1)
        report, = Report.search([], order=[('id', 'DESC')], limit=1)
        if 'waiting' in result:
            self.assertIsNone(report.lot)
            self.assertEqual(after[1:], before[1:])
        else:
            self.assertTrue(report.lot)
        if 'created' in result:
            self.assertEqual(after[1], before[1] + len(read_.components))
            self.assertEqual(after[4] - before[4], 1)

    @with_importer
    def test_text(self, importer):
        "Markup and formulas are kept as the text that they are"
        tree = json.loads(read('desktop.lshw.json'))
        root = tree[0] if isinstance(tree, list) else tree
        root['vendor'] = '<script>alert(1)</script>'
        root['product'] = '=cmd|" /C calc"!A0'
        importer(json.dumps(tree).encode())
        lot, = importer.collection.devices
        self.assertEqual(lot.manufacturer, '<script>alert(1)</script>')
        self.assertEqual(lot.model, '=cmd|" /C calc"!A0')
