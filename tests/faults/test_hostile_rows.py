# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Lists of devices and loans that are broken, or made to do harm."""
import contextlib
import datetime as dt
import io
import math
import os
import random
import resource
import time
import unicodedata
import unittest
from unittest.mock import patch

from proteus import Model
from proxymikro_scripts import import_file
from trytond.exceptions import UserError
from trytond.modules.proxymikro_stock import device_row, loan_row
from trytond.modules.proxymikro_stock.tests.tools import (
    add_devices, create_collection, create_euro_company, receive)
from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME, drop_db
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

from tests.import_tools import Folder

from .test_hostile_reports import mutate_bytes

ROWS = 10_000 if os.environ.get('PROXYMIKRO_FULL') else 400
SECONDS = 10  # of processor for one batch
MEGABYTES = 300  # more than at the start
SOURCE = {
    'file_name': '../../liste.csv', 'sha256': '0' * 64, 'encoding': 'utf-8',
    'rows': 50_000}
TEXTS = [
    "", " ", "-", "0", "-1", "nan", "inf", "-inf", "1e308", "1e3", "1_0", "١",
    "1 000,50", "1.5", "2147483648", "9" * 400, "True", "None", "null", "[]",
    "{}", "A\x00B", "\ud800", "\u202eabc", "\ufeff", "\x1b[31m", "a" * 251,
    "a" * 100_000, "e\u0301" * 120, "=1+1", "+1", "@SUM(A1)", "\t=1", "'; --",
    "%", "_", "%s%n", "\\", "\\N", "${x}", "<script>alert(1)</script>",
    "../../etc/passwd", "31/02/2026", "2026-13-01", "01/01/0001",
    "31/12/9999", "2026-01-01T00:00:00Z", "To be filled by O.E.M.",
    "😀", "\U0010ffff", "PM-00001", "École Nord"]
OBJECTS = [
    None, 0, -1, 1.5, float('nan'), True, [], ["PC"], {}, b'PC', dt.date.max,
    2**70]


