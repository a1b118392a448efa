# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt

from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, with_transaction)


class MembershipTypeTestCase(TestCase):
    "Test the periods of the memberships"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_membership')

    @with_transaction()
    def test_compute_period(self):
        "The period holds the date, whatever the type"
        Type = Pool().get('party.membership.type')
        for period, date, expected in [
                ('civil', dt.date(2026, 1, 1),
                    (dt.date(2026, 1, 1), dt.date(2026, 12, 31))),
                ('civil', dt.date(2026, 12, 31),
                    (dt.date(2026, 1, 1), dt.date(2026, 12, 31))),
                ('school', dt.date(2026, 8, 31),
                    (dt.date(2025, 9, 1), dt.date(2026, 8, 31))),
                ('school', dt.date(2026, 9, 1),
                    (dt.date(2026, 9, 1), dt.date(2027, 8, 31))),
                ('rolling', dt.date(2028, 2, 29),
                    (dt.date(2028, 2, 29), dt.date(2029, 2, 27))),
                ('rolling', dt.date(2026, 11, 23),
                    (dt.date(2026, 11, 23), dt.date(2027, 11, 22))),
                ]:
            with self.subTest(period=period, date=date):
                self.assertEqual(
                    Type(period=period).compute_period(date), expected)
