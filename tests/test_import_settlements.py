# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the command proxymikro-import settlements says, returns and writes."""
import contextlib
import datetime as dt
import io
import unittest
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

from proteus import Model
from proxymikro_scripts import import_file
from trytond.modules.proxymikro_recycling import settlement_row
from trytond.modules.proxymikro_recycling.exceptions import (
    SettlementImportError)
from trytond.modules.proxymikro_recycling.tests.tools import (
    add_component, create_buyer, dismantle, get_part, give_desktops,
    invoice_sale, register_company, sell, setup_recycling)
from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME, drop_db
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

from .faults.test_hostile_rows import TEXTS
from .import_tools import Folder

DOCS = Path(__file__).parent.parent / 'docs'
HEADER = (
    "acheteur;décompte;date;facture;lot;catégorie;pesée (kg);pièces;prix;"
    "unité;impuretés;autre retenue;motif\n")


class SettlementsCommandTestCase(unittest.TestCase):
    "Test the import of the settlements"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        cls.config = activate_modules('proxymikro_recycling', setup_recycling)
        cls.count = 0

    def setUp(self):
        super().setUp()
        self.folder = Folder(self)

    def sell_parts(self, name):
        "Sell for their metals a processor, two memory modules and some boards"
        type(self).count += 1
        pc, = give_desktops("Menuiserie Larrieu", 'company')
        for i, kind in enumerate(['processor', 'memory', 'memory']):
            add_component(pc, kind, f'{self.count}-{i}')
        production = dismantle([pc])
        self.scrap, = get_part(production, 'scrap')
        self.scrap.grade, = Model.get('recycling.grade').find(
            [('code', '=', 'CM-1A')])
        self.scrap.save()
        self.buyer = create_buyer(name)
        self.sale = sell(
            self.buyer, (24, get_part(production, 'processor')),
            (10, get_part(production, 'memory')),
            (Decimal('6'), [self.scrap]))
        self.sale.lines[2].quantity = 4
        for line in self.sale.lines:
            line.material = True
        self.sale.save()
        self.invoice = invoice_sale(self.sale)

    def run_command(self, text, *args):
        "Return the exit code and what is said of the file"
        @contextlib.contextmanager
        def connect(options):
            yield self.config
        path = self.folder.write(text)
        said = io.StringIO()
        with patch.object(import_file, 'connect', connect), \
                contextlib.redirect_stderr(said):
            code = import_file.run(['settlements', path, '-d', 'test', *args])
        return code, said.getvalue()

    def import_(self, text, words, *args):
        code, said = self.run_command(text, *args)
        self.assertEqual(code, import_file.DONE, said)
        self.assertIn(words, said)

    def refuse(self, text, *words):
        code, said = self.run_command(text)
        self.assertEqual(code, import_file.REJECTED, said)
        for word in words:
            self.assertIn(word, said)

    def find(self, **values):
        Settlement = Model.get('recycling.settlement')
        return Settlement.find(
            [(n, '=', v) for n, v in values.items()], order=[('id', 'ASC')])

    def get_row(self, *cells, reference="D-1"):
        return ';'.join([
                self.buyer.name, reference, '12/05/2025', *cells]) + '\n'

    def read_sample(self):
        sample = (DOCS / 'exemples' / 'decompte.csv').read_text()
        return sample.replace('FAC-00042', self.invoice.number).replace(
            'PI-00007', self.scrap.number)

    def test_story(self):
        "The sample of the manual: dry run, import, import again"
        self.sell_parts("Récup'Aquitaine")
        sample = self.read_sample()
        self.import_(sample, "4 lignes de décompte à créer", '--dry-run')
        self.assertFalse(self.find(party=self.buyer.id))
        self.import_(
            sample, "Terminé : 4 lignes de décompte créées",
            '--batch-size', '1')
        self.import_(
            sample, "0 lignes de décompte créées, 0 changées, 0 retirées, "
            "4 inchangées")
        settlement, = self.find(party=self.buyer.id)
        self.assertEqual(settlement.state, 'draft')
        self.assertEqual(settlement.date, dt.date(2025, 5, 12))
        self.assertEqual({
                (l.grade.code, l.buyer_grade.code, l.quantity,
                    l.buyer_quantity, l.buyer_price,
                    *sorted((d.kind, d.amount) for d in l.deductions))
                for l in settlement.lines}, {
                ('CPU-LGA', 'CPU-LGA', 1, 1, Decimal('24.0000')),
                ('RAM-OR', 'RAM-OR', 2, 2, Decimal('10.0000'),
                    ('assay', Decimal('1.25'))),
                ('CM-1A', 'CM-1A', 1.37, 1.3, Decimal('6.0000')),
                ('CM-1A', 'CM-1B', 2.63, 2.5, Decimal('3.5000'),
                    ('impurity', Decimal('0.40')),
                    ('other', Decimal('2.00'))),
                })

    def test_corrected(self):
        "A corrected file corrects the draft, and only a draft"
        self.sell_parts("Récup'Atlantique")
        sample = self.read_sample().replace(
            "Récup'Aquitaine", self.buyer.name)
        self.import_(sample, "4 lignes de décompte créées")
        settlement, = self.find(party=self.buyer.id)
        corrected = sample.replace(';2,5;', ';2,4;').replace(';0,40;', ';;')
        self.import_(
            corrected, "0 lignes de décompte créées, 2 changées, 0 retirées, "
            "2 inchangées")
        line, = [
            l for l in settlement.__class__(settlement.id).lines
            if l.buyer_grade.code == 'CM-1B']
        self.assertEqual(line.buyer_quantity, 2.4)
        self.assertEqual(
            [(d.kind, d.reason) for d in line.deductions],
            [('other', "emballage à détruire")])

        settlement.reload()
        settlement.click('provision')
        self.assertEqual(
            settlement.provisional_amount, self.invoice.untaxed_amount)
        self.import_(corrected, "4 inchangées")
        self.refuse(sample, "Ligne 2", "« décompte »", "set it back to draft")
        settlement.click('draft')
        self.import_(sample, "2 changées")

    def test_one_grade_less(self):
        "What the corrected file no longer says of a lot is removed"
        self.sell_parts("Affinage")
        scrap = self.scrap.number
        self.import_(
            HEADER + self.get_row('', scrap, 'CM-1A', '1', '', '6')
            + self.get_row('', scrap, 'CM-1B', '3', '', '4'),
            "2 lignes de décompte créées")
        self.import_(
            HEADER + self.get_row('', scrap, 'CM-1B', '4', '', '4'),
            "0 lignes de décompte créées, 1 changées, 1 retirées")
        settlement, = self.find(party=self.buyer.id)
        line, = settlement.lines
        self.assertEqual((line.quantity, line.buyer_quantity), (4, 4))

    def test_names(self):
        "The buyer, the document and the lots may be said in several ways"
        self.sell_parts("Fonderie")
        register_company(self.buyer, '99940011200010')
        sale = self.sale
        shipment, = sale.waste_shipments
        memory = [l.number for l in sale.lines[1].lots]
        rows = [
            ("Fonderie", sale.number, '', 'CPU-LGA', '', '1', '24'),
            ("FONDERIE", shipment.number, memory[0], '', '', '1', '10'),
            ("999 400 112 00010", '', memory[1], '', '', '0', '10'),
            (self.buyer.code, sale.number, self.scrap.number, '',
                '3,9', '1', '0,006', 'g'),
            ]
        self.import_(HEADER + ''.join(
                ';'.join([buyer, "D-2", '12/05/2025', *cells]) + '\n'
                for buyer, *cells in rows), "4 lignes de décompte créées")
        settlement, = self.find(party=self.buyer.id)
        self.assertEqual(
            sorted((l.quantity, l.buyer_quantity, l.buyer_price)
                for l in settlement.lines),
            [(1, 0, 10), (1, 1, 10), (1, 1, 24), (4, 3.9, 6)])
        settlement.click('provision')
        self.assertEqual(settlement.final_amount, Decimal('57.40'))

    def test_refused(self):
        "What is wrong is said by line and column, and nothing is written"
        self.sell_parts("Métaux de l'Adour")
        number, scrap = self.invoice.number, self.scrap.number
        before = len(self.find())
        good = (number, '', 'CPU-LGA', '', '1', '24')
        for cells, *words in [
                (('FAC-1', *good[1:]), "« document »", "FAC-1"),
                ((number, 'PI-0', '', '1', '', '1'), "« lot »", "PI-0"),
                (('', '', '', '1', '', '1'), "« document »", "vide"),
                ((number, '', 'CPU-XX', '', '1', '1'), "« catégorie »",
                    "CPU-XX", "CPU-LGA"),
                ((number, '', '', '', '1', '1'), "« lot »", "3 invoiced"),
                (('', scrap, '', '', '4', '6'), "« pesée (kg) »", "Kilogram"),
                (('', scrap, '', '', '', '6'), "« pesée (kg) »", "vide"),
                (('', scrap, '', '-4', '', '6'), "« pesée (kg) »", "-4"),
                (('', scrap, '', '3,999', '', '6'), "« pesée (kg) »", "2"),
                (('', scrap, '', '4', '', '6', 'pièce'), "« unité »"),
                (('', scrap, '', '4', '', 'x'), "« prix »"),
                (('', scrap, '', '4', '', ''), "« prix »", "vide"),
                (('', scrap, '', '4', '', '6', '', '', '2'), "« motif »"),
                (('', scrap, '', '4', '', '6', '', '', '', 'eau'),
                    "« autre retenue »"),
                (('', scrap, '', '4', '', '6', '', '-1'), "« impuretés »"),
                (('', scrap, '', '4', '', '6', '', '0,001'), "« impuretés »"),
                ]:
            with self.subTest(cells=cells):
                self.refuse(
                    HEADER + self.get_row(*good) + self.get_row(*cells),
                    "Ligne 3", *words)
        self.assertEqual(len(self.find()), before)

    def test_note_refused(self):
        "So is what is wrong of the note itself"
        self.sell_parts("Métaux du Midi")
        good = (self.invoice.number, '', 'CPU-LGA', '', '1', '24')
        before = len(self.find())
        for old, new, *words in [
                (self.buyer.name, "Métaux du Nord", "« acheteur »",
                    "Métaux du Midi"),
                (self.buyer.name, '', "« acheteur »"),
                (self.buyer.name, '%', "« acheteur »"),
                ('12/05/2025', '31/02/2025', "« date »"),
                ('12/05/2025', '31/12/2099', "« date »"),
                (';D-1;', ';;', "« décompte »"),
                (';D-1;', ';' + 'D' * 300 + ';', "« décompte »"),
                ]:
            with self.subTest(new=new):
                self.refuse(
                    HEADER + self.get_row(*good).replace(old, new),
                    "Ligne 2", *words)
        self.assertEqual(len(self.find()), before)

    def test_twice(self):
        "Nothing is settled twice, in a file or by two notes"
        self.sell_parts("Cuivre et Cie")
        number, scrap = self.invoice.number, self.scrap.number
        boards = ('', scrap, 'CM-1A', '4', '', '6')
        named = (number, scrap, 'CM-1A', '4', '', '6')
        self.refuse(
            HEADER + self.get_row(*boards) + self.get_row(*boards),
            "Ligne 2", "Ligne 3", "« lot »")
        self.refuse(
            HEADER + self.get_row(*boards) + self.get_row(*named),
            "Ligne 3", "« catégorie »", "on line 2")
        self.refuse(
            HEADER + self.get_row(*boards)
            + self.get_row(*boards, reference="D-2"),
            "Ligne 3", "D-1")
        self.refuse(
            HEADER + self.get_row(*boards)
            + self.get_row(number, '', 'CPU-LGA', '', '1', '24').replace(
                '12/05', '13/05'),
            "Ligne 3", "« date »")
        self.refuse(
            HEADER + self.get_row(*boards)
            + self.get_row('', scrap, 'CM-1B', '0', '', '6'),
            "Ligne 3", "Nothing is left")
        self.import_(HEADER + self.get_row(*boards), "1 lignes")
        self.refuse(
            HEADER + self.get_row(*boards, reference="D-2"),
            "Ligne 2", "D-1", "cancel")

    def test_hostile(self):
        "Whatever is in a cell, the server refuses it or takes it in words"
        self.sell_parts("Ferrailles")
        sound = {
            'buyer': "Ferrailles", 'date': '12/05/2025', 'price': '6',
            'weight': '4', 'lot': self.scrap.number}
        source = {
            'file_name': '../d.csv', 'sha256': '0' * 64, 'encoding': 'utf-8',
            'rows': len(TEXTS)}
        for name in settlement_row.LABELS:
            rows = [{
                    'line': i, 'texts': {
                        **sound, 'reference': f"H-{i}", name: text}}
                for i, text in enumerate(TEXTS, 2)]
            with self.subTest(column=name), Transaction().start(
                    DB_NAME, 1, context=self.config.context):
                Settlement = Pool().get('recycling.settlement')
                before = Settlement.search([], count=True)
                result = Settlement.import_settlements(rows, source)
                # All are on the one lot, and some can't be read
                self.assertTrue(result['errors'])
                self.assertEqual(result['created'], 0)
                self.assertEqual(Settlement.search([], count=True), before)
        for rows in [[], [{}], [{'line': 1, 'texts': {'x': ''}}], None,
                [{'line': 1, 'texts': sound}] * 501]:
            with Transaction().start(
                    DB_NAME, 1, context=self.config.context), \
                    self.assertRaises(SettlementImportError):
                Pool().get('recycling.settlement').import_settlements(
                    rows, source)

    def test_columns(self):
        "A column which is not known, or misses, is said"
        self.refuse("acheteur;décompte;date;pesée\nA;B;12/05/2025;1\n", "prix")
        self.refuse(HEADER.replace("motif", "couleur") + "\n", "couleur")

    def test_manual(self):
        "The table of the manual has all the columns"
        manual = (DOCS / 'regler-le-decompte-d-un-acheteur.md').read_text()
        for label in settlement_row.LABELS.values():
            self.assertIn(f"**{label}**", manual)
