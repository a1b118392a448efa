# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Which lent devices are to replace, and their swap plan."""
import datetime as dt

from trytond.modules.proxymikro_stock.exceptions import SwapPlanError
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module
from trytond.transaction import Transaction

from .fleet import count_queries, with_company
from .test_loan import ready

TODAY = dt.date.today()


def lend(fleet, borrower, lots, place=None):
    Loan = Pool().get('stock.loan')
    loan, = Loan.create([{
                'company': fleet.company.id, 'borrower': borrower.id,
                'place': place and place.id,
                'start_date': TODAY, 'end_date': TODAY,
                'lines': [('create', [{'lot': l.id} for l in lots])]}])
    Loan.reserve([loan])
    Loan.deliver([loan])
    return Loan(loan.id)


def count(lots, date, seen):
    "Count the lots, all at one member's"
    pool = Pool()
    Inventory = pool.get('stock.inventory')
    Line = pool.get('stock.inventory.line')
    inventory = Inventory(
        location=lots[0].location, date=date, empty_quantity='keep')
    inventory.save()
    Inventory.complete_lines([inventory])
    lines = Inventory(inventory.id).lines
    for line in lines:
        line.quantity = 1 if line.lot in seen else None
    Line.save(lines)
    Inventory.confirm([inventory])


