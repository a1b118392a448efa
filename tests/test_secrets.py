# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the server writes in its log holds no password and no session."""
import logging

from trytond.pool import Pool
from trytond.protocols.wrappers import TRYTON_SESSION_COOKIE, HTTPStatus
from trytond.tests.test_tryton import RouteTestCase

SECRETS = ['Ancien-mot-de-passe-1', 'Nouveau-mot-de-passe-2', 'Celui-du-guichet-3']


class SecretsTestCase(RouteTestCase):
    "Test the log of the server"
    module = 'proxymikro_base'

    @classmethod
    def setUpDatabase(cls):
        pool = Pool()
        User = pool.get('res.user')
        admin, = pool.get('res.group').search([('name', '=', "Administration")])
        User.create([{
                    'name': "Adèle", 'login': 'adele', 'password': SECRETS[0],
                    'groups': [('add', [admin.id])]}])

    def test_passwords(self):
        "Who logs in, changes a password and makes a user leaves none behind"
        client = self.client()
        url = f'/{self.db_name}'

        def call(method, *params):
            response = client.post(f'{url}/rpc/', json={
                    'id': 0, 'method': f'model.res.user.{method}',
                    'params': [*params, {}]})
            self.assertEqual(response.status_code, HTTPStatus.OK)
            self.assertNotIn('error', response.json)

        with self.assertLogs(level=logging.INFO) as logs:
            for password in [SECRETS[2], SECRETS[0]]:
                response = client.post(f'{url}/session/login', json={
                        'params': ['adele', {'password': password}]})
            self.assertEqual(response.status_code, HTTPStatus.OK)
            cookie = client.get_cookie(TRYTON_SESSION_COOKIE, path=url)
            call('create', [{
                        'name': "Guichet", 'login': 'guichet',
                        'password': SECRETS[2]}])
            # Ends the session
            call('set_preferences', {'password': SECRETS[1]})
        written = '\n'.join(logs.output)
        self.assertIn('res.user.set_preferences', written)
        for secret in [*SECRETS, cookie.value.rsplit(':', 1)[-1]]:
            self.assertNotIn(secret, written)
