# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Reports of the other tools, and the zips that hold them."""
import datetime as dt
import io
import json
import time
import unittest
import zipfile
from unittest import mock

from trytond.modules.proxymikro_stock import hardware_archive, hardware_value
from trytond.modules.proxymikro_stock.hardware import (
    Health, UnreadableReport, parse)
from trytond.modules.proxymikro_stock.hardware_archive import (
    is_archive, read_archive)

from .test_hardware import read


def snapshot(**data):
    "Return a snapshot that quotes the outputs"
    return json.dumps({
            'type': 'Snapshot', 'software': 'Workbench', 'version': '2022.1',
            'timestamp': '2022-05-04T14:10:07+02:00', 'data': data}).encode()


def load(name):
    return json.loads(read(name))


def make_zip(files, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(
            buffer, 'w', zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return buffer.getvalue()


class FormatsTestCase(unittest.TestCase):
    "Test the formats of the tools"

    def assertUnreadable(self, code, data):
        with self.assertRaises(UnreadableReport) as cm:
            parse(data)
        self.assertEqual(cm.exception.code, code)

    def test_xml(self):
        "Test lshw says the same in XML as in JSON"
        self.assertEqual(
            parse(read('desktop.lshw.xml')), parse(read('desktop.lshw.json')))

    def test_xml_hostile(self):
        "Test XML expands nothing, reads no other file and stops in depth"
        bomb = b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>'
        outside = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
        for code, data in [
                ('entities', bomb + b'<node id="&c;" class="system"/>'),
                ('entities', outside + b'<node>&b;</node>'),
                ('entities', b'<!DOCTYPE html><html></html>'),
                ('depth', b'<node>' * 200_000),
                ('depth', b'<node>' * 300 + b'</node>' * 300),
                ('format', b'<node id="a"><node>'),
                ('format', b'<node>\x00</node>'),
                ('format', b'<?xml version="1.0" encoding="x-no"?><node/>'),
                ('unknown', b'<html><body/></html>'),
                ('nothing', b'<node id="pc" class="system"></node>')]:
            with self.subTest(data=data[:60]):
                start = time.process_time()
                self.assertUnreadable(code, data)
                self.assertLess(time.process_time() - start, 5)

    def test_smartctl(self):
        "Test smartctl says what drives are and how they are"
        report = parse(read('desktop.smartctl.json'))
        self.assertEqual(report.tool, 'smartctl')
        self.assertFalse(report.whole)
        self.assertEqual(
            report.read_at, dt.datetime(2022, 5, 4, 12, 15, 5))
        disk, nvme = report.components
        self.assertEqual(
            (disk.serial, disk.capacity, disk.technology),
            ("Z3TEW4N7", 500.11, 'hdd'))
        self.assertEqual(disk.health, Health(
                passed=True, hours=18204, cycles=2210, bad_sectors=8))
        self.assertEqual(
            (nvme.model, nvme.capacity, nvme.technology, nvme.health.wear),
            ("KINGSTON SA2000M8250G", 250.06, 'nvme', 12))
        # One drive alone, as smartctl -j gives it
        alone = load('desktop.smartctl.json')[0]
        self.assertEqual(
            parse(json.dumps(alone).encode()).components, [disk])

    def test_smartctl_nothing(self):
        "Test drives that smartctl could not read are no drives"
        unread = load('desktop.smartctl.json')[2]
        self.assertUnreadable('nothing', json.dumps(unread).encode())

    def test_dmidecode(self):
        "Test dmidecode alone"
        report = parse(read('desktop.dmidecode.txt'))
        self.assertEqual(
            (report.tool, report.manufacturer, report.model, report.serial,
                report.chassis),
            ("dmidecode 3.3", "FUJITSU", "Esprimo P556", "YMBC104218",
                "Mini Tower"))
        self.assertEqual(
            [(c.serial, c.capacity, c.soldered)
                for c in report.of_kind('memory')],
            [("20B1F4A3", 4, False), (None, 4, True)])
        self.assertEqual(len(report.of_kind('processor')), 1)

    def test_uuid(self):
        "Test both orders of the bytes are one identifier"
        self.assertEqual(
            parse(read('desktop.dmidecode.txt')).uuid_key,
            parse(read('desktop.lshw.json')).uuid_key)
        for text in [
                None, "", "x", "00000000-0000-0000-0000-000000000000",
                "03000200-0400-0500-0006-000700080009"]:
            self.assertIsNone(hardware_value.get_uuid(text))

    def test_snapshot_smart(self):
        "Test a snapshot adds to lshw what smartctl says"
        report = parse(snapshot(
                lshw=load('desktop.lshw.json'),
                smart=load('desktop.smartctl.json')))
        self.assertEqual(
            report.read_at, dt.datetime(2022, 5, 4, 12, 10, 7))
        disk, nvme = report.of_kind('drive')
        self.assertEqual(
            (disk.model, disk.technology, disk.health.hours),
            ("ST500DM002-1BD142", 'hdd', 18204))
        # lshw of that time did not see it
        self.assertEqual(nvme.technology, 'nvme')

    def test_snapshot_usb(self):
        "Test a USB disk that smartctl can read stays out"
        stick = load('desktop.smartctl.json')[0]
        stick['device']['name'] = '/dev/sdb'
        stick['serial_number'] = "USB1"
        report = parse(snapshot(
                lshw=load('desktop.lshw.json'), smart=[stick]))
        self.assertEqual(
            [c.serial for c in report.of_kind('drive')], ["Z3TEW4N7"])

    def test_snapshot_dmidecode(self):
        "Test a snapshot fills with dmidecode what lshw lacks"
        lshw = load('desktop.lshw.json')
        root = lshw[0] if isinstance(lshw, list) else lshw
        root['serial'] = "To Be Filled By O.E.M."
        core, = [n for n in root['children'] if n['id'] == 'core']
        core['children'] = [
            n for n in core['children'] if n['id'] != 'memory']
        report = parse(snapshot(
                lshw=json.dumps(lshw),
                dmidecode=read('desktop.dmidecode.txt').decode()))
        self.assertEqual(report.serial, "YMBC104218")
        self.assertEqual(
            [c.serial for c in report.of_kind('memory')], ["20B1F4A3", None])

    def test_workbench_health(self):
        "Test Workbench 11 tested the drive"
        tree = load('netbook.workbench11.json')
        drive = next(
            c for c in tree['components']
            if c['type'] == 'HardDrive' and c['interface'] != 'USB')
        drive['actions'] = [{
                'type': 'TestDataStorage', 'assessment': False,
                'lifetime': 4675, 'powerCycleCount': 12,
                'reallocatedSectorCount': 3}]
        drive, = parse(json.dumps(tree).encode()).of_kind('drive')
        self.assertEqual(drive.technology, 'hdd')
        self.assertEqual(drive.health, Health(False, 4675, 12, 3))

    def test_macs(self):
        "Test addresses made up by systems are no identity"
        self.assertEqual(
            parse(read('desktop.lshw.json')).macs, {'90:1b:0e:d5:3c:72'})
        for text in ["02:42:ac:11:00:02", "ff:ff:ff:ff:ff:ff",
                "00:00:00:00:00:00", "00:11:22:33:44:55", "x", None]:
            self.assertIsNone(hardware_value.get_mac(text))

    def test_makers(self):
        "Test the names of one manufacturer"
        for names in [
                ("Hewlett-Packard", "HP", "hp inc."),
                ("ASUSTeK Computer INC.", "ASUS"), ("Dell Inc.", "DELL")]:
            self.assertEqual(
                len(set(map(hardware_value.get_maker, names))), 1)
        self.assertIsNone(hardware_value.get_maker("System manufacturer"))


class ArchiveTestCase(unittest.TestCase):
    "Test the zips of reports"

    def assertRefused(self, code, data):
        with self.assertRaises(UnreadableReport) as cm:
            list(read_archive(data))
        self.assertEqual(cm.exception.code, code)

    def test_read(self):
        "Test the files of a zip, in order, without what systems add"
        data = make_zip([
                ('b/2.json', b'2'), ('a/1.json', b'1'), ('a/', b''),
                ('__MACOSX/a/1.json', b'x'), ('.DS_Store', b'x')])
        self.assertTrue(is_archive(data))
        self.assertEqual(
            list(read_archive(data)),
            [('a/1.json', b'1'), ('b/2.json', b'2')])
        self.assertFalse(is_archive(read('desktop.lshw.json')))

    def test_refused(self):
        "Test what is not a zip to read"
        data = make_zip([('a.json', read('desktop.lshw.json'))])
        self.assertRefused('archive', data[:-30])
        self.assertRefused('archive', b'PK\x03\x04' + b'x' * 100)
        broken = bytearray(data)
        broken[60:80] = b'\xff' * 20
        self.assertRefused('archive', bytes(broken))
        self.assertRefused('archive_nested', make_zip([('a.zip', data)]))
        self.assertRefused('archive_files', make_zip(
                [(f'{i}.json', b'') for i in range(2_001)]))

    def test_encrypted(self):
        "Test a zip with a password"
        data = bytearray(make_zip([('a.json', b'{}')]))
        for mark, offset in [(b'PK\x03\x04', 6), (b'PK\x01\x02', 8)]:
            data[data.index(mark) + offset] |= 1
        self.assertRefused('archive', bytes(data))

    def test_bomb(self):
        "Test a zip is not read beyond what reports may hold"
        data = make_zip([('a.json', b' ' * (100 * 2**20))])
        self.assertLess(len(data), 200_000)
        start = time.process_time()
        self.assertRefused('archive_size', data)
        self.assertLess(time.process_time() - start, 5)
        with mock.patch.object(hardware_archive, 'MAX_TOTAL', 10):
            self.assertRefused('archive_size', make_zip(
                    [(f'{i}.json', b'123456') for i in range(2)]))
