# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.

import unittest
from unittest.mock import patch

from trytond.model.exceptions import SQLConstraintError
from trytond.modules.proxymikro_base import import_batch
from trytond.modules.proxymikro_base.exceptions import ImportSourceError
from trytond.pool import Pool
from trytond.tests.test_tryton import activate_module, with_transaction

SOURCE = {
    'file_name': "matériel.csv",
    'sha256': 'a' * 64,
    'encoding': 'utf-8',
    'rows': 3,
    }


class ImportBatchTestCase(unittest.TestCase):
    "Test the memory of the imports"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_base')

    def setUp(self):
        super().setUp()
        for name, value in [
                ('get_kinds', [('users', "Users")]),
                ('get_targets', [('res.user', "User")])]:
            patcher = patch.object(
                import_batch.ImportBatch, name, create=False,
                new=classmethod(lambda cls, value=value: value))
            patcher.start()
            self.addCleanup(patcher.stop)

    def record(self, **values):
        pool = Pool()
        Batch = pool.get('import.batch')
        User = pool.get('res.user')
        return Batch.record('users', User(1), SOURCE, **values)

    @with_transaction()
    def test_record(self):
        "The calls of one file add up in one record"
        Batch = Pool().get('import.batch')
        batch = self.record(handled=2, created=2)
        self.assertEqual(
            (batch.handled, batch.created, batch.unchanged), (2, 2, 0))
        self.assertEqual(batch.user.id, 1)

        again = self.record(handled=3, updated=1)
        self.assertEqual(again, batch)
        self.assertEqual(
            (again.handled, again.created, again.updated), (3, 2, 1))
        self.assertEqual(Batch.search([], count=True), 1)

    @with_transaction()
    def test_record_unchanged(self):
        "A call which changes nothing writes nothing"
        Batch = Pool().get('import.batch')
        self.record(handled=3, created=1)
        with patch.object(Batch, 'save', autospec=True) as save:
            batch = self.record(handled=3)
            save.assert_not_called()
        self.assertEqual(batch.unchanged, 2)

    @with_transaction()
    def test_record_errors(self):
        "The errors are kept until the file passes"
        batch = self.record(handled=0, errors=[
                {'line': 2, 'column': "poids (kg)", 'message': "non"},
                {'line': 2, 'column': '', 'message': "non plus"}])
        self.assertEqual(batch.refused, 1)
        self.assertEqual(
            batch.report,
            'Line 2, column "poids (kg)": non\nLine 2: non plus')

        batch = self.record(handled=3, created=3)
        self.assertEqual((batch.refused, batch.report), (0, None))

    @with_transaction()
    def test_unique(self):
        "A file has one record per target"
        Batch = Pool().get('import.batch')
        batch = self.record(handled=0)
        with self.assertRaises(SQLConstraintError):
            Batch.copy([batch])

    @with_transaction()
    def test_check_source(self):
        "What a client says of its file is checked"
        Batch = Pool().get('import.batch')
        self.assertEqual(Batch.check_source(SOURCE), SOURCE)
        for name in ["../../etc/passwd", "C:\\temp\\passwd"]:
            self.assertEqual(
                Batch.check_source(
                    {**SOURCE, 'file_name': name})['file_name'], "passwd")
        for source in [
                None, [], {},
                {**SOURCE, 'file_name': 'a\x00b'},
                {**SOURCE, 'file_name': ''},
                {**SOURCE, 'file_name': None},
                {**SOURCE, 'sha256': 'A' * 64},
                {**SOURCE, 'sha256': 12},
                {**SOURCE, 'encoding': 'utf-7'},
                {**SOURCE, 'encoding': []},
                {**SOURCE, 'rows': 0},
                {**SOURCE, 'rows': True},
                {**SOURCE, 'rows': 50_001},
                {**SOURCE, 'rows': '3'},
                ]:
            with self.subTest(source=source):
                with self.assertRaises(ImportSourceError):
                    Batch.check_source(source)
