# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The kinds of equipment of a collection: announced, received, weighed."""
from collections import defaultdict
from decimal import Decimal

from sql.aggregate import Count

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, Workflow, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.tools import grouped_slice
from trytond.transaction import Transaction, without_check_access

from .exceptions import WeighingError


class CollectionLine(ModelSQL, ModelView):
    __name__ = 'stock.collection.line'

    collection = fields.Many2One(
        'stock.shipment.in', "Collection", required=True, ondelete='CASCADE')
    collection_state = fields.Function(
        fields.Selection('get_states', "State of Collection"),
        'on_change_with_collection_state')
    product = fields.Many2One(
        'product.product', "Kind", required=True, ondelete='RESTRICT',
        domain=[('type', '=', 'goods')],
        states={
            'readonly': Eval('id', -1) >= 0,
            })
    device = fields.Function(
        fields.Boolean("Device"),
        'on_change_with_device', searcher='search_device')
    unit = fields.Function(
        fields.Many2One('product.uom', "Unit"), 'on_change_with_unit')
    announced = fields.Float(
        "Announced", digits='unit',
        domain=['OR',
            ('announced', '=', None),
            ('announced', '>=', 0),
            ],
        states={
            'readonly': Eval('collection_state') != 'draft',
            },
        help="How many the donor said that they would give.")
    counted = fields.Float(
        "Counted", digits='unit',
        domain=['OR',
            ('counted', '=', None),
            ('counted', '>=', 0),
            ],
        states={
            'readonly': Eval('collection_state') != 'draft',
            'invisible': Eval('device', True),
            },
        help="How many were received of what is not followed one by one.")
    received = fields.Function(
        fields.Float("Received", digits='unit'), 'get_received')
    gap = fields.Function(
        fields.Float(
            "Gap", digits='unit',
            help="What was received less what was announced."),
        'get_gap')
    weight = fields.Float(
        "Weighed Together", digits=(None, 3),
        domain=['OR',
            ('weight', '=', None),
            ('weight', '>', 0),
            ],
        help="The weight in kg of all that was received of the kind. It is "
        "shared between the devices that were not weighed alone.")
    note = fields.Char(
        "Remark", help="What explains a gap, written on the reception record.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('collection_product_unique', Unique(t, t.collection, t.product),
                'proxymikro_stock.msg_collection_line_unique'),
            ]
        cls.__access__.add('collection')

    @classmethod
    def get_states(cls):
        return Pool().get('stock.shipment.in').fields_get(
            ['state'])['state']['selection']

    @fields.depends('collection', '_parent_collection.state')
    def on_change_with_collection_state(self, name=None):
        return self.collection.state if self.collection else 'draft'

    @fields.depends('product')
    def on_change_with_device(self, name=None):
        return bool(self.product and self.product.device)

    @classmethod
    def search_device(cls, name, clause):
        return [('product.device', *clause[1:])]

    @fields.depends('product')
    def on_change_with_unit(self, name=None):
        return self.product.default_uom if self.product else None

    @classmethod
    def get_received(cls, lines, name):
        counts = cls._count_devices({l.collection.id for l in lines})
        return {
            l.id: float(counts[l.collection.id, l.product.id]) if l.device
            else l.counted
            for l in lines}

    @classmethod
    def _count_devices(cls, collection_ids):
        "Return the number of devices by collection and product"
        Lot = Pool().get('stock.lot')
        cursor = Transaction().connection.cursor()
        counts = defaultdict(int)
        for sub_ids in grouped_slice(sorted(collection_ids), 500):
            lot = Lot.__table__()
            cursor.execute(*lot.select(
                    lot.collection, lot.product, Count(lot.id),
                    where=fields.SQL_OPERATORS['in'](
                        lot.collection, list(sub_ids)),
                    group_by=[lot.collection, lot.product]))
            counts.update(((c, p), n) for c, p, n in cursor)
        return counts

    def get_gap(self, name):
        if self.announced is not None:
            return (self.received or 0) - self.announced

    def get_rec_name(self, name):
        return f'{self.product.rec_name} · {self.collection.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('product.rec_name', *clause[1:])]

    def share(self, lots):
        "Return what to write to the devices of the kind"
        rest = self.weight - sum(
            l.weight for l in lots if l.weight_origin == 'weighed')
        lots = [l for l in lots if l.weight_origin != 'weighed']
        if not lots:
            return []
        share = round(rest / len(lots), 3)
        last = round(rest - share * (len(lots) - 1), 3)
        if min(share, last) <= 0:
            raise WeighingError(gettext(
                    'proxymikro_stock.msg_collection_line_weight',
                    line=self.rec_name))
        origin = {'weight_origin': 'shared'}
        to_write = [lots[-1:], {'weight': last, **origin}]
        if lots[:-1]:
            to_write.extend([lots[:-1], {'weight': share, **origin}])
        return to_write

    @classmethod
    def on_modification(cls, mode, lines, field_names=None):
        ShipmentIn = Pool().get('stock.shipment.in')
        super().on_modification(mode, lines, field_names=field_names)
        if (mode == 'create' and any(l.weight for l in lines)
                or mode == 'write' and 'weight' in field_names):
            ShipmentIn.spread_weights(
                ShipmentIn.browse({l.collection.id for l in lines}))


class ShipmentIn(metaclass=PoolMeta):
    __name__ = 'stock.shipment.in'

    lines = fields.One2Many(
        'stock.collection.line', 'collection', "Kinds of Equipment",
        states={
            'readonly': Eval('state') == 'cancelled',
            },
        help="What was announced, received and weighed, by kind.")

    @classmethod
    @without_check_access
    def add_devices(cls, collection, rows):
        lots = super().add_devices(collection, rows)
        cls.complete_lines([collection])
        return lots

    @classmethod
    @without_check_access
    def complete_lines(cls, collections):
        "Add a line for each kind that was received without being announced"
        Line = Pool().get('stock.collection.line')
        counts = Line._count_devices({c.id for c in collections})
        known = {
            (l.collection.id, l.product.id) for l in Line.search([
                    ('collection', 'in', [c.id for c in collections])])}
        Line.create([
                {'collection': collection, 'product': product}
                for collection, product in sorted(counts.keys() - known)])

    @classmethod
    @ModelView.button
    @Workflow.transition('received')
    def receive(cls, collections):
        cls.complete_lines(collections)
        cls._set_bulk_moves(collections)
        super().receive(collections)

    @classmethod
    @without_check_access
    def _set_bulk_moves(cls, collections):
        "Let what is counted without being followed come in too"
        pool = Pool()
        Line = pool.get('stock.collection.line')
        Move = pool.get('stock.move')
        lines = Line.search([
                ('collection', 'in', [c.id for c in collections]),
                ('device', '!=', True),
                ('counted', '>', 0),
                ])
        if not lines:
            return
        # Those of a collection that was cancelled and reset to draft
        Move.delete(Move.search([
                    ('shipment', 'in', [str(c) for c in collections]),
                    ('product', 'in', [l.product.id for l in lines]),
                    ('lot', '=', None),
                    ('state', '=', 'draft'),
                    ]))
        Move.save([l.collection._get_bulk_move(l) for l in lines])

    def _get_bulk_move(self, line):
        Move = Pool().get('stock.move')
        return Move(
            shipment=self, company=self.company,
            product=line.product, unit=line.unit, quantity=line.counted,
            from_location=self.supplier_location,
            to_location=self.warehouse_input,
            unit_price=Decimal(0), currency=self.company.currency)

    @classmethod
    def copy(cls, collections, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('lines', None)
        return super().copy(collections, default=default)
