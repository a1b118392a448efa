# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What makes a device pass its test, and how long the test is worth."""
import datetime as dt

from trytond.modules.proxymikro_stock.exceptions import (
    DeviceTestError, EvidenceAccessError, ReadyGateError)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module
from trytond.transaction import Transaction, check_access

from .workshop import act_as, with_workshop

TODAY = dt.date.today()


class ChecklistTestCase(TestCase):
    "Test the checklists and the tests that follow them"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    def draft(self, workshop, kind='screen', **values):
        test, = workshop.Test.create([{
                    'lot': workshop.device(kind).id,
                    'employee': workshop.employee.id, **values}])
        return test

    def answer(self, test, *results):
        for line, result in zip(test.lines, results):
            line.result = result
            line.save()

    def employee(self, workshop, name):
        "Be another employee"
        pool = Pool()
        User = pool.get('res.user')
        party, = pool.get('party.party').create([{'name': name}])
        employee, = pool.get('company.employee').create([{
                    'company': workshop.fleet.company.id,
                    'party': party.id}])
        User.write([User(Transaction().user)], {
                'employees': [('add', [employee.id])],
                'employee': employee.id})
        return employee

    def lend_and_return(self, fleet, lot):
        Location = Pool().get('stock.location')
        borrower, = Pool().get('party.party').create([{'name': "School"}])
        place = Location.get_borrower_location(
            borrower, borrower, fleet.company)
        for from_, to in [
                (fleet.loc('ready'), place), (place, fleet.loc('input'))]:
            move = fleet.Move(
                lot=lot, product=lot.product, quantity=1,
                unit=lot.product.default_uom,
                from_location=from_, to_location=to)
            move.save()
            fleet.Move.do([move])

    @with_workshop
    def test_shipped(self, workshop):
        "Test each kind that is shipped has checks, once each"
        Checklist = Pool().get('device.checklist')
        for kind in ['desktop', 'laptop', 'screen', 'tablet', 'printer']:
            with self.subTest(kind=kind):
                checklist, = Checklist.search([('device_kind', '=', kind)])
                names = [n.name for n in checklist.lines]
                self.assertGreaterEqual(len(names), 7)
                self.assertEqual(len(names), len(set(names)))

    @with_workshop
    def test_copied(self, workshop):
        "Test a test keeps the checks of its day"
        Checklist = Pool().get('device.checklist')
        test = self.draft(workshop)
        checklist, = Checklist.search([('device_kind', '=', 'screen')])
        names = [n.name for n in checklist.lines]
        self.assertEqual([n.name for n in test.lines], names)
        checklist.lines = checklist.lines[1:]
        checklist.save()
        self.assertEqual([n.name for n in self.draft(workshop).lines],
            names[1:])
        self.assertEqual(
            [n.name for n in workshop.Test(test.id).lines], names)

    @with_workshop
    def test_result(self, workshop):
        "Test the result follows the checks"
        count = len(self.draft(workshop).lines)
        for answers, result in [
                (['passed'] * count, 'passed'),
                (['passed'] * (count - 1) + ['na'], 'passed'),
                (['failed'], 'failed'),
                (['passed'] * (count - 1) + ['failed'], 'failed'),
                ]:
            with self.subTest(answers=answers):
                test = self.draft(workshop)
                self.answer(test, *answers)
                test = workshop.Test(test.id)
                workshop.Test.do([test])
                self.assertEqual(test.result, result)
                test.on_change_lines()
                self.assertEqual(test.result, result)

    @with_workshop
    def test_incomplete(self, workshop):
        "Test nothing passes before each check is answered"
        test = self.draft(workshop, result='passed')
        self.answer(test, *['passed'] * (len(test.lines) - 1))
        with self.assertRaises(DeviceTestError) as cm:
            workshop.Test.do([workshop.Test(test.id)])
        self.assertIn(test.lines[-1].name, cm.exception.message)
        # What does not apply anywhere proves nothing
        test = self.draft(workshop)
        self.answer(test, *['na'] * len(test.lines))
        with self.assertRaises(DeviceTestError):
            workshop.Test.do([workshop.Test(test.id)])
        # A device may fail for a reason that no check foresees
        test = self.draft(workshop, result='failed')
        workshop.Test.do([test])
        self.assertEqual(test.result, 'failed')
        # A failed check can't be outvoted
        test = self.draft(workshop, result='passed')
        self.answer(test, 'failed')
        workshop.Test.do([workshop.Test(test.id)])
        self.assertEqual(workshop.Test(test.id).result, 'failed')

    @with_workshop
    def test_pass_the_rest(self, workshop):
        "Test what is answered stays, the rest passes"
        test = self.draft(workshop)
        self.answer(test, 'na')
        workshop.Test.pass_([workshop.Test(test.id)])
        test = workshop.Test(test.id)
        self.assertEqual(test.result, 'passed')
        self.assertEqual(
            [n.result for n in test.lines],
            ['na'] + ['passed'] * (len(test.lines) - 1))

    @with_workshop
    def test_sealed(self, workshop):
        "Test the checks of a done test can't be changed"
        Line = Pool().get('device.test.line')
        test = workshop.test(workshop.device('screen'))
        line = test.lines[0]
        for act in [
                lambda: Line.write([line], {'result': 'failed'}),
                lambda: Line.delete([line]),
                lambda: workshop.Test.write(
                    [test], {'done_at': dt.datetime.now()}),
                ]:
            with self.assertRaises(EvidenceAccessError):
                act()
        with check_access(), self.assertRaises(EvidenceAccessError):
            Line.create([{'test': test.id, 'name': "One more"}])

    @with_workshop
    def test_returned(self, workshop):
        "Test a device that comes back needs a new test"
        fleet = workshop.fleet
        lot = workshop.device('screen')
        workshop.test(lot)
        fleet.do(lot, 'input', 'ready')
        self.lend_and_return(fleet, lot)
        with self.assertRaises(ReadyGateError) as cm:
            fleet.do(lot, 'input', 'ready')
        self.assertIn("came back", cm.exception.message)
        # Nor is one that is typed later for the days before
        workshop.test(lot, date=TODAY - dt.timedelta(days=1))
        with self.assertRaises(ReadyGateError):
            fleet.do(lot, 'input', 'ready')
        workshop.test(lot)
        fleet.do(lot, 'input', 'ready')

    @with_workshop
    def test_second_person(self, workshop):
        "Test the setting asks for another person than the tester"
        Configuration = Pool().get('stock.configuration')
        fleet = workshop.fleet
        Configuration(1).write([Configuration(1)], {'test_approval': True})
        lot = workshop.device('screen')
        test = workshop.test(lot)
        with self.assertRaises(ReadyGateError) as cm:
            fleet.do(lot, 'input', 'ready')
        self.assertIn("second person", cm.exception.message)
        act_as(None)
        with self.assertRaises(DeviceTestError):
            # The user is no employee
            workshop.Test.approve([test])
        second = self.employee(workshop, "Dominique")
        own = workshop.test(
            workshop.device('screen'), employee=second.id)
        with self.assertRaises(DeviceTestError):
            workshop.Test.approve([own])
        with check_access(), self.assertRaises(EvidenceAccessError):
            workshop.Test.write([test], {'approved_by': second.id})
        workshop.Test.approve([test])
        self.assertEqual(workshop.Test(test.id).approved_by, second)
        fleet.do(lot, 'input', 'ready')
