# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The thresholds of the law and their gauges."""
import datetime as dt
from decimal import Decimal
from unittest.mock import patch

from trytond.modules.proxymikro_account.exceptions import ThresholdAccountsError
from trytond.modules.proxymikro_base.exceptions import MailServerError
from trytond.modules.proxymikro_base.tests.tools import outbox
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase
from trytond.transaction import Transaction

from .books import activate_books, with_books

MAIL = 'trytond.modules.proxymikro_base.mail'


class ThresholdTestCase(TestCase):
    "Test the thresholds"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books()

    def create(self, **values):
        Threshold = Pool().get('account.threshold')
        threshold, = Threshold.create([{
                    'name': "Seuil", 'amount': Decimal(1000),
                    'accounts': "70 -7085", **values}])
        return threshold

    def gauge(self, threshold, date=dt.date(2026, 6, 1)):
        with Transaction().set_context(date=date):
            threshold = threshold.__class__(threshold.id)
            return threshold.reached, threshold.ratio, threshold.level

    @with_books(2025, 2026)
    def test_gauge(self, books):
        "What is posted in the year on the accounts that count, warned at 80 %"
        Threshold = Pool().get('account.threshold')
        threshold = self.create()
        self.assertEqual(self.gauge(threshold), (0, 0, 'clear'))
        books.move(dt.date(2025, 12, 31),
            ('5121', '900', '0'), ('70731', '0', '900'))
        books.move(dt.date(2026, 2, 3),
            ('5121', '820', '0'), ('70731', '0', '799.99'),
            ('7085', '0', '10.01'), ('75411', '0', '10'))
        books.move(dt.date(2026, 2, 4), ('5121', '500', '0'),
            ('70731', '0', '500'), post=False)
        self.assertEqual(
            self.gauge(threshold), (Decimal('799.99'), 0.79999, 'clear'))
        books.move(dt.date(2026, 3, 3),
            ('5121', '0.01', '0'), ('70731', '0', '0.01'))
        self.assertEqual(self.gauge(threshold), (800, 0.8, 'near'))
        self.assertEqual(
            self.gauge(threshold, dt.date(2025, 6, 1)), (900, 0.9, 'near'))
        with Transaction().set_context(date=dt.date(2026, 6, 1)):
            self.assertIn(threshold, Threshold.search(
                    [('level', 'in', ['near', 'passed'])]))
            self.assertNotIn(threshold, Threshold.search(
                    [('level', '!=', 'near')]))
        books.move(dt.date(2026, 3, 4),
            ('5121', '200', '0'), ('70731', '0', '200'))
        self.assertEqual(self.gauge(threshold), (1000, 1, 'near'))
        books.move(dt.date(2026, 3, 5),
            ('5121', '1', '0'), ('70731', '0', '1'))
        self.assertEqual(self.gauge(threshold), (1001, 1, 'passed'))

    @with_books(2026)
    def test_closed(self, books):
        "The entry which closes the year changes nothing"
        threshold = self.create(period='fiscal')
        books.move(dt.date(2026, 2, 3),
            ('5121', '850', '0'), ('70731', '0', '850'))
        books.balance_non_deferral(books.years[2026])
        self.assertEqual(self.gauge(threshold), (850, 0.85, 'near'))

    @with_books(2026)
    def test_shipped(self, books):
        "One threshold of each kind is in force on a day, with its source"
        Threshold = Pool().get('account.threshold')
        thresholds = Threshold.search(
            Threshold.valid_domain(dt.date(2026, 6, 1)))
        self.assertEqual(len(thresholds), 5)
        self.assertTrue(all(t.source and t.certainty for t in thresholds))
        numbers = {
            a.code for a in Pool().get('account.account').search(
                [('company', '=', books.company.id)])}
        for threshold in thresholds:
            for prefix in threshold.prefixes[0]:
                self.assertTrue(
                    [n for n in numbers if n and n.startswith(prefix)],
                    f"{threshold.name}: no account {prefix}")

    @with_books(2026)
    def test_counted(self, books):
        "Services are sales too; what is counted already or is no gift isn't"
        ModelData = Pool().get('ir.model.data')
        Threshold = Pool().get('account.threshold')
        for code, amount in [
                ('70731', '100'), ('7063', '20'), ('741', '30'),
                ('742', '5'), ('747', '7'), ('75411', '11'),
                ('75431', '13')]:
            books.move(dt.date(2026, 2, 3),
                ('5121', amount, '0'), (code, '0', amount))
        for name, reached in [
                ('commercial_2025', 120), ('vat_goods', 120),
                ('vat_services', 20), ('grants', 35), ('gifts', 11)]:
            with self.subTest(name=name):
                threshold = Threshold(ModelData.get_id(
                        'proxymikro_account', f'threshold_{name}'))
                self.assertEqual(self.gauge(threshold)[0], reached)

    @with_books(2026)
    def test_accounts(self, books):
        "What is no list of numbers is refused"
        for accounts in ["", "  ", "-70", "70,73", "70 - 73", "vente", "=70"]:
            with self.subTest(accounts=accounts), \
                    self.assertRaises(Exception) as raised:
                self.create(accounts=accounts)
            if accounts.strip():
                self.assertIsInstance(
                    raised.exception, ThresholdAccountsError)

    @with_books(dt.date.today().year)
    def test_alert(self, books):
        "One message a year for each level, to those who keep the books"
        pool = Pool()
        Alert = pool.get('account.threshold.alert')
        Data = pool.get('ir.model.data')
        User = pool.get('res.user')
        User.create([{
                    'name': login, 'login': login,
                    'email': f'{login}@example.org',
                    'companies': [('add', [books.company.id])],
                    'company': books.company.id,
                    'groups': [('add', [
                                Data.get_id('proxymikro_base', group)])],
                    } for login, group in [
                    ('tresorerie', 'group_treasury'),
                    ('accueil', 'group_front_desk')]])
        threshold = self.create(consequence="Déclarer & payer")
        today = dt.date.today()
        for amount, sent in [
                (799, []), (1, ['near']), (150, ['near']),
                (100, ['near', 'passed']), (100, ['near', 'passed'])]:
            books.move(today, ('5121', amount, 0), ('70731', 0, amount))
            with outbox() as messages:
                Alert.send()
            alerts = Alert.search(
                [('threshold', '=', threshold.id)], order=[('id', 'ASC')])
            with self.subTest(amount=amount):
                self.assertEqual([a.level for a in alerts], sent)
        self.assertEqual(alerts[0].reached, 800)
        self.assertEqual(alerts[0].recipients, 'tresorerie@example.org')
        self.assertEqual(messages, [])

    @with_books(dt.date.today().year)
    def test_alert_message(self, books):
        "The message says the amounts and what to do, escaped"
        Alert = Pool().get('account.threshold.alert')
        self.create(consequence="Déclarer & payer")
        today = dt.date.today()
        books.move(today, ('5121', 900, 0), ('70731', 0, 900))
        with patch.object(
                Alert, 'get_recipients', return_value=['a@example.org']), \
                outbox() as messages:
            Alert.send()
        message, = messages
        self.assertEqual(message['To'], 'a@example.org')
        body = message.get_body(('html',)).get_content()
        self.assertIn('900', body)
        self.assertIn("Déclarer &amp; payer", body)

    @with_books(dt.date.today().year)
    def test_alert_no_server(self, books):
        "Without a server nothing is kept: it is sent once there is one"
        Alert = Pool().get('account.threshold.alert')
        self.create()
        books.move(
            dt.date.today(), ('5121', 900, 0), ('70731', 0, 900))
        with patch.object(
                Alert, 'get_recipients', return_value=['a@example.org']), \
                patch(f'{MAIL}.get_smtp_server', return_value=None), \
                self.assertRaises(MailServerError):
            Alert.send()
        self.assertEqual(Alert.search([], count=True), 0)
