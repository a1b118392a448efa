# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A part keeps its own origin through the devices that it is fitted in."""
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, with_transaction

from .test_provenance import ProvenanceMixin


class WorkMixin(ProvenanceMixin):
    "What the tests fit and take out"

    def _component(self, device, serial):
        Component = Pool().get('device.component')
        component = Component(lot=device, kind='memory', serial=serial)
        component.save()
        return component

    def _work(self, device, **values):
        Work = Pool().get('device.work')
        work, = Work.create([{
                    'lot': device.id, 'company': self.employee.company.id,
                    'outcome': 'fixed', **values}])
        Work.run([work])
        Work.do([work])
        return Work(work.id)

    def _take_out(self, component):
        Removal = Pool().get('device.work.removal')
        removal = Removal(component=component)
        removal.on_change_component()
        work = self._work(component.lot, removals=[('create', [{
                            'component': component.id,
                            'kind': removal.kind,
                            'product': removal.product.id}])])
        return work.removals[0].lot

    def _fit(self, part, device):
        self._work(device, parts=[('create', [{
                            'lot': part.id, 'kind': part.part_kind}])])
        return Pool().get('stock.lot')(part.id)

    def _gifts(self):
        return [
            self._give(f"Donor {resale}", self._regime(resale, resale))[0]
            for resale in ['forbidden', 'allowed']]

    def _origin(self, lot):
        lot = Pool().get('stock.lot')(lot.id)
        return list(lot.source_devices), lot.resale_right

    def _known_parts(self, device, mass):
        "Dismantle the device as proposed"
        pool = Pool()
        Production = pool.get('production')
        rows = Production.propose([device])
        rows.append({
                'product': self._get(
                    'product.product', 'proxymikro_recycling.product_scrap'),
                'quantity': mass - 0.02 * len(rows)})
        return self._dismantle_rows(device, rows, mass)

    def _dismantle_rows(self, device, rows, mass):
        Date, Production = Pool().get('ir.date'), Pool().get('production')
        return Production.dismantle(
            [device], rows, mass_in=mass, discard_date=Date.today(),
            discard_by=self.employee, discard_reason="Obsolete")


class WorkProvenanceTestCase(WorkMixin, TestCase):
    "Test the origin of what work orders fit and take out"

    @with_transaction()
    def test_taken_out(self):
        "A part taken out comes from its device, which stays whole"
        Lot = Pool().get('stock.lot')
        with self._in_company():
            device, _ = self._gifts()
            part = self._take_out(self._component(device, "M1"))
            self.assertEqual(part.product.component_kind, 'memory')
            self.assertEqual(self._origin(part), ([device], 'forbidden'))
            self.assertEqual(part.donors, (device.donor,))
            self.assertIn(part.number, Lot.resale_refusals([part])[part])
            self.assertEqual(
                Lot.search([('source_devices', '=', device.id)]), [part])
            self.assertEqual(self._origin(device)[0], [])

    @with_transaction()
    def test_fitted(self):
        "A part fitted keeps its origin and does not taint the device"
        Lot = Pool().get('stock.lot')
        with self._in_company():
            forbidden, allowed = self._gifts()
            part = self._fit(
                self._take_out(self._component(forbidden, "M1")), allowed)
            self.assertEqual(part.host, allowed)
            self.assertEqual(self._origin(allowed), ([], 'allowed'))
            self.assertEqual(self._origin(part), ([forbidden], 'forbidden'))

            # Out by another work order: the same part, from the same device
            component, = Lot(allowed.id).components
            self.assertEqual(self._take_out(component), part)
            self.assertEqual(self._origin(part), ([forbidden], 'forbidden'))
            self.assertEqual(
                Lot.search([('source_devices', '=', allowed.id)]), [])

    @with_transaction()
    def test_cancelled(self):
        "The dismantling undone forgets nothing of what came out before it"
        pool = Pool()
        Component = pool.get('device.component')
        Lot = pool.get('stock.lot')
        Production = pool.get('production')
        with self._in_company():
            first, second = self._gifts()
            own = self._component(first, "M1")
            part = self._fit(self._take_out(own), second)
            fitted, = Lot(second.id).components
            production = self._known_parts(Lot(second.id), 5.)
            self.assertEqual(Component(fitted.id).extracted_lot, part)
            Production.cancel([production])
            self.assertIsNone(Component(fitted.id).extracted_lot)
            self.assertIsNone(Component(fitted.id).removed_on)
            self.assertEqual(Component(own.id).extracted_lot, part)
            self.assertEqual(self._origin(part), ([first], 'forbidden'))

    @with_transaction()
    def test_dismantled(self):
        "Nor does the dismantling of the device give it another origin"
        Lot = Pool().get('stock.lot')
        with self._in_company():
            forbidden, allowed = self._gifts()
            own = self._component(allowed, "M2")
            part = self._fit(
                self._take_out(self._component(forbidden, "M1")), allowed)
            production = self._known_parts(Lot(allowed.id), 5.)
            out = {m.lot for m in production.outputs}
            self.assertIn(part, out)
            self.assertEqual(Lot(part.id).stage, 'parts')
            self.assertIsNone(Lot(part.id).host)
            self.assertEqual(self._origin(part), ([forbidden], 'forbidden'))
            own = type(own)(own.id).extracted_lot
            for lot in out - {part}:
                self.assertEqual(
                    self._origin(lot), ([allowed], 'allowed'))
            self.assertIn(own, out)
            self.assertEqual(
                set(Lot.search([('source_devices', '=', allowed.id)])),
                out - {part})
            self.assertEqual(
                Lot.search([('source_devices', '=', forbidden.id)]), [part])

    @with_transaction()
    def test_bought(self):
        "A part without origin gets none from the device that held it"
        pool = Pool()
        Lot, Move = pool.get('stock.lot'), pool.get('stock.move')
        with self._in_company():
            _, allowed = self._gifts()
            product = self._get(
                'product.product', 'proxymikro_recycling.product_memory')
            part = Lot(product=product, unit=product.lot_uom, unit_quantity=1)
            part.save()
            move = Move(
                product=product, lot=part, unit=part.unit, quantity=1,
                from_location=self._get(
                    'stock.location', 'stock.location_supplier'),
                to_location=self._get(
                    'stock.location', 'proxymikro_stock.location_parts'),
                unit_price=0, currency=self.employee.company.currency)
            move.save()
            Move.do([move])
            self._fit(Lot(part.id), allowed)
            self._known_parts(Lot(allowed.id), 5.)
            self.assertEqual(Lot(part.id).stage, 'parts')
            self.assertEqual(self._origin(part), ([], 'unknown'))

    @with_transaction()
    def test_outcome(self):
        "The gift whose part was fitted shows where it is"
        pool = Pool()
        Outcome = pool.get('collection.outcome')
        with self._in_company():
            forbidden, allowed = self._gifts()
            part = self._fit(
                self._take_out(self._component(forbidden, "M1")), allowed)
            row, = Outcome.search([('lot', '=', part.id)])
            self.assertEqual(
                (row.situation, row.device, row.collection),
                ('fitted', forbidden, forbidden.collection))
            self.assertEqual(row.document, part.current_move.origin)
