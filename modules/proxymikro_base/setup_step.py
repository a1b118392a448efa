# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What remains to be set up before the association can work, step by step."""
import datetime as dt

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields, sequence_ordered
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.transaction import Transaction, without_check_access

from .setup_company import IDENTIFIERS
from .setup_person import get_groups


class SetupStep(sequence_ordered(), ModelSQL, ModelView):
    """A step: its check returns what remains to do, nothing once done.

    To add one: a record with its code and its action, and ``check_<code>``.
    Where nothing can be missing, as what is right is a choice, the step is
    acknowledged by a person.
    """
    __name__ = 'setup.step'

    code = fields.Char("Code", required=True, readonly=True)
    name = fields.Char("Step", required=True, readonly=True, translate=True)
    reason = fields.Text(
        "Why", required=True, readonly=True, translate=True)
    documents = fields.Text(
        "To Have at Hand", required=True, readonly=True, translate=True)
    action = fields.Many2One(
        'ir.action', "Action", required=True, readonly=True,
        ondelete='CASCADE')
    choice = fields.Boolean(
        "A Choice", readonly=True,
        help="What is there works, but a person must say that it suits.")
    acknowledged_by = fields.Many2One(
        'res.user', "Seen By", readonly=True, ondelete='SET NULL',
        states={
            'invisible': ~Eval('acknowledged_at'),
            })
    acknowledged_at = fields.Timestamp(
        "Seen At", readonly=True,
        states={
            'invisible': ~Eval('acknowledged_at'),
            })
    state = fields.Function(fields.Selection([
                ('to_do', "To Do"),
                ('to_see', "To See"),
                ('done', "Done"),
                ], "State", sort=False),
        'get_state')
    remaining = fields.Function(
        fields.Char("What Remains",
            states={
                'invisible': ~Eval('remaining'),
                }),
        'get_state')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._buttons.update({
                'open_': {},
                'acknowledge': {
                    'invisible': Eval('state') != 'to_see',
                    'depends': ['state'],
                    },
                })

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual',
                If(Eval('state') == 'done', 'muted',
                    If(Eval('state') == 'to_do', 'warning', ''))),
            ]

    @classmethod
    @without_check_access
    def get_state(cls, steps, names):
        states, remaining = {}, {}
        company = cls.get_company()
        with Transaction().set_context(company=company):
            for step in steps:
                todo = getattr(cls, f'check_{step.code}')(company)
                if not todo and step.choice and not step.acknowledged_at:
                    states[step.id] = 'to_see'
                    todo = gettext('proxymikro_base.msg_setup_to_see')
                else:
                    states[step.id] = 'to_do' if todo else 'done'
                remaining[step.id] = todo
        result = {'state': states, 'remaining': remaining}
        return {name: result[name] for name in names}

    @classmethod
    def get_company(cls):
        "Return the company of the context, or the only one there is"
        Company = Pool().get('company.company')
        if company := Transaction().context.get('company'):
            return company
        companies = Company.search([], limit=2)
        return companies[0].id if len(companies) == 1 else None

    @classmethod
    def remain(cls):
        "Return whether a step is not done"
        return any(s.state != 'done' for s in cls.search([]))

    @classmethod
    @ModelView.button
    def open_(cls, steps):
        if steps:
            step, = steps
            return step.action.id

    @classmethod
    @ModelView.button
    def acknowledge(cls, steps):
        cls.write(steps, {
                'acknowledged_by': Transaction().user,
                'acknowledged_at': dt.datetime.now(),
                })

    @classmethod
    def missing(cls, names):
        if names:
            return gettext(
                'proxymikro_base.msg_setup_missing', what=', '.join(names))

    @classmethod
    def check_company(cls, company):
        "Return what the papers of an association can't do without"
        if not company:
            return gettext('proxymikro_base.msg_setup_company_none')
        party = Pool().get('company.company')(company).party
        address = party.address_get()
        missing = []
        if not address or not (address.postal_code and address.city):
            missing.append(gettext('proxymikro_base.msg_setup_address'))
        types = {i.type for i in party.identifiers}
        if not types & set(IDENTIFIERS.values()):
            missing.append(gettext('proxymikro_base.msg_setup_identifier'))
        return cls.missing(missing)

    @classmethod
    def check_take_over(cls, company):
        "Return nothing: the association may be new"

    @classmethod
    def check_person(cls, company):
        "Return the roles that nobody has; who audits is a guest"
        User = Pool().get('res.user')
        return cls.missing([
                group.name for role, group in get_groups().items()
                if role != 'audit' and not User.search([
                        ('groups', '=', group.id)], limit=1)])
