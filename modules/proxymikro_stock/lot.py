# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from sql import Null
from sql.aggregate import Max
from sql.functions import CharLength

from trytond.i18n import gettext
from trytond.model import DictSchemaMixin, Index, ModelSQL, ModelView, Unique
from trytond.model import fields
from trytond.model.exceptions import AccessError
from trytond.modules.proxymikro_base.search import search_any
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.tools import grouped_slice
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import DataGateError, PlaceError, ReadyGateError
from .grade import APPEARANCES, FUNCTIONS
from .location import STAGES
from .product import KINDS
from .public_page import new_token


class LotAttribute(DictSchemaMixin, ModelSQL, ModelView):
    __name__ = 'stock.lot.attribute'


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    device = fields.Function(fields.Boolean("Device"))
    device_kind = fields.Function(
        fields.Selection(KINDS, "Kind of Device", sort=False))
    serial_number = fields.Char(
        "Serial Number",
        help="The number that the manufacturer gave to the unit.")
    donor_number = fields.Char(
        "Donor's Number",
        help="The number that the donor used in their own inventory.")
    manufacturer = fields.Char("Manufacturer")
    model = fields.Char("Model")
    attributes = fields.Dict(
        'stock.lot.attribute', "Specifications",
        states={
            'invisible': ~Eval('device'),
            })
    grade_appearance = fields.Selection(
        APPEARANCES, "Appearance", sort=False,
        help="From A (like new) to E (unfit).")
    grade_function = fields.Selection(
        FUNCTIONS, "Function", sort=False,
        help="From A (everything works) to E (unfit).")
    weight = fields.Float(
        "Weight", digits=(None, 3),
        domain=['OR',
            ('weight', '=', None),
            [('weight', '>', 0), ('weight', '<=', 200)],
            ],
        help="The weight of the unit in kg.")
    token = fields.Char(
        "Token", readonly=True,
        states={
            'required': Eval('id', -1) >= 0,
            },
        help="The secret of the device's public page, printed in its QR code.")
    collection = fields.Many2One(
        'stock.shipment.in', "Collection", readonly=True, ondelete='RESTRICT',
        help="The collection that brought the device.")
    current_move = fields.Many2One(
        'stock.move', "Last Move", readonly=True, ondelete='RESTRICT',
        help="The move that brought the unit where it is.")
    location = fields.Function(
        fields.Many2One('stock.location', "Place"))
    stage = fields.Function(
        fields.Selection(STAGES, "Stage", sort=False))
    holder = fields.Function(
        fields.Many2One('party.party', "Holder",
            help="The member the device is lent to."))
    donor = fields.Function(
        fields.Many2One('party.party', "Donor"))
    gift_regime = fields.Function(
        fields.Many2One('stock.gift.regime', "Gift Regime"))
    moves = fields.One2Many(
        'stock.move', 'lot', "Moves", readonly=True,
        filter=[('state', '=', 'done')],
        order=[('lot_rank', 'DESC'), ('id', 'DESC')])

    @classmethod
    def __setup__(cls):
        cls.serial_number.search_unaccented = False
        cls.donor_number.search_unaccented = False
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('token_unique', Unique(t, t.token),
                'proxymikro_stock.msg_lot_token_unique'),
            ]
        cls._sql_indexes.update({
                Index(t, (t.serial_number, Index.Equality())),
                Index(t, (t.number, Index.Equality())),
                Index(t, (t.collection, Index.Equality())),
                })

    @classmethod
    def preprocess_values(cls, mode, values):
        values = super().preprocess_values(mode, values)
        if mode == 'create' and not values.get('token'):
            # Not a default, which is the same for all the records of a call
            values['token'] = new_token()
        return values

    @classmethod
    def _join(cls, tables, name, target, source=None):
        """Return the table joined on a Many2One of the source.

        The names of the joins are those that nested domains use, so that
        reading, searching and sorting share them.
        """
        source = source or tables
        table, _ = source[None]
        if name not in source:
            target = Pool().get(target).__table__()
            source[name] = {
                None: (target, getattr(table, name) == target.id),
                }
        return source[name]

    @classmethod
    def _join_template(cls, tables):
        product = cls._join(tables, 'product', 'product.product')
        template, _ = cls._join(
            tables, 'template', 'product.template', product)[None]
        return template

    @classmethod
    def _join_location(cls, tables):
        move = cls._join(tables, 'current_move', 'stock.move')
        location, _ = cls._join(
            tables, 'to_location', 'stock.location', move)[None]
        return location

    @classmethod
    def column_device(cls, tables):
        return cls._join_template(tables).device

    @classmethod
    def column_device_kind(cls, tables):
        return cls._join_template(tables).device_kind

    @classmethod
    def column_location(cls, tables):
        move, _ = cls._join(tables, 'current_move', 'stock.move')[None]
        return move.to_location

    @classmethod
    def column_stage(cls, tables):
        return cls._join_location(tables).stage

    @classmethod
    def column_holder(cls, tables):
        return cls._join_location(tables).borrower

    @classmethod
    def column_donor(cls, tables):
        collection, _ = cls._join(
            tables, 'collection', 'stock.shipment.in')[None]
        return collection.supplier

    @classmethod
    def column_gift_regime(cls, tables):
        collection, _ = cls._join(
            tables, 'collection', 'stock.shipment.in')[None]
        return collection.gift_regime

    @classmethod
    def order_serial_number(cls, tables):
        table, _ = tables[None]
        return [CharLength(table.serial_number), table.serial_number]

    @classmethod
    def search_rec_name(cls, name, clause):
        return search_any(clause, 'number', 'serial_number', 'donor_number')

    @classmethod
    def location_at(cls, lots, date):
        """Return the id of the location of each unit lot at the end of the day.

        The highest rank counts: dates and ids alone get the moves of a same
        day wrong.
        """
        Move = Pool().get('stock.move')
        cursor = Transaction().connection.cursor()
        result = dict.fromkeys(map(int, lots))
        for sub_ids in grouped_slice(list(result), 500):
            move, last = Move.__table__(), Move.__table__()
            ranks = last.select(
                last.lot, Max(last.lot_rank).as_('rank'),
                where=fields.SQL_OPERATORS['in'](last.lot, list(sub_ids))
                & (last.state == 'done') & (last.lot_rank != Null)
                & (last.effective_date <= date),
                group_by=last.lot)
            cursor.execute(*move.join(ranks,
                    condition=(move.lot == ranks.lot)
                    & (move.lot_rank == ranks.rank)
                    ).select(move.lot, move.to_location,
                    where=move.state == 'done'))
            result.update(cursor)
        return result

    @classmethod
    def data_holds(cls, lots):
        """Return for each lot that may still hold data the reasons why.

        A hook, filled by the evidence of erasure.
        """
        return {}

    @classmethod
    def test_holds(cls, lots):
        "Return for each device that has not passed its test the reason"
        return {}

    @classmethod
    def is_data_gate(cls, location):
        "Whether what enters the location must hold no data"
        return (location.stage in {'ready', 'lent', 'treatment'}
            or location.type in {'customer', 'supplier', 'production'})

    @classmethod
    def check_destination(cls, lots, location):
        "Raise an error if a lot may not go to the location"
        if cls.is_data_gate(location):
            for lot, reasons in cls.data_holds(lots).items():
                raise DataGateError(gettext(
                        'proxymikro_stock.msg_data_gate',
                        lot=lot.rec_name,
                        location=location.rec_name,
                        reason=reasons[0]))
        if location.stage == 'ready':
            for lot, reasons in cls.test_holds(lots).items():
                raise ReadyGateError(gettext(
                        'proxymikro_stock.msg_ready_gate',
                        lot=lot.rec_name,
                        location=location.rec_name,
                        reason=reasons[0]))

    @classmethod
    @without_check_access
    def move_to(cls, lots, location, date=None):
        "Move the devices inside the warehouse and return the shipments"
        pool = Pool()
        Move = pool.get('stock.move')
        Shipment = pool.get('stock.shipment.internal')
        shipments, moves = {}, []
        for lot in lots:
            if lot.location == location:
                continue
            if not lot.location:
                raise AccessError(gettext(
                        'proxymikro_stock.msg_lot_not_received',
                        lot=lot.rec_name))
            if lot.location.type != 'storage':
                raise PlaceError(gettext(
                        'proxymikro_stock.msg_lot_gone',
                        lot=lot.rec_name,
                        location=lot.location.rec_name))
            if lot.location not in shipments:
                shipments[lot.location] = Shipment(
                    from_location=lot.location, to_location=location,
                    effective_date=date)
        Shipment.save(list(shipments.values()))
        for lot in lots:
            if lot.location in shipments:
                moves.append(Move(
                        shipment=shipments[lot.location], product=lot.product,
                        lot=lot, unit=lot.product.default_uom, quantity=1,
                        from_location=lot.location, to_location=location))
        Move.save(moves)
        shipments = Shipment.browse(list(shipments.values()))
        for action in ['wait', 'assign', 'do']:
            getattr(Shipment, action)(shipments)
        return shipments

    @classmethod
    def check_modification(cls, mode, lots, values=None, external=False):
        super().check_modification(
            mode, lots, values=values, external=external)
        if not external:
            return
        forbidden = []
        if mode == 'write' and (
                values.keys() & {'current_move', 'collection', 'token'}):
            forbidden = lots
        elif mode == 'create':
            forbidden = [l for l in lots if l.current_move or l.collection]
        for lot in forbidden:
            raise AccessError(gettext(
                    'proxymikro_stock.msg_lot_pointer_readonly',
                    lot=lot.rec_name))

    @classmethod
    def copy(cls, lots, default=None):
        default = default.copy() if default is not None else {}
        for name in ['serial_number', 'donor_number', 'collection',
                'current_move', 'moves', 'token']:
            default.setdefault(name, None)
        return super().copy(lots, default=default)


