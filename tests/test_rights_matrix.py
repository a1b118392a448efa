# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Who may do what with each model, as it is written down and as RPC answers.

rights.csv is the matrix to read before a release: a right that is given or
taken without being written there is an error. R: read, W: write, C: create,
D: delete. What a role has none of is not listed, nor what is open to every
user, as the menus and the translations of the client are.
"""
import csv
import io
import pathlib
import secrets

from command.tools import home
from trytond.model import ModelSQL, ModelView
from trytond.pool import Pool
from trytond.protocols.wrappers import HTTPStatus
from trytond.tests.test_tryton import RouteTestCase, with_transaction
from trytond.transaction import Transaction

from .test_rights import MODULES, ROLES, ours

MATRIX = pathlib.Path(__file__).with_name('rights.csv')
MODES = {'read': 'R', 'write': 'W', 'create': 'C', 'delete': 'D'}
# What does nothing and needs the right all the same
CALLS = {
    'read': ('read', [[], ['id']]),
    'write': ('write', [[], {}]),
    'create': ('create', [[]]),
    'delete': ('delete', [[]]),
    }
# What every user may change: their own things, or what hangs on a record that
# they may change
OPEN = {
    'ir.attachment', 'ir.avatar', 'ir.email', 'ir.module.config_wizard.item',
    'ir.note', 'ir.sequence', 'ir.sequence.strict', 'ir.ui.view_tree_optional',
    'ir.ui.view_tree_width', 'res.user.application'}
PASSWORD = secrets.token_urlsafe()


def is_served(cls):
    "Only what has views is called from outside"
    return issubclass(cls, ModelSQL) and issubclass(cls, ModelView)


class RightsMatrixTestCase(RouteTestCase):
    "Test the matrix of the rights"
    module = MODULES[-1]
    extras = MODULES[:-1]

    @classmethod
    def setUpDatabase(cls):
        pool = Pool()
        get_id = pool.get('ir.model.data').get_id
        cls.users = {
            user.login: user.id for user in pool.get('res.user').create([{
                        'name': role, 'login': role, 'password': PASSWORD,
                        'groups': [
                            ('add', [get_id(
                                        'proxymikro_base', f'group_{role}')])],
                        } for role in ROLES] + [
                    {'name': 'nobody', 'login': 'nobody'}])}

    def rights(self, login, names):
        "Return the letters of the user's rights by model"
        Access = Pool().get('ir.model.access')
        with Transaction().set_user(self.users[login]), \
                Transaction().set_context(_check_access=True):
            access = Access.get_access(names)
        return {
            name: ''.join(
                letter for mode, letter in MODES.items() if access[name][mode])
            for name in names}

    @with_transaction()
    def test_matrix(self):
        "The rights are those that are written down"
        names = sorted(n for n, c in Pool().iterobject('model') if is_served(c))
        everybody = self.rights('nobody', names)
        self.assertEqual(
            {n for n, rights in everybody.items() if set(rights) - {'R'}}, OPEN)
        roles = [self.rights(role, names) for role in ROLES]
        output = io.StringIO(newline='')
        writer = csv.writer(output, delimiter=';', lineterminator='\n')
        writer.writerow(['model', *ROLES])
        for name in names:
            row = [rights[name] for rights in roles]
            if any(r != everybody[name] for r in row):
                writer.writerow([name, *row])
        actual = output.getvalue()
        if actual != MATRIX.read_text():
            path = home() / 'artefacts' / MATRIX.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(actual)
        self.maxDiff = None
        self.assertEqual(
            MATRIX.read_text().splitlines(), actual.splitlines(),
            f"the matrix as it is now is in the artefacts: {MATRIX.name}")

    def test_rpc(self):
        "What the matrix does not give is refused to who asks the server"
        with MATRIX.open(newline='') as file:
            matrix = {r['model']: r for r in csv.DictReader(file, delimiter=';')}
        with Transaction().start(self.db_name, 0, readonly=True):
            names = sorted(
                n for n, c in ours('model')
                if is_served(c) and not callable(c.table_query))
        for role in ROLES:
            call = self.log_in(role)
            for name in names:
                expected = matrix.get(name, {}).get(role, '')
                with self.subTest(role=role, model=name):
                    allowed = ''.join(
                        letter for mode, letter in MODES.items()
                        if call(f'model.{name}', *CALLS[mode]))
                    self.assertEqual(allowed, expected)

    def log_in(self, login):
        "Return the function that calls as the user and says if it was allowed"
        client = self.client()
        response = client.post(f'/{self.db_name}/session/login', json={
                'params': [login, {'password': PASSWORD}]})
        self.assertEqual(response.status_code, HTTPStatus.OK)

        def call(name, method, params):
            response = client.post(f'/{self.db_name}/rpc/', json={
                    'id': 0, 'method': f'{name}.{method}',
                    'params': [*params, {}]})
            self.assertEqual(response.status_code, HTTPStatus.OK)
            if error := response.json.get('error'):
                self.assertEqual(error[0], 'UserError', error)
            return not error

        return call
