# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, with_transaction)
from trytond.transaction import Transaction


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
        made = []
        connection = Transaction().connection
        for count in [2, 20]:
            queries = []
            connection.set_trace_callback(queries.append)
            try:
                Party.create([{'name': f"Membre {i}"} for i in range(count)])
            finally:
                connection.set_trace_callback(None)
            made.append([q for q in queries if 'account_tax_receipt' in q])
        self.assertEqual(made, [[], []])
