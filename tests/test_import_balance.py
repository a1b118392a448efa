# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the command proxymikro-import balance says and returns."""
import contextlib
import datetime as dt
import io
import unittest
from functools import partial
from pathlib import Path
from unittest.mock import patch

from proteus import Model
from proxymikro_scripts import import_file
from trytond.modules.company.tests.tools import create_company, get_company
from trytond.modules.proxymikro_account.setup_books import setup_books
from trytond.modules.proxymikro_account.tests.tools import (
    create_association_chart)
from trytond.tests.test_tryton import drop_db
from trytond.tests.tools import activate_modules

from .import_tools import Folder

SAMPLE = Path(__file__).parent.parent / 'docs' / 'exemples' / 'balance.csv'
YEAR = dt.date.today().year


class BalanceCommandTestCase(unittest.TestCase):
    "Test what the command says and returns"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        cls.config = activate_modules(
            'proxymikro_account', partial(create_company, currency='EUR'),
            create_association_chart)
        setup_books(cls.config, get_company(config=cls.config), YEAR)

    def run_command(self, path, *args):
        "Return the exit code and what is said"
        @contextlib.contextmanager
        def connect(options):
            yield self.config
        said = io.StringIO()
        with patch.object(import_file, 'connect', connect), \
                contextlib.redirect_stderr(said):
            code = import_file.run([
                    'balance', str(path), '-d', 'test',
                    '--fiscal-year', str(YEAR), *args])
        return code, said.getvalue()

    def test_story(self):
        "The sample of the manual: refused, tried, imported, not twice"
        Opening = Model.get('account.opening', config=self.config)
        for args, code, words in [
                ([], import_file.REJECTED, "École des Tilleuls"),
                (['--create-parties', '--dry-run'], import_file.DONE,
                    "Rien n'a été écrit"),
                (['--create-parties'], import_file.DONE,
                    "Les comptes sont ouverts"),
                (['--create-parties'], import_file.REJECTED, "balance.csv")]:
            result, said = self.run_command(SAMPLE, *args)
            self.assertEqual(result, code, said)
            self.assertIn(words, said)
        opening, = Opening.find([])
        self.assertEqual(opening.move.state, 'posted')

    def test_refused(self):
        "A file which is no table is refused in words"
        path = Folder(self).write("rien\n")
        code, said = self.run_command(path)
        self.assertEqual(code, import_file.FAILED, said)
        self.assertIn('"Compte"', said)
