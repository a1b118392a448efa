# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is waste is treated, and nothing else is."""
import datetime as dt

from trytond.model.exceptions import AccessError
from trytond.modules.proxymikro_recycling.exceptions import (
    DiscardError, DismantleError, MassBalanceError)
from trytond.modules.proxymikro_stock.exceptions import (
    DataGateError, DeviceWorkError, EvidenceAccessError)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, with_transaction
from trytond.transaction import Transaction, check_access

from .test_provenance import ProvenanceMixin


class DiscardTestCase(ProvenanceMixin, TestCase):
    "Test the decisions to discard"

    def _discard(self, *devices, date=None, reason="Obsolete"):
        return Pool().get('device.discard').decide(
            list(devices), date or dt.date.today(), self.employee, reason)

    def _devices(self, count=1):
        return self._give("Donor", self._regime("One", 'allowed'), count)

    def _move(self, device, name, **values):
        "Move the device to the place, by no document"
        pool = Pool()
        Move = pool.get('stock.move')
        device = pool.get('stock.lot')(device.id)
        move = Move(
            product=device.product, lot=device, quantity=1,
            unit=device.product.default_uom, from_location=device.location,
            to_location=self._get('stock.location', name), **values)
        move.save()
        Move.do([move])

    @with_transaction()
    def test_sealed(self):
        "A decision is signed at once, and never changes"
        pool = Pool()
        Discard = pool.get('device.discard')
        Lot = pool.get('stock.lot')
        with self._in_company():
            device, other = self._devices(2)
            discard, = self._discard(device)
            self.assertEqual(Lot.search([('discarded', '=', True)]), [device])
            self.assertEqual(
                [Lot(l.id).discarded for l in [device, other]],
                [True, False])
            event, = [
                e for e in Lot(device.id).events if e.document == discard]
            self.assertEqual(event.employee, self.employee)
            with self.assertRaises(EvidenceAccessError):
                Discard.write([discard], {'reason': "Other"})
            with self.assertRaises(EvidenceAccessError):
                Discard.delete([discard])
            with check_access():
                with self.assertRaises(AccessError):
                    Discard.write(
                        [discard], {'withdrawn_on': dt.date.today()})
                with self.assertRaises(AccessError):
                    Discard.create([{
                                'lot': other.id, 'date': dt.date.today(),
                                'employee': self.employee.id,
                                'reason': "By hand"}])

    @with_transaction()
    def test_treated(self):
        "Only what was discarded is dismantled or leaves for treatment"
        with self._in_company():
            device, = self._devices()
            for name in [
                    'production.location_production',
                    'proxymikro_stock.location_treatment']:
                with self.assertRaises(DiscardError) as caught:
                    self._move(device, name)
                self.assertIn(device.number, caught.exception.message)
            self._discard(device)
            self._move(device, 'proxymikro_stock.location_treatment')

    @with_transaction()
    def test_used(self):
        "What was discarded is neither lent nor sold"
        pool = Pool()
        Lot = pool.get('stock.lot')
        Location = pool.get('stock.location')
        with self._in_company():
            device, = self._devices()
            places = [
                Location.get_members(),
                self._get('stock.location', 'stock.location_customer')]
            for place in places:
                Lot.check_destination([device], place)
            self._discard(device, reason="Broken board")
            for place in places:
                with self.assertRaises(DiscardError) as caught:
                    Lot.check_destination([device], place)
                self.assertIn("Broken board", caught.exception.message)

    @with_transaction()
    def test_repaired(self):
        "No work order opens what was discarded"
        Work = Pool().get('device.work')
        with self._in_company():
            device, = self._devices()
            work, = Work.create([{
                        'lot': device.id, 'outcome': 'fixed',
                        'company': self.employee.company.id}])
            Work.run([work])
            with self.assertRaises(DiscardError) as caught:
                self._discard(device)
            self.assertIn(work.rec_name, caught.exception.message)
            Work.do([Work(work.id)])
            self._discard(device)
            work, = Work.create([{
                        'lot': device.id,
                        'company': self.employee.company.id}])
            with self.assertRaises(DeviceWorkError) as caught:
                Work.run([work])
            self.assertIn("Obsolete", caught.exception.message)

    @with_transaction()
    def test_refused(self):
        "What is discarded already, away or of tomorrow is refused by name"
        with self._in_company():
            device, other, gone = self._devices(3)
            self._discard(device)
            with self.assertRaises(DiscardError) as caught:
                self._discard(other, device)
            self.assertIn(device.number, caught.exception.message)
            with self.assertRaises(DiscardError):
                self._discard(
                    other, date=dt.date.today() + dt.timedelta(days=1))
            self._dismantle([gone])
            with self.assertRaises(DiscardError) as caught:
                self._discard(gone)
            self.assertIn(gone.number, caught.exception.message)
            self.assertFalse(other.discarded)

    @with_transaction()
    def test_withdrawn(self):
        "The decision is withdrawn as long as the device is whole"
        Discard = Pool().get('device.discard')
        with self._in_company():
            device, = self._devices()
            discard, = self._discard(device)
            with Transaction().set_context(employee=self.employee.id):
                Discard.withdraw([discard], "Repaired")
            self.assertEqual(
                (discard.withdrawn_by, discard.withdrawal_reason),
                (self.employee, "Repaired"))
            self.assertFalse(device.discarded)
            again, = self._discard(device)
            self._dismantle([device])
            with self.assertRaises(DiscardError):
                Discard.withdraw([Discard(again.id)], "Too late")

    @with_transaction()
    def test_dismantled(self):
        "A dismantling decides for what nobody had discarded, and only that"
        pool = Pool()
        Discard = pool.get('device.discard')
        with self._in_company():
            device, other = self._devices(2)
            before, = self._discard(device, reason="Before")
            with self.assertRaises(DismantleError) as caught:
                self._dismantle([device, other], discard_reason=None)
            self.assertIn(other.number, caught.exception.message)
            self._dismantle([device, other])
            self.assertEqual(Discard.in_force([device, other]), {
                    device.id: before,
                    other.id: Discard.search([('lot', '=', other.id)])[0]})

    @with_transaction()
    def test_opened_before(self):
        "A device is not opened before it is discarded"
        with self._in_company():
            device, = self._devices()
            with self.assertRaises(DismantleError) as caught:
                self._dismantle([device], effective_date=(
                        dt.date.today() - dt.timedelta(days=1)))
            self.assertIn(device.number, caught.exception.message)

    @with_transaction()
    def test_loss(self):
        "A loss has its reason"
        with self._in_company():
            device, other = self._devices(2)
            with self.assertRaises(MassBalanceError):
                self._dismantle([device], scrap=4.8, declared_loss=.2)
            self._dismantle(
                [other], scrap=4.8, declared_loss=.2, loss_reason="Dust")

    @with_transaction()
    def test_unerased(self):
        "What may hold data is refused even if it was discarded"
        pool = Pool()
        Component = pool.get('device.component')
        with self._in_company():
            device, = self._devices()
            component = Component(lot=device, kind='drive', serial="D1")
            component.save()
            self._discard(device)
            with self.assertRaises(DataGateError) as caught:
                self._dismantle([device])
            self.assertIn(device.number, caught.exception.message)
