# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is announced, counted and weighed in a collection."""
from trytond.modules.proxymikro_stock.exceptions import WeighingError
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module

from .fleet import with_company


def get_line(collection):
    "Return the line of the only kind of the collection"
    line, = Pool().get('stock.collection.line').search(
        [('collection', '=', collection.id)])
    return line


def weights(collection):
    collection = collection.__class__(collection.id)
    return [(d.weight, d.weight_origin)
        for d in sorted(collection.devices, key=int)]


def create_charger():
    pool = Pool()
    Uom = pool.get('product.uom')
    unit, = Uom.search([('symbol', '=', "u")])
    template, = pool.get('product.template').create([{
                'name': "Charger", 'type': 'goods', 'default_uom': unit.id,
                'cost_price_method': 'fixed',
                'products': [('create', [{}])]}])
    return template.products[0]


class WeighingTestCase(TestCase):
    "Test the lines of the collections"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    @with_company
    def test_usual(self, fleet):
        "Without a scale the weight is the usual one, marked as estimated"
        collection = fleet.collect(count=2)
        self.assertEqual(weights(collection), [(5.73, 'usual')] * 2)
        self.assertEqual(collection.total_weight, 11.46)
        self.assertTrue(collection.weight_estimated)
        self.assertIsNone(collection.weight_gap)

    @with_company
    def test_device(self, fleet):
        "A device that is weighed alone keeps its weight"
        collection = fleet.collect(count=2)
        device = collection.devices[0]
        device.weight = 4.2
        device.save()
        self.assertEqual(
            weights(collection), [(4.2, 'weighed'), (5.73, 'usual')])
        collection = fleet.collect(count=1, weight=3.5)
        self.assertEqual(weights(collection), [(3.5, 'weighed')])
        self.assertFalse(collection.weight_estimated)

    @with_company
    def test_kind(self, fleet):
        "What is weighed together is shared, to the gram"
        collection = fleet.collect(count=4)
        device = collection.devices[0]
        device.weight = 4
        device.save()
        line = get_line(collection)
        line.weight = 14
        line.save()
        self.assertEqual(weights(collection), [
                (4, 'weighed'), (3.333, 'shared'), (3.333, 'shared'),
                (3.334, 'shared')])
        collection = collection.__class__(collection.id)
        self.assertEqual(collection.total_weight, 14)
        self.assertFalse(collection.weight_estimated)
        # One more takes its share
        collection.add_devices(collection, [{'product': line.product}])
        self.assertEqual(
            weights(collection)[1:], [(2.5, 'shared')] * 4)
        line.weight = None
        line.save()
        self.assertEqual(
            weights(collection), [(4, 'weighed')] + [(5.73, 'usual')] * 4)

    @with_company
    def test_kind_too_light(self, fleet):
        "What was weighed together can't be lighter than a part of it"
        collection = fleet.collect(count=2)
        device = collection.devices[0]
        device.weight = 6
        device.save()
        line = get_line(collection)
        line.weight = 6
        with self.assertRaises(WeighingError):
            line.save()

    @with_company
    def test_collection(self, fleet):
        "The scale of the whole collection is what counts"
        collection = fleet.collect(count=2)
        collection.weighed = 12
        collection.save()
        collection = collection.__class__(collection.id)
        self.assertEqual(collection.total_weight, 12)
        self.assertEqual(collection.weight_gap, .54)
        self.assertFalse(collection.weight_estimated)

    @with_company
    def test_gap(self, fleet):
        "The line of a kind tells what was announced from what came"
        collection = fleet.collect(count=2)
        line = get_line(collection)
        self.assertEqual((line.received, line.gap), (2, None))
        line.announced = 3
        line.save()
        line = line.__class__(line.id)
        self.assertEqual(line.gap, -1)
        Line = line.__class__
        announced = Line(
            collection=collection, announced=5,
            product=fleet.ref('proxymikro_stock.product_printer'))
        announced.save()
        self.assertEqual((announced.received, announced.gap), (0, -5))
        self.assertEqual(
            Line.search([('device', '=', True)], count=True), 2)

    @with_company
    def test_counted(self, fleet):
        "What is counted without a tag comes in as a quantity, once"
        pool = Pool()
        Line = pool.get('stock.collection.line')
        Product = pool.get('product.product')
        collection = fleet.collect(count=1)
        charger = create_charger()
        line = Line(
            collection=collection, product=charger, counted=7, weight=2.1)
        line.save()
        self.assertEqual(Line(line.id).received, 7)
        collection = fleet.receive(collection)
        self.assertEqual(round(collection.total_weight, 3), 7.83)
        with fleet.in_place('input'):
            self.assertEqual(Product(charger.id).quantity, 7)
        collection.cancel([collection])
        collection.draft([collection])
        fleet.receive(collection.__class__(collection.id))
        with fleet.in_place('input'):
            self.assertEqual(Product(charger.id).quantity, 7)
