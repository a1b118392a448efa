# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Call the server as the web client does: JSON, a cookie, gzip."""
import gzip
import http.client
import json
import urllib.parse

from trytond.protocols.jsonrpc import JSONDecoder, JSONEncoder

# Seconds: what holds an answer longer is an error, shared cores or not
PATIENCE = 120
# Where the person is, as the proxy says: a session is good from there only
ADDRESS = '192.0.2.7'


class Refused(Exception):
    "The server refuses in words: what it is asked can't be done"


class Failed(Exception):
    "The server answers anything else, or nothing"


class Client:
    "A session of a user; its calls are answered by whichever worker is free"

    def __init__(self, url, database):
        self.move(url)
        self.database = database
        self.cookie = None
        self.context = {}

    def move(self, url):
        "Go on with the same session on another server"
        self.url = urllib.parse.urlsplit(url)

    def request(self, method, path, body=None, type_='application/json'):
        """Return the status, the headers and the bytes of the answer.

        A connection each, as behind a proxy.
        """
        headers = {
            'Accept-Encoding': 'gzip', 'X-Forwarded-For': ADDRESS}
        if body is not None:
            headers['Content-Type'] = type_
        if self.cookie:
            headers['Cookie'] = self.cookie
        connection = http.client.HTTPConnection(
            self.url.hostname, self.url.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            data = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Failed(repr(error)) from error
        finally:
            connection.close()
        if response.headers.get('Content-Encoding') == 'gzip':
            data = gzip.decompress(data)
        return response.status, response.headers, data

    def post(self, path, method, params):
        body = json.dumps(
            {'id': 0, 'method': method, 'params': params}, cls=JSONEncoder)
        status, headers, data = self.request(
            'POST', f'/{self.database}{path}', body.encode())
        if status != 200:
            raise Failed(f'{status} {method}')
        answer = json.loads(data, object_hook=JSONDecoder())
        if error := answer.get('error'):
            if error[0] == 'UserError':
                raise Refused(error[1][0])
            raise Failed(f'{method}: {error[:2]}')
        return answer['result'], headers

    def log_in(self, login, password):
        _, headers = self.post(
            '/session/login', 'login', [login, {'password': password}])
        self.cookie = headers['Set-Cookie'].partition(';')[0]
        self.context = self.call('model.res.user.get_preferences', True)
        return self

    def call(self, method, *params, **context):
        result, _ = self.post(
            '/rpc/', method, [*params, {**self.context, **context}])
        return result


class Wizard:
    "A wizard, as far as a person goes in it"

    def __init__(self, client, name, model=None, ids=None):
        self.client, self.name = client, f'wizard.{name}'
        self.context = {
            'active_model': model, 'active_ids': ids or [],
            'active_id': ids[0] if ids else None} if model else {}
        self.session, self.state, _ = client.call(
            f'{self.name}.create', **self.context)
        self.view = None

    def execute(self, state, data=None):
        result = self.client.call(
            f'{self.name}.execute', self.session, data or {}, state,
            **self.context)
        self.view = result.get('view')
        return result

    def close(self):
        self.client.call(
            f'{self.name}.delete', self.session, **self.context)
