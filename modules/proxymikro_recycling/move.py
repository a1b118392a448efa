# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from decimal import Decimal

from trytond.pool import Pool, PoolMeta
from trytond.transaction import Transaction, without_check_access

from .resale import Sold, with_taxes


class Move(metaclass=PoolMeta):
    __name__ = 'stock.move'

    @classmethod
    @without_check_access
    def _check_destinations(cls, moves):
        "Whatever document sells it, refuse what may not be sold so"
        Lot = Pool().get('stock.lot')
        super()._check_destinations(moves)
        if solds := [
                m._sold() for m in moves if m.to_location.type == 'customer']:
            Lot.check_sold(solds)

    def _sold(self):
        pool = Pool()
        SaleLine = pool.get('sale.line')
        if isinstance(self.origin, SaleLine):
            return self.origin.sold(self.lot)
        date, buyer = self._sold_on, self._buyer
        with Transaction().set_context(company=self.company.id):
            taxes = self.company.sale_taxes(
                self.product.customer_taxes_used, date, buyer, self.product)
        price = with_taxes(taxes, self.unit_price or Decimal(0), date)
        return Sold(self.lot, buyer, price, date)

    @property
    def _sold_on(self):
        if self.effective_date:
            return self.effective_date
        with Transaction().set_context(company=self.company.id):
            return Pool().get('ir.date').today()

    @property
    def _buyer(self):
        "Return who takes it when no sale says it, if any document does"
        return getattr(self.shipment, 'customer', None)
