# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The invoice as the customer gets it, with all that the law wants on it."""
from trytond.model import ModelSQL, ModelView, fields, sequence_ordered
from trytond.modules.proxymikro_base.report import (
    HTMLReportMixin, letterhead)
from trytond.modules.proxymikro_base.validity import ValidityMixin
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import without_check_access

from .vat_regime import EXEMPT


class InvoiceMention(
        ValidityMixin, sequence_ordered(), ModelSQL, ModelView):
    __name__ = 'account.invoice.mention'

    name = fields.Char("Name", required=True)
    customer = fields.Selection([
            (None, "All"),
            ('individual', "Individuals"),
            ('professional', "Professionals"),
            ('public', "Public Bodies"),
            ], "Customers", sort=False,
        help="On whose invoices the mention is printed.")
    text = fields.Text("Text", required=True)

    @classmethod
    @without_check_access
    def get_texts(cls, customer, date):
        "Return what the invoices of a kind of customer say on the date"
        return [m.text for m in cls.search([
                    ('customer', 'in', [None, customer]),
                    *cls.valid_domain(date),
                    ])]


class Invoice(metaclass=PoolMeta):
    __name__ = 'account.invoice'

    _public_states = {
        'invisible': Eval('type') != 'out',
        'readonly': Eval('state').in_(['posted', 'paid', 'cancelled']),
        }
    engagement_number = fields.Char(
        "Engagement Number", states=_public_states,
        help="The number under which a public body has set the money aside.")
    service_code = fields.Char(
        "Service Code", states=_public_states,
        help="The service of the public body which receives the invoice.")
    del _public_states

    @property
    def debits(self):
        "The direct debits which are to pay it, but those which failed"
        return []

    @property
    def failed_debits(self):
        return []

    @fields.depends('type', 'party', 'service_code')
    def on_change_party(self):
        super().on_change_party()
        if self.type == 'out':
            self.service_code = (
                self.party.service_code if self.party else None)


class InvoiceReport(HTMLReportMixin, metaclass=PoolMeta):
    __name__ = 'account.invoice'

    @classmethod
    def get_context(cls, records, header, data):
        pool = Pool()
        Mention = pool.get('account.invoice.mention')
        context = super().get_context(records, header, data)
        invoice = context['invoice']
        date = invoice.invoice_date or context['today']
        context['company'] = invoice.company
        context['letterhead'] = letterhead(invoice.company)
        context['with_tax'] = any(t.amount for t in invoice.taxes)
        context['notices'] = cls.get_notices(invoice)
        context['mentions'] = []
        if invoice.type == 'out' and invoice.total_amount >= 0:
            context['mentions'] = Mention.get_texts(
                invoice.party.customer_kind, date)
        context['maturities'] = sorted(
            (line.maturity_date or date, line.debit - line.credit)
            for line in invoice.lines_to_pay)
        context['ibans'] = cls.get_ibans(invoice)
        context['operation'] = cls.get_operation(invoice)
        context['corrected'] = {
            line.origin.invoice for line in invoice.lines
            if line.origin and line.origin.__name__ == 'account.invoice.line'
            and line.origin.invoice}
        return context

    @classmethod
    def get_notices(cls, invoice):
        """Return the legal sentences of the taxes; a line without tax does
        not free the association from the one of its regime."""
        notices = list(dict.fromkeys(
                t.legal_notice for t in invoice.taxes if t.legal_notice))
        if not notices and invoice.type == 'out':
            regime = invoice.company.vat_regime_at(invoice.vat_date)
            if regime in EXEMPT:
                tax = invoice.company.regime_tax(regime)
                notices = [tax.legal_notice] if tax else []
        return notices

    @classmethod
    def get_ibans(cls, invoice):
        if invoice.type != 'out' or invoice.state == 'paid':
            return []
        return [
            number.number
            for account in invoice.company.party.bank_accounts
            if not account.currency or account.currency == invoice.currency
            for number in account.numbers if number.type == 'iban'][:1]

    @classmethod
    def get_operation(cls, invoice):
        "Return whether goods, services or both are invoiced"
        kinds = {
            line.product.type == 'service'
            for line in invoice.lines if line.product}
        if len(kinds) == 2:
            return 'mixed'
        if kinds:
            return 'service' if kinds.pop() else 'goods'
