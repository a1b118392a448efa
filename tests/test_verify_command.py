# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the command proxymikro-verify says and returns."""
import contextlib
import io
import os
import subprocess
import sys
import tempfile
import unittest
from unittest.mock import patch

from proteus import Model
from proxymikro_scripts import verify
from trytond.modules.proxymikro_stock.tests.tools import (
    add_devices, create_collection, create_euro_company, prepare)
from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME, drop_db
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction


class VerifyCommandTestCase(unittest.TestCase):
    "Test what the command says and returns"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        cls.config = activate_modules('proxymikro_stock', create_euro_company)
        donor = Model.get('party.party')(name="Donatrice")
        donor.save()
        prepare(add_devices(create_collection(donor), 'desktop'))

    def run_command(self, *args):
        out, err = io.StringIO(), io.StringIO()
        with (contextlib.redirect_stdout(out), contextlib.redirect_stderr(err),
                patch.object(verify, 'connect') as connect):
            connect.return_value.__enter__.return_value = self.config
            code = verify.run(['-d', DB_NAME, *args])
        return code, out.getvalue(), err.getvalue()

    def test_story(self):
        "Test a sound chain, a hash that was noted, an edit of the database"
        code, out, err = self.run_command('--seal')
        self.assertEqual((code, err), (0, ''))
        self.assertIn("Device Declaration: sealed until", out)
        self.assertIn("1 seals, 0 to seal", out)
        seal, = Model.get('evidence.seal').find([])
        self.assertEqual(self.run_command('--known', seal.hash)[0], 0)
        code, _, err = self.run_command('--known', 'f' * 64)
        self.assertEqual(code, 1)
        self.assertIn('f' * 64, err)
        with Transaction().start(DB_NAME, 1) as transaction:
            table = Pool().get('device.declaration').__table__()
            transaction.connection.cursor().execute(
                *table.update([table.reason], ['removed_by_donor']))
            transaction.commit()
        code, _, err = self.run_command()
        self.assertEqual(code, 1)
        self.assertIn("was changed after it was sealed", err)

    def test_database(self):
        "Test each command reads the configuration before it chooses"
        with tempfile.NamedTemporaryFile('w') as conf:
            conf.write('[database]\nuri = postgresql://')
            conf.flush()
            for module in ['import_file', 'export_file', 'verify']:
                code = (
                    'from proxymikro_scripts.main import configure; '
                    f'configure(["-d", "base", "-c", {conf.name!r}]); '
                    f'import proxymikro_scripts.{module}; '
                    'from trytond import backend; print(backend.name)')
                with self.subTest(module=module):
                    self.assertEqual(subprocess.check_output(
                            [sys.executable, '-c', code], text=True,
                            env={**os.environ, 'TRYTOND_DATABASE_URI': ''}),
                        'postgresql\n')

    def test_where(self):
        "Test the command asks where the seals are"
        with contextlib.redirect_stderr(io.StringIO()) as err:
            self.assertEqual(verify.run([]), 2)
        self.assertIn("--database", err.getvalue())
