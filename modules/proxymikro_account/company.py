# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.model import fields
from trytond.pool import Pool, PoolMeta

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

    @property
    def vat_tax(self):
        "The tax of the regime, if there is one"
        pool = Pool()
        Data = pool.get('ir.model.data')
        Tax = pool.get('account.tax')

        if not self.vat_regime:
            return
        taxes = Tax.search([
                ('company', '=', self.id),
                ('template', '=', Data.get_id(
                        f'proxymikro_account.tax_{self.vat_regime}')),
                ], limit=1)
        if taxes:
            return taxes[0]
