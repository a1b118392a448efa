# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from itertools import groupby

from trytond.i18n import gettext
from trytond.pool import Pool
from trytond.transaction import Transaction, without_check_access

from .exceptions import MembershipCallError


class MembershipInvoiceMixin:
    "Call the fee of memberships by invoices"
    __slots__ = ()

    @classmethod
    def check_call(cls, memberships):
        """Refuse to call from who may not take the type.

        And to give for free what has a fee, but none on that date.
        """
        Lang = Pool().get('ir.lang')
        for membership in memberships:
            if not membership.type.accepts(membership.party):
                raise MembershipCallError(gettext(
                        'proxymikro_membership.msg_call_target',
                        party=membership.party.rec_name,
                        type=membership.type.rec_name))
            if (membership.type.fees and not membership.fees
                    and not membership.gratis):
                raise MembershipCallError(gettext(
                        'proxymikro_membership.msg_call_fee',
                        party=membership.party.rec_name,
                        type=membership.type.rec_name,
                        date=Lang.get().strftime(membership.start_date)))

    @classmethod
    @without_check_access
    def create_invoices(cls, memberships):
        Invoice = Pool().get('account.invoice')
        invoices = []
        for company, c_memberships in groupby(
                memberships, key=lambda m: m.company):
            with Transaction().set_context(company=company.id):
                c_memberships = cls.browse(list(c_memberships))
                cls._wait_for_number(company)
                for membership in c_memberships:
                    membership.invoice = membership.get_invoice()
                    invoices.append(membership.invoice)
                Invoice.save([m.invoice for m in c_memberships])
                cls.save(c_memberships)
        Invoice.post(Invoice.browse(invoices))

    @classmethod
    def _wait_for_number(cls, company):
        """Wait until the others have numbered their invoices.

        Who waits starts again: it must not have made its own yet.
        """
        pool = Pool()
        invoice = pool.get('account.invoice')(
            type='out', company=company, accounting_date=None,
            invoice_date=pool.get('ir.date').today(),
            sequence_type_cache='invoice')
        sequence, _ = invoice._number_sequence()
        sequence.lock()

    def get_invoice(self):
        pool = Pool()
        Invoice = pool.get('account.invoice')
        if not self.party.address_get(type='invoice'):
            raise MembershipCallError(gettext(
                    'proxymikro_membership.msg_call_address',
                    party=self.party.rec_name))
        invoice = Invoice(
            type='out', company=self.company, party=self.party,
            currency=self.company.currency,
            invoice_date=pool.get('ir.date').today(),
            description=self.type.name,
            engagement_number=self.engagement_number)
        invoice.set_journal()
        invoice.on_change_party()
        invoice.lines = [self.get_invoice_line(f, invoice) for f in self.fees]
        return invoice

    def get_invoice_line(self, fee, invoice):
        InvoiceLine = Pool().get('account.invoice.line')
        line = InvoiceLine(
            invoice=invoice, type='line', invoice_type='out',
            company=self.company, party=self.party,
            currency=self.company.currency,
            product=fee.product, quantity=1, origin=self)
        line.on_change_product()
        line.unit_price = self.fee_amount(fee)
        line.description = fee.description or fee.product.name
        return line
