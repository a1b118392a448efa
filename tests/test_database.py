# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The cached databases of the tests."""
import os
import time
import unittest

from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME, drop_db
from trytond.tests.tools import activate_modules

from . import database
from .import_tools import Folder


class CacheTestCase(unittest.TestCase):
    "Test the cached databases"

    def test_chain(self):
        "A module comes after those it needs, and those it knows"
        self.assertEqual(
            database.chain(['proxymikro_recycling', 'account_budget']), [
                'proxymikro_base', 'proxymikro_stock', 'proxymikro_account',
                'proxymikro_recycling'])
        self.assertEqual(database.chain(['account']), [])

    def test_prune(self):
        "The last used of each name are kept, for some days"
        folder, now = Folder(self).path, time.time()
        ages = {
            'stock-0.dump': 90, 'stock-1.dump': 30, 'stock-2.dump': 20,
            'stock-3.dump': 10, 'stock-3.dump.lock': 100, 'base-0.dump': 1000,
            'base-1.dump': (database.DAYS + 1) * 24 * 3600}
        for name, age in ages.items():
            (folder / name).write_bytes(b'')
            os.utime(folder / name, (now - age, now - age))
        (folder / 'stock-4.dump').mkdir()  # as pg_dump writes
        os.utime(folder / 'stock-4.dump', (now - 80, now - 80))
        copy = database.used(lambda file, restore: restore)
        copy(str(folder / 'stock-0.dump'), restore=False)
        self.assertEqual(len(list(folder.iterdir())), len(ages) + 1)
        copy(str(folder / 'stock-0.dump'), restore=True)
        self.assertEqual({p.name for p in folder.iterdir()}, {
                'stock-0.dump', 'stock-2.dump', 'stock-3.dump',
                'stock-3.dump.lock', 'base-0.dump'})

    def test_classes(self):
        "They are kept for the same modules, and set up again for others"
        self.addCleanup(drop_db)

        def activate(*modules):
            drop_db()
            activate_modules(list(modules))
            return Pool(DB_NAME).get('party.party')
        base = activate('proxymikro_base')
        self.assertIs(activate('proxymikro_base'), base)
        with self.assertRaises(KeyError):
            Pool(DB_NAME).get('stock.loan')
        self.assertIsNot(activate('proxymikro_stock'), base)
        self.assertTrue(Pool(DB_NAME).get('stock.loan'))
