# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from collections import defaultdict

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import (
    Button, StateAction, StateTransition, StateView, Wizard)

from .exceptions import DismantleError


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    @classmethod
    def check_dismantle(cls, devices):
        "Refuse by name what is lent, sold, taken apart, or can't be mixed"
        rights = defaultdict(list)
        for device in devices:
            device._check_dismantle()
            rights[device.resale_right].append(device)
        if len(rights) > 1:
            (_, one), (_, other), *_ = sorted(rights.items())
            raise DismantleError(gettext(
                    'proxymikro_recycling.msg_dismantle_mixed',
                    device=one[0].rec_name,
                    other=other[0].rec_name))

    def _check_dismantle(self):
        names = {'device': self.rec_name}
        location = self.location
        if not self.device or not location:
            raise DismantleError(gettext(
                    'proxymikro_recycling.msg_dismantle_device', **names))
        if location.stage == 'lent':
            raise DismantleError(gettext(
                    'proxymikro_recycling.msg_dismantle_lent',
                    holder=self.holder.rec_name if self.holder
                    else location.rec_name, **names))
        if location.type == 'production':
            production = self.current_move.production_input
            raise DismantleError(gettext(
                    'proxymikro_recycling.msg_dismantle_twice',
                    production=production.rec_name if production
                    else location.rec_name, **names))
        if location.type != 'storage':
            raise DismantleError(gettext(
                    'proxymikro_recycling.msg_dismantle_gone',
                    location=location.rec_name, **names))


