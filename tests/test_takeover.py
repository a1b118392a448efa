# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A made-up past is taken over in one command, once."""
import contextlib
import io
import shutil
import tempfile
import unittest
from pathlib import Path
from unittest.mock import patch

from sql.aggregate import Count, Max

from proteus import Model
from proxymikro_scripts import import_file
from trytond.model import ModelSQL
from trytond.modules.proxymikro_account.tests.tools import create_books
from trytond.modules.proxymikro_recycling import part_row
from trytond.modules.proxymikro_stock.tests.tools import (
    create_euro_company, get_location)
from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME, drop_db
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

PAST = Path(__file__).parent / 'past'
DOCS = Path(__file__).parent.parent / 'docs'
REPORT = 'rapport-de-reprise.txt'


def photograph():
    "Return how many records each table has, and when the last one changed"
    state = {}
    with Transaction().start(DB_NAME, 0, readonly=True) as transaction:
        cursor = transaction.connection.cursor()
        for name, model in Pool().iterobject():
            if (not issubclass(model, ModelSQL)
                    or callable(getattr(model, 'table_query', None))
                    or name.startswith('ir.session')):
                continue
            table = model.__table__()
            cursor.execute(*table.select(
                    Count(table.id), Max(table.create_date),
                    Max(table.write_date)))
            state[name] = cursor.fetchone()
    return state


class CommandMixin:
    "Run the command on a folder and a database of its own"

    def setUp(self):
        super().setUp()
        drop_db()
        self.addCleanup(drop_db)
        self.config = activate_modules(
            ['proxymikro_membership', 'proxymikro_recycling'],
            create_euro_company, create_books)
        Model.get('party.membership.type')(
            name="École", period='school').save()
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def run_command(self, *args):
        "Return the exit code and what is said"
        @contextlib.contextmanager
        def connect(options):
            yield self.config
        with patch.object(import_file, 'connect', connect), \
                contextlib.redirect_stdout(io.StringIO()) as said, \
                contextlib.redirect_stderr(io.StringIO()) as errors:
            code = import_file.run([*args, '-d', 'test'])
        self.errors = errors.getvalue()
        return code, said.getvalue()


