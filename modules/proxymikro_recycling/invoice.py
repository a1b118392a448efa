# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import gettext
from trytond.pool import Pool, PoolMeta
from trytond.transaction import Transaction, without_check_access

from .exceptions import InvoiceMoveError
from .resale import Sold, with_taxes


class Invoice(metaclass=PoolMeta):
    __name__ = 'account.invoice'

    @classmethod
    def _post(cls, invoices):
        cls._check_left(invoices)
        cls._check_sold(invoices)
        super()._post(invoices)

    @classmethod
    def _check_left(cls, invoices):
        "Refuse to post the sale of what did not leave the stock"
        for invoice in invoices:
            if invoice.type != 'out':
                continue
            for line in invoice.line_lines:
                if (line.product and line.product.traced
                        and not line.has_left):
                    raise InvoiceMoveError(gettext(
                            'proxymikro_recycling.msg_invoice_no_move',
                            invoice=invoice.rec_name,
                            line=line.rec_name))

    @classmethod
    @without_check_access
    def _check_sold(cls, invoices):
        """Refuse the devices whose price is not the one that the law allows.

        The parts have no price of the law, and their right was checked when
        they left.
        """
        Lot = Pool().get('stock.lot')
        Lot.check_sold([
                line._sold(lot)
                for invoice in invoices if invoice.type == 'out'
                for line in invoice.line_lines if line.quantity > 0
                for lot in dict.fromkeys(m.lot for m in line.stock_moves)
                if lot and lot.device])


class InvoiceLine(metaclass=PoolMeta):
    __name__ = 'account.invoice.line'

    @property
    def has_left(self):
        "Whether a stock move shows that what it invoices left"
        if any(m.state == 'done' for m in self.stock_moves):
            return True
        # What a credit note takes back was invoiced with its moves
        return (isinstance(self.origin, self.__class__)
            and self.quantity * self.origin.quantity < 0
            and self.origin.has_left)

    def _sold(self, lot):
        SaleLine = Pool().get('sale.line')
        buyer, date = self.invoice.party, self.invoice.invoice_date
        if isinstance(self.origin, SaleLine):
            # Another may pay for the buyer
            sold = self.origin.sold(lot)
            buyer, date = sold.buyer, sold.date
        if not date:
            with Transaction().set_context(company=self.invoice.company.id):
                date = Pool().get('ir.date').today()
        price = with_taxes(self.taxes, self.unit_price, date)
        return Sold(lot, buyer, price, date)
