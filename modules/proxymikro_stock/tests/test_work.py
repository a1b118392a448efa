# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What a work order does to devices and parts."""
import csv
import datetime as dt
import io
from decimal import Decimal

from trytond.model.exceptions import DomainValidationError
from trytond.modules.proxymikro_stock.exceptions import (
    DataGateError, DeviceWorkError, EvidenceAccessError, PlaceError,
    ReadyGateError)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module
from trytond.transaction import Transaction, check_access

from .workshop import with_workshop

TODAY = dt.date.today()


class Bench:
    "What the tests repair"

    def __init__(self, workshop):
        pool = Pool()
        self.workshop, self.fleet = workshop, workshop.fleet
        self.Work = pool.get('device.work')
        self.Component = pool.get('device.component')
        self.Lot = pool.get('stock.lot')
        unit, = pool.get('product.uom').search([('symbol', '=', "u")])
        template, = pool.get('product.template').create([{
                    'name': "Solid State Drive", 'type': 'goods',
                    'default_uom': unit.id, 'lot_uom': unit.id,
                    'cost_price_method': 'fixed',
                    'lot_sequence': self.fleet.ref(
                        'proxymikro_stock.sequence_device').id,
                    'products': [('create', [{
                                    'cost_price': Decimal('25')}])]}])
        self.product, = template.products
        self.device = workshop.device('desktop')

    def part(self, serial="P1"):
        "Return a part that waits in the parts store"
        part, = self.Lot.create([{
                    'number': serial, 'serial_number': serial,
                    'product': self.product.id, 'unit': self.product.lot_uom,
                    'unit_quantity': 1}])
        self.fleet.do(part, 'supplier', 'parts')
        return self.Lot(part.id)

    def work(self, device=None, **values):
        work, = self.Work.create([{
                    'lot': (device or self.device).id, **values}])
        self.Work.run([work])
        return self.Work(work.id)

    def fit(self, part, device=None, **values):
        return self.end(device, parts=[('create', [{
                            'lot': part.id, 'kind': 'drive'}])], **values)

    def take_out(self, component, device=None, **values):
        return self.end(device, removals=[('create', [{
                            'component': component.id, 'kind': 'drive',
                            'product': self.product.id}])], **values)

    def end(self, device=None, **values):
        work = self.work(device, **{'outcome': 'fixed', **values})
        self.Work.do([work])
        return self.Work(work.id)

    def state(self, lot):
        return self.workshop.state(lot)


def with_bench(func):
    @with_workshop
    def wrapper(self, workshop):
        func(self, Bench(workshop))
    return wrapper


