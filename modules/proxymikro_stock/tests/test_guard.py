# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The rules of the guard, one by one."""
import datetime as dt

from trytond.model.exceptions import AccessError
from trytond.modules.proxymikro_stock.exceptions import (
    GuardAccessError, LotQuantityError, MoveCancelError, MoveDateError,
    PlaceError)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module
from trytond.transaction import Transaction

from .fleet import count_queries, with_company

TODAY = dt.date.today()
YESTERDAY = TODAY - dt.timedelta(days=1)


class GuardTestCase(TestCase):
    "Test the guard of stock moves"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    def assertAt(self, fleet, lot, name):
        self.assertEqual(fleet.place(lot), fleet.loc(name))
        self.assertEqual(fleet.oracle(lot), {fleet.loc(name)})

    @with_company
    def test_received_once(self, fleet):
        "A unit is not received twice"
        lot = fleet.lot()
        fleet.do(lot, 'supplier', 'input')

        with self.assertRaises(PlaceError):
            fleet.do(lot, 'supplier', 'input')
        self.assertAt(fleet, lot, 'input')

    @with_company
    def test_never_received(self, fleet):
        "A unit can't leave a place where it never came"
        with self.assertRaises(PlaceError):
            fleet.do(fleet.lot(), 'input', 'workshop')

    @with_company
    def test_elsewhere(self, fleet):
        "The error names where the unit is"
        lot = fleet.lot()
        fleet.do(lot, 'supplier', 'input')

        with self.assertRaises(PlaceError) as cm:
            fleet.do(lot, 'workshop', 'parts')
        self.assertIn(lot.number, cm.exception.message)
        self.assertIn(fleet.loc('input').rec_name, cm.exception.message)

    @with_company
    def test_two_drafts(self, fleet):
        "Of two drafts for the same unit only one is done"
        lot = fleet.lot()
        fleet.do(lot, 'supplier', 'input')
        moves = [fleet.move(lot, 'input', n) for n in ['workshop', 'parts']]

        with self.assertRaises(PlaceError):
            fleet.Move.do(moves)
        fleet.Move.do(moves[:1])
        with self.assertRaises(PlaceError):
            fleet.Move.do(moves[1:])
        self.assertAt(fleet, lot, 'workshop')

    @with_company
    def test_chain_any_order(self, fleet):
        "Moves of one call may come in any order if they chain"
        lot = fleet.lot()
        moves = [
            fleet.move(lot, 'workshop', 'parts'),
            fleet.move(lot, 'supplier', 'input'),
            fleet.move(lot, 'input', 'workshop')]

        fleet.Move.do(moves)

        self.assertAt(fleet, lot, 'parts')
        self.assertEqual(
            [fleet.Move(m.id).lot_rank for m in moves], [3, 1, 2])

    @with_company
    def test_done_twice(self, fleet):
        "Doing the same move twice changes nothing"
        lot = fleet.lot()
        move = fleet.do(lot, 'supplier', 'input')

        fleet.Move.do([move])

        self.assertEqual(fleet.Move(move.id).lot_rank, 1)

    @with_company
    def test_two_units_of_one(self, fleet):
        "A unit is never two"
        lot = fleet.lot()
        with self.assertRaises(LotQuantityError):
            fleet.do(lot, 'supplier', 'input', quantity=2)

    @with_company
    def test_quantity_of_done(self, fleet):
        "The quantity and the unit of a done move don't change"
        move = fleet.do(fleet.bulk(), 'supplier', 'input', quantity=5)
        gram, = Pool().get('product.uom').search([('symbol', '=', "g")])

        for values in [{'quantity': 6}, {'unit': gram.id}]:
            with self.subTest(values=values):
                with self.assertRaises(AccessError):
                    fleet.Move.write([move], values)

    @with_company
    def test_state_by_hand(self, fleet):
        "Nobody writes the state of a move or the place of a device"
        lot = fleet.lot()
        move = fleet.do(lot, 'supplier', 'input')

        with Transaction().set_context(_check_access=True):
            with self.assertRaises(GuardAccessError):
                fleet.Move.write([move], {'state': 'draft'})
            with self.assertRaises(AccessError):
                fleet.Lot.write([lot], {'current_move': None})

    @with_company
    def test_future(self, fleet):
        "A move is not dated in the future"
        with self.assertRaises(MoveDateError):
            fleet.do(fleet.lot(), 'supplier', 'input',
                date=TODAY + dt.timedelta(days=1))

    @with_company
    def test_backdated(self, fleet):
        "A move is not dated before the one that brought the unit"
        lot = fleet.lot()
        fleet.do(lot, 'supplier', 'input')

        with self.assertRaises(MoveDateError):
            fleet.do(lot, 'input', 'workshop', date=YESTERDAY)

    @with_company
    def test_location_at(self, fleet):
        "The highest rank of the day tells where a unit was"
        lot, other = fleet.lot(), fleet.lot()
        fleet.do(lot, 'supplier', 'input', date=YESTERDAY)
        fleet.do(lot, 'input', 'workshop')
        fleet.do(lot, 'workshop', 'parts')

        at = fleet.Lot.location_at
        self.assertEqual(
            at([lot, other], TODAY),
            {lot.id: fleet.loc('parts').id, other.id: None})
        self.assertEqual(
            at([lot], YESTERDAY), {lot.id: fleet.loc('input').id})
        self.assertEqual(
            at([lot], YESTERDAY - dt.timedelta(days=1)), {lot.id: None})

    @with_company
    def test_cancel(self, fleet):
        "Only the last move of a unit is cancelled, and it goes back"
        lot = fleet.lot()
        received = fleet.do(lot, 'supplier', 'input')
        moved = fleet.do(lot, 'input', 'workshop')

        with self.assertRaises(MoveCancelError):
            fleet.Move.cancel([received])
        fleet.Move.cancel([moved])
        self.assertAt(fleet, lot, 'input')
        fleet.Move.cancel([received])
        self.assertIsNone(fleet.place(lot))

        fleet.do(lot, 'supplier', 'input')
        self.assertAt(fleet, lot, 'input')

    @with_company
    def test_cancel_together(self, fleet):
        "The last moves of a unit are cancelled together"
        lot = fleet.lot()
        fleet.do(lot, 'supplier', 'input')
        moves = [
            fleet.do(lot, 'input', 'workshop'),
            fleet.do(lot, 'workshop', 'parts')]

        fleet.Move.cancel(moves)

        self.assertAt(fleet, lot, 'input')

    @with_company
    def test_bulk(self, fleet):
        "No more kg leave a place than it holds"
        lot = fleet.bulk()
        fleet.do(lot, 'supplier', 'scrap', quantity=5)
        fleet.do(lot, 'scrap', 'treatment', quantity=3)
        fleet.do(lot, 'scrap', 'treatment', quantity=1.5)

        with self.assertRaises(LotQuantityError):
            fleet.do(lot, 'scrap', 'treatment', quantity=0.6)

    @with_company
    def test_bulk_backdated(self, fleet):
        "What came today can't have left yesterday"
        lot = fleet.bulk()
        fleet.do(lot, 'supplier', 'scrap', quantity=5)

        with self.assertRaises(LotQuantityError):
            fleet.do(lot, 'scrap', 'treatment', quantity=1, date=YESTERDAY)

    @with_company
    def test_bulk_backdated_between(self, fleet):
        "Taking in the past can't empty what was taken since"
        lot = fleet.bulk()
        fleet.do(lot, 'supplier', 'scrap', quantity=5,
            date=YESTERDAY - dt.timedelta(days=1))
        fleet.do(lot, 'scrap', 'treatment', quantity=5)

        with self.assertRaises(LotQuantityError):
            fleet.do(lot, 'scrap', 'treatment', quantity=1, date=YESTERDAY)

    @with_company
    def test_bulk_cancel(self, fleet):
        "A reception is not cancelled once its kg have left"
        lot = fleet.bulk()
        received = fleet.do(lot, 'supplier', 'scrap', quantity=5)
        fleet.do(lot, 'scrap', 'treatment', quantity=3)

        with self.assertRaises(LotQuantityError):
            fleet.Move.cancel([received])

    @with_company
    def test_query_count(self, fleet):
        "The number of queries of the guard doesn't grow with the moves"
        counts = []
        for n in [2, 2, 20]:  # the first fills the caches
            lots = [fleet.lot() for _ in range(n)]
            moves = [fleet.move(l, 'supplier', 'input') for l in lots]
            with count_queries() as queries:
                moves = fleet.Move._lock_lots(moves)
                ranks = fleet.Move._check_places(moves)
                fleet.Move._check_destinations(moves)
                fleet.Move._record_ranks(ranks)
            counts.append(len(queries))
        self.assertEqual(counts[1], counts[2])