class DeviceMove(Wizard):
    __name__ = 'device.move'

    start = StateView('device.move.start',
        'proxymikro_stock.device_move_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Move", 'move', 'tryton-ok', default=True),
            ])
    move = StateTransition()

    def default_start(self, fields):
        return {'devices': [r.id for r in self.records]}

    def transition_move(self):
        self.model.move_to(
            list(self.start.devices), self.start.location,
            date=self.start.date)
        return 'end'

    def end(self):
        return 'reload'


class DeviceMoveStart(ModelView):
    __name__ = 'device.move.start'

    location = fields.Many2One(
        'stock.location', "To", required=True,
        domain=[
            ('type', '=', 'storage'),
            ('stage', 'in', [
                    'reception', 'workshop', 'ready', 'parts', 'scrap']),
            ],
        help="The place inside the association where the devices go.")
    date = fields.Date(
        "Date", required=True,
        help="The day the devices were moved.")
    devices = fields.Many2Many(
        'stock.lot', None, None, "Devices", required=True,
        domain=[('device', '=', True)])

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()

    @fields.depends('devices')
    def on_scan_code(self, code):
        lot = Pool().get('stock.lot').scan(code)
        devices = list(self.devices or [])
        if lot and lot not in devices:
            self.devices = devices + [lot]
