# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Nothing is open by omission: Tryton opens to all what nobody closed."""
import re
from contextlib import ExitStack

from trytond.model import ModelSQL
from trytond.model.fields import Reference
from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, with_transaction)
from trytond.transaction import Transaction

MODULES = [
    'proxymikro_base', 'proxymikro_stock', 'proxymikro_account',
    'proxymikro_membership', 'proxymikro_recycling']
ROLES = ['front_desk', 'workshop', 'treasury', 'presidency', 'audit']
# The menus of the first level that each role sees
MENUS = {
    'front_desk': [
        "Collections", "Devices", "Loans", "Memberships", "Support",
        "Volunteers", "Recycling", "Impact", "Parties"],
    'workshop': [
        "Collections", "Devices", "Loans", "Support", "Volunteers",
        "Recycling", "Impact"],
    'treasury': [
        "Collections", "Devices", "Loans", "Memberships", "Support",
        "Volunteers", "Recycling", "Impact", "Financial", "Parties"],
    'presidency': [
        "Collections", "Devices", "Loans", "Memberships", "Support",
        "Volunteers", "Recycling", "Impact", "Financial", "Parties", "Imports"],
    'audit': [
        "Collections", "Devices", "Loans", "Memberships", "Support",
        "Volunteers", "Recycling", "Impact", "Financial", "Parties", "Imports"],
    }


# What those who see the record do not see it speak of: the books
UNSEEN = {
    ('front_desk', 'account.statement.match.line'),
    ('workshop', 'account.statement.match.line'),
    ('workshop', 'evidence.seal'),
    }


def module_of(cls, name):
    "Return the module that created the class of the pool"
    first = [
        c for c in cls.__mro__
        if c.__dict__.get('__name__') == name
        and c.__module__.startswith('trytond.')][-1]
    parts = first.__module__.split('.')
    return parts[2] if parts[1] == 'modules' else parts[1]


def ours(type_):
    for name, cls in Pool().iterobject(type_):
        if module_of(cls, name).startswith('proxymikro_'):
            yield name, cls


class RightsTestCase(TestCase):
    "Test that everything of ours is given to roles, and closed to the rest"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module(MODULES)

    @with_transaction()
    def test_models(self):
        "Every model is closed to all, then opened to roles"
        Access = Pool().get('ir.model.access')
        for name, cls in ours('model'):
            if not issubclass(cls, ModelSQL) or cls.__access__:
                continue
            with self.subTest(model=name):
                lines = Access.search([('model', '=', name)])
                closed = [l for l in lines if not l.group]
                self.assertEqual(len(closed), 1, "no line without group")
                self.assertFalse(any([
                            closed[0].perm_read, closed[0].perm_write,
                            closed[0].perm_create, closed[0].perm_delete]))
                self.assertGreater(len(lines), 1, "no line for a role")

    @with_transaction()
    def test_actions(self):
        "Every wizard and report is given to roles"
        pool = Pool()
        for type_, model, field in [
                ('wizard', 'ir.action.wizard', 'wiz_name'),
                ('report', 'ir.action.report', 'report_name')]:
            Action = pool.get(model)
            for name, _ in ours(type_):
                with self.subTest(action=name):
                    actions = Action.search([(field, '=', name)])
                    self.assertTrue(actions, "no action")
                    for action in actions:
                        self.assertTrue(action.groups, "no group")

    @with_transaction()
    def test_buttons(self):
        "Every button is given to roles"
        Button = Pool().get('ir.model.button')
        for name, cls in Pool().iterobject('model'):
            for button in getattr(cls, '_buttons', {}):
                if not self.is_our_button(cls, name, button):
                    continue
                with self.subTest(model=name, button=button):
                    records = Button.search([
                            ('model', '=', name), ('name', '=', button)])
                    self.assertEqual(len(records), 1, "no record")
                    self.assertTrue(records[0].groups, "no group")

    def is_our_button(self, cls, name, button):
        definitions = [
            c.__module__ for c in cls.__mro__ if button in c.__dict__]
        return (issubclass(cls, ModelSQL) and definitions
            and definitions[-1].startswith('trytond.modules.proxymikro_'))

    @with_transaction()
    def test_menus(self):
        "Each role sees the menus of its work and no technical one"
        for role, expected in MENUS.items():
            with self.subTest(role=role):
                self.assertEqual(self.visible_menus(role), expected)

    def visible_menus(self, role):
        pool = Pool()
        Menu = pool.get('ir.ui.menu')
        with ExitStack() as stack:
            self.become(stack, role)
            return [
                m.name for m in Menu.search(
                    [('parent', '=', None)],
                    order=[('sequence', 'ASC'), ('id', 'ASC')])]

    def become(self, stack, role):
        "Be a user of the role until the stack is closed"
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        User = pool.get('res.user')
        group = ModelData.get_id(
            *(role if '.' in role else f'proxymikro_base.group_{role}').split('.'))
        user, = User.create([{
                    'name': role, 'login': role,
                    'groups': [('add', [group])]}])
        context = User._get_preferences(user, context_only=True)
        stack.enter_context(Transaction().set_user(user.id))
        stack.enter_context(
            Transaction().set_context(context, _check_access=True))

    @with_transaction()
    def test_documents(self):
        "Tryton hides a document from who can't read one of its models"
        pool = Pool()
        Access = pool.get('ir.model.access')
        fields = self.references_in_our_views()
        self.assertIn(('device.event', 'document'), fields)
        for role in ROLES:
            with ExitStack() as stack:
                self.become(stack, role)
                for model, name in fields:
                    if (role, model) in UNSEEN or not Access.check(
                            model, 'read', raise_exception=False):
                        continue
                    with self.subTest(role=role, model=model, field=name):
                        self.assertTrue(
                            Access.check_relation(model, name, mode='read'))

    def references_in_our_views(self):
        pool = Pool()
        views = pool.get('ir.ui.view').search([
                ('module', 'like', 'proxymikro_%'), ('model', '!=', None)])
        return sorted({
                (view.model, name) for view in views
                for name in re.findall(r'<field name="(\w+)"', view.arch)
                if isinstance(
                    pool.get(view.model)._fields.get(name), Reference)})

    @with_transaction()
    def test_nobody(self):
        "A user without any role reads nothing of ours, nor any person"
        pool = Pool()
        Access = pool.get('ir.model.access')
        User = pool.get('res.user')
        user, = User.create([{'name': "Nobody", 'login': 'nobody'}])
        names = [n for n, c in ours('model')
            if issubclass(c, ModelSQL) and not c.__access__]
        names += ['party.party', 'party.address', 'party.contact_mechanism']
        with Transaction().set_user(user.id), \
                Transaction().set_context(_check_access=True):
            access = Access.get_access(names)
        for name in names:
            with self.subTest(model=name):
                self.assertFalse(any(access[name].values()))

    @with_transaction()
    def test_analytic_entries(self):
        "Who may type the lines of an invoice may say what they are for"
        pool = Pool()
        Access = pool.get('ir.model.access')
        names = ['account.invoice.line', 'analytic.account.entry']
        for group in [f'proxymikro_base.group_{r}' for r in ROLES] + [
                'res.group_admin']:
            with ExitStack() as stack, self.subTest(group=group):
                self.become(stack, group)
                line, entry = Access.get_access(names).values()
                self.assertGreaterEqual(entry['create'], line['create'])
