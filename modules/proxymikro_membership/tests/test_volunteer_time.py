# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt
from unittest.mock import patch

from trytond.modules.company.tests import create_company, set_company
from trytond.modules.proxymikro_base.exceptions import MinutesDateError
from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, with_transaction)

# Half past midnight in Paris, where it is Sunday
MOMENT = dt.datetime(2026, 11, 28, 23, 30, tzinfo=dt.timezone.utc)
SUNDAY = dt.date(2026, 11, 29)


class VolunteerTimeTestCase(TestCase):
    "Test the time that volunteers give"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_membership')

    @with_transaction()
    def test_date(self):
        "The time of the day is recorded where the volunteer is, not before"
        pool = Pool()
        Time = pool.get('volunteer.time')
        party, = pool.get('party.party').create([{'name': "Zélie Morin"}])
        company = create_company()
        company.timezone = 'Europe/Paris'
        company.save()
        with set_company(company), patch('trytond.ir.date.datetime') as clock:
            clock.datetime.now.side_effect = MOMENT.astimezone
            employee, = pool.get('company.employee').create(
                [{'party': party.id, 'company': company.id}])

            def give(date):
                return Time.create([{
                            'employee': employee.id, 'minutes': 30,
                            'date': date}])

            time, = give(SUNDAY)
            self.assertEqual(time.date, SUNDAY)
            with self.assertRaisesRegex(MinutesDateError, "Zélie Morin"):
                give(SUNDAY + dt.timedelta(1))
            with self.assertRaises(MinutesDateError):
                Time.write([time], {'date': SUNDAY + dt.timedelta(1)})
