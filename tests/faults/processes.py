# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Imports in processes of their own, each with its database in a file."""
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from proteus import Model
from proxymikro_scripts import import_file
from trytond import backend
from trytond.modules.proxymikro_stock.tests.tools import create_euro_company
from trytond.tests import test_tryton
from trytond.tests.test_tryton import drop_db
from trytond.tests.tools import activate_modules

from tests.import_tools import Folder, create_draft

PASSWORD = 'proxymikro-demo'
# Seconds that a process may take on shared cores
PATIENCE = 300
KILLS = 50 if os.environ.get('PROXYMIKRO_FULL') else 2


@unittest.skipIf(backend.name != 'sqlite', "needs a database in a file")
class ProcessTestCase(unittest.TestCase):
    "Test the command in processes of their own"
    table = None  # what is counted to know how far the import is

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        config = activate_modules('proxymikro_stock', create_euro_company)
        cls.number = create_draft(config).number
        User = Model.get('res.user', config=config)
        admin, = User.find([('login', '=', 'admin')])
        admin.password = PASSWORD
        admin.save()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.template = str(Path(folder.name) / 'template.sqlite')
        test_tryton._sqlite_copy(cls.template)

    def setUp(self):
        super().setUp()
        self.folder = Folder(self)

    def create_database(self, name):
        "Copy the database and return its folder with a configuration"
        path = self.folder.path / name
        path.mkdir()
        with sqlite3.connect(self.template) as source, \
                sqlite3.connect(path / 'db.sqlite') as target:
            source.backup(target)
        config = path / 'trytond.conf'
        config.write_text(
            f'[database]\nuri = sqlite://\npath = {path}\n'
            f'[cache]\nclean_timeout = {10**9}\n')
        (path / 'password').write_text(PASSWORD + '\n')
        return path

    def environ(self):
        return {
            n: v for n, v in os.environ.items()
            if not n.startswith('TRYTOND_') and n != 'DB_NAME'}

    def get_command(self):
        "Return the kind of import, its file and its options"
        raise NotImplementedError

    def start(self, path, *args):
        return subprocess.Popen(
            [sys.executable, '-m', 'proxymikro_scripts.import_file',
                *self.get_command(), '--collection', self.number,
                *(args or ['-d', 'db', '-c', str(path / 'trytond.conf')])],
            stderr=subprocess.PIPE, text=True, env=self.environ())

    def finish(self, process):
        _, said = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, import_file.DONE, said)
        return said

    def wait_rows(self, process, path, count):
        "Wait until the process has written so many rows"
        deadline = time.monotonic() + PATIENCE
        with sqlite3.connect(path / 'db.sqlite') as database:
            while time.monotonic() < deadline:
                ended = process.poll() is not None
                written, = database.execute(
                    f"SELECT COUNT(*) FROM {self.table}").fetchone()
                if written >= count:
                    return
                if ended:
                    self.fail(process.stderr.read())
                time.sleep(0.005)
        self.fail("nothing was written")
