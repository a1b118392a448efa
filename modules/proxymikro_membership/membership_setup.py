# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The rules of the statutes become colleges and types of membership."""
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import MembershipTypeError
from .membership_type import KINDS, MembershipType

FEES = {
    'share': 'proxymikro_account.product_fee',
    'counterpart': 'proxymikro_account.product_fee_counterpart',
    }


class MembershipSetupStart(ModelView):
    __name__ = 'party.membership.setup.start'

    colleges = fields.One2Many(
        'party.membership.college', None, "Colleges",
        help="The groups in which the members vote. None if all vote "
        "together.")


class MembershipSetupTypes(ModelView):
    __name__ = 'party.membership.setup.types'

    known = fields.Many2Many(
        'party.membership.type', None, None, "There Already", readonly=True)
    period = fields.Selection(
        MembershipType.period.selection, "Period", required=True, sort=False,
        help=MembershipType.period.help)
    admission = fields.Boolean(
        "Admitted by the Board", help=MembershipType.admission.help)
    types = fields.One2Many(
        'party.membership.setup.type', None, "Types to Add")


class MembershipSetupType(ModelView):
    __name__ = 'party.membership.setup.type'

    name = fields.Char("Name", required=True)
    targets = fields.MultiSelection(
        KINDS, "For", sort=False, help="Leave empty for all.")
    college = fields.Many2One('party.membership.college', "College")
    share = Monetary(
        "Fee", currency='currency', digits='currency',
        domain=['OR', ('share', '=', None), ('share', '>=', 0)],
        help="What gives nothing in return (account 7561).")
    counterpart = Monetary(
        "Counterpart", currency='currency', digits='currency',
        domain=['OR', ('counterpart', '=', None), ('counterpart', '>=', 0)],
        help="What pays for the devices lent and the support "
        "(account 7562).")
    max_devices = fields.Integer(
        "Maximum Devices",
        domain=['OR', ('max_devices', '=', None), ('max_devices', '>=', 0)],
        help="Empty for no limit, zero for who does not borrow.")
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')

    @classmethod
    def default_currency(cls):
        Company = Pool().get('company.company')
        if company := Transaction().context.get('company'):
            return Company(company).currency.id

    def on_change_with_currency(self, name=None):
        return self.default_currency()

    @property
    def fees(self):
        "Return the parts of the fee, by product"
        Data = Pool().get('ir.model.data')
        return [
            {'product': Data.get_id(product), 'amount': amount}
            for name, product in FEES.items()
            if (amount := getattr(self, name, None))]


class MembershipSetup(Wizard):
    __name__ = 'party.membership.setup'

    start = StateView(
        'party.membership.setup.start',
        'proxymikro_membership.membership_setup_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Next", 'colleges', 'tryton-forward', default=True),
            ])
    colleges = StateTransition()
    types = StateView(
        'party.membership.setup.types',
        'proxymikro_membership.membership_setup_types_view_form', [
            Button("Close", 'end', 'tryton-close'),
            Button("Back", 'start', 'tryton-back'),
            Button("Add", 'add', 'tryton-ok', default=True),
            ])
    add = StateTransition()

    def _search(self, model):
        company = Transaction().context.get('company')
        if not company:
            raise MembershipTypeError(gettext(
                    'proxymikro_membership.msg_setup_company'))
        return Pool().get(model).search([('company', '=', company)])

    def default_start(self, fields):
        return {'colleges': [
                c.id for c in self._search('party.membership.college')]}

    @without_check_access
    def transition_colleges(self):
        College = Pool().get('party.membership.college')
        for college in self.start.colleges:
            college.company = Transaction().context['company']
        College.save(self.start.colleges)
        return 'types'

    def default_types(self, fields):
        known = self._search('party.membership.type')
        return {
            'known': [t.id for t in known],
            'period': known[-1].period if known else 'civil',
            'admission': known[-1].admission if known else False,
            'types': [],
            }

    @without_check_access
    def transition_add(self):
        Type = Pool().get('party.membership.type')
        known = {t.name for t in self._search('party.membership.type')}
        for type_ in self.types.types:
            if type_.name in known:
                raise MembershipTypeError(gettext(
                        'proxymikro_membership.msg_setup_type_twice',
                        name=type_.name))
            known.add(type_.name)
        Type.create([self._get_type(t) for t in self.types.types])
        return 'end'

    def _get_type(self, type_):
        return {
            'name': type_.name,
            'company': Transaction().context['company'],
            'period': self.types.period,
            'admission': self.types.admission,
            'targets': type_.targets,
            'college': type_.college.id if type_.college else None,
            'may_borrow': type_.max_devices != 0,
            'max_devices': type_.max_devices or None,
            'fees': [('create', type_.fees)],
            }
