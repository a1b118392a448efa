# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Who has a right to support, and who may decide otherwise."""
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.company.model import employee_field, set_employee
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import SupportRightError
from .support import OPEN


class SupportRequest(metaclass=PoolMeta):
    __name__ = 'support.request'

    entitlement = fields.Function(
        fields.Selection([
                ('included', "Included"),
                ('not_included', "Not in the Membership"),
                ('unpaid', "Fee Not Paid"),
                ('lapsed', "No Longer a Member"),
                ('none', "Not a Member"),
                ], "Right to Support", sort=False),
        'on_change_with_entitlement')
    entitlement_string = entitlement.translated('entitlement')
    entitlement_detail = fields.Function(
        fields.Char(
            "Membership", help="Which membership gives the right."),
        'on_change_with_entitlement_detail')
    waived = fields.Boolean(
        "Right Waived", readonly=True,
        states={'invisible': ~Eval('waived')})
    waive_reason = fields.Text(
        "Reason of the Waiver", readonly=True,
        states={'invisible': ~Eval('waived')})
    waived_by = employee_field("Waived By", states=OPEN)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.waived_by.states = {
            'readonly': True, 'invisible': ~Eval('waived', False)}
        cls._buttons.update({
                'waive_wizard': {
                    'invisible': (
                        (Eval('state') != 'open')
                        | Eval('waived', False)
                        | (Eval('entitlement') == 'included')),
                    'depends': ['state', 'waived', 'entitlement'],
                    },
                })

    @without_check_access
    def _find_membership(self):
        "Return the membership which gives the right, or the nearest to it"
        Membership = Pool().get('party.membership')
        if not self.party or not self.date:
            return None
        memberships = Membership.search([
                Membership.of_domain([self.party.id]),
                ('company', '=', self.company.id if self.company else None),
                ('state', 'in', ['called', 'active', 'ended']),
                ('start_date', '<=', self.date),
                ], order=[('end_date', 'DESC'), ('id', 'DESC')])
        return max(memberships, key=self._rank, default=None)

    def _rank(self, membership):
        current = membership.end_date >= self.date
        return (
            current and membership.state != 'called'
            and membership.type.support,
            current and membership.state != 'called', current)

    @fields.depends('party', 'date', 'company')
    @without_check_access
    def on_change_with_entitlement(self, name=None):
        membership = self._find_membership()
        if not membership:
            return 'none'
        if membership.end_date < self.date:
            return 'lapsed'
        if membership.state == 'called':
            return 'unpaid'
        return 'included' if membership.type.support else 'not_included'

    @fields.depends('party', 'date', 'company')
    @without_check_access
    def on_change_with_entitlement_detail(self, name=None):
        Lang = Pool().get('ir.lang')
        if membership := self._find_membership():
            return ' · '.join(filter(None, [
                        membership.number, membership.type.name,
                        Lang.get().strftime(membership.end_date)]))

    @classmethod
    def create(cls, vlist):
        requests = super().create(vlist)
        cls._promise(requests)
        return requests

    @classmethod
    @without_check_access
    def _promise(cls, requests):
        "Note by which day the membership promises an answer"
        for request in requests:
            membership = request._find_membership()
            days = membership.type.response_days if membership else None
            if (days and not request.due_date
                    and request.entitlement == 'included'):
                request.due_date = (
                    request.date + days * type(request.date).resolution)
        cls.save(requests)

    @classmethod
    @ModelView.button
    def assess(cls, requests):
        cls.check_right(requests)
        super().assess(requests)

    @classmethod
    @without_check_access
    def check_right(cls, requests):
        "Refuse, with why, to work for who has no right to it"
        for request in cls.browse(requests):
            if request.entitlement != 'included' and not request.waived:
                raise SupportRightError(gettext(
                        'proxymikro_membership.msg_support_right',
                        request=request.rec_name,
                        party=request.party.rec_name if request.party
                        else request.contact or request.email or '—',
                        reason=request.entitlement_string.lower()))

    @classmethod
    @ModelView.button_action('proxymikro_membership.wizard_support_waive')
    def waive_wizard(cls, requests):
        pass

    @classmethod
    @without_check_access
    @set_employee('waived_by')
    def waive(cls, requests, reason):
        cls.write(requests, {'waived': True, 'waive_reason': reason})

    @classmethod
    def check_modification(cls, mode, requests, values=None, external=False):
        super().check_modification(
            mode, requests, values=values, external=external)
        if external and (
                (mode == 'create' and any(r.waived for r in requests))
                or (mode == 'write' and 'waived' in values)):
            raise SupportRightError(gettext(
                    'proxymikro_membership.msg_support_waive_by_hand',
                    request=requests[0].rec_name))

    @classmethod
    def copy(cls, requests, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('waived', False)
        for name in ['waive_reason', 'waived_by', 'due_date']:
            default.setdefault(name, None)
        return super().copy(requests, default=default)


class SupportWaive(Wizard):
    __name__ = 'support.request.waive'

    start = StateView('support.request.waive.start',
        'proxymikro_membership.support_waive_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Help Anyway", 'waive', 'tryton-ok', default=True),
            ])
    waive = StateTransition()

    def transition_waive(self):
        self.model.waive([self.record], self.start.reason)
        return 'end'


class SupportWaiveStart(ModelView):
    __name__ = 'support.request.waive.start'

    reason = fields.Text(
        "Reason", required=True,
        help="Why the association helps all the same. It is kept.")
