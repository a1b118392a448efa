# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The clock of the server jumps: what was recorded stays in its order."""
import datetime as dt
import types
from unittest.mock import patch

from trytond.modules.proxymikro_base.tests.tools import on_day
from trytond.modules.proxymikro_stock.exceptions import MoveDateError
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module

from .fleet import with_company
from .workshop import with_workshop

TODAY = dt.date.today()
# As after a battery is changed, or a mistake in a year
JUMP = dt.timedelta(days=400)


def clock(delta):
    "Let the seals be set that much later, or earlier"
    class Jumped(dt.datetime):
        @classmethod
        def now(cls, tz=None):
            return dt.datetime.now(tz) + delta
    return patch(
        'trytond.modules.proxymikro_base.seal.dt',
        types.SimpleNamespace(**{**vars(dt), 'datetime': Jumped}))


class ClockTestCase(TestCase):
    "Test the jumps of the clock"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    def move_ahead(self, fleet):
        "Return a device, and its move of a day when the clock was ahead"
        lot = fleet.lot()
        fleet.do(lot, 'supplier', 'input')
        with on_day(TODAY + JUMP):
            move = fleet.do(lot, 'input', 'storage')
        self.assertEqual(move.effective_date, TODAY + JUMP)
        return lot, move

    @with_company
    def test_ahead(self, fleet):
        "What was moved while the clock was ahead waits for that day, in words"
        lot, _ = self.move_ahead(fleet)
        with self.assertRaises(MoveDateError) as raised:
            fleet.do(lot, 'storage', 'output')
        self.assertIn(lot.rec_name, raised.exception.message)

    @with_company
    def test_cancelled(self, fleet):
        "To cancel what the clock got wrong puts it right"
        lot, move = self.move_ahead(fleet)
        fleet.Move.cancel([move])
        self.assertEqual(fleet.place(lot), fleet.loc('input'))
        self.assertEqual(
            fleet.do(lot, 'input', 'storage').effective_date, TODAY)
        self.assertEqual(fleet.oracle(lot), {fleet.loc('storage')})

    @with_company
    def test_behind(self, fleet):
        "Nothing moves before the day it came, when the clock is behind"
        lot = fleet.lot()
        fleet.do(lot, 'supplier', 'input')
        with on_day(TODAY - JUMP), self.assertRaises(MoveDateError):
            fleet.do(lot, 'input', 'storage')

    @with_workshop
    def test_seals(self, workshop):
        "The seals are a chain by rank: the hour of each may be wrong"
        Seal = Pool().get('evidence.seal')
        for delta in [JUMP, -JUMP, dt.timedelta()]:
            declaration = workshop.declare(workshop.device())
            with clock(delta):
                Seal.seal()
            self.assertTrue(declaration.__class__(declaration.id).sealed_at)
        self.assertEqual(Seal.verify()['problems'], [])
        seals = Seal.search([], order=[('model', 'ASC'), ('rank', 'ASC')])
        dates = [s.date for s in seals]
        self.assertNotEqual(dates, sorted(dates))
