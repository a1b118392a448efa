# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is signed at the counter, and at the member's once a year."""
from itertools import groupby

from trytond.modules.company import CompanyReport
from trytond.modules.proxymikro_base.report import HTMLReportMixin
from trytond.pool import Pool
from trytond.report import Report


class LoanDeliverySlip(HTMLReportMixin, CompanyReport):
    __name__ = 'stock.loan.delivery_slip'


class LoanReturnSlip(HTMLReportMixin, CompanyReport):
    __name__ = 'stock.loan.return_slip'


class MemberEquipment(HTMLReportMixin, Report):
    __name__ = 'party.equipment'

    @classmethod
    def get_context(cls, records, header, data):
        context = super().get_context(records, header, data)
        context['places'] = cls.get_places
        return context

    @classmethod
    def get_places(cls, party):
        "Return the place and the open lines of each, of what the party has"
        Line = Pool().get('stock.loan.line')

        def place(line):
            return line.loan.place or line.loan.borrower

        lines = Line.search([
                ('open_device', '!=', None),
                ['OR',
                    ('loan.borrower', '=', party.id),
                    ('loan.place', '=', party.id),
                    ],
                ], order=[('lot.number', 'ASC')])
        lines.sort(key=lambda line: place(line).id)
        return [
            (key, list(group))
            for key, group in groupby(lines, key=place)]
