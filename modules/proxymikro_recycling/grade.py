# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.model import (
    DeactivableMixin, ModelSQL, ModelView, Unique, fields)
from trytond.modules.proxymikro_base.search import search_any
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval, Id

from .product import COMPONENT_KINDS


class Grade(DeactivableMixin, ModelSQL, ModelView):
    __name__ = 'recycling.grade'

    code = fields.Char(
        "Code", required=True,
        help="What the lists of the buyers are read by.")
    name = fields.Char("Name", required=True, translate=True)
    kinds = fields.MultiSelection(
        COMPONENT_KINDS[1:], "Kinds of Parts", required=True, sort=False,
        help="The parts that may be of this grade.")
    unit = fields.Many2One(
        'product.uom', "Unit", required=True, ondelete='RESTRICT',
        domain=[
            ('category', 'in', [
                    Id('product', 'uom_cat_unit'),
                    Id('product', 'uom_cat_weight')]),
            ],
        help="What the buyers usually give a price for.")
    description = fields.Text(
        "How to Recognize It", translate=True)

    @classmethod
    def __setup__(cls):
        cls.code.search_unaccented = False
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('code_unique', Unique(t, t.code),
                'proxymikro_recycling.msg_grade_code_unique'),
            ]
        cls._order.insert(0, ('code', 'ASC'))

    @classmethod
    def default_unit(cls):
        return Pool().get('ir.model.data').get_id('product', 'uom_kilogram')

    def get_rec_name(self, name):
        return f'{self.code} {self.name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return search_any(clause, 'code', 'name')

    @classmethod
    def copy(cls, grades, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('code', lambda o: f"{o['code']} (2)")
        return super().copy(grades, default=default)


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    grade = fields.Many2One(
        'recycling.grade', "Grade", ondelete='RESTRICT',
        domain=[('kinds', 'in', Eval('component_kind'))],
        states={
            'invisible': ~Bool(Eval('component_kind')),
            },
        help="What the buyers call it, which decides its price.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        # What is known by kg may be estimated too, without a unit weight
        cls.weight_origin.states = {
            'invisible': ~Eval('weight') & ~Eval('weight_origin'),
            }

    @classmethod
    def preprocess_values(cls, mode, values):
        Product = Pool().get('product.product')
        values = super().preprocess_values(mode, values)
        if (mode == 'create' and 'grade' not in values
                and values.get('product') is not None):
            grade = Product(values['product']).component_grade
            values['grade'] = grade.id if grade else None
        return values
