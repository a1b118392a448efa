# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The life of a device, one line per event."""
from sql import Cast, Literal, Null, Union
from sql.operators import Concat

from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool, PoolMeta


class Event(ModelSQL, ModelView):
    __name__ = 'device.event'

    lot = fields.Many2One('stock.lot', "Device")
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
    def get_documents(cls):
        pool = Pool()
        get_name = pool.get('ir.model').get_name
        return [
            (None, ""),
            *pool.get('stock.lot.trace').get_documents(),
            *((name, get_name(name)) for name, *_ in cls._get_evidence()),
            ]

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
            ('device.issue', lambda t: t.date, lambda t: t.handled_by, None),
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

    events = fields.One2Many(
        'device.event', 'lot', "History", readonly=True)

    @classmethod
    def copy(cls, lots, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('events', None)
        return super().copy(lots, default=default)
