# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The papers of an assembly: convocation, attendance sheet, minutes."""
from itertools import groupby

from trytond.i18n import gettext
from trytond.model import ModelView
from trytond.modules.company import CompanyReport
from trytond.modules.proxymikro_base.mail import check_mail_server
from trytond.modules.proxymikro_base.report import (
    FrenchReportMixin, HTMLReportMixin)
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.tools.email_ import format_address
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import StateReport, Wizard

from .exceptions import AssemblyError


class Assembly(metaclass=PoolMeta):
    __name__ = 'party.membership.assembly'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._buttons.update({
                'send': {
                    'invisible': Eval('state') != 'convened',
                    'depends': ['state'],
                    },
                })

    @classmethod
    @ModelView.button
    def send(cls, assemblies):
        "Convoke by e-mail those who have an address and were not yet"
        Voter = Pool().get('party.membership.assembly.voter')
        voters = [
            v for a in assemblies for v in a.voters
            if not v.convoked_on and v.party.email]
        if voters:
            check_mail_server()
        for voter in voters:
            Voter.__queue__.send_convocation([voter])


class AssemblyVoter(metaclass=PoolMeta):
    __name__ = 'party.membership.assembly.voter'

    @classmethod
    @without_check_access
    def send_convocation(cls, voters):
        "Send its convocation to each voter, once"
        pool = Pool()
        Date = pool.get('ir.date')
        Email = pool.get('ir.email')
        Convocation = pool.get(
            'party.membership.assembly.convocation', type='report')
        cls.lock(voters)
        voters = cls.browse(voters)
        for voter in voters:
            party, assembly = voter.party, voter.assembly
            if voter.convoked_on or not party.email:
                continue
            with Transaction().set_context(
                    company=assembly.company.id, language='fr'):
                voter.convoked_on = Date.today()
                voter.email = Email.send(
                    to=format_address(party.email, party.name),
                    subject=f"{assembly.company.party.name} : convocation à "
                    f"l'assemblée générale",
                    body=Convocation.render_body([voter]),
                    record=(assembly.__name__, assembly.id))
        cls.save(voters)


class PrintConvocations(Wizard):
    "Print the convocations of those who get no e-mail"
    __name__ = 'party.membership.assembly.convoke'
    start_state = 'print_'

    print_ = StateReport('party.membership.assembly.convocation')

    def do_print_(self, action):
        pool = Pool()
        Voter = pool.get('party.membership.assembly.voter')
        today = pool.get('ir.date').today()
        voters = [
            v for a in self.records for v in a.voters if not v.email
            and not v.party.email]
        if not voters or self.record.state != 'convened':
            raise AssemblyError(gettext(
                    'proxymikro_membership.msg_assembly_print_nobody',
                    assembly=self.record.rec_name))
        with without_check_access():
            Voter.write(
                [v for v in voters if not v.convoked_on],
                {'convoked_on': today})
        return action, {
            'model': Voter.__name__,
            'ids': [v.id for v in voters], 'id': voters[0].id}


class AssemblyReport(FrenchReportMixin, HTMLReportMixin, CompanyReport):
    "A paper of the assembly, in French whoever prints it"

    @classmethod
    def get_context(cls, records, header, data):
        context = super().get_context(records, header, data)
        context['format_time'] = (
            lambda time: f'{time:%H h %M}' if time else '')
        context['by_college'] = cls.by_college
        return context

    @staticmethod
    def by_college(assembly):
        "Return the colleges, each with its voters by name"
        def key(voter):
            return voter.college.name if voter.college else ''
        voters = sorted(
            assembly.voters, key=lambda v: (key(v), v.party.name or ''))
        return [(name, list(group)) for name, group in groupby(voters, key)]


class Convocation(AssemblyReport):
    __name__ = 'party.membership.assembly.convocation'

    @classmethod
    def header_key(cls, record, data):
        # The company is that of the assembly
        return (('company', record.assembly.company),)


class AttendanceSheet(AssemblyReport):
    __name__ = 'party.membership.assembly.attendance'


class Minutes(AssemblyReport):
    __name__ = 'party.membership.assembly.minutes'
