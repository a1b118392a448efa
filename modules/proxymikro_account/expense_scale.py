# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What a kilometre in one's own vehicle is worth, by the law of the day.

The scale counts the kilometres of a year: the first ones are worth more than
the last (article 6 B of annex IV of the CGI, that article 200 refers to since
the income of 2022).
"""
from decimal import Decimal

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.proxymikro_base.validity import ValidityMixin


class ExpenseScale(ValidityMixin, ModelSQL, ModelView):
    __name__ = 'account.expense.scale'

    name = fields.Char("Name", required=True)
    bands = fields.One2Many(
        'account.expense.scale.band', 'scale', "Bands")
    electric_increase = fields.Numeric(
        "Increase if Electric (%)", digits=(3, 2), required=True,
        domain=[
            ('electric_increase', '>=', 0),
            ('electric_increase', '<=', 100),
            ])

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('name', 'ASC'), ('start_date', 'ASC NULLS FIRST'), ('id', 'ASC')]

    @classmethod
    def default_electric_increase(cls):
        return Decimal(20)

    def get_total(self, kilometers):
        "Return what so many kilometres of a year are worth, in euros"
        total = Decimal(0)
        for band in self.bands:
            total = kilometers * band.rate + band.fixed
            if band.up_to is None or kilometers <= band.up_to:
                break
        return total

    def get_amount(self, kilometers, before, electric=False):
        "Return what the kilometres are worth after those of before"
        amount = self.get_total(before + kilometers) - self.get_total(before)
        if electric:
            amount *= 1 + self.electric_increase / 100
        return amount


class ExpenseScaleBand(ModelSQL, ModelView):
    __name__ = 'account.expense.scale.band'

    scale = fields.Many2One(
        'account.expense.scale', "Scale", required=True, ondelete='CASCADE')
    up_to = fields.Integer(
        "Up to (km)",
        domain=['OR', ('up_to', '=', None), ('up_to', '>', 0)],
        help="The kilometres of the year. Empty: all those beyond.")
    rate = fields.Numeric(
        "Rate", digits=(None, 4), required=True, domain=[('rate', '>=', 0)],
        help="In euros by kilometre of the year.")
    fixed = fields.Numeric(
        "Fixed Part", digits=(None, 2), required=True,
        domain=[('fixed', '>=', 0)],
        help="In euros, added to the kilometres of the year at this rate.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('scale')
        cls._order = [('up_to', 'ASC NULLS LAST'), ('id', 'ASC')]

    @classmethod
    def default_fixed(cls):
        return Decimal(0)
