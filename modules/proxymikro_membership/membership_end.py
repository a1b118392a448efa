# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""How a membership ends: at its term, or before with a reason."""
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.company.model import employee_field, set_employee
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import MembershipEndError
from .membership import serialise

REASONS = [
    ('resignation', "Resignation"),
    ('exclusion', "Exclusion"),
    ('death', "Death"),
    ('dissolution', "Dissolution of the Member"),
    ('other', "Other"),
    ]
# Those which say nothing without a note
NOTED = ['exclusion', 'other']


class Membership(metaclass=PoolMeta):
    __name__ = 'party.membership'

    end_reason = fields.Selection(
        [(None, ""), *REASONS], "Reason of the End", readonly=True, sort=False,
        states={
            'invisible': ~Eval('end_reason'),
            },
        help="Why the membership ends before its term. Who left is not asked "
        "to renew.")
    end_reason_string = end_reason.translated('end_reason')
    end_note = fields.Text(
        "Note on the End", readonly=True,
        states={
            'invisible': ~Eval('end_note'),
            })
    ended_by = employee_field("Ended By", states=['ended'])

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._buttons.update({
                'end_wizard': {
                    'invisible': Eval('state') != 'active',
                    'depends': ['state'],
                    },
                })

    @classmethod
    @ModelView.button_action('proxymikro_membership.wizard_membership_end')
    def end_wizard(cls, memberships):
        pass

    @classmethod
    @serialise
    @set_employee('ended_by')
    def end(cls, memberships, date, reason, note=None):
        """End the memberships on a day and for a reason.

        The fee stays due. On a day to come they end when it has passed.
        """
        today = Pool().get('ir.date').today()
        for membership in memberships:
            membership._check_end(date)
            if reason in NOTED and not note:
                raise MembershipEndError(gettext(
                        'proxymikro_membership.msg_membership_end_note',
                        membership=membership.rec_name))
            membership.end_date = date
            membership.end_reason = reason
            membership.end_note = note
        cls.save(memberships)
        cls.close([m for m in memberships if m.end_date <= today])

    def _check_end(self, date):
        Lang = Pool().get('ir.lang')
        if self.state != 'active':
            raise MembershipEndError(gettext(
                    'proxymikro_membership.msg_membership_end_active',
                    membership=self.rec_name))
        if not self.start_date <= date <= self.end_date:
            lang = Lang.get()
            raise MembershipEndError(gettext(
                    'proxymikro_membership.msg_membership_end_date',
                    membership=self.rec_name,
                    start_date=lang.strftime(self.start_date),
                    end_date=lang.strftime(self.end_date)))

    @classmethod
    @without_check_access
    def end_expired(cls):
        "End what has come to its term: run by the scheduler"
        today = Pool().get('ir.date').today()
        memberships = cls.search([
                ('state', '=', 'active'),
                ('end_date', '<', today),
                ])
        cls.lock(memberships)
        cls.close(cls.browse(memberships))

    @classmethod
    def copy(cls, memberships, default=None):
        default = default.copy() if default is not None else {}
        for name in ['end_reason', 'end_note', 'ended_by']:
            default.setdefault(name, None)
        return super().copy(memberships, default=default)


class End(Wizard):
    __name__ = 'party.membership.end'

    start = StateView('party.membership.end.start',
        'proxymikro_membership.membership_end_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("End the Membership", 'close', 'tryton-ok', default=True),
            ])
    close = StateTransition()

    def transition_close(self):
        self.model.end(
            self.records, self.start.date, self.start.reason, self.start.note)
        return 'end'


class EndStart(ModelView):
    __name__ = 'party.membership.end.start'

    reason = fields.Selection(REASONS, "Reason", required=True, sort=False)
    date = fields.Date(
        "Last Day", required=True,
        help="The last day of the membership. The fee stays due.")
    note = fields.Text(
        "Note",
        states={
            'required': Eval('reason').in_(NOTED),
            },
        help="The letter of resignation, the decision of the board. "
        "It is kept.")

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_reason(cls):
        return 'resignation'


class Cron(metaclass=PoolMeta):
    __name__ = 'ir.cron'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.method.selection.append(
            ('party.membership|end_expired', "End Expired Memberships"))
