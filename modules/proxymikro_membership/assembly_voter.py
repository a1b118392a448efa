# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Who may vote at an assembly, and whether it came."""
from collections import Counter

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import without_check_access

from .exceptions import AssemblyError, AssemblyProxyError

FROZEN = {'assembly', 'party', 'college', 'votes', 'membership'}


class AssemblyVoter(ModelSQL, ModelView):
    __name__ = 'party.membership.assembly.voter'

    _open = {
        'readonly': ~Eval('assembly_state').in_(['convened', 'open']),
        }
    assembly = fields.Many2One(
        'party.membership.assembly', "Assembly", required=True,
        readonly=True, ondelete='CASCADE')
    party = fields.Many2One(
        'party.party', "Member", required=True, readonly=True,
        ondelete='RESTRICT')
    membership = fields.Many2One(
        'party.membership', "Membership", readonly=True, ondelete='RESTRICT')
    college = fields.Many2One(
        'party.membership.college', "College", readonly=True,
        ondelete='RESTRICT')
    votes = fields.Integer(
        "Votes", required=True, readonly=True,
        help="Zero for who only advises.")
    representative = fields.Char(
        "Represented By", states=_open,
        help="The person who speaks for the member: a mayor, a head "
        "teacher, a treasurer.")
    attendance = fields.Selection([
            ('absent', "Absent"),
            ('present', "Present"),
            ('proxy', "By Proxy"),
            ], "Attendance", required=True, sort=False, states=_open)
    attendance_string = attendance.translated('attendance')
    proxy = fields.Many2One(
        'party.membership.assembly.voter', "Proxy Given To",
        ondelete='RESTRICT',
        domain=[
            ('assembly', '=', Eval('assembly', -1)),
            ('id', '!=', Eval('id', -1)),
            ],
        states={
            **_open,
            'required': Eval('attendance') == 'proxy',
            'invisible': Eval('attendance') != 'proxy',
            })
    convoked_on = fields.Date("Convoked On", readonly=True)
    email = fields.Many2One(
        'ir.email', "E-mail", readonly=True, ondelete='SET NULL')
    assembly_state = fields.Function(
        fields.Selection('get_states', "State of the Assembly"),
        'on_change_with_assembly_state')
    del _open

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints = [
            ('unique', Unique(t, t.assembly, t.party),
                'proxymikro_membership.msg_assembly_voter_unique'),
            ]
        cls._order = [('college.name', 'ASC'), ('party.name', 'ASC'),
            ('id', 'ASC')]

    @classmethod
    def get_states(cls):
        Assembly = Pool().get('party.membership.assembly')
        return Assembly.fields_get(['state'])['state']['selection']

    @fields.depends('assembly', '_parent_assembly.state')
    def on_change_with_assembly_state(self, name=None):
        return self.assembly.state if self.assembly else None

    def get_rec_name(self, name):
        return self.party.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('party.rec_name', *clause[1:])]

    @classmethod
    def default_attendance(cls):
        return 'absent'

    @fields.depends('attendance', 'proxy')
    def on_change_attendance(self):
        if self.attendance != 'proxy':
            self.proxy = None

    @classmethod
    @without_check_access
    def list_for(cls, assembly):
        """Return the voters of the assembly, not saved.

        A member has one place whatever its memberships: that of the one with
        the most votes.
        """
        pool = Pool()
        Membership = pool.get('party.membership')
        memberships = Membership.search([
                ('company', '=', assembly.company.id),
                *Membership.in_force_domain(assembly.voters_date),
                ], order=[('start_date', 'ASC'), ('id', 'ASC')])
        since = Membership.get_member_since(memberships)
        best = {}
        for membership in memberships:
            if (assembly.voters_date - since[membership.party]
                    ).days < (assembly.seniority_days or 0):
                continue
            known = best.get(membership.party)
            if (not known or known.type.assembly_votes
                    < membership.type.assembly_votes):
                best[membership.party] = membership
        return [
            cls(assembly=assembly, party=party, membership=membership,
                college=membership.type.college,
                votes=membership.type.assembly_votes)
            for party, membership in best.items()]

    @classmethod
    def validate_fields(cls, voters, field_names):
        super().validate_fields(voters, field_names)
        if field_names is None or field_names & {'attendance', 'proxy'}:
            cls.check_proxies({v.assembly for v in voters})

    @classmethod
    @without_check_access
    def check_proxies(cls, assemblies):
        """Check who represents whom, the assembly being locked.

        Who represents others must be there, and not for more than the cap.
        """
        Assembly = Pool().get('party.membership.assembly')
        Assembly.lock(list(assemblies))
        for assembly in assemblies:
            given = cls.search([
                    ('assembly', '=', assembly.id),
                    ('attendance', '=', 'proxy'),
                    ])
            for voter in given:
                voter._check_proxy()
            for holder, count in Counter(v.proxy for v in given).items():
                if (assembly.proxy_cap is not None
                        and count > assembly.proxy_cap):
                    raise AssemblyProxyError(gettext(
                            'proxymikro_membership.msg_assembly_proxy_cap',
                            party=holder.party.rec_name,
                            cap=assembly.proxy_cap, count=count))

    def _check_proxy(self):
        if not self.proxy or self.proxy.attendance != 'present':
            raise AssemblyProxyError(gettext(
                    'proxymikro_membership.msg_assembly_proxy_absent',
                    party=self.party.rec_name,
                    holder=self.proxy.party.rec_name if self.proxy else ''))
        if (self.assembly.proxy_college
                and self.proxy.college != self.college):
            raise AssemblyProxyError(gettext(
                    'proxymikro_membership.msg_assembly_proxy_college',
                    party=self.party.rec_name,
                    holder=self.proxy.party.rec_name))

    @classmethod
    def check_modification(cls, mode, voters, values=None, external=False):
        super().check_modification(
            mode, voters, values=values, external=external)
        if not external:
            return
        for voter in voters:
            if (mode in {'create', 'delete'} or values.keys() & FROZEN
                    or voter.assembly.state not in {'convened', 'open'}):
                raise AssemblyError(gettext(
                        'proxymikro_membership.msg_assembly_frozen',
                        assembly=voter.assembly.rec_name))

