# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the command proxymikro-import reports says and returns."""
import contextlib
import io
import unittest
from pathlib import Path
from unittest.mock import patch

from proteus import Model
from proxymikro_scripts import import_file, import_reports, messages
from trytond.modules.proxymikro_stock import hardware
from trytond.modules.proxymikro_stock.tests.report_importer import machine
from trytond.modules.proxymikro_stock.tests.test_hardware_formats import (
    make_zip)
from trytond.modules.proxymikro_stock.tests.tools import create_euro_company
from trytond.modules.proxymikro_stock.tests.workshop import read
from trytond.tests.test_tryton import drop_db
from trytond.tests.tools import activate_modules

from .import_tools import Folder, create_draft


class ReportsCommandTestCase(unittest.TestCase):
    "Test what the command says of a folder of reports"

    def setUp(self):
        super().setUp()
        drop_db()
        self.addCleanup(drop_db)
        self.config = activate_modules(
            'proxymikro_stock', create_euro_company)
        self.collection = create_draft(self.config).number
        self.folder = Folder(self)

    def write(self, name, data):
        path = self.folder.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)

    def run_command(self, *args, collection=True):
        "Return the exit code and what is said"
        @contextlib.contextmanager
        def connect(options):
            yield self.config
        said = io.StringIO()
        where = ['--collection', self.collection] if collection else []
        with patch.object(import_file, 'connect', connect), \
                contextlib.redirect_stderr(said):
            code = import_file.run([
                    'reports', str(self.folder.path), '-d', 'test',
                    *where, *args])
        return code, said.getvalue()

    def count(self, model='device.report'):
        return len(Model.get(model, config=self.config).find([]))

    def test_story(self):
        "Dry run, import, import again"
        self.write('a.json', read('desktop.lshw.json'))
        self.write('again.XML', read('desktop.lshw.xml'))
        self.write('lot/b.zip', make_zip([
                    ('1.json', machine("A")), ('2.json', machine("B")),
                    ('3.json', machine())]))
        self.write('.hidden.json', b'{')
        self.write('notes.md', b'not a report')
        for args, words, reports, lots in [
                (['--dry-run'], "1 à joindre à du matériel connu, "
                    "3 nouveaux matériels, 1 à rattacher", 0, 0),
                (['--batch-size', '2'], "1 joints à du matériel connu, "
                    "3 nouveaux matériels, 1 à rattacher", 5, 3),
                ([], "0 nouveaux matériels, 0 à rattacher à la main, "
                    "5 déjà connus", 5, 3)]:
            code, said = self.run_command(*args)
            self.assertEqual(code, import_file.DONE, said)
            self.assertIn(words, said)
            self.assertEqual(
                (self.count(), self.count('stock.lot')), (reports, lots))

    def test_without_collection(self):
        self.write('a.json', machine("A"))
        code, said = self.run_command(collection=False)
        self.assertEqual(code, import_file.DONE, said)
        self.assertIn("1 à rattacher", said)

    def test_errors(self):
        "Each file that can't be read is named, and nothing is written"
        self.write('bad.json', b'{')
        self.write('bad.zip', make_zip([('x.json', b''), ('y.json', b'1')]))
        self.write('good.json', machine("A"))
        for args in [['--dry-run'], []]:
            code, said = self.run_command(*args)
            self.assertEqual(code, import_file.REJECTED)
            self.assertIn("bad.json : Pour joindre", said)
            self.assertIn("bad.zip/x.json : Pour joindre", said)
            self.assertIn("ien n'a été écrit", said)
            self.assertNotIn("Traceback", said)
        self.assertEqual(self.count(), 0)

    def test_usage(self):
        "What prevents the command from starting has its own exit code"
        code, said = self.run_command()
        self.assertEqual(code, import_file.FAILED)
        self.assertIn("il n'y en a aucun", said)
        self.write('a.json', machine("A"))
        for args, words in [
                (['--batch-size', '201'], "200"),
                (['--collection', '999'], "999")]:
            code, said = self.run_command(*args)
            self.assertEqual(code, import_file.FAILED)
            self.assertIn(words, said)

    def test_messages(self):
        "Each reason to refuse a report has its words in French"
        folder = Path(hardware.__file__).parent
        source = ''.join(
            p.read_text() for p in folder.glob('hardware*.py'))
        codes = {
            part.partition("'")[2].partition("'")[0]
            for part in source.split('UnreadableReport(')[1:]} - {''}
        self.assertGreater(len(codes), 10)
        for code in codes:
            with self.subTest(code=code):
                self.assertTrue(messages.text(f'report_{code}'))

    def test_batches(self):
        "A batch is bounded by its bytes"
        self.write('a.json', b' ' * 50)
        self.write('b.json', b' ' * 60)
        with patch.object(import_reports, 'MAX_BYTES', 100):
            batches = list(import_reports.get_batches(
                    import_reports.find_files(self.folder.path), 50))
        self.assertEqual(
            [[f['name'] for f in b] for b in batches],
            [['a.json'], ['b.json']])
