# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from trytond.i18n import gettext
from trytond.model import (
    DeactivableMixin, ModelSQL, ModelView, fields, sequence_ordered)
from trytond.modules.currency.fields import Monetary
from trytond.modules.proxymikro_base.validity import ValidityMixin
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import Transaction

from .exceptions import MembershipTypeError


# The legal kinds of a party
KINDS = [
    ('individual', "Individuals"),
    ('association', "Associations"),
    ('company', "Companies"),
    ('public', "Public Bodies"),
    ]


class MembershipType(DeactivableMixin, ModelSQL, ModelView):
    __name__ = 'party.membership.type'

    name = fields.Char("Name", required=True, translate=True)
    company = fields.Many2One('company.company', "Company", required=True)
    period = fields.Selection([
            ('civil', "Civil Year"),
            ('school', "School Year"),
            ('rolling', "Twelve Months"),
            ], "Period", required=True, sort=False,
        help="What the fee pays for: the civil year, the school year "
        "(1 September to 31 August) or twelve months from the first day.")
    fees = fields.One2Many(
        'party.membership.fee', 'type', "Fee",
        help="The parts the fee is made of. Without any the membership "
        "is free of charge.")
    may_borrow = fields.Boolean(
        "May Borrow",
        help="Check if the members of this type may borrow devices.")
    max_devices = fields.Integer(
        "Maximum Devices",
        domain=['OR',
            ('max_devices', '=', None),
            ('max_devices', '>', 0),
            ],
        states={
            'invisible': ~Eval('may_borrow'),
            },
        help="The number of devices a member may have at once. "
        "Leave empty for no limit.")
    prorata = fields.Selection([
            ('none', "Whole Fee"),
            ('month', "By Month"),
            ], "First Year", required=True, sort=False,
        states={
            'invisible': Eval('period') == 'rolling',
            },
        help="What is called from who joins during the period: the whole fee, "
        "or a twelfth of it for each month that is left, the current one "
        "included.")
    grace_days = fields.Integer(
        "Days of Grace", required=True,
        domain=[('grace_days', '>=', 0)],
        help="How many days after its end a membership which is not renewed "
        "is on the list of the lapsed ones.")
    targets = fields.MultiSelection(
        KINDS, "For", sort=False,
        help="Who may take it. Leave empty for all.")
    group = fields.Boolean(
        "For a Group",
        help="Check if a membership is for a family or a group: "
        "others than the member have its rights.")
    admission = fields.Boolean(
        "Admitted by the Board",
        help="Check if the statutes want a decision of the board before the "
        "first fee is called.")
    college = fields.Many2One(
        'party.membership.college', "College", ondelete='RESTRICT',
        domain=[('company', '=', Eval('company', -1))],
        help="The college the members vote in at the assembly.")
    votes = fields.Integer(
        "Votes",
        domain=['OR', ('votes', '=', None), ('votes', '>=', 0)],
        help="How many votes a member has at the assembly. "
        "Leave empty to take those of the college, or one.")
    support = fields.Boolean(
        "Support Included",
        help="Check if the members of this type get technical support.")
    response_days = fields.Integer(
        "Response Time",
        domain=['OR', ('response_days', '=', None), ('response_days', '>', 0)],
        states={
            'invisible': ~Eval('support'),
            },
        help="In how many days a request for support must be answered. "
        "Leave empty for no promise.")
    amount = fields.Function(
        Monetary("Amount", currency='currency', digits='currency',
            help="The whole fee today."),
        'get_amount')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order.insert(0, ('name', 'ASC'))

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_period(cls):
        return 'civil'

    @classmethod
    def default_may_borrow(cls):
        return True

    @classmethod
    def default_prorata(cls):
        return 'none'

    @classmethod
    def default_grace_days(cls):
        return 30

    @classmethod
    def default_support(cls):
        return True

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    def get_amount(self, name):
        today = Pool().get('ir.date').today()
        return sum(f.amount for f in self.fees_at(today))

    def fees_at(self, date):
        "Return the parts of the fee in force on the date"
        return [f for f in self.fees if f.is_valid(date)]

    @property
    def assembly_votes(self):
        "How many votes a member has at the assembly"
        if self.votes is not None:
            return self.votes
        return self.college.votes if self.college else 1

    def accepts(self, party):
        "Return whether the party may take it; who is of no kind may"
        return (not self.targets or not party.legal_kind
            or party.legal_kind in self.targets)

    def compute_period(self, date, first=False):
        """Return the first and last day of the period that holds the date.

        The first membership starts in the month of the date if its fee is
        by month.
        """
        if self.period == 'rolling':
            return date, date + relativedelta(years=1, days=-1)
        start, end = self._compute_year(date)
        if first and self.prorata == 'month':
            start = date.replace(day=1)
        return start, end

    def _compute_year(self, date):
        if self.period == 'school':
            start = dt.date(date.year, 9, 1)
        else:
            start = dt.date(date.year, 1, 1)
        if start > date:
            start -= relativedelta(years=1)
        return start, start + relativedelta(years=1, days=-1)

    def fee_share(self, start_date, end_date):
        "Return which share of the year is called: twelfths, if by month"
        if self.period == 'rolling' or self.prorata == 'none':
            return Decimal(1)
        months = ((end_date.year - start_date.year) * 12
            + end_date.month - start_date.month + 1)
        return min(Decimal(months) / 12, Decimal(1))


class MembershipFee(
        ValidityMixin, sequence_ordered(), ModelSQL, ModelView):
    __name__ = 'party.membership.fee'

    type = fields.Many2One(
        'party.membership.type', "Type", required=True, ondelete='CASCADE')
    product = fields.Many2One(
        'product.product', "Product", required=True, ondelete='RESTRICT',
        domain=[('type', '=', 'service')],
        help="Decides the account: 7561 for what gives nothing in return, "
        "7562 for what buys equipment and support.")
    description = fields.Char(
        "Description",
        help="What is written on the invoice. "
        "Leave empty to write the name of the product.")
    amount = Monetary(
        "Amount", currency='currency', digits='currency', required=True,
        domain=[('amount', '>', 0)])
    receipt_eligible = fields.Boolean(
        "Receipt Eligible",
        help="Check if a tax receipt may be given for this part: "
        "never when there is something in return.")
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('type')

    @fields.depends('type', '_parent_type.company')
    def on_change_with_currency(self, name=None):
        if self.type and self.type.company:
            return self.type.company.currency

    @fields.depends('product')
    def on_change_product(self):
        if self.product:
            self.receipt_eligible = not self.has_counterpart

    @property
    def has_counterpart(self):
        "Whether the part is booked as a fee with something in return (7562)"
        account = self.product.account_revenue_used if self.product else None
        return bool(account and account.code and account.code.startswith(
                '7562'))

    @classmethod
    def validate_fields(cls, fees, field_names):
        super().validate_fields(fees, field_names)
        if field_names and not field_names & {'product', 'receipt_eligible'}:
            return
        for fee in fees:
            with Transaction().set_context(company=fee.type.company.id):
                fee = cls(fee.id)
                if fee.receipt_eligible and fee.has_counterpart:
                    raise MembershipTypeError(gettext(
                            'proxymikro_membership.msg_fee_counterpart',
                            product=fee.product.rec_name,
                            type=fee.type.rec_name))
