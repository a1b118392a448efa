# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The ledger of matter, in SQL: what each kg was in, and what it becomes.

An entry puts kg of a collection and of a kind of device in a bucket on a day, or
takes them from it. All of them come from the moves and the documents, so that
what no entry explains is a gap.
"""
from sql import Literal, Null, Union, Window, With
from sql.aggregate import Sum
from sql.conditionals import Case, Coalesce, NullIf
from sql.functions import RowNumber
from sql.operators import Exists

from trytond.model import fields
from trytond.pool import Pool
from trytond.transaction import Transaction

from .provenance import (
    in_shipment, outcome_lots, source_devices, source_lots)

INCOMING = ['in_scale', 'in_devices', 'in_estimated']
STOCK = [
    'reception', 'workshop', 'ready', 'lent', 'parts', 'scrap', 'deposit',
    'fitted', 'storage']
OUTGOING = [
    'sold_devices', 'sold_parts', 'sold_materials', 'prepared', 'recycled',
    'recovered', 'disposed', 'treated', 'loss', 'lost', 'returned', 'untraced']
# Where each kind of treatment goes, once the facility has done it: what only
# prepares another one has none yet (R12, R13, D9, D13 to D15)
MODES = {
    'reuse': 'prepared',
    'recycling': 'recycled',
    'energy': 'recovered',
    'other_recovery': 'recovered',
    'disposal': 'disposed',
    }


def _selected():
    "Return the collections and the donors asked for, if any"
    context = Transaction().context
    return (
        context.get('balance_collections'), context.get('balance_donors'))


def of_company(column):
    company = Transaction().context.get('company')
    return column == company if company else Literal(True)


def _given_up(column):
    "The card that was given up weighs nothing: its device has another one"
    alias = Pool().get('device.alias').__table__()
    return Exists(alias.select(Literal(1),
            where=(alias.lot == column) & (alias.cancelled_on == Null)))


def where_selected(collection):
    "Return the condition of the collections asked for on their table"
    collections, donors = _selected()
    in_, where = fields.SQL_OPERATORS['in'], Literal(True)
    if collections:
        where &= in_(collection.id, collections)
    if donors:
        where &= in_(collection.supplier, donors)
    return where


def get_lots():
    "Return the query of the lots to follow, and the With that it needs"
    pool = Pool()
    lot = pool.get('stock.lot').__table__()
    if not any(_selected()):
        return lot.select(lot.id.as_('lot'), where=~_given_up(lot.id)), []
    collection = pool.get('stock.shipment.in').__table__()
    outcome = outcome_lots(lot.join(
            collection, condition=lot.collection == collection.id).select(
            lot.id.as_('lot'), collection.id.as_('collection'),
            where=where_selected(collection)))
    return outcome.select(outcome.lot.as_('lot'), distinct=True), [outcome]


def get_shares(sources):
    """Return the With of the part of each lot by collection and kind.

    As (lot, collection, kind, share), the shares of a lot being 1 in all.
    """
    pool = Pool()
    lot = pool.get('stock.lot').__table__()
    product = pool.get('product.product').__table__()
    template = pool.get('product.template').__table__()
    devices = source_devices(sources)
    whole = Sum(devices.rest, window=Window([devices.root]))
    parts = (devices
        .join(lot, condition=devices.device == lot.id)
        .join(product, condition=lot.product == product.id)
        .join(template, condition=product.template == template.id)
        .select(
            devices.root, devices.collection,
            template.device_kind.as_('kind'), devices.rest,
            whole.as_('whole')))
    return With('lot', 'collection', 'kind', 'share', query=parts.select(
            parts.root, parts.collection, parts.kind,
            Sum(parts.rest / NullIf(parts.whole, 0)),
            group_by=[parts.root, parts.collection, parts.kind]))


class Ledger:
    "The tables that the entries of moves share"

    def __init__(self, shares):
        pool = Pool()
        self.shares = shares
        self.move = pool.get('stock.move').__table__()
        self.lot = pool.get('stock.lot').__table__()
        self.product = pool.get('product.product').__table__()
        self.template = pool.get('product.template').__table__()
        self.uom = pool.get('product.uom').__table__()
        self.place = pool.get('stock.location').__table__()
        self.waste = pool.get('stock.shipment.waste').__table__()

    def join(self, column):
        "Return the join of the done moves of the lots with one of their places"
        move = self.move
        return (self.shares
            .join(move, condition=(move.lot == self.shares.lot)
                & (move.state == 'done') & of_company(move.company))
            .join(self.lot, condition=move.lot == self.lot.id)
            .join(self.product, condition=self.lot.product == self.product.id)
            .join(self.template,
                condition=self.product.template == self.template.id)
            .join(self.uom, condition=self.template.default_uom == self.uom.id)
            .join(self.place, condition=column == self.place.id)
            .join(self.waste, 'LEFT', condition=in_shipment(
                    move, self.waste, 'stock.shipment.waste')))

    @property
    def weight(self):
        return Coalesce(self.lot.weight, self.template.usual_weight, 0)

    @property
    def mass(self):
        ModelData = Pool().get('ir.model.data')
        category = ModelData.get_id('product', 'uom_cat_weight')
        quantity = self.move.internal_quantity
        return self.shares.share * quantity * Case(
            (self.uom.category == category, self.uom.factor),
            else_=self.weight)

    @property
    def columns(self):
        return [
            self.shares.collection.as_('collection'),
            self.shares.kind.as_('kind'),
            self.move.effective_date.as_('date')]

    def bucket(self, production):
        "Return what the place is, where production says it of production"
        place, template = self.place, self.template
        treatment = Case(
            *(((self.waste.state == 'processed')
                    & (self.waste.operation_mode == mode), bucket)
                for mode, bucket in MODES.items()),
            else_='treated')
        sold = Case(
            (self.waste.id != Null, 'sold_materials'),
            (template.device == Literal(True), 'sold_devices'),
            ((template.component_kind == 'scrap') | (self.lot.unit == Null),
                'sold_materials'),
            else_='sold_parts')
        return Case(
            (place.type == 'storage', Case(
                    (place.stage.in_(STOCK), place.stage),
                    else_='storage')),
            (place.type == 'customer', sold),
            (place.type == 'supplier', 'returned'),
            (place.type == 'production', production),
            (place.stage == 'treatment', treatment),
            else_='lost')


def _arrivals(shares):
    "What the moves bring where they go"
    t = Ledger(shares)
    production = Case(
        (t.move.production_input != Null, 'dismantled'), else_='fitted')
    return t.join(t.move.to_location).select(
        *t.columns, t.bucket(production).as_('bucket'),
        t.mass.as_('mass'), Literal(0.).as_('number'))


def _departures(shares):
    """What the moves take from where they start.

    What a dismantling gives was in its devices; what a work order gives was
    in the device too, which weighs less; what comes back from a dismantling
    after it had been fitted was in the device as a part.
    """
    t = Ledger(shares)
    born = (t.move.lot_rank == Null) | (t.move.lot_rank <= 1)
    production = Case(
        ((t.move.production_output != Null) & born, 'dismantled'),
        else_='fitted')
    return t.join(t.move.from_location).select(
        *t.columns, t.bucket(production), -t.mass, Literal(0.),
        where=t.place.type != 'supplier')


def _intakes(shares):
    "What the donors give, and how it was weighed"
    t = Ledger(shares)
    collection = Pool().get('stock.shipment.in').__table__()
    bucket = Case(
        (collection.weighed != Null, 'in_scale'),
        (t.lot.weight_origin.in_(['weighed', 'shared']), 'in_devices'),
        else_='in_estimated')
    return t.join(t.move.from_location).join(
        collection, 'LEFT',
        condition=t.lot.collection == collection.id).select(
        *t.columns, bucket, t.mass, t.shares.share,
        where=t.place.type == 'supplier')


def _placements(shares):
    "The devices the first time that they serve again: lent, or sold"
    t = Ledger(shares)
    moves = t.join(t.move.to_location).select(
        *t.columns, t.mass.as_('mass'), t.shares.share.as_('share'),
        RowNumber(window=Window(
                [t.move.lot, t.shares.collection, t.shares.kind],
                order_by=[t.move.lot_rank.asc, t.move.id.asc])).as_('rank'),
        where=(t.template.device == Literal(True))
        & ((t.place.type == 'customer') | (t.place.stage == 'lent')))
    return moves.select(
        moves.collection, moves.kind, moves.date, Literal('placed'),
        moves.mass, moves.share, where=moves.rank == 1)


def _losses(sources, shares):
    "What the dismantlings declare lost, shared as their scrap is"
    pool = Pool()
    production = pool.get('production').__table__()
    move = pool.get('stock.move').__table__()
    devices = source_devices(sources)
    inputs = (production
        .join(move, condition=(move.production_input == production.id)
            & (move.state == 'done'))
        .join(devices, condition=(devices.root == move.lot)
            & (devices.device == move.lot))
        .select(
            move.lot.as_('lot'), production.effective_date.as_('date'),
            (production.declared_loss * devices.rest / NullIf(Sum(
                        devices.rest, window=Window([production.id])), 0)
                ).as_('loss'),
            where=(production.state == 'done')
            & (production.declared_loss > 0)
            & of_company(production.company)))
    return inputs.join(shares, condition=shares.lot == inputs.lot).select(
        shares.collection, shares.kind, inputs.date, Literal('loss'),
        inputs.loss * shares.share, Literal(0.))


def _releases(shares):
    "The parts a work order took out of a device which is then dismantled"
    pool = Pool()
    t = Ledger(shares)
    component = pool.get('device.component').__table__()
    opened = pool.get('stock.move').__table__()
    from_item = t.join(t.move.from_location).join(
        component, condition=(component.extracted_lot == t.lot.id)
        & (component.removed_by != Null) & (component.part == Null)).join(
        opened, condition=(opened.lot == component.lot)
        & (opened.state == 'done') & (opened.production_input != Null))
    date = Case(
        (opened.effective_date > t.move.effective_date,
            opened.effective_date),
        else_=t.move.effective_date)
    where = (t.place.type == 'production') & (t.move.lot_rank == 1)
    collection, kind, _ = t.columns
    return [
        from_item.select(
            collection, kind, date, Literal(bucket), t.mass * sign,
            Literal(0.), where=where)
        for bucket, sign in [('fitted', 1), ('dismantled', -1)]]


def _weighings():
    """What the scale read beside the devices.

    The weight of what is not followed one by one, which nothing explains
    further, and the difference between the scale and all that is known.
    """
    pool = Pool()
    collection = pool.get('stock.shipment.in').__table__()
    line = pool.get('stock.collection.line').__table__()
    product = pool.get('product.product').__table__()
    template = pool.get('product.template').__table__()
    given = (collection.state.in_(['received', 'done'])
        & of_company(collection.company) & where_selected(collection))
    bulk = (line
        .join(product, condition=line.product == product.id)
        .join(template, condition=product.template == template.id)
        .select(
            line.collection, Sum(line.weight).as_('weight'),
            where=(Coalesce(template.device, Literal(False))
                == Literal(False)) & (line.weight != Null),
            group_by=[line.collection]))
    devices = _collected()
    in_ = Case((collection.weighed != Null, 'in_scale'), else_='in_devices')
    date, none = collection.effective_date, Literal(Null)
    bulks = collection.join(
        bulk, condition=bulk.collection == collection.id)
    return [
        *(bulks.select(
                collection.id, none, date, bucket, bulk.weight, Literal(0.),
                where=given) for bucket in [in_, Literal('untraced')]),
        collection.join(bulk, 'LEFT',
            condition=bulk.collection == collection.id
            ).join(devices, 'LEFT',
            condition=devices.collection == collection.id).select(
            collection.id, none, date, Literal('in_scale'),
            collection.weighed - Coalesce(bulk.weight, 0)
            - Coalesce(devices.weight, 0), Literal(0.),
            where=given & (collection.weighed != Null))]


def _collected():
    "Return the query of the weight of the devices of each collection"
    pool = Pool()
    lot = pool.get('stock.lot').__table__()
    product = pool.get('product.product').__table__()
    template = pool.get('product.template').__table__()
    return (lot
        .join(product, condition=lot.product == product.id)
        .join(template, condition=product.template == template.id)
        .select(
            lot.collection, Sum(Coalesce(
                    lot.weight, template.usual_weight, 0)).as_('weight'),
            where=(lot.collection != Null) & ~_given_up(lot.id),
            group_by=[lot.collection]))


def get_entries():
    "Return the With that all needs, the shares and the entries"
    lots, with_ = get_lots()
    sources = source_lots(lots)
    shares = get_shares(sources)
    first, *others = [
        _arrivals(shares), _departures(shares), _intakes(shares),
        _placements(shares), _losses(sources, shares), *_releases(shares),
        *_weighings()]
    return (
        [*with_, sources, shares], shares,
        Union(first, *others, all_=True))
