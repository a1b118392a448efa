# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import gettext
from trytond.model import fields
from trytond.pool import Pool, PoolMeta

from .exceptions import VATRegimeError
from .vat_regime import EXEMPT


class Invoice(metaclass=PoolMeta):
    __name__ = 'account.invoice'

    @property
    def vat_date(self):
        """The date whose regime applies: the one of the invoice that a credit
        note corrects, if there is one."""
        dates = filter(None, (line.vat_date for line in self.lines))
        return min(dates, default=self.invoice_date)

    @classmethod
    def _check_taxes(cls, invoices):
        for invoice in invoices:
            if invoice.type == 'out':
                invoice._check_vat_regime()
        super()._check_taxes(invoices)

    def _check_vat_regime(self):
        "Refuse the taxes of another regime than the company's"
        pool = Pool()
        Data = pool.get('ir.model.data')
        Regime = pool.get('company.vat.regime')

        names = {
            Data.get_id('proxymikro_account', f'tax_{name}'): name
            for name in EXEMPT | {'reverse_charge'}}
        taxes = {
            t.tax: names.get(t.tax.template.id if t.tax.template else None)
            for t in self.taxes if t.tax}
        regime = self.company.vat_regime_at(self.vat_date)
        if regime in EXEMPT:
            wrong = [t for t, name in taxes.items() if name != regime]
        elif regime:
            wrong = [t for t, name in taxes.items() if name in EXEMPT]
        else:
            wrong = [t for t, name in taxes.items() if name][1:]
        if wrong:
            raise VATRegimeError(gettext(
                    'proxymikro_account.msg_invoice_vat_regime',
                    invoice=self.rec_name,
                    taxes=", ".join(t.rec_name for t in wrong),
                    regime=Regime.get_regime_string(regime)))
        if ('reverse_charge' in taxes.values()
                and not self.party.has_french_vat_number):
            raise VATRegimeError(gettext(
                    'proxymikro_account.msg_invoice_reverse_charge',
                    invoice=self.rec_name,
                    party=self.party.rec_name))


class InvoiceLine(metaclass=PoolMeta):
    __name__ = 'account.invoice.line'

    @property
    def vat_date(self):
        origin = getattr(self, 'origin', None)
        if (origin and origin.__name__ == 'account.invoice.line'
                and origin.invoice):
            return origin.invoice.invoice_date
        return self.invoice.invoice_date if self.invoice else None

    @fields.depends(
        'taxes', 'product', 'company', 'party', 'invoice', 'invoice_type',
        'origin', '_parent_invoice.type', '_parent_invoice.party',
        '_parent_invoice.invoice_date')
    def _follow_vat_regime(self):
        "Give the line the taxes of the regime"
        if not self.company:
            return
        type_, party, date = self.invoice_type, self.party, self.vat_date
        if self.invoice:
            type_ = self.invoice.type or type_
            party = self.invoice.party or party
        taxes = self.taxes or []
        if type_ == 'out':
            self.taxes = self.company.sale_taxes(
                taxes, date, party, self.product)
        elif type_ == 'in':
            self.taxes = self.company.purchase_taxes(taxes, date)

    @fields.depends('product', methods=['_follow_vat_regime'])
    def on_change_product(self):
        super().on_change_product()
        if self.product:
            self._follow_vat_regime()

    @fields.depends('product', methods=['_follow_vat_regime'])
    def on_change_account(self):
        super().on_change_account()
        if not self.product:
            self._follow_vat_regime()
