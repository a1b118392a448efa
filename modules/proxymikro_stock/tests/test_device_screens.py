# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the boards, the graphs and the time line say of the devices."""
import datetime as dt

from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module
from trytond.transaction import Transaction

from .fleet import count_queries, with_company

TODAY = dt.date.today()


def days_ago(days):
    return TODAY - dt.timedelta(days=days)


class DeviceScreensTestCase(TestCase):
    "Test the screens on the devices"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    def test_device(self, fleet, lot):
        employee_party, = Pool().get('party.party').create(
            [{'name': "Camille"}])
        employee, = Pool().get('company.employee').create([{
                    'company': fleet.company.id,
                    'party': employee_party.id}])
        Test = Pool().get('device.test')
        test, = Test.create([{
                    'lot': lot.id, 'result': 'passed', 'date': days_ago(4),
                    'employee': employee.id}])
        Test.pass_([test])
        Test.do([test])
        return test, employee
    test_device.__test__ = False

    @with_company
    def test_events(self, fleet):
        "The time line has one line per event, the last one first"
        lot, other = fleet.lot(), fleet.lot()
        fleet.do(lot, 'supplier', 'input', date=days_ago(9))
        fleet.do(other, 'supplier', 'input', date=days_ago(9))
        fleet.do(lot, 'input', 'workshop', date=days_ago(5))
        test, employee = self.test_device(fleet, lot)
        fleet.do(lot, 'workshop', 'ready', date=days_ago(3))
        events = fleet.Lot(lot.id).events
        self.assertEqual(
            [(e.date, e.location and e.location.stage) for e in events], [
                (days_ago(3), 'ready'), (days_ago(4), None),
                (days_ago(5), 'workshop'), (days_ago(9), 'reception')])
        self.assertEqual(events[1].document, test)
        self.assertEqual(events[1].employee, employee)

    @with_company
    def test_draft_events(self, fleet):
        "What is not done is no event"
        lot = fleet.lot()
        fleet.move(lot, 'supplier', 'input')
        Pool().get('device.test').create([{'lot': lot.id}])
        self.assertEqual(fleet.Lot(lot.id).events, ())

    @with_company
    def test_statistics(self, fleet):
        "The devices are counted where they are"
        Statistics = Pool().get('device.statistics')
        for _ in range(3):
            fleet.do(fleet.lot(), 'supplier', 'input')
        fleet.do(fleet.lot('desktop'), 'supplier', 'input')
        moved = fleet.lot()
        fleet.do(moved, 'supplier', 'input')
        fleet.do(moved, 'input', 'workshop')
        with Transaction().set_context(company=fleet.company.id):
            rows = Statistics.search([])
            self.assertEqual({(r.stage, r.kind): r.count for r in rows}, {
                    ('reception', 'screen'): 3,
                    ('reception', 'desktop'): 1,
                    ('workshop', 'screen'): 1,
                    })
            # What the graphs show are words, not keys
            self.assertEqual(
                {(r.stage_name, r.kind_name) for r in rows}, {
                    ("Reception", "Screen"), ("Reception", "Desktop"),
                    ("Workshop", "Screen")})

    @with_company
    def test_place(self, fleet):
        "Each device was where its last move of the day put it"
        Place = Pool().get('device.place')
        lots = [fleet.lot() for _ in range(2)]
        for lot in lots:
            fleet.do(lot, 'supplier', 'input', date=days_ago(9))
        fleet.do(lots[0], 'input', 'workshop', date=days_ago(5))
        fleet.do(lots[0], 'workshop', 'parts', date=days_ago(5))
        expected = {
            10: {},
            9: {lots[0]: 'reception', lots[1]: 'reception'},
            5: {lots[0]: 'parts', lots[1]: 'reception'},
            }
        for days, places in expected.items():
            with self.subTest(days=days), Transaction().set_context(
                    device_date=days_ago(days)):
                self.assertEqual(
                    {p.lot: p.stage for p in Place.search([])}, places)

    @with_company
    def test_place_queries(self, fleet):
        "As many queries for many devices as for one"
        Place = Pool().get('device.place')

        def count(expected):
            with count_queries() as queries:
                rows = Place.search_read([], fields_names=['lot', 'stage'])
            self.assertEqual(len(rows), expected)
            return len(queries)

        fleet.do(fleet.lot(), 'supplier', 'input')
        count(1)
        queries = count(1)
        for _ in range(8):
            fleet.do(fleet.lot(), 'supplier', 'input')
        self.assertEqual(count(9), queries)
