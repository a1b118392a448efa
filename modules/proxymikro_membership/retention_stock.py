# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Who gave or borrowed a device since is not forgotten."""
from sql import Null

from trytond.pool import Pool, PoolMeta


class Party(metaclass=PoolMeta):
    __name__ = 'party.party'

    @classmethod
    def _contact_queries(cls, limit):
        pool = Pool()
        collection = pool.get('stock.shipment.in').__table__()
        loan = pool.get('stock.loan').__table__()
        since = (
            (collection.effective_date == Null)
            | (collection.effective_date >= limit))
        lent = (loan.end_date == Null) | (loan.end_date >= limit)
        return [
            *super()._contact_queries(limit),
            collection.select(collection.supplier, where=since),
            collection.select(
                collection.introduced_by,
                where=since & (collection.introduced_by != Null)),
            loan.select(loan.borrower, where=lent),
            loan.select(loan.place, where=lent & (loan.place != Null)),
            ]
