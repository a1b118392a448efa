# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Many people take one device at once: one has it, the others are told why."""
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from proteus import Model
from trytond import backend
from trytond.modules.proxymikro_stock.tests.tools import (
    add_devices, create_collection, create_euro_company, get_employee,
    get_location, make_ready, receive)
from trytond.tests import test_tryton
from trytond.tests.test_tryton import DB_NAME, drop_db
from trytond.tests.tools import activate_modules

from .launch import SIZES

ROOT = Path(__file__).resolve().parents[2]
ACTS = ['lend', 'reserve', 'move', 'swap', 'return', 'close']
REFUSALS = {'LoanDateError', 'LoanPlaceError', 'PlaceError'}
# Where the device is after the act
STAGES = {
    'lend': 'lent', 'reserve': 'ready', 'move': 'parts', 'swap': 'lent',
    'return': 'reception', 'close': 'reception'}


class RushTestCase(unittest.TestCase):
    "Test that a device is never taken twice"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        cls.config = activate_modules('proxymikro_stock', create_euro_company)
        cls.cases = [
            (act, device, size)
            for (act, size), device in zip(
                [(a, s) for a in ACTS for s in SIZES], cls.get_devices())]
        cls.orders = [
            (act, device.id, cls.create(act, device, size))
            for act, device, size in cls.cases]
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.erasures = cls.erase(cls.spare.pop())
        cls.results, *cls.seals = cls.rush(Path(folder.name))

    @classmethod
    def get_devices(cls):
        "Return a device by case, and keep others to swap and to close"
        donor = Model.get('party.party')(name="Donatrice")
        donor.save()
        collection = create_collection(donor)
        cases = len(ACTS) * len(SIZES)
        devices = add_devices(
            collection, 'screen', cases + 2 * sum(SIZES) + 1)
        receive(collection)
        make_ready(devices)
        cls.spare = devices[cases:]
        return devices[:cases]

    @classmethod
    def create(cls, act, device, size):
        "Return the ids of what will all take the device"
        if act == 'move':
            Move = Model.get('stock.move')
            moves = [
                Move(product=device.product, lot=device, quantity=1,
                    from_location=get_location('ready'),
                    to_location=get_location('parts'))
                for _ in range(size)]
            Move.save(moves)
            return [m.id for m in moves]
        if act == 'swap':
            # Each has a device, and all want the same one instead
            loans = [cls.lend([cls.spare.pop()], device) for _ in range(size)]
            return [l.id for l in loans]
        if act == 'return':
            loan = cls.lend([device])
            return [loan.lines[0].id] * size
        if act == 'close':
            loan = cls.lend(
                [device] + [cls.spare.pop() for _ in range(size - 1)])
            return [n.id for n in loan.lines]
        return [cls.draft([device]).id for _ in range(size)]

    @classmethod
    def erase(cls, device):
        "Return the ids of erasures that failed, which wait for their seal"
        Component = Model.get('device.component')
        Erasure = Model.get('device.erasure')
        now = dt.datetime.now().replace(microsecond=0)
        erasures = []
        for i in range(max(SIZES)):
            drive = Component(lot=device, kind='drive', serial=f'D{i}')
            drive.save()
            erasures.append(Erasure(
                    component=drive, method='purge', technique="-",
                    tool="hdparm", result='failed', operator=get_employee(),
                    start=now - dt.timedelta(hours=2),
                    end=now - dt.timedelta(hours=1)))
        Erasure.save(erasures)
        Erasure.click(erasures, 'sign')
        return [e.id for e in erasures]

    @classmethod
    def draft(cls, devices, wanted=None):
        Line = Model.get('stock.loan.line')
        Loan = Model.get('stock.loan')
        party = Model.get('party.party')(name="Membre")
        party.save()
        loan = Loan(borrower=party, purpose=wanted and wanted.number)
        loan.end_date = loan.start_date
        loan.lines.extend(Line(lot=d) for d in devices)
        loan.save()
        return loan

    @classmethod
    def lend(cls, *args):
        loan = cls.draft(*args)
        loan.click('reserve')
        loan.click('deliver')
        return loan

    @classmethod
    def rush(cls, folder):
        environ = dict(os.environ)
        name = DB_NAME
        if backend.name == 'sqlite':
            name = 'db'
            test_tryton._sqlite_copy(str(folder / 'db.sqlite'))
            environ['TRYTOND_DATABASE_URI'] = 'sqlite://'
            environ['TRYTOND_DATABASE__PATH'] = str(folder)
        order = {
            'database': name, 'context': cls.config.context,
            'cases': cls.orders, 'erasures': cls.erasures}
        process = subprocess.run(
            [sys.executable, '-m', 'tests.faults.rush'], cwd=ROOT,
            input=json.dumps(order), text=True, env=environ,
            stdout=subprocess.PIPE, timeout=1200)
        assert not process.returncode
        return json.loads(process.stdout)

    def each(self):
        for (act, _, size), result in zip(self.cases, self.results):
            with self.subTest(act=act, size=size):
                yield act, size, *result

    def test_one_winner(self):
        "Exactly one has the device; all can return devices of their own"
        for act, size, ends, *_ in self.each():
            winners = [e for e, _ in ends].count('won')
            if act != 'close':
                self.assertEqual(winners, 1, ends)
            elif backend.name != 'sqlite':
                self.assertEqual(winners, size, ends)

    def test_one_chain(self):
        "All who seal at once leave one chain, and are not told off"
        ends, ranks, problems = self.seals
        allowed = {'won'}
        if backend.name == 'sqlite':
            allowed.add('operational')
        self.assertLessEqual({e for e, _ in ends}, allowed, ends)
        # The statements that the devices hold nothing are sealed as well
        self.assertEqual(problems, [])
        self.assertGreaterEqual(len(ranks), len(self.erasures))

    def test_one_place(self):
        "The device is in one place, and nothing is below zero"
        for act, _, ends, places, _ in self.each():
            if act != 'close' or ends[0][0] == 'won':
                self.assertEqual(places, [[STAGES[act], 1]])

    def test_closed(self):
        "The last device that is back closes the loan, whoever brings it"
        for act, size, ends, _, states in self.each():
            if act == 'return' or all(e == 'won' for e, _ in ends):
                if act in {'return', 'close'}:
                    self.assertEqual(states, ['done'])

    def test_sentence(self):
        """The others are told why.

        SQLite may also tell some that the database is busy.
        """
        allowed = REFUSALS | {'won'}
        if backend.name == 'sqlite':
            allowed.add('operational')
        for _, _, ends, *_ in self.each():
            self.assertLessEqual({e for e, _ in ends}, allowed, ends)
            for end, message in ends:
                if end in REFUSALS:
                    self.assertRegex(message, r'^To (lend|move|take back) "PM-\d+"')
