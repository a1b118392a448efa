# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the networks and the relays brought: collections and loans."""
from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.transaction import without_check_access


class StockReachMixin:
    __slots__ = ()

    collections = fields.Function(
        fields.Integer("Collections"), 'get_collections')
    weight = fields.Function(
        fields.Float(
            "Weight", digits=(None, 1), help="What was collected, in kg."),
        'get_collections')
    lent = fields.Function(
        fields.Integer(
            "Devices Lent", help="What the members it brought have today."),
        'get_lent')

    @classmethod
    @without_check_access
    def get_collections(cls, records, names):
        Collection = Pool().get('stock.shipment.in')
        own, relays = cls._get_reach(records)
        found = Collection.search([
                ('state', '=', 'done'),
                ['OR',
                    ('supplier', 'in', list(set().union(*own.values()))),
                    ('introduced_by', 'in',
                        list(set().union(*relays.values()))),
                    ],
                ])
        result = {n: {} for n in names}
        for record in records:
            brought = [
                c for c in found if c.supplier.id in own[record.id]
                or (c.introduced_by
                    and c.introduced_by.id in relays[record.id])]
            values = {
                'collections': len(brought),
                'weight': round(sum(c.total_weight or 0 for c in brought), 1),
                }
            for name in names:
                result[name][record.id] = values[name]
        return result

    @classmethod
    @without_check_access
    def get_lent(cls, records, name):
        Line = Pool().get('stock.loan.line')
        own, _ = cls._get_reach(records)
        borrowers = {
            id_: own[id_] | {m.party.id for m in memberships}
            for id_, memberships in cls._get_memberships(records).items()}
        lines = Line.search([
                ('loan.borrower', 'in',
                    list(set().union(*borrowers.values()))),
                ('state', '=', 'lent'),
                ])
        return {
            r.id: sum(
                line.loan.borrower.id in borrowers[r.id] for line in lines)
            for r in records}


class Network(StockReachMixin, metaclass=PoolMeta):
    __name__ = 'party.network'


class Relay(StockReachMixin, metaclass=PoolMeta):
    __name__ = 'party.relay'
