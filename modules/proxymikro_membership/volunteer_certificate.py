# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The certificate of the time that a volunteer gave in a year."""
import datetime as dt

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.company import CompanyReport
from trytond.modules.proxymikro_base.report import (
    FrenchReportMixin, HTMLReportMixin)
from trytond.pool import Pool
from trytond.wizard import Button, StateReport, StateView, Wizard

from .exceptions import VolunteerTimeError


class VolunteerCertificateStart(ModelView):
    __name__ = 'volunteer.certificate.start'

    year = fields.Integer(
        "Year", required=True,
        domain=[('year', '>=', 1901), ('year', '<=', 9999)],
        help="The civil year whose hours are certified.")

    @classmethod
    def default_year(cls):
        "Certificates of a year are asked for in the following months"
        today = Pool().get('ir.date').today()
        return today.year if today.month > 6 else today.year - 1


class PrintVolunteerCertificate(Wizard):
    __name__ = 'volunteer.certificate.print'

    start = StateView('volunteer.certificate.start',
        'proxymikro_membership.volunteer_certificate_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Print", 'print_', 'tryton-print', default=True),
            ])
    print_ = StateReport('volunteer.certificate')

    def do_print_(self, action):
        return action, {
            'ids': [r.id for r in self.records],
            'year': self.start.year,
            }


class VolunteerCertificate(
        FrenchReportMixin, HTMLReportMixin, CompanyReport):
    __name__ = 'volunteer.certificate'

    @classmethod
    def get_context(cls, records, header, data):
        Hours = Pool().get('volunteer.hours')
        context = super().get_context(records, header, data)
        context['start_date'] = dt.date(data['year'], 1, 1)
        context['end_date'] = dt.date(data['year'], 12, 31)
        context['hours'] = Hours.of_period(
            records, context['start_date'], context['end_date'])
        for employee in records:
            if not context['hours'][employee.id]:
                raise VolunteerTimeError(gettext(
                        'proxymikro_membership.msg_volunteer_certificate',
                        employee=employee.rec_name, year=data['year']))
        return context
