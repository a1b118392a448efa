# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The guard on every flow that core offers: none gets around it."""
import datetime as dt
from decimal import Decimal

from trytond.model.exceptions import AccessError
from trytond.modules.company.tests import create_company, set_company
from trytond.modules.currency.tests import create_currency
from trytond.modules.proxymikro_stock.exceptions import (
    GuardAccessError, LotQuantityError, MoveCancelError,
    MoveDateError, PlaceError)
from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, with_transaction)
from trytond.transaction import Transaction

TODAY = dt.date.today()
YESTERDAY = TODAY - dt.timedelta(days=1)


def with_company(func):
    "Run in a transaction of the association"
    @with_transaction()
    def wrapper(self):
        company = create_company(currency=create_currency('eur'))
        with set_company(company):
            func(self, Fleet(company))
    return wrapper


class Fleet:
    "What the tests move: locations, devices, lots by weight"

    def __init__(self, company):
        self.company = company
        pool = Pool()
        self.Move = pool.get('stock.move')
        self.Lot = pool.get('stock.lot')
        self.donor, = pool.get('party.party').create([{'name': "Donor"}])

    def ref(self, xml_id):
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        module, name = xml_id.split('.')
        data, = ModelData.search([
                ('module', '=', module), ('fs_id', '=', name)])
        return pool.get(data.model)(data.db_id)

    def loc(self, name):
        module = ('stock'
            if name in {'input', 'output', 'storage', 'supplier', 'customer',
                'lost_found', 'warehouse'} else 'proxymikro_stock')
        return self.ref(f'{module}.location_{name}')

    def lot(self, kind='screen'):
        product = self.ref(f'proxymikro_stock.product_{kind}')
        lot = self.Lot(
            product=product, unit=product.lot_uom, unit_quantity=1)
        lot.save()
        return lot

    def bulk(self, number="BULK"):
        "Return a lot followed by weight"
        pool = Pool()
        kg, = pool.get('product.uom').search([('symbol', '=', "kg")])
        template, = pool.get('product.template').create([{
                    'name': "Boards", 'type': 'goods', 'default_uom': kg.id,
                    'cost_price_method': 'fixed',
                    'products': [('create', [{}])]}])
        lot, = self.Lot.create([{
                    'number': number, 'product': template.products[0].id}])
        return lot

    def move(self, lot, from_, to, quantity=1, date=None, **values):
        move = self.Move(
            lot=lot, product=lot.product, unit=lot.product.default_uom,
            quantity=quantity, from_location=self.loc(from_),
            to_location=self.loc(to), effective_date=date, **values)
        if from_ == 'supplier' or 'customer' in {from_, to}:
            move.unit_price = Decimal(0)
            move.currency = self.company.currency
        move.save()
        return move

    def do(self, *args, **kwargs):
        move = self.move(*args, **kwargs)
        self.Move.do([move])
        return self.Move(move.id)

    def place(self, lot):
        return self.Lot(lot.id).location

    def oracle(self, lot):
        "Return the places of the lot by adding up quantities, never ranks"
        quantities = {}
        for move in self.Move.search([
                    ('lot', '=', lot.id), ('state', '=', 'done')]):
            for location, sign in [
                    (move.to_location, 1), (move.from_location, -1)]:
                quantities[location] = (
                    quantities.get(location, 0) + sign * move.quantity)
        return {l for l, q in quantities.items()
            if q > 0 and l.type in {'storage', 'customer'}}


