# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Two signatures, the logs of the tools, the certificate, the ways out."""
import datetime as dt
from unittest.mock import patch

from trytond.modules.proxymikro_stock.exceptions import (
    DataGateError, ErasureError, ErasureLogError, ErasureOverwriteWarning,
    ErasureValidatorError, EvidenceAccessError)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module
from trytond.transaction import Transaction, check_access

from .test_guard import TODAY
from .workshop import NOW, act_as, read, with_workshop


class SecondSignatureTestCase(TestCase):
    "Test the second signature"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    @with_workshop
    def test_other_person(self, workshop):
        "Test the validator is an employee other than the operator"
        lot = workshop.device()
        drive = workshop.drive(lot, serial="D1")
        erasure = workshop.erase(drive, countersign=False)
        self.assertEqual(workshop.reasons(lot), [
                'the erasure of "Drive D1" waits for its second signature'])
        for employee in [None, workshop.employee]:
            act_as(employee)
            with self.assertRaises(ErasureValidatorError):
                workshop.Erasure.countersign([erasure])
        self.assertFalse(workshop.Component(drive.id).erased)
        act_as(workshop.validator)
        workshop.Erasure.countersign([erasure])
        erasure = workshop.Erasure(erasure.id)
        self.assertEqual(erasure.validator, workshop.validator)
        self.assertTrue(erasure.number)
        self.assertTrue(erasure.validated_at)
        self.assertTrue(workshop.Component(drive.id).erased)

    @with_workshop
    def test_other_user(self, workshop):
        "Test who signed for a colleague can't sign second, even as another"
        drive = workshop.drive(workshop.device(), serial="D1")
        by_self = workshop.erase(drive, sign=False)
        workshop.Erasure.sign([by_self])
        by_other = workshop.erase(
            drive, countersign=False, operator=workshop.validator)
        for erasure, employee in [
                (by_self, workshop.validator),
                (by_other, workshop.employee)]:
            act_as(employee)
            with self.assertRaises(ErasureValidatorError) as cm:
                workshop.Erasure.countersign([erasure])
            self.assertIn(erasure.signer.name, cm.exception.message)
            self.assertEqual(workshop.Erasure(erasure.id).state, 'signed')
        with check_access(), self.assertRaises(EvidenceAccessError):
            by_self.write([by_self], {'signer': workshop.signer.id})
        copy, = workshop.Erasure.copy([by_self])
        self.assertIsNone(copy.signer)

    @with_workshop
    def test_only_success(self, workshop):
        "Test what failed is never validated and goes to destruction"
        lot = workshop.device()
        drive = workshop.drive(lot, serial="D1")
        for result in ['failed', 'partial']:
            erasure = workshop.erase(drive, result=result)
            with self.assertRaises(ErasureError):
                workshop.Erasure.countersign([erasure])
            self.assertEqual(workshop.Erasure(erasure.id).state, 'signed')
        self.assertEqual(
            workshop.Component.search([('to_destroy', '=', True)]), [drive])
        self.assertEqual(workshop.reasons(lot), [
                '"Drive D1" couldn\'t be erased and must be destroyed'])
        workshop.erase(drive, method='destroy', end=NOW)
        self.assertEqual(
            workshop.Component.search([('to_destroy', '=', True)]), [])
        self.assertEqual(workshop.reasons(lot), [])

    @with_workshop
    def test_by_hand(self, workshop):
        "Test nobody writes the second signature, nor the names"
        drive = workshop.drive(workshop.device(), serial="D1")
        draft = workshop.erase(drive, sign=False)
        signed = workshop.erase(drive, countersign=False)
        for erasure in [draft, signed]:
            for values in [
                    {'validator': workshop.validator.id},
                    {'number': "EFF-9"}, {'validated_at': NOW},
                    {'drive_serial': "D2"}, {'state': 'validated'}]:
                with self.subTest(state=erasure.state, values=values):
                    with Transaction().set_context(_check_access=True):
                        with self.assertRaises(EvidenceAccessError):
                            erasure.write([erasure], values)

    @with_workshop
    def test_identity(self, workshop):
        "Test the erasure keeps the names of the day of its signature"
        lot = workshop.device()
        lot.serial_number, lot.manufacturer, lot.model = "H1", "HP", "8100"
        lot.save()
        drive = workshop.drive(
            lot, serial="D1", manufacturer="Seagate", model="ST3250318AS",
            capacity=250, technology='hdd')
        erasure = workshop.erase(drive)
        lot.serial_number = "H2"
        lot.save()
        erasure = workshop.Erasure(erasure.id)
        self.assertEqual(
            (erasure.drive_serial, erasure.drive_model,
                erasure.drive_technology, erasure.drive_capacity),
            ("D1", "Seagate ST3250318AS", 'hdd', 250))
        self.assertEqual(
            (erasure.device_number, erasure.device_serial,
                erasure.device_model, erasure.place),
            (lot.number, "H1", "HP 8100", lot.location))

    @with_workshop
    def test_copy(self, workshop):
        "Test a copy has no signature"
        erasure, = workshop.Erasure.copy([
                workshop.erase(workshop.drive(workshop.device(), serial="D"))])
        self.assertEqual(
            (erasure.state, erasure.number, erasure.validator,
                erasure.drive_serial),
            ('draft', None, None, None))


