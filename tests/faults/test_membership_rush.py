# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Many people renew at once: a member pays once, and the others are not held."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from proteus import Model
from trytond import backend
from trytond.modules.proxymikro_account.tests.tools import create_books
from trytond.modules.proxymikro_membership.tests.tools import (
    create_membership_type)
from trytond.modules.proxymikro_stock.tests.tools import create_euro_company
from trytond.tests import test_tryton
from trytond.tests.test_tryton import DB_NAME, drop_db
from trytond.tests.tools import activate_modules

ROOT = Path(__file__).resolve().parents[2]
SAME, OTHERS = (50, 20) if os.environ.get('PROXYMIKRO_FULL') else (10, 5)


class MembershipRushTestCase(unittest.TestCase):
    "Test that a member is never called twice for a period"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        cls.addClassCleanup(drop_db)
        cls.config = activate_modules(
            'proxymikro_membership', create_euro_company, create_books)
        create_membership_type(period='civil')
        Party = Model.get('party.party')
        parties = [Party(name=f"Membre {i}") for i in range(OTHERS + 1)]
        Party.save(parties)
        member, *others = [p.id for p in parties]
        with tempfile.TemporaryDirectory() as folder:
            cls.same, cls.others = cls.rush(
                Path(folder), [[member] * SAME, others])

    @classmethod
    def rush(cls, folder, cases):
        environ = dict(os.environ, TRYTOND_DATABASE__RETRY="20")
        name = DB_NAME
        if backend.name == 'sqlite':
            name = 'db'
            test_tryton._sqlite_copy(str(folder / 'db.sqlite'))
            environ['TRYTOND_DATABASE_URI'] = 'sqlite://'
            environ['TRYTOND_DATABASE__PATH'] = str(folder)
        process = subprocess.run(
            [sys.executable, '-m', 'tests.faults.membership_rush'], cwd=ROOT,
            input=json.dumps({
                    'database': name, 'context': cls.config.context,
                    'cases': cases}),
            text=True, env=environ, stdout=subprocess.PIPE, timeout=1200)
        assert not process.returncode
        return json.loads(process.stdout)

    def test_one_membership(self):
        "One is called and invoiced, the others are told of it"
        ends, memberships, invoices = self.same
        names = [e for e, _ in ends]
        self.assertEqual(names.count('won'), 1, ends)
        allowed = {'won', 'MembershipOverlapError'}
        if backend.name == 'sqlite':
            allowed.add('operational')
        self.assertLessEqual(set(names), allowed, ends)
        self.assertEqual((memberships, invoices), (1, 1))

    if backend.name != 'sqlite':
        # SQLite has one writer at a time
        def test_others(self):
            "Members who have nothing in common do not hinder each other"
            ends, memberships, invoices = self.others
            self.assertEqual({e for e, _ in ends}, {'won'}, ends)
            self.assertEqual((memberships, invoices), (OTHERS, OTHERS))
