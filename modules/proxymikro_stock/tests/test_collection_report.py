# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The documents that the donor keeps or signs."""
import datetime as dt
from decimal import Decimal

from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module

from .fleet import with_company

DOCUMENTS = [
    'pickup_slip', 'reception_record', 'take_over_certificate', 'serial_list',
    'deed']


def render(collection, name):
    "Return the HTML of the document and the start of its PDF"
    pool = Pool()
    Action = pool.get('ir.action.report')
    Report = pool.get(f'stock.shipment.in.{name}', type='report')
    report, = Action.search([('report_name', '=', Report.__name__)])
    context = Report.get_context([collection], {}, {})
    html = Report.render(report, context)
    _, pdf, _, _ = Report.execute([collection.id], {'action_id': report.id})
    assert pdf.startswith(b'%PDF')
    return html if isinstance(html, str) else html.decode()


class CollectionReportTestCase(TestCase):
    "Test the documents of a collection"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    @with_company
    def test_every_regime(self, fleet):
        "Each document is printed under each regime, before and after"
        for regime in [
                'administration', 'public_body', 'company', 'individual',
                'purchase', 'unknown', 'deposit']:
            collection = fleet.collect(regime)
            if regime == 'deposit':
                fleet.provide(collection, 'deposit')
            for _ in range(2):
                for name in DOCUMENTS:
                    with self.subTest(regime=regime, document=name):
                        html = render(collection, name)
                        self.assertIn(collection.supplier.name, html)
                if collection.state == 'draft':
                    collection = fleet.receive(collection)

    @with_company
    def test_discrepancies(self, fleet):
        "The reception record says what is missing and why"
        collection = fleet.collect(count=2)
        line, = collection.lines
        line.announced = 3
        line.note = "One was kept by the donor"
        line.save()
        html = render(fleet.receive(collection), 'reception_record')
        self.assertIn("Réception avec écarts", html)
        self.assertIn("One was kept by the donor", html)
        self.assertIn("-1", html)

    @with_company
    def test_serials(self, fleet):
        "The list of serials says which weight is only usual"
        collection = fleet.collect(count=1, serial_number="CZC1")
        html = render(collection, 'serial_list')
        self.assertIn("CZC1", html)
        self.assertIn("n'a pas été pesé", html)
        device, = collection.devices
        device.weight = 5
        device.save()
        html = render(collection.__class__(collection.id), 'serial_list')
        self.assertNotIn("n'a pas été pesé", html)

    @with_company
    def test_deed(self, fleet):
        "The deed of an administration has its clauses, the form their gaps"
        collection = fleet.collect('administration', count=2)
        gaps = collection.deed_gaps
        for gap in ["Pickup Address", "Pick Up Before", "Deed Signatory",
                "Authority of the Signatory", "Acquired On",
                "Estimated Value"]:
            self.assertIn(gap, gaps)
        Address = Pool().get('party.address')
        address, = Address.create([{
                    'party': fleet.donor.id, 'street': "1 rue du Port"}])
        collection.pickup_address = address
        collection.deed_deadline = dt.date(2026, 12, 24)
        collection.deed_signatory = "Hélène Lafargue, maire"
        collection.deed_authority = "Délibération 41"
        collection.save()
        for device in collection.devices:
            device.gift_value = Decimal(25)
            device.acquired_on = dt.date(2015, 9, 1)
            device.save()
        collection = collection.__class__(collection.id)
        self.assertEqual(collection.deed_gaps, '')
        html = render(collection, 'deed')
        for clause in [
                "1 rue du Port", "Hélène Lafargue, maire", "Délibération 41",
                "L3212-2", "à ne pas le céder à titre onéreux", "50", "300"]:
            self.assertIn(clause, html)
        self.assertIsNone(fleet.collect('company').deed_gaps)

    @with_company
    def test_solidarity_price(self, fleet):
        "The cap of the day shows on what the law lets sell at that price"
        Price = Pool().get('stock.solidarity.price')
        device = fleet.collect('administration', count=1).devices[0]
        self.assertEqual(device.solidarity_price, Decimal(30))
        self.assertIsNone(
            fleet.collect('public_body').devices[0].solidarity_price)
        today = dt.date.today()
        price, = Price.search([('device_kind', '=', 'screen')])
        price.end_date = today - dt.timedelta(days=1)
        price.save()
        Price.create([{
                    'device_kind': 'screen', 'name': "Screen",
                    'amount': Decimal(35), 'start_date': today}])
        self.assertEqual(
            device.__class__(device.id).solidarity_price, Decimal(35))
