# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What a donor is told of a year, once the year is over."""
from dateutil.relativedelta import relativedelta

from trytond.modules.proxymikro_recycling.donor_statement import get_figures
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, with_transaction
from trytond.transaction import Transaction

from .resale import TODAY
from .test_provenance import ProvenanceMixin


class DonorStatementTestCase(ProvenanceMixin, TestCase):
    "Test the figures of the yearly statement"

    def _a_year_ago(self, device):
        "Let the device have been given a year ago"
        pool = Pool()
        cursor = Transaction().connection.cursor()
        date = TODAY - relativedelta(years=1)
        collection = pool.get('stock.shipment.in').__table__()
        move = pool.get('stock.move').__table__()
        for table, where in [
                (collection, collection.id == device.collection.id),
                (move, move.lot == device.id)]:
            cursor.execute(*table.update(
                    [table.effective_date], [date], where=where))
        Transaction().cache.clear()

    def _items(self, donor, year):
        return [
            (i['number'], i['situation'])
            for i in get_figures([donor], year)[donor.id]['items']]

    @with_transaction()
    def test_year(self):
        "The statement of a year knows nothing of the next one"
        pool = Pool()
        Collection = pool.get('stock.shipment.in')
        with self._in_company():
            regime = self._regime("Regime", 'allowed')
            device, = self._give("Donor", regime)
            later, = self._give("Other", regime)
            donor = device.donor
            self._a_year_ago(device)
            collection = Collection.__table__()
            Transaction().connection.cursor().execute(*collection.update(
                    [collection.supplier], [donor.id],
                    where=collection.id == later.collection.id))
            Transaction().cache.clear()
            scrap = self._scrap(self._dismantle([device]))
            self.assertEqual(
                self._items(donor, TODAY.year - 1),
                [(device.number, "reçu, en attente")])
            self.assertEqual(
                sorted(self._items(donor, TODAY.year)),
                sorted([
                        (device.number, "démonté"),
                        (later.number, "reçu, en attente"),
                        (scrap.number, "en rebut, à traiter")]))
            self.assertEqual(self._items(donor, TODAY.year - 2), [])
