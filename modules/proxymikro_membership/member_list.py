# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Who is a member on a day, in PDF, ODS and CSV."""
from trytond.model import ModelView, fields
from trytond.modules.proxymikro_base.report import FrenchReportMixin
from trytond.modules.proxymikro_base.spreadsheet import (
    SpreadsheetReportMixin, Table)
from trytond.pool import Pool
from trytond.report import Report
from trytond.transaction import Transaction
from trytond.wizard import Button, StateReport, StateView, Wizard

HEADERS = [
    "Numéro", "Adhérent", "Établissement", "Formule", "Collège", "Voix", "Du",
    "Au", "Cotisation", "Ville", "Courriel", "Téléphone"]


class MemberListStart(ModelView):
    __name__ = 'party.membership.list.start'

    company = fields.Many2One('company.company', "Company", required=True)
    date = fields.Date("Date", required=True)
    college = fields.Many2One(
        'party.membership.college', "College",
        help="Leave empty for all.")
    format = fields.Selection([
            ('pdf', "PDF"),
            ('ods', "Spreadsheet (ODS)"),
            ('csv', "CSV"),
            ], "Format", required=True, sort=False)

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_format(cls):
        return 'pdf'


class PrintMemberList(Wizard):
    __name__ = 'party.membership.list.print'

    start = StateView('party.membership.list.start',
        'proxymikro_membership.member_list_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Print", 'print_', 'tryton-print', default=True),
            ])
    print_ = StateReport('party.membership.list')

    def do_print_(self, action):
        return action, {
            'model': 'company.company',
            'ids': [self.start.company.id],
            'id': self.start.company.id,
            'date': self.start.date,
            'college': self.start.college.id if self.start.college else None,
            'format': self.start.format,
            }


class MemberList(FrenchReportMixin, SpreadsheetReportMixin, Report):
    __name__ = 'party.membership.list'

    @classmethod
    def get_memberships(cls, company, data):
        Membership = Pool().get('party.membership')
        domain = [
            ('company', '=', company.id),
            *Membership.in_force_domain(data['date']),
            ]
        if data.get('college'):
            domain.append(('type.college', '=', data['college']))
        return Membership.search(domain, order=[
                ('party.name', 'ASC'), ('place.name', 'ASC'), ('id', 'ASC')])

    @classmethod
    def get_context(cls, records, header, data):
        context = super().get_context(records, header, data)
        context['date'] = data['date']
        context['get_memberships'] = (
            lambda company: cls.get_memberships(company, data))
        return context

    @classmethod
    def get_tables(cls, records, data):
        return [
            Table("Adhérents", HEADERS, [
                    cls.get_row(m) for m in cls.get_memberships(company, data)])
            for company in records]

    @classmethod
    def get_row(cls, membership):
        party, type_ = membership.party, membership.type
        address = party.address_get()
        return [
            membership.number, party.name,
            membership.place.name if membership.place != party else None,
            type_.name, type_.college.name if type_.college else None,
            type_.assembly_votes, membership.start_date, membership.end_date,
            membership.amount, address.city if address else None,
            party.email, party.phone or party.mobile]