class TakeoverTestCase(CommandMixin, unittest.TestCase):
    "Test the take-over of a folder"

    def setUp(self):
        super().setUp()
        shutil.copytree(PAST, self.folder, dirs_exist_ok=True)

    def run_command(self, *args):
        "Return the exit code and the report"
        return super().run_command('takeover', str(self.folder), *args)

    def test_story(self):
        "Tried, taken, and then nothing changes any more"
        Party = Model.get('party.party')
        Party.save([Party(name="Jean Petit"), Party(name="jean petit")])
        before = photograph()
        code, report = self.run_command('--dry-run')
        self.assertEqual(code, import_file.DONE, report + self.errors)
        self.assertIn("rien n'a été écrit", report)
        self.assertIn("Prêts (prets.csv) : 2 lignes lues", report)
        self.assertEqual(photograph(), before)

        code, report = self.run_command()
        self.assertEqual(code, import_file.DONE, report + self.errors)
        self.assertEqual(
            (self.folder / REPORT).read_text(encoding='utf-8'),
            report.removesuffix('\n'))
        for words in [
                "Adhérents (adherents.csv) : 3 créés",
                "Matériel (materiel.csv) : 5 créés",
                "Prêts (prets.csv) : 2 créés",
                "Pièces (pieces.csv) : 4 mises au magasin",
                "Comptes (balance.csv) : ouverts par 5 lignes"]:
            self.assertIn(words, report)
        self.check_taken()
        self.check_remaining(report)

        before = photograph()
        code, report = self.run_command()
        self.assertEqual(code, import_file.DONE, report + self.errors)
        self.assertEqual(report.count("rien de nouveau"), 5, report)
        self.assertEqual(photograph(), before)
        self.check_later()

    def check_later(self):
        "What is added to the list later is received by itself"
        with open(self.folder / 'materiel.csv', 'a') as file:
            file.write("PC fixe;HP;;CZC1234ABE;8,6;A-004\n")
        code, report = self.run_command()
        self.assertEqual(code, import_file.DONE, report + self.errors)
        self.assertIn("1 créés, 0 mis à jour, 5 inchangés", report)
        device, = Model.get('stock.lot').find([('number', '=', 'A-004')])
        self.assertEqual(device.stage, 'reception')

    def check_taken(self):
        "What was there before is where it was"
        Lot = Model.get('stock.lot')
        Loan = Model.get('stock.loan')
        self.assertEqual(
            sorted((l.borrower.name, l.state) for l in Loan.find([])), [
                ("Jeanne Martin", 'running'),
                ("École des Tilleuls", 'running')])
        self.assertEqual(
            {l.number: l.stage for l in Lot.find(
                    [('number', 'like', 'A-%')])},
            {'A-001': 'lent', 'A-002': 'reception', 'A-003': 'lent'})
        with self.config.set_context(
                locations=[get_location(n).id for n in ['parts', 'scrap']]):
            self.assertEqual(
                sorted(l.quantity for l in Lot.find(
                        [('import_source', '=', 'parts')])),
                [1, 1, 1, 18.5])
        opening, = Model.get('account.opening').find([])
        self.assertEqual(opening.move.state, 'posted')

    def check_remaining(self, report):
        "The report says what a person still has to do"
        _, remaining = report.split("Ce qui reste à faire")
        for words in [
                "without e-mail: 1 (Association Les Lucioles)",
                "without serial number: 2",
                "to merge or to tell apart: 1 (Jean Petit)",
                "without a membership in force: 1 (Jeanne Martin)",
                "origin must be stated before they are sold: 4",
                "Earmarked funds, to follow by a grant each: 1 (194"]:
            self.assertIn(words, remaining)

    def test_refused(self):
        "A refused file stops there, and the same command goes on"
        loans = self.folder / 'prets.csv'
        good = loans.read_text(encoding='utf-8')
        loans.write_text(
            good.replace("École des Tilleuls", "Écol des Tilleuls"),
            encoding='utf-8')
        code, report = self.run_command()
        self.assertEqual(code, import_file.REJECTED, report)
        self.assertIn("Matériel (materiel.csv) : 5 créés", report)
        self.assertIn("Prêts (prets.csv) : refusé", report)
        self.assertIn("Ligne 2, colonne « emprunteur »", report)
        self.assertIn("Pièces (pieces.csv) : attend", report)
        self.assertFalse(Model.get('stock.loan').find([]))
        self.assertFalse(Model.get('account.opening').find([]))

        loans.write_text(good, encoding='utf-8')
        code, report = self.run_command()
        self.assertEqual(code, import_file.DONE, report + self.errors)
        self.assertIn("Matériel (materiel.csv) : rien de nouveau", report)
        self.check_taken()


class PartsTestCase(CommandMixin, unittest.TestCase):
    "Test the parts alone, and an empty folder"

    def test_commands(self):
        code, _ = self.run_command('takeover', str(self.folder / 'none'))
        self.assertEqual(code, import_file.FAILED)
        self.assertIn("pouvoir le lire", self.errors)
        takeover = ['takeover', str(self.folder), '--dry-run']
        code, _ = self.run_command(*takeover)
        self.assertEqual(code, import_file.FAILED)
        self.assertIn("materiel*.csv", self.errors)
        shutil.copy(DOCS / 'exemples' / 'pieces.csv', self.folder)
        code, report = self.run_command(*takeover)
        self.assertEqual(code, import_file.DONE, report + self.errors)
        self.assertIn("29 mises au magasin", report)
        for row, words in [
                ("tube cathodique;1", "« pièce »"),
                ("processeur;1,5", "« quantité »"),
                ("processeur;2;P-1", "« quantité »"),
                ("processeur;-2", "« quantité »"),
                ("processeur;1;;;;;;Cave", "« lieu »"),
                ("disque;1;;W1\ndisque;1;;w1", "Ligne 3")]:
            with self.subTest(row=row):
                self.check_refused(row, words)

    def check_refused(self, row, words):
        "What is wrong is said by line and column, and nothing is written"
        path = self.folder / 'pieces.csv'
        path.write_text(
            "pièce;quantité;n° de lot;n° de série;marque;modèle;catégorie;"
            f"lieu\n{row}\n", encoding='utf-8')
        code, _ = self.run_command('parts', str(path))
        self.assertEqual(code, import_file.REJECTED, self.errors)
        self.assertIn(words, self.errors)
        self.assertFalse(Model.get('stock.lot').find([]))


class ManualTestCase(unittest.TestCase):
    "Test the page of the manual"

    def test_manual(self):
        "Its table has all the columns of the parts"
        manual = (DOCS / 'reprendre-l-existant.md').read_text()
        for label in part_row.LABELS.values():
            self.assertIn(f"**{label}**", manual)
