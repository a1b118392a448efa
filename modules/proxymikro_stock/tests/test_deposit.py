# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is kept for its owner is not ours, and only goes back."""
from trytond.modules.proxymikro_stock.exceptions import (
    DepositError, PlaceError)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module

from .fleet import with_company


def keep(fleet, **values):
    "Return the deposit of two screens"
    collection = fleet.collect('deposit', **values)
    fleet.provide(collection, 'deposit')
    return fleet.receive(collection)


class DepositTestCase(TestCase):
    "Test the deposits"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    @with_company
    def test_outside(self, fleet):
        "A deposit is out of the warehouse, which holds what we own"
        collection = keep(fleet)
        device = collection.devices[0]
        self.assertEqual(fleet.place(device), fleet.loc('deposit'))
        self.assertEqual(device.stage, 'deposit')
        product = device.product.__class__
        with fleet.in_place('warehouse', 'deposit'):
            self.assertEqual(product(device.product.id).quantity, 2)
        with fleet.in_place('warehouse'):
            self.assertEqual(product(device.product.id).quantity, 0)

    @with_company
    def test_regime(self, fleet):
        "The place follows the regime, as long as nothing is received"
        collection = fleet.collect('company')
        deposit, reception = fleet.loc('deposit'), fleet.loc('input')
        for regime, place in [
                ('deposit', deposit), ('individual', reception)]:
            collection.gift_regime = fleet.ref(
                f'proxymikro_stock.gift_regime_{regime}')
            collection.save()
            collection = collection.__class__(collection.id)
            self.assertEqual(collection.warehouse_storage, place)
            self.assertEqual({m.to_location for m in collection.moves}, {place})

    @with_company
    def test_kept(self, fleet):
        "A deposit is neither used nor mixed with what we own"
        device = keep(fleet).devices[0]
        for name in ['workshop', 'ready', 'customer', 'treatment']:
            with self.subTest(location=name):
                with self.assertRaises(DepositError):
                    device.check_destination([device], fleet.loc(name))
        with self.assertRaises(DepositError):
            device.move_to([device], fleet.loc('workshop'))
        ours = fleet.receive(fleet.collect()).devices[0]
        with self.assertRaises(DepositError):
            ours.move_to([ours], fleet.loc('deposit'))

    @with_company
    def test_return(self, fleet):
        "A deposit is given back, in parts, with the data of its owner"
        Collection = Pool().get('stock.shipment.in')
        collection = keep(fleet, kind='desktop')
        first, second = collection.devices
        Collection.return_deposit(collection, [first])
        self.assertEqual(fleet.place(first), collection.supplier_location)
        collection = Collection(collection.id)
        self.assertEqual(collection.kept_devices, [second])
        with self.assertRaises(PlaceError):
            Collection.return_deposit(collection, [first])
