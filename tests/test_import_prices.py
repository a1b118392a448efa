# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the command proxymikro-import prices says and returns."""
import contextlib
import io
import unittest
from pathlib import Path
from unittest.mock import patch

from proteus import Model
from proxymikro_scripts import import_file
from trytond.modules.proxymikro_recycling import price_row
from trytond.modules.proxymikro_stock.tests.tools import create_euro_company
from trytond.tests.test_tryton import drop_db
from trytond.tests.tools import activate_modules

from .import_tools import Folder

DOCS = Path(__file__).parent.parent / 'docs'


class PricesCommandTestCase(unittest.TestCase):
    "Test what the command says of a price list"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        cls.config = activate_modules(
            'proxymikro_recycling', create_euro_company)
        Model.get('party.party', config=cls.config)(
            name="Récup'Aquitaine").save()

    def setUp(self):
        super().setUp()
        self.folder = Folder(self)

    def run_command(
            self, path, *args, buyer="Récup'Aquitaine", date='01/12/2026'):
        "Return the exit code and what is said"
        @contextlib.contextmanager
        def connect(options):
            yield self.config
        said = io.StringIO()
        with patch.object(import_file, 'connect', connect), \
                contextlib.redirect_stderr(said):
            code = import_file.run([
                    'prices', path, '-d', 'test', '--buyer', buyer,
                    '--date', date, *args])
        return code, said.getvalue()

    def test_story(self):
        "The sample of the manual: dry run, import, import again"
        path = str(DOCS / 'exemples' / 'bareme.csv')
        for args, words in [
                (['--dry-run'], "16 prix à créer, 0 à changer"),
                (['--batch-size', '7'], "Terminé : 16 prix créés"),
                ([], "0 prix créés, 0 changés, 16 inchangés"),
                ]:
            code, said = self.run_command(path, *args)
            self.assertEqual(code, import_file.DONE, said)
            self.assertIn(words, said)

    def test_errors(self):
        "What is wrong is said by line and column, and nothing is written"
        path = self.folder.write(
            "catégorie;prix;unité\nRAM-OR;vingt;kg\nRAM-AR;8;kg\nFER;1;m\n")
        code, said = self.run_command(path, date='15/12/2026')
        self.assertEqual(code, import_file.REJECTED)
        for words in ["Ligne 2, colonne « prix »", "vingt", "RAM-ARG",
                "Ligne 4, colonne « unité »"]:
            self.assertIn(words, said)
        PriceList = Model.get('recycling.price.list', config=self.config)
        self.assertFalse([
                l for l in PriceList.find([]) if l.start_date.day == 15])

    def test_options(self):
        "A buyer or a day that is none is said"
        path = self.folder.write("catégorie;prix\nFER;1\n")
        code, said = self.run_command(path, date='demain')
        self.assertEqual(code, import_file.FAILED)
        self.assertIn("demain", said)
        code, said = self.run_command(path, buyer="Récup Aquitaine")
        self.assertEqual(code, import_file.FAILED)
        self.assertIn("Récup'Aquitaine", said)

    def test_manual(self):
        "The table of the manual has all the columns"
        manual = (DOCS / 'tenir-le-bareme-d-un-acheteur.md').read_text()
        for label in price_row.LABELS.values():
            self.assertIn(f"**{label}**", manual)
