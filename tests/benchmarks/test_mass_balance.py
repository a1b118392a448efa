# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The balance of the kg: one query, whose time grows as what is followed."""
import os

from trytond.modules.proxymikro_account.tests.books import (
    activate_books, with_books)
from trytond.modules.proxymikro_recycling.tests.resale import TODAY, Resale
from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase
from trytond.transaction import Transaction

from .measure import alternate, spent
from .resale import fill_collections

FULL = bool(os.environ.get('PROXYMIKRO_FULL'))
FEW, TIMES = (1_000, 10) if FULL else (100, 5)
MODELS = [
    'recycling.mass.balance', 'recycling.mass.balance.donor',
    'recycling.mass.balance.kind', 'recycling.mass.balance.year']
ROWS = 80
FIELDS = ['rec_name', 'incoming', 'outgoing', 'stock', 'gap', 'state']


class MassBalanceBenchmarkTestCase(TestCase):
    "Test the speed of the mass balance"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books('proxymikro_recycling')

    def page(self, name):
        return Pool().get(name).search_read(
            [], limit=ROWS, fields_names=FIELDS)

    def measure(self, count):
        "Return the seconds and the queries of each screen"
        rows, = self.page('recycling.mass.balance.year')
        self.assertAlmostEqual(rows['incoming'], 5 * count)
        self.assertEqual((rows['gap'], rows['state']), (0, 'balanced'))
        queries = []
        for name in MODELS:
            # What is read once and kept, as the labels, is not counted
            self.page(name)
            Transaction().cache.clear()
            with count_queries() as made:
                self.page(name)
            queries.append(len(made))
        return alternate(*(
                lambda name=name: spent(lambda: self.page(name))
                for name in MODELS)), queries

    @with_books(TODAY.year)
    def test_growth(self, books):
        "As many queries, and a time in proportion to the collections"
        resale = Resale(books)
        fill_collections(resale, FEW - 1)
        few, queries = self.measure(FEW)
        fill_collections(resale, FEW * (TIMES - 1) - 1)
        many, more_queries = self.measure(FEW * TIMES)
        self.assertEqual(queries, more_queries)
        for name, before, after in zip(MODELS, few, many):
            print(
                f"{name}: {before:.3f} s for {FEW} collections, {after:.3f} s "
                f"for {FEW * TIMES}, {after / before / TIMES:.2f} x in "
                f"proportion, {queries[MODELS.index(name)]} queries")
            self.assertLess(after, 1.5 * TIMES * before)
