# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What a work order takes from the parts store, and brings back to it.

The device is never moved: its components say what it is made of.
"""
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.modules.proxymikro_base.minutes import MinutesMixin
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.transaction import without_check_access

from .component import KINDS
from .evidence import SealedMixin
from .exceptions import DeviceWorkError


class WorkLineMixin(SealedMixin):
    "What belongs to a work order, and is sealed with it"
    __slots__ = ()

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('work')

    @property
    def is_sealed(self):
        return self.work.is_sealed

    def get_rec_name(self, name):
        return self.work.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('work.rec_name', *clause[1:])]


class WorkMoveMixin(WorkLineMixin):
    "What moves a part between its store and the devices"
    __slots__ = ()

    kind = fields.Selection(KINDS, "Kind", required=True, sort=False)
    quantity = fields.Float(
        "Quantity", digits='unit', required=True,
        domain=[('quantity', '>', 0)])
    unit = fields.Function(
        fields.Many2One('product.uom', "Unit"), 'on_change_with_unit')
    component = fields.Many2One(
        'device.component', "Component", ondelete='RESTRICT')
    move = fields.Many2One(
        'stock.move', "Move", readonly=True, ondelete='RESTRICT')

    @classmethod
    def default_quantity(cls):
        return 1

    @fields.depends('product')
    def on_change_with_unit(self, name=None):
        return self.product.default_uom if self.product else None

    def _get_move(self, lot, from_location, to_location, unit_price=None):
        Move = Pool().get('stock.move')
        move = Move(
            origin=self.work, company=self.work.company,
            product=self.product, lot=lot, unit=self.unit,
            quantity=self.quantity, effective_date=self.work.end_date,
            from_location=from_location, to_location=to_location)
        if unit_price is not None:
            move.unit_price = unit_price
            move.currency = self.work.company.currency
        return move

    @classmethod
    def _do_moves(cls, lines):
        Move = Pool().get('stock.move')
        Move.save([n.move for n in lines])
        cls.save(lines)
        Move.do([n.move for n in lines])

    @classmethod
    def copy(cls, lines, default=None):
        default = default.copy() if default is not None else {}
        for name in ['component', 'move']:
            default.setdefault(name, None)
        return super().copy(lines, default=default)


class WorkPart(WorkMoveMixin, ModelSQL, ModelView):
    __name__ = 'device.work.part'

    work = fields.Many2One(
        'device.work', "Work Order", required=True, ondelete='CASCADE')
    lot = fields.Many2One(
        'stock.lot', "Part", required=True, ondelete='RESTRICT',
        domain=[
            ('device', '!=', True),
            If(~Bool(Eval('move')),
                ['OR', ('stage', '=', 'parts'), ('unit', '=', None)],
                ()),
            ],
        help="The lot that the part has in the parts store.")
    product = fields.Function(
        fields.Many2One('product.product', "Product"),
        'on_change_with_product')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    cost = fields.Function(
        Monetary("Cost", currency='currency', digits='currency'),
        'get_cost')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.component.readonly = True
        cls.component.help = "What the part is in the device."

    @fields.depends('lot')
    def on_change_lot(self):
        if self.lot:
            self.kind = self.lot.part_kind

    @fields.depends('lot')
    def on_change_with_product(self, name=None):
        return self.lot.product if self.lot else None

    @fields.depends('work', '_parent_work.company')
    def on_change_with_currency(self, name=None):
        if self.work and self.work.company:
            return self.work.company.currency

    @classmethod
    def get_cost(cls, parts, name):
        return {p.id: p._get_cost() for p in parts}

    def _get_cost(self):
        price = self.move.cost_price if self.move else None
        if price is None:
            price = self.product.get_multivalue(
                'cost_price', company=self.work.company.id)
        return self.currency.round(
            Decimal(str(self.quantity)) * (price or Decimal(0)))

    @classmethod
    @without_check_access
    def fit(cls, parts):
        "Take the parts out of their store and let the devices hold them"
        Location = Pool().get('stock.location')
        if not parts:
            return
        store, work = Location.get_work_locations()
        for part in parts:
            # The guard says where it is if another has taken it
            place = part.lot.location if part.lot.stage == 'parts' else store
            part.move = part._get_move(part.lot, place, work)
        cls._do_moves(parts)
        cls._set_components(parts)

    @classmethod
    def _set_components(cls, parts):
        "Find the parts among what reports saw in the devices, or add them"
        Component = Pool().get('device.component')
        before = {
            c.extracted_lot: c for c in Component.search(
                [('extracted_lot', 'in', [p.lot.id for p in parts])],
                order=[('id', 'ASC')])}
        seen = {
            (c.lot, c.kind, c.serial): c for c in Component.search([
                    ('lot', 'in', [p.work.lot.id for p in parts]),
                    ('serial', '!=', None),
                    ('removed_on', '=', None),
                    ('extracted_lot', '=', None),
                    ('part', '=', None),
                    ])}
        for part in parts:
            component = part._get_component(before.get(part.lot))
            part.component = seen.pop(
                (component.lot, component.kind, component.serial), component)
            part.component.part = part.lot
            part.component.fitted_by = part.work
        Component.save([p.component for p in parts])
        cls.save(parts)

    def _get_component(self, before):
        "Return a new component like what the part was before"
        Component = Pool().get('device.component')
        component = Component(
            lot=self.work.lot, kind=self.kind,
            installed_on=self.work.end_date)
        source = before or self.lot
        component.manufacturer = source.manufacturer
        component.model = source.model
        component.serial = (
            before.serial if before else self.lot.serial_number)
        component.capacity = before.capacity if before else None
        return component


class WorkRemoval(WorkMoveMixin, ModelSQL, ModelView):
    __name__ = 'device.work.removal'

    work = fields.Many2One(
        'device.work', "Work Order", required=True, ondelete='CASCADE')
    device = fields.Function(
        fields.Many2One('stock.lot', "Device"), 'on_change_with_device')
    product = fields.Many2One(
        'product.product', "Product", required=True, ondelete='RESTRICT',
        domain=[('device', '!=', True), ('type', '=', 'goods')],
        states={
            'readonly': Bool(Eval('fitted_part')),
            },
        help="What it is in the store.")
    fitted_part = fields.Function(
        fields.Many2One('stock.lot', "Part Fitted"),
        'on_change_with_fitted_part')
    to_location = fields.Many2One(
        'stock.location', "To", required=True, ondelete='RESTRICT',
        domain=[
            ('type', '=', 'storage'),
            ('stage', 'in', ['parts', 'scrap']),
            ],
        help="The parts store, or the scrap cage for what is dead.")
    lot = fields.Many2One(
        'stock.lot', "Part", readonly=True, ondelete='RESTRICT',
        help="The lot that it became.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.kind.states['readonly'] = Bool(Eval('component'))
        cls.component.domain = [
            ('lot', '=', Eval('device', -1)),
            ('soldered', '!=', True),
            If(~Bool(Eval('move')), ('extracted_lot', '=', None), ()),
            ]
        cls.component.help = (
            "What is taken out. Leave empty if no report ever saw it.")

    @classmethod
    def default_to_location(cls):
        ModelData = Pool().get('ir.model.data')
        return ModelData.get_id('proxymikro_stock', 'location_parts')

    @fields.depends('work', '_parent_work.lot')
    def on_change_with_device(self, name=None):
        return self.work.lot if self.work else None

    @fields.depends('component')
    def on_change_with_fitted_part(self, name=None):
        return self.component.part if self.component else None

    @fields.depends('component', 'product')
    def on_change_component(self):
        if self.component:
            self.kind = self.component.kind
            self.product = self.component.part_product or self.product

    @classmethod
    @without_check_access
    def take_out(cls, removals):
        "Bring what is taken out to its store, as parts of the devices"
        pool = Pool()
        Component = pool.get('device.component')
        Location = pool.get('stock.location')
        Lot = pool.get('stock.lot')
        if not removals:
            return
        _, work = Location.get_work_locations()
        for removal in removals:
            removal._check_component()
            removal.lot = removal.fitted_part or removal._get_lot()
        Lot.save([r.lot for r in removals if not r.fitted_part])
        for removal in removals:
            removal.move = removal._get_move(
                removal.lot, removal.lot.location or work,
                removal.to_location, unit_price=removal._get_unit_price())
        cls._do_moves(removals)
        for removal in removals:
            removal._set_component()
        Component.save([r.component for r in removals])
        cls.save(removals)

    def _check_component(self):
        if (self.component and self.component.extracted_lot
                or self.fitted_part
                and self.product != self.fitted_part.product):
            raise DeviceWorkError(gettext(
                    'proxymikro_stock.msg_work_removal',
                    work=self.work.rec_name,
                    component=self.component.rec_name))

    def _get_lot(self):
        Lot = Pool().get('stock.lot')
        lot = Lot(product=self.product)
        if self.product.lot_uom:
            lot.unit, lot.unit_quantity = self.product.lot_uom, 1
        if self.component:
            lot.serial_number = self.component.serial
            lot.manufacturer = self.component.manufacturer
            lot.model = self.component.model
        return lot

    def _get_unit_price(self):
        "A part that comes back is worth what it was, the rest nothing"
        if not self.fitted_part:
            return Decimal(0)
        return self.product.get_multivalue(
            'cost_price', company=self.work.company.id) or Decimal(0)

    def _set_component(self):
        Component = Pool().get('device.component')
        if not self.component:
            self.component = Component(lot=self.work.lot, kind=self.kind)
        self.component.extracted_lot = self.lot
        self.component.removed_by = self.work
        if not getattr(self.component, 'removed_on', None):
            self.component.removed_on = self.work.end_date

    @classmethod
    def copy(cls, removals, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('lot', None)
        return super().copy(removals, default=default)


class WorkTime(WorkLineMixin, MinutesMixin, ModelSQL, ModelView):
    __name__ = 'device.work.time'

    work = fields.Many2One(
        'device.work', "Work Order", required=True, ondelete='CASCADE')
