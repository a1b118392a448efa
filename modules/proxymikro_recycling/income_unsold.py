# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The parts and the scrap that were not sold on a day, for the annexe."""
from sql import Cast, Literal, Null
from sql.aggregate import Max, Sum
from sql.conditionals import Case, Coalesce
from sql.functions import Round

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.transaction import Transaction

from .income_query import get_date, in_
from .lot import STORES
from .product import COMPONENT_KINDS
from .rounding import round_to

# More than the places that there will ever be, in the identifier of a row
PLACES = 1_000_000


class IncomeUnsold(ModelSQL, ModelView):
    __name__ = 'recycling.income.unsold'

    lot = fields.Many2One('stock.lot', "Lot")
    product = fields.Many2One('product.product', "Product")
    kind = fields.Selection(COMPONENT_KINDS, "Kind of Part", sort=False)
    location = fields.Many2One('stock.location', "Place")
    date = fields.Date("Since")
    quantity = fields.Float("Quantity", digits='unit')
    unit = fields.Many2One('product.uom', "Unit")
    weight = fields.Float("Weight (kg)", digits=(None, 3))
    value = Monetary(
        "Estimated Value", currency='currency', digits='currency',
        help="What the buyer whose list paid most that day would have given. "
        "Empty where no list gives a price.")
    currency = fields.Many2One('currency.currency', "Currency")
    device_names = fields.Function(fields.Char("Devices"), 'get_names')
    donor_names = fields.Function(fields.Char("Donors"), 'get_names')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('kind', 'ASC'), ('lot', 'ASC'), ('id', 'ASC')]

    def get_rec_name(self, name):
        return self.lot.rec_name

    @classmethod
    def get_names(cls, rows, names):
        return Pool().get('recycling.income').get_names(rows, names)

    @classmethod
    def _stored(cls):
        "Return what the parts store and the scrap cage held of each lot"
        pool = Pool()
        move = pool.get('stock.move').__table__()
        location = pool.get('stock.location').__table__()
        enters = move.to_location == location.id
        return move.join(location,
            condition=in_(location.stage, STORES)
            & (enters | (move.from_location == location.id))
            ).select(
            move.lot, location.id.as_('location'),
            Max(Case((enters, move.effective_date), else_=Null)
                ).as_('date'),
            round_to(
                Sum(Case((enters, move.internal_quantity),
                        else_=-move.internal_quantity)), 6).as_('quantity'),
            where=(move.lot != Null) & (move.state == 'done')
            & (move.company == Transaction().context.get('company', -1))
            & (move.effective_date <= get_date()),
            group_by=[move.lot, location.id])

    @classmethod
    def table_query(cls):
        pool = Pool()
        lot = pool.get('stock.lot').__table__()
        product = pool.get('product.product').__table__()
        template = pool.get('product.template').__table__()
        company = pool.get('company.company').__table__()
        stored = cls._stored()
        weight = stored.quantity * Case(
            (lot.unit == Null, 1),
            else_=Coalesce(lot.weight, template.usual_weight))
        return (stored
            .join(lot, condition=stored.lot == lot.id)
            .join(product, condition=lot.product == product.id)
            .join(template, condition=product.template == template.id)
            .join(company,
                condition=company.id == Transaction().context.get(
                    'company', -1))
            .select(
                (Cast(lot.id, 'BIGINT') * Literal(PLACES)
                    + stored.location).as_('id'),
                lot.id.as_('lot'), product.id.as_('product'),
                template.component_kind.as_('kind'), stored.location,
                stored.date, stored.quantity,
                template.default_uom.as_('unit'),
                weight.as_('weight'),
                cls._value(lot, stored.quantity, weight).as_('value'),
                company.currency,
                where=(stored.quantity > 0)
                & (template.component_kind != Null)))

    @classmethod
    def _value(cls, lot, quantity, weight):
        "Return the most that a list in force on the day would give for it"
        StoreValue = Pool().get('recycling.store.value')
        with Transaction().set_context(
                store_date=get_date(), store_buyer=None):
            prices = StoreValue._prices()
        cast = cls.value.sql_cast
        # What is only known by weight is not bought by the piece
        by_unit = Case(
            (prices.category == StoreValue._weight_category(), weight),
            else_=Case((lot.unit != Null, quantity), else_=Null))
        value = Round(
            cast(cast(by_unit) * cast(prices.price) / cast(prices.factor)), 2)
        return prices.select(
            cast(Max(value)), where=prices.grade == lot.grade)
