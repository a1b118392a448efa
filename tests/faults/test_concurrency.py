# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Many people take one device at once: one has it, the others are told why."""
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
    add_devices, create_collection, create_euro_company, get_location,
    make_ready, receive)
from trytond.tests import test_tryton
from trytond.tests.test_tryton import DB_NAME, drop_db
from trytond.tests.tools import activate_modules

ROOT = Path(__file__).resolve().parents[2]
SIZES = [2, 10, 20] if os.environ.get('PROXYMIKRO_FULL') else [2, 10]
ACTS = ['lend', 'reserve', 'move']
REFUSALS = {'LoanDateError', 'LoanPlaceError', 'PlaceError'}


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
        cls.results = cls.rush(Path(folder.name))

    @classmethod
    def get_devices(cls):
        donor = Model.get('party.party')(name="Donatrice")
        donor.save()
        collection = create_collection(donor)
        devices = add_devices(collection, 'screen', len(ACTS) * len(SIZES))
        receive(collection)
        make_ready(devices)
        return devices

    @classmethod
    def create(cls, act, device, size):
        "Return the drafts that will all take the device"
        if act == 'move':
            Move = Model.get('stock.move')
            records = [
                Move(product=device.product, lot=device, quantity=1,
                    from_location=get_location('ready'),
                    to_location=get_location('parts'))
                for _ in range(size)]
        else:
            Line = Model.get('stock.loan.line')
            Loan = Model.get('stock.loan')
            Party = Model.get('party.party')
            records = []
            for number in range(size):
                party = Party(name=f"Membre {number}")
                party.save()
                loan = Loan(borrower=party)
                loan.end_date = loan.start_date
                loan.lines.append(Line(lot=device))
                records.append(loan)
        Model.get(records[0].__class__.__name__).save(records)
        return [r.id for r in records]

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
            'cases': cls.orders}
        process = subprocess.run(
            [sys.executable, '-m', 'tests.faults.rush'], cwd=ROOT,
            input=json.dumps(order), text=True, env=environ,
            stdout=subprocess.PIPE, timeout=1200)
        assert not process.returncode
        return json.loads(process.stdout)

    def each(self):
        for (act, _, size), (ends, places) in zip(self.cases, self.results):
            with self.subTest(act=act, size=size):
                yield act, ends, places

    def test_one_winner(self):
        "Exactly one has the device"
        for _, ends, _ in self.each():
            self.assertEqual([e for e, _ in ends].count('won'), 1, ends)

    def test_one_place(self):
        "The device is in one place, and nothing is below zero"
        stages = {'lend': 'lent', 'reserve': 'ready', 'move': 'parts'}
        for act, _, places in self.each():
            self.assertEqual(places, [[stages[act], 1]])

    def test_sentence(self):
        """The others are told why.

        SQLite may also tell some that the database is busy.
        """
        allowed = REFUSALS | {'won'}
        if backend.name == 'sqlite':
            allowed.add('operational')
        for _, ends, _ in self.each():
            self.assertLessEqual({e for e, _ in ends}, allowed, ends)
            for end, message in ends:
                if end in REFUSALS:
                    self.assertRegex(message, r'^To (lend|move) "PM-\d+"')
