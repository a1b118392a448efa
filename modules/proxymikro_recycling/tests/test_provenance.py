# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt
from decimal import Decimal

from trytond.model.exceptions import AccessError
from trytond.modules.company.tests import create_company, set_company
from trytond.modules.currency.tests import create_currency
from trytond.modules.proxymikro_recycling.exceptions import (
    DiscardError, DismantleError, MassBalanceError, ResaleError)
from trytond.modules.proxymikro_recycling.resale import Sold
from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, with_transaction)
from trytond.transaction import Transaction


class ProvenanceMixin:
    "What the tests give and dismantle"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_recycling')

    def _get(self, model, xml_id):
        pool = Pool()
        return pool.get(model)(
            pool.get('ir.model.data').get_id(*xml_id.split('.')))

    def _regime(self, name, resale):
        Regime = Pool().get('stock.gift.regime')
        regime = Regime(
            name=name, code=name, legal_basis=f"Art. {name}", resale=resale)
        regime.save()
        return regime

    def _give(self, name, regime, count=1):
        "Receive devices that have no drive"
        pool = Pool()
        Party = pool.get('party.party')
        Collection = pool.get('stock.shipment.in')
        Declaration = pool.get('device.declaration')
        donor = Party(name=name)
        donor.save()
        collection = Collection(supplier=donor, gift_regime=regime)
        collection.warehouse = collection.default_warehouse()
        collection.on_change_warehouse()
        collection.save()
        product = self._get(
            'product.product', 'proxymikro_stock.product_desktop')
        devices = Collection.add_devices(
            collection, [{'product': product, 'weight': 5.}] * count)
        Collection.receive([collection])
        declarations = [
            Declaration(
                lot=d, reason='none_found', signed_by=self.employee)
            for d in devices]
        Declaration.save(declarations)
        Declaration.sign(declarations)
        return pool.get('stock.lot').browse(devices)

    def _dismantle(self, devices, scrap=None, parts=(), **values):
        pool = Pool()
        Production = pool.get('production')
        rows = [{
                'product': self._get(
                    'product.product', f'proxymikro_recycling.product_{p}'),
                'quantity': 1,
                } for p in parts]
        rows.append({
                'product': self._get(
                    'product.product', 'proxymikro_recycling.product_scrap'),
                'quantity': 5. * len(devices) if scrap is None else scrap,
                })
        return Production.dismantle(devices, rows, **{
                'mass_in': 5. * len(devices),
                'discard_date': dt.date.today(),
                'discard_by': self.employee,
                'discard_reason': "Obsolete",
                **values})

    def _scrap(self, production):
        Lot = Pool().get('stock.lot')
        return Lot(next(
                m.lot.id for m in production.outputs
                if m.product.component_kind == 'scrap'))

    def _in_company(self):
        pool = Pool()
        Employee = pool.get('company.employee')
        Party = pool.get('party.party')
        company = create_company(currency=create_currency('eur'))
        party = Party(name="Camille")
        party.save()
        self.employee = Employee(party=party, company=company)
        self.employee.save()
        return set_company(company)


