# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is weighed: a whole collection, all of a kind, or a single device.

The weight of a device says where it comes from: the scale, its share of what
was weighed together, or the usual weight of its kind, which is an estimate.
"""
from collections import defaultdict

from sql import Null
from sql.aggregate import Max, Sum
from sql.conditionals import Case, Coalesce

from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.tools import grouped_slice
from trytond.transaction import Transaction, without_check_access


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    weight_origin = fields.Selection([
            (None, ""),
            ('weighed', "Weighed"),
            ('shared', "Weighed with Others"),
            ('usual', "Usual Weight (estimated)"),
            ], "Origin of the Weight", readonly=True, sort=False,
        states={
            'invisible': ~Eval('weight'),
            },
        help="How the weight is known: on the scale, as a share of what was "
        "weighed together, or by the usual weight of the kind.")

    @fields.depends('weight')
    def on_change_weight(self):
        self.weight_origin = 'weighed' if self.weight else None

    @classmethod
    def preprocess_values(cls, mode, values):
        values = super().preprocess_values(mode, values)
        if 'weight' in values and 'weight_origin' not in values:
            values['weight_origin'] = 'weighed' if values['weight'] else None
        return values


class ShipmentIn(metaclass=PoolMeta):
    __name__ = 'stock.shipment.in'

    total_weight = fields.Function(
        fields.Float(
            "Weight", digits=(None, 3),
            help="The weight in kg: what the scale read for the whole "
            "collection, or else the sum of what is known by kind and by "
            "device."),
        'get_weights')
    weight_estimated = fields.Function(
        fields.Boolean(
            "Estimated",
            help="Whether the weight rests on the usual weight of a kind, "
            "or lacks the one of a device."),
        'get_weights')
    weight_gap = fields.Function(
        fields.Float(
            "Gap", digits=(None, 3),
            help="What the scale read for the whole collection, "
            "less the sum of what is known by kind and by device."),
        'get_weights')

    @classmethod
    def get_weights(cls, collections, names):
        sums = cls._sum_weights(collections)
        result = {name: {} for name in names}
        for collection in collections:
            sum_, estimated = sums.get(collection.id, (0, False))
            weighed = collection.weighed
            values = {
                'total_weight': round(weighed or sum_, 3),
                'weight_estimated': bool(estimated and not weighed),
                'weight_gap': round(weighed - sum_, 3) if weighed else None,
                }
            for name in names:
                result[name][collection.id] = values[name]
        return result

    @classmethod
    def _sum_weights(cls, collections):
        "Return by id the sum of the weights and whether one is estimated"
        pool = Pool()
        Line = pool.get('stock.collection.line')
        Lot = pool.get('stock.lot')
        cursor = Transaction().connection.cursor()
        result = {}
        for sub_ids in grouped_slice([c.id for c in collections], 500):
            sub_ids = list(sub_ids)
            lot = Lot.__table__()
            cursor.execute(*lot.select(
                    lot.collection, Sum(Coalesce(lot.weight, 0)),
                    Max(Case(
                            ((lot.weight == Null)
                                | (lot.weight_origin == 'usual'), 1),
                            else_=0)),
                    where=fields.SQL_OPERATORS['in'](
                        lot.collection, sub_ids),
                    group_by=lot.collection))
            result.update((i, (w, e)) for i, w, e in cursor)
            for line in Line.search([
                        ('collection', 'in', sub_ids),
                        ('device', '!=', True),
                        ('weight', '!=', None),
                        ]):
                sum_, estimated = result.get(line.collection.id, (0, 0))
                result[line.collection.id] = (sum_ + line.weight, estimated)
        return result

    @classmethod
    @without_check_access
    def add_devices(cls, collection, rows):
        lots = super().add_devices(collection, rows)
        cls.spread_weights([collection])
        return lots

    @classmethod
    @without_check_access
    def spread_weights(cls, collections):
        """Share what was weighed by kind between the devices of the kind.

        What was weighed alone keeps its weight; without a weighing of the
        kind the others have its usual weight.
        """
        pool = Pool()
        Line = pool.get('stock.collection.line')
        Lot = pool.get('stock.lot')
        lines = Line.search([
                ('collection', 'in', [c.id for c in collections]),
                ('device', '=', True),
                ])
        weighed = {(l.collection, l.product): l for l in lines if l.weight}
        shared = {l.collection for l in weighed.values()}
        devices = defaultdict(list)
        for lot in Lot.search([
                    ('collection', 'in', [c.id for c in collections]),
                    ['OR',
                        ('collection', 'in', [c.id for c in shared]),
                        ('weight_origin', '=', 'shared'),
                        ],
                    ], order=[('id', 'ASC')]):
            devices[lot.collection, lot.product].append(lot)
        to_write = []
        for key, lots in devices.items():
            if line := weighed.get(key):
                to_write.extend(line.share(lots))
            elif lots := [l for l in lots if l.weight_origin == 'shared']:
                to_write.extend([lots, {
                            'weight': key[1].usual_weight,
                            'weight_origin': 'usual'}])
        if to_write:
            Lot.write(*to_write)