class Production(metaclass=PoolMeta):
    __name__ = 'production'

    @classmethod
    @without_check_access
    def dismantle(cls, devices, rows, **values):
        """Take the devices apart and return the production, done.

        A row is a dictionary of the product, the quantity and, for a part:
        serial_number, manufacturer, model, weight and its component.
        """
        pool = Pool()
        Lot = pool.get('stock.lot')
        Move = pool.get('stock.move')
        devices = Lot.browse(devices)
        if not devices:
            raise DismantleError(gettext(
                    'proxymikro_recycling.msg_dismantle_empty'))
        Lot.check_dismantle(devices)
        production = cls(**values)
        production.type = 'disassembly'
        production.effective_start_date = production.effective_date = (
            values.get('effective_date'))
        production.save()
        lots = cls._create_parts(rows)
        Move.save(
            [production._get_input(d) for d in devices]
            + [production._get_output(r, l) for r, l in zip(rows, lots)])
        for action in ['wait', 'assign', 'run', 'do']:
            getattr(cls, action)([cls(production.id)])
        cls._set_extracted(rows, lots, cls(production.id).effective_date)
        return cls(production.id)

    @classmethod
    def _create_parts(cls, rows):
        "Create the lots of the rows, numbered at once"
        Lot = Pool().get('stock.lot')
        lots, by_sequence = [], defaultdict(list)
        for row in rows:
            component, product = row.get('component'), row['product']
            if component and component.part:
                # What was fitted is the part that it was before
                lots.append(component.part)
                continue
            lot = Lot(product=product)
            if product.lot_uom:
                lot.unit, lot.unit_quantity = product.lot_uom, 1
            for name in ['serial_number', 'manufacturer', 'model', 'weight']:
                if row.get(name):
                    setattr(lot, name, row[name])
            lots.append(lot)
            by_sequence[product.lot_sequence].append(lot)
        for sequence, s_lots in by_sequence.items():
            for lot, number in zip(s_lots, sequence.get_many(len(s_lots))):
                lot.number = number
        Lot.save([l for s_lots in by_sequence.values() for l in s_lots])
        return lots

    def _get_input(self, device):
        move = self._move('input', device.product, device.unit, 1)
        move.lot = device
        move.from_location = device.location
        return move

    def _get_output(self, row, lot):
        product = lot.product
        move = self._move(
            'output', product, product.default_uom, row['quantity'])
        move.lot = lot
        move.to_location = self._store(product)
        return move

    @classmethod
    def _store(cls, product):
        "Return where what is taken out waits"
        pool = Pool()
        Location = pool.get('stock.location')
        ModelData = pool.get('ir.model.data')
        name = (
            'location_scrap' if product.component_kind == 'scrap'
            else 'location_parts')
        return Location(ModelData.get_id('proxymikro_stock', name))

    @classmethod
    def _set_extracted(cls, rows, lots, date):
        Component = Pool().get('device.component')
        components = []
        for row, lot in zip(rows, lots):
            if component := row.get('component'):
                component.extracted_lot = lot
                component.removed_on = date
                components.append(component)
        Component.save(components)

    @classmethod
    def propose(cls, devices):
        "Return the rows of the parts that the devices are known to hold"
        pool = Pool()
        Component = pool.get('device.component')
        Product = pool.get('product.product')
        products = {}
        for product in Product.search(
                [('component_kind', 'not in', [None, 'scrap'])],
                order=[('id', 'DESC')]):
            products[product.component_kind] = product
        components = Component.search([
                ('lot', 'in', [d.id for d in devices]),
                ('kind', 'in', list(products)),
                ('removed_on', '=', None),
                ('soldered', '!=', True),
                ], order=[('lot', 'ASC'), ('kind', 'ASC'), ('id', 'ASC')])
        for component in components:
            if component.part:
                products[component] = component.part.product
            else:
                products[component] = products[component.kind]
        return [{
                'component': component,
                'device': component.lot,
                'product': products[component],
                'quantity': 1,
                'weight': products[component].usual_weight,
                'serial_number': component.serial,
                'manufacturer': component.manufacturer,
                'model': component.model,
                } for component in components]


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
        help="The devices to take apart. What was given under a regime that "
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
    scrap = fields.Float(
        "Scrap Weight", digits=(None, 3),
        domain=['OR', ('scrap', '=', None), ('scrap', '>=', 0)],
        help="The weight in kg of what goes to the scrap cage.")
    declared_loss = fields.Float(
        "Declared Loss", digits=(None, 3), required=True,
        domain=[('declared_loss', '>=', 0)],
        help="The weight in kg that is lost: dust, liquids, packaging.")
    discard_date = fields.Date(
        "Discarded on", required=True,
        help="When it was decided that the devices are waste.")
    discard_by = fields.Many2One(
        'company.employee', "Discarded by", required=True,
        help="Who decided that the devices are waste.")
    discard_reason = fields.Char(
        "Reason", required=True,
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

    @fields.depends('devices', methods=['set_scrap'])
    def on_change_devices(self):
        pool = Pool()
        Output = pool.get('recycling.dismantle.output')
        Production = pool.get('production')
        self.mass_in = round(sum(
                d.weight or d.product.usual_weight or 0
                for d in self.devices), 3) or None
        self.outputs = [
            Output(**row) for row in Production.propose(self.devices)]
        self.set_scrap()

    @fields.depends('mass_in', 'outputs', 'declared_loss')
    def set_scrap(self):
        parts = sum(
            (o.weight or 0) * (o.quantity or 0) for o in self.outputs or [])
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
        domain=[('component_kind', 'not in', [None, 'scrap'])])
    quantity = fields.Integer(
        "Quantity", required=True,
        domain=[('quantity', '>', 0), ('quantity', '<=', 1000)],
        states={
            'readonly': Eval('component', -1) >= 0,
            },
        help="How many of them. Each makes a lot of its own.")
    serial_number = fields.Char("Serial Number")
    manufacturer = fields.Char("Manufacturer")
    model = fields.Char("Model")
    weight = fields.Float(
        "Unit Weight", digits=(None, 3),
        domain=['OR', ('weight', '=', None), ('weight', '>', 0)],
        help="The weight in kg of each piece.")

    @classmethod
    def default_quantity(cls):
        return 1

    @fields.depends('product', 'weight')
    def on_change_product(self):
        if self.product and not self.weight:
            self.weight = self.product.usual_weight

    def get_rows(self):
        row = {
            'product': self.product,
            'quantity': 1,
            'component': self.component,
            'serial_number': self.serial_number,
            'manufacturer': self.manufacturer,
            'model': self.model,
            'weight': self.weight,
            }
        return [row] * self.quantity
