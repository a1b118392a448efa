# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Two cards of one device become one, without a line of their past rewritten."""
from trytond.model.exceptions import AccessError, SQLConstraintError
from trytond.modules.proxymikro_stock.exceptions import DeviceAliasError
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module
from trytond.transaction import Transaction

from .report_importer import machine, with_importer
from .test_import_devices import get_row, import_rows


def merge(lot, target, reason="Same machine"):
    return Pool().get('device.alias').merge(lot, target, reason)


class AliasTestCase(TestCase):
    "Test devices that become one"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    def twins(self, importer):
        "Return the two cards of a machine whose board was changed"
        lots = [importer.device(), importer.device()]
        for lot, data in zip(lots, [
                    machine("OLD", drives=["D1"], memory=["M1"]),
                    machine("NEW", drives=["D2"])]):
            importer({'name': f'{lot.number}.json', 'data': data})
        return importer.Lot.browse(lots)

    @with_importer
    def test_merge(self, importer):
        "Both pasts stay, and the device is where the card kept says"
        lot, target = self.twins(importer)
        moves, reports = lot.moves, lot.reports
        write_dates = [m.write_date for m in moves]
        merge(lot, target)
        lot, target = importer.Lot.browse([lot, target])
        self.assertEqual(lot.reports, reports)
        self.assertEqual(lot.moves[1:], moves)
        self.assertEqual([m.write_date for m in moves], write_dates)
        self.assertEqual(lot.location, importer.workshop.fleet.loc(
                'lost_found'))
        self.assertEqual(
            target.location, importer.workshop.fleet.loc('input'))
        self.assertEqual(lot.alias_of, target)
        self.assertFalse(lot.active)
        self.assertEqual([a.lot for a in target.aliases], [lot])

    @with_importer
    def test_components(self, importer):
        "The device kept has the drives that either card showed, to erase"
        lot, target = self.twins(importer)
        merge(lot, target)
        drives = importer.workshop.Component.search_open_drives([target])
        self.assertEqual({d.serial for d in drives}, {"D1", "D2"})
        self.assertEqual(importer.workshop.state(target), 'to_erase')
        first, = [d for d in drives if d.serial == "D1"]
        self.assertEqual(first.previous.lot, lot)

    @with_importer
    def test_find(self, importer):
        "Who looks for the other card, or reads the machine, finds the device"
        lot, target = self.twins(importer)
        merge(lot, target)
        for name in [lot.number, "OLD", target.number, "NEW"]:
            self.assertEqual(
                importer.Lot.search([('rec_name', '=', name)]), [target])
        self.assertNotIn(target, importer.Lot.search(
                [('rec_name', '!=', target.number)]))
        self.assertEqual(
            importer(machine("OLD", model="again")), {'attached': 1})
        self.assertEqual(importer.last().lot, target)
        self.assertEqual(
            importer.Lot.search([('alias_of', '=', target.id)],
                order=[]), [])
        with Transaction().set_context(active_test=False):
            self.assertEqual(importer.Lot.search(
                    [('alias_of', '=', target.id)]), [lot])

    @with_importer
    def test_follow(self, importer):
        "A card merged twice leads to the last"
        first, second = self.twins(importer)
        third = importer.device()
        merge(first, second)
        merge(second, third)
        self.assertEqual(
            importer.Lot.follow([first, second, third]),
            {first: third, second: third, third: third})

    @with_importer
    def test_label(self, importer):
        "The labels and the lists of both cards lead to the device"
        first, second = self.twins(importer)
        third = importer.device()
        merge(first, second)
        merge(second, third)
        first, second, third = importer.Lot.browse([first, second, third])
        for label in [first.number, "OLD", first.public_url, second.number]:
            self.assertEqual(importer.Lot.find_scanned(label), third)
        self.assertEqual(importer.Lot.search_public(first.token), third)
        importer.Lot.write([third], {'active': False})
        self.assertIsNone(importer.Lot.scan(third.number))

    @with_importer
    def test_events(self, importer):
        "The time line tells of all the cards, each of its own as well"
        Event = Pool().get('device.event')
        first, second = self.twins(importer)
        third = importer.device()
        own = {l: set(l.events) for l in [first, second, third]}
        aliases = [merge(first, second), merge(second, third)]
        first, second, third = importer.Lot.browse([first, second, third])
        reports = [r for l in [first, second] for r in l.reports]
        documents = [e.document for e in third.events]
        for document in reports + aliases:
            self.assertIn(document, documents)
        self.assertEqual(
            [e.date for e in third.events],
            sorted((e.date for e in third.events), reverse=True))
        self.assertLess(own[first], set(first.events))
        self.assertNotIn(reports[1], [e.document for e in first.events])
        self.assertEqual(
            set(Event.search([('kept', '=', third.id)])), set(third.events))
        self.assertEqual({e.kept for e in first.events}, {third})
        aliases[1].cancel([aliases[1]])
        self.assertEqual(set(importer.Lot(third.id).events), own[third])

    @with_importer
    def test_import_devices(self, importer):
        "A list that names the other card is that of the device"
        lot, target = self.twins(importer)
        lot.donor_number, lot.number = "D-7", "OLD-1"
        lot.save()
        merge(lot, target)
        elsewhere, = import_rows(
            importer.collection, get_row(number="OLD-1"))['errors']
        self.assertIn(target.number, elsewhere['message'])
        importer.Lot.write([target], {'collection': importer.collection.id})
        for count in [1, 0]:
            result = import_rows(
                importer.collection,
                get_row(number="OLD-1", serial_number="old",
                    manufacturer="HP", weight="7,5"))
            self.assertEqual(
                (result['updated'], result['unchanged'], result['errors']),
                (count, 1 - count, []))
        target = importer.Lot(target.id)
        self.assertEqual(
            (target.number != "OLD-1", target.serial_number, target.weight),
            (True, "NEW", 7.5))

    @with_importer
    def test_guard(self, importer):
        "A card given up can't move any more, not even found again"
        lot, target = self.twins(importer)
        merge(lot, target)
        with self.assertRaises(DeviceAliasError) as cm:
            importer.workshop.fleet.do(lot, 'lost_found', 'input')
        self.assertIn(target.number, cm.exception.message)

    @with_importer
    def test_cancel(self, importer):
        "Two devices after all: the card can move and be merged again"
        lot, target = self.twins(importer)
        alias = merge(lot, target)
        alias.cancel([alias])
        lot = importer.Lot(lot.id)
        self.assertTrue(lot.active)
        self.assertIsNone(lot.alias_of)
        importer.workshop.fleet.do(lot, 'lost_found', 'input')
        self.assertEqual(
            importer(machine("OLD", model="again")), {'attached': 1})
        self.assertEqual(importer.last().lot, lot)
        merge(lot, target)
        self.assertEqual(importer.Lot(lot.id).alias_of, target)

    @with_importer
    def test_sealed(self, importer):
        "A merge can't be written by hand, changed or deleted"
        lot, target = self.twins(importer)
        alias = merge(lot, target)
        third = importer.device()
        with self.assertRaises(AccessError):
            alias.write([alias], {'target': third.id})
        with self.assertRaises(AccessError):
            alias.delete([alias])
        with self.assertRaises(SQLConstraintError):
            alias.create([{
                        'lot': lot.id, 'target': third.id, 'reason': "x",
                        'date': alias.date}])

    @with_importer
    def test_refused(self, importer):
        "What can't be merged, and why"
        fleet = importer.workshop.fleet
        lot, target = self.twins(importer)
        laptop = importer.workshop.device('laptop')
        lent, expected = importer.device(), importer.device()
        fleet.move(expected, 'input', 'workshop')
        importer.workshop.declare(lent)
        fleet.do(lent, 'input', 'customer')
        for given, kept, word in [
                (lot, lot, lot.number),
                (laptop, target, laptop.product.rec_name),
                (lent, target, fleet.loc('customer').rec_name),
                (expected, target, expected.number)]:
            with self.subTest(word=word), self.assertRaises(
                    DeviceAliasError) as cm:
                merge(given, kept)
            self.assertIn(word, cm.exception.message)
        merge(lot, target)
        with self.assertRaises(DeviceAliasError):
            merge(lot, expected)
        with self.assertRaises(DeviceAliasError):
            merge(expected, lot)

    @with_importer
    def test_resale(self, importer):
        "A merge gives no right to sell that the gift did not give"
        Regime = Pool().get('stock.gift.regime')
        Shipment = Pool().get('stock.shipment.in')
        lots = []
        for resale in ['forbidden', 'allowed']:
            regime, = Regime.search([('resale', '=', resale)], limit=1)
            collection, = Shipment.copy(
                [importer.collection], default={'gift_regime': regime.id})
            lots += Shipment.add_devices(collection, [{
                        'product': importer.workshop.fleet.ref(
                            'proxymikro_stock.product_desktop')}])
        forbidden, allowed = lots
        with self.assertRaises(DeviceAliasError) as cm:
            merge(forbidden, allowed)
        self.assertIn("right", cm.exception.message)
        # The other way only what expects it is in the way
        with self.assertRaises(DeviceAliasError) as cm:
            merge(allowed, forbidden)
        self.assertIn("first end or cancel", cm.exception.message)

    @with_importer
    def test_wizard(self, importer):
        "The wizard proposes to keep the card with the most evidence"
        Wizard = Pool().get('device.merge', type='wizard')
        target, lot = self.twins(importer)
        importer(machine("OLD", model="more"))
        for ids in [[lot.id], [lot.id, target.id]]:
            session_id, _, _ = Wizard.create()
            with Transaction().set_context(
                    active_model='stock.lot', active_id=ids[0],
                    active_ids=ids):
                if len(ids) == 1:
                    with self.assertRaises(DeviceAliasError):
                        Wizard.execute(session_id, {}, 'start')
                    continue
                values = Wizard.execute(
                    session_id, {}, 'start')['view']['defaults']
                self.assertEqual(values['target'], target.id)
                Wizard.execute(session_id, {'start': {
                            'lots': values['lots'], 'target': target.id,
                            'reason': "Same machine"}}, 'merge')
        self.assertEqual(importer.Lot(lot.id).alias_of, target)
