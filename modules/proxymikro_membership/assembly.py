# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The general assembly: who may vote, who came, what was decided.

The law of 1901 says nothing of quorum, proxies nor majority: the statutes do.
They are typed once, then taken from the last assembly of the same kind.
"""
import datetime as dt
from fractions import Fraction
from math import ceil

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Workflow, fields
from trytond.pool import Pool
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction, without_check_access

from .exceptions import AssemblyError

# What the next assembly takes from the last one of its kind
RULES = [
    'seniority_days', 'proxy_cap', 'proxy_college', 'quorum', 'quorum_basis',
    'quorum_college']
QUORUMS = [
    (None, "None"),
    ('1/5', "One Fifth"),
    ('1/4', "One Quarter"),
    ('1/3', "One Third"),
    ('1/2', "One Half"),
    ('2/3', "Two Thirds"),
    ]


class Assembly(Workflow, ModelSQL, ModelView):
    __name__ = 'party.membership.assembly'

    _draft = {'readonly': Eval('state') != 'draft'}
    _open = {'readonly': Eval('state').in_(['closed', 'cancelled'])}
    name = fields.Char("Name", required=True, states=_open)
    company = fields.Many2One(
        'company.company', "Company", required=True, states=_draft)
    kind = fields.Selection([
            ('ordinary', "Ordinary"),
            ('extraordinary', "Extraordinary"),
            ], "Kind", required=True, sort=False, states=_draft)
    kind_string = kind.translated('kind')
    date = fields.Date("Date", required=True, states=_open)
    time = fields.Time("Time", format='%H:%M', states=_open)
    place = fields.Char("Place", states=_open)
    voters_date = fields.Date(
        "List of Voters On", required=True, states=_draft,
        domain=[('voters_date', '<=', Eval('date', None))],
        help="The members who are up to date on this day may vote.")
    agenda = fields.Text("Agenda", states=_open)
    seniority_days = fields.Integer(
        "Minimum Seniority", states=_draft,
        domain=['OR',
            ('seniority_days', '=', None), ('seniority_days', '>=', 0)],
        help="For how many days one must be a member to vote. "
        "Leave empty for none.")
    proxy_cap = fields.Integer(
        "Proxies by Person", states=_draft,
        domain=['OR', ('proxy_cap', '=', None), ('proxy_cap', '>=', 0)],
        help="How many others one may represent. Leave empty for no limit.")
    proxy_college = fields.Boolean(
        "Proxies Within the College", states=_draft,
        help="Check if one may only represent a member of the same college.")
    quorum = fields.Selection(
        QUORUMS, "Quorum", sort=False, states=_draft,
        help="The part which must be present or represented.")
    quorum_basis = fields.Selection([
            ('members', "Of the Members"),
            ('votes', "Of the Votes"),
            ], "Quorum Counted", required=True, sort=False, states=_draft)
    quorum_college = fields.Boolean(
        "Quorum in Each College", states=_draft)
    second_call = fields.Boolean(
        "Second Call", states=_draft,
        help="Check if the quorum was missed the first time: "
        "the assembly is valid whoever comes.")
    chair = fields.Char("Chair", states=_open)
    secretary = fields.Char("Secretary", states=_open)
    scrutineers = fields.Char("Scrutineers", states=_open)
    voters = fields.One2Many(
        'party.membership.assembly.voter', 'assembly', "Voters",
        states={
            'readonly': ~Eval('state').in_(['convened', 'open']),
            'invisible': Eval('state') == 'draft',
            })
    motions = fields.One2Many(
        'party.membership.assembly.motion', 'assembly', "Motions",
        states=_open)
    notes = fields.Text(
        "Minutes", states=_open,
        help="What was said, between the count and the votes.")
    attending = fields.Function(
        fields.Integer("Present or Represented"), 'get_figure')
    attending_votes = fields.Function(
        fields.Integer("Votes Present or Represented"), 'get_figure')
    total = fields.Function(fields.Integer("Members Who Vote"), 'get_figure')
    total_votes = fields.Function(fields.Integer("Votes"), 'get_figure')
    quorum_needed = fields.Function(
        fields.Integer("Quorum Needed"), 'get_figure')
    quorum_reached = fields.Function(
        fields.Boolean("Quorum Reached"), 'get_figure')
    state = fields.Selection([
            ('draft', "Draft"),
            ('convened', "Convened"),
            ('open', "Open"),
            ('closed', "Closed"),
            ('cancelled', "Cancelled"),
            ], "State", required=True, readonly=True, sort=False)
    del _draft, _open

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._transitions |= {
            ('draft', 'convened'),
            ('draft', 'cancelled'),
            ('convened', 'draft'),
            ('convened', 'open'),
            ('convened', 'cancelled'),
            ('open', 'closed'),
            }

        def only(*states):
            return {
                'invisible': ~Eval('state').in_(list(states)),
                'depends': ['state'],
                }

        cls._buttons.update({
                'draft': only('convened'),
                'convene': only('draft'),
                'open_': only('convened'),
                'close': only('open'),
                'cancel': only('draft', 'convened'),
                'call_again': {
                    'invisible': (
                        (Eval('state') != 'closed')
                        | Bool(Eval('quorum_reached'))),
                    'depends': ['state', 'quorum_reached'],
                    },
                })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_kind(cls):
        return 'ordinary'

    @classmethod
    def default_voters_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_quorum_basis(cls):
        return 'members'

    @classmethod
    def default_state(cls):
        return 'draft'

    @fields.depends('company', 'kind', *RULES)
    def on_change_kind(self):
        "Take the rules of the last one of the kind"
        last = self.search([
                ('company', '=', self.company.id if self.company else None),
                ('kind', '=', self.kind),
                ('state', '!=', 'cancelled'),
                ], order=[('date', 'DESC'), ('id', 'DESC')], limit=1)
        for previous in last:
            for name in RULES:
                setattr(self, name, getattr(previous, name))

    @classmethod
    def default_get(cls, fields_names, with_rec_name=True):
        values = super().default_get(
            fields_names, with_rec_name=with_rec_name)
        if set(RULES) & set(fields_names):
            assembly = cls(
                company=values.get('company'), kind=values.get('kind'),
                **{n: values.get(n) for n in RULES})
            assembly.on_change_kind()
            values.update({
                    n: getattr(assembly, n) for n in RULES
                    if n in fields_names})
        return values

    @classmethod
    def get_figure(cls, assemblies, names):
        result = {n: {} for n in names}
        for assembly in assemblies:
            for name in names:
                result[name][assembly.id] = assembly._get_figure(name)
        return result

    def _get_figure(self, name):
        voting = [v for v in self.voters if v.votes]
        attending = [v for v in voting if v.attendance != 'absent']
        if name == 'quorum_reached':
            return self._reaches_quorum(voting, attending)
        return {
            'total': len(voting),
            'total_votes': sum(v.votes for v in voting),
            'attending': len(attending),
            'attending_votes': sum(v.votes for v in attending),
            'quorum_needed': self._count_needed(voting),
            }[name]

    def _count(self, voters):
        if self.quorum_basis == 'votes':
            return sum(v.votes for v in voters)
        return len(voters)

    def _count_needed(self, voting):
        if not self.quorum or self.second_call:
            return 0
        return ceil(Fraction(self.quorum) * self._count(voting))

    def _reaches_quorum(self, voting, attending):
        groups = [(voting, attending)]
        if self.quorum_college:
            groups += [
                ([v for v in voting if v.college == college],
                    [v for v in attending if v.college == college])
                for college in {v.college for v in voting}]
        return all(
            self._count(came) >= self._count_needed(all_)
            for all_, came in groups)

    @classmethod
    @ModelView.button
    @Workflow.transition('draft')
    def draft(cls, assemblies):
        "Drop the list, unless somebody has got its convocation"
        Voter = Pool().get('party.membership.assembly.voter')
        for assembly in assemblies:
            if any(v.convoked_on for v in assembly.voters):
                raise AssemblyError(gettext(
                        'proxymikro_membership.msg_assembly_convoked',
                        assembly=assembly.rec_name))
        with without_check_access():
            Voter.delete([v for a in assemblies for v in a.voters])

    @classmethod
    @ModelView.button
    @Workflow.transition('convened')
    def convene(cls, assemblies):
        "Freeze the list of those who may vote"
        Voter = Pool().get('party.membership.assembly.voter')
        cls.lock(assemblies)
        for assembly in assemblies:
            voters = Voter.list_for(assembly)
            if not voters:
                raise AssemblyError(gettext(
                        'proxymikro_membership.msg_assembly_nobody',
                        assembly=assembly.rec_name,
                        date=Pool().get('ir.lang').get().strftime(
                            assembly.voters_date)))
            with without_check_access():
                Voter.save(voters)

    @classmethod
    @ModelView.button
    @Workflow.transition('open')
    def open_(cls, assemblies):
        today = Pool().get('ir.date').today()
        for assembly in assemblies:
            if assembly.date > today:
                raise AssemblyError(gettext(
                        'proxymikro_membership.msg_assembly_early',
                        assembly=assembly.rec_name,
                        date=Pool().get('ir.lang').get().strftime(
                            assembly.date)))

    @classmethod
    @ModelView.button
    @Workflow.transition('closed')
    def close(cls, assemblies):
        """Keep what was decided.

        Without the quorum nothing may have been voted, with it all must be.
        """
        cls.lock(assemblies)
        for assembly in cls.browse(assemblies):
            for motion in assembly.motions:
                if motion.is_voted == assembly.quorum_reached:
                    continue
                raise AssemblyError(gettext(
                        'proxymikro_membership.msg_assembly_close_'
                        + ('vote' if assembly.quorum_reached else 'quorum'),
                        motion=motion.rec_name,
                        assembly=assembly.rec_name))

    @classmethod
    @ModelView.button
    @Workflow.transition('cancelled')
    def cancel(cls, assemblies):
        pass

    @classmethod
    @ModelView.button_action('proxymikro_membership.act_assembly')
    @without_check_access
    def call_again(cls, assemblies):
        "Prepare the second call, for which no quorum is needed"
        today = Pool().get('ir.date').today()
        cls.copy(assemblies, default={
                'second_call': True,
                'date': today + dt.timedelta(days=15),
                'voters_date': today,
                })

    @classmethod
    def check_modification(
            cls, mode, assemblies, values=None, external=False):
        super().check_modification(
            mode, assemblies, values=values, external=external)
        for assembly in assemblies:
            done = assembly.state in {'closed', 'cancelled'}
            if ((mode == 'delete' and assembly.state != 'draft')
                    or (mode == 'write' and external and done)):
                raise AssemblyError(gettext(
                        'proxymikro_membership.msg_assembly_modify',
                        assembly=assembly.rec_name))
            if mode == 'write' and external and 'state' in values:
                raise AssemblyError(gettext(
                        'proxymikro_membership.msg_assembly_state',
                        assembly=assembly.rec_name))

    @classmethod
    def copy(cls, assemblies, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('state', 'draft')
        default.setdefault('voters', None)
        for name in ['notes', 'chair', 'secretary', 'scrutineers']:
            default.setdefault(name, None)
        return super().copy(assemblies, default=default)
