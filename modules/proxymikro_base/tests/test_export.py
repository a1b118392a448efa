# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.proxymikro_base.export import protect, unprotect
from trytond.modules.proxymikro_base.exceptions import PartyExportError
from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, with_transaction)
from trytond.transaction import Transaction

FORMULA = '=HYPERLINK("https://example.org";"Cliquez")'


class ExportTestCase(TestCase):
    "Test what leaves for a spreadsheet"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_base')

    @with_transaction()
    def test_formula(self):
        "A name is no formula once exported, and a number stays one"
        Party = Pool().get('party.party')
        party, = Party.create([{'name': FORMULA}])
        domain = [('id', '=', party.id)]
        for rows in [
                Party.export_data([party], ['id', 'name'], header=True),
                Party.export_data_domain(domain, ['id', 'name'], header=True)]:
            self.assertEqual(rows[1:], [[party.id, f"'{FORMULA}"]])

    @with_transaction()
    def test_again(self):
        "What was exported is imported as it was"
        Party = Pool().get('party.party')
        party, = Party.create([{'name': FORMULA}])
        data = Party.export_data([party], ['id', 'name'])
        self.assertEqual(Party.import_data(['id', 'name'], data), 1)
        self.assertEqual(Party(party.id).name, FORMULA)

    @with_transaction()
    def test_parties(self):
        "The list of everybody leaves with the treasury or the presidency only"
        pool = Pool()
        Party = pool.get('party.party')
        get_id = pool.get('ir.model.data').get_id
        party, = Party.create([{'name': "Zélie"}])
        for role, may in [
                ('front_desk', False), ('workshop', False), ('audit', False),
                ('treasury', True), ('presidency', True)]:
            user, = pool.get('res.user').create([{
                        'name': role, 'login': role, 'groups': [
                            ('add', [get_id(
                                        'proxymikro_base', f'group_{role}')])],
                        }])
            with self.subTest(role=role), \
                    Transaction().set_user(user.id), \
                    Transaction().set_context(_check_access=True):
                self.assertEqual(Party(party.id).name, "Zélie")
                if may:
                    self.assertEqual(
                        Party.export_data([party], ['name']), [["Zélie"]])
                else:
                    with self.assertRaises(PartyExportError):
                        Party.export_data([party], ['name'])

    @given(st.text())
    def test_protect(self, text):
        "A text is found again, and never starts as a formula"
        self.assertNotIn(protect(text)[:1], list('=+-@\t\r'))
        if not text.startswith("'"):
            self.assertEqual(unprotect(protect(text)), text)
