# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The guard on every flow that core offers: none gets around it."""
import datetime as dt

from trytond.modules.proxymikro_stock.exceptions import (
    MoveCancelError, PlaceError)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module

from .fleet import with_company

TODAY = dt.date.today()


class GuardFlowTestCase(TestCase):
    "Test the guard on the flows of core"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    def assertAt(self, fleet, lot, name):
        self.assertEqual(fleet.place(lot), fleet.loc(name))
        self.assertEqual(fleet.oracle(lot), {fleet.loc(name)})

    @with_company
    def test_two_step_receipt(self, fleet):
        "A receipt in two steps chains input and storage"
        Shipment = Pool().get('stock.shipment.in')
        lot = fleet.lot()
        shipment = Shipment(
            supplier=fleet.donor, warehouse=fleet.loc('warehouse'),
            warehouse_input=fleet.loc('input'),
            warehouse_storage=fleet.loc('storage'),
            gift_regime=fleet.ref('proxymikro_stock.gift_regime_company'))
        shipment.save()
        fleet.move(lot, 'supplier', 'input', shipment=shipment)

        Shipment.receive([shipment])
        inventory_move, = Shipment(shipment.id).inventory_moves
        inventory_move.lot = lot
        inventory_move.save()
        self.assertAt(fleet, lot, 'input')
        Shipment.do([Shipment(shipment.id)])
        self.assertAt(fleet, lot, 'storage')
        self.assertEqual(
            fleet.Lot(lot.id).collection, Shipment(shipment.id))

    @with_company
    def test_collection_gone(self, fleet):
        "A collection is not cancelled once a device has left the reception"
        Shipment = Pool().get('stock.shipment.in')
        shipment = Shipment(
            supplier=fleet.donor, warehouse=fleet.loc('warehouse'),
            gift_regime=fleet.ref('proxymikro_stock.gift_regime_company'))
        shipment.on_change_warehouse()
        shipment.save()
        lot, = Shipment.add_devices(shipment, [
                {'product': fleet.ref('proxymikro_stock.product_screen')}])
        Shipment.receive([Shipment(shipment.id)])
        fleet.Lot.move_to([fleet.Lot(lot.id)], fleet.loc('workshop'))

        with self.assertRaises(MoveCancelError):
            Shipment.cancel([Shipment(shipment.id)])

    @with_company
    def test_shipment_out(self, fleet):
        "A shipment out takes the unit through the output zone, once"
        Shipment = Pool().get('stock.shipment.out')
        lot = fleet.lot()
        fleet.do(lot, 'supplier', 'storage')
        shipments = []
        for _ in range(2):
            shipment = Shipment(
                customer=fleet.donor, delivery_address=self._address(fleet),
                warehouse=fleet.loc('warehouse'))
            shipment.on_change_warehouse()
            shipment.save()
            fleet.move(lot, 'output', 'customer', shipment=shipment)
            shipments.append(shipment)
        Shipment.wait(Shipment.browse(shipments))
        for shipment in Shipment.browse(shipments):
            for move in shipment.inventory_moves:
                move.lot = lot
                move.save()
            Shipment.assign_force([Shipment(shipment.id)])
        first, second = Shipment.browse(shipments)
        for step in ['pick', 'pack', 'do']:
            getattr(Shipment, step)([Shipment(first.id)])
        self.assertAt(fleet, lot, 'customer')
        with self.assertRaises(PlaceError):
            Shipment.pick([Shipment(second.id)])

    def _address(self, fleet):
        Address = Pool().get('party.address')
        address, = Address.create([{'party': fleet.donor.id}])
        return address.id

    @with_company
    def test_transit(self, fleet):
        "A shipment to another warehouse chains both moves of the transit"
        pool = Pool()
        Shipment = pool.get('stock.shipment.internal')
        Location = pool.get('stock.location')
        away, = Location.create([{'name': "Away", 'type': 'storage'}])
        Location.create([{
                    'name': "Branch", 'type': 'warehouse',
                    'input_location': away.id, 'output_location': away.id,
                    'storage_location': away.id,
                    'lost_found_location': fleet.loc('lost_found').id}])
        lot = fleet.lot()
        fleet.do(lot, 'supplier', 'input')
        shipment = Shipment(
            from_location=fleet.loc('input'), to_location=away,
            planned_date=TODAY, planned_start_date=TODAY)
        shipment.save()
        move = fleet.move(lot, 'input', 'storage', shipment=shipment)
        fleet.Move.write([move], {'to_location': away.id})
        for step in ['wait', 'assign', 'pack', 'ship']:
            getattr(Shipment, step)([Shipment(shipment.id)])
        self.assertEqual(
            fleet.place(lot), Shipment(shipment.id).transit_location)
        Shipment.do([Shipment(shipment.id)])
        self.assertEqual(fleet.place(lot), away)
        self.assertEqual(fleet.oracle(lot), {away})

    @with_company
    def test_move_gone(self, fleet):
        "What has left can't be moved inside, and the error says where it is"
        lot = fleet.lot()
        fleet.do(lot, 'supplier', 'storage')
        fleet.do(lot, 'storage', 'customer')

        with self.assertRaises(PlaceError) as cm:
            fleet.Lot.move_to([fleet.Lot(lot.id)], fleet.loc('workshop'))
        self.assertIn(
            fleet.loc('customer').rec_name, cm.exception.message)

    @with_company
    def test_inventory(self, fleet):
        "An inventory loses what is missing and can't find what is elsewhere"
        lot = fleet.lot()
        fleet.do(lot, 'supplier', 'storage')
        self._count(fleet, lot, 'storage', 0)
        self.assertEqual(fleet.place(lot), fleet.loc('lost_found'))
        self._count(fleet, lot, 'workshop', 1)
        self.assertAt(fleet, lot, 'workshop')
        with self.assertRaises(PlaceError):
            self._count(fleet, lot, 'storage', 1)

    def _count(self, fleet, lot, location, quantity):
        pool = Pool()
        Inventory = pool.get('stock.inventory')
        Line = pool.get('stock.inventory.line')
        inventory = Inventory(
            location=fleet.loc(location), date=TODAY,
            empty_quantity='keep')
        inventory.save()
        Inventory.complete_lines([inventory])
        lines = Line.search([
                ('inventory', '=', inventory.id), ('lot', '=', lot.id)])
        line = lines[0] if lines else Line(
            inventory=inventory, product=lot.product, lot=lot)
        line.quantity = quantity
        line.save()
        Inventory.confirm([Inventory(inventory.id)])
