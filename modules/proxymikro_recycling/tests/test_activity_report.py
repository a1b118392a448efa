# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the report of the activity counts."""
import datetime as dt

from trytond.modules.proxymikro_stock.tests.fleet import with_company
from trytond.modules.proxymikro_stock.tests.workshop import Workshop
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module


class ActivityReportTestCase(TestCase):
    "Test the figures of the report of the activity"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_recycling')

    def drives(self, start, end):
        Report = Pool().get('impact.activity', type='report')
        drives = Report._get_drives(start, end)
        return [
            drives[n] for n in ['collected', 'erased', 'destroyed', 'left']]

    @with_company
    def test_drives(self, fleet):
        "The drives that came in, were erased or destroyed, and are left"
        today = dt.date.today()
        past, future = dt.date.min, dt.date.max
        workshop = Workshop(fleet)
        collection = fleet.collect(kind='desktop', count=2)
        fleet.receive(collection)
        first, second = (fleet.Lot(l.id) for l in collection.devices)
        self.assertEqual(self.drives(past, future), [0, 0, 0, 0])

        cleared, shredded, failed = (
            workshop.drive(first, serial=s) for s in ['D1', 'D2', 'D3'])
        workshop.drive(second, serial='D4')
        # Seen again in the other device, it came in once
        workshop.drive(second, serial='D1', previous=cleared.id)
        self.assertEqual(self.drives(past, future), [4, 0, 0, 4])

        workshop.erase(cleared)
        workshop.erase(cleared)
        workshop.erase(shredded, method='destroy', technique="Shredded")
        workshop.erase(failed, result='failed')
        self.assertEqual(self.drives(past, future), [4, 1, 1, 2])
        self.assertEqual(
            self.drives(past, today - dt.timedelta(days=2)), [0, 0, 0, 0])
