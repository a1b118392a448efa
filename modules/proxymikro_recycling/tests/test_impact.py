# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""How the CO2e is counted, and what each role may do with it."""
import datetime as dt
import unittest

from trytond.modules.proxymikro_recycling.impact import month_days
from trytond.modules.proxymikro_recycling.impact_factor import latest
from trytond.modules.proxymikro_recycling.impact_method import (
    get_method, round_significant)
from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, with_transaction
from trytond.transaction import Transaction

from .test_mass_balance import ROLES
from .test_provenance import ProvenanceMixin

MODELS = ['impact', 'impact.kind', 'impact.donor', 'impact.year']


class FigureTestCase(unittest.TestCase):
    "Test the figures without database"

    def test_round(self):
        "Two figures are all that an estimate deserves"
        for value, expected in [
                (0, 0), (None, 0), (1234, 1200), (1250.1, 1300), (98.7, 99),
                (7.45, 7.5), (.0456, .046), (-1234, -1200)]:
            with self.subTest(value=value):
                self.assertAlmostEqual(round_significant(value), expected)

    def test_months(self):
        "The months follow each other, the last one stops on the day"
        months = month_days(dt.date(2025, 11, 20), dt.date(2026, 2, 10))
        self.assertEqual(
            [m for m, _, _ in months], [202511, 202512, 202601, 202602])
        self.assertEqual(months[0][1:], (
                dt.date(2025, 11, 1), dt.date(2025, 11, 30)))
        self.assertEqual(months[-1][1:], (
                dt.date(2026, 2, 1), dt.date(2026, 2, 10)))
        for (_, _, end), (_, start, _) in zip(months, months[1:]):
            self.assertEqual((start - end).days, 1)


class ImpactTestCase(ProvenanceMixin, TestCase):
    "Test the impact"

    @with_transaction()
    def test_latest(self):
        "The last to start among those in force"
        Substitution = Pool().get('impact.substitution')
        first, = Substitution.search([])
        second, third = Substitution.create([
                {'rate': .5, 'start_date': dt.date(2026, 1, 1)},
                {'rate': .6, 'start_date': dt.date(2026, 6, 1),
                    'end_date': dt.date(2026, 6, 30)}])
        records = [first, second, third]
        for date, expected in [
                (dt.date(2025, 12, 31), first), (dt.date(2026, 1, 1), second),
                (dt.date(2026, 6, 15), third), (dt.date(2026, 7, 1), second)]:
            self.assertEqual(latest(records, date), expected)
        self.assertIsNone(latest([third], dt.date(2026, 7, 1)))

    @with_transaction()
    def test_method(self):
        "The note tells all that the figures rest on"
        with Transaction().set_context(language='fr'):
            note = ' '.join(get_method(dt.date.today())['sentences'])
        for words in [
                "ADEME, Impact CO2", "2025-11", "fiabilité moyenne", "70 %",
                "(203 + 1", "÷ 6 ans", "fiabilité faible",
                "Deux chiffres significatifs", "n’est pas compté"]:
            self.assertIn(words, note)

    @with_transaction()
    def test_no_substitution(self):
        "Without an assumption the note says so"
        Substitution = Pool().get('impact.substitution')
        Substitution.delete(Substitution.search([]))
        note = ' '.join(get_method(dt.date.today())['sentences'])
        self.assertIn("Aucun taux de substitution", note)

    @with_transaction()
    def test_queries(self):
        "The number of queries does not depend on the number of devices"
        pool = Pool()
        with self._in_company():
            regime = self._regime("One", 'allowed')
            counts = []
            for number in [1, 12]:
                devices = self._give("Donor", regime, number)
                self._dismantle(devices)
                for name in MODELS:
                    pool.get(name).search([])
                with count_queries() as queries:
                    for name in MODELS:
                        pool.get(name).search([])
                counts.append(len(queries))
            self.assertEqual(*counts)

    @with_transaction()
    def test_roles(self):
        "Every role reads the impact"
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        User = pool.get('res.user')
        with self._in_company():
            self._give("Donor", self._regime("One", 'allowed'))
            for role in ROLES:
                group = ModelData.get_id('proxymikro_base', f'group_{role}')
                user, = User.create([{
                            'name': role, 'login': role,
                            'groups': [('add', [group])]}])
                with self.subTest(role=role), \
                        Transaction().set_user(user.id), \
                        Transaction().set_context(_check_access=True):
                    for name in [*MODELS, 'impact.factor']:
                        pool.get(name).search_read(
                            [], fields_names=['rec_name'])
