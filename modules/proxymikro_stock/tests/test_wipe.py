# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is read in the logs of the tools that erase drives."""
import datetime as dt
import json
import random
import unittest

from trytond.modules.proxymikro_stock.wipe import (
    MAX_SIZE, UnreadableLog, Wipe, parse)

from .workshop import read

RESULTS = {'success', 'partial', 'failed'}
METHODS = {'clear', 'purge', 'destroy'}


class WipeTestCase(unittest.TestCase):
    "Test the reading of the logs"

    def test_nwipe(self):
        "Test a log of nwipe with a drive of each kind of end"
        erased, failed, aborted, nameless = parse(read('nwipe.log'))
        self.assertEqual(
            (erased.serial, erased.result, erased.verification,
                erased.bad_sectors),
            ('Z3TEW4N7', 'success', 100, 0))
        self.assertEqual(
            (erased.tool, erased.tool_version, erased.technique),
            ('nwipe', '0.34', "Fill With Zeros"))
        self.assertEqual(
            (erased.start, erased.end),
            (dt.datetime(2026, 1, 12, 8, 2, 11),
                dt.datetime(2026, 1, 12, 11, 22, 40)))
        self.assertTrue(erased.local)
        self.assertEqual(
            (failed.serial, failed.result, failed.verification,
                failed.bad_sectors),
            ('WD-WCAV29314455', 'failed', None, 4))
        self.assertEqual(
            (aborted.serial, aborted.result, aborted.end),
            ('100113PBN300QSHV', 'partial',
                dt.datetime(2026, 1, 12, 11, 22, 41)))
        self.assertEqual(
            (nameless.serial, nameless.model),
            (None, "ATA , SAMSUNG HD161HJ, 160 GB"))

    def test_interrupted(self):
        "Test a log that stops before its tables is that of a partial wipe"
        text, _, _ = read('nwipe.log').partition(b'*****')
        self.assertEqual({w.result for w in parse(text)}, {'partial'})
        self.assertEqual({w.verification for w in parse(text)}, {None})

    def test_errors_win(self):
        "Test a drive with errors is not erased, whatever its status"
        text = read('nwipe.log').replace(
            b'sda |           0 |', b'sda |           2 |')
        self.assertEqual(parse(text)[0].result, 'failed')

    def test_unverified(self):
        "Test a wipe that was not read again says so"
        text = read('nwipe.log').replace(b'verify   = 1', b'verify   = 0')
        self.assertEqual(parse(text)[0].verification, 0)

    def test_verify_only(self):
        "Test reading a drive is not erasing it"
        text = read('nwipe.log').replace(
            b"method 'Fill With Zeros'", b"method 'Verify Zeros (0x00)'")
        with self.assertRaises(UnreadableLog):
            parse(text)

    def test_hidden_serial(self):
        "Test a serial number that nwipe hides is none"
        text = read('nwipe.log').replace(b'Z3TEW4N7', b'XXXXXXXX')
        self.assertIsNone(parse(text)[0].serial)

    def test_old_nwipe(self):
        "Test the words of the versions that Debian had before"
        wipe, = parse(
            b"[2019/11/07 01:35:05] nwipe: notice: "
            b"/dev/sdc has serial number Y2ABC\n"
            b"[2019/11/07 01:35:06] nwipe: notice: "
            b"Invoking method 'DoD Short' on device '/dev/sdc'.\n")
        self.assertEqual(
            (wipe.serial, wipe.technique), ('Y2ABC', "DoD Short"))

    def test_workbench(self):
        "Test a snapshot of eReuse Workbench that erased"
        wipe, = parse(read('netbook.erasure.json'))
        self.assertEqual(wipe, Wipe(
                tool='Workbench', tool_version='11.0b9',
                serial='WD-WX11A80W7430',
                model="Western Digital WDC WD1600BEVT-2", method='clear',
                technique="EraseBasic (StepRandom)",
                start=dt.datetime(2019, 9, 10, 10, 51, 20, 207733),
                end=dt.datetime(2019, 9, 10, 11, 37, 7, 459940),
                result='success'))

    def test_workbench_severity(self):
        "Test a step that failed makes the erasure fail"
        for severity, result in [
                ('Info', 'success'), ('Notice', 'success'),
                ('Warning', 'partial'), ('Error', 'failed'),
                ('?', 'failed'), (None, 'failed')]:
            with self.subTest(severity=severity):
                snapshot = json.loads(read('netbook.erasure.json'))
                action = snapshot['components'][0]['actions'][0]
                action['steps'][0]['severity'] = severity
                wipe, = parse(json.dumps(snapshot).encode())
                self.assertEqual(wipe.result, result)

    def test_refused(self):
        "Test what is not a log"
        for data, code in [
                (b'', 'empty'), (b'x' * (MAX_SIZE + 1), 'size'),
                (b'\xff\xfe', 'encoding'), (b'hello', 'unknown'),
                (b'{}', 'unknown'), (b'{"components": 3}', 'unknown'),
                (b'[{"components": [{"actions": [{"type": []}]}]}]',
                    'unknown'),
                (b'{' * 100_000, 'unknown'),
                (b'[{"a":' * 100_000, 'unknown')]:
            with self.subTest(data=data[:20]):
                with self.assertRaises(UnreadableLog) as cm:
                    parse(data)
                self.assertEqual(cm.exception.code, code)

    def test_mutated(self):
        "Test 2,000 mutated logs give clean wipes or are refused"
        rng = random.Random(1)
        logs = [read('nwipe.log'), read('netbook.erasure.json')]
        for _ in range(2_000):
            data = bytearray(rng.choice(logs))
            for _ in range(rng.randint(1, 30)):
                i = rng.randrange(len(data))
                cut = rng.choice([0, 1, 1, 40])
                data[i:i + cut] = rng.choice(
                    [b'', b'|', b'"', b'9' * 30, b'\x00', b'null', b'[',
                        b'/dev/sda', b'Erased', '\u202e'.encode()])
            try:
                wipes = parse(bytes(data))
            except UnreadableLog:
                continue
            for wipe in wipes:
                self.assertIn(wipe.result, RESULTS)
                self.assertIn(wipe.method, METHODS)
                for text in [wipe.serial, wipe.model, wipe.technique]:
                    self.assertTrue(
                        text is None or text.isprintable(), text)
