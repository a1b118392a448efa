# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, with_transaction)


class RetentionTestCase(TestCase):
    "Test what is kept of persons"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_membership')

    @with_transaction()
    def test_create(self):
        "Nobody who is recorded is checked as if to be erased"
        Party = Pool().get('party.party')
        for count in [2, 20]:
            with count_queries() as queries:
                Party.create(
                    [{'name': f"Membre {i}"} for i in range(count)])
            self.assertTrue(queries)
            self.assertEqual(
                [q for q, *_ in queries if 'account_tax_receipt' in q], [])

    @with_transaction()
    def test_export(self):
        "What is known of a person is read without writing"
        pool = Pool()
        Data = pool.get('party.personal_data', type='report')
        party, = pool.get('party.party').create([{'name': "Zélie"}])
        with count_queries() as queries:
            Data.get_sources(party)
        self.assertTrue(queries)
        self.assertEqual(
            [q for q, *_ in queries if not q.startswith('SELECT')], [])
