# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What an invoice says of the direct debits which pay it."""
from trytond.pool import PoolMeta


class Invoice(metaclass=PoolMeta):
    __name__ = 'account.invoice'

    @property
    def debits(self):
        return [p for p in self._get_debits() if p.state != 'failed']

    @property
    def failed_debits(self):
        return [p for p in self._get_debits() if p.state == 'failed']

    def _get_debits(self):
        return [
            payment for line in self.lines_to_pay if not line.reconciliation
            for payment in line.payments
            if payment.kind == 'receivable'
            and payment.process_method == 'sepa']


class Payment(metaclass=PoolMeta):
    __name__ = 'account.payment'

    @property
    def mandate_identification(self):
        "The reference of the mandate (RUM)"
        return self.sepa_mandate.identification if self.sepa_mandate else None

    @property
    def creditor_identifier(self):
        "The identifier of the association as a creditor (ICS)"
        return self.company.party.sepa_creditor_identifier_used

    @property
    def debited_account(self):
        "The last characters of the number of the account"
        number = self.sepa_bank_account_number
        return f'…{number.number_compact[-4:]}' if number else None
