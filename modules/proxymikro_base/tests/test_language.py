# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.

import datetime as dt
import unittest

from trytond.pool import Pool
from trytond.tests.test_tryton import (
    activate_module, drop_db, with_transaction)
from trytond.transaction import Transaction


class LanguageTestCase(unittest.TestCase):
    "Test the words and the dates that French people read"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_db()
        activate_module('proxymikro_base', lang='fr')

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        drop_db()

    @with_transaction(context={'language': 'fr'})
    def test_date(self):
        "Dates have slashes"
        Lang = Pool().get('ir.lang')
        french, = Lang.search([('code', '=', 'fr')])
        self.assertEqual(
            french.strftime(dt.date(2026, 12, 31)), "31/12/2026")

    @with_transaction(context={'language': 'fr'})
    def test_words(self):
        "Parties have the name that the association gives them"
        pool = Pool()
        Menu = pool.get('ir.ui.menu')
        ModelData = pool.get('ir.model.data')
        User = pool.get('res.user')
        menu = Menu(ModelData.get_id('party', 'menu_party'))
        self.assertEqual(menu.name, "Personnes et organismes")
        self.assertEqual(
            Pool().get('party.party').__names__()['model'],
            "Personne ou organisme")
        user = User(ModelData.get_id('res', 'user_admin'))
        self.assertEqual(user.name, "Administration")
        self.assertEqual(Transaction().language, 'fr')
