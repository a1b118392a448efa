# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The association speaks French: every label, help, message and menu."""
import pathlib

import polib
from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, with_transaction)

from .test_rights import MODULES

# Modules of core which make terms of ours appear
EXTRAS = ['account_fr_chorus', 'account_payment_sepa', 'inbound_email']
ROOT = pathlib.Path(__file__).parent.parent / 'modules'


class TranslationsTestCase(TestCase):
    "Test that French is complete"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module(MODULES + EXTRAS)

    def read(self, module):
        return polib.pofile(str(ROOT / module / 'locale' / 'fr.po'))

    def test_translated(self):
        "No entry is empty or fuzzy"
        for module in MODULES:
            with self.subTest(module=module):
                entries = self.read(module)
                self.assertEqual(
                    [(e.msgctxt, e.msgid) for e in entries
                        if e.fuzzy or not e.msgstr], [])

    @with_transaction()
    def test_complete(self):
        "Every term of the modules has its entry, and every entry its term"
        self.collect_terms()
        Translation = Pool().get('ir.translation')
        for module in MODULES:
            with self.subTest(module=module):
                exported = polib.pofile((
                        Translation.translation_export('en', module)
                        or b'').decode())
                terms = {(e.msgctxt, e.msgid) for e in exported}
                entries = {
                    (e.msgctxt, e.msgid) for e in self.read(module)}
                self.assertEqual(terms - entries, set(), "missing")
                self.assertEqual(entries - terms, set(), "no longer used")

    def collect_terms(self):
        "Do what --export-translations does before it writes"
        for name, state in [
                ('ir.translation.set', 'set_'),
                ('ir.translation.clean', 'clean')]:
            Wizard = Pool().get(name, type='wizard')
            session, _, _ = Wizard.create()
            Wizard.execute(session, {}, state)
            Wizard.delete(session)
