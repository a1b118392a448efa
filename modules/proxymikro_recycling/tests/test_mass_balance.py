# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The kg reconcile, and the gap is the one planted."""
import datetime as dt

from trytond.modules.proxymikro_recycling.mass_entry import (
    INCOMING, MODES, OUTGOING, STOCK)
from trytond.modules.proxymikro_recycling.waste_treatment import (
    MODES as TREATMENTS)
from trytond.modules.proxymikro_recycling.waste_treatment import (
    OPERATION_MODES)
from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.model import fields
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, with_transaction
from trytond.transaction import Transaction

from .test_work import WorkMixin

SUFFIXES = ['', '.donor', '.kind', '.year']
ROLES = ['front_desk', 'workshop', 'treasury', 'presidency', 'audit']


class MassBalanceTestCase(WorkMixin, TestCase):
    "Test the mass balance"

    def _balance(self, suffix='', **context):
        Balance = Pool().get(f'recycling.mass.balance{suffix}')
        with Transaction().set_context(**context):
            return Balance.search([])

    def _check(self, **expected):
        "Check the totals, which are the same by whatever"
        for suffix in SUFFIXES:
            rows = self._balance(suffix)
            for name, value in expected.items():
                with self.subTest(by=suffix, name=name):
                    self.assertAlmostEqual(
                        sum(getattr(r, name) for r in rows), value, 6)
            for row in rows:
                # Each of them is rounded
                self.assertAlmostEqual(
                    row.opening + row.incoming - row.outgoing - row.stock,
                    row.gap, delta=0.0025)
                self._check_digits(row)

    def _check_digits(self, row):
        "Check that no number has more digits than its field"
        for name, field in row._fields.items():
            value = getattr(row, name)
            if isinstance(field, fields.Float) and value is not None:
                self.assertEqual(value, round(value, field.digits[1]), name)

    def _place(self, name):
        return self._get('stock.location', f'proxymikro_stock.location_{name}')

    def _treat(self, lots, operation=None, quantity=None):
        pool = Pool()
        Move = pool.get('stock.move')
        Waste = pool.get('stock.shipment.waste')
        code, = pool.get('waste.code').search([('code', '=', "16 02 14")])
        party, = pool.get('party.party').create([{'name': "Facility"}])
        waste = Waste(
            company=self.employee.company, party=party, waste_code=code)
        waste.save()
        Waste.add_lots(waste, lots)
        if quantity:
            Move.write(list(Waste(waste.id).moves), {'quantity': quantity})
        Waste.seal([Waste(waste.id)])
        Waste.send([Waste(waste.id)])
        waste = Waste(waste.id)
        waste.received_weight = waste.weight
        # Proposed before, it is known once the facility has done it
        waste.operation = operation or 'R4'
        waste.operation_mode = next(
            iter(OPERATION_MODES[waste.operation]), None)
        waste.save()
        Waste.accept([Waste(waste.id)])
        if operation:
            Waste.process([Waste(waste.id)])
        return Waste(waste.id)

    def test_modes(self):
        "Each kind of treatment has its bucket"
        self.assertEqual(set(MODES), {k for k, _ in TREATMENTS if k})
        self.assertLessEqual(set(MODES.values()), set(OUTGOING))
        buckets = [*INCOMING, *STOCK, *OUTGOING]
        self.assertEqual(len(buckets), len(set(buckets)))

    @with_transaction()
    def test_in_stock(self):
        "What came in is in stock"
        with self._in_company():
            self._give("Donor", self._regime("One", 'allowed'), 2)
            row, = self._balance()
            self.assertEqual(
                (row.incoming, row.reception, row.outgoing, row.gap),
                (10, 10, 0, 0))
            self.assertEqual(
                (row.basis, row.state, row.received),
                ('devices', 'balanced', 2))
            self.assertIsNone(row.reuse_rate)
            self._check(incoming=10, stock=10, outgoing=0, gap=0)

    @with_transaction()
    def test_scale(self):
        "What the scale read for all is what came in: the difference is a gap"
        pool = Pool()
        Collection = pool.get('stock.shipment.in')
        with self._in_company():
            device, other = self._give("Donor", self._regime("One", 'allowed'), 2)
            charger, = pool.get('product.template').create([{
                        'name': "Charger", 'type': 'goods',
                        'default_uom': device.unit.id,
                        'products': [('create', [{}])]}])
            pool.get('stock.collection.line').create([{
                        'collection': device.collection.id,
                        'product': charger.products[0].id, 'counted': 3.,
                        'weight': 1.}])
            self._check(incoming=11, untraced=1, stock=10, gap=0)
            Collection.write([device.collection], {'weighed': 11.5})
            self._check(
                incoming=11.5, in_scale=11.5, untraced=1, stock=10, gap=.5)
            row, = self._balance()
            self.assertEqual(row.basis, 'scale')
            self.assertEqual(row.state, 'gap')
            kinds = {r.kind: r.gap for r in self._balance('.kind')}
            self.assertEqual(kinds, {'desktop': 0, None: .5})

    @with_transaction()
    def test_estimated(self):
        "A weight that nobody read is told"
        Lot = Pool().get('stock.lot')
        with self._in_company():
            device, _ = self._give(
                "Donor", self._regime("One", 'allowed'), 2)
            Lot.write([device], {'weight_origin': 'usual'})
            row, = self._balance()
            self.assertEqual(
                (row.in_devices, row.in_estimated, row.basis),
                (5, 5, 'estimated'))

    @with_transaction()
    def test_dismantled(self):
        "A planted gap is the one shown, to the gram and by collection"
        pool = Pool()
        Component = pool.get('device.component')
        with self._in_company():
            regime = self._regime("One", 'allowed')
            one, = self._give("Donor 1", regime)
            two, = self._give("Donor 2", regime)
            Component.create([{'lot': one.id, 'kind': 'motherboard'}])
            rows = pool.get('production').propose([one, two])
            rows.append({
                    'product': self._get(
                        'product.product',
                        'proxymikro_recycling.product_scrap'),
                    'quantity': 9.1})
            pool.get('production').dismantle(
                [one, two], rows, mass_in=10., declared_loss=.1,
                loss_reason="Dust",
                discard_date=dt.date.today(), discard_by=self.employee,
                discard_reason="Obsolete")
            self._check(
                incoming=10, parts=.7, scrap=9.1, loss=.1, stock=9.8, gap=.1)
            first, second = sorted(
                self._balance(), key=lambda r: r.donor.name)
            # By what was left in each once the board was out: 4.3 and 5 kg
            self.assertAlmostEqual(first.gap, .1 * 4.3 / 9.3, 3)
            self.assertAlmostEqual(second.gap, .1 * 5 / 9.3, 3)
            self.assertEqual(first.parts, .7)
            self.assertEqual(second.parts, 0)
            self.assertEqual(
                {first.state, second.state}, {'balanced'})

    @with_transaction()
    def test_treated(self):
        "What is treated counts by the mode of its treatment, once known"
        with self._in_company():
            devices = self._give("Donor", self._regime("One", 'allowed'), 2)
            scrap = self._scrap(self._dismantle(devices))
            self._treat([scrap], 'R4', 4.)
            self._treat([scrap], 'R1', 3.)
            self._treat([scrap], 'D10', .5)
            self._treat([scrap], 'R0', .5)
            self._treat([scrap], 'R13', .5)
            self._treat([scrap], None, .5)
            self._check(
                recycled=4, recovered=3, disposed=.5, prepared=.5, treated=1,
                scrap=1,
                outgoing=9, gap=0, base=9)
            row, = self._balance()
            self.assertAlmostEqual(row.recycling_rate, 4 / 9, 4)
            self.assertAlmostEqual(row.recovery_rate, 3 / 9, 4)
            self.assertAlmostEqual(row.disposal_rate, .5 / 9, 4)
            self.assertAlmostEqual(row.reuse_rate, .5 / 9, 4)

    @with_transaction()
    def test_refused(self):
        "What the facility sends back did not leave"
        Waste = Pool().get('stock.shipment.waste')
        with self._in_company():
            devices = self._give("Donor", self._regime("One", 'allowed'))
            scrap = self._scrap(self._dismantle(devices))
            code, = Pool().get('waste.code').search(
                [('code', '=', "16 02 14")])
            waste = Waste(
                company=self.employee.company, party=devices[0].donor,
                waste_code=code)
            waste.save()
            Waste.add_lots(waste, [scrap])
            Waste.seal([waste])
            Waste.send([waste])
            self._check(treated=5, stock=0)
            Waste.write([waste], {'refusal_reason': "Mixed"})
            Waste.refuse([Waste(waste.id)])
            self._check(treated=0, scrap=5, gap=0)

    @with_transaction()
    def test_fitted(self):
        "A part weighs where it is, and its device less"
        Lot = Pool().get('stock.lot')
        with self._in_company():
            one, two = self._gifts()
            part = self._take_out(self._component(one, "M1"))
            Lot.write([part], {'weight': .5})
            self._check(incoming=10, parts=.5, stock=10, other=-.5, gap=0)
            self._fit(Lot(part.id), Lot(two.id))
            self._check(parts=0, stock=10, other=0, gap=0)
            one, two = Lot.browse([one, two])
            self._dismantle([one], scrap=4.5, mass_in=4.5)
            self._check(scrap=4.5, stock=10, other=.5, gap=0)
            rows = Pool().get('production').propose([two])
            rows.append({
                    'product': self._get(
                        'product.product',
                        'proxymikro_recycling.product_scrap'),
                    'quantity': 5.})
            self._dismantle_rows(two, rows, 5.5)
            self._check(incoming=10, parts=.5, scrap=9.5, other=0, gap=0)

    @with_transaction()
    def test_merged(self):
        "A card given up weighs nothing"
        Alias = Pool().get('device.alias')
        with self._in_company():
            regime = self._regime("One", 'allowed')
            one, = self._give("Donor 1", regime)
            two, = self._give("Donor 2", regime)
            Alias.merge(one, two, "Same machine")
            self._check(incoming=5, stock=5, lost=0, gap=0)

    @with_transaction()
    def test_lent(self):
        "A device serves again once, its years of loan are told apart"
        pool = Pool()
        Location = pool.get('stock.location')
        Lot = pool.get('stock.lot')
        with self._in_company():
            device, other = self._give(
                "Donor", self._regime("One", 'allowed'), 2)
            pool.get('product.template').write(
                [device.product.template], {'may_hold_data': False})
            place = Location(
                name="School", type='storage', stage='lent',
                borrower=device.donor, parent=self._place('members'))
            place.save()
            for _ in range(2):
                Lot.move_to([Lot(device.id)], place)
                Lot.move_to([Lot(device.id)], self._place('workshop'))
            self._check(
                placed=5, placed_number=1, stock=10, outgoing=0, base=5)
            self._dismantle([Lot(device.id)])
            row, = self._balance()
            self.assertEqual((row.placed, row.scrap, row.gap), (5, 5, 0))
            self.assertEqual(row.reuse_rate, 1)

    @with_transaction()
    def test_periods(self):
        "What was there before the period opens it"
        Date = Pool().get('ir.date')
        with self._in_company():
            today = Date.today()
            self._give("Donor", self._regime("One", 'allowed'))
            tomorrow = today + dt.timedelta(days=1)
            row, = self._balance(start_date=today, end_date=tomorrow)
            self.assertEqual((row.opening, row.incoming, row.gap), (0, 5, 0))
            row, = self._balance(
                start_date=tomorrow, end_date=tomorrow)
            self.assertEqual(
                (row.opening, row.incoming, row.stock, row.gap), (5, 0, 5, 0))
            self.assertEqual(
                self._balance(end_date=today - dt.timedelta(days=1)), [])

    @with_transaction()
    def test_selected(self):
        "The collections and the donors asked for"
        with self._in_company():
            regime = self._regime("One", 'allowed')
            one, = self._give("Donor 1", regime)
            two, = self._give("Donor 2", regime)
            self._dismantle([one, two])
            row, = self._balance(balance_collections=[one.collection.id])
            self.assertEqual(row.collection, one.collection)
            self.assertEqual((row.scrap, row.gap), (5, 0))
            for suffix in ['.donor', '.kind', '.year']:
                row, = self._balance(suffix, balance_donors=[two.donor.id])
                self.assertEqual((row.scrap, row.gap), (5, 0))

    @with_transaction()
    def test_queries(self):
        "The number of queries does not depend on the number of devices"
        with self._in_company():
            regime = self._regime("One", 'allowed')
            counts = []
            for number in [1, 12]:
                devices = self._give("Donor", regime, number)
                self._dismantle(devices)
                self._balance()
                with count_queries() as queries:
                    for suffix in SUFFIXES:
                        self._balance(suffix)
                counts.append(len(queries))
            self.assertEqual(*counts)

    @with_transaction()
    def test_roles(self):
        "Every role reads the balance"
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        User = pool.get('res.user')
        with self._in_company():
            self._give("Donor", self._regime("One", 'allowed'))
            for role in ROLES:
                group = ModelData.get_id('proxymikro_base', f'group_{role}')
                user, = User.create([{
                            'name': role, 'login': role,
                            'groups': [('add', [group])]}])
                with self.subTest(role=role), \
                        Transaction().set_user(user.id), \
                        Transaction().set_context(_check_access=True):
                    for suffix in SUFFIXES:
                        Balance = pool.get(f'recycling.mass.balance{suffix}')
                        row, = Balance.search_read(
                            [], fields_names=['incoming', 'rec_name'])
                        self.assertEqual(row['incoming'], 5)
