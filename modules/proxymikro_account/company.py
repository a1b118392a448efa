# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.model import fields
from trytond.pool import PoolMeta

VAT_REGIMES = [
    (None, ""),
    ('franchise', "Exempt as a Small Business (CGI art. 293 B)"),
    ('exemption', "Exempt as a Non-Profit (CGI art. 261, 7-1°)"),
    ]


class Company(metaclass=PoolMeta):
    __name__ = 'company.company'

    vat_regime = fields.Selection(
        VAT_REGIMES, "VAT Regime",
        help="Customer invoices may only carry the tax of this regime, "
        "so that they print one legal sentence and never two.")
