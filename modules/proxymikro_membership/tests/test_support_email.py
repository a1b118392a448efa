# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Requests which come by e-mail."""
from email.message import EmailMessage

from trytond.modules.company.tests import create_company, set_company
from trytond.modules.currency.tests import create_currency
from trytond.modules.proxymikro_base.tests.tools import outbox
from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, with_transaction)


class SupportEmailTestCase(TestCase):
    "Test the requests which come by e-mail"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module(['proxymikro_membership', 'inbound_email'])

    def receive(self, sender, subject="Panne", text="Plus rien"):
        "Receive a message and return the request it opens"
        pool = Pool()
        Email = pool.get('inbound.email')
        Inbox = pool.get('inbound.email.inbox')
        message = EmailMessage()
        message['From'], message['Subject'] = sender, subject
        message['To'] = 'assistance@example.org'
        message.set_content(text)
        inbox, = Inbox.create([{
                    'name': "Assistance",
                    'rules': [('create', [{
                                    'action':
                                    'support.request|from_inbound_email',
                                    }])]}])
        emails = Email.from_webhook(inbox, message.as_bytes(), 'raw')
        Email.save(emails)
        with outbox():
            Email.process(emails)
        return emails[0].result

    @with_transaction()
    def test_request(self):
        "The member is found by its address, what is unknown is left empty"
        pool = Pool()
        company = create_company("Proxy Essai", create_currency('eur'))
        with set_company(company):
            party, = pool.get('party.party').create([{
                        'name': "École Nord",
                        'contact_mechanisms': [('create', [{
                                        'type': 'email',
                                        'value': 'ecole@example.com'}])]}])
            for sender, member, email in [
                    ("Direction <ecole@example.com>", party,
                        'ecole@example.com'),
                    ("inconnue@example.com", None, 'inconnue@example.com'),
                    ("n'importe quoi", None, None)]:
                with self.subTest(sender=sender):
                    request = self.receive(sender)
                    self.assertEqual(request.__name__, 'support.request')
                    self.assertEqual(request.party, member)
                    self.assertEqual(request.email, email)
                    self.assertEqual(request.channel, 'email')
                    self.assertEqual(request.subject, "Panne")
                    self.assertIn("Plus rien", request.text)
                    self.assertEqual(
                        request.entitlement, 'none')

    @with_transaction()
    def test_long(self):
        "A message without a subject or without end is taken all the same"
        company = create_company("Proxy Essai", create_currency('eur'))
        with set_company(company):
            request = self.receive(
                'a@example.com', subject="", text="x" * 100_000)
            self.assertEqual(request.subject, "—")
            self.assertLessEqual(len(request.text), 20_000)
