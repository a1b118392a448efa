# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from collections import defaultdict
from decimal import Decimal
from functools import wraps

from trytond.i18n import gettext
from trytond.model import (
    Index, ModelSQL, ModelView, Workflow, fields)
from trytond.modules.company.model import employee_field, set_employee
from trytond.modules.currency.fields import Monetary
from trytond.modules.proxymikro_base.search import search_any
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.transaction import Transaction, without_check_access

from .exceptions import MembershipAccessError, MembershipOverlapError
from .membership_invoice import MembershipInvoiceMixin

# The states in which a membership takes the place of another
TAKEN = ['draft', 'called', 'active', 'ended']


def serialise(func):
    """Write the memberships first, then read them again.

    Whatever two people do at once, the second sees what the first did.
    """
    @wraps(func)
    def wrapper(cls, memberships, *args, **kwargs):
        cls.write(memberships, {})
        return func(cls, cls.browse(memberships), *args, **kwargs)
    return wrapper


class Membership(MembershipInvoiceMixin, Workflow, ModelSQL, ModelView):
    __name__ = 'party.membership'
    _rec_name = 'number'

    _draft = {
        'readonly': Eval('state') != 'draft',
        }

    number = fields.Char(
        "Number", readonly=True,
        help="The number of the membership, given when it is called.")
    company = fields.Many2One(
        'company.company', "Company", required=True, states=_draft)
    party = fields.Many2One(
        'party.party', "Member", required=True, ondelete='RESTRICT',
        states=_draft,
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="The legal person who is a member: "
        "a commune, a school's cooperative, a person.")
    place = fields.Many2One(
        'party.party', "Place", required=True, ondelete='RESTRICT',
        states=_draft,
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="The establishment the membership is for: "
        "the member itself or one of its schools.")
    type = fields.Many2One(
        'party.membership.type', "Type", required=True, ondelete='RESTRICT',
        states=_draft,
        domain=[('company', '=', Eval('company', -1))])
    start_date = fields.Date(
        "Start Date", required=True, states=_draft,
        domain=[
            If(Eval('start_date') & Eval('end_date'),
                ('start_date', '<=', Eval('end_date')),
                ()),
            ])
    end_date = fields.Date(
        "End Date", required=True, states=_draft,
        help="The last day of the membership.")
    gratis = fields.Boolean(
        "Free of Charge", states=_draft,
        help="Check to call no fee although the type has one.")
    gratis_reason = fields.Char(
        "Reason",
        states={
            'readonly': Eval('state') != 'draft',
            'required': Eval('gratis', False),
            'invisible': ~Eval('gratis'),
            },
        help="Why the member pays nothing. It is kept.")
    engagement_number = fields.Char(
        "Engagement Number", states=_draft,
        help="The number under which a public body has set the fee aside.")
    invoice = fields.Many2One(
        'account.invoice', "Invoice", readonly=True, ondelete='RESTRICT',
        domain=[('company', '=', Eval('company', -1))],
        help="The invoice that calls the fee.")
    amount = fields.Function(
        Monetary("Fee", currency='currency', digits='currency'),
        'get_amount')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    cancelled_on = fields.Date(
        "Cancelled On", readonly=True,
        states={
            'invisible': ~Eval('cancelled_on'),
            })
    called_by = employee_field(
        "Called By", states=['draft', 'called', 'active', 'ended',
            'cancelled'])
    state = fields.Selection([
            ('draft', "Draft"),
            ('called', "Called"),
            ('active', "Active"),
            ('ended', "Ended"),
            ('cancelled', "Cancelled"),
            ], "State", readonly=True, required=True, sort=False)
    del _draft

    @classmethod
    def __setup__(cls):
        cls.number.search_unaccented = False
        super().__setup__()
        t = cls.__table__()
        cls._sql_indexes.update({
                Index(t, (t.party, Index.Equality()),
                    (t.end_date, Index.Range())),
                Index(t, (t.invoice, Index.Equality())),
                Index(t, (t.state, Index.Equality(cardinality='low'))),
                })
        cls._order = [('start_date', 'DESC'), ('id', 'DESC')]
        cls._transitions |= {
            ('draft', 'called'),
            ('draft', 'active'),
            ('draft', 'cancelled'),
            ('called', 'active'),
            ('called', 'cancelled'),
            ('active', 'called'),
            ('active', 'ended'),
            ('cancelled', 'draft'),
            }
        cls._buttons.update({
                'cancel': {
                    'invisible': ~Eval('state').in_(['draft', 'called']),
                    'depends': ['state'],
                    },
                'draft': {
                    'invisible': Eval('state') != 'cancelled',
                    'depends': ['state'],
                    },
                'call': {
                    'invisible': Eval('state') != 'draft',
                    'readonly': ~Bool(Eval('type')),
                    'depends': ['state', 'type'],
                    },
                })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_state(cls):
        return 'draft'

    @classmethod
    def default_start_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_type(cls):
        "Return the type when there is no choice"
        Type = Pool().get('party.membership.type')
        types = Type.search([
                ('company', '=', cls.default_company()),
                ], limit=2)
        return types[0].id if len(types) == 1 else None

    @fields.depends('party', 'place', methods=['on_change_type'])
    def on_change_party(self):
        if not self.place:
            self.place = self.party
        self.on_change_type()

    @property
    def is_first(self):
        "Whether the party was never a member for the place before"
        return not self.party or not self.search([
                ('party', '=', self.party.id),
                ('place', '=', self.place.id if self.place else None),
                ('state', 'in', ['called', 'active', 'ended']),
                ('start_date', '<', self.start_date),
                ], limit=1)

    @fields.depends('type', 'start_date', 'party', 'place')
    def on_change_type(self):
        if self.type and self.start_date:
            self.start_date, self.end_date = self.type.compute_period(
                self.start_date, first=self.is_first)

    @fields.depends(methods=['on_change_type'])
    def on_change_start_date(self):
        self.on_change_type()

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    def get_amount(self, name):
        if self.invoice:
            return self.invoice.total_amount
        return sum((self.fee_amount(f) for f in self.fees), Decimal(0))

    @property
    def fees(self):
        return [] if self.gratis else self.type.fees_at(self.start_date)

    def fee_amount(self, fee):
        "Return what is called of a part of the fee"
        return self.currency.round(
            fee.amount * self.type.fee_share(self.start_date, self.end_date))

    def get_rec_name(self, name):
        return f'{self.number or f"({self.id})"} · {self.party.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return search_any(clause, 'number', 'party.rec_name')

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(Eval('state') == 'cancelled', 'muted',
                    If(Eval('state') == 'called', 'warning', ''))),
            ]

    @classmethod
    def in_force_domain(cls, date):
        "Return the domain of the memberships that count on the date"
        return [
            ('state', 'in', ['active', 'ended']),
            ('start_date', '<=', date),
            ('end_date', '>=', date),
            ]

    @classmethod
    def preprocess_values(cls, mode, values):
        values = super().preprocess_values(mode, values)
        if mode == 'create' and not values.get('place'):
            values['place'] = values.get('party')
        return values

    @classmethod
    def validate_fields(cls, memberships, field_names):
        super().validate_fields(memberships, field_names)
        if field_names is None or field_names & {
                'party', 'place', 'start_date', 'end_date', 'state'}:
            cls.check_overlap(memberships)

    @classmethod
    @without_check_access
    def check_overlap(cls, memberships):
        """Refuse two memberships of a party for a place on a same day.

        The parties are written first: whatever two people do at once, the
        second sees what the first did. A constraint of the database would
        make them wait for each other.
        """
        Party = Pool().get('party.party')
        taken = [m for m in memberships if m.state in TAKEN]
        if not taken:
            return
        Party.write(list({m.party for m in taken}), {})
        others = defaultdict(list)
        for other in cls.search([
                    ('party', 'in', [m.party.id for m in taken]),
                    ('state', 'in', TAKEN),
                    ('start_date', '<=', max(m.end_date for m in taken)),
                    ('end_date', '>=', min(m.start_date for m in taken)),
                    ], order=[('end_date', 'DESC'), ('id', 'DESC')]):
            others[other._exclusive].append(other)
        for membership in taken:
            for other in others[membership._exclusive]:
                if (other != membership
                        and other.start_date <= membership.end_date
                        and other.end_date >= membership.start_date):
                    membership._raise_overlap(other)

    @property
    def _exclusive(self):
        "What may have one membership a day"
        return self.party, self.place, self.company

    def _raise_overlap(self, other):
        lang = Pool().get('ir.lang').get()
        raise MembershipOverlapError(gettext(
                'proxymikro_membership.msg_membership_overlap',
                party=self.party.rec_name,
                membership=other.rec_name,
                end_date=lang.strftime(other.end_date),
                next_date=lang.strftime(
                    other.end_date + other.end_date.resolution)))

    @classmethod
    @ModelView.button
    @serialise
    @Workflow.transition('draft')
    def draft(cls, memberships):
        cls.write(memberships, {'cancelled_on': None, 'invoice': None})

    @classmethod
    @ModelView.button
    @serialise
    @set_employee('called_by')
    def call(cls, memberships):
        """Number the memberships and post the invoice of their fee.

        Those of a type without a fee are active at once.
        """
        memberships = [m for m in memberships if m.state == 'draft']
        cls.check_call(memberships)
        cls.check_overlap(memberships)
        cls.set_number(memberships)
        cls.create_invoices([m for m in memberships if m.fees])
        cls._called([m for m in memberships if m.fees])
        cls.activate([m for m in memberships if not m.fees])

    @classmethod
    @Workflow.transition('called')
    def _called(cls, memberships):
        pass

    @classmethod
    @Workflow.transition('active')
    def activate(cls, memberships):
        pass

    @classmethod
    @Workflow.transition('ended')
    def close(cls, memberships):
        pass

    @classmethod
    @ModelView.button
    @serialise
    @Workflow.transition('cancelled')
    def cancel(cls, memberships):
        pool = Pool()
        Invoice = pool.get('account.invoice')
        invoices = [m.invoice for m in memberships if m.invoice]
        cls.write(memberships, {
                'cancelled_on': pool.get('ir.date').today(),
                })
        if posted := [i for i in invoices if i.state == 'posted']:
            Invoice.credit(posted, refund=True)

    @classmethod
    def set_number(cls, memberships):
        Config = Pool().get('party.configuration')
        todo = [m for m in memberships if not m.number]
        if todo:
            sequence = Config(1).membership_sequence
            for membership, number in zip(
                    todo, sequence.get_many(len(todo))):
                membership.number = number
        cls.save(memberships)

    @classmethod
    def check_modification(
            cls, mode, memberships, values=None, external=False):
        super().check_modification(
            mode, memberships, values=values, external=external)
        for membership in memberships:
            if mode == 'delete' and membership.state not in {
                    'draft', 'cancelled'}:
                raise MembershipAccessError(gettext(
                        'proxymikro_membership.msg_membership_delete',
                        membership=membership.rec_name))
            if (mode == 'write' and external
                    and values.keys() & {'state', 'invoice', 'number'}):
                raise MembershipAccessError(gettext(
                        'proxymikro_membership.msg_membership_state',
                        membership=membership.rec_name))

    @classmethod
    def copy(cls, memberships, default=None):
        default = default.copy() if default is not None else {}
        for name in [
                'number', 'engagement_number', 'invoice', 'cancelled_on',
                'called_by']:
            default.setdefault(name, None)
        return super().copy(memberships, default=default)
