# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What waste may weigh, take as room, and when it may leave."""
import datetime as dt

from trytond.exceptions import UserError
from trytond.model.exceptions import ValidationError
from trytond.modules.proxymikro_recycling.exceptions import (
    WasteDateError, WasteError, WasteLoadWarning)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, with_transaction
from trytond.transaction import Transaction

from .test_waste import SLIP, TODAY, YESTERDAY, WasteMixin


class WasteLimitTestCase(WasteMixin, TestCase):
    "Test the limits of waste shipments"

    @with_transaction()
    def test_load(self):
        "Above the limit of its date, a load needs a declared carrier"
        Shipment = Pool().get('stock.shipment.waste')
        with self._in_company():
            for mass, code, warned in [
                    (99, '16 02 13', False), (101, '16 02 13', True),
                    (499, '16 02 14', False), (501, '16 02 14', True)]:
                with self.subTest(mass=mass, code=code):
                    scrap = self._scrap(self._scrap_of(mass))
                    shipment = self._sealed([scrap], code, slip_number=SLIP)
                    shipment.carriers = [self._carrier(
                            receipt_exempted=True, exemption_reason="Own")]
                    shipment.save()
                    if warned:
                        self._refused(
                            WasteLoadWarning, "R541-50", Shipment.send,
                            [shipment])
                        shipment.carriers = [self._carrier(
                                receipt_number="40-1")]
                        shipment.save()
                    Shipment.send([Shipment(shipment.id)])

    @with_transaction()
    def test_load_of_the_day(self):
        "What leaves together is one load, whatever its codes"
        Shipment = Pool().get('stock.shipment.waste')
        with self._in_company():
            here, elsewhere = self._party("Here"), self._party("Elsewhere")
            first, other, away, last = shipments = [
                self._shipment(
                    [self._scrap(self._scrap_of(mass))], code,
                    slip_number=SLIP)
                for mass, code in [
                    (60, '16 02 13'), (61, '16 02 14'), (62, '16 02 13'),
                    (63, '16 02 15')]]
            for shipment in shipments:
                shipment.party = elsewhere if shipment == away else here
            Shipment.save(shipments)
            Shipment.seal(shipments)
            # Sent at once, or one after the other
            self._refused(
                WasteLoadWarning, first.rec_name, Shipment.send,
                [first, other, last])
            for shipment in [first, other, away]:
                Shipment.send([Shipment(shipment.id)])
            self._refused(
                WasteLoadWarning, "123", Shipment.send, [Shipment(last.id)])

    @with_transaction()
    def test_weights(self):
        "A gap between both weights is explained, or tolerated"
        Shipment = Pool().get('stock.shipment.waste')
        with self._in_company():
            shipment = self._sent([self._scrap(self._scrap_of(100))])
            for weight in [0, -1, float('inf'), 10_000_001]:
                with self.subTest(weight=weight), \
                        self.assertRaises(ValidationError):
                    Shipment.write([shipment], {'received_weight': weight})
            self._refused(
                WasteError, shipment.rec_name, Shipment.accept,
                [Shipment(shipment.id)])
            Shipment.write([shipment], {'received_weight': 94.9})
            self._refused(
                WasteError, "94.9", Shipment.accept, [Shipment(shipment.id)])
            Shipment.write([shipment], {'weight_gap_reason': "Pallets"})
            Shipment.accept([Shipment(shipment.id)])
            shipment = Shipment(shipment.id)
            self.assertEqual(shipment.weight_gap, -5.1)
            self.assertEqual(shipment.state, 'accepted')

    @with_transaction()
    def test_dates(self):
        "A shipment leaves in the last 18 months, in an open period"
        pool = Pool()
        Period = pool.get('stock.period')
        Shipment = pool.get('stock.shipment.waste')
        with self._in_company():
            scrap = self._scrap(self._scrap_of(5))
            for days in [1, -600]:
                shipment = self._sealed(
                    [scrap], effective_date=TODAY + dt.timedelta(days))
                self._refused(
                    WasteDateError, shipment.rec_name, Shipment.send,
                    [shipment])
                Shipment.draft([Shipment(shipment.id)])
        Transaction().rollback()
        with self._in_company():
            scrap = self._scrap(self._scrap_of(5))
            shipment = self._sealed([scrap])
            period = Period(company=self.employee.company, date=YESTERDAY)
            period.save()
            Period.close([period])
            shipment.effective_date = YESTERDAY
            shipment.save()
            with self.assertRaises(UserError):
                Shipment.send([shipment])

    @with_transaction()
    def test_storage_gauge(self):
        "The volume that waits is told from 80 % on, what has none is named"
        pool = Pool()
        Limit = pool.get('waste.limit')
        limit = Limit.get_limit('storage', TODAY)
        with self._in_company():
            self._scrap_of(500)
            scrap = self._get(
                'product.product', 'proxymikro_recycling.product_scrap')
            self.assertEqual(
                (limit.reached, limit.level), (0, 'clear'))
            self.assertIn(scrap.template.name, limit.uncounted)
            for volume, level in [
                    (0.1, 'clear'), (0.16, 'near'), (0.2, 'passed')]:
                template = scrap.template
                template.volume = volume
                template.volume_uom = self._get(
                    'product.uom', 'product.uom_cubic_meter')
                template.save()
                limit = Limit(limit.id)
                self.assertAlmostEqual(limit.reached, 500 * volume)
                self.assertEqual(limit.level, level)
            self.assertIsNone(limit.uncounted)

    @with_transaction()
    def test_storage_incoming(self):
        "What was received as waste counts while it waits to be sorted"
        pool = Pool()
        Collection = pool.get('stock.shipment.in')
        Limit = pool.get('waste.limit')
        with self._in_company():
            device, = self._give("Donor", self._regime("Regime", 'allowed'))
            template = device.product.template
            template.volume = 2
            template.volume_uom = self._get(
                'product.uom', 'product.uom_cubic_meter')
            template.save()
            limit = Limit.get_limit('storage', TODAY)
            self.assertEqual(limit.reached, 0)
            table = Collection.__table__()
            Transaction().connection.cursor().execute(*table.update(
                    [table.waste], [True],
                    where=table.id == device.collection.id))
            self.assertEqual(Limit(limit.id).reached, 2)

    @with_transaction()
    def test_storage_discarded(self):
        "A discarded device counts wherever it waits, until it is withdrawn"
        pool = Pool()
        Discard = pool.get('device.discard')
        Limit = pool.get('waste.limit')
        Lot = pool.get('stock.lot')
        with self._in_company():
            device, kept = self._give(
                "Donor", self._regime("Regime", 'allowed'), 2)
            template = device.product.template
            template.volume = 2
            template.volume_uom = self._get(
                'product.uom', 'product.uom_cubic_meter')
            template.save()
            limit = Limit.get_limit('storage', TODAY)
            self.assertEqual(limit.reached, 0)
            discard, = Discard.decide(
                [device], TODAY, self.employee, "Obsolete")
            self.assertEqual(Limit(limit.id).reached, 2)
            Lot.move_to([Lot(device.id)], self._get(
                    'stock.location', 'proxymikro_stock.location_scrap'))
            self.assertEqual(Limit(limit.id).reached, 2)
            Lot.move_to([Lot(device.id)], self._get(
                    'stock.location', 'proxymikro_stock.location_workshop'))
            self.assertEqual(Limit(limit.id).reached, 2)
            with Transaction().set_context(employee=self.employee.id):
                Discard.withdraw([Discard(discard.id)], "Repaired")
            self.assertEqual(Limit(limit.id).reached, 0)

