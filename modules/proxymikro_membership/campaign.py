# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Those whose membership ends are asked to renew, all at once."""
import datetime as dt
from collections import defaultdict
from decimal import Decimal

from sql import Null
from sql.aggregate import Count
from sql.conditionals import Case

from trytond.i18n import gettext
from trytond.model import Check, ModelSQL, ModelView, Workflow, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.tools import grouped_slice
from trytond.transaction import Transaction, without_check_access

from .exceptions import CampaignError

# How many memberships are called by one transaction: more is not faster, and
# what stops in the middle loses no more
BATCH = 200


class Campaign(Workflow, ModelSQL, ModelView):
    __name__ = 'party.membership.campaign'

    _draft = {'readonly': Eval('state') != 'draft'}
    name = fields.Char("Name", required=True)
    company = fields.Many2One(
        'company.company', "Company", required=True, states=_draft)
    from_date = fields.Date(
        "Ending From", required=True, states=_draft,
        domain=[
            If(Eval('from_date') & Eval('to_date'),
                ('from_date', '<=', Eval('to_date')),
                ()),
            ],
        help="The first of the days on which the memberships to renew end.")
    to_date = fields.Date("Ending To", required=True, states=_draft)
    types = fields.Many2Many(
        'party.membership.campaign-type', 'campaign', 'type', "Types",
        domain=[('company', '=', Eval('company', -1))], states=_draft,
        help="Leave empty for all.")
    before_days = fields.Integer(
        "Reminder Before the End",
        domain=['OR', ('before_days', '=', None), ('before_days', '>', 0)],
        states={'readonly': Eval('state') == 'closed'},
        help="How many days before the end of the membership those who have "
        "not paid get a reminder. Leave empty for none.")
    after_days = fields.Integer(
        "Reminder After the End",
        domain=['OR', ('after_days', '=', None), ('after_days', '>', 0)],
        states={'readonly': Eval('state') == 'closed'},
        help="How many days after the end of the membership those who have "
        "not paid get another reminder. Leave empty for none.")
    lines = fields.One2Many(
        'party.membership.campaign.line', 'campaign', "Members",
        domain=[('membership.company', '=', Eval('company', -1))],
        states={
            'readonly': Eval('state') != 'prepared',
            'invisible': Eval('state') == 'draft',
            })
    to_call = fields.Function(
        fields.Integer("To Call"), 'get_counts')
    called = fields.Function(
        fields.Integer("Called"), 'get_counts')
    paid = fields.Function(
        fields.Integer("Paid"), 'get_counts')
    progress = fields.Function(
        fields.Float(
            "Paid", digits=(None, 4),
            help="The part of the members called who have paid."),
        'get_counts')
    amount = fields.Function(
        Monetary("Amount Called", currency='currency', digits='currency'),
        'get_amount')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    state = fields.Selection([
            ('draft', "Draft"),
            ('prepared', "Prepared"),
            ('called', "Called"),
            ('closed', "Closed"),
            ], "State", required=True, readonly=True, sort=False)
    del _draft

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints = [
            ('dates', Check(t, t.from_date <= t.to_date),
                'proxymikro_membership.msg_campaign_dates'),
            ]
        cls._order = [('to_date', 'DESC'), ('id', 'DESC')]
        cls._transitions |= {
            ('draft', 'prepared'),
            ('prepared', 'draft'),
            ('prepared', 'called'),
            ('called', 'called'),
            ('called', 'closed'),
            }
        prepared = {
            'invisible': Eval('state') != 'prepared',
            'depends': ['state'],
            }
        called = {
            'invisible': Eval('state') != 'called',
            'depends': ['state'],
            }
        cls._buttons.update({
                'prepare': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'draft': prepared,
                'call': {
                    'invisible': (
                        ~Eval('state').in_(['prepared', 'called'])
                        | ~Eval('to_call', 0)),
                    'depends': ['state', 'to_call'],
                    },
                'send': called,
                'remind': called,
                'close': called,
                })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_from_date(cls):
        today = Pool().get('ir.date').today()
        return dt.date(today.year, 1, 1)

    @classmethod
    def default_to_date(cls):
        today = Pool().get('ir.date').today()
        return dt.date(today.year, 12, 31)

    @classmethod
    def default_before_days(cls):
        return 15

    @classmethod
    def default_after_days(cls):
        return 15

    @classmethod
    def default_state(cls):
        return 'draft'

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @classmethod
    def get_counts(cls, campaigns, names):
        "Count the lines by what became of them, in one query"
        pool = Pool()
        Line = pool.get('party.membership.campaign.line')
        Membership = pool.get('party.membership')
        line, renewal = Line.__table__(), Membership.__table__()
        result = {n: defaultdict(int) for n in names}
        cursor = Transaction().connection.cursor()
        for sub in grouped_slice(campaigns, 500):
            cursor.execute(*line
                .join(renewal, 'LEFT', condition=line.renewal == renewal.id)
                .select(
                    line.campaign,
                    Count(Case(
                            ((line.renewal == Null) & ~line.excluded, 1))),
                    Count(Case((renewal.state != 'cancelled', 1))),
                    Count(Case((renewal.state.in_(['active', 'ended']), 1))),
                    where=line.campaign.in_([c.id for c in sub]),
                    group_by=[line.campaign]))
            for id_, to_call, called, paid in cursor:
                values = {
                    'to_call': to_call, 'called': called, 'paid': paid,
                    'progress': paid / called if called else 0,
                    }
                for name in names:
                    result[name][id_] = values[name]
        return {
            n: {c.id: counts[c.id] for c in campaigns}
            for n, counts in result.items()}

    def get_amount(self, name):
        return sum((l.amount for l in self.lines if l.renewal), Decimal(0))

    @classmethod
    @ModelView.button
    @Workflow.transition('draft')
    def draft(cls, campaigns):
        Line = Pool().get('party.membership.campaign.line')
        Line.delete([l for c in campaigns for l in c.lines])

    @classmethod
    @ModelView.button
    @Workflow.transition('prepared')
    def prepare(cls, campaigns):
        "List who is asked to renew, for what and how"
        Line = Pool().get('party.membership.campaign.line')
        cls.lock(campaigns)
        Line.save([
                Line.propose(campaign, membership)
                for campaign in campaigns
                for membership in campaign.search_memberships()])

    @without_check_access
    def search_memberships(self):
        """Return the memberships which end in the period and go no further.

        Who left is not asked again.
        """
        Membership = Pool().get('party.membership')
        domain = [
            ('company', '=', self.company.id),
            ('state', 'in', ['active', 'ended']),
            ('end_date', '>=', self.from_date),
            ('end_date', '<=', self.to_date),
            ('end_reason', '=', None),
            ('party.active', '=', True),
            ('id', 'not in', Membership.followed_query()),
            ]
        if self.types:
            domain.append(('type', 'in', [t.id for t in self.types]))
        return Membership.search(domain, order=[
                ('party.name', 'ASC'), ('id', 'ASC')])

    @classmethod
    @ModelView.button
    @Workflow.transition('called')
    def call(cls, campaigns):
        """Call the fees, so many at a time: each batch lands or not.

        What can't be called as it is stays on the list.
        """
        Line = Pool().get('party.membership.campaign.line')
        cls.lock(campaigns)
        for campaign in cls.browse(campaigns):
            todo = [l for l in campaign.lines if l.state == 'to_call']
            if not todo:
                raise CampaignError(gettext(
                        'proxymikro_membership.msg_campaign_nothing',
                        campaign=campaign.rec_name))
            for sub_lines in grouped_slice(todo, BATCH):
                Line.__queue__.call_renewals(list(sub_lines))

    @classmethod
    @ModelView.button
    @Workflow.transition('closed')
    def close(cls, campaigns):
        pass

    @classmethod
    def check_modification(cls, mode, campaigns, values=None, external=False):
        super().check_modification(
            mode, campaigns, values=values, external=external)
        if mode == 'write' and external and 'state' in values:
            raise CampaignError(gettext(
                    'proxymikro_membership.msg_campaign_state',
                    campaign=campaigns[0].rec_name))
        if mode == 'delete':
            for campaign in campaigns:
                if campaign.state in {'called', 'closed'}:
                    raise CampaignError(gettext(
                            'proxymikro_membership.msg_campaign_delete',
                            campaign=campaign.rec_name))

    @classmethod
    def copy(cls, campaigns, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('lines', None)
        default.setdefault('state', 'draft')
        return super().copy(campaigns, default=default)


class CampaignType(ModelSQL):
    __name__ = 'party.membership.campaign-type'

    campaign = fields.Many2One(
        'party.membership.campaign', "Campaign", required=True,
        ondelete='CASCADE')
    type = fields.Many2One(
        'party.membership.type', "Type", required=True, ondelete='CASCADE')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('campaign')