class HostileRowsTestCase(unittest.TestCase):
    "Test lists from outside can't harm"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        cls.config = activate_modules('proxymikro_stock', create_euro_company)
        Party = Model.get('party.party')
        parties = [Party(name=n) for n in [
                "Donatrice", "École Nord", "École Sud", "Homonyme",
                "Homonyme"]]
        for party in parties:
            party.save()
        old = create_collection(parties[0], 'unknown')
        cls.tags = [d.number for d in add_devices(
                old, 'desktop', max(30, ROWS // 50))]
        receive(old)
        cls.collection = create_collection(parties[0]).number

    def setUp(self):
        super().setUp()
        self.random = random.Random(2026)
        self.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self.results = {'accepted': 0, 'refused': 0, 'invalid': 0}

    def tearDown(self):
        grown = resource.getrusage(
            resource.RUSAGE_SELF).ru_maxrss - self.memory
        self.assertLess(grown / 1024, MEGABYTES)
        super().tearDown()

    def count(self):
        with Transaction().start(
                DB_NAME, 1, readonly=True,
                context={'active_test': False}):
            return [
                Pool().get(n).search([], count=True)
                for n in ['stock.lot', 'stock.move', 'stock.loan',
                    'stock.loan.line', 'stock.location', 'party.party']]

    def get_device(self):
        "Return the texts of a device that may be imported"
        serial = f'SN{self.random.randrange(10**9):09}'
        return {
            'kind': self.random.choice(["PC", "écran", "portable"]),
            'manufacturer': self.random.choice(["HP", "Dell", ""]),
            'serial_number': self.random.choice([serial, ""]),
            'weight': self.random.choice(["5,2", "", "0,001", "200"]),
            'grade_appearance': self.random.choice(["a", "B", ""])}

    def get_loan(self):
        return {
            'number': self.random.choice(self.tags),
            'borrower': self.random.choice(["École Nord", "École Sud"]),
            'lent_on': self.random.choice(["01/09/2024", "2025-09-01"]),
            'end_date': "31/08/2099"}

    def get_batches(self, make, columns, rows):
        "Yield lists of texts, from sound to all hostile"
        while rows > 0:
            hostile = self.random.choice([0, 0.02, 0.2, 1])
            batch = []
            for _ in range(min(rows, self.random.choice([1, 3, 40]))):
                texts = make()
                for name in columns:
                    if self.random.random() < hostile:
                        texts[name] = self.random.choice(TEXTS)
                batch.append(texts)
            rows -= len(batch)
            yield batch

    def spoil(self, rows):
        "Break now and then what the server expects of a client"
        row = self.random.choice(rows)
        thing = self.random.choice(OBJECTS)
        name = self.random.choice(['line', 'texts', 'occurrence', 'value', ''])
        if name == 'value':
            row['texts'][self.random.choice(list(row['texts']))] = thing
        elif name:
            row[name] = thing
        else:
            rows[rows.index(row)] = thing
        return rows

    def send(self, function, batch):
        "Check a batch is written whole or not at all"
        rows = [
            {'line': i, 'texts': dict(texts), 'occurrence': 1}
            for i, texts in enumerate(batch, 2)]
        if self.random.random() < 0.05:
            rows = self.spoil(rows)
        before, start = self.count(), time.process_time()
        try:
            result = function(rows)
        except UserError as error:
            self.assertTrue(error.message)
            self.assertEqual(self.count(), before)
            self.results['invalid'] += 1
            return
        self.assertLess(time.process_time() - start, SECONDS)
        created = self.count()[0 if 'updated' in result else 3]
        created -= before[0 if 'updated' in result else 3]
        self.assertEqual(created, result['created'])
        if result['errors']:
            self.assertEqual(self.count(), before)
            self.assertTrue(all(
                    e['message'] and e['line'] for e in result['errors']))
        self.results['refused' if result['errors'] else 'accepted'] += 1

    def check_mixed(self):
        "Check what is sent is neither all sound nor all hostile"
        for name, count in self.results.items():
            self.assertGreater(count, 0, self.results)

    def test_devices(self):
        "Devices"
        Collection = Model.get('stock.shipment.in')
        for batch in self.get_batches(
                self.get_device, device_row.LABELS, ROWS // 2):
            self.send(
                lambda rows: Collection._proxy.import_devices(
                    self.collection, rows, SOURCE, len(rows), False,
                    self.config.context), batch)
        self.check_mixed()
        self.check_stored()

    def check_stored(self):
        with Transaction().start(DB_NAME, 1, readonly=True):
            for lot in Pool().get('stock.lot').search([]):
                weight = lot.weight
                self.assertTrue(weight is None or (
                        math.isfinite(weight) and 0 < weight <= 200))
                for name in ['number', 'serial_number', 'manufacturer',
                        'model', 'donor_number']:
                    text = getattr(lot, name) or ''
                    self.assertLessEqual(len(text), 250)
                    self.assertFalse(
                        {unicodedata.category(c) for c in text}
                        & {'Cc', 'Cf', 'Cs', 'Cn'}, ascii(text))

    def test_loans(self):
        "Loans"
        Loan = Model.get('stock.loan')
        for batch in self.get_batches(
                self.get_loan, loan_row.LABELS, ROWS * 3 // 10):
            self.send(
                lambda rows: Loan._proxy.import_loans(
                    rows, SOURCE, len(rows), False, self.config.context),
                batch)
        self.check_mixed()

    def get_file(self, kind, batch):
        "Return the bytes of a file that a spreadsheet, or a fault, wrote"
        columns = device_row if kind == 'devices' else loan_row
        delimiter = self.random.choice(';,\t')
        names = list(batch[0])
        lines = [[columns.LABELS[n] for n in names]] + [
            [texts.get(n, '') for n in names] for texts in batch]
        text = '\n'.join(
            delimiter.join(
                '"' + cell.replace('"', '""') + '"'
                if set(cell) & {delimiter, '"', '\n'} else cell
                for cell in cells) for cells in lines)
        data = text.encode(
            self.random.choice(['utf-8', 'utf-8-sig', 'cp1252', 'utf-16']),
            'replace')
        if self.random.random() < 0.3:
            data = mutate_bytes(data, self.random)
        return data

    def run_command(self, kind, path):
        @contextlib.contextmanager
        def connect(options):
            yield self.config
        args = [kind, str(path), '-d', 'test'] + self.random.choice(
            [[], ['--dry-run'], ['--batch-size', '3']])
        if kind == 'devices':
            args += ['--collection', self.collection]
        said = io.StringIO()
        with patch.object(import_file, 'connect', connect), \
                contextlib.redirect_stderr(said):
            return import_file.run(args), said.getvalue()

    def test_command(self):
        "Files: the command says in words what is wrong, and nothing is left"
        folder = Folder(self)
        path = folder.path / 'liste.csv'
        codes = {import_file.DONE: 0, import_file.REJECTED: 0,
            import_file.FAILED: 0}
        for kind, make, columns in [
                ('devices', self.get_device, device_row.LABELS),
                ('loans', self.get_loan, loan_row.LABELS)]:
            for batch in self.get_batches(make, columns, ROWS // 10):
                path.write_bytes(self.get_file(kind, batch))
                before, start = self.count(), time.process_time()
                code, said = self.run_command(kind, path)
                self.assertLess(time.process_time() - start, SECONDS)
                self.assertNotIn("Traceback", said)
                self.assertTrue(said)
                if code != import_file.DONE:
                    self.assertEqual(self.count(), before, said)
                codes[code] += 1
        self.assertGreater(codes[import_file.DONE], 0)
        self.assertGreater(codes[import_file.REJECTED], 0)
        self.check_stored()
