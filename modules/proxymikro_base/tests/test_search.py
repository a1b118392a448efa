# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import unittest

from trytond.modules.proxymikro_base.search import search_any


class SearchTestCase(unittest.TestCase):
    "Test the domains of searchers"

    def test_any(self):
        "A clause holds for any of the fields"
        for operator in ['=', 'ilike', 'in']:
            with self.subTest(operator=operator):
                self.assertEqual(
                    search_any(('rec_name', operator, "x"), 'number', 'name'),
                    ['OR', ('number', operator, "x"), ('name', operator, "x")])

    def test_denied(self):
        "A clause that denies holds for all of them"
        for operator in ['!=', 'not ilike', 'not in']:
            with self.subTest(operator=operator):
                self.assertEqual(
                    search_any(('rec_name', operator, "x"), 'number', 'name'),
                    ['AND', ('number', operator, "x"),
                        ('name', operator, "x")])
