# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Under which code a product, or a kind of part or device, usually leaves."""
from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.proxymikro_base.validity import ValidityMixin
from trytond.modules.proxymikro_stock.product import KINDS
from trytond.pyson import Bool, Eval

from .exceptions import WasteDefaultError
from .product import COMPONENT_KINDS
from .waste_treatment import TreatmentMixin

# What a default may be for, the most precise first
TARGETS = ['template', 'component_kind', 'device_kind']


class WasteDefault(TreatmentMixin, ValidityMixin, ModelSQL, ModelView):
    __name__ = 'waste.default'

    template = fields.Many2One(
        'product.template', "Product", ondelete='CASCADE',
        states={
            'invisible': (
                Bool(Eval('component_kind')) | Bool(Eval('device_kind'))),
            },
        help="What it is for; before the kind of part or of device.")
    component_kind = fields.Selection(
        COMPONENT_KINDS, "Kind of Part", sort=False,
        states={
            'invisible': Bool(Eval('template')) | Bool(Eval('device_kind')),
            },
        help="The parts that it is for.")
    component_kind_string = component_kind.translated('component_kind')
    device_kind = fields.Selection(
        KINDS, "Kind of Device", sort=False,
        states={
            'invisible': Bool(Eval('template')) | Bool(Eval('component_kind')),
            },
        help="The devices that it is for, when they leave whole.")
    device_kind_string = device_kind.translated('device_kind')
    waste_code = fields.Many2One(
        'waste.code', "Waste Code", required=True, ondelete='RESTRICT',
        help="The code proposed when it is put in a waste shipment.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('template', 'ASC'), ('component_kind', 'ASC'),
            ('device_kind', 'ASC'), ('start_date', 'DESC NULLS LAST'),
            ('id', 'DESC')]

    @classmethod
    def validate_fields(cls, defaults, field_names):
        super().validate_fields(defaults, field_names)
        if field_names and not field_names & set(TARGETS):
            return
        for default in defaults:
            if sum(bool(getattr(default, n)) for n in TARGETS) != 1:
                raise WasteDefaultError(gettext(
                        'proxymikro_recycling.msg_waste_default_target',
                        code=default.waste_code.rec_name))

    def get_rec_name(self, name):
        target = (
            self.template.rec_name if self.template
            else self.component_kind_string or self.device_kind_string)
        return f'{target} · {self.waste_code.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('waste_code.rec_name', *clause[1:])]

    @classmethod
    def get_defaults(cls, products, date):
        "Return the default in force of each product, or nothing"
        defaults = {}
        for default in cls.search(
                cls.valid_domain(date),
                order=[('start_date', 'ASC NULLS FIRST'), ('id', 'ASC')]):
            for name in TARGETS:
                if value := getattr(default, name):
                    defaults[name, value] = default
        result = {}
        for product in products:
            template = product.template
            targets = [
                ('template', template),
                ('component_kind', template.component_kind),
                ('device_kind', template.device and template.device_kind)]
            result[product] = next(
                (defaults[t] for t in targets if t in defaults), None)
        return result