class ReplacementTestCase(TestCase):
    "Test the list of what is to replace and the swap plan"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    def party(self, name):
        party, = Pool().get('party.party').create([{'name': name}])
        return party

    def specify(self, **values):
        Specification = Pool().get('device.specification')
        Specification.create([{'kind': 'screen', **values}])

    def reasons(self):
        pool = Pool()
        Replacement = pool.get('device.replacement')
        names = [
            'low_memory', 'low_storage', 'old_processor', 'unsupported',
            'too_old', 'often_broken', 'not_seen']
        return {
            r.lot: {n for n in names if getattr(r, n)}
            for r in Replacement.search([])}

    @with_company
    def test_reasons(self, fleet):
        "Each reason makes a device one to replace, and only when it holds"
        pool = Pool()
        System = pool.get('device.system')
        yesterday = TODAY - dt.timedelta(days=1)
        ended, last_day = System.create([
                {'name': "Old", 'end_date': yesterday},
                {'name': "Last day", 'end_date': TODAY}])
        self.specify(memory=8, storage=100, processor_year=2015, max_issues=2)
        self.specify(memory=1000, end_date=yesterday)
        lots = [ready(fleet) for _ in range(7)]
        lend(fleet, self.party("School"), lots)
        for lot, values in zip(lots, [
                    {'attributes': {'memory': 8, 'storage': 100,
                            'processor_year': 2015}},
                    {'attributes': {'memory': 4.5}},
                    {'attributes': {'storage': 64}},
                    {'attributes': {'processor_year': 2014}},
                    {'system': ended.id},
                    {'system': last_day.id},
                    {},
                    ]):
            fleet.Lot.write([lot], values)
        Issue = pool.get('device.issue')
        Issue.create([
                {'lot': lot.id, 'text': "Broken", 'date': date}
                for lot, date in [
                    (lots[6], TODAY), (lots[6], yesterday),
                    (lots[0], TODAY), (lots[0], dt.date(2020, 1, 1))]])
        self.assertEqual(self.reasons(), {
                lots[1]: {'low_memory'}, lots[2]: {'low_storage'},
                lots[3]: {'old_processor'}, lots[4]: {'unsupported'},
                lots[6]: {'often_broken'}})

    @with_company
    def test_not_seen(self, fleet):
        "A device is to replace when the last inventory did not see it"
        Replacement = Pool().get('device.replacement')
        lots = [ready(fleet) for _ in range(3)]
        lend(fleet, self.party("School"), lots)
        seen, missed, found = lots = fleet.Lot.browse(lots)
        count(lots, TODAY, {seen})
        self.assertEqual(
            self.reasons(), {missed: {'not_seen'}, found: {'not_seen'}})
        count(lots, TODAY + dt.timedelta(days=1), {seen, found})
        self.assertEqual(self.reasons(), {missed: {'not_seen'}})
        record, = Replacement.search([('not_seen', '=', True)])
        self.assertEqual(record.reasons, "Not Seen at the Last Inventory")
        self.assertEqual(
            [l.seen_on for l in fleet.Lot.browse(lots)],
            [TODAY + dt.timedelta(days=1), None,
                TODAY + dt.timedelta(days=1)])
        self.assertEqual(
            fleet.Lot.search([('seen_on', '>', TODAY)]), [seen, found])

    @with_company
    def test_found_elsewhere(self, fleet):
        "What was missed in one place and transferred to another is seen"
        Line = Pool().get('stock.loan.line')
        Location = Pool().get('stock.location')
        school, annex = self.party("School"), self.party("Annex")
        lots = [ready(fleet), ready(fleet)]
        lend(fleet, school, lots)
        moved, missed = lots = fleet.Lot.browse(lots)
        count(lots, TODAY, set())
        self.assertEqual(set(self.reasons()), {moved, missed})
        Line.transfer(
            moved, Location.get_borrower_location(
                school, annex, fleet.company), TODAY)
        self.assertEqual(self.reasons(), {missed: {'not_seen'}})

    @with_company
    def test_age(self, fleet):
        "The age counts from the collection"
        pool = Pool()
        lots = [ready(fleet) for _ in range(2)]
        lend(fleet, self.party("School"), lots)
        self.specify(max_age=5)
        ShipmentIn = pool.get('stock.shipment.in')
        regime = fleet.ref('proxymikro_stock.gift_regime_company')
        for lot, years in zip(lots, [5, 4]):
            collection, = ShipmentIn.create([{
                        'supplier': fleet.donor.id,
                        'gift_regime': regime.id,
                        'warehouse': fleet.loc('warehouse').id,
                        'warehouse_input': fleet.loc('input').id,
                        'warehouse_storage': fleet.loc('input').id,
                        'effective_date': dt.date(TODAY.year - years, 6, 1)}])
            fleet.Lot.write([lot], {'collection': collection.id})
        self.assertEqual(self.reasons(), {lots[0]: {'too_old'}})

    def plan(self, location):
        pool = Pool()
        Plan = pool.get('device.swap.plan', type='wizard')
        session_id, _, _ = Plan.create()
        plan = Plan(session_id)
        plan.start.location, plan.start.date = location, TODAY
        plan.start.on_change_location()
        return plan

    @with_company
    def test_swap_plan(self, fleet):
        "Ready devices replace those of one place, the others wait"
        pool = Pool()
        old = [ready(fleet) for _ in range(3)]
        school = self.party("School")
        loan = lend(fleet, school, old)
        elsewhere = ready(fleet)
        lend(fleet, self.party("Elsewhere"), [elsewhere])
        self.specify(memory=8)
        for lot in old + [elsewhere]:
            fleet.Lot.write([lot], {'attributes': {'memory': 4}})
        small, booked = ready(fleet), ready(fleet)
        fleet.Lot.write([small], {'attributes': {'memory': 2}})
        Loan = pool.get('stock.loan')
        reserved, = Loan.create([{
                    'company': fleet.company.id, 'borrower': school.id,
                    'start_date': TODAY, 'end_date': TODAY,
                    'lines': [('create', [{'lot': booked.id}])]}])
        Loan.reserve([reserved])
        place = fleet.place(old[0])
        with self.assertRaises(SwapPlanError):
            self.plan(place).transition_swap()

        new = [ready(fleet) for _ in range(2)]
        plan = self.plan(place)
        self.assertEqual(
            [(n.lot, n.replacement) for n in plan.start.lines],
            list(zip(old, new + [None])))
        plan.transition_swap()
        self.assertEqual(
            {l: fleet.place(l) for l in new}, dict.fromkeys(new, place))
        self.assertEqual(
            [fleet.place(l) for l in old],
            [fleet.loc('input'), fleet.loc('input'), place])
        loan = Loan(loan.id)
        self.assertEqual(loan.state, 'running')
        self.assertEqual(
            {n.open_device for n in loan.lines}, {None, old[2], *new})
        self.assertEqual(set(self.reasons()), {old[2], elsewhere})

    @with_company
    def test_swap_twice(self, fleet):
        "A ready device replaces only one"
        old = [ready(fleet) for _ in range(2)]
        lend(fleet, self.party("School"), old)
        self.specify(memory=8)
        for lot in old:
            fleet.Lot.write([lot], {'attributes': {'memory': 4}})
        new = ready(fleet)
        plan = self.plan(fleet.place(old[0]))
        for line in plan.start.lines:
            line.replacement = new
        with self.assertRaises(SwapPlanError):
            plan.transition_swap()

    @with_company
    def test_queries(self, fleet):
        "The list takes as many queries for one device as for ten"
        Replacement = Pool().get('device.replacement')
        self.specify(memory=8)
        school = self.party("School")
        counts = []
        for size in [1, 1, 8]:
            lots = [ready(fleet) for _ in range(size)]
            lend(fleet, school, lots)
            for lot in lots:
                fleet.Lot.write([lot], {'attributes': {'memory': 4}})
            Transaction().cache.clear()
            with count_queries() as queries:
                for record in Replacement.search([]):
                    self.assertEqual(record.reasons, "Not Enough Memory")
            counts.append(len(queries))
        self.assertEqual(counts[1], counts[2])
