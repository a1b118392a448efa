# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.model import ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import Transaction
from trytond.wizard import (
    Button, StateAction, StateTransition, StateView, Wizard)

from .product import COMPONENT_KINDS

# What is not asked of devices that were discarded before
_decision = {
    'required': ~Eval('discarded', False),
    'invisible': Eval('discarded', False),
    }


class Dismantle(Wizard):
    __name__ = 'recycling.dismantle'

    start = StateView('recycling.dismantle.start',
        'proxymikro_recycling.dismantle_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Dismantle", 'dismantle', 'tryton-ok', default=True),
            ])
    dismantle = StateTransition()
    open_ = StateAction('proxymikro_recycling.act_dismantling')

    def default_start(self, fields):
        start = self.start.__class__(
            **self.start.default_get(
                list(self.start._fields), with_rec_name=False))
        if self.model and self.model.__name__ == 'stock.lot':
            start.devices = list(self.records)
            self.model.check_dismantle(start.devices)
            start.on_change_devices()
        return start._default_values

    def transition_dismantle(self):
        production = Pool().get('production').dismantle(
            self.start.devices, self.start.get_rows(),
            mass_in=self.start.mass_in,
            declared_loss=self.start.declared_loss,
            loss_reason=self.start.loss_reason,
            discard_date=self.start.discard_date,
            discard_by=self.start.discard_by,
            discard_reason=self.start.discard_reason,
            effective_date=self.start.effective_date)
        self.start.production = production
        return 'open_'

    def do_open_(self, action):
        action['views'].reverse()
        return action, {'res_id': [self.start.production.id]}


class DismantleStart(ModelView):
    __name__ = 'recycling.dismantle.start'

    devices = fields.Many2Many(
        'stock.lot', None, None, "Devices", required=True,
        domain=[('device', '=', True)],
        help="The devices to take apart: scan their labels. What was given under a regime that "
        "forbids resale can't be mixed with the rest.")
    effective_date = fields.Date(
        "Date", required=True,
        help="When the devices are taken apart.")
    mass_in = fields.Float(
        "Weight In", digits=(None, 3), required=True,
        domain=[('mass_in', '>', 0)],
        help="The weight in kg of the devices before they are opened.")
    outputs = fields.One2Many(
        'recycling.dismantle.output', None, "Parts",
        help="What is taken out piece by piece.")
    scrap_product = fields.Many2One(
        'product.product', "Scrap", required=True,
        domain=[('component_kind', '=', 'scrap')])
    scrap_grade = fields.Many2One(
        'recycling.grade', "Grade of the Scrap",
        domain=[('kinds', 'in', 'scrap')],
        help="What the buyers call what is left, once sorted.")
    scrap = fields.Float(
        "Scrap Weight", digits=(None, 3),
        domain=['OR', ('scrap', '=', None), ('scrap', '>=', 0)],
        help="The weight in kg of what goes to the scrap cage.")
    declared_loss = fields.Float(
        "Declared Loss", digits=(None, 3), required=True,
        domain=[('declared_loss', '>=', 0)],
        help="The weight in kg that is lost: dust, liquids, packaging.")
    loss_reason = fields.Char(
        "Reason of the Loss",
        states={
            'required': Eval('declared_loss', 0) > 0,
            'invisible': ~Eval('declared_loss'),
            },
        help="Where the weight went.")
    discarded = fields.Boolean(
        "Discarded", readonly=True,
        states={
            'invisible': ~Eval('discarded'),
            },
        help="It was decided already that all the devices are waste.")
    discard_date = fields.Date(
        "Discarded on", states=_decision,
        help="When it was decided that the devices are waste.")
    discard_by = fields.Many2One(
        'company.employee', "Discarded by", states=_decision,
        help="Who decided that the devices are waste.")
    discard_reason = fields.Char(
        "Reason", states=_decision,
        help="Why the devices can't be lent any more.")
    production = fields.Many2One(
        'production', "Dismantling", readonly=True)

    @classmethod
    def default_effective_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_discard_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_discard_by(cls):
        return Transaction().context.get('employee')

    @classmethod
    def default_declared_loss(cls):
        return 0

    @classmethod
    def default_scrap_product(cls):
        Product = Pool().get('product.product')
        products = Product.search(
            [('component_kind', '=', 'scrap')],
            order=[('id', 'ASC')], limit=1)
        return products[0].id if products else None

    @fields.depends('devices', methods=['on_change_devices'])
    def on_scan_code(self, code):
        Lot = Pool().get('stock.lot')
        lot = Lot.find_scanned(code)
        devices = list(self.devices or [])
        if lot not in devices:
            Lot.check_dismantle(devices + [lot])
            self.devices = devices + [lot]
            self.on_change_devices()

    @fields.depends('devices', 'effective_date', methods=['set_scrap'])
    def on_change_devices(self):
        pool = Pool()
        Discard = pool.get('device.discard')
        Output = pool.get('recycling.dismantle.output')
        Production = pool.get('production')
        Template = pool.get('recycling.dismantling.template')
        discards = Discard.in_force(self.devices)
        self.discarded = bool(self.devices) and all(
            d.id in discards for d in self.devices)
        self.mass_in = round(sum(
                d.weight or d.product.usual_weight or 0
                for d in self.devices), 3) or None
        self.outputs = [
            Output.from_row(row) for row in Production.propose(self.devices)
            + Template.propose(self.devices, self.effective_date)]
        self.scrap_grade = Template.get_scrap_grade(
            self.devices, self.effective_date)
        self.set_scrap()

    @fields.depends('mass_in', 'outputs', 'declared_loss')
    def set_scrap(self):
        parts = sum(o.get_mass() for o in self.outputs or [])
        self.scrap = max(round(
                (self.mass_in or 0) - parts - (self.declared_loss or 0), 3), 0)

    @fields.depends(methods=['set_scrap'])
    def on_change_mass_in(self):
        self.set_scrap()

    @fields.depends(methods=['set_scrap'])
    def on_change_outputs(self):
        self.set_scrap()

    @fields.depends(methods=['set_scrap'])
    def on_change_declared_loss(self):
        self.set_scrap()

    def get_rows(self):
        rows = [row for o in self.outputs or [] for row in o.get_rows()]
        if self.scrap:
            rows.append({
                    'product': self.scrap_product,
                    'grade': self.scrap_grade,
                    'quantity': self.scrap,
                    })
        return rows


