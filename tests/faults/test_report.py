# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Many report one device at once to several workers, which share the limit."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from contextlib import closing
from pathlib import Path

from proteus import Model
from trytond import backend
from trytond.modules.proxymikro_stock.issue import DEVICE_LIMIT
from trytond.modules.proxymikro_stock.tests.tools import (
    add_devices, create_collection, create_euro_company)
from trytond.tests import test_tryton
from trytond.tests.test_tryton import DB_NAME, drop_db
from trytond.tests.tools import activate_modules

from .test_concurrency import ROOT

WORKERS, THREADS = 2, 10


class ReportTestCase(unittest.TestCase):
    "Test that the public page takes no more than it says"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        activate_modules('proxymikro_stock', create_euro_company)
        donor = Model.get('party.party')(name="Donatrice")
        donor.save()
        cls.device, = add_devices(create_collection(donor), 'screen')
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.statuses = cls.send(Path(folder.name))

    @classmethod
    def send(cls, folder):
        "Let the workers send all at once and return the statuses"
        # As README says for a real server
        environ = {**os.environ, 'TRYTOND_DATABASE__RETRY': '20'}
        cls.name = DB_NAME
        if backend.name == 'sqlite':
            cls.name = 'db'
            cls.file = folder / 'db.sqlite'
            test_tryton._sqlite_copy(str(cls.file))
            environ['TRYTOND_DATABASE_URI'] = 'sqlite://'
            environ['TRYTOND_DATABASE__PATH'] = str(folder)
        workers = [
            subprocess.Popen(
                [sys.executable, '-m', 'tests.faults.report'], cwd=ROOT,
                text=True, env=environ, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE)
            for _ in range(WORKERS)]
        for index, worker in enumerate(workers):
            json.dump({
                    'path': f'/{cls.name}/d/{cls.device.token}',
                    'texts': [
                        f"Panne {index}.{n}" for n in range(THREADS)],
                    }, worker.stdin)
            worker.stdin.close()
        statuses = []
        for worker in workers:
            with closing(worker.stdout):
                statuses += json.load(worker.stdout)
            assert not worker.wait(60)
        cls.recorded = cls.count()
        return statuses

    @classmethod
    def count(cls):
        "Return how many reports the database of the workers holds"
        if backend.name == 'sqlite':
            import sqlite3
            with closing(sqlite3.connect(cls.file)) as connection:
                query = 'SELECT COUNT(*) FROM device_issue'
                return connection.execute(query).fetchone()[0]
        return len(Model.get('device.issue').find([]))

    def test_limit(self):
        "No more are recorded than the limit, and those that were thanked"
        self.assertEqual(len(self.statuses), WORKERS * THREADS)
        self.assertEqual(self.recorded, self.statuses.count(303))
        self.assertLessEqual(self.recorded, DEVICE_LIMIT)

    def test_answers(self):
        "Each gets an answer; SQLite may say that it is busy"
        allowed = {303, 429}
        if backend.name == 'sqlite':
            allowed.add(503)
        else:
            self.assertEqual(self.recorded, DEVICE_LIMIT)
        self.assertLessEqual(set(self.statuses), allowed)
