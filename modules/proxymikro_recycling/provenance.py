# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Where a lot comes from and what it became, in SQL.

A part comes from the devices that went into the dismantling it came out of,
unless it is a known component: then only from the device that held it. A part
that a work order fitted never comes from the device that it was fitted in.
"""
from collections import namedtuple

from sql import Literal, Null, Select, Union, Window, With
from sql.aggregate import Sum
from sql.conditionals import Case, Coalesce, NullIf
from sql.functions import Round
from sql.operators import Exists

from trytond.pool import Pool

Provenance = namedtuple('Provenance', ['part', 'device', 'collection'])


def _done_edges(with_, column, upward):
    """Return the join from the lots of the with to those one step further.

    Either lots that come out of a dismantling on one side and those that go
    in on the other, a known component having only one host; or a part that
    a work order took out on one side and its device on the other. What a
    work order had fitted keeps its own origin.
    """
    Move = Pool().get('stock.move')
    Component = Pool().get('device.component')
    in_, out = Move.__table__(), Move.__table__()
    component, removed = Component.__table__(), Component.__table__()
    ways = Union(
        Select([Literal('dismantling').as_('name')]),
        Select([Literal('work').as_('name')]), all_=True)
    first, second = (out, in_) if upward else (in_, out)
    production = (
        first.production_output if upward else first.production_input)
    here, there = (
        (removed.extracted_lot, removed.lot) if upward
        else (removed.lot, removed.extracted_lot))
    tables = (with_
        .join(ways, condition=Literal(True))
        .join(first, 'LEFT',
            condition=(ways.name == 'dismantling')
            & (first.lot == column) & (first.state == 'done')
            & (production != Null))
        .join(second, 'LEFT',
            condition=(second.state == 'done')
            & (in_.production_input == out.production_output))
        .join(component, 'LEFT', condition=component.extracted_lot == out.lot)
        .join(removed, 'LEFT',
            condition=(ways.name == 'work') & (here == column)
            & (removed.removed_by != Null) & (removed.part == Null)))
    where = (
        (there != Null)
        | ((second.lot != first.lot)
            & ((component.id == Null)
                | ((component.lot == in_.lot) & (component.part == Null)))))
    return tables, Coalesce(there, second.lot), where


def _kept(roots):
    "Return the join and the column that lead from a card given up to the kept"
    Alias = Pool().get('device.alias')
    pairs, later = Alias.get_pairs(), Alias.__table__()
    return (roots
        .join(pairs, 'LEFT',
            condition=(pairs.lot == roots.lot)
            & ~Exists(later.select(Literal(1),
                    where=(later.lot == pairs.target)
                    & (later.cancelled_on == Null)))),
        Coalesce(pairs.target, roots.lot))


def source_lots(roots):
    "Return the With (root, source) of all the lots that the roots come from"
    sources = With('root', 'source', recursive=True)
    tables, lot, where = _done_edges(sources, sources.source, upward=True)
    start, kept = _kept(roots)
    sources.query = start.select(
        roots.lot.as_('root'), kept.as_('source')
        ) | tables.select(sources.root, lot.as_('source'), where=where)
    return sources


def outcome_lots(roots):
    "Return the With (collection, lot) of all that the collections became"
    outcome = With('collection', 'lot', recursive=True)
    tables, lot, where = _done_edges(outcome, outcome.lot, upward=False)
    start, kept = _kept(roots)
    outcome.query = start.select(
        roots.collection.as_('collection'), kept.as_('lot')
        ) | tables.select(outcome.collection, lot.as_('lot'), where=where)
    return outcome


def source_devices(sources):
    """Return the query of the devices of each root, with their weight.

    The rest is the weight without the parts that are known to have come out:
    by it the scrap of several devices is shared. The collection of a card that
    was given up is a source too, which weighs nothing: the card that was kept
    has the weight of the device.
    """
    pool = Pool()
    Lot = pool.get('stock.lot')
    Product = pool.get('product.product')
    Template = pool.get('product.template')
    lot, product = Lot.__table__(), Product.__table__()
    template = Template.__table__()
    card = Lot.__table__()
    pairs = pool.get('device.alias').get_pairs()
    taken = _taken_weights()
    weight = Coalesce(lot.weight, template.usual_weight, 1)
    rest = weight - Coalesce(taken.weight, 0)
    return (sources
        .join(lot, condition=lot.id == sources.source)
        .join(product, condition=lot.product == product.id)
        .join(template, condition=product.template == template.id)
        .join(taken, 'LEFT', condition=taken.device == lot.id)
        .select(
            sources.root.as_('root'),
            lot.id.as_('device'),
            lot.collection.as_('collection'),
            lot.resale_waiver_date.as_('resale_waiver_date'),
            weight.as_('weight'),
            Case((rest > 0, rest), else_=weight).as_('rest'),
            where=template.device | (lot.collection != Null))
        ) | (sources
        .join(pairs, condition=pairs.target == sources.source)
        .join(lot, condition=lot.id == pairs.target)
        .join(card, condition=card.id == pairs.lot)
        .select(
            sources.root, lot.id, card.collection,
            Coalesce(card.resale_waiver_date, lot.resale_waiver_date),
            Literal(0.), Literal(0.), where=card.collection != Null))


def _taken_weights():
    "Return the query of the weight of the parts that came out of each device"
    pool = Pool()
    component = pool.get('device.component').__table__()
    lot = pool.get('stock.lot').__table__()
    product = pool.get('product.product').__table__()
    template = pool.get('product.template').__table__()
    return (component
        .join(lot, condition=component.extracted_lot == lot.id)
        .join(product, condition=lot.product == product.id)
        .join(template, condition=product.template == template.id)
        .select(
            component.lot.as_('device'),
            Sum(Coalesce(lot.weight, template.usual_weight, 0)
                ).as_('weight'),
            where=component.part == Null,
            group_by=[component.lot]))


def _share(total, weight, until, whole, digits):
    "Return the rounded share of the total up to here less the one before"
    # SQLite has no decimals: the difference has cents of its own
    return Round(
        Round(total * until / whole, digits)
        - Round(total * (until - weight) / whole, digits), digits)


def is_settled(line, settled):
    "Return the condition of the settlement that the invoice line adjusts"
    Line = Pool().get('account.invoice.line')
    return (
        line.origin.like('recycling.settlement.line,%')
        & (settled.id == Line.origin.sql_id(line.origin, Line)))


def is_sold(line, settled, relation):
    "Return the condition of the moves that the invoice line is about"
    move = Pool().get('stock.move').__table__()
    return (
        (relation.invoice_line == Coalesce(settled.invoice_line, line.id))
        & ((settled.lot == Null)
            | relation.stock_move.in_(move.select(
                    move.id, where=move.lot == settled.lot))))


def _invoiced(invoice, line, settled, sold):
    "Return the join of the invoice lines to those of the sale they are about"
    return (line
        .join(invoice, condition=line.invoice == invoice.id)
        .join(settled, 'LEFT', condition=is_settled(line, settled))
        .join(sold,
            condition=sold.id == Coalesce(settled.invoice_line, line.id)))


def in_shipment(move, shipment, name):
    "Return the condition to join the shipment of the move, of that model"
    Move = Pool().get('stock.move')
    return move.shipment.like(f'{name},%') & (
        Move.shipment.sql_id(move.shipment, Move) == shipment.id)


def sold_lines():
    """Return the query of the lines of customer invoices by lot sold.

    A line is shared between the moves it invoices by quantity, so that the
    cents of all the moves make those of the line. The adjustment of a
    settlement is about the lots that it settles.
    """
    pool = Pool()
    Line = pool.get('account.invoice.line')
    currency = pool.get('currency.currency').__table__()
    invoice = pool.get('account.invoice').__table__()
    line, sold = Line.__table__(), Line.__table__()
    settled = pool.get('recycling.settlement.line').__table__()
    relation = pool.get('account.invoice.line-stock.move').__table__()
    move = pool.get('stock.move').__table__()
    cast = Line.unit_price.sql_cast
    total = Round(
        cast(line.quantity) * cast(line.unit_price), currency.digits)
    quantity = Coalesce(cast(move.internal_quantity), 1)
    until = Sum(quantity, window=Window([line.id], order_by=[move.id]))
    whole = NullIf(Sum(quantity, window=Window([line.id])), 0)
    return (_invoiced(invoice, line, settled, sold)
        .join(currency, condition=invoice.currency == currency.id)
        .join(relation, 'LEFT', condition=is_sold(line, settled, relation))
        .join(move, 'LEFT', condition=relation.stock_move == move.id)
        .select(
            line.id.as_('line'), sold.product.as_('product'),
            sold.origin.as_('origin'), invoice.id.as_('invoice'),
            Case((settled.id == Null, invoice.id)).as_('first_invoice'),
            invoice.party.as_('party'),
            move.id.as_('move'), move.lot.as_('lot'),
            (total * quantity / whole).as_('weight'),
            _share(total, quantity, until, whole, currency.digits
                ).as_('amount'),
            where=(line.type == 'line') & (invoice.type == 'out')
            & (invoice.state != 'cancelled')))