class DismantleOutput(ModelView):
    __name__ = 'recycling.dismantle.output'

    device = fields.Many2One('stock.lot', "Device", readonly=True)
    component = fields.Many2One(
        'device.component', "Component", readonly=True,
        help="What the hardware report found.")
    product = fields.Many2One(
        'product.product', "Part", required=True,
        domain=[('component_kind', '!=', None)])
    component_kind = fields.Function(
        fields.Selection(COMPONENT_KINDS, "Kind of Part", sort=False),
        'on_change_with_component_kind')
    grade = fields.Many2One(
        'recycling.grade', "Grade",
        domain=[('kinds', 'in', Eval('component_kind'))],
        help="What the buyers call it, which decides its price.")
    unit = fields.Function(
        fields.Many2One('product.uom', "Unit"), 'on_change_with_unit')
    quantity = fields.Float(
        "Quantity", digits='unit', required=True,
        domain=[('quantity', '>', 0), ('quantity', '<=', 1000)],
        states={
            'readonly': Eval('component', -1) >= 0,
            },
        help="How many of them, each of which makes a lot of its own, "
        "or how many kg.")
    serial_number = fields.Char("Serial Number")
    manufacturer = fields.Char("Manufacturer")
    model = fields.Char("Model")
    weight = fields.Float(
        "Unit Weight", digits=(None, 3),
        domain=['OR', ('weight', '=', None), ('weight', '>', 0)],
        states={
            'invisible': Eval('component_kind') == 'scrap',
            },
        help="The weight in kg of each piece.")
    estimated = fields.Boolean(
        "Estimated", readonly=True,
        help="The weight is the usual one: type what the scale reads.")

    @classmethod
    def default_quantity(cls):
        return 1

    @fields.depends('product')
    def on_change_with_component_kind(self, name=None):
        return self.product.component_kind if self.product else None

    @fields.depends('product')
    def on_change_with_unit(self, name=None):
        return self.product.default_uom if self.product else None

    @fields.depends('product', 'weight')
    def on_change_product(self):
        self.grade = self.product.component_grade if self.product else None
        if self.product and not self.weight:
            self.weight = self.product.usual_weight
            self.estimated = bool(self.weight)

    @fields.depends('weight')
    def on_change_weight(self):
        self.estimated = False

    @fields.depends('product', 'estimated')
    def on_change_quantity(self):
        if self.is_bulk:
            self.estimated = False

    @classmethod
    def from_row(cls, row):
        output = cls(**row)
        # The client computes them only for what is typed
        output.component_kind = output.on_change_with_component_kind()
        output.unit = output.on_change_with_unit()
        return output

    @property
    def is_bulk(self):
        return bool(self.product) and self.product.component_kind == 'scrap'

    def get_mass(self):
        if not self.product or self.is_bulk:
            return self.quantity or 0
        # A part not weighed counts as its product usually weighs
        return (self.quantity or 0) * (
            self.weight or self.product.usual_weight or 0)

    def get_rows(self):
        row = {
            'product': self.product,
            'quantity': self.quantity if self.is_bulk else 1,
            'component': self.component,
            'grade': self.grade,
            'serial_number': self.serial_number,
            'manufacturer': self.manufacturer,
            'model': self.model,
            'weight': None if self.is_bulk else self.weight,
            'estimated': self.estimated,
            }
        return [row] * (1 if self.is_bulk else int(self.quantity))
