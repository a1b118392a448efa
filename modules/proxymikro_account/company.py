# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.transaction import Transaction, without_check_access

from .vat_regime import EXEMPT, VAT_REGIMES


class Company(metaclass=PoolMeta):
    __name__ = 'company.company'

    vat_regimes = fields.One2Many(
        'company.vat.regime', 'company', "VAT Regimes",
        help="The regime drives the taxes of customer invoices and the legal "
        "sentence they print.")
    vat_regime = fields.Function(fields.Selection(
            [(None, "")] + VAT_REGIMES, "VAT Regime",
            help="The regime in force today."),
        'get_vat_regime')

    @classmethod
    def get_vat_regime(cls, companies, name):
        date = Transaction().context.get('date')
        return {c.id: c.vat_regime_at(date) for c in companies}

    @classmethod
    def save_association(cls, party, values):
        party = super().save_association(party, values)
        party.legal_kind = 'association'
        party.save()
        return party

    def vat_regime_at(self, date=None):
        "Return the regime in force on the date, today by default"
        pool = Pool()
        Date = pool.get('ir.date')
        Regime = pool.get('company.vat.regime')

        if not date:
            with Transaction().set_context(company=self.id):
                date = Date.today()
        for start_date, regime in Regime.get_regimes(self):
            if start_date <= date:
                return regime

    @without_check_access
    def regime_tax(self, name):
        "Return the tax 'exemption', 'franchise' or 'reverse_charge'"
        pool = Pool()
        Data = pool.get('ir.model.data')
        Tax = pool.get('account.tax')

        taxes = Tax.search([
                ('company', '=', self.id),
                ('template', '=', Data.get_id(
                        'proxymikro_account', f'tax_{name}')),
                ], limit=1)
        if taxes:
            return taxes[0]

    def sale_taxes(self, taxes, date=None, party=None, product=None):
        "Return what the regime makes of the taxes of a sale"
        regime = self.vat_regime_at(date)
        if regime in EXEMPT:
            name = regime
        elif (regime == 'liable' and taxes
                and product and product.account_category
                and product.account_category.reverse_charge
                and party and party.has_french_vat_number):
            name = 'reverse_charge'
        else:
            return taxes
        if tax := self.regime_tax(name):
            return [tax]
        return taxes

    def purchase_taxes(self, taxes, date=None):
        "Return the taxes of a purchase: who is not liable recovers none"
        if self.vat_regime_at(date) in EXEMPT:
            return []
        return taxes
