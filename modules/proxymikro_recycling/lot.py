# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from collections import defaultdict

from sql import Literal, Null
from sql.aggregate import Sum
from sql.conditionals import Case

from trytond.i18n import gettext
from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.tools import grouped_slice
from trytond.transaction import Transaction

from .exceptions import SaleLotError
from .product import COMPONENT_KINDS
from .provenance import (
    Provenance, outcome_lots, source_devices, source_lots)

STORES = ['parts', 'scrap']


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    component_kind = fields.Function(
        fields.Selection(COMPONENT_KINDS, "Kind of Part", sort=False))
    available = fields.Function(
        fields.Float(
            "Available", digits='default_uom',
            help="What the parts store and the scrap cage hold of it."),
        'get_available', searcher='search_available')
    source_devices = fields.Function(
        fields.Many2Many(
            'stock.lot', None, None, "Devices of Origin",
            help="The devices that it was taken out of."),
        'get_sources', searcher='search_sources')
    source_collections = fields.Function(
        fields.Many2Many(
            'stock.shipment.in', None, None, "Collections of Origin",
            help="The collections that brought the devices of origin."),
        'get_sources', searcher='search_sources')
    donors = fields.Function(
        fields.Many2Many(
            'party.party', None, None, "Donors",
            help="Those who gave the devices of origin."),
        'get_sources', searcher='search_sources')

    @property
    def sellable(self):
        "The quantity that may be sold from where it is"
        if self.device and self.stage == 'ready':
            return 1
        return self.available

    @classmethod
    def find_sellable(cls, code):
        "Return the device or the part that a label says, or raise an error"
        lot = cls.scan(code)
        if not lot:
            code = (code or '').strip()
            token = code.rstrip('/').rpartition('/d/')[2]
            lots = cls.search([
                    ('component_kind', '!=', None),
                    ['OR',
                        ('number', '=', code),
                        ('serial_number', '=', code),
                        ('token', '=', token),
                        ],
                    ], limit=2) if code else []
            lot = lots[0] if len(lots) == 1 else None
        if not lot or not lot.sellable:
            raise SaleLotError(gettext(
                    'proxymikro_recycling.msg_sale_scan',
                    code=lot.rec_name if lot else code))
        return lot

    @classmethod
    def column_component_kind(cls, tables):
        return cls._join_template(tables).component_kind

    @classmethod
    def _stored_query(cls):
        "Return the query of the quantity of each lot by store"
        pool = Pool()
        Move = pool.get('stock.move')
        Location = pool.get('stock.location')
        move, location = Move.__table__(), Location.__table__()
        return move, move.join(location,
            condition=location.stage.in_(STORES)
            & ((move.to_location == location.id)
                | (move.from_location == location.id))
            ).select(
            move.lot.as_('lot'), location.id.as_('location'),
            Sum(Case((move.to_location == location.id,
                        move.internal_quantity),
                    else_=-move.internal_quantity)).as_('quantity'),
            where=(move.state == 'done'),
            group_by=[move.lot, location.id])

    @classmethod
    def stored(cls, lots):
        "Return for each lot the quantity by store that holds some"
        cursor = Transaction().connection.cursor()
        result = defaultdict(dict)
        for sub_ids in grouped_slice(list(map(int, lots)), 500):
            move, query = cls._stored_query()
            query.where &= fields.SQL_OPERATORS['in'](move.lot, list(sub_ids))
            cursor.execute(*query)
            for lot, location, quantity in cursor:
                if (quantity := round(quantity, 6)) > 0:
                    result[lot][location] = quantity
        return result

    @classmethod
    def get_available(cls, lots, name):
        stored = cls.stored(lots)
        return {l.id: sum(stored[l.id].values()) for l in lots}

    @classmethod
    def search_available(cls, name, clause):
        _, operator, value = clause
        Operator = fields.SQL_OPERATORS[operator]
        move, query = cls._stored_query()
        total = query.select(
            query.lot, where=query.lot != Null,
            group_by=[query.lot],
            having=Operator(Sum(query.quantity), value))
        return [('id', 'in', total)]

    @classmethod
    def _source_rows(cls, lots):
        """Return the devices of origin of the lots, with what their
        collection's regime says of resale, in one query by slice"""
        pool = Pool()
        Collection = pool.get('stock.shipment.in')
        Regime = pool.get('stock.gift.regime')
        table = cls.__table__()
        collection, regime = Collection.__table__(), Regime.__table__()
        cursor = Transaction().connection.cursor()
        rows = []
        for sub_ids in grouped_slice(sorted(set(map(int, lots))), 500):
            sources = source_lots(table.select(
                    table.id.as_('lot'),
                    where=fields.SQL_OPERATORS['in'](
                        table.id, list(sub_ids))))
            devices = source_devices(sources)
            cursor.execute(*devices
                .join(collection, 'LEFT',
                    condition=devices.collection == collection.id)
                .join(regime, 'LEFT',
                    condition=collection.gift_regime == regime.id)
                .select(
                    devices.root, devices.device, devices.collection,
                    collection.supplier, regime.resale,
                    Case((devices.resale_waiver_date != Null,
                            Literal(1)), else_=Literal(0)),
                    order_by=[
                        devices.root, devices.device, devices.collection],
                    with_=[sources]))
            rows.extend(cursor)
        return rows

    @classmethod
    def provenance(cls, lots):
        "Return the devices and collections that the lots come from"
        Collection = Pool().get('stock.shipment.in')
        rows = cls._source_rows(lots)
        parts = {l.id: l for l in cls.browse({r[0] for r in rows})}
        devices = {l.id: l for l in cls.browse({r[1] for r in rows})}
        collections = {
            c.id: c for c in Collection.browse({r[2] for r in rows if r[2]})}
        return [
            Provenance(parts[part], devices[device],
                collections.get(collection))
            for part, device, collection, *_ in rows]

    @classmethod
    def get_sources(cls, lots, names):
        values = {n: {l.id: [] for l in lots} for n in names}
        for root, device, collection, donor, *_ in cls._source_rows(lots):
            row = {
                'source_devices': device if device != root else None,
                'source_collections': collection,
                'donors': donor,
                }
            for name in names:
                if row[name] and row[name] not in values[name][root]:
                    values[name][root].append(row[name])
        return values

    @classmethod
    def search_sources(cls, name, clause):
        "Search from the devices down to all that came out of them"
        pool = Pool()
        Collection = pool.get('stock.shipment.in')
        _, operator, value, *extra = clause
        table, collection = cls.__table__(), Collection.__table__()
        column = {
            'source_devices': table.id,
            'source_collections': table.collection,
            'donors': collection.supplier,
            }[name]
        Target = getattr(cls, name).get_target()
        nested = clause[0][len(name) + 1:] or (
            'rec_name' if isinstance(value, str) else 'id')
        negative = operator.startswith('!') or operator.startswith('not ')
        if negative:
            operator = operator.removeprefix('!').removeprefix('not ')
        targets = Target.search([(nested, operator, value, *extra)])
        in_ = fields.SQL_OPERATORS['in'](column, [t.id for t in targets])
        outcome = outcome_lots(table.join(collection,
                condition=table.collection == collection.id).select(
                table.id.as_('lot'), collection.id.as_('collection'),
                where=in_))
        query = outcome.select(outcome.lot, with_=[outcome])
        if name == 'source_devices':
            query.where = ~fields.SQL_OPERATORS['in'](
                outcome.lot, [t.id for t in targets])
        return [('id', 'not in' if negative else 'in', query)]
