# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is sealed can't be changed unseen, even in the database."""
import datetime as dt

from trytond.model.exceptions import AccessError
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module
from trytond.transaction import Transaction

from .fleet import count_queries
from .test_guard import TODAY
from .workshop import NOW, with_workshop

# What someone may want to change in an erasure
EDITS = [
    ('result', 'failed'), ('method', 'purge'), ('drive_serial', "OTHER"),
    ('device_serial', "OTHER"), ('operator', None), ('validator', None),
    ('end', NOW), ('verification', 50), ('bad_sectors', 3),
    ('number', "EFF-X"), ('tool', "other"), ('drive_capacity', 1),
    ('state', 'signed')]


class SealTestCase(TestCase):
    "Test the chain of the seals"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    def setUp(self):
        super().setUp()
        self.edits = []

    def make(self, workshop, count):
        "Return as many erasures that are signed twice, and sealed"
        lot = workshop.device()
        drives = workshop.Component.create([{
                    'lot': lot.id, 'kind': 'drive', 'serial': f'D{i}'}
                for i in range(count)])
        erasures = workshop.Erasure.create([{
                    'component': drive.id, 'method': 'clear',
                    'technique': "One pass of zeros", 'tool': "nwipe",
                    'start': NOW - dt.timedelta(hours=3),
                    'end': NOW - dt.timedelta(hours=2), 'result': 'success',
                    'operator': workshop.employee.id} for drive in drives])
        workshop.sign(*erasures)
        workshop.Erasure.countersign(workshop.Erasure.browse(erasures))
        self.seal()
        return workshop.Erasure.browse(erasures)

    def seal(self):
        Pool().get('evidence.seal').seal()

    def verify(self, known=None):
        Transaction().cache.clear()
        return Pool().get('evidence.seal').verify(known)['problems']

    def write(self, table, id_, name, value):
        "Change the column behind the back of the application"
        cursor = Transaction().connection.cursor()
        column = getattr(table, name)
        cursor.execute(*table.select(column, where=table.id == id_))
        before, = cursor.fetchone()
        cursor.execute(*table.update(
                [column], [value], where=table.id == id_))
        return before

    @with_workshop
    def test_tamper(self, workshop):
        "Test an edit of any of 100 records is found, and it alone is named"
        erasures = self.make(workshop, 100)
        self.assertEqual(self.verify(), [])
        table = workshop.Erasure.__table__()
        for i, erasure in enumerate(erasures):
            name, value = EDITS[i % len(EDITS)]
            before = self.write(table, erasure.id, name, value)
            with self.subTest(i=i, name=name):
                problem, = self.verify()
                self.assertIn(f'"Drive D{i}" (number {erasure.id})', problem)
                self.assertIn("was changed after it was sealed", problem)
            self.write(table, erasure.id, name, before)
        self.assertEqual(self.verify(), [])

    @with_workshop
    def test_tamper_seal(self, workshop):
        "Test an edit of a seal is found, and it alone is named"
        self.make(workshop, 3)
        Seal = Pool().get('evidence.seal')
        table = Seal.__table__()
        seal, = Seal.search([('rank', '=', 2)])
        for name, value in [
                ('digest', 'x'), ('hash', 'x'),
                ('date', NOW - dt.timedelta(days=1))]:
            before = self.write(table, seal.id, name, value)
            with self.subTest(name=name):
                problem, = self.verify()
                self.assertIn('The seal 2 of Device Erasure "Drive D1"', problem)
            self.write(table, seal.id, name, before)
        self.assertEqual(self.verify(), [])

    @with_workshop
    def test_removed(self, workshop):
        "Test a record, or a seal, that was removed is missed"
        first, second, third = self.make(workshop, 3)
        Seal = Pool().get('evidence.seal')
        cursor = Transaction().connection.cursor()
        table = workshop.Erasure.__table__()
        cursor.execute(*table.delete(where=table.id == second.id))
        problem, = self.verify()
        self.assertIn(f"Device Erasure number {second.id}, sealed on", problem)
        table = Seal.__table__()
        cursor.execute(*table.delete(where=table.rank == 2))
        problem, = self.verify()
        self.assertIn("The seals before the seal 3", problem)
        self.assertIn("Drive D2", problem)

    @with_workshop
    def test_rewritten(self, workshop):
        "Test a chain that was computed again misses the hash that was noted"
        self.make(workshop, 3)
        Seal = Pool().get('evidence.seal')
        seal, = Seal.search([('rank', '=', 3)])
        self.assertEqual(self.verify(seal.hash), [])
        cursor = Transaction().connection.cursor()
        table = Seal.__table__()
        cursor.execute(*table.delete())
        erasure = workshop.Erasure.__table__()
        cursor.execute(*erasure.update([erasure.tool], ["other"]))
        Transaction().cache.clear()
        self.seal()
        self.assertEqual(self.verify(), [])
        problem, = self.verify(seal.hash)
        self.assertIn(seal.hash, problem)

    @with_workshop
    def test_what_is_final(self, workshop):
        "Test what is final is sealed, once, and nothing else"
        Seal = Pool().get('evidence.seal')
        lot = workshop.device()
        drive = workshop.drive(lot, serial="D1")
        workshop.erase(drive, sign=False)
        waiting = workshop.erase(drive, countersign=False)
        failed = workshop.erase(drive, result='failed')
        declared = workshop.declare(workshop.device())
        workshop.declare(workshop.device(), sign=False)
        for _ in range(2):
            self.seal()
            self.assertEqual(
                {str(s.resource) for s in Seal.search([])},
                {str(failed), str(declared)})
        self.assertTrue(workshop.Erasure(failed.id).sealed_at)
        self.assertFalse(workshop.Erasure(waiting.id).sealed_at)
        workshop.Erasure.countersign([waiting])
        self.seal()
        self.assertEqual(
            [s.rank for s in Seal.search([
                        ('model', '=', 'device.erasure')],
                    order=[('rank', 'ASC')])], [1, 2])
        self.assertEqual(
            workshop.Erasure.search([('sealed_at', '!=', None)]),
            workshop.Erasure.search([
                    ('id', 'in', [failed.id, waiting.id])]))

    @with_workshop
    def test_log(self, workshop):
        "Test the file of the tool is sealed with the erasure"
        Log = Pool().get('device.erasure.log')
        workshop.drive(workshop.device(), serial="Z3TEW4N7")
        workshop.attach_log()
        erasure, = workshop.Erasure.search([])
        workshop.Erasure.countersign([erasure])
        self.seal()
        self.assertEqual(self.verify(), [])
        self.write(Log.__table__(), erasure.wipe_log.id, 'file', b'other')
        problem, = self.verify()
        self.assertIn("Drive Z3TEW4N7", problem)

    @with_workshop
    def test_names_may_change(self, workshop):
        "Test the people and the device may change their names"
        erasure, = self.make(workshop, 1)
        workshop.employee.party.name = "Camille Martin"
        workshop.employee.party.save()
        lot = erasure.lot
        lot.serial_number = "H9"
        lot.save()
        drive = workshop.Component(erasure.component.id)
        drive.removed_on = TODAY
        drive.save()
        self.assertEqual(self.verify(), [])

    @with_workshop
    def test_access(self, workshop):
        "Test nobody writes or removes a seal"
        self.make(workshop, 1)
        Seal = Pool().get('evidence.seal')
        seal, = Seal.search([])
        with self.assertRaises(AccessError):
            Seal.write([seal], {'digest': 'x'})
        with self.assertRaises(AccessError):
            Seal.delete([seal])
        with (Transaction().set_context(_check_access=True),
                self.assertRaises(AccessError)):
            Seal.create([{
                        'model': 'device.erasure', 'record': 99, 'rank': 2,
                        'date': NOW, 'digest': 'x', 'hash': 'x'}])
        self.assertEqual(Seal.copy([seal]), [])

    @with_workshop
    def test_nothing_when_writing(self, workshop):
        "Test signing asks nothing of the seals"
        drive = workshop.drive(workshop.device(), serial="D1")
        with count_queries() as queries:
            workshop.erase(drive)
        self.assertFalse([q for q in queries if 'evidence_seal' in q[0]
                and 'SELECT' not in q[0]])

    @with_workshop
    def test_screen(self, workshop):
        "Test the screen says until when all is sealed, and seals"
        lot = workshop.device()
        Verify = Pool().get('evidence.seal.verify', type='wizard')
        workshop.declare(lot)
        session_id, _, _ = Verify.create()
        text = Verify.execute(
            session_id, {}, 'verify')['view']['defaults']['text']
        self.assertIn("Device Declaration: no seal yet, 1 to seal.", text)
        self.assertIn("The seals are sound.", text)
        text = Verify.execute(
            session_id, {'verify': {'text': text}}, 'seal'
            )['view']['defaults']['text']
        self.assertIn("Device Declaration: sealed until", text)
        self.assertIn("1 seals, 0 to seal", text)
