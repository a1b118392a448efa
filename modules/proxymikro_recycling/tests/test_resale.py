# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt
from decimal import Decimal

from trytond.model.exceptions import (
    AccessError, DomainValidationError, RequiredValidationError)
from trytond.modules.proxymikro_recycling.exceptions import (
    DismantleError, ResaleError, SaleLotError, WaiverAccessError)
from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, with_transaction
from trytond.transaction import Transaction

from .test_provenance import ProvenanceMixin


class ResaleTestCase(ProvenanceMixin, TestCase):
    "Test that nothing sells what may not be sold"

    def _setup(self):
        "Return a desktop that an administration gave, on the shelf"
        pool = Pool()
        Address = pool.get('party.address')
        Configuration = pool.get('stock.configuration')
        Party = pool.get('party.party')
        configuration = Configuration(1)
        configuration.solidarity_sale = True
        configuration.save()
        self.regime = self._regime("L3212-2", 'forbidden')
        self.regime.solidarity = True
        self.regime.save()
        self.shelf = self._get(
            'stock.location', 'stock.location_storage')
        self.customers = self._get(
            'stock.location', 'stock.location_customer')
        self.buyer = Party(name="Claude Martin", addresses=[Address()])
        self.buyer.save()
        device, = self._give("Mairie", self.regime)
        return self._shelve(device)

    def _shelve(self, device):
        pool = Pool()
        Lot = pool.get('stock.lot')
        Lot.move_to([device], self.shelf)
        return Lot(device.id)

    def _another(self):
        "Return another, as no test rolls back what the first refusal did"
        device, = self._give("Mairie", self.regime)
        return self._shelve(device)

    def _entitle(self, **values):
        Right = Pool().get('party.solidarity.right')
        right = Right(
            party=self.buyer, kind='person', proof="Attestation CAF",
            seen_by=self.employee, **values)
        right.save()
        return right

    def _move(self, device, price='100', **values):
        Move = Pool().get('stock.move')
        move = Move(
            product=device.product, lot=device, unit=device.unit, quantity=1,
            from_location=device.location, to_location=self.customers,
            company=self.employee.company, unit_price=Decimal(price),
            currency=self.employee.company.currency, **values)
        return move

    def _ship(self, device, price='100'):
        "Sell by a shipment made by hand"
        pool = Pool()
        Shipment = pool.get('stock.shipment.out')
        shipment = Shipment(customer=self.buyer)
        shipment.warehouse = shipment.default_warehouse()
        shipment.on_change_warehouse()
        shipment.on_change_customer()
        shipment.save()
        move = self._move(device, price, shipment=shipment)
        move.from_location = shipment.warehouse.output_location
        move.save()
        with Transaction().set_context(_skip_warnings=True):
            Shipment.dispatch([Shipment(shipment.id)])
        return Shipment(shipment.id)

    @with_transaction()
    def test_shipment_out(self):
        "A shipment made by hand sells at the solidarity price only"
        with self._in_company():
            device = self._setup()
            with self.assertRaisesRegex(ResaleError, "Claude Martin.*proof"):
                self._ship(device)
            self._entitle()
            with self.assertRaisesRegex(
                    ResaleError, "150.00 €.*151.00 €.*Desktop.*Mairie"
                    ".*Art. L3212-2"):
                self._ship(self._another(), '151')
            self.assertEqual(
                self._ship(self._another(), '150').state, 'done')

    @with_transaction()
    def test_parts_are_never_at_solidarity_price(self):
        "The law opens the sale of the device, not that of its parts"
        pool = Pool()
        Lot = pool.get('stock.lot')
        with self._in_company():
            device = self._setup()
            self._entitle()
            scrap = self._scrap(self._dismantle([device]))
            scrap = Lot(scrap.id)
            scrap_move = self._move(device, '1')
            scrap_move.product, scrap_move.lot = scrap.product, scrap
            scrap_move.unit = scrap.product.default_uom
            scrap_move.from_location = self._get(
                'stock.location', 'proxymikro_stock.location_scrap')
            scrap_move.save()
            with self.assertRaisesRegex(ResaleError, "forbids resale"):
                type(scrap_move).do([scrap_move])

    @with_transaction()
    def test_association_of_general_interest(self):
        "Only an association of general interest has the solidarity price"
        with self._in_company():
            device = self._setup()
            self._entitle()
            configuration = Pool().get('stock.configuration')(1)
            configuration.solidarity_sale = False
            configuration.save()
            with self.assertRaisesRegex(ResaleError, "forbids resale"):
                self._ship(device)

    @with_transaction()
    def test_regime_without_solidarity(self):
        "A regime that forbids without exception has no solidarity price"
        with self._in_company():
            self._setup()
            self._entitle()
            device, = self._give(
                "Rectorat", self._regime("L3212-2 11", 'forbidden'))
            with self.assertRaisesRegex(ResaleError, "forbids resale"):
                self._ship(self._shelve(device))

    @with_transaction()
    def test_proof_of_the_day(self):
        "A proof counts from the day it was seen until its end"
        today = dt.date.today()
        with self._in_company():
            device = self._setup()
            right = self._entitle(
                date=today - dt.timedelta(days=400),
                end_date=today - dt.timedelta(days=1))
            with self.assertRaisesRegex(ResaleError, "proof"):
                self._ship(device)
            right.end_date = today
            right.save()
            self.assertEqual(self._ship(self._another()).state, 'done')

    @with_transaction()
    def test_price_of_the_day(self):
        "The price that counts is the one in force"
        pool = Pool()
        Price = pool.get('stock.solidarity.price')
        with self._in_company():
            device = self._setup()
            self._entitle()
            prices = Price.search([('device_kind', '=', 'desktop')])
            Price.write(prices, {
                    'end_date': dt.date.today() - dt.timedelta(days=1)})
            with self.assertRaisesRegex(
                    ResaleError, 'enter the solidarity price of "Desktop'):
                self._ship(device)

    @with_transaction()
    def test_direct_move(self):
        "A move without document has no buyer who may have it"
        with self._in_company():
            device = self._setup()
            self._entitle()
            move = self._move(device)
            move.save()
            with self.assertRaisesRegex(ResaleError, 'to "\\?"'):
                type(move).do([move])

    @with_transaction()
    def test_other_shipments(self):
        "The other shipments lead to no customer"
        pool = Pool()
        Internal = pool.get('stock.shipment.internal')
        Return = pool.get('stock.shipment.in.return')
        with self._in_company():
            device = self._setup()
            for shipment in [
                    Internal(
                        from_location=self.shelf, to_location=self.customers),
                    Return(
                        supplier=self.buyer, from_location=self.shelf,
                        to_location=self.customers)]:
                with self.subTest(shipment=shipment.__name__), \
                        self.assertRaises(DomainValidationError):
                    shipment.save()
                shipment.to_location = self.shelf
            internal = Internal(
                from_location=self.shelf,
                to_location=self._get(
                    'stock.location', 'proxymikro_stock.location_parts'))
            internal.save()
            with self.assertRaises((DomainValidationError, ResaleError)):
                move = self._move(device, shipment=internal)
                move.save()
                type(move).do([move])

    @with_transaction()
    def test_fitted_part(self):
        "A part fitted in a device is sold with it, under its own origin"
        pool = Pool()
        Component = pool.get('device.component')
        Lot = pool.get('stock.lot')
        with self._in_company():
            town = self._setup()
            memory = next(
                m.lot for m in self._dismantle(
                    [town], scrap=4.98, parts=['memory']).outputs
                if m.product.component_kind == 'memory')
            device, = self._give("Menuiserie", self._get(
                    'stock.gift.regime',
                    'proxymikro_stock.gift_regime_company'))
            device = self._shelve(device)
            Component(lot=device, kind='memory', part=memory).save()
            self.assertEqual(Lot(device.id).resale_right, 'allowed')
            with self.assertRaisesRegex(ResaleError, memory.number):
                self._ship(device)
            scrap = self._scrap(self._dismantle([device]))
            self.assertEqual(scrap.resale_right, 'allowed')
            self.assertEqual(Lot(memory.id).resale_right, 'forbidden')

    @with_transaction()
    def test_rights_do_not_mix(self):
        "The devices of different rights are dismantled apart"
        with self._in_company():
            town = self._setup()
            device, = self._give("Menuiserie", self._get(
                    'stock.gift.regime',
                    'proxymikro_stock.gift_regime_company'))
            with self.assertRaisesRegex(DismantleError, "two orders"):
                self._dismantle([town, device])

    @with_transaction()
    def test_product_without_lots(self):
        "What comes from gifts moves with its lot, whatever its product says"
        pool = Pool()
        Product = pool.get('product.product')
        with self._in_company():
            device = self._setup()
            part = self._scrap(self._dismantle([device]))
            template = part.product.template
            template.lot_required = None
            template.save()
            move = self._move(device, '1')
            move.product, move.lot = Product(part.product.id), None
            move.unit = part.product.default_uom
            move.from_location = self._get(
                'stock.location', 'proxymikro_stock.location_scrap')
            move.save()
            with Transaction().set_context(_skip_warnings=True), \
                    self.assertRaises(RequiredValidationError):
                type(move).do([move])

    @with_transaction()
    def test_created_with_an_origin(self):
        "Nobody gives a lot its collection or its waiver as it is created"
        Lot = Pool().get('stock.lot')
        with self._in_company():
            device = self._setup()
            values = {'product': device.product.id}
            for name, value, error in [
                    ('collection', device.collection.id, AccessError),
                    ('current_move', device.current_move.id, AccessError),
                    ('resale_waiver_date', dt.date.today(),
                        WaiverAccessError)]:
                with self.subTest(name=name), \
                        Transaction().set_context(_check_access=True), \
                        self.assertRaises(error):
                    Lot.create([{**values, name: value}])

    @with_transaction()
    def test_done_move(self):
        "What a done move says can't be changed"
        Move = Pool().get('stock.move')
        with self._in_company():
            device = self._setup()
            self._entitle()
            move, = [
                m for m in self._ship(device).outgoing_moves]
            pound = self._get('product.uom', 'product.uom_pound')
            for values in [{'quantity': 2}, {'unit': pound.id}]:
                with self.subTest(values=values), \
                        self.assertRaises(AccessError):
                    Move.write([move], values)

    @with_transaction()
    def test_number_of_queries(self):
        "Many devices are checked with as many queries as one"
        pool = Pool()
        Lot = pool.get('stock.lot')
        with self._in_company():
            device = self._setup()
            self._entitle()
            devices = [device, *self._give("Mairie 2", self.regime, 9)]
            move = self._move(device)
            move.save()
            sold = move._sold()

            def count(lots):
                with count_queries() as queries:
                    Lot.check_sold(
                        [sold._replace(lot=lot, buyer=self.buyer)
                            for lot in Lot.browse([l.id for l in lots])])
                return len(queries)

            count(devices)
            self.assertEqual(count(devices), count(devices[:1]))

    @with_transaction()
    def test_scan(self):
        "What is scanned goes to the line of its product"
        pool = Pool()
        Sale = pool.get('sale.sale')
        with self._in_company():
            device = self._setup()
            production = self._dismantle(
                [device], scrap=4.96, parts=['memory', 'memory'])
            scrap, *modules = sorted(
                (m.lot for m in production.outputs),
                key=lambda l: l.component_kind != 'scrap')
            sale = Sale(
                company=self.employee.company, party=self.buyer,
                currency=self.employee.company.currency, state='draft',
                lines=())
            for lot in [*modules, scrap, modules[0]]:
                sale.on_scan_code(lot.number)
            self.assertEqual(
                [(len(l.lots), l.quantity) for l in sale.lines],
                [(2, 2), (1, 4.96)])
            for code in ["", "nothing", device.number]:
                with self.subTest(code=code), \
                        self.assertRaises(SaleLotError):
                    sale.on_scan_code(code)
