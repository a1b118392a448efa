# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Many reports at once: each on its device, or waiting for a person."""
import copy
import json

from trytond.model.exceptions import AccessError
from trytond.modules.proxymikro_stock.exceptions import (
    CollectionError, HardwareReportError, SerialBogusError)
from trytond.modules.proxymikro_stock.report_wizard import get_files
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module
from trytond.transaction import Transaction

from .fleet import count_queries
from .test_hardware_formats import make_zip
from .report_importer import dated, machine, with_importer
from .workshop import read


UUID = '6f0a1c9e-2d4b-4a47-9f31-50c58e7a2b10'
MAC = '90:1b:0e:d5:3c:72'


class ReportImportTestCase(TestCase):
    "Test the import of hardware reports"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    @with_importer
    def test_create(self, importer):
        "A machine that nobody knows becomes a device of the collection"
        self.assertEqual(
            importer(machine("CZC1", drives=["D1"], memory=["M1"])),
            {'created': 1})
        lot, = importer.collection.devices
        self.assertEqual(
            (lot.product.device_kind, lot.manufacturer, lot.model,
                lot.serial_number),
            ('desktop', "HP", "EliteDesk", "CZC1"))
        self.assertEqual(dict(lot.attributes), {
                'processor': "Core i5", 'memory': 4, 'storage': 500.11})
        self.assertTrue(lot.weight)
        report, = lot.reports
        self.assertEqual(len(report.components), 4)
        self.assertEqual(report.changes, ())

    @with_importer
    def test_again(self, importer):
        "The same file again does nothing, in one call or the next"
        data = machine("CZC1")
        self.assertEqual(
            importer(data, data), {'created': 1, 'known': 1})
        self.assertEqual(importer(data), {'known': 1})
        self.assertEqual(len(importer.Lot.search([])), 1)

    @with_importer
    def test_dry_run(self, importer):
        "A dry run says all and writes nothing"
        self.assertEqual(
            importer(machine("A"), machine(), dry_run=True),
            {'created': 1, 'waiting': 1})
        self.assertFalse(importer.Report.search([]))
        self.assertFalse(importer.Lot.search([]))

    @with_importer
    def test_error(self, importer):
        "A file that can't be read stops all, by its name"
        result = importer(
            machine("A"), {'name': 'b/bad.json', 'data': b'{'})
        error, = result['errors']
        self.assertEqual(error['name'], 'b/bad.json')
        self.assertIn("you must", error['message'])
        self.assertFalse(importer.Report.search([]))

    @with_importer
    def test_attach(self, importer):
        "A machine is known by its serial number, whatever the writing"
        lot = importer.device(
            serial_number=" czc1 ", manufacturer="Hewlett-Packard",
            model="Typed")
        self.assertEqual(importer(machine("CZC1")), {'attached': 1})
        lot = importer.Lot(lot.id)
        self.assertEqual(
            (lot.serial_number, lot.manufacturer, lot.model),
            ("czc1", "Hewlett-Packard", "Typed"))
        self.assertEqual(
            importer.changes(), [('kept', 'model', "Typed", "EliteDesk")])

    @with_importer
    def test_by_uuid_and_card(self, importer):
        "A machine without a serial is known by what is its own"
        importer(machine("CZC1", uuid=UUID, mac=MAC))
        for data in [
                machine("To be filled by O.E.M.", uuid=UUID),
                machine(uuid='9e1c0a6f-4b2d-474a-9f31-50c58e7a2b10',
                    model="other bytes first"),
                machine(mac=MAC.upper())]:
            self.assertEqual(importer(data), {'attached': 1})
        self.assertEqual(len(importer.Lot.search([])), 1)

    @with_importer
    def test_bogus_apart(self, importer):
        "Machines with the same placeholder are not one"
        self.assertEqual(importer(
                machine("Default string", mac=MAC),
                machine("Default string", mac='90:1b:0e:d5:3c:73')),
            {'created': 2})

    @with_importer
    def test_ask(self, importer):
        "What is not sure waits for a person"
        other = 'aa0a1c9e-2d4b-4a47-9f31-50c58e7a2b10'
        importer(machine("A", uuid=UUID), machine("B", uuid=other, mac=MAC))
        lots = len(importer.Lot.search([]))
        twins = [
            importer.device(serial_number="T", donor_number=n)
            for n in "12"]
        for count, data in enumerate([
                    machine("T"),  # two devices
                    machine("A", maker="Dell"),  # another manufacturer
                    machine("A", uuid=other),  # serial of one, UUID of other
                    machine("C", uuid=UUID),  # another serial
                    machine("D", mac=MAC),
                    machine(),  # nothing of its own
                    machine("E", chassis='mystery'),  # of what kind
                    ], start=1):
            with self.subTest(count=count):
                self.assertEqual(importer(data), {'waiting': 1})
                self.assertEqual(len(importer.waiting()), count)
        self.assertEqual(len(importer.Lot.search([])), lots + len(twins))

    @with_importer
    def test_without_collection(self, importer):
        "Without a collection an unknown machine waits"
        self.assertEqual(
            importer(machine("A"), collection=False), {'waiting': 1})

    @with_importer
    def test_tag(self, importer):
        "A file named after the tag speaks of that device"
        lot = importer.device()
        self.assertEqual(importer(
                {'name': f'x/{lot.number}.json', 'data': machine("A")}),
            {'attached': 1})
        self.assertEqual(importer.Lot(lot.id).serial_number, "A")
        # Unless the machine is known as another
        other = importer.device(serial_number="B")
        self.assertEqual(importer(
                {'name': f'{lot.number}.json', 'data': machine("B")}),
            {'waiting': 1})
        self.assertFalse(importer.Lot(other.id).reports)

    @with_importer
    def test_bind(self, importer):
        "A card typed in the van gets the report when a person says so"
        card = importer.device(model="typed in the van", donor_number="7")
        importer(machine("A", drives=["D1"]), collection=False)
        report, = importer.waiting()
        self.assertFalse(report.components)
        importer.Report.bind(report, card)
        card = importer.Lot(card.id)
        self.assertEqual(
            (card.serial_number, card.model, card.donor_number),
            ("A", "typed in the van", "7"))
        self.assertEqual(importer.workshop.state(card), 'to_erase')
        # For good, and the machine is known from now on
        with self.assertRaises(AccessError):
            importer.Report.bind(report, importer.device())
        with self.assertRaises(AccessError):
            importer.Report.write([report], {'lot': None})
        self.assertEqual(importer(machine("A", mac=MAC)), {'attached': 1})

    @with_importer
    def test_bind_wizard(self, importer):
        "The wizard says why it asks and which devices it may be"
        pool = Pool()
        Wizard = pool.get('device.report.bind', type='wizard')
        twins = [importer.device(serial_number="T") for _ in "12"]
        importer(machine("T"))
        report, = importer.waiting()
        session_id, _, _ = Wizard.create()
        with Transaction().set_context(
                active_model='device.report', active_id=report.id,
                active_ids=[report.id]):
            values = Wizard(session_id).default_start(None)
            self.assertEqual(
                set(values['candidates']), {l.id for l in twins})
            self.assertIn("Several", values['reason'])
            self.assertIsNone(values['lot'])
            Wizard.execute(session_id, {'start': {
                        'collection': importer.collection.id,
                        'product': values['product']}}, 'bind')
        lot, = importer.collection.devices
        self.assertEqual(importer.Report(report.id).lot, lot)

    @with_importer
    def test_attach_wizard(self, importer):
        "Attaching to a device asks when the machine may be another"
        Wizard = Pool().get('device.report.attach', type='wizard')
        lot, other = importer.device(), importer.device(serial_number="T")
        session_id, _, _ = Wizard.create()
        with Transaction().set_context(
                active_model='stock.lot', active_id=lot.id,
                active_ids=[lot.id]):
            result = Wizard.execute(session_id, {'start': {
                        'lot': lot.id, 'file': machine("T"),
                        'file_name': 'a.json'}}, 'attach')
            values = result['view']['defaults']
            self.assertEqual(
                set(values['candidates']), {lot.id, other.id})
            Wizard.execute(
                session_id, {'doubt': {'lot': other.id}}, 'attach_sure')
        report, = importer.Report.search([])
        self.assertEqual(report.lot, other)

    @with_importer
    def test_updated(self, importer):
        "A later report updates what a report said, not what a person typed"
        importer(machine("A", memory=["M1"]))
        lot, = importer.collection.devices
        importer(machine("A", memory=["M1", "M2"], model="EliteDesk 800"))
        self.assertEqual(importer.changes(), [
                ('added', "M2", None, None),
                ('updated', 'model', "EliteDesk", "EliteDesk 800"),
                ('updated', 'memory', "4", "8")])
        lot = importer.Lot(lot.id)
        self.assertEqual(
            (lot.model, lot.attributes['memory']), ("EliteDesk 800", 8))
        lot.attributes = {**lot.attributes, 'memory': 12}
        lot.save()
        importer(machine("A", memory=["M1"], model="EliteDesk 800"))
        self.assertEqual(importer.changes(), [
                ('missing', "M2", None, None),
                ('kept', 'memory', "12", "4")])
        self.assertEqual(importer.Lot(lot.id).attributes['memory'], 12)

    @with_importer
    def test_moved(self, importer):
        "A drive seen in another device has left the first"
        importer(machine("A", drives=["D1", "D2"]), machine("B"))
        first, second = importer.Lot.search([], order=[('id', 'ASC')])
        importer(machine("B", drives=["D2"]))
        report = importer.last()
        change, = [c for c in report.changes if c.kind == 'moved']
        self.assertEqual((change.component.serial, change.lot), ("D2", first))
        drive = change.component
        self.assertEqual(drive.lot, second)
        self.assertEqual(drive.previous.lot, first)
        self.assertTrue(drive.previous.removed_on)
        self.assertEqual(drive.previous.following, (drive,))
        # Its data go with it
        self.assertEqual(importer.workshop.state(second), 'to_erase')
        self.assertNotEqual(importer.workshop.state(first), 'erased')
        # Another drive of the same number is not the same drive
        other = json.loads(machine("C", drives=["D1"]))
        other['children'][0]['children'][0]['product'] = "WDC"
        importer(json.dumps(other).encode())
        self.assertFalse(importer.last().changes)

    @with_importer
    def test_moved_at_once(self, importer):
        "The reports of one call are compared in their order"
        importer(machine("A", drives=["D"]), machine("B", drives=["D"]))
        drives = importer.workshop.Component.search(
            [('kind', '=', 'drive')], order=[('id', 'ASC')])
        self.assertEqual(
            [(d.lot.serial_number, bool(d.removed_on)) for d in drives],
            [("A", True), ("B", False)])

    @with_importer
    def test_older(self, importer):
        "A report made before the last one changes nothing of today"
        importer(dated(machine("A", drives=["D"], model="new"), '2024-05-01'))
        importer(dated(
                machine("B", drives=["D"]), '2023-01-01'))
        importer(dated(
                machine("A", drives=["OLD"], model="old"), '2022-01-01'))
        drives = importer.workshop.Component.search(
            [('kind', '=', 'drive')], order=[('id', 'ASC')])
        self.assertEqual(
            [(d.lot.serial_number, d.serial, bool(d.removed_on))
                for d in drives],
            [("A", "D", False), ("B", "D", True), ("A", "OLD", True)])
        lot, = importer.Lot.search([('serial_number', '=', "A")])
        self.assertEqual(lot.model, "new")

    @with_importer
    def test_smartctl(self, importer):
        "The drives alone find their device, and say how they are"
        lot = importer.workshop.device()
        importer.workshop.attach(lot)
        drives = json.loads(read('desktop.smartctl.json'))
        self.assertEqual(
            importer(json.dumps(drives[:1]).encode()), {'attached': 1})
        drive, = importer.workshop.drives(lot)
        health, = drive.health
        self.assertEqual(
            (health.passed, health.hours, health.bad_sectors, health.date),
            (True, 18204, 8, importer.last().read_at))
        # It says nothing of the rest
        self.assertFalse(importer.changes())
        self.assertEqual(
            importer.Lot(lot.id).attributes['storage'], 500.11)

    @with_importer
    def test_table(self, importer):
        "What the association lists is no serial number any more"
        Bogus = Pool().get('device.serial.bogus')
        importer(machine("NOSERIAL-12", mac=MAC))
        Bogus.create([{'text': "noserial-*"}])
        mac = '90:1b:0e:d5:3c:99'
        self.assertEqual(
            importer(machine("NOSERIAL-12", mac=mac)), {'created': 1})
        self.assertIsNone(importer.last().serial_number)
        # What was shipped may be taken out
        shipped, = Bogus.search([('text', '=', "12345678")])
        Bogus.write([shipped], {'active': False})
        importer(machine("12345678"))
        self.assertEqual(importer.last().serial_number, "12345678")
        for text in ["*", "a*"]:
            with self.assertRaises(SerialBogusError):
                Bogus.create([{'text': text}])

    @with_importer
    def test_refused(self, importer):
        "What a client may not send"
        good = {'name': 'a.json', 'data': machine("A")}
        for files in [
                None, [], [good] * 201, ["x"], [{'name': 'a'}],
                [{**good, 'data': "text"}], [{**good, 'name': None}],
                [{**good, 'data': b' ' * (65 * 2**20)}]]:
            with self.assertRaises(HardwareReportError):
                importer.Report.import_files(files)
        with self.assertRaises(CollectionError):
            importer.Report.import_files([good], "no such number")
        importer(copy.copy(good))
        importer.collection.receive([importer.collection])
        with self.assertRaises(CollectionError):
            importer(machine("B"))

    @with_importer
    def test_zip(self, importer):
        "The wizard takes a zip"
        data = make_zip([('a.json', machine("A")), ('b.json', machine("B"))])
        self.assertEqual(
            importer(*get_files('x.zip', data)), {'created': 2})
        for data in [data[:-9], make_zip([])]:
            with self.assertRaises(HardwareReportError):
                get_files('x.zip', data)

    @with_importer
    def test_queries(self, importer):
        "Twenty reports cost as many queries as ten, but for the records"
        def count(first, last):
            files = [
                machine(f"S{i}", mac=f'90:1b:0e:d5:3c:{i:02}',
                    drives=[f"D{i}"])
                for i in range(first, last)]
            with count_queries() as queries:
                self.assertEqual(
                    importer(*files), {'created': last - first})
            return len([
                    q for q in queries if str(q[0]).startswith('SELECT')])
        count(90, 92)  # fills the caches
        few, many = count(0, 10), count(10, 30)
        self.assertLessEqual(many, few + 5)
