# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the command proxymikro-import members says and returns."""
import contextlib
import io
import unittest
from pathlib import Path
from unittest.mock import patch

from proteus import Model
from proxymikro_scripts import import_file
from trytond.modules.proxymikro_membership import member_row
from trytond.modules.proxymikro_stock.tests.tools import create_euro_company
from trytond.tests.test_tryton import drop_db
from trytond.tests.tools import activate_modules

from .import_tools import Folder

DOCS = Path(__file__).parent.parent / 'docs'


class MembersCommandTestCase(unittest.TestCase):
    "Test what the command says of a list of members"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        cls.config = activate_modules(
            ['proxymikro_membership', 'proxymikro_stock'],
            create_euro_company)
        Model.get('party.membership.type', config=cls.config)(
            name="École", period='school').save()

    def setUp(self):
        super().setUp()
        self.folder = Folder(self)

    def run_command(self, path, *args):
        "Return the exit code and what is said"
        @contextlib.contextmanager
        def connect(options):
            yield self.config
        said = io.StringIO()
        with patch.object(import_file, 'connect', connect), \
                contextlib.redirect_stderr(said):
            code = import_file.run(['members', path, '-d', 'test', *args])
        return code, said.getvalue()

    def test_story(self):
        "The sample of the manual: dry run, import, import again"
        path = str(DOCS / 'exemples' / 'adherents.csv')
        for args, words in [
                (['--dry-run'], "3 tiers à créer, 0 à compléter"),
                (['--batch-size', '2'], "Terminé : 3 tiers créés"),
                ([], "0 tiers créés, 0 complétés, 3 inchangés, 0 adhésions"),
                ]:
            code, said = self.run_command(path, *args)
            self.assertEqual(code, import_file.DONE, said)
            self.assertIn(words, said)

    def test_options(self):
        "What the file lacks is said by the options, and checked"
        path = self.folder.write(
            "Numéro de membre;Nom;Couleur préférée\n1;Les Amis;bleu\n")
        code, said = self.run_command(path)
        self.assertEqual(code, import_file.REJECTED)
        self.assertIn("Couleur préférée", said)
        paheko = ['--from', 'paheko', '--start-date', '01/09/2026', '--type']
        code, said = self.run_command(path, *paheko, "Ecole", '--dry-run')
        self.assertEqual(code, import_file.DONE, said)
        self.assertIn("1 adhésions", said)
        code, said = self.run_command(path, *paheko, "Club")
        self.assertEqual(code, import_file.REJECTED)
        self.assertIn("École", said)
        code, said = self.run_command(path, '--start-date', 'hier')
        self.assertEqual(code, import_file.FAILED)
        self.assertIn("hier", said)

    def test_directory(self):
        "The directory of the ministry gives schools without membership"
        path = self.folder.write(
            "Identifiant_de_l_etablissement;Nom_etablissement;Code_postal;"
            "SIREN_SIRET;etat\n"
            "0750654D;Lycée Condorcet;75009;217500016;OUVERT\n")
        code, said = self.run_command(path, '--from', 'annuaire')
        self.assertEqual(code, import_file.DONE, said)
        self.assertIn("1 tiers créés", said)
        self.assertIn("0 adhésions", said)

    def test_manual(self):
        "The table of the manual has all the columns"
        manual = (DOCS / 'reprendre-les-adherents.md').read_text()
        for label in member_row.LABELS.values():
            self.assertIn(f"**{label}**", manual)
