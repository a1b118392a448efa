# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A member is admitted by the board, where the statutes say so."""
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.company.model import employee_field, set_employee
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import MembershipCallError
from .membership import serialise


class Membership(metaclass=PoolMeta):
    __name__ = 'party.membership'

    to_admit = fields.Function(
        fields.Boolean("To Admit"), 'on_change_with_to_admit')
    admitted_on = fields.Date(
        "Admitted On", readonly=True,
        states={
            'invisible': ~Eval('admitted_on') & ~Eval('to_admit'),
            },
        help="The day the board decided to admit the member.")
    admission_minutes = fields.Char(
        "Minutes", readonly=True,
        states={
            'invisible': ~Eval('admission_minutes'),
            },
        help="Where the decision of the board is written.")
    admitted_by = employee_field("Admitted By")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._buttons.update({
                'admit_wizard': {
                    'invisible': (
                        (Eval('state') != 'draft') | ~Eval('to_admit')),
                    'depends': ['state', 'to_admit'],
                    },
                })

    @fields.depends('type', 'admitted_on')
    def on_change_with_to_admit(self, name=None):
        return bool(
            self.type and self.type.admission and not self.admitted_on)

    @classmethod
    @ModelView.button_action('proxymikro_membership.wizard_membership_admit')
    def admit_wizard(cls, memberships):
        pass

    @classmethod
    @serialise
    @set_employee('admitted_by')
    def admit(cls, memberships, date, minutes=None):
        "Keep the decision of the board"
        cls.write(memberships, {
                'admitted_on': date,
                'admission_minutes': minutes,
                })

    @classmethod
    def check_call(cls, memberships):
        "Who was a member before was admitted then"
        super().check_call(memberships)
        asked = [m for m in memberships if m.to_admit]
        cls._find_admissions(asked)
        for membership in asked:
            if not membership.admitted_on:
                raise MembershipCallError(gettext(
                        'proxymikro_membership.msg_call_admission',
                        party=membership.party.rec_name,
                        type=membership.type.rec_name))

    @classmethod
    @without_check_access
    def _find_admissions(cls, memberships):
        before = {}
        for earlier in cls.search([
                    ('party', 'in', [m.party.id for m in memberships]),
                    ('state', 'in', ['called', 'active', 'ended']),
                    ('end_reason', '=', None),
                    ], order=[('start_date', 'ASC'), ('id', 'ASC')]):
            before[earlier.party, earlier.company] = earlier
        for membership in memberships:
            earlier = before.get((membership.party, membership.company))
            if earlier:
                membership.admitted_on = (
                    earlier.admitted_on or earlier.start_date)
                membership.admission_minutes = earlier.admission_minutes
        cls.save(memberships)

    @classmethod
    def copy(cls, memberships, default=None):
        default = default.copy() if default is not None else {}
        for name in ['admitted_on', 'admission_minutes', 'admitted_by']:
            default.setdefault(name, None)
        return super().copy(memberships, default=default)


class Admit(Wizard):
    __name__ = 'party.membership.admit'

    start = StateView('party.membership.admit.start',
        'proxymikro_membership.membership_admit_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Admit", 'admit', 'tryton-ok', default=True),
            ])
    admit = StateTransition()

    def transition_admit(self):
        self.model.admit(
            [m for m in self.records if m.state == 'draft' and m.to_admit],
            self.start.date, self.start.minutes)
        return 'end'


class AdmitStart(ModelView):
    __name__ = 'party.membership.admit.start'

    date = fields.Date(
        "Date", required=True,
        help="The day of the decision of the board.")
    minutes = fields.Char(
        "Minutes",
        help="Where the decision is written, as in "
        "\"Board of 12 September, point 3\".")

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()
