# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Collections: their regimes, their documents, what they block."""
import datetime as dt
from decimal import Decimal

from trytond.model.exceptions import RequiredValidationError
from trytond.modules.proxymikro_stock.exceptions import (
    CollectionDocumentError, CollectionError, EvidenceAccessError)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module
from trytond.transaction import check_access

from .fleet import with_company

TODAY = dt.date.today()


def collect(fleet, regime, kind='screen', count=2, **values):
    "Return a collection with devices of the kind"
    Collection = Pool().get('stock.shipment.in')
    collection = Collection(
        supplier=fleet.donor, company=fleet.company,
        gift_regime=fleet.ref(f'proxymikro_stock.gift_regime_{regime}'))
    collection.on_change_supplier()
    collection.on_change_warehouse()
    collection.save()
    product = fleet.ref(f'proxymikro_stock.product_{kind}')
    collection.add_devices(collection, [{'product': product, **values}] * count)
    return Collection(collection.id)


def receive(collection):
    collection.receive([collection])
    return collection.__class__(collection.id)


def provide(fleet, collection, document, **values):
    Document = Pool().get('stock.collection.document')
    values.setdefault('reference', "Binder 1")
    document, = Document.create([{
                'collection': collection.id, 'date': TODAY,
                'document': fleet.ref(
                    f'proxymikro_stock.gift_document_{document}').id,
                **values}])
    return document


def missing(collection):
    Missing = Pool().get('stock.collection.document.missing')
    return {m.document.name for m in Missing.search(
            [('collection', '=', collection.id)])}


class CollectionTestCase(TestCase):
    "Test the collections"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    @with_company
    def test_missing(self, fleet):
        "What the regime requires is listed until it is provided"
        collection = collect(fleet, 'administration')
        self.assertEqual(missing(collection), {
                "Deed of Transfer", "Authority of the Signatory",
                "Signed Pickup Slip", "Signed Reception Record"})
        deed = provide(fleet, collection, 'deed')
        self.assertNotIn("Deed of Transfer", missing(collection))
        deed.void([deed])
        self.assertIn("Deed of Transfer", missing(collection))
        collection.cancel([collection])
        self.assertFalse(missing(collection))

    @with_company
    def test_missing_search(self, fleet):
        "The collections that miss a document are found, and theirs by donor"
        pool = Pool()
        Collection = pool.get('stock.shipment.in')
        Missing = pool.get('stock.collection.document.missing')
        collection = collect(fleet, 'individual')
        clause = [('missing_documents', 'where', [])]
        self.assertEqual(Collection.search(clause), [collection])
        row, = Missing.search([('donor.name', '=', "Donor")])
        self.assertEqual(
            row.rec_name, f"Signed Pickup Slip · {collection.rec_name}")
        self.assertEqual(row.donor, fleet.donor)
        provide(fleet, collection, 'slip')
        self.assertEqual(Collection.search(clause), [])
        self.assertFalse(Missing.search([('donor', '=', fleet.donor.id)]))

    @with_company
    def test_missing_dated(self, fleet):
        "A requirement counts for the collections of its time only"
        Required = Pool().get('stock.gift.regime.document')
        collection = collect(fleet, 'individual')
        required, = Required.search([
                ('regime', '=', collection.gift_regime.id)])
        Required.write([required], {
                'start_date': TODAY + dt.timedelta(days=1)})
        self.assertFalse(missing(collection))
        collection.planned_date = TODAY + dt.timedelta(days=2)
        collection.save()
        self.assertTrue(missing(collection))

    @with_company
    def test_block_release(self, fleet):
        "Without its deed what an administration gave is not lent nor sold"
        Lot = Pool().get('stock.lot')
        collection = receive(collect(fleet, 'administration'))
        lots = list(collection.devices)
        Lot.move_to(lots, fleet.loc('workshop'))
        customer = fleet.loc('customer')
        for location in [
                fleet.loc('ready'), fleet.loc('treatment'), customer]:
            with self.subTest(location=location.rec_name):
                with self.assertRaises(CollectionDocumentError) as cm:
                    Lot.check_documents(lots, location)
                self.assertIn("Deed of Transfer", cm.exception.message)
        with self.assertRaises(CollectionDocumentError):
            fleet.do(lots[0], 'workshop', 'customer')
        provide(fleet, collection, 'deed')
        fleet.do(lots[0], 'workshop', 'customer')
        self.assertEqual(fleet.place(lots[0]), customer)

    @with_company
    def test_block_receive(self, fleet):
        "Nothing is taken on deposit without its agreement"
        collection = collect(fleet, 'deposit')
        with self.assertRaises(CollectionDocumentError):
            receive(collection)
        self.assertEqual(collection.__class__(collection.id).state, 'draft')
        provide(fleet, collection, 'deposit')
        self.assertEqual(receive(collection).state, 'done')

    @with_company
    def test_document_sealed(self, fleet):
        "A document that was recorded is only voided"
        Document = Pool().get('stock.collection.document')
        collection = collect(fleet, 'company')
        document = provide(fleet, collection, 'letter')
        with self.assertRaises(EvidenceAccessError):
            Document.write([document], {'reference': "Other"})
        with self.assertRaises(EvidenceAccessError):
            Document.delete([document])
        with self.assertRaises(RequiredValidationError):
            provide(fleet, collection, 'slip', reference=None)
        with check_access():
            provide(
                fleet, collection, 'slip', reference=None, file=b'%PDF-',
                file_name='slip.pdf')
        self.assertFalse(missing(collection))

    @with_company
    def test_regime_date(self, fleet):
        "A collection is received under a regime in force on its day"
        collection = collect(fleet, 'company')
        regime = collection.gift_regime
        regime.end_date = TODAY - dt.timedelta(days=1)
        regime.save()
        with self.assertRaises(CollectionError):
            receive(collection)
        collection.effective_date = regime.end_date
        collection.save()
        self.assertEqual(receive(collection).state, 'done')

    @with_company
    def test_regime_cap(self, fleet):
        "No device is worth more than what the regime allows"
        collection = collect(
            fleet, 'administration', gift_value=Decimal('300.01'))
        with self.assertRaises(CollectionError) as cm:
            receive(collection)
        self.assertIn("L3212-2, 3°", cm.exception.message)
        for device in collection.devices:
            device.gift_value = Decimal(300)
            device.save()
        self.assertEqual(receive(collection).state, 'done')
