# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the command proxymikro-export writes, says and returns."""
import contextlib
import io
import tempfile
import unittest
from pathlib import Path
from unittest.mock import patch

from proteus import Model, Wizard
from proxymikro_scripts import export_file
from trytond.modules.company.tests.tools import get_company
from trytond.modules.proxymikro_recycling.tests.tools import (
    dismantle, get_part, give_desktops, register_company, setup_recycling)
from trytond.tests.test_tryton import DB_NAME, drop_db
from trytond.tests.tools import activate_modules


class ExportCommandTestCase(unittest.TestCase):
    "Test the register of waste written by a command"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        cls.config = activate_modules('proxymikro_recycling', setup_recycling)
        cls.facility = Model.get('party.party')(name="Centre de tri")
        cls.facility.save()
        for name in ["Mairie de Fontclaire", "Mairie de Montclar"]:
            cls.send_scrap(name)

    @classmethod
    def send_scrap(cls, donor):
        Lot = Model.get('stock.lot')
        Shipment = Model.get('stock.shipment.waste')
        pc, = give_desktops(donor, 'administration')
        scrap, = get_part(dismantle([pc]), 'scrap')
        shipment = Shipment(party=cls.facility, operation='R4')
        shipment.operation_mode = 'recycling'
        shipment.waste_code, = Model.get('waste.code').find(
            [('code', '=', '16 02 14')])
        carrier = shipment.carriers.new()
        carrier.party, carrier.receipt_number = cls.facility, "40-1"
        shipment.save()
        add = Wizard('stock.shipment.waste.add_lots', [shipment])
        add.form.lots.append(Lot(scrap.id))
        add.execute('add')
        for button in ['seal', 'send']:
            shipment.click(button)

    def run_command(self, *args):
        out, err = io.StringIO(), io.StringIO()
        with (contextlib.redirect_stdout(out), contextlib.redirect_stderr(err),
                patch.object(export_file, 'connect') as connect):
            connect.return_value.__enter__.return_value = self.config
            code = export_file.run(['register', '-d', DB_NAME, *args])
        return code, out.getvalue(), err.getvalue()

    def test_story(self):
        "What lacks is said and nothing is written; then it is, once"
        with tempfile.TemporaryDirectory() as folder:
            for args in [['--check'], ['--folder', folder]]:
                code, out, err = self.run_command(*args)
                self.assertEqual((code, out), (1, ''))
                self.assertIn("Centre de tri", err)
                self.assertIn("ENL-00001", err)
            self.assertEqual(list(Path(folder).iterdir()), [])
            register_company(self.facility, '83033936200022')
            register_company(get_company().party, '35600000049837')
            code, out, err = self.run_command('--folder', folder)
            self.assertEqual(code, 0, err)
            path = Path(out.strip())
            text = path.read_text(encoding='utf-8-sig')
            self.assertTrue(path.read_bytes().startswith(b'\xef\xbb\xbf'))
            self.assertEqual(
                [r.split(';')[1] for r in text.splitlines()],
                ["Identifiant unique", 'ENL-00001', 'ENL-00002'])
            self.assertEqual(
                self.run_command('--folder', folder)[:2], (1, ''))
            code, out, _ = self.run_command(
                '--folder', folder, '--lines', '1', '--again',
                str(Model.get('waste.register.export').find([])[0].id))
            self.assertEqual(code, 0)
            parts = [Path(p) for p in out.split()]
            self.assertEqual(len(parts), 2)
            self.assertEqual(
                ''.join(p.read_text('utf-8-sig').splitlines()[1]
                    for p in parts),
                ''.join(text.splitlines()[1:]))

    def test_refused(self):
        "What can't be done is said, without a trace"
        for args, words in [
                (['--lines', '1001'], "1000"),
                (['--lines', '0'], "1000"),
                (['--folder', '/nowhere/at/all'], "/nowhere/at/all")]:
            with self.subTest(args=args):
                code, out, err = self.run_command(*args)
                self.assertEqual((code, out), (2, ''))
                self.assertIn(words, err)
                self.assertNotIn("Traceback", err)

    def test_where(self):
        "Without a database nor a server there is nothing to export"
        err = io.StringIO()
        with contextlib.redirect_stderr(err):
            code = export_file.run(['register'])
        self.assertEqual(code, 2)
        self.assertTrue(err.getvalue())
