# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Many people finalise one settlement at once: the difference is invoiced once."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from decimal import Decimal
from pathlib import Path

from proteus import Model
from trytond import backend
from trytond.modules.proxymikro_recycling.tests.tools import (
    add_component, create_buyer, dismantle, get_part, give_desktops,
    invoice_sale, sell, setup_recycling)
from trytond.tests import test_tryton
from trytond.tests.test_tryton import DB_NAME, drop_db
from trytond.tests.tools import activate_modules

ROOT = Path(__file__).resolve().parents[2]
SIZES = [2, 10, 20] if os.environ.get('PROXYMIKRO_FULL') else [2, 5]


class SettlementRushTestCase(unittest.TestCase):
    "Test that a difference is never invoiced twice"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        cls.config = activate_modules('proxymikro_recycling', setup_recycling)
        device, = give_desktops("Menuiserie Larrieu", 'company')
        for i, _ in enumerate(SIZES):
            add_component(device, 'memory', f'M{i}')
        parts = get_part(dismantle([device]), 'memory')
        cls.cases = [
            [cls.settle(part, i)] * size
            for i, (part, size) in enumerate(zip(parts, SIZES))]
        with tempfile.TemporaryDirectory() as folder:
            cls.results = cls.rush(Path(folder))

    @classmethod
    def settle(cls, part, rank):
        "Return the id of a settlement that takes 2.00 from the invoice"
        buyer = create_buyer(f"Acheteur {rank}")
        invoice_sale(sell(buyer, (10, [part])))
        settlement = Model.get('recycling.settlement')(
            party=buyer, reference=f"D-{rank}")
        settlement.save()
        settlement.click('propose')
        settlement.lines[0].buyer_price = Decimal(8)
        settlement.save()
        settlement.click('provision')
        return settlement.id

    @classmethod
    def rush(cls, folder):
        environ = dict(os.environ, TRYTOND_DATABASE__RETRY="20")
        name = DB_NAME
        if backend.name == 'sqlite':
            name = 'db'
            test_tryton._sqlite_copy(str(folder / 'db.sqlite'))
            environ['TRYTOND_DATABASE_URI'] = 'sqlite://'
            environ['TRYTOND_DATABASE__PATH'] = str(folder)
        process = subprocess.run(
            [sys.executable, '-m', 'tests.faults.settlement_rush'], cwd=ROOT,
            input=json.dumps({
                    'database': name, 'context': cls.config.context,
                    'cases': cls.cases}),
            text=True, env=environ, stdout=subprocess.PIPE, timeout=1200)
        assert not process.returncode
        return json.loads(process.stdout)

    def test_finalised_once(self):
        "One person wins, the others are told, one invoice adjusts"
        # SQLite may also tell some that the database is busy
        allowed = {'won', 'SettlementError'}
        if backend.name == 'sqlite':
            allowed.add('operational')
        for ends, state, invoices, amount in self.results:
            with self.subTest(size=len(ends)):
                self.assertLessEqual({e for e, _ in ends}, allowed, ends)
                self.assertEqual([e for e, _ in ends].count('won'), 1, ends)
                self.assertEqual((state, invoices), ('final', 1))
                self.assertEqual(Decimal(amount), Decimal('-2.00'))
                for end, message in ends:
                    if end == 'SettlementError':
                        self.assertRegex(message, r'^To finalise .*"D-\d')
