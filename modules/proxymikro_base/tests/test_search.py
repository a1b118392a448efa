# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import unittest

from trytond.modules.proxymikro_base.search import search_any, search_boolean


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

    def test_boolean(self):
        "A clause on a yes or no wants one of them, both or none"
        yes, no = [('date', '!=', None)], [('date', '=', None)]
        for operator, value, expected in [
                ('=', True, yes), ('=', False, no), ('=', None, no),
                ('!=', True, no), ('!=', False, yes),
                ('in', [True], yes), ('in', [False, None], no),
                ('in', [True, False], []), ('in', [], [('id', '<', 0)]),
                ('not in', [True], no), ('not in', [], []),
                ]:
            with self.subTest(operator=operator, value=value):
                self.assertEqual(
                    search_boolean(('late', operator, value), yes, no),
                    expected)
