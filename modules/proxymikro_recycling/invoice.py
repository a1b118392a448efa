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
    @without_check_access
    def _check_left(cls, invoices):
        "Refuse to post the sale of what did not leave, or is invoiced already"
        Lot = Pool().get('stock.lot')
        lines = [
            l for i in invoices if i.type == 'out' for l in i.line_lines
            if l.product and l.product.traced]
        # Two invoices at once of one move: the second sees the first
        Lot.write(Lot.browse(sorted(
                    {m.lot.id for l in lines for m in l.stock_moves
                        if m.lot})), {})
        for line in lines:
            names = {
                'invoice': line.invoice.rec_name, 'line': line.rec_name}
            if not line.has_left:
                raise InvoiceMoveError(gettext(
                        'proxymikro_recycling.msg_invoice_no_move', **names))
            if other := line.invoiced_also:
                raise InvoiceMoveError(gettext(
                        'proxymikro_recycling.msg_invoice_twice',
                        other=other.invoice.rec_name, **names))

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

    @classmethod
    def __setup__(cls):
        super().__setup__()
        # They say which lots were sold
        cls._check_modify_exclude.discard('stock_moves')

    @property
    def has_left(self):
        "Whether its stock moves show that all that it invoices left"
        if self.quantity < 0:
            # What a credit note takes back was invoiced with its moves
            return bool(
                isinstance(self.origin, self.__class__)
                and self.origin.quantity > 0
                and self.origin.invoice_state in {'posted', 'paid'}
                or self._done_moves('from_location'))
        return self._moved(self._done_moves('to_location')) >= self.quantity

    @property
    def invoiced_also(self):
        "Return another line that invoices what left, None if enough left"
        if self.quantity < 0:
            return
        moves = self._done_moves('to_location')
        others = {
            l for m in moves for l in m.invoice_lines
            if l != self and l.product == self.product
            and l.invoice and l.invoice.state != 'cancelled'
            and l.quantity > 0}
        quantity = self.quantity
        for other in others:
            moves |= other._done_moves('to_location')
            quantity += other._in_unit(other._kept_quantity, self.unit)
        if self._moved(moves) < self.unit.round(quantity):
            return max(others, key=int)

    @property
    def _kept_quantity(self):
        "The quantity that no credit note gave back"
        credits = self.search([
                ('origin', '=', str(self)),
                ('quantity', '<', 0),
                ('invoice.state', 'in', ['posted', 'paid']),
                ])
        return max(0, self.quantity + sum(
                c._in_unit(c.quantity, self.unit) for c in credits))

    def _done_moves(self, side):
        return {
            m for m in self.stock_moves
            if m.state == 'done' and m.product == self.product
            and getattr(m, side).type == 'customer'}

    def _moved(self, moves):
        Uom = Pool().get('product.uom')
        return self.unit.round(sum(
                Uom.compute_qty(m.unit, m.quantity, self.unit, round=False)
                for m in moves))

    def _in_unit(self, quantity, unit):
        Uom = Pool().get('product.uom')
        return Uom.compute_qty(self.unit, quantity, unit, round=False)

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
