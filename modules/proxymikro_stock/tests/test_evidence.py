# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Evidence that can't be changed, and the gate that it opens."""
import datetime as dt

from trytond.modules.proxymikro_stock.exceptions import (
    DataGateError, DeclarationError, DeviceTestError, ErasureError,
    EvidenceAccessError, ReadyGateError)
from trytond.tests.test_tryton import TestCase, activate_module
from trytond.transaction import Transaction

from .fleet import count_queries
from .test_guard import TODAY
from .workshop import NOW, with_workshop


class SanitisationTestCase(TestCase):
    "Test the data gate"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    @with_workshop
    def test_not_concerned(self, workshop):
        "Test a screen holds no data, unless a drive is found in it"
        lot = workshop.device('screen')
        self.assertEqual(workshop.state(lot), 'none')
        self.assertEqual(workshop.reasons(lot), [])
        workshop.drive(lot, serial="D1")
        self.assertEqual(workshop.state(lot), 'to_erase')

    @with_workshop
    def test_unknown(self, workshop):
        "Test nothing known is not « no drive »"
        lot = workshop.device()
        self.assertEqual(workshop.state(lot), 'unknown')
        self.assertEqual(workshop.reasons(lot), [
                "it has no hardware report "
                "and nobody declared that there is no drive"])
        workshop.Report.attach(
            lot, b'{"class": "system", "vendor": "HP"}', 'lshw.json')
        self.assertEqual(workshop.state(lot), 'unknown')
        self.assertEqual(workshop.reasons(lot), [
                "its hardware report shows no drive "
                "and nobody declared that there is none"])

    @with_workshop
    def test_erased(self, workshop):
        "Test every drive must be erased with success and signed"
        lot = workshop.device()
        workshop.attach(lot)
        drive, = workshop.drives(lot)
        second = workshop.drive(lot, serial="SECOND")
        self.assertEqual(workshop.reasons(lot), [
                '"Drive Z3TEW4N7 (500 GB)" is not erased',
                '"Drive SECOND" is not erased'])
        workshop.erase(drive)
        self.assertTrue(workshop.Component(drive.id).erased)
        self.assertEqual(workshop.reasons(lot), [
                '"Drive SECOND" is not erased'])
        for result in ['partial', 'failed']:
            workshop.erase(second, result=result)
            self.assertEqual(workshop.state(lot), 'to_erase')
        draft = workshop.erase(second, sign=False, method='destroy', end=NOW)
        self.assertEqual(workshop.state(lot), 'to_erase')
        workshop.sign(draft)
        self.assertEqual(workshop.state(lot), 'to_erase')
        workshop.Erasure.countersign([workshop.Erasure(draft.id)])
        self.assertEqual(workshop.state(lot), 'erased')
        self.assertEqual(workshop.reasons(lot), [])

    @with_workshop
    def test_failed_since(self, workshop):
        "Test an erasure that failed denies those before"
        lot = workshop.device()
        drive = workshop.drive(lot, serial="D1")
        workshop.erase(drive)
        self.assertEqual(workshop.state(lot), 'erased')
        workshop.erase(drive, result='failed', end=NOW)
        self.assertEqual(workshop.state(lot), 'to_erase')

    @with_workshop
    def test_declaration(self, workshop):
        "Test a declaration, until a drive is found"
        lot = workshop.device()
        draft = workshop.declare(lot, sign=False)
        self.assertEqual(workshop.state(lot), 'unknown')
        workshop.Declaration.sign([draft])
        self.assertEqual(workshop.state(lot), 'diskless')
        self.assertEqual(workshop.reasons(lot), [])
        drive = workshop.drive(lot, serial="D1")
        self.assertEqual(workshop.state(lot), 'to_erase')
        with self.assertRaises(DeclarationError) as cm:
            workshop.declare(lot)
        self.assertIn("Drive D1", cm.exception.message)
        workshop.erase(drive)
        self.assertEqual(workshop.state(lot), 'erased')

    @with_workshop
    def test_taken_out(self, workshop):
        "Test a drive taken out unerased needs a later declaration"
        lot = workshop.device()
        workshop.declare(lot, date=TODAY - dt.timedelta(days=2))
        drive = workshop.drive(lot, serial="D1")
        drive.removed_on = TODAY
        drive.save()
        self.assertEqual(workshop.state(lot), 'unknown')
        self.assertEqual(
            workshop.reasons(lot), ['"Drive D1" is not erased'])
        workshop.declare(lot)
        self.assertEqual(workshop.state(lot), 'diskless')

    @with_workshop
    def test_part(self, workshop):
        "Test a drive that became a part is held instead of its device"
        lot = workshop.device()
        drive = workshop.drive(lot, serial="D1")
        part = workshop.fleet.bulk("PART-1")
        self.assertEqual(workshop.state(part), 'none')
        drive.extracted_lot, drive.removed_on = part, TODAY
        drive.save()
        self.assertEqual(workshop.state(part), 'to_erase')
        self.assertEqual(
            workshop.reasons(part), ['"Drive D1" is not erased'])
        self.assertEqual(workshop.reasons(lot), [])
        workshop.erase(drive)
        self.assertEqual(workshop.state(part), 'erased')
        self.assertEqual(workshop.state(lot), 'erased')
        self.assertEqual(workshop.reasons(part), [])

    @with_workshop
    def test_constant_queries(self, workshop):
        "Test the number of queries doesn't depend on that of devices"
        lots = [workshop.device() for _ in range(12)]
        for i, lot in enumerate(lots):
            workshop.drive(lot, serial=f"D{i}")

        def count(func, lots):
            lots = workshop.fleet.Lot.browse([l.id for l in lots])
            Transaction().cache.clear()
            with count_queries() as queries:
                self.assertEqual(len(func(lots)), len(lots))
            return len(queries)
        for name in ['data_holds', 'test_holds']:
            func = getattr(workshop.fleet.Lot, name)
            func(lots[:2])
            self.assertEqual(count(func, lots[:2]), count(func, lots))

    @with_workshop
    def test_gate(self, workshop):
        "Test a device is made ready only erased and tested"
        fleet = workshop.fleet
        lot = workshop.device()
        fleet.do(lot, 'input', 'workshop')
        with self.assertRaises(DataGateError):
            fleet.do(lot, 'workshop', 'ready')
        workshop.declare(lot)
        with self.assertRaises(ReadyGateError) as cm:
            fleet.do(lot, 'workshop', 'ready')
        self.assertIn("never tested", cm.exception.message)
        workshop.test(lot, 'failed')
        with self.assertRaises(ReadyGateError) as cm:
            fleet.do(lot, 'workshop', 'ready')
        self.assertIn("failed", cm.exception.message)
        workshop.test(lot, 'passed')
        fleet.do(lot, 'workshop', 'ready')


