# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The labels, measured on the paper."""
import io

import barcode
from pypdf import PdfReader

from trytond.modules.proxymikro_stock.label import (
    FORMATS, MODULE_MIN, QUIET, code128)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module
from trytond.transaction import Transaction

from .fleet import count_queries, with_company

MM = 72 / 25.4


class LabelTestCase(TestCase):
    "Test the labels"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    def print_(self, records, format='a4_70x37', start=1, copies=1):
        Wizard = Pool().get('stock.label.print', type='wizard')
        Label = Pool().get('stock.label', type='report')
        model = records[0].__name__
        with Transaction().set_context(
                active_model=model, active_ids=[r.id for r in records]):
            session, _, _ = Wizard.create()
            result = Wizard.execute(session, {'start': {
                        'format': format, 'start': start,
                        'copies': copies}}, 'print_')
        (_, data), = result['actions']
        extension, content, _, _ = Label.execute(data['ids'], data)
        self.assertEqual(extension, 'pdf')
        return PdfReader(io.BytesIO(content)).pages

    def places(self, page, text):
        "Return where the text is, in mm from the left and the top"
        found = []
        height = float(page.mediabox.height)

        def visit(part, cm, tm, font, size):
            if text in part:
                x = tm[4] * cm[0] + cm[4]
                y = tm[5] * cm[3] + cm[5]
                found.append((x / MM, (height - y) / MM))
        page.extract_text(visitor_text=visit)
        return found

    @with_company
    def test_sheet(self, fleet):
        "Each label is in its place of the sheet, from the first free one"
        lots = [fleet.lot() for _ in range(3)]
        for name in ['a4_70x37', 'a4_63x34']:
            format_ = FORMATS[name]
            pages = self.print_(lots, format=name, start=23)
            self.assertEqual(len(pages), 2)
            for page in pages:
                self.assertAlmostEqual(page.mediabox.width / MM, 210, 1)
                self.assertAlmostEqual(page.mediabox.height / MM, 297, 1)
            for lot, page, position in zip(
                    lots, [pages[0], pages[0], pages[1]], [22, 23, 0]):
                (x, y), = self.places(page, lot.number)
                left, top = format_.place(position)
                self.assertGreater(x, left + format_.qr)
                self.assertLess(x, left + format_.width / 2 + 10)
                self.assertGreater(y, top)
                self.assertLess(y, top + format_.height / 2)

    def test_formats(self):
        "The sheets have a margin on each side and no label out of them"
        for format_ in FORMATS.values():
            left, top = format_.place(0)
            right, bottom = format_.place(format_.count - 1)
            self.assertGreaterEqual(min(left, top), 0)
            self.assertAlmostEqual(
                right + format_.width, format_.page_width - left)
            self.assertAlmostEqual(
                bottom + format_.height, format_.page_height - top)

    @with_company
    def test_roll(self, fleet):
        "A label printer gets a page of its size for each copy"
        lots = [fleet.lot() for _ in range(2)]
        pages = self.print_(lots, format='roll_62x29', copies=3)
        self.assertEqual(len(pages), 6)
        for page, lot in zip(pages, [lots[0]] * 3 + [lots[1]] * 3):
            self.assertAlmostEqual(page.mediabox.width / MM, 62, 1)
            self.assertAlmostEqual(page.mediabox.height / MM, 29, 1)
            self.assertIn(lot.number, page.extract_text())

    @with_company
    def test_says(self, fleet):
        "The label says whose the device is, and nothing that must be hidden"
        lot = fleet.lot()
        lot.manufacturer, lot.model = "Dell", "P2214H <b>"
        lot.serial_number, lot.donor_number = "SERIAL-1", "DONOR-2"
        lot.save()
        fleet.do(lot, 'supplier', 'input')
        text = self.print_([lot])[0].extract_text()
        name = fleet.company.party.name
        for part in [lot.number, "Dell P2214H <b>", "Lisez ce code",
                f"Propriété de {name}"]:
            self.assertIn(part, text)
        for part in ["SERIAL-1", "DONOR-2", lot.token]:
            self.assertNotIn(part, text)

    @with_company
    def test_others(self, fleet):
        "Parts and places have labels without a public page"
        pallet = fleet.loc('parts')
        pallet.code = "PAL-1"
        pallet.save()
        for record, code in [
                (fleet.bulk("LOT-2026-7"), "LOT-2026-7"), (pallet, "PAL-1")]:
            text = self.print_([record])[0].extract_text()
            self.assertIn(code, text)
            self.assertIn(fleet.company.party.name, text)
            self.assertNotIn("Lisez ce code", text)
            self.assertIsNone(record.get_label()['url'])

    @with_company
    def test_collection(self, fleet):
        "A collection prints the labels of all its devices"
        lots = [fleet.lot() for _ in range(2)]
        collection, = Pool().get('stock.shipment.in').create([{
                    'company': fleet.company.id, 'supplier': fleet.donor.id,
                    'gift_regime': fleet.ref(
                        'proxymikro_stock.gift_regime_company').id,
                    'warehouse_input': fleet.loc('input').id,
                    'warehouse_storage': fleet.loc('input').id}])
        fleet.Lot.write(lots, {'collection': collection.id})
        text = self.print_([collection])[0].extract_text()
        for lot in lots:
            self.assertIn(lot.number, text)

    @with_company
    def test_queries(self, fleet):
        "The labels of many devices cost the queries of a few"
        lots = [fleet.lot() for _ in range(48)]
        counts = []
        for some in [lots[:2], lots[2:6], lots[6:]]:
            with count_queries() as queries:
                self.print_(some)
            counts.append(len(queries))
        self.assertEqual(*counts[1:])

    def test_code128(self):
        "The bars are those of the code, and none where no reader reads them"
        bars, = barcode.get_barcode_class('code128')("PM-00001").build()
        svg = str(code128("PM-00001", 37))
        self.assertIn(f'viewBox="0 0 {len(bars)} 1"', svg)
        self.assertEqual(svg.count('M'), bars.count('1'))
        width = MODULE_MIN * (len(bars) + 2 * QUIET)
        self.assertIsNotNone(code128("PM-00001", width + .01))
        self.assertIsNone(code128("PM-00001", width - .01))
        self.assertIsNone(code128("É", 200))
