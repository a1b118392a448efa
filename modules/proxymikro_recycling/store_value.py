# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the parts store is worth, at the prices of the buyers' lists."""
from sql import Literal, Null, Window
from sql.aggregate import Max, Min, Sum
from sql.conditionals import Case, Coalesce
from sql.functions import Round, RowNumber

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.modules.product import price_digits
from trytond.pool import Pool
from trytond.transaction import Transaction

from .product import COMPONENT_KINDS

# A milligram, or a thousandth of a piece: below is rounding
EPSILON = 0.000001


class StoreValue(ModelSQL, ModelView):
    __name__ = 'recycling.store.value'

    grade = fields.Many2One('recycling.grade', "Grade")
    grade_name = fields.Function(fields.Char("Grade"), 'get_grade_name')
    kind = fields.Selection(COMPONENT_KINDS, "Kind of Part", sort=False)
    pieces = fields.Float("Pieces", digits=(None, 0))
    weight = fields.Float(
        "Weight", digits=(None, 3),
        help="The weight in kg, with the usual weight of the pieces that were "
        "not weighed.")
    estimated = fields.Boolean(
        "Estimated",
        help="Whether the weight rests on the usual weight of a piece.")
    price = Monetary("Price", currency='currency', digits=price_digits)
    unit = fields.Many2One('product.uom', "Per")
    list = fields.Many2One('recycling.price.list', "Price List")
    value = Monetary(
        "Value", currency='currency', digits='currency',
        help="What the buyer of the list would pay for it all. Empty where "
        "no list gives a price.")
    currency = fields.Many2One('currency.currency', "Currency")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('value', 'DESC NULLS LAST'), ('grade', 'ASC'), ('id', 'ASC')]

    def get_rec_name(self, name):
        return self.grade_name

    def get_grade_name(self, name):
        return self.grade.code if self.grade else '-'

    @classmethod
    def table_query(cls):
        "Return each grade at the best of the prices that it has"
        groups, prices = cls._groups(), cls._prices()
        cast = cls.value.sql_cast
        quantity = Case(
            (prices.category == cls._weight_category(), groups.weight),
            else_=groups.pieces)
        value = cls.value.sql_cast(
            Round(cast(quantity) * cast(prices.price) / cast(prices.factor),
                2))
        priced = groups.join(
            prices, 'LEFT', condition=prices.grade == groups.grade).select(
            groups.id, groups.grade, groups.kind, groups.pieces,
            groups.weight, groups.estimated, prices.price, prices.unit,
            prices.list, value.as_('value'))
        ranked = priced.select(
            *(getattr(priced, n).as_(n) for n in [
                    'id', 'grade', 'kind', 'pieces', 'weight', 'estimated',
                    'price', 'unit', 'list', 'value']),
            RowNumber(window=Window(
                    [priced.id],
                    order_by=[priced.value.desc, priced.list.asc])
                ).as_('rank'))
        return ranked.select(
            ranked.id, ranked.grade, ranked.kind, ranked.pieces,
            ranked.weight, ranked.estimated, ranked.price, ranked.unit,
            ranked.list, ranked.value,
            cls.currency.sql_cast(
                Literal(cls._get_currency())).as_('currency'),
            where=ranked.rank == 1)

    @classmethod
    def _groups(cls):
        "Return the quantities by grade and kind"
        lots = cls._lots()
        return lots.select(
            Min(lots.id).as_('id'), lots.grade, lots.kind,
            Sum(lots.pieces).as_('pieces'), Sum(lots.weight).as_('weight'),
            (Max(lots.estimated) > 0).as_('estimated'),
            group_by=[lots.grade, lots.kind])

    @classmethod
    def _lots(cls):
        "Return what the stores held of each lot at the end of the day"
        pool = Pool()
        Lot = pool.get('stock.lot')
        lot = Lot.__table__()
        product = pool.get('product.product').__table__()
        template = pool.get('product.template').__table__()
        uom = pool.get('product.uom').__table__()
        move, stored = Lot._stored_query()
        stored.where &= (move.effective_date <= cls._get_date())
        if company := Transaction().context.get('company'):
            stored.where &= move.company == company
        bulk = uom.category == cls._weight_category()
        quantity = stored.quantity
        return (stored
            .join(lot, condition=stored.lot == lot.id)
            .join(product, condition=lot.product == product.id)
            .join(template, condition=product.template == template.id)
            .join(uom, condition=template.default_uom == uom.id)
            .select(
                lot.id.as_('id'), lot.grade.as_('grade'),
                template.component_kind.as_('kind'),
                Case((bulk, 0), else_=quantity).as_('pieces'),
                (quantity * Case(
                        (bulk, uom.factor),
                        else_=Coalesce(
                            lot.weight, template.usual_weight, 0))
                    ).as_('weight'),
                Case(((lot.weight_origin == 'usual')
                        | (~bulk & (lot.weight == Null)), 1),
                    else_=0).as_('estimated'),
                where=(template.component_kind != Null)
                & (quantity > EPSILON)))

    @classmethod
    def _prices(cls):
        "Return the prices of the lists in force on the day"
        pool = Pool()
        PriceList = pool.get('recycling.price.list')
        line = pool.get('recycling.price.list.line').__table__()
        uom = pool.get('product.uom').__table__()
        context = Transaction().context
        table, lists = PriceList.in_force_query(cls._get_date())
        if company := context.get('company'):
            lists.where &= table.company == company
        if buyer := context.get('store_buyer'):
            lists.where &= table.buyer == buyer
        return line.join(uom, condition=line.unit == uom.id).select(
            line.grade, line.list, line.price, line.unit, uom.category,
            uom.factor,
            where=line.list.in_(lists))

    @classmethod
    def _get_date(cls):
        return (Transaction().context.get('store_date')
            or Pool().get('ir.date').today())

    @classmethod
    def _weight_category(cls):
        return Pool().get('ir.model.data').get_id('product', 'uom_cat_weight')

    @classmethod
    def _get_currency(cls):
        Company = Pool().get('company.company')
        company = Transaction().context.get('company')
        return Company(company).currency.id if company else None


class StoreValueContext(ModelView):
    __name__ = 'recycling.store.value.context'

    store_date = fields.Date(
        "On", required=True,
        help="What was in store at the end of this day, at the prices of "
        "the lists then in force.")
    store_buyer = fields.Many2One(
        'party.party', "Buyer",
        help="Whose list gives the prices. Leave empty to take for each grade "
        "the list that pays most.")

    @classmethod
    def default_store_date(cls):
        return (Transaction().context.get('store_date')
            or Pool().get('ir.date').today())

    @classmethod
    def default_store_buyer(cls):
        return Transaction().context.get('store_buyer')
