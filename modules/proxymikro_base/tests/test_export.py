# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.proxymikro_base.export import protect, unprotect
from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, with_transaction)

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

    @given(st.text())
    def test_protect(self, text):
        "A text is found again, and never starts as a formula"
        self.assertNotIn(protect(text)[:1], list('=+-@\t\r'))
        if not text.startswith("'"):
            self.assertEqual(unprotect(protect(text)), text)
