# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import gettext
from trytond.pool import PoolMeta

from .exceptions import InvoiceMoveError


class Invoice(metaclass=PoolMeta):
    __name__ = 'account.invoice'

    @classmethod
    def _post(cls, invoices):
        cls._check_component_moves(invoices)
        super()._post(invoices)

    @classmethod
    def _check_component_moves(cls, invoices):
        "Refuse to post the sale of a part that did not leave the stock"
        for invoice in invoices:
            if invoice.type != 'out':
                continue
            for line in invoice.line_lines:
                if (line.product and line.product.component_kind
                        and not any(
                            m.state == 'done' for m in line.stock_moves)):
                    raise InvoiceMoveError(gettext(
                            'proxymikro_recycling.msg_invoice_no_move',
                            invoice=invoice.rec_name,
                            line=line.rec_name))
