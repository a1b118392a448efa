# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A member asked to renew, and what became of it."""
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Unique, fields
from trytond.modules.currency.fields import Monetary
from trytond.modules.proxymikro_base.search import search_any
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import without_check_access

from .exceptions import CampaignError
from .membership import TAKEN

CHANNELS = [
    ('email', "E-mail"),
    ('paper', "Paper"),
    ('chorus', "Chorus Pro"),
    ]


class CampaignLine(ModelSQL, ModelView):
    __name__ = 'party.membership.campaign.line'

    _to_call = {'readonly': Eval('state') != 'to_call'}
    campaign = fields.Many2One(
        'party.membership.campaign', "Campaign", required=True,
        ondelete='CASCADE', readonly=True)
    membership = fields.Many2One(
        'party.membership', "Membership", required=True, readonly=True,
        ondelete='CASCADE', help="The membership which ends.")
    party = fields.Many2One(
        'party.party', "Member", required=True, readonly=True,
        ondelete='RESTRICT')
    type = fields.Many2One(
        'party.membership.type', "Type", required=True, ondelete='RESTRICT',
        states=_to_call, help="What is proposed for the next period.")
    start_date = fields.Function(fields.Date("From"), 'get_period')
    end_date = fields.Function(fields.Date("To"), 'get_period')
    amount = fields.Function(
        Monetary("Fee", currency='currency', digits='currency'),
        'get_amount')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"), 'get_currency')
    channel = fields.Selection(
        CHANNELS, "Sent By", required=True, sort=False,
        states={'readonly': Eval('state') == 'excluded'},
        help="How the call reaches the member. Chorus Pro is for public "
        "bodies: the invoice itself is deposited there.")
    excluded = fields.Boolean(
        "Excluded",
        states={'readonly': ~Eval('state').in_(['to_call', 'excluded'])},
        help="Check to ask nothing from this member.")
    engagement_number = fields.Char(
        "Engagement Number", states=_to_call,
        help="The number under which a public body has set the fee aside.")
    exclusion_note = fields.Char(
        "Why",
        states={
            'invisible': ~Eval('excluded', False),
            })
    problem = fields.Function(
        fields.Char(
            "To Correct",
            help="What prevents the call: it stays on the list until it is "
            "corrected."),
        'get_problem')
    renewal = fields.Many2One(
        'party.membership', "Renewal", readonly=True, ondelete='SET NULL')
    messages = fields.One2Many(
        'party.membership.message', 'line', "Messages", readonly=True)
    state = fields.Function(
        fields.Selection([
                ('to_call', "To Call"),
                ('excluded', "Excluded"),
                ('called', "Called"),
                ('paid', "Paid"),
                ('cancelled', "Cancelled"),
                ], "State", sort=False),
        'on_change_with_state', searcher='search_state')
    del _to_call

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('campaign')
        t = cls.__table__()
        cls._sql_constraints += [
            ('unique', Unique(t, t.campaign, t.membership),
                'proxymikro_membership.msg_campaign_line_unique'),
            ]
        cls._sql_indexes.add(Index(t, (t.renewal, Index.Equality())))
        cls._order = [('party.name', 'ASC'), ('id', 'ASC')]
        cls._buttons.update({
                'remind': {
                    'invisible': Eval('state') != 'called',
                    'depends': ['state'],
                    },
                })

    @classmethod
    def default_channel(cls):
        return 'paper'

    @classmethod
    def propose(cls, campaign, membership):
        party = membership.party
        return cls(
            campaign=campaign, membership=membership, party=party,
            type=membership.type, channel=cls.find_channel(party))

    @classmethod
    def find_channel(cls, party):
        if party.legal_kind == 'public' and getattr(party, 'chorus', False):
            return 'chorus'
        return 'email' if party.email else 'paper'

    def get_currency(self, name):
        return self.campaign.company.currency.id

    @property
    def period(self):
        "Return the first and last day of the renewal"
        day = self.membership.end_date + self.membership.end_date.resolution
        return self.type.compute_period(day)

    @classmethod
    def get_period(cls, lines, names):
        index = {'start_date': 0, 'end_date': 1}
        return {n: {l.id: l.period[index[n]] for l in lines} for n in names}

    def get_amount(self, name):
        if self.renewal:
            return self.renewal.amount
        if self.membership.gratis:
            return Decimal(0)
        start_date, _ = self.period
        return sum(
            (f.amount for f in self.type.fees_at(start_date)), Decimal(0))

    def get_rec_name(self, name):
        return f'{self.campaign.rec_name} · {self.party.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return search_any(clause, 'campaign.rec_name', 'party.rec_name')

    @fields.depends('excluded', 'renewal', '_parent_renewal.state')
    def on_change_with_state(self, name=None):
        if not self.renewal:
            return 'excluded' if self.excluded else 'to_call'
        if self.renewal.state in {'active', 'ended'}:
            return 'paid'
        return 'cancelled' if self.renewal.state == 'cancelled' else 'called'

    @classmethod
    def search_state(cls, name, clause):
        _, operator, value = clause
        wanted = set(value if isinstance(value, (list, tuple)) else [value])
        domains = {
            'to_call': [('renewal', '=', None), ('excluded', '=', False)],
            'excluded': [('renewal', '=', None), ('excluded', '=', True)],
            'called': [('renewal.state', 'in', ['draft', 'called'])],
            'paid': [('renewal.state', 'in', ['active', 'ended'])],
            'cancelled': [('renewal.state', '=', 'cancelled')],
            }
        if operator in {'!=', 'not in'}:
            wanted = domains.keys() - wanted
        return ['OR', ('id', '<', 0), *(
                domains[v] for v in sorted(domains.keys() & wanted))]

    @classmethod
    @without_check_access
    def get_problem(cls, lines, name):
        "Return what a call would refuse, in the words of the refusal"
        Membership = Pool().get('party.membership')
        followed = {}
        # Not the years before, which a faithful member has many of
        for later in Membership.search([
                    ('party', 'in', [l.party.id for l in lines]),
                    ('state', 'in', TAKEN),
                    ('end_date', '>=', min(l.period[0] for l in lines)),
                    ], order=[('end_date', 'ASC')]):
            followed[later.party, later.place, later.company] = later
        result = {}
        for line in lines:
            result[line.id] = None
            if line.state == 'to_call':
                result[line.id] = line._find_problem(followed.get((
                            line.party, line.membership.place,
                            line.campaign.company)))
        return result

    def _find_problem(self, last):
        party = self.party.rec_name
        start_date, _ = self.period
        if last and last.end_date >= start_date:
            return gettext(
                'proxymikro_membership.msg_campaign_renewed',
                membership=last.rec_name)
        if not self.type.accepts(self.party):
            return gettext(
                'proxymikro_membership.msg_call_target',
                party=party, type=self.type.rec_name)
        if self.membership.gratis:
            return
        if self.type.fees and not self.type.fees_at(start_date):
            return gettext(
                'proxymikro_membership.msg_call_fee',
                party=party, type=self.type.rec_name,
                date=Pool().get('ir.lang').get().strftime(start_date))
        if self.type.fees and not self.party.address_get(type='invoice'):
            return gettext(
                'proxymikro_membership.msg_call_address', party=party)

    @classmethod
    @without_check_access
    def call_renewals(cls, lines):
        """Create and call the next memberships of the lines.

        Those already called and those with a problem are left: it may be
        run again.
        """
        cls.lock(lines)
        todo = [
            l for l in cls.browse(lines)
            if l.state == 'to_call' and not l.problem]
        # The first alone: it takes the locks, and when the transaction starts
        # again for them, one is lost instead of all
        for group in [todo[:1], todo[1:]]:
            cls._call(group)

    @classmethod
    def _call(cls, lines):
        Membership = Pool().get('party.membership')
        renewals = [l.get_renewal() for l in lines]
        Membership.save(renewals)
        Membership.call(renewals)
        for line, renewal in zip(lines, renewals):
            line.renewal = renewal
        cls.save(lines)

    def get_renewal(self):
        Membership = Pool().get('party.membership')
        last = self.membership
        start_date, end_date = self.period
        return Membership(
            company=last.company, party=last.party, place=last.place,
            type=self.type, start_date=start_date, end_date=end_date,
            gratis=last.gratis, gratis_reason=last.gratis_reason,
            engagement_number=self.engagement_number,
            beneficiaries=last.beneficiaries if self.type.group else [],
            state='draft')

    @classmethod
    def _fixed_fields(cls):
        "The fields which the call has used"
        return {'type', 'excluded', 'engagement_number'}

    @classmethod
    def check_modification(cls, mode, lines, values=None, external=False):
        super().check_modification(
            mode, lines, values=values, external=external)
        if mode == 'delete' or (
                mode == 'write' and external
                and values.keys() & cls._fixed_fields()):
            for line in lines:
                if line.renewal:
                    raise CampaignError(gettext(
                            'proxymikro_membership.msg_campaign_line_called',
                            party=line.party.rec_name,
                            membership=line.renewal.rec_name))
