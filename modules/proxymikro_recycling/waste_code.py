# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.model import DeactivableMixin, ModelSQL, ModelView, fields
from trytond.modules.proxymikro_base.search import search_any
from trytond.modules.proxymikro_base.validity import ValidityMixin


class WasteCode(ValidityMixin, DeactivableMixin, ModelSQL, ModelView):
    __name__ = 'waste.code'

    code = fields.Char(
        "Code", required=True,
        help="The six figures of the European list of waste.")
    name = fields.Char("Name", required=True, translate=True)
    hazardous = fields.Boolean(
        "Hazardous",
        help="Check if the list stars the code: it can't leave without "
        "the number of its tracking slip.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order.insert(0, ('code', 'ASC'))

    def get_rec_name(self, name):
        star = '*' if self.hazardous else ''
        return f'{self.code}{star} {self.name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return search_any(clause, 'code', 'name')
