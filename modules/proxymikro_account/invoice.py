# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import gettext
from trytond.model import fields
from trytond.pool import Pool, PoolMeta

from .company import VAT_REGIMES
from .exceptions import VATRegimeError


class Invoice(metaclass=PoolMeta):
    __name__ = 'account.invoice'

    @classmethod
    def _check_taxes(cls, invoices):
        super()._check_taxes(invoices)
        cls._check_vat_regime(invoices)

    @classmethod
    def _check_vat_regime(cls, invoices):
        "Refuse the legal sentence of another regime than the company's"
        pool = Pool()
        Data = pool.get('ir.model.data')

        regimes = {
            Data.get_id(f'proxymikro_account.tax_{regime}'): regime
            for regime, _ in VAT_REGIMES if regime}
        for invoice in invoices:
            if invoice.type != 'out':
                continue
            taxes = {
                regimes[t.tax.template.id]: t.tax for t in invoice.taxes
                if t.tax and t.tax.template and t.tax.template.id in regimes}
            expected = invoice.company.vat_regime
            wrong = [t for r, t in taxes.items() if r != expected]
            if (expected and wrong) or len(taxes) > 1:
                raise VATRegimeError(gettext(
                        'proxymikro_account.msg_invoice_vat_regime',
                        invoice=invoice.rec_name,
                        taxes=', '.join(t.rec_name for t in wrong)))


class InvoiceLine(metaclass=PoolMeta):
    __name__ = 'account.invoice.line'

    @fields.depends(
        'product', 'taxes', 'company', 'invoice', 'invoice_type',
        '_parent_invoice.type')
    def on_change_account(self):
        super().on_change_account()
        type_ = self.invoice_type
        if self.invoice and self.invoice.type:
            type_ = self.invoice.type
        if (type_ == 'out' and not self.product and not self.taxes
                and self.company and (tax := self.company.vat_tax)):
            self.taxes = [tax]
