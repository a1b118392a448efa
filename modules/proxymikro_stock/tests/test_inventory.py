# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The yearly inventory of what members have."""
import datetime as dt
from unittest.mock import patch

from trytond.modules.proxymikro_stock.exceptions import (
    DataGateError, InventoryPlaceError)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module

from .fleet import with_company
from .test_loan import ready

TODAY = dt.date.today()


class InventoryTestCase(TestCase):
    "Test the inventories of members"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    def parties(self, *names):
        return Pool().get('party.party').create([{'name': n} for n in names])

    def lend(self, fleet, borrower, *lots, place=None):
        Loan = Pool().get('stock.loan')
        loan, = Loan.create([{
                    'company': fleet.company.id, 'borrower': borrower.id,
                    'place': place.id if place else None,
                    'start_date': TODAY, 'end_date': TODAY,
                    'lines': [('create', [{'lot': l.id} for l in lots])]}])
        Loan.reserve([loan])
        Loan.deliver([loan])
        return Loan(loan.id)

    def scan(self, inventory, *lots):
        for lot in lots:
            inventory.on_scan_code(lot.number)
        inventory.save()

    @with_company
    def test_seen(self, fleet):
        "What is scanned was seen, the rest stays and is told"
        Inventory = Pool().get('stock.inventory')
        school, = self.parties("School")
        lots = [ready(fleet) for _ in range(3)]
        self.lend(fleet, school, *lots)
        inventory, = Inventory.start(school)
        self.assertEqual({n.lot for n in inventory.lines}, set(lots))
        self.assertEqual(inventory.unseen, 3)
        self.scan(inventory, lots[0], lots[2])
        Inventory.confirm([inventory])
        inventory = Inventory(inventory.id)
        self.assertEqual(inventory.state, 'done')
        self.assertEqual(
            [n.lot for n in inventory.lines if n.quantity is None], [lots[1]])
        for lot in lots:
            self.assertEqual(fleet.Lot(lot.id).holder, school)
            self.assertEqual(fleet.oracle(lot), {inventory.location})

    @with_company
    def test_start_twice(self, fleet):
        "A started inventory is gone on with"
        Inventory = Pool().get('stock.inventory')
        school, empty = self.parties("School", "Empty")
        self.lend(fleet, school, ready(fleet))
        first = Inventory.start(school)
        self.assertEqual(Inventory.start(school), first)
        self.assertEqual(Inventory.start(empty), [])

    @with_company
    def test_elsewhere(self, fleet):
        "A device recorded elsewhere does not block the rest"
        Inventory = Pool().get('stock.inventory')
        school, other = self.parties("School", "Other")
        here, there, shelf = (ready(fleet) for _ in range(3))
        self.lend(fleet, school, here)
        self.lend(fleet, other, there)
        inventory, = Inventory.start(school)
        self.scan(inventory, here, there, shelf, there)
        Inventory.confirm([inventory])
        inventory = Inventory(inventory.id)
        self.assertEqual(inventory.state, 'done')
        self.assertEqual(
            {d.lot: d.advice for d in inventory.discrepancies},
            {there: 'return', shelf: 'lend'})
        self.assertEqual(fleet.Lot(there.id).holder, other)
        discrepancy = inventory.discrepancies[0]
        with self.assertRaises(InventoryPlaceError):
            discrepancy.transfer([discrepancy])
        with self.assertRaises(InventoryPlaceError):
            discrepancy.settle([discrepancy])
        discrepancy.notes = "Brought back"
        discrepancy.save()
        discrepancy.settle([discrepancy])
        self.assertEqual(discrepancy.state, 'settled')

    @with_company
    def test_typed_elsewhere(self, fleet):
        "A line typed for a device recorded elsewhere is set aside"
        Inventory = Pool().get('stock.inventory')
        school, = self.parties("School")
        here, shelf = ready(fleet), ready(fleet)
        self.lend(fleet, school, here)
        inventory, = Inventory.start(school)
        Inventory.write([inventory], {'lines': [('create', [{
                                'product': shelf.product.id,
                                'lot': shelf.id, 'quantity': 1}])]})
        Inventory.confirm([inventory])
        inventory = Inventory(inventory.id)
        self.assertEqual([n.lot for n in inventory.lines], [here])
        self.assertEqual([d.lot for d in inventory.discrepancies], [shelf])
        self.assertEqual(fleet.Lot(shelf.id).stage, 'ready')

    @with_company
    def test_lost(self, fleet):
        "An inventory does not say that a device is lost"
        Inventory = Pool().get('stock.inventory')
        school, = self.parties("School")
        lot = ready(fleet)
        self.lend(fleet, school, lot)
        inventory, = Inventory.start(school)
        for line in inventory.lines:
            line.quantity = 0
            line.save()
        with self.assertRaises(InventoryPlaceError):
            Inventory.confirm([Inventory(inventory.id)])

    @with_company
    def test_transfer(self, fleet):
        "A device goes from one school of the town to the other"
        Inventory = Pool().get('stock.inventory')
        Line = Pool().get('stock.loan.line')
        town, north, south, other = self.parties(
            "Town", "North", "South", "Other")
        here, there = ready(fleet), ready(fleet)
        self.lend(fleet, town, here, place=north)
        old = self.lend(fleet, town, there, place=south)
        foreign = self.lend(fleet, other, ready(fleet))
        inventory, = Inventory.start(north)
        self.scan(inventory, here, there)
        Inventory.confirm([inventory])
        discrepancy, = Inventory(inventory.id).discrepancies
        self.assertEqual(discrepancy.advice, 'transfer')
        with patch.object(
                fleet.Lot, 'data_holds',
                lambda lots: {l: ["unerased"] for l in lots}):
            discrepancy.transfer([discrepancy])
            move = foreign.lines[0]._get_move(
                inventory.location, foreign.lines[0].lot.location, TODAY)
            move.lot = here
            move.save()
            with self.assertRaises(DataGateError):
                move.do([move])
        with self.assertRaises(InventoryPlaceError):
            Line.transfer(here, foreign.lines[0].lot.location, TODAY)
        self.assertEqual(discrepancy.state, 'transferred')
        there = fleet.Lot(there.id)
        self.assertEqual(there.location, inventory.location)
        line, = Line.search([('open_device', '=', there.id)])
        self.assertEqual(line.loan.place, north)
        self.assertEqual(line.loan.state, 'running')
        self.assertTrue(line.loan.number)
        self.assertEqual(old.__class__(old.id).state, 'done')
        self.assertEqual(fleet.oracle(there), {inventory.location})
