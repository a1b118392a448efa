# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The price that the list of the buyer gives to the parts that are sold."""
from decimal import Decimal

from trytond.model import ModelView, Workflow, fields
from trytond.modules.currency.fields import Monetary
from trytond.modules.product import price_digits, round_price
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval


class Sale(metaclass=PoolMeta):
    __name__ = 'sale.sale'

    @classmethod
    @ModelView.button
    @Workflow.transition('quotation')
    def quote(cls, sales):
        cls._set_list_prices(sales)
        super().quote(sales)

    @classmethod
    def _set_list_prices(cls, sales):
        "Keep what the lists say, as they say it on the day of the quotation"
        pool = Pool()
        Line = pool.get('sale.line')
        PriceList = pool.get('recycling.price.list')
        lines = []
        for sale in sales:
            prices = PriceList.get_prices(
                sale.party, sale.sale_date, sale.company)
            for line in sale.line_lines:
                if line.lots:
                    line.buyer_price = line._get_buyer_price(prices)
                    lines.append(line)
        Line.save(lines)


class SaleLine(metaclass=PoolMeta):
    __name__ = 'sale.line'

    buyer_price = Monetary(
        "Price of the List", currency='currency', digits=price_digits,
        readonly=True,
        states={
            'invisible': ~Eval('buyer_price'),
            },
        help="What the price list of the buyer, in force on the date of the "
        "sale, gives for these parts by their grades.")

    @fields.depends(
        'lots', 'unit_price', 'buyer_price', 'sale', '_parent_sale.party',
        '_parent_sale.sale_date',
        methods=['on_change_with_company', 'on_change_with_amount'])
    def on_change_lots(self):
        PriceList = Pool().get('recycling.price.list')
        super().on_change_lots()
        proposed, self.buyer_price = self.buyer_price, None
        if self.lots and self.sale and self.sale.party:
            self.buyer_price = self._get_buyer_price(PriceList.get_prices(
                    self.sale.party, self.sale.sale_date,
                    self.on_change_with_company()))
        # A price that was typed stays
        if (self.buyer_price is not None
                and self.unit_price in {None, proposed}):
            self.unit_price = self.buyer_price
            self.amount = self.on_change_with_amount()

    def _get_buyer_price(self, prices):
        """Return what the list pays for one unit, None if it misses a lot.

        Lots of several weights or grades share one price, their mean.
        """
        value = total = Decimal(0)
        for lot in self.lots:
            # What has left still has its price
            quantity = lot.available or lot.unit_quantity or 1
            line = prices.get(lot.grade)
            amount = line.get_value(lot, quantity) if line else None
            if amount is None:
                return None
            value += amount
            total += Decimal(str(quantity))
        return round_price(value / total)

    @classmethod
    def copy(cls, lines, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('buyer_price', None)
        return super().copy(lines, default=default)
