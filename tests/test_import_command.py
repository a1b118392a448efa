# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the command proxymikro-import says and returns."""
import contextlib
import io
import os
import unittest
import xmlrpc.client
from pathlib import Path
from unittest.mock import patch

from proxymikro_scripts import connection, import_file, messages
from trytond.modules.proxymikro_stock import device_row
from trytond.modules.proxymikro_stock.tests.tools import create_euro_company
from trytond.tests.test_tryton import drop_db
from trytond.tests.tools import activate_modules

from .import_tools import Folder, create_draft, get_csv

DOCS = Path(__file__).parent.parent / 'docs'


class CommandTestCase(unittest.TestCase):
    "Test what the command says and returns"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        cls.config = activate_modules('proxymikro_stock', create_euro_company)
        cls.collection = create_draft(cls.config)

    def setUp(self):
        super().setUp()
        self.folder = Folder(self)

    def run_command(self, path, *args, number=None):
        "Return the exit code and what is said"
        @contextlib.contextmanager
        def connect(options):
            yield self.config
        said = io.StringIO()
        with patch.object(import_file, 'connect', connect), \
                contextlib.redirect_stderr(said):
            code = import_file.run([
                    'devices', path, '-d', 'test',
                    '--collection', number or self.collection.number, *args])
        return code, said.getvalue()

    def test_story(self):
        "Dry run, import, import again"
        path = self.folder.write(get_csv(30), encoding='cp1252')
        for args, words in [
                (['--dry-run'], "30 à créer, 0 à mettre à jour, 0 inchangées"),
                (['--batch-size', '7'], "Terminé : 30 créées"),
                ([], "0 créées, 0 mises à jour, 30 inchangées"),
                ]:
            code, said = self.run_command(path, *args)
            self.assertEqual(code, import_file.DONE, said)
            self.assertIn(
                "30 lignes, lues en cp1252, séparées par des points-virgules",
                said)
            self.assertIn(words, said)

    def test_errors(self):
        "All the errors are said, by line and column, and nothing is written"
        path = self.folder.write(
            "type;n° de série;poids (kg)\n"
            "PC;A-100;1.5\n"
            "PC;A-101\n"
            "télé;A-102\n"
            "PC;A-103\n"
            "PC;a-103\n"
            "PC;A\x00;\n"
            "PC;A-104;;x\n")
        for args in [['--dry-run'], []]:
            code, said = self.run_command(path, '--batch-size', '1', *args)
            self.assertEqual(code, import_file.REJECTED)
            lines = [l for l in said.splitlines() if l.startswith("Ligne")]
            self.assertEqual(
                [l.partition(" : ")[0] for l in lines], [
                    "Ligne 2, colonne « poids (kg) »",
                    "Ligne 4, colonne « type »",
                    "Ligne 5, colonne « n° de série »",
                    "Ligne 6, colonne « n° de série »",
                    "Ligne 7, colonne « n° de série »",
                    "Ligne 8"])
            self.assertIn("ien n'a été écrit", said)
        path = self.folder.write("type;n° de série\nPC;A-101\n")
        code, said = self.run_command(path, '--dry-run')
        self.assertIn("1 à créer", said)

    def test_file_refused(self):
        for text, words in [
                ("", "nom des colonnes"),
                ("type;couleur\nPC;noir\n", "colonne « couleur »"),
                ("marque\nHP\n", "colonne « type »"),
                ]:
            code, said = self.run_command(self.folder.write(text))
            self.assertEqual(code, import_file.REJECTED)
            self.assertIn(words, said)

    def test_usage(self):
        "What prevents the command from starting has its own exit code"
        good = self.folder.write("type\nPC\n")
        for path, args, words in [
                (str(self.folder.path / 'none.csv'), {}, "pouvoir le lire"),
                (str(self.folder.path), {}, "pouvoir le lire"),
                (self.folder.write("type\n", 'empty.csv'), {},
                    "au moins une ligne"),
                (good, {'number': '999'}, "999"),
                ]:
            with self.subTest(words=words):
                code, said = self.run_command(path, **args)
                self.assertEqual(code, import_file.FAILED)
                self.assertIn(words, said)
        code, said = self.run_command(good, '--batch-size', '501')
        self.assertEqual((code, "500" in said), (import_file.FAILED, True))
        with contextlib.redirect_stderr(io.StringIO()) as said:
            code = import_file.run(['devices', good, '--collection', '1'])
        self.assertEqual(code, import_file.FAILED)
        self.assertIn("--url", said.getvalue())

    def test_manual(self):
        "The sample of the manual passes and its table has all the columns"
        code, said = self.run_command(
            str(DOCS / 'exemples' / 'materiel.csv'), '--dry-run')
        self.assertEqual(code, import_file.DONE, said)
        self.assertIn("6 à créer", said)
        manual = (DOCS / 'importer-du-materiel.md').read_text()
        for label in device_row.LABELS.values():
            self.assertIn(f"| **{label}** |", manual)

    def test_messages(self):
        "Each problem of a file has its words in French"
        source = Path(import_file.read_table.__code__.co_filename).read_text()
        codes = {
            word for word in source.replace('"', "'").split("'")
            if word.startswith(('file_', 'column_', 'row_', 'value_'))}
        self.assertGreater(len(codes), 15)
        for code in codes:
            self.assertTrue(messages._texts()[f'import_{code}'])


class ConnectionTestCase(unittest.TestCase):
    "Test the calls when the server is away"

    def call(self, *results):
        results, self.delays = list(results), []

        def function():
            result = results.pop(0)
            if isinstance(result, Exception):
                raise result
            return result
        with contextlib.redirect_stderr(io.StringIO()) as self.said:
            return connection.call(
                function, delays=[1, 2], sleep=self.delays.append)

    def protocol_error(self, code):
        return xmlrpc.client.ProtocolError('url', code, "Message", {})

    def test_retry(self):
        self.assertEqual(self.call(
                self.protocol_error(503), ConnectionResetError(), 'ok'), 'ok')
        self.assertEqual(self.delays, [1, 2])
        self.assertIn("nouvel essai dans 2 s", self.said.getvalue())

    def test_give_up(self):
        for error in [self.protocol_error(503), ConnectionRefusedError()]:
            with self.assertRaises(connection.ConnectionFailed):
                self.call(error, error, error)

    def test_no_retry(self):
        for error, raised in [
                (self.protocol_error(401), connection.LoginFailed),
                (xmlrpc.client.Fault(1, "Non"), connection.Refused),
                (ZeroDivisionError(), ZeroDivisionError)]:
            with self.assertRaises(raised):
                self.call(error)
            self.assertEqual(self.delays, [])

    def test_url(self):
        for url in ['http://host:8000/demo', 'http://host:8000/demo/',
                'http://host:8000/demo/rpc/', 'http://host:8000/demo?a=1']:
            self.assertEqual(
                connection.get_rpc_url(url), 'http://host:8000/demo/rpc/')

    def test_passfile(self):
        path = Folder(self).write("secret\nother\n")
        self.assertEqual(connection.read_password(path), "secret")
        with patch.dict(os.environ, {'TRYTONPASSFILE': path}):
            self.assertEqual(connection.read_password(), "secret")
        with patch.dict(os.environ):
            os.environ.pop('TRYTONPASSFILE', None)
            self.assertIsNone(connection.read_password())
