# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The numbers of schools and associations."""
from trytond.modules.party.exceptions import InvalidIdentifierCode
from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, with_transaction)


class SchoolTestCase(TestCase):
    "Test the numbers of the schools"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_membership')

    def create(self, type_, code):
        Party = Pool().get('party.party')
        party, = Party.create([{
                    'name': "Lycée",
                    'identifiers': [('create', [
                                {'type': type_, 'code': code}])]}])
        return party.identifiers[0].code

    @with_transaction()
    def test_valid(self):
        "A number is kept without its spaces, in capitals"
        for type_, code, kept in [
                ('fr_uai', '0750655E', '0750655E'),
                ('fr_uai', '075 0654 d', '0750654D'),
                ('fr_rna', 'w332 098 765', 'W332098765'),
                ('fr_rna', 'W9R1000188', 'W9R1000188')]:
            with self.subTest(code=code):
                self.assertEqual(self.create(type_, code), kept)

    @with_transaction()
    def test_invalid(self):
        "A wrong letter or length is refused"
        for type_, code in [
                ('fr_uai', '0750655D'), ('fr_uai', '750655E'),
                ('fr_uai', '0750655I'), ('fr_rna', 'W33209876'),
                ('fr_rna', '332098765W')]:
            with self.subTest(code=code), \
                    self.assertRaises(InvalidIdentifierCode):
                self.create(type_, code)

    @with_transaction()
    def test_find(self):
        "A school is found by its number"
        Party = Pool().get('party.party')
        self.create('fr_uai', '0750655E')
        self.assertEqual(
            Party.search([('rec_name', '=', '0750655E')], count=True), 1)
