# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The fingerprints that the seals are made of."""
import datetime as dt
import unittest
from decimal import Decimal

from trytond.modules.proxymikro_base.seal import digest


class DigestTestCase(unittest.TestCase):
    "Test the fingerprint of values"

    def test_known(self):
        "Test the fingerprint is the same from version to version"
        self.assertEqual(
            digest({
                    'text': "Été", 'date': dt.date(2026, 1, 31),
                    'time': dt.datetime(2026, 1, 31, 8, 5),
                    'amount': Decimal('12.50'), 'file': b'abc',
                    'rows': [1, 2.5, True], 'none': None}),
            '67f521d9870b4db885199cf722271525'
            'bad527fd657f78d551c6ae542c7b6ab1')

    def test_empty(self):
        "Test what is empty doesn't count, so that fields may be added"
        self.assertEqual(digest({'a': 1}), digest({'a': 1, 'b': None}))
        self.assertNotEqual(digest({'a': 1}), digest({'a': 1, 'b': 0}))
        self.assertNotEqual(digest({'a': 1}), digest({'a': 1, 'b': ''}))

    def test_order(self):
        "Test the order of the fields doesn't count"
        self.assertEqual(
            digest({'a': 1, 'b': 2}), digest({'b': 2, 'a': 1}))

    def test_database(self):
        "Test what the databases return otherwise is the same"
        self.assertEqual(
            digest({'a': Decimal('12.5')}), digest({'a': Decimal('12.5000')}))
        self.assertEqual(
            digest({'a': b'abc'}), digest({'a': bytearray(b'abc')}))
        self.assertNotEqual(
            digest({'a': Decimal('12.5')}), digest({'a': Decimal('12.51')}))
