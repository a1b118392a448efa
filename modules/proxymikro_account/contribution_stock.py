# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The contributions in kind of the workshop and of the collections."""
from decimal import Decimal

from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval


class Gift(metaclass=PoolMeta):
    __name__ = 'account.gift'

    collection = fields.Many2One(
        'stock.shipment.in', "Collection", ondelete='RESTRICT',
        domain=[('supplier', '=', Eval('party', -1))],
        states={
            'readonly': Eval('state') != 'draft',
            'invisible': Eval('nature') != 'kind',
            },
        help="What was given. Its contribution in kind is then the gift's.")


class Contribution(metaclass=PoolMeta):
    __name__ = 'account.contribution'

    @classmethod
    def _get_origin(cls):
        return [
            *super()._get_origin(), 'device.work.time', 'stock.shipment.in']

    @classmethod
    def get_candidates(cls, company, start_date, end_date):
        return [
            *super().get_candidates(company, start_date, end_date),
            *cls.get_work_times(company, start_date, end_date),
            *cls.get_collections(company, start_date, end_date)]

    @classmethod
    def get_work_times(cls, company, start_date, end_date):
        "Return the hours of the volunteers on the work orders that are done"
        Time = Pool().get('device.work.time')
        return cls.from_minutes(company, Time.search([
                    ('work.company', '=', company.id),
                    ('work.state', '=', 'done'),
                    ('date', '>=', start_date),
                    ('date', '<=', end_date),
                    ]))

    @classmethod
    def get_collections(cls, company, start_date, end_date):
        "Return the goods whose value is known, once each"
        pool = Pool()
        Collection = pool.get('stock.shipment.in')
        Gift = pool.get('account.gift')
        given = {g.collection for g in Gift.search([
                    ('company', '=', company.id),
                    ('state', '=', 'recorded'),
                    ('collection', '!=', None),
                    ])}
        return [cls(
                company=company, kind='goods', origin=collection,
                date=collection.effective_date, party=collection.supplier,
                quantity=None, amount=company.currency.round(
                    Decimal(collection.estimated_value)),
                description=collection.rec_name)
            for collection in Collection.search([
                    ('company', '=', company.id),
                    ('state', '=', 'done'),
                    ('effective_date', '>=', start_date),
                    ('effective_date', '<=', end_date),
                    ])
            if collection.estimated_value and collection not in given]