class GuardTestCase(TestCase):
    "Test the guard of stock moves"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    def assertAt(self, fleet, lot, name):
        self.assertEqual(fleet.place(lot), fleet.loc(name))
        self.assertEqual(fleet.oracle(lot), {fleet.loc(name)})

    @with_company
    def test_received_once(self, fleet):
        "A unit is not received twice"
        lot = fleet.lot()
        fleet.do(lot, 'supplier', 'input')

        with self.assertRaises(PlaceError):
            fleet.do(lot, 'supplier', 'input')
        self.assertAt(fleet, lot, 'input')

    @with_company
    def test_never_received(self, fleet):
        "A unit can't leave a place where it never came"
        with self.assertRaises(PlaceError):
            fleet.do(fleet.lot(), 'input', 'workshop')

    @with_company
    def test_elsewhere(self, fleet):
        "The error names where the unit is"
        lot = fleet.lot()
        fleet.do(lot, 'supplier', 'input')

        with self.assertRaises(PlaceError) as cm:
            fleet.do(lot, 'workshop', 'parts')
        self.assertIn(lot.number, cm.exception.message)
        self.assertIn(fleet.loc('input').rec_name, cm.exception.message)

    @with_company
    def test_two_drafts(self, fleet):
        "Of two drafts for the same unit only one is done"
        lot = fleet.lot()
        fleet.do(lot, 'supplier', 'input')
        moves = [fleet.move(lot, 'input', n) for n in ['workshop', 'parts']]

        with self.assertRaises(PlaceError):
            fleet.Move.do(moves)
        fleet.Move.do(moves[:1])
        with self.assertRaises(PlaceError):
            fleet.Move.do(moves[1:])
        self.assertAt(fleet, lot, 'workshop')

    @with_company
    def test_chain_any_order(self, fleet):
        "Moves of one call may come in any order if they chain"
        lot = fleet.lot()
        moves = [
            fleet.move(lot, 'workshop', 'parts'),
            fleet.move(lot, 'supplier', 'input'),
            fleet.move(lot, 'input', 'workshop')]

        fleet.Move.do(moves)

        self.assertAt(fleet, lot, 'parts')
        self.assertEqual(
            [fleet.Move(m.id).lot_rank for m in moves], [3, 1, 2])

    @with_company
    def test_done_twice(self, fleet):
        "Doing the same move twice changes nothing"
        lot = fleet.lot()
        move = fleet.do(lot, 'supplier', 'input')

        fleet.Move.do([move])

        self.assertEqual(fleet.Move(move.id).lot_rank, 1)

    @with_company
    def test_two_units_of_one(self, fleet):
        "A unit is never two"
        lot = fleet.lot()
        with self.assertRaises(LotQuantityError):
            fleet.do(lot, 'supplier', 'input', quantity=2)

    @with_company
    def test_quantity_of_done(self, fleet):
        "The quantity and the unit of a done move don't change"
        move = fleet.do(fleet.bulk(), 'supplier', 'input', quantity=5)
        gram, = Pool().get('product.uom').search([('symbol', '=', "g")])

        for values in [{'quantity': 6}, {'unit': gram.id}]:
            with self.subTest(values=values):
                with self.assertRaises(AccessError):
                    fleet.Move.write([move], values)

    @with_company
    def test_state_by_hand(self, fleet):
        "Nobody writes the state of a move or the place of a device"
        lot = fleet.lot()
        move = fleet.do(lot, 'supplier', 'input')

        with Transaction().set_context(_check_access=True):
            with self.assertRaises(GuardAccessError):
                fleet.Move.write([move], {'state': 'draft'})
            with self.assertRaises(AccessError):
                fleet.Lot.write([lot], {'current_move': None})

    @with_company
    def test_future(self, fleet):
        "A move is not dated in the future"
        with self.assertRaises(MoveDateError):
            fleet.do(fleet.lot(), 'supplier', 'input',
                date=TODAY + dt.timedelta(days=1))

    @with_company
    def test_backdated(self, fleet):
        "A move is not dated before the one that brought the unit"
        lot = fleet.lot()
        fleet.do(lot, 'supplier', 'input')

        with self.assertRaises(MoveDateError):
            fleet.do(lot, 'input', 'workshop', date=YESTERDAY)

    @with_company
    def test_location_at(self, fleet):
        "The highest rank of the day tells where a unit was"
        lot, other = fleet.lot(), fleet.lot()
        fleet.do(lot, 'supplier', 'input', date=YESTERDAY)
        fleet.do(lot, 'input', 'workshop')
        fleet.do(lot, 'workshop', 'parts')

        at = fleet.Lot.location_at
        self.assertEqual(
            at([lot, other], TODAY),
            {lot.id: fleet.loc('parts').id, other.id: None})
        self.assertEqual(
            at([lot], YESTERDAY), {lot.id: fleet.loc('input').id})
        self.assertEqual(
            at([lot], YESTERDAY - dt.timedelta(days=1)), {lot.id: None})

    @with_company
    def test_cancel(self, fleet):
        "Only the last move of a unit is cancelled, and it goes back"
        lot = fleet.lot()
        received = fleet.do(lot, 'supplier', 'input')
        moved = fleet.do(lot, 'input', 'workshop')

        with self.assertRaises(MoveCancelError):
            fleet.Move.cancel([received])
        fleet.Move.cancel([moved])
        self.assertAt(fleet, lot, 'input')
        fleet.Move.cancel([received])
        self.assertIsNone(fleet.place(lot))

        fleet.do(lot, 'supplier', 'input')
        self.assertAt(fleet, lot, 'input')

    @with_company
    def test_cancel_together(self, fleet):
        "The last moves of a unit are cancelled together"
        lot = fleet.lot()
        fleet.do(lot, 'supplier', 'input')
        moves = [
            fleet.do(lot, 'input', 'workshop'),
            fleet.do(lot, 'workshop', 'parts')]

        fleet.Move.cancel(moves)

        self.assertAt(fleet, lot, 'input')

    @with_company
    def test_bulk(self, fleet):
        "No more kg leave a place than it holds"
        lot = fleet.bulk()
        fleet.do(lot, 'supplier', 'scrap', quantity=5)
        fleet.do(lot, 'scrap', 'treatment', quantity=3)
        fleet.do(lot, 'scrap', 'treatment', quantity=1.5)

        with self.assertRaises(LotQuantityError):
            fleet.do(lot, 'scrap', 'treatment', quantity=0.6)

    @with_company
    def test_bulk_backdated(self, fleet):
        "What came today can't have left yesterday"
        lot = fleet.bulk()
        fleet.do(lot, 'supplier', 'scrap', quantity=5)

        with self.assertRaises(LotQuantityError):
            fleet.do(lot, 'scrap', 'treatment', quantity=1, date=YESTERDAY)

    @with_company
    def test_bulk_backdated_between(self, fleet):
        "Taking in the past can't empty what was taken since"
        lot = fleet.bulk()
        fleet.do(lot, 'supplier', 'scrap', quantity=5,
            date=YESTERDAY - dt.timedelta(days=1))
        fleet.do(lot, 'scrap', 'treatment', quantity=5)

        with self.assertRaises(LotQuantityError):
            fleet.do(lot, 'scrap', 'treatment', quantity=1, date=YESTERDAY)

    @with_company
    def test_bulk_cancel(self, fleet):
        "A reception is not cancelled once its kg have left"
        lot = fleet.bulk()
        received = fleet.do(lot, 'supplier', 'scrap', quantity=5)
        fleet.do(lot, 'scrap', 'treatment', quantity=3)

        with self.assertRaises(LotQuantityError):
            fleet.Move.cancel([received])

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

    @with_company
    def test_query_count(self, fleet):
        "The number of queries of the guard doesn't grow with the moves"
        counts = []
        for n in [2, 2, 20]:  # the first fills the caches
            lots = [fleet.lot() for _ in range(n)]
            moves = [fleet.move(l, 'supplier', 'input') for l in lots]
            with count_queries() as queries:
                moves = fleet.Move._lock_lots(moves)
                ranks = fleet.Move._check_places(moves)
                fleet.Move._check_destinations(moves)
                fleet.Move._record_ranks(ranks)
            counts.append(len(queries))
        self.assertEqual(counts[1], counts[2])


class count_queries:
    "Count the queries that the cursors of the transaction execute"

    def __enter__(self):
        self.queries = []
        connection = Transaction().connection
        connection.set_trace_callback(self.queries.append)
        return self.queries

    def __exit__(self, *args):
        Transaction().connection.set_trace_callback(None)
