# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What usually comes out of a kind of device, for what no report has seen.

The weights are estimates, of the source that the template names: they are
proposed as such, to be replaced by those of the scale.
"""
from collections import defaultdict

from trytond.model import (
    DeactivableMixin, ModelSQL, ModelView, Unique, fields, sequence_ordered)
from trytond.modules.proxymikro_base.validity import ValidityMixin
from trytond.modules.proxymikro_stock.product import KINDS
from trytond.pool import Pool
from trytond.pyson import Eval


class DismantlingTemplate(
        ValidityMixin, DeactivableMixin, ModelSQL, ModelView):
    __name__ = 'recycling.dismantling.template'

    device_kind = fields.Selection(
        KINDS[1:], "Kind of Device", required=True, sort=False)
    device_kind_string = device_kind.translated('device_kind')
    lines = fields.One2Many(
        'recycling.dismantling.template.line', 'template', "Usual Parts")
    scrap_grade = fields.Many2One(
        'recycling.grade', "Grade of the Rest", ondelete='RESTRICT',
        domain=[('kinds', 'in', 'scrap')],
        help="What the rest of the device is sold as, by weight.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('kind_unique', Unique(t, t.device_kind, t.start_date),
                'proxymikro_recycling.msg_dismantling_template_unique'),
            ]
        cls._order = [
            ('device_kind', 'ASC'), ('start_date', 'DESC NULLS LAST'),
            ('id', 'DESC')]

    def get_rec_name(self, name):
        return self.device_kind_string

    @classmethod
    def find(cls, kinds, date):
        "Return by kind of device the template in force on the date"
        templates = {}
        for template in cls.search([
                    ('device_kind', 'in', list(kinds)),
                    *cls.valid_domain(date),
                    ]):
            templates.setdefault(template.device_kind, template)
        return templates

    @classmethod
    def get_scrap_grade(cls, devices, date=None):
        "Return the grade of what is left of the devices, if it is one"
        date = date or Pool().get('ir.date').today()
        kinds = {d.device_kind for d in devices}
        templates = cls.find(kinds, date)
        grades = {
            templates[k].scrap_grade if k in templates else None
            for k in kinds}
        return grades.pop() if len(grades) == 1 else None

    @classmethod
    def copy(cls, templates, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('start_date', Pool().get('ir.date').today())
        default.setdefault('end_date', None)
        return super().copy(templates, default=default)

    @classmethod
    def propose(cls, devices, date=None):
        """Return the rows of what the devices usually hold, summed.

        A report that has seen a part of a kind is believed: it is not
        proposed again, even if soldered or taken out since. A drive is never
        guessed: its data must be proven gone.
        """
        pool = Pool()
        Component = pool.get('device.component')
        date = date or pool.get('ir.date').today()
        templates = cls.find({d.device_kind for d in devices}, date)
        known = {
            (c.lot.id, c.kind) for c in Component.search(
                [('lot', 'in', [d.id for d in devices])])}
        quantities = defaultdict(float)
        for device in devices:
            template = templates.get(device.device_kind)
            for line in template.lines if template else []:
                kind = line.product.component_kind
                if kind != 'drive' and (device.id, kind) not in known:
                    quantities[line] += line.quantity
        return [
            line.get_row(quantity) for line, quantity in quantities.items()]


class DismantlingTemplateLine(sequence_ordered(), ModelSQL, ModelView):
    __name__ = 'recycling.dismantling.template.line'

    template = fields.Many2One(
        'recycling.dismantling.template', "Template", required=True,
        ondelete='CASCADE')
    product = fields.Many2One(
        'product.product', "Part", required=True, ondelete='RESTRICT',
        domain=[('component_kind', 'not in', [None, 'drive'])],
        help="Drives are not guessed: their data must be proven gone.")
    component_kind = fields.Function(
        fields.Char("Kind of Part"), 'on_change_with_component_kind')
    unit = fields.Function(
        fields.Many2One('product.uom', "Unit"), 'on_change_with_unit')
    grade = fields.Many2One(
        'recycling.grade', "Grade", ondelete='RESTRICT',
        domain=[('kinds', 'in', Eval('component_kind'))])
    quantity = fields.Float(
        "Quantity", digits='unit', required=True,
        domain=[('quantity', '>', 0)],
        help="How many pieces a device holds, or how many kg.")
    weight = fields.Float(
        "Unit Weight", digits=(None, 3),
        domain=['OR', ('weight', '=', None), ('weight', '>', 0)],
        states={
            'invisible': Eval('component_kind') == 'scrap',
            },
        help="The usual weight in kg of each piece. "
        "Leave empty for the one of the product.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('template')

    @classmethod
    def default_quantity(cls):
        return 1

    @fields.depends('product')
    def on_change_product(self):
        self.grade = self.product.component_grade if self.product else None

    @fields.depends('product')
    def on_change_with_component_kind(self, name=None):
        return self.product.component_kind if self.product else None

    @fields.depends('product')
    def on_change_with_unit(self, name=None):
        return self.product.default_uom if self.product else None

    def get_rec_name(self, name):
        return self.product.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('product.rec_name', *clause[1:])]

    def get_row(self, quantity):
        "Return the row of the quantity, as a dismantling takes it"
        return {
            'product': self.product,
            'grade': self.grade,
            'quantity': round(quantity, 3),
            'weight': self.weight or self.product.usual_weight,
            'estimated': True,
            }
