# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from unittest.mock import patch

from trytond.modules.proxymikro_base.exceptions import (
    MailServerError, SetupError)
from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, with_transaction)
from trytond.transaction import Transaction

from .tools import outbox


class SetupTestCase(TestCase):
    "Test who is set up, and how the password reaches them"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_base')

    def create_company(self):
        Company = Pool().get('company.company')
        return Company.create_association({
                'name': "Ateliers", 'postal_code': '33000',
                'city': "Bordeaux", 'rna': 'W332098765'})

    def add(self, **values):
        "Add a person by the wizard and return it"
        Wizard = Pool().get('setup.person', type='wizard')
        session, _, _ = Wizard.create()
        wizard = Wizard(session)
        values = {
            'name': "Amélie Castaing", 'login': 'amelie', 'party': None,
            'roles': ['front_desk'], 'email': None, 'send': False, **values}
        for name, value in values.items():
            setattr(wizard.start, name, value)
        wizard.transition_add()
        return wizard

    @with_transaction()
    def test_sent(self):
        "A password that is sent is not shown"
        User = Pool().get('res.user')
        company = self.create_company()
        sent = []
        with Transaction().set_context(company=company.id), outbox(), \
                patch('trytond.res.user.send_message_transactional',
                    sent.append):
            wizard = self.add(email='amelie@example.org', send=True)
        message, = sent
        self.assertEqual(message['To'], 'amelie@example.org')
        self.assertIsNone(wizard.result.password)
        user, = User.search([('login', '=', 'amelie')])
        self.assertIn(user.password_reset, str(message))

    @with_transaction()
    def test_shown(self):
        "A password that is shown is not sent, even to who has an address"
        User = Pool().get('res.user')
        company = self.create_company()
        with Transaction().set_context(company=company.id), \
                patch('trytond.res.user.send_message_transactional') as send:
            wizard = self.add(email='amelie@example.org')
        send.assert_not_called()
        user, = User.search([('login', '=', 'amelie')])
        self.assertEqual(wizard.result.password, user.password_reset)
        self.assertEqual(user.email, 'amelie@example.org')
        self.assertEqual(
            user.employee.party.email, 'amelie@example.org')

    @with_transaction()
    def test_refused(self):
        "Without a server, an address or an association nobody is added"
        User = Pool().get('res.user')
        with self.assertRaises(SetupError):
            self.add()
        company = self.create_company()
        with Transaction().set_context(company=company.id):
            with self.assertRaises(SetupError):
                self.add(email='amelie')
            with patch(
                    'trytond.modules.proxymikro_base.mail.can_send',
                    return_value=False), \
                    self.assertRaises(MailServerError):
                self.add(email='amelie@example.org', send=True)
        self.assertFalse(User.search([('login', '=', 'amelie')]))

    @with_transaction()
    def test_known(self):
        "Who has a card already, and is a volunteer already, is not made again"
        pool = Pool()
        Employee = pool.get('company.employee')
        Party = pool.get('party.party')
        company = self.create_company()
        party = Party(name="Amélie Castaing")
        party.save()
        employee = Employee(party=party, company=company)
        employee.save()
        with Transaction().set_context(company=company.id):
            self.add(party=party)
        user, = pool.get('res.user').search([('login', '=', 'amelie')])
        self.assertEqual(user.employee, employee)
        self.assertEqual(
            Party.search([('name', '=', "Amélie Castaing")]), [party])

    @with_transaction()
    def test_completed(self):
        "What is left empty changes nothing of the association"
        company = self.create_company()
        company.save_association(company.party, {
                'name': "Ateliers du Port", 'city': "Bègles"})
        values = company.get_association()
        self.assertEqual(values['name'], "Ateliers du Port")
        self.assertEqual(values['rna'], 'W332098765')
        self.assertEqual(
            (values['postal_code'], values['city']), ('33000', "Bègles"))
