# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Hardware reports: what they fill, what they refuse, how they are kept."""
import json

from trytond.model.exceptions import AccessError
from trytond.modules.proxymikro_stock.exceptions import (
    EvidenceAccessError, HardwareReportError)
from trytond.tests.test_tryton import TestCase, activate_module
from trytond.transaction import check_access

from .test_guard import TODAY
from .workshop import NOW, read, with_workshop


class ReportTestCase(TestCase):
    "Test hardware reports"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    @with_workshop
    def test_attach(self, workshop):
        "Test a report fills what the device lacks"
        lot = workshop.device()
        lot.model = "Typed by hand"
        lot.save()
        report = workshop.attach(lot)
        self.assertEqual(
            (lot.manufacturer, lot.model, lot.serial_number),
            ("FUJITSU", "Typed by hand", "YMBC104218"))
        self.assertEqual(dict(lot.attributes), {
                'processor': "Intel(R) Core(TM) i5-6500 CPU @ 3.20GHz",
                'memory': 8, 'storage': 500.11})
        self.assertEqual(bytes(report.file), read('desktop.lshw.json'))
        self.assertEqual(report.size, len(read('desktop.lshw.json')))
        self.assertEqual(report.tool, "lshw")
        drive, = workshop.drives(lot)
        self.assertEqual(drive.rec_name, "Drive Z3TEW4N7 (500 GB)")
        self.assertEqual(drive.installed_on, TODAY)
        self.assertEqual(drive.report, report)

    @with_workshop
    def test_attach_again(self, workshop):
        "Test a second report adds what is new and keeps the rest"
        lot = workshop.device()
        workshop.attach(lot)
        count = len(lot.components)
        # The same machine, read later by Workbench with one more drive
        tree = json.loads(read('desktop.lshw.json'))
        sata, = [n for n in tree['children'][0]['children'][-1]['children']
            if n['id'] == 'sata']
        sata['children'].append({
                'id': 'disk:1', 'class': 'disk', 'serial': "NEW1",
                'product': "Added"})
        workshop.Report.attach(lot, json.dumps(tree).encode(), 'again.json')
        lot = workshop.fleet.Lot(lot.id)
        self.assertEqual(len(lot.components), count + 1)
        self.assertEqual(
            {d.serial for d in workshop.drives(lot)}, {"Z3TEW4N7", "NEW1"})

    @with_workshop
    def test_twice(self, workshop):
        "Test the same file is refused twice, on any device"
        lot, other = workshop.device(), workshop.device()
        workshop.attach(lot)
        for device in [lot, other]:
            with self.assertRaises(HardwareReportError) as cm:
                workshop.attach(device)
            self.assertIn(lot.rec_name, cm.exception.message)

    @with_workshop
    def test_other_serial(self, workshop):
        "Test the report of another machine is refused"
        lot = workshop.device()
        lot.serial_number = "ABCD"
        lot.save()
        with self.assertRaises(HardwareReportError) as cm:
            workshop.attach(lot)
        self.assertIn("ABCD", cm.exception.message)
        self.assertIn("YMBC104218", cm.exception.message)
        self.assertFalse(workshop.Report.search([]))

    @with_workshop
    def test_same_serial(self, workshop):
        "Test the case and a placeholder don't make another machine"
        lot = workshop.device()
        lot.serial_number = " ymbc104218"
        lot.save()
        workshop.attach(lot)
        other = workshop.device('laptop')
        other.serial_number = "To be filled by O.E.M."
        other.save()
        workshop.attach(other, 'netbook.workbench11.json')
        self.assertEqual(
            workshop.fleet.Lot(other.id).serial_number, "B9OAAS418834")

    @with_workshop
    def test_serial_elsewhere(self, workshop):
        "Test a person chooses when another device has the serial"
        other, lot = workshop.device(), workshop.device()
        other.serial_number = "ymbc104218"
        other.save()
        with self.assertRaises(HardwareReportError) as cm:
            workshop.attach(lot)
        self.assertIn(other.rec_name, cm.exception.message)
        lot.serial_number = "YMBC104218"
        lot.save()
        workshop.attach(lot)

    @with_workshop
    def test_unreadable(self, workshop):
        "Test a file that is not a report leaves nothing"
        lot = workshop.device()
        for data in [b'', b'{', b'[]', b'{"class": "system"}', b'\xff']:
            with self.subTest(data=data), self.assertRaises(
                    HardwareReportError) as cm:
                workshop.Report.attach(lot, data, 'x.json')
            self.assertIn("you must", cm.exception.message)
        self.assertFalse(workshop.Report.search([]))

    @with_workshop
    def test_file_name(self, workshop):
        "Test a file name keeps no folder"
        lot = workshop.device()
        report = workshop.Report.attach(
            lot, read('desktop.lshw.json'), 'C:\\temp/../a\x00b.json')
        self.assertEqual(report.file_name, 'a b.json')

    @with_workshop
    def test_sealed(self, workshop):
        "Test a report and its components can't be changed"
        lot = workshop.device()
        report = workshop.attach(lot)
        drive, = workshop.drives(lot)
        for record, values in [
                (report, {'tool': "other"}), (report, {'file': b'{}'}),
                (drive, {'kind': 'other'}), (drive, {'serial': "X"}),
                (drive, {'lot': workshop.device().id})]:
            with self.subTest(values=values), self.assertRaises(
                    EvidenceAccessError):
                record.write([record], values)
        for record in [report, drive]:
            with self.assertRaises(EvidenceAccessError):
                record.delete([record])

    @with_workshop
    def test_by_hand(self, workshop):
        "Test evidence is not made by hand"
        lot = workshop.device()
        workshop.attach(lot)
        drive, = workshop.drives(lot)
        draft = workshop.erase(drive, sign=False)
        with check_access():
            with self.assertRaises(AccessError):
                workshop.Report.create([{
                            'lot': lot.id, 'date': NOW, 'tool': "x",
                            'file': b'{}', 'file_name': "x", 'size': 2,
                            'sha256': "x"}])
            with self.assertRaises(EvidenceAccessError):
                draft.write([draft], {'state': 'signed'})
            with self.assertRaises(EvidenceAccessError):
                workshop.Declaration.create([{
                            'lot': lot.id, 'reason': 'none_found',
                            'signed_by': workshop.employee.id,
                            'state': 'signed'}])
            with self.assertRaises(EvidenceAccessError):
                drive.write([drive], {'extracted_lot': lot.id})
