# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A person, with a role: the user, the volunteer and the password of the
first day."""
import trytond.config as config
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import SetupError
from .importer import normalize
from .mail import check_mail_server, is_address
from .setup_company import get_french

ROLES = ['front_desk', 'workshop', 'treasury', 'presidency', 'audit']


def get_groups():
    "Return the group of each role"
    pool = Pool()
    Data = pool.get('ir.model.data')
    Group = pool.get('res.group')
    return {
        role: Group(Data.get_id('proxymikro_base', f'group_{role}'))
        for role in ROLES}


class SetupPersonStart(ModelView):
    __name__ = 'setup.person.start'

    name = fields.Char("First Name and Name", required=True)
    party = fields.Many2One(
        'party.party', "Card",
        help="The card of the person, who may be a member already. "
        "Leave empty to create it.")
    login = fields.Char(
        "Login", required=True, help="What the person types to connect.")
    roles = fields.MultiSelection(
        'get_roles', "Roles", required=True, sort=False,
        help="What the person does: several are possible.")
    email = fields.Char(
        "E-Mail", help="To send the password, and what the person follows.")
    send = fields.Boolean(
        "Send the Password",
        states={
            'invisible': ~Eval('email'),
            },
        help="By e-mail. Else it is shown once, to be given by hand.")

    @classmethod
    def get_roles(cls):
        return [(r, g.name) for r, g in get_groups().items()]

    @fields.depends('party', 'name', 'email', methods=['on_change_name'])
    def on_change_party(self):
        if self.party:
            self.name = self.party.name
            self.email = self.email or self.party.email
            self.on_change_name()

    @fields.depends('name', 'login')
    def on_change_name(self):
        if self.name and not self.login:
            self.login = '.'.join(normalize(self.name).split())


class SetupPersonResult(ModelView):
    __name__ = 'setup.person.result'

    login = fields.Char("Login", readonly=True)
    password = fields.Char(
        "Password", readonly=True, strip=False,
        states={
            'invisible': ~Eval('password'),
            },
        help="Write it down: it is not shown again. "
        "The person replaces it in their preferences.")
    said = fields.Text("How to Connect", readonly=True)


class SetupPerson(Wizard):
    __name__ = 'setup.person'

    start = StateView(
        'setup.person.start',
        'proxymikro_base.setup_person_start_view_form', [
            Button("Close", 'end', 'tryton-close'),
            Button("Add", 'add', 'tryton-ok', default=True),
            ])
    add = StateTransition()
    result = StateView(
        'setup.person.result',
        'proxymikro_base.setup_person_result_view_form', [
            Button("Close", 'end', 'tryton-close'),
            Button("Add Another Person", 'start', 'tryton-create',
                default=True),
            ])

    @without_check_access
    def transition_add(self):
        start = self.start
        if start.email and not is_address(start.email):
            raise SetupError(gettext(
                    'proxymikro_base.msg_setup_email', email=start.email))
        send = bool(start.email and start.send)
        if send:
            check_mail_server()
        user = self._add_user(self._add_employee())
        self.result.login = user.login
        self.result.password = self._set_password(user, send)
        self.result.said = gettext(
            'proxymikro_base.msg_setup_person_sent' if send
            else 'proxymikro_base.msg_setup_person_shown',
            name=user.name, email=user.email,
            hours=config.getint('password', 'reset_timeout') // 3600)
        return 'result'

    def default_result(self, fields):
        return {n: getattr(self.result, n) for n in fields}

    def _add_employee(self):
        "Return the volunteer, as who signs is an employee for the core"
        pool = Pool()
        Employee = pool.get('company.employee')
        Party = pool.get('party.party')
        Step = pool.get('setup.step')
        company = Step.get_company()
        if not company:
            raise SetupError(gettext(
                    'proxymikro_base.msg_setup_person_company',
                    name=self.start.name))
        party = self.start.party
        if not party:
            party = Party(name=self.start.name)
            party.lang = get_french()
            if self.start.email:
                party.contact_mechanisms = [
                    {'type': 'email', 'value': self.start.email}]
            party.save()
        employees = Employee.search([
                ('party', '=', party.id), ('company', '=', company)], limit=1)
        if employees:
            return employees[0]
        employee = Employee(party=party, company=company)
        employee.save()
        return employee

    def _add_user(self, employee):
        User = Pool().get('res.user')
        groups = get_groups()
        user = User(
            name=self.start.name, login=self.start.login,
            companies=[employee.company], company=employee.company,
            employees=[employee], employee=employee,
            groups=[groups[r] for r in self.start.roles],
            language=get_french())
        user.save()
        return user

    def _set_password(self, user, send):
        "Return the password for a day, unless it leaves by e-mail"
        User = Pool().get('res.user')
        # Core writes to who has an address as soon as it draws a password
        if send:
            user.email = self.start.email
            user.save()
        User.reset_password([user])
        if send:
            return None
        password = user.password_reset
        user.email = self.start.email
        user.save()
        return password