class OverwriteTestCase(TestCase):
    "Test the warning"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    @with_workshop
    def test_flash(self, workshop):
        "Test overwriting a drive without platters is warned"
        lot = workshop.device()
        for technology, model, method, tool, warned in [
                ('ssd', None, 'clear', "nwipe", True),
                ('nvme', None, 'clear', "nvme-cli", True),
                ('chip', None, 'purge', "shred", True),
                (None, "KINGSTON SSD A400", 'clear', "nwipe", True),
                ('ssd', None, 'purge', "hdparm", False),
                ('ssd', None, 'destroy', "Perceuse", False),
                ('hdd', "SSD look", 'clear', "nwipe", False),
                (None, "ST3250318AS", 'clear', "nwipe", False)]:
            drive = workshop.drive(lot, technology=technology, model=model)
            with self.subTest(technology=technology, tool=tool):
                erasure = workshop.erase(
                    drive, sign=False, method=method, tool=tool)
                if not warned:
                    workshop.Erasure.sign([erasure])
                    continue
                with self.assertRaises(ErasureOverwriteWarning) as cm:
                    workshop.Erasure.sign([erasure])
                self.assertIn(drive.rec_name, cm.exception.message)
                Pool().get('res.user.warning').create([{
                            'user': Transaction().user,
                            'name': cm.exception.name}])
                workshop.Erasure.sign([erasure])
                self.assertEqual(
                    workshop.Erasure(erasure.id).state, 'signed')


class LogTestCase(TestCase):
    "Test the import of the logs"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    @with_workshop
    def test_attach(self, workshop):
        "Test each known drive gets a signed erasure, the others are told"
        lot, other = workshop.device(), workshop.device()
        erased = workshop.drive(lot, serial="z3tew4n7")
        failed = workshop.drive(other, serial="WD-WCAV29314455")
        lines = workshop.attach_log()
        self.assertEqual(lines, [
                "100113PBN300QSHV: no drive has this serial number.",
                "ATA , SAMSUNG HD161HJ, 160 GB: no serial number in the file."
                " Record the erasure on the drive.",
                f'"Drive z3tew4n7" of "{lot.rec_name}": Success, signed.',
                f'"Drive WD-WCAV29314455" of "{other.rec_name}": '
                'Failed, signed.',
                "The erasures that succeeded wait for the signature of "
                "a second person."])
        good, = erased.erasures
        bad, = failed.erasures
        self.assertEqual((good.state, good.result), ('signed', 'success'))
        self.assertEqual(
            (good.operator, good.tool, good.tool_version, good.verification),
            (workshop.employee, 'nwipe', '0.34', 100))
        self.assertEqual(good.start, dt.datetime(2026, 1, 12, 8, 2, 11))
        self.assertEqual(
            (bad.state, bad.result, bad.bad_sectors), ('signed', 'failed', 4))
        self.assertTrue(workshop.Component(failed.id).to_destroy)
        log = good.wipe_log
        self.assertEqual(log, bad.wipe_log)
        self.assertEqual(
            (bytes(log.file), log.file_name, log.employee),
            (read('nwipe.log'), 'nwipe.log', workshop.employee))
        with self.assertRaises(EvidenceAccessError):
            log.write([log], {'file_name': "other"})

    @with_workshop
    def test_timezone(self, workshop):
        "Test the clock of the machine tells the time of the association"
        drive = workshop.drive(workshop.device(), serial="Z3TEW4N7")
        workshop.fleet.company.timezone = 'Europe/Paris'
        workshop.fleet.company.save()
        workshop.attach_log()
        erasure, = drive.erasures
        self.assertEqual(erasure.start, dt.datetime(2026, 1, 12, 7, 2, 11))

    @with_workshop
    def test_idempotent(self, workshop):
        "Test the same file again only adds the drives that came since"
        lot = workshop.device()
        first = workshop.drive(lot, serial="Z3TEW4N7")
        workshop.attach_log()
        self.assertIn(
            f'"Drive Z3TEW4N7" of "{lot.rec_name}": '
            "already recorded from this file.", workshop.attach_log())
        self.assertEqual(len(first.erasures), 1)
        second = workshop.drive(lot, serial="100113PBN300QSHV")
        workshop.attach_log()
        self.assertEqual(
            (len(workshop.Component(first.id).erasures),
                [e.result for e in second.erasures]), (1, ['partial']))
        Log = Pool().get('device.erasure.log')
        self.assertEqual(Log.search([], count=True), 1)

    @with_workshop
    def test_several(self, workshop):
        "Test a drive that is told of twice is chosen by a person"
        lot, other = workshop.device(), workshop.device()
        old = workshop.drive(lot, serial="Z3TEW4N7")
        workshop.drive(lot, serial="100113PBN300QSHV")
        workshop.drive(other, serial="Z3TEW4N7")
        self.assertIn(
            "Z3TEW4N7: several drives have this serial number. "
            "Record the erasure on the right one.", workshop.attach_log())
        # The one that is still there is the one that was erased
        old.removed_on = TODAY
        old.save()
        workshop.attach_log()
        self.assertEqual(
            [e.lot for e in workshop.Erasure.search(
                    [('result', '=', 'success')])], [other])

    @with_workshop
    def test_nothing_known(self, workshop):
        "Test a log that names no known drive writes nothing"
        with self.assertRaises(ErasureLogError) as cm:
            workshop.attach_log()
        self.assertIn("Z3TEW4N7", cm.exception.message)
        Log = Pool().get('device.erasure.log')
        self.assertEqual(Log.search([], count=True), 0)
        with self.assertRaises(ErasureLogError):
            Log.attach(b'hello', 'hello.txt', workshop.employee)

    @with_workshop
    def test_workbench(self, workshop):
        "Test a snapshot of eReuse Workbench"
        lot = workshop.device()
        drive = workshop.drive(lot, serial="WDWX11A80W7430")
        with self.assertRaises(ErasureLogError):
            workshop.attach_log('netbook.erasure.json')
        drive = workshop.drive(lot, serial="WD-WX11A80W7430")
        workshop.attach_log('netbook.erasure.json')
        erasure, = drive.erasures
        self.assertEqual(
            (erasure.tool, erasure.technique, erasure.end),
            ("Workbench", "EraseBasic (StepRandom)",
                dt.datetime(2019, 9, 10, 11, 37, 7)))


