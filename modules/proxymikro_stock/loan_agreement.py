# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.modules.company import CompanyReport
from trytond.modules.proxymikro_base.report import HTMLReportMixin


class LoanAgreement(HTMLReportMixin, CompanyReport):
    __name__ = 'stock.loan.agreement'
