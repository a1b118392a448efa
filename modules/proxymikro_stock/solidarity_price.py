# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.proxymikro_base.validity import ValidityMixin
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval

from .product import KINDS


class SolidarityPrice(ValidityMixin, ModelSQL, ModelView):
    __name__ = 'stock.solidarity.price'

    device_kind = fields.Selection(
        KINDS, "Kind of Device", required=True, sort=False)
    name = fields.Char(
        "What It Includes", required=True, translate=True,
        help="The whole that the price is for, in working order.")
    amount = fields.Numeric(
        "Most", digits=(None, 2), required=True,
        domain=[('amount', '>', 0)],
        help="The most that a person in hardship may pay for it, in euros, "
        "taxes included.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('device_kind', 'ASC'), ('start_date', 'DESC'), ('id', 'DESC')]

    @classmethod
    def get_amounts(cls, date):
        "Return the amount by kind in force on the date"
        return {
            p.device_kind: p.amount for p in cls.search(
                cls.valid_domain(date),
                order=[('start_date', 'ASC NULLS FIRST'), ('id', 'ASC')])}


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    solidarity_price = fields.Function(
        fields.Numeric(
            "Solidarity Price", digits=(None, 2),
            states={
                'invisible': ~Bool(Eval('solidarity_price')),
                },
            help="The most that a person in hardship may pay for the device "
            "today, in euros, if the association has the right to sell it "
            "to them."),
        'get_solidarity_price')

    @classmethod
    def get_solidarity_price(cls, lots, name):
        pool = Pool()
        Date = pool.get('ir.date')
        Price = pool.get('stock.solidarity.price')
        amounts = Price.get_amounts(Date.today())
        return {
            l.id: amounts.get(l.device_kind)
            if l.gift_regime and l.gift_regime.solidarity else None
            for l in lots}