class CertificateTestCase(TestCase):
    "Test the certificate"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    def render(self, erasures):
        Certificate = Pool().get('device.erasure.certificate', type='report')
        return Certificate.execute(
            [e.id for e in erasures], {'model': 'device.erasure'})

    @with_workshop
    def test_refused(self, workshop):
        "Test a certificate needs a success and two signatures"
        drive = workshop.drive(workshop.device(), serial="D1")
        good = workshop.erase(drive)
        for erasure in [
                workshop.erase(drive, sign=False),
                workshop.erase(drive, countersign=False),
                workshop.erase(drive, result='failed'),
                workshop.erase(drive, result='partial')]:
            with self.assertRaises(ErasureError) as cm:
                self.render([good, erasure])
            self.assertIn("Drive D1", cm.exception.message)

    @with_workshop
    def test_content(self, workshop):
        "Test it names the drive, its host, the people and the fingerprints"
        lot = workshop.device()
        lot.serial_number = "HOST-77"
        lot.save()
        workshop.drive(lot, serial="Z3TEW4N7")
        workshop.attach_log()
        erasure, = workshop.Erasure.search([])
        workshop.Erasure.countersign([erasure])
        Pool().get('evidence.seal').seal()
        erasure = workshop.Erasure(erasure.id)
        Certificate = Pool().get('device.erasure.certificate', type='report')
        with patch.object(
                Certificate, 'convert',
                lambda report, data, **kwargs: ('html', data)):
            html = self.render([erasure])[1]
        for text in [
                "Z3TEW4N7", "HOST-77", lot.number, erasure.number, "Camille",
                "Dominique", erasure.fingerprint, erasure.seal_hash,
                erasure.wipe_log.sha256, "<svg"]:
            self.assertIn(text, html)
        extension, content, _, _ = self.render([erasure])
        self.assertEqual((extension, content[:4]), ('pdf', b'%PDF'))


class WayOutTestCase(TestCase):
    "Test each way out asks for the erasure"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    def get_ways(self):
        Location = Pool().get('stock.location')
        production, = Location.create([{
                    'name': "Production", 'type': 'production'}])
        return ['customer', 'supplier', 'treatment', production]

    @with_workshop
    def test_ways_out(self, workshop):
        "Test a loan, a sale or a gift, a return, a dismantling, waste"
        fleet = workshop.fleet
        for i, way in enumerate(self.get_ways()):
            with self.subTest(way=way):
                lot = workshop.device()
                drive = workshop.drive(lot, serial=f"D-{i}")
                with self.assertRaises(DataGateError) as cm:
                    fleet.do(lot, 'input', way)
                self.assertIn(f"Drive D-{i}", cm.exception.message)
                workshop.erase(drive)
                fleet.do(lot, 'input', way)

    @with_workshop
    def test_part(self, workshop):
        "Test a drive taken out of a device is held in its turn"
        fleet = workshop.fleet
        for i, way in enumerate(self.get_ways()):
            with self.subTest(way=way):
                drive = workshop.drive(workshop.device(), serial=f"D-{i}")
                part = fleet.bulk(f"PART-{i}")
                fleet.do(part, 'supplier', 'storage')
                drive.extracted_lot, drive.removed_on = part, TODAY
                drive.save()
                with self.assertRaises(DataGateError):
                    fleet.do(part, 'storage', way)
                workshop.erase(drive)
                fleet.do(part, 'storage', way)
