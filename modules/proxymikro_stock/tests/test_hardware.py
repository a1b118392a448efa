# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import copy
import json
import random
import time
import unittest
from pathlib import Path

from trytond.modules.proxymikro_stock import hardware, hardware_value
from trytond.modules.proxymikro_stock.hardware import UnreadableReport, parse

HERE = Path(__file__).parent
REPORTS = [
    'desktop.lshw.json', 'laptop.lshw.json', 'desktop.snapshot.json',
    'netbook.workbench11.json']
# What a hostile or broken tool may put in place of a value
JUNK = [
    None, True, False, 0, -1, 10**400, 1e308, '', ' ', '\x00', '\ud800',
    'NaN', 'x' * 100_000, [], {}, [[]], {'': {}}, [None, 'disk', 3],
    {'class': ['disk']}, '{"id": "a"}', '٣', '\u202eevil', 'unknown']


def read(name):
    return (HERE / name).read_bytes()


def get_serials(report, kind):
    return [c.serial for c in report.of_kind(kind)]


class HardwareTestCase(unittest.TestCase):
    "Test the reader of hardware reports"

    def assertUnreadable(self, code, data):
        with self.assertRaises(UnreadableReport) as cm:
            parse(data)
        self.assertEqual(cm.exception.code, code)

    def test_desktop(self):
        "Test lshw of a desktop with a USB stick and a DVD writer"
        report = parse(read('desktop.lshw.json'))
        self.assertEqual(
            (report.tool, report.manufacturer, report.model, report.serial),
            ('lshw', "FUJITSU", "Esprimo P556", "YMBC104218"))
        self.assertEqual(report.chassis, 'mini-tower')
        self.assertEqual(
            report.uuid, '6f0a1c9e-2d4b-4a47-9f31-50c58e7a2b10')
        self.assertEqual(
            report.processor, "Intel(R) Core(TM) i5-6500 CPU @ 3.20GHz")
        drive, = report.of_kind('drive')
        self.assertEqual(
            (drive.serial, drive.capacity, drive.soldered),
            ("Z3TEW4N7", 500.11, False))
        self.assertEqual(len(report.of_kind('optical')), 1)
        self.assertEqual(
            get_serials(report, 'memory'), ["20B1F4A3", "20B1F5C7"])
        self.assertEqual(report.capacity('memory'), 8)
        self.assertEqual(
            get_serials(report, 'network'), ["90:1b:0e:d5:3c:72"])
        self.assertEqual(report.of_kind('psu'), [])
        self.assertEqual(get_serials(report, 'processor'), [None])

    def test_laptop(self):
        "Test lshw in a list, an NVMe drive and soldered memory"
        report = parse(read('laptop.lshw.json'))
        self.assertEqual((report.serial, report.uuid), (None, None))
        drive, = report.of_kind('drive')
        self.assertEqual(
            (drive.model, drive.serial, drive.capacity),
            ("SAMSUNG MZVLQ512HALU-000H1", "S4UKNF0R512487", 512.11))
        self.assertEqual(
            [(c.serial, c.soldered) for c in report.of_kind('memory')],
            [(None, True), ("17C03A5E", False)])
        self.assertEqual(len(report.of_kind('battery')), 1)

    def test_nvme_without_disk(self):
        "Test an older lshw shows only the controller of an NVMe drive"
        report = parse(json.dumps({'id': 'pc', 'class': 'system', 'children': [
                        {'id': 'storage', 'class': 'storage',
                            'description': 'Non-Volatile memory controller',
                            'product': 'PM961'}]}).encode())
        drive, = report.of_kind('drive')
        self.assertEqual((drive.model, drive.capacity), ("PM961", None))

    def test_memory_chip(self):
        "Test the chip that is the drive of a tablet"
        report = parse(json.dumps({'id': 'pc', 'class': 'system', 'children': [
                        {'id': 'device', 'class': 'generic',
                            'product': 'DF4032', 'serial': '0x2b41d7a9',
                            'children': [{
                                    'id': 'interface:0', 'class': 'disk',
                                    'logicalname': '/dev/mmcblk0',
                                    'size': 31268536320}]}]}).encode())
        drive, = report.of_kind('drive')
        self.assertEqual(
            (drive.model, drive.serial, drive.capacity, drive.soldered),
            ("DF4032", "0x2b41d7a9", 31.27, True))

    def test_snapshot(self):
        "Test Workbench quotes lshw in a string"
        report = parse(read('desktop.snapshot.json'))
        self.assertEqual(report.tool, "Workbench 2022.4.0-beta")
        self.assertEqual(
            report.components,
            parse(read('desktop.lshw.json')).components)

    def test_quoted(self):
        "Test a string that holds lshw"
        text = read('desktop.lshw.json').decode()
        self.assertEqual(
            parse(json.dumps(text).encode()), parse(text.encode()))

    def test_byte_order_mark(self):
        "Test a file saved by Windows"
        data = read('desktop.lshw.json')
        self.assertEqual(parse(b'\xef\xbb\xbf' + data), parse(data))

    def test_workbench(self):
        "Test Workbench 11"
        report = parse(read('netbook.workbench11.json'))
        self.assertEqual(
            (report.tool, report.manufacturer, report.model, report.serial),
            ("Workbench 11.0b9", "ASUSTeK Computer INC.", "1015PX",
                "B9OAAS418834"))
        self.assertEqual(
            [(c.serial, c.capacity) for c in report.of_kind('drive')],
            [("110402PBN2A0RT7KYW3J", 250.06)])
        self.assertEqual(
            [(c.serial, c.capacity) for c in report.of_kind('memory')],
            [("91270E5B", 2)])

    def test_bogus(self):
        "Test placeholders are no serials"
        for text in [
                "To Be Filled By O.E.M.", "00000000", "SerNum0", "0", "N/A",
                "Not Specified", "None", "xxxxxxxx", "Default string",
                "........", "ffffffff", "System Serial Number", " ", "\t",
                "00000000-0000-0000-0000-000000000000", 0, None, True, {}]:
            with self.subTest(text=text):
                self.assertIsNone(hardware_value.normalize(text))
        for text, serial in [
                ("WD-WX11A80W7430", "wd-wx11a80w7430"), (" A B ", "ab"),
                ("A4482E29", "a4482e29"), (173586804248, "173586804248"),
                ("S0000012", "s0000012"), ("00FF00AA", "00ff00aa")]:
            with self.subTest(text=text):
                self.assertEqual(hardware_value.normalize(text), serial)

    def test_refused(self):
        "Test what is not a report is refused by name"
        for code, data in [
                ('empty', b''),
                ('encoding', b'\xff\xfe{\x00}\x00'),
                ('format', b'not json'),
                ('format', b'{"id": "pc", '),
                ('format', json.dumps(json.dumps(json.dumps("a"))).encode()),
                ('format', b'{"class": "system", "size": %s}' % (b'9' * 5000)),
                ('unknown', b'[]'),
                ('unknown', b'3'),
                ('unknown', b'null'),
                ('unknown', b'{"type": "Snapshot"}'),
                ('unknown', b'{"ata_smart_attributes": {}}'),
                ('nothing', b'{"class": "system"}'),
                ('nothing', b'{"class": "system", "vendor": "OEM"}'),
                ('depth', b'[' * 300 + b']' * 300),
                ('depth', b'[' * 200_000),
                ('size', b' ' * (hardware.MAX_SIZE + 1)),
                ]:
            with self.subTest(data=data[:50]):
                self.assertUnreadable(code, data)

    def test_too_many(self):
        "Test a file of too many nodes or components is refused"
        def make(count, **values):
            return json.dumps({'class': 'system', 'children': [
                        dict(values) for _ in range(count)]}).encode()
        self.assertUnreadable(
            'components', make(501, **{'class': 'disk', 'id': 'disk'}))
        self.assertUnreadable('nodes', make(20_000))

    def test_bounded_time(self):
        "Test files made to be slow are read once"
        for data in [
                b'"' + b'\\"' * 2_000_000,
                b'"' * 4_000_000,
                b'{"class": "system", "children": [' + b'{},' * 1_000_000
                + b'{}]}',
                ]:
            with self.subTest(data=data[:20]):
                start = time.process_time()
                with self.assertRaises(UnreadableReport):
                    parse(data)
                self.assertLess(time.process_time() - start, 10)

    def test_mutations(self):
        "Test no mutation of a report gives anything but a report or a refusal"
        generator = random.Random(8)
        refused = 0
        for i in range(300):
            tree = json.loads(read(REPORTS[i % len(REPORTS)]))
            for _ in range(generator.randint(1, 5)):
                mutate(tree, generator)
            with self.subTest(i=i):
                try:
                    self.check_report(parse(json.dumps(tree).encode()))
                except UnreadableReport:
                    refused += 1
        self.assertLess(refused, 150)

    def test_cut(self):
        "Test a file cut anywhere is refused"
        data = read('netbook.workbench11.json').rstrip()
        generator = random.Random(8)
        for _ in range(50):
            self.assertUnreadable(
                'format', data[:generator.randrange(1, len(data))])

    def check_report(self, report):
        "Check the values are fit for the database"
        texts = [
            report.tool, report.manufacturer, report.model, report.serial,
            report.uuid, report.chassis]
        for component in report.components:
            texts += [
                component.manufacturer, component.model, component.serial]
            self.assertIsInstance(component.soldered, bool)
            if component.capacity is not None:
                self.assertTrue(0 < component.capacity < 10**10)
        for text in filter(None, texts):
            self.assertLessEqual(len(text), 500)
            self.assertTrue(text.encode('utf-8').isascii()
                or text.isprintable())
            self.assertNotIn('\x00', text)


def mutate(tree, generator):
    "Replace, repeat or remove something anywhere in the tree"
    spots = list(get_spots(tree))
    if not spots:
        return
    container, key = generator.choice(spots)
    action = generator.random()
    if action < 0.6:
        container[key] = copy.deepcopy(generator.choice(JUNK))
    elif action < 0.75:
        del container[key]
    elif action < 0.9 and isinstance(container, list):
        container += [container[key]] * 3
    else:
        other, other_key = generator.choice(spots)
        try:
            container[key] = json.loads(json.dumps(other[other_key]))
        except (KeyError, IndexError):
            container[key] = None


def get_spots(tree):
    if isinstance(tree, dict):
        spots = list(tree)
    elif isinstance(tree, list):
        spots = range(len(tree))
    else:
        return
    for key in spots:
        yield tree, key
        yield from get_spots(tree[key])