class WorkTestCase(TestCase):
    "Test the work orders"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    @with_bench
    def test_fit(self, bench):
        "Test a part fitted leaves its store for a component of the device"
        part = bench.part()
        work = bench.fit(part)
        self.assertEqual(work.state, 'done')
        line, = work.parts
        component, = bench.Component.search([('lot', '=', bench.device.id)])
        self.assertEqual(line.component, component)
        self.assertEqual(
            (component.kind, component.serial, component.installed_on,
                component.part, component.fitted_by),
            ('drive', "P1", TODAY, part, work))
        part = bench.Lot(part.id)
        self.assertEqual(part.location, bench.fleet.loc('work'))
        self.assertEqual(part.host, bench.device)
        self.assertEqual(part.current_move.origin, work)
        # The device did not move
        self.assertEqual(
            bench.Lot(bench.device.id).location, bench.fleet.loc('input'))
        self.assertEqual((line.cost, work.cost), (Decimal(25), Decimal(25)))

    @with_bench
    def test_not_there(self, bench):
        "Test only what the parts store holds can be fitted, once"
        part = bench.part()
        bench.fit(part)
        other = bench.workshop.device('desktop')
        with self.assertRaises(DomainValidationError):
            bench.fit(bench.Lot(part.id), other)
        device = bench.workshop.device('screen')
        with self.assertRaises(DomainValidationError):
            bench.fit(device)
        # Two orders that were prepared with the same part
        part = bench.part("P2")
        one = bench.work(other, outcome='fixed', parts=[
                ('create', [{'lot': part.id, 'kind': 'drive'}])])
        two = bench.work(bench.workshop.device('desktop'), outcome='fixed',
            parts=[('create', [{'lot': part.id, 'kind': 'drive'}])])
        bench.Work.do([one])
        with self.assertRaises(PlaceError):
            bench.Work.do([bench.Work(two.id)])

    @with_bench
    def test_take_out(self, bench):
        "Test what is taken out becomes a part, held until erased"
        drive = bench.workshop.drive(bench.device, serial="D1")
        self.assertEqual(bench.state(bench.device), 'to_erase')
        work = bench.take_out(drive)
        removal, = work.removals
        drive = bench.Component(drive.id)
        self.assertEqual(
            (drive.removed_on, drive.extracted_lot, drive.removed_by),
            (TODAY, removal.lot, work))
        part = removal.lot
        self.assertEqual(part.serial_number, "D1")
        self.assertEqual(part.stage, 'parts')
        self.assertEqual(part.current_move.origin, work)
        self.assertEqual(bench.state(part), 'to_erase')
        # Nor may it enter another device as it is
        other = bench.workshop.device('desktop')
        with self.assertRaises(DataGateError):
            bench.fit(part, other)

    @with_bench
    def test_same_part(self, bench):
        "Test a part that was fitted comes out as the same part"
        device, other = bench.device, bench.workshop.device('desktop')
        drive = bench.workshop.drive(device, serial="D1")
        bench.workshop.erase(drive)
        part = bench.take_out(drive).removals[0].lot
        bench.fit(part, other)
        component, = bench.Component.search([('lot', '=', other.id)])
        self.assertEqual(component.serial, "D1")
        self.assertTrue(component.erased)
        self.assertEqual(bench.state(other), 'erased')
        work = bench.take_out(component, other)
        self.assertEqual(work.removals[0].lot, part)
        part = bench.Lot(part.id)
        self.assertEqual(part.stage, 'parts')
        self.assertIsNone(part.host)
        self.assertEqual(bench.state(part), 'erased')
        bench.fit(part, device)
        self.assertEqual(bench.Lot(part.id).host, device)

    @with_bench
    def test_used_again(self, bench):
        "Test a drive that was fitted holds data after the device was used"
        fleet, device = bench.fleet, bench.device
        bench.fit(bench.part())
        self.assertEqual(bench.state(device), 'erased')
        component, = bench.Component.search([('lot', '=', device.id)])
        failed = bench.workshop.erase(component, result='failed')
        self.assertEqual(bench.state(device), 'to_erase')
        self.assertEqual(failed.state, 'signed')
        bench.workshop.erase(
            component, end=dt.datetime.now().replace(microsecond=0))
        self.assertEqual(bench.state(device), 'erased')
        fleet.Lot.write([fleet.Lot(device.id)], {
                'data_since': dt.datetime.now() + dt.timedelta(seconds=5)})
        self.assertEqual(bench.state(device), 'to_erase')

    @with_bench
    def test_seen_by_report(self, bench):
        "Test what a report saw first is not added twice"
        seen = bench.workshop.drive(bench.device, serial="P1")
        work = bench.fit(bench.part("P1"))
        self.assertEqual(work.parts[0].component, seen)
        components = bench.Component.search([('lot', '=', bench.device.id)])
        self.assertEqual(components, [seen])
        self.assertEqual(bench.Component(seen.id).part.serial_number, "P1")

    @with_bench
    def test_unknown_component(self, bench):
        "Test what no report saw can be taken out too"
        work = bench.end(removals=[('create', [{
                            'kind': 'psu', 'product': bench.product.id,
                            'to_location': bench.fleet.loc('scrap').id}])])
        removal, = work.removals
        self.assertEqual(removal.lot.stage, 'scrap')
        self.assertEqual(
            (removal.component.kind, removal.component.lot),
            ('psu', bench.device))
        self.assertEqual(removal.component.extracted_lot, removal.lot)

    @with_bench
    def test_cycles(self, bench):
        "Test each work order of a device has its number, cost and time"
        for cycle, minutes in enumerate([[90, 30], [45]], 1):
            work = bench.fit(bench.part(f"P{cycle}"), times=[('create', [{
                                'employee': bench.workshop.employee.id,
                                'minutes': m} for m in minutes])])
            self.assertEqual(work.cycle, cycle)
            self.assertEqual(
                work.duration, dt.timedelta(minutes=sum(minutes)))
            self.assertEqual(work.cost, Decimal(25))
        other = bench.end(bench.workshop.device())
        self.assertEqual(other.cycle, 1)
        self.assertEqual(other.duration, dt.timedelta())
        for minutes in [0, -5, 24 * 60 + 1]:
            with self.assertRaises(DomainValidationError):
                bench.work(bench.workshop.device(), times=[('create', [{
                                    'employee': bench.workshop.employee.id,
                                    'minutes': minutes}])])

    @with_bench
    def test_one_at_a_time(self, bench):
        "Test a device has one running work order, at hand"
        bench.work()
        with self.assertRaises(DeviceWorkError) as cm:
            bench.work()
        self.assertIn("first end", cm.exception.message)
        away = bench.workshop.device('screen')
        bench.fleet.do(away, 'input', 'lost_found')
        with self.assertRaises(DeviceWorkError) as cm:
            bench.work(away)
        self.assertIn("at hand", cm.exception.message)

    @with_bench
    def test_end(self, bench):
        "Test a work order ends with an outcome, today at the latest"
        with self.assertRaises(DeviceWorkError):
            bench.end(outcome=None)
        device = bench.workshop.device('screen')
        with self.assertRaises(DeviceWorkError):
            bench.end(device, end_date=TODAY + dt.timedelta(days=1))
        device = bench.workshop.device('screen')
        with self.assertRaises(DomainValidationError):
            bench.end(device, outcome='fixed', barrier='worn_out')

    @with_bench
    def test_sealed(self, bench):
        "Test a work order that ended does not change, nor its lines or moves"
        work = bench.fit(bench.part())
        line, = work.parts
        for act in [
                lambda: bench.Work.write([work], {'outcome': 'unknown'}),
                lambda: bench.Work.delete([work]),
                lambda: line.write([line], {'quantity': 2}),
                lambda: line.delete([line]),
                ]:
            with self.assertRaises(EvidenceAccessError):
                act()
        with self.assertRaises(DeviceWorkError):
            bench.fleet.Move.cancel(list(work.moves))
        with check_access(), self.assertRaises(EvidenceAccessError):
            line.component.write([line.component], {'part': None})

    @with_bench
    def test_ready(self, bench):
        "Test a device that was worked on is tested since"
        fleet, workshop = bench.fleet, bench.workshop
        lot = workshop.device('screen')
        workshop.test(lot)
        work = bench.work(lot, outcome='fixed')
        with self.assertRaises(ReadyGateError) as cm:
            fleet.do(lot, 'input', 'ready')
        self.assertIn("running", cm.exception.message)
        bench.Work.do([work])
        with self.assertRaises(ReadyGateError) as cm:
            fleet.do(lot, 'input', 'ready')
        self.assertIn("worked on", cm.exception.message)
        workshop.test(lot)
        fleet.do(lot, 'input', 'ready')

    @with_bench
    def test_open_repair_data(self, bench):
        "Test what is shared follows the standard and names nobody"
        Report = Pool().get('device.work.open_repair_data', type='report')
        bench.device.manufacturer = "Dell"
        bench.device.serial_number = "SECRET"
        bench.device.save()
        work = bench.end(
            outcome='end_of_life', barrier='no_parts',
            problem="=1+1\nDoes not start")
        draft, = bench.Work.create([{'lot': bench.device.id}])
        with Transaction().set_user(0):
            ext, content, _, _ = Report.execute(
                [work.id, draft.id], {'model': 'device.work'})
        self.assertEqual(ext, 'csv')
        row, = csv.DictReader(io.StringIO(content))
        self.assertEqual(row, {
                'id': f'proxymikro-{work.id}',
                'data_provider': bench.fleet.company.party.name,
                'country': 'FRA',
                'partner_product_category': "Desktop Computer",
                'product_category': "Desktop computer",
                'brand': "Dell",
                'year_of_manufacture': '',
                'product_age': '',
                'repair_status': "End of life",
                'repair_barrier_if_end_of_life':
                "Spare parts not available",
                'group_identifier': bench.fleet.company.party.name,
                'event_date': TODAY.isoformat(),
                'problem': "'=1+1 Does not start",
                })
