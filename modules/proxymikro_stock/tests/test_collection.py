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
        collection = fleet.collect('administration')
        self.assertEqual(missing(collection), {
                "Deed of Transfer", "Authority of the Signatory",
                "Signed Pickup Slip", "Signed Reception Record"})
        deed = fleet.provide(collection, 'deed')
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
        collection = fleet.collect('individual')
        clause = [('missing_documents', 'where', [])]
        self.assertEqual(Collection.search(clause), [collection])
        row, = Missing.search([('donor.name', '=', "Donor")])
        self.assertEqual(
            row.rec_name, f"Signed Pickup Slip · {collection.rec_name}")
        self.assertEqual(row.donor, fleet.donor)
        fleet.provide(collection, 'slip')
        self.assertEqual(Collection.search(clause), [])
        self.assertFalse(Missing.search([('donor', '=', fleet.donor.id)]))

    @with_company
    def test_missing_dated(self, fleet):
        "A requirement counts for the collections of its time only"
        Required = Pool().get('stock.gift.regime.document')
        collection = fleet.collect('individual')
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
        collection = fleet.receive(fleet.collect('administration'))
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
        fleet.provide(collection, 'deed')
        fleet.do(lots[0], 'workshop', 'customer')
        self.assertEqual(fleet.place(lots[0]), customer)

    @with_company
    def test_block_receive(self, fleet):
        "Nothing is taken on deposit without its agreement"
        collection = fleet.collect('deposit')
        with self.assertRaises(CollectionDocumentError):
            fleet.receive(collection)
        self.assertEqual(collection.__class__(collection.id).state, 'draft')
        fleet.provide(collection, 'deposit')
        self.assertEqual(fleet.receive(collection).state, 'done')

    @with_company
    def test_document_sealed(self, fleet):
        "A document that was recorded is only voided"
        Document = Pool().get('stock.collection.document')
        collection = fleet.collect('company')
        document = fleet.provide(collection, 'letter')
        with self.assertRaises(EvidenceAccessError):
            Document.write([document], {'reference': "Other"})
        with self.assertRaises(EvidenceAccessError):
            Document.delete([document])
        with self.assertRaises(RequiredValidationError):
            fleet.provide(collection, 'slip', reference=None)
        with check_access():
            fleet.provide(
                collection, 'slip', reference=None, file=b'%PDF-',
                file_name='slip.pdf')
        self.assertFalse(missing(collection))

    @with_company
    def test_regime_date(self, fleet):
        "A collection is received under a regime in force on its day"
        collection = fleet.collect('company')
        regime = collection.gift_regime
        regime.end_date = TODAY - dt.timedelta(days=1)
        regime.save()
        with self.assertRaises(CollectionError):
            fleet.receive(collection)
        collection.effective_date = regime.end_date
        collection.save()
        self.assertEqual(fleet.receive(collection).state, 'done')

    @with_company
    def test_regime_cap(self, fleet):
        "No device is worth more than what the regime allows"
        collection = fleet.collect(
            'administration', gift_value=Decimal('300.01'))
        with self.assertRaises(CollectionError) as cm:
            fleet.receive(collection)
        self.assertIn("L3212-2, 3°", cm.exception.message)
        for device in collection.devices:
            device.gift_value = Decimal(300)
            device.save()
        self.assertEqual(fleet.receive(collection).state, 'done')