class ProvenanceTestCase(ProvenanceMixin, TestCase):
    "Test where the parts come from and whether they may be sold"

    @with_transaction()
    def test_mixed_batch(self):
        "What forbids in a batch forbids the batch, what is unknown comes next"
        Lot = Pool().get('stock.lot')
        with self._in_company():
            one, two = (
                self._regime("One", 'allowed'), self._regime("Two", 'allowed'))
            production = self._dismantle(
                self._give("Donor 1", one) + self._give("Donor 2", two))
            scrap = self._scrap(production)
            self.assertEqual(scrap.resale_right, 'allowed')
            self.assertEqual(
                {d.name for d in scrap.donors}, {"Donor 1", "Donor 2"})

            # The reading of the law changes
            two.resale = 'unknown'
            two.save()
            self.assertEqual(Lot(scrap.id).resale_right, 'unknown')
            one.resale = 'forbidden'
            one.save()
            self.assertEqual(Lot(scrap.id).resale_right, 'forbidden')
            message = Lot.resale_refusals([scrap])[Lot(scrap.id)]
            for part in [scrap.number, "Donor 1", '"One"', "(Art. One)"]:
                self.assertIn(part, message)
            with self.assertRaises(ResaleError):
                Lot.check_sold([
                        Sold(scrap, None, Decimal(1), dt.date.today())])

    @with_transaction()
    def test_waiver_of_device(self):
        "The waiver of a device goes down to what came out of it"
        Lot = Pool().get('stock.lot')
        with self._in_company():
            regime = self._regime("One", 'forbidden')
            devices = self._give("Donor", regime)
            scrap = self._scrap(self._dismantle(devices))
            self.assertEqual(scrap.resale_right, 'forbidden')
            Lot.write(devices, {
                    'resale_waiver': "Deed",
                    'resale_waiver_date': dt.date.today(),
                    })
            self.assertEqual(Lot(scrap.id).resale_right, 'allowed')
            self.assertEqual(Lot.resale_refusals([scrap]), {})

    @with_transaction()
    def test_serial_part_of_a_batch(self):
        "A known component comes only from the device that held it"
        pool = Pool()
        Component = pool.get('device.component')
        Lot = pool.get('stock.lot')
        Production = pool.get('production')
        with self._in_company():
            regime = self._regime("One", 'allowed')
            first, = self._give("Donor 1", regime)
            second, = self._give("Donor 2", regime)
            component = Component(lot=first, kind='processor', serial="C1")
            component.save()
            rows = Production.propose([first, second])
            self.assertEqual(
                [r['serial_number'] for r in rows], ["C1"])
            rows.append({
                    'product': self._get(
                        'product.product',
                        'proxymikro_recycling.product_scrap'),
                    'quantity': 9.97,
                    })
            production = Production.dismantle(
                [first, second], rows, mass_in=10.,
                discard_date=dt.date.today(), discard_by=self.employee,
                discard_reason="Obsolete")
            cpu = Component(component.id).extracted_lot
            scrap = self._scrap(production)
            rows = Lot.provenance([cpu, scrap])
            self.assertEqual(
                sorted((r.part.id, r.device.id) for r in rows), sorted([
                        (cpu.id, first.id),
                        (scrap.id, first.id), (scrap.id, second.id)]))

    def _get_outcome(self):
        return {
            (r.donor.name, r.lot, r.device, r.situation,
                round(r.weight or 0, 3))
            for r in Pool().get('collection.outcome').search([])}

    @with_transaction()
    def test_merged(self):
        "The two cards of a device are one origin, and one outcome"
        pool = Pool()
        Alias = pool.get('device.alias')
        Lot = pool.get('stock.lot')
        with self._in_company():
            regime = self._regime("One", 'forbidden')
            first, = self._give("Donor 1", regime)
            second, = self._give("Donor 1 again", regime)
            kept, = self._give("Donor 2", regime)
            Alias.merge(first, second, "Same machine")
            alias = Alias.merge(second, kept, "Same machine")
            donors = ["Donor 1", "Donor 1 again", "Donor 2"]
            self.assertEqual(self._get_outcome(), {
                    (name, kept, kept, 'reception', weight)
                    for name, weight in zip(donors, [0, 0, 5])})
            scrap = self._scrap(self._dismantle([kept]))
            for lot in [scrap, first]:
                self.assertEqual(
                    {(r.device, r.collection.supplier.name)
                        for r in Lot.provenance([lot])},
                    {(kept, name) for name in donors})
                self.assertEqual(
                    {d.name for d in Lot(lot.id).donors}, set(donors))
            self.assertIn(
                ("Donor 1", scrap, kept, 'scrap', 0), self._get_outcome())
            Lot.write([kept], {
                    'resale_waiver': "Deed",
                    'resale_waiver_date': dt.date.today(),
                    })
            self.assertEqual(Lot(scrap.id).resale_right, 'allowed')
            alias.cancel([alias])
            self.assertEqual(
                {r.collection.supplier.name for r in Lot.provenance([scrap])},
                {"Donor 2"})

    @with_transaction()
    def test_number_of_queries(self):
        "The provenance of many lots costs as many queries as that of one"
        Lot = Pool().get('stock.lot')
        with self._in_company():
            regime = self._regime("One", 'allowed')
            devices = self._give("Donor", regime, 12)
            scraps = [
                self._scrap(self._dismantle([d])) for d in devices]

        def count(lots):
            with count_queries() as queries:
                rows = Lot.provenance(lots)
            self.assertEqual(len(rows), len(lots))
            return len(queries)

        self.assertEqual(count(scraps), count(scraps[:1]))

    @with_transaction()
    def test_roles_read_the_outcome(self):
        "Each role reads the whole row, but the invoice of the accounts"
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        Outcome = pool.get('collection.outcome')
        User = pool.get('res.user')
        names = [
            'collection.rec_name', 'donor.rec_name', 'device.rec_name',
            'lot.rec_name', 'product.rec_name', 'location.rec_name',
            'document.rec_name', 'waste_shipment.rec_name', 'amount']
        with self._in_company():
            regime = self._regime("One", 'allowed')
            self._dismantle(self._give("Donor", regime), parts=['memory'],
                scrap=4.98)
            for role in [
                    'front_desk', 'workshop', 'treasury', 'presidency',
                    'audit']:
                group = ModelData.get_id('proxymikro_base', f'group_{role}')
                user, = User.create([{
                            'name': role, 'login': role,
                            'groups': [('add', [group])]}])
                accounts = role not in {'front_desk', 'workshop'}
                with self.subTest(role=role), \
                        Transaction().set_user(user.id), \
                        Transaction().set_context(_check_access=True):
                    rows = Outcome.search_read([], fields_names=names)
                    self.assertEqual(len(rows), 3)
                    if accounts:
                        Outcome.search_read([], fields_names=['invoice'])
                    else:
                        with self.assertRaises(AccessError):
                            Outcome.search_read([], fields_names=['invoice'])

    @with_transaction()
    def test_balance_message(self):
        "The refusal says the numbers"
        with self._in_company():
            devices = self._give("Donor", self._regime("One", 'allowed'))
            with self.assertRaises(MassBalanceError) as cm:
                self._dismantle(
                    devices, scrap=4.5, declared_loss=.1, loss_reason="Dust")
            for number in ['5.000', '4.500', '0.100', '0.400']:
                self.assertIn(f'{number} kg', cm.exception.message)

    @with_transaction()
    def test_heavier_out(self):
        "More can't come out than went in"
        with self._in_company():
            first, second = self._give(
                "Donor", self._regime("One", 'allowed'), 2)
            with self.assertRaises(MassBalanceError):
                self._dismantle([first], scrap=5.2)
            self.assertEqual(
                self._dismantle([second], scrap=5.1).state, 'done')

    @with_transaction()
    def test_discard_future(self):
        "The decision to discard can't be in the future"
        with self._in_company():
            devices = self._give("Donor", self._regime("One", 'allowed'))
            with self.assertRaises(DiscardError):
                self._dismantle(devices, discard_date=(
                        dt.date.today() + dt.timedelta(days=1)))

    @with_transaction()
    def test_lent_is_refused_by_name(self):
        "A lent device is refused with the name of its holder"
        pool = Pool()
        Location = pool.get('stock.location')
        Lot = pool.get('stock.lot')
        Party = pool.get('party.party')
        with self._in_company():
            device, = self._give("Donor", self._regime("One", 'allowed'))
            school = Party(name="Jules Ferry")
            school.save()
            place = Location(
                name="Jules Ferry", type='storage', stage='lent',
                borrower=school, parent=self._get(
                    'stock.location', 'proxymikro_stock.location_members'))
            place.save()
            Lot.move_to([device], place)
            device = Lot(device.id)
            with self.assertRaises(DismantleError) as cm:
                Lot.check_dismantle([device])
            self.assertIn("Jules Ferry", cm.exception.message)
            self.assertIn(device.number, cm.exception.message)