class SignatureTestCase(TestCase):
    "Test what it takes to sign"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    @with_workshop
    def test_erasure_incomplete(self, workshop):
        "Test an erasure is signed with all that proves it"
        drive = workshop.drive(workshop.device(), serial="D1")
        for name in ['method', 'technique', 'tool', 'start', 'end', 'result',
                'operator']:
            with self.subTest(name=name), self.assertRaises(
                    ErasureError) as cm:
                workshop.erase(drive, **{name: None})
            self.assertIn("Drive D1", cm.exception.message)
            self.assertIn(name.title(), cm.exception.message)

    @with_workshop
    def test_erasure_dates(self, workshop):
        "Test an erasure ends after its start and before now"
        drive = workshop.drive(workshop.device(), serial="D1")
        with self.assertRaises(ErasureError):
            workshop.erase(drive, end=NOW - dt.timedelta(hours=4))
        with self.assertRaises(ErasureError):
            workshop.erase(drive, end=NOW + dt.timedelta(hours=4))

    @with_workshop
    def test_erasure_sealed(self, workshop):
        "Test a signed erasure can't be changed, a draft can"
        drive = workshop.drive(workshop.device(), serial="D1")
        erasure = workshop.erase(drive)
        for values in [{'result': 'failed'}, {'operator': None},
                {'state': 'draft'}, {'end': NOW}]:
            with self.subTest(values=values), self.assertRaises(
                    EvidenceAccessError):
                erasure.write([erasure], values)
        with self.assertRaises(EvidenceAccessError):
            erasure.delete([erasure])
        # nor may the drive that it names
        with self.assertRaises(EvidenceAccessError):
            drive.write([drive], {'serial': "D2"})
        draft = workshop.erase(drive, sign=False)
        draft.tool = "hdparm"
        draft.save()
        draft.delete([draft])

    @with_workshop
    def test_copy(self, workshop):
        "Test a copy of a signed erasure is a draft that proves nothing"
        lot = workshop.device()
        drive = workshop.drive(lot, serial="D1")
        erasure, = workshop.Erasure.copy([workshop.erase(drive)])
        self.assertEqual((erasure.state, erasure.result), ('draft', None))

    @with_workshop
    def test_declaration_signed(self, workshop):
        "Test a declaration has a date, a person and no change"
        lot = workshop.device()
        with self.assertRaises(DeclarationError):
            workshop.declare(lot, signed_by=None)
        with self.assertRaises(DeclarationError):
            workshop.declare(lot, date=TODAY + dt.timedelta(days=1))
        declaration = workshop.declare(lot)
        with self.assertRaises(EvidenceAccessError):
            declaration.write([declaration], {'reason': 'none_found'})
        with self.assertRaises(EvidenceAccessError):
            declaration.delete([declaration])

    @with_workshop
    def test_test(self, workshop):
        "Test a test gives its grades to the device and is sealed"
        lot = workshop.device()
        with self.assertRaises(DeviceTestError):
            workshop.test(lot, None)
        with self.assertRaises(DeviceTestError):
            workshop.test(lot, date=TODAY + dt.timedelta(days=1))
        test = workshop.test(lot, grade_appearance='B', grade_function='A')
        lot = workshop.fleet.Lot(lot.id)
        self.assertEqual(
            (lot.grade_appearance, lot.grade_function), ('B', 'A'))
        with self.assertRaises(EvidenceAccessError):
            test.write([test], {'result': 'failed'})
        # An older test that is typed later doesn't count as the last
        workshop.test(lot, 'failed', date=TODAY - dt.timedelta(days=1))
        self.assertEqual(workshop.fleet.Lot.test_holds([lot]), {})
