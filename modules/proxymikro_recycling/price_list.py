# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What a buyer pays for each grade, from a day on.

A list stays in force until the next one of the same buyer starts, or until
the day it says: no two are ever in force on the same day.
"""
import datetime as dt
from collections import defaultdict
from decimal import Decimal

from sql import Literal, Null
from sql.operators import Exists

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.modules.currency.fields import Monetary
from trytond.modules.product import price_digits
from trytond.modules.proxymikro_base.search import search_any
from trytond.pool import Pool
from trytond.pyson import Eval, Id, If
from trytond.tools import grouped_slice
from trytond.transaction import Transaction, without_check_access

from .exceptions import PriceListOverlapError


class PriceList(ModelSQL, ModelView):
    __name__ = 'recycling.price.list'

    company = fields.Many2One(
        'company.company', "Company", required=True, ondelete='RESTRICT')
    buyer = fields.Many2One(
        'party.party', "Buyer", required=True, ondelete='RESTRICT',
        context={
            'company': Eval('company', -1),
            },
        depends={'company'})
    start_date = fields.Date(
        "From", required=True,
        domain=[
            If(Eval('start_date') & Eval('end_date'),
                ('start_date', '<=', Eval('end_date')),
                ()),
            ],
        help="The list is in force from this day on.")
    end_date = fields.Date(
        "Until",
        domain=[
            If(Eval('start_date') & Eval('end_date'),
                ('end_date', '>=', Eval('start_date')),
                ()),
            ],
        help="The last day of the list. Leave empty for until the next list "
        "of the buyer.")
    in_force = fields.Function(
        fields.Boolean("In Force", help="Whether its prices are today's."),
        'get_in_force', searcher='search_in_force')
    reference = fields.Char(
        "Reference",
        help="What names the document of the buyer: attach it here.")
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    lines = fields.One2Many('recycling.price.list.line', 'list', "Prices")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('start_unique', Unique(t, t.company, t.buyer, t.start_date),
                'proxymikro_recycling.msg_price_list_start_unique'),
            ]
        cls._order = [
            ('buyer', 'ASC'), ('start_date', 'DESC'), ('id', 'DESC')]

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_start_date(cls):
        return Pool().get('ir.date').today()

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return f'{self.buyer.rec_name} {lang.strftime(self.start_date)}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return search_any(clause, 'buyer.rec_name', 'reference')

    @classmethod
    def in_force_query(cls, date):
        "Return the table and the query of the lists in force on the date"
        table, later = cls.__table__(), cls.__table__()
        return table, table.select(table.id,
            where=(table.start_date <= date)
            & ((table.end_date == Null) | (table.end_date >= date))
            & ~Exists(later.select(Literal(1),
                    where=(later.company == table.company)
                    & (later.buyer == table.buyer)
                    & (later.start_date > table.start_date)
                    & (later.start_date <= date))))

    @classmethod
    def get_in_force(cls, lists, name):
        cursor = Transaction().connection.cursor()
        result = dict.fromkeys(map(int, lists), False)
        for sub_ids in grouped_slice(list(result), 500):
            table, query = cls.in_force_query(Pool().get('ir.date').today())
            query.where &= fields.SQL_OPERATORS['in'](
                table.id, list(sub_ids))
            cursor.execute(*query)
            result.update((id_, True) for id_, in cursor)
        return result

    @classmethod
    def search_in_force(cls, name, clause):
        _, operator, value = clause
        _, query = cls.in_force_query(Pool().get('ir.date').today())
        wanted = (operator == '=') == bool(value)
        return [('id', 'in' if wanted else 'not in', query)]

    @classmethod
    def get_prices(cls, buyer, date=None, company=None):
        "Return by grade the line of the buyer's list in force on the date"
        Date = Pool().get('ir.date')
        if company is None:
            company = Transaction().context.get('company')
        with Transaction().set_context(
                company=int(company) if company else None):
            date = date or Date.today()
        table, query = cls.in_force_query(date)
        query.where &= table.buyer == int(buyer)
        if company:
            query.where &= table.company == int(company)
        lists = cls.search([('id', 'in', query)], limit=1)
        return {l.grade: l for list_ in lists for l in list_.lines}

    @classmethod
    def validate_fields(cls, lists, field_names):
        super().validate_fields(lists, field_names)
        if field_names is None or field_names & {
                'company', 'buyer', 'start_date', 'end_date'}:
            cls.check_overlap(lists)

    @classmethod
    @without_check_access
    def check_overlap(cls, lists):
        """Refuse a list that ends after the next one of its buyer starts.

        The buyers are written first: whatever two people do at once, the
        second sees what the first did.
        """
        Party = Pool().get('party.party')
        Party.write(list({l.buyer for l in lists}), {})
        by_buyer = defaultdict(list)
        for list_ in cls.search([
                    ('buyer', 'in', [l.buyer.id for l in lists]),
                    ], order=[('start_date', 'ASC'), ('id', 'ASC')]):
            by_buyer[list_.company, list_.buyer].append(list_)
        for siblings in by_buyer.values():
            for list_, next_ in zip(siblings, siblings[1:]):
                if list_.end_date and list_.end_date >= next_.start_date:
                    raise PriceListOverlapError(gettext(
                            'proxymikro_recycling.msg_price_list_overlap',
                            list=list_.rec_name, next=next_.rec_name))

    @classmethod
    def copy(cls, lists, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('end_date', None)
        default.setdefault('reference', None)
        default.setdefault(
            'start_date', lambda o: cls._next_start(o['buyer'], o['company']))
        # One by one, as a list starts after the one copied just before
        return [
            copy for list_ in lists
            for copy in super(PriceList, cls).copy([list_], default=default)]

    @classmethod
    def _next_start(cls, buyer, company):
        "Return the first day, today or after, on which a list may start"
        day = dt.timedelta(days=1)
        taken = [
            d + day for l in cls.search([
                    ('buyer', '=', buyer), ('company', '=', company)])
            for d in (l.start_date, l.end_date) if d]
        return max([Pool().get('ir.date').today(), *taken])


class PriceListLine(ModelSQL, ModelView):
    __name__ = 'recycling.price.list.line'

    list = fields.Many2One(
        'recycling.price.list', "Price List", required=True,
        ondelete='CASCADE')
    grade = fields.Many2One(
        'recycling.grade', "Grade", required=True, ondelete='RESTRICT')
    price = Monetary(
        "Price", currency='currency', digits=price_digits, required=True,
        domain=[('price', '>=', 0)],
        help="What the buyer pays for one unit of the grade.")
    unit = fields.Many2One(
        'product.uom', "Per", required=True, ondelete='RESTRICT',
        domain=[
            ('category', 'in', [
                    Id('product', 'uom_cat_unit'),
                    Id('product', 'uom_cat_weight')]),
            ],
        help="What the price is for: a piece, or a kg.")
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('list')
        t = cls.__table__()
        cls._sql_constraints += [
            ('grade_unique', Unique(t, t.list, t.grade),
                'proxymikro_recycling.msg_price_list_grade_unique'),
            ]
        cls._order = [
            ('list', 'DESC'), ('grade.code', 'ASC'), ('id', 'ASC')]

    @fields.depends('grade', 'unit')
    def on_change_grade(self):
        if self.grade and not self.unit:
            self.unit = self.grade.unit

    @fields.depends('list', '_parent_list.currency')
    def on_change_with_currency(self, name=None):
        return self.list.currency if self.list else None

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        price = lang.currency(
            self.price, self.currency, digits=price_digits[1])
        return f'{self.grade.code} {price}/{self.unit.symbol}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return search_any(clause, 'grade.rec_name', 'list.rec_name')

    def get_value(self, lot, quantity):
        """Return what the buyer pays for the quantity of the lot.

        The quantity is in the default unit of its product. A piece bought by
        weight weighs what the lot does, or else what its product usually
        does; None if it has no weight, or if pieces are bought of what is
        only known by weight.
        """
        Uom = Pool().get('product.uom')
        unit = lot.product.default_uom
        if unit.category != self.unit.category:
            if unit.category.id != self._category('unit'):
                return None
            quantity *= lot.weight or lot.product.usual_weight or 0
            if not quantity:
                return None
            unit = self._kilogram()
        price = Uom.compute_price(self.unit, self.price, unit)
        return Decimal(str(quantity)) * price

    @classmethod
    def _category(cls, name):
        return Pool().get('ir.model.data').get_id(
            'product', f'uom_cat_{name}')

    @classmethod
    def _kilogram(cls):
        pool = Pool()
        return pool.get('product.uom')(
            pool.get('ir.model.data').get_id('product', 'uom_kilogram'))
