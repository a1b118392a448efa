# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The life of a device, one line per event."""
from collections import defaultdict

from sql import Cast, Literal, Null, Union
from sql.conditionals import Coalesce
from sql.operators import Concat

from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.tools import grouped_slice

# The states of a work order that has begun
WORKED = ['running', 'done']


class Event(ModelSQL, ModelView):
    __name__ = 'device.event'

    lot = fields.Many2One('stock.lot', "Device")
    kept = fields.Function(
        fields.Many2One(
            'stock.lot', "Kept",
            help="The card that the device has now."),
        'get_kept', searcher='search_kept')
    date = fields.Date("Date")
    recorded = fields.Timestamp("Recorded At")
    document = fields.Reference(
        "Event", 'get_documents',
        help="The document that moved the device, "
        "or the evidence of what was done to it.")
    location = fields.Many2One(
        'stock.location', "Place",
        help="Where the device went.")
    employee = fields.Many2One('company.employee', "By")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('date', 'DESC'), ('recorded', 'DESC'), ('id', 'DESC')]

    @classmethod
    def get_kept(cls, events, name):
        Lot = Pool().get('stock.lot')
        kept = Lot.follow({e.lot for e in events})
        return {e.id: kept[e.lot].id for e in events}

    @classmethod
    def search_kept(cls, name, clause):
        Lot = Pool().get('stock.lot')
        _, operator, value, *_ = clause
        nested = clause[0][len(name) + 1:] or (
            'rec_name' if isinstance(value, str) else 'id')
        cards = Lot.get_cards(Lot.search([(nested, operator, value)]))
        return [('lot', 'in', [id_ for ids in cards.values() for id_ in ids])]

    @classmethod
    def get_documents(cls):
        pool = Pool()
        get_name = pool.get('ir.model').get_name
        documents = dict(pool.get('stock.lot.trace').get_documents())
        for name, *_ in cls._get_evidence():
            documents[name] = get_name(name)
        return [(None, ""), *documents.items()]

    @classmethod
    def _get_evidence(cls):
        """Return what tells of a device beside its moves.

        As (name of the model, its date, who did it, whether it is done),
        where each of the last three takes the table.
        """
        return [
            ('device.report', lambda t: t.date, lambda t: t.employee,
                lambda t: t.lot != Null),
            ('device.erasure', lambda t: t.end, lambda t: t.operator,
                lambda t: t.state != 'draft'),
            ('device.declaration', lambda t: t.date, lambda t: t.signed_by,
                lambda t: t.state == 'signed'),
            ('device.test', lambda t: t.date, lambda t: t.employee,
                lambda t: t.state == 'done'),
            ('device.work', lambda t: Coalesce(t.end_date, t.start_date),
                lambda t: Literal(Null), lambda t: t.state.in_(WORKED)),
            ('device.issue', lambda t: t.date, lambda t: t.handled_by, None),
            ('device.alias', lambda t: t.date, lambda t: t.employee,
                lambda t: t.cancelled_on == Null),
            ]

    @classmethod
    def table_query(cls):
        evidence = cls._get_evidence()
        queries = [cls._query_moves(len(evidence) + 1)]
        for rank, (name, *columns) in enumerate(evidence, 1):
            queries.append(
                cls._query_evidence(name, rank, len(evidence) + 1, *columns))
        return Union(*queries, all_=True)

    @classmethod
    def _query_moves(cls, step):
        pool = Pool()
        traces = pool.get('stock.lot.trace').table_query()
        move = pool.get('stock.move').__table__()
        return traces.join(move, condition=move.id == traces.id).select(
            (Cast(traces.id, 'BIGINT') * Literal(step)).as_('id'),
            traces.lot.as_('lot'),
            traces.date.as_('date'),
            move.write_date.as_('recorded'),
            traces.document.as_('document'),
            traces.to_location.as_('location'),
            Literal(Null).as_('employee'))

    @classmethod
    def _query_evidence(cls, name, rank, step, date, employee, done):
        pool = Pool()
        char = cls.document.sql_type().base
        table = pool.get(name).__table__()
        from_, lot = table, table
        if 'lot' not in pool.get(name)._fields or isinstance(
                pool.get(name).lot, fields.Function):
            lot = pool.get('device.component').__table__()
            from_ = table.join(lot, condition=table.component == lot.id)
        return from_.select(
            (Cast(table.id, 'BIGINT') * Literal(step)
                + Literal(rank)).as_('id'),
            lot.lot.as_('lot'),
            cls.date.sql_cast(date(table)).as_('date'),
            table.create_date.as_('recorded'),
            Concat(f'{name},', Cast(table.id, char)).as_('document'),
            Literal(Null).as_('location'),
            employee(table).as_('employee'),
            where=done(table) if done else Literal(True))


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    events = fields.Function(
        fields.Many2Many(
            'device.event', None, None, "History",
            help="What happened to the device, "
            "also under the cards that were given up for this one."),
        'get_events')

    @classmethod
    def get_events(cls, lots, name):
        "Return the events of all the cards of each device, the last first"
        Event = Pool().get('device.event')
        cards = cls.get_cards(lots)
        owners = defaultdict(list)
        for owner, ids in cards.items():
            for id_ in ids:
                owners[id_].append(owner)
        events = {id_: [] for id_ in cards}
        for sub_ids in grouped_slice(sorted(owners), 500):
            for event in Event.search([('lot', 'in', list(sub_ids))]):
                for owner in owners[event.lot.id]:
                    events[owner].append(event.id)
        return events
