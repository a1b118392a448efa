# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Forty devices in one go."""
from decimal import Decimal

from trytond.modules.proxymikro_stock.exceptions import CollectionError
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module

from .fleet import count_queries, with_company


def get_start(fleet, **values):
    Start = Pool().get('stock.shipment.in.add_devices.start')
    for name in ['manufacturer', 'model', 'weight', 'gift_value',
            'acquired_on']:
        values.setdefault(name, None)
    start = Start(
        count=1, product=fleet.ref('proxymikro_stock.product_desktop'), **values)
    start.on_change_serial_numbers()
    return start


class AddDevicesTestCase(TestCase):
    "Test how devices are added to a collection"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    @with_company
    def test_pasted(self, fleet):
        "Two columns of a spreadsheet, or what a scanner types"
        start = get_start(
            fleet, manufacturer="HP", gift_value=Decimal(20),
            serial_numbers="CZC1\tINV-7\r\n\r\n CZC2 ;\nCZC3\n"
            "To Be Filled By O.E.M.\tINV-9\n")
        self.assertEqual(start.count, 4)
        rows = start.get_rows()
        self.assertEqual(
            [(r['serial_number'], r['donor_number']) for r in rows],
            [("CZC1", "INV-7"), ("CZC2", None), ("CZC3", None),
                (None, "INV-9")])
        collection = fleet.collect(count=0)
        devices = collection.add_devices(collection, rows)
        self.assertEqual({d.manufacturer for d in devices}, {"HP"})
        collection = collection.__class__(collection.id)
        self.assertEqual(collection.estimated_value, Decimal(80))

    @with_company
    def test_serial_twice(self, fleet):
        "A serial number is there once, however it is typed"
        start = get_start(fleet, serial_numbers="CZC1\nczc1 ")
        with self.assertRaises(CollectionError):
            start.get_rows()

    @with_company
    def test_serial_known(self, fleet):
        "A serial number that is already known is refused, naming the device"
        device, = fleet.collect(
            kind='desktop', count=1, serial_number="CZC1",
            manufacturer="HP").devices
        for manufacturer in ["HP", "hp", None]:
            start = get_start(
                fleet, serial_numbers="CZC1\nCZC2", manufacturer=manufacturer)
            with self.assertRaises(CollectionError) as cm:
                start.get_rows()
            self.assertIn(device.number, cm.exception.message)
        start = get_start(
            fleet, serial_numbers="CZC1\nCZC2", manufacturer="Dell")
        self.assertEqual(len(start.get_rows()), 2)

    @with_company
    def test_queries(self, fleet):
        """Test a device costs what it costs core, and nothing else.

        That is the creation of the lot and of the move, the check of the
        period and the end of the move.
        """
        def enter(count):
            Collection = Pool().get('stock.shipment.in')
            collection = fleet.collect(count=0)
            serials = '\n'.join(f"S{count}-{i}" for i in range(count))
            start = get_start(fleet, serial_numbers=serials)
            with count_queries() as queries:
                collection.add_devices(collection, start.get_rows())
                fleet.receive(Collection(collection.id))
            return len(queries)
        enter(1)
        few, many = enter(5), enter(40)
        self.assertLessEqual(many - few, 4 * 35)

    @with_company
    def test_list_queries(self, fleet):
        "Neither do those of a list of collections"
        Collection = Pool().get('stock.shipment.in')
        names = [
            'total_weight', 'weight_estimated', 'device_count',
            'estimated_value', 'missing_documents', 'lines', 'deposit']

        def read(count):
            ids = [fleet.collect(count=2).id for _ in range(count)]
            with count_queries() as queries:
                Collection.read(ids, names)
            return len(queries)
        read(1)
        few, many = read(2), read(9)
        self.assertEqual(many, few)
