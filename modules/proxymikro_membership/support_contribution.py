# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The hours of the volunteers who help the members."""
from trytond.pool import Pool, PoolMeta


class Contribution(metaclass=PoolMeta):
    __name__ = 'account.contribution'

    @classmethod
    def _get_origin(cls):
        return [*super()._get_origin(), 'support.request.time']

    @classmethod
    def get_candidates(cls, company, start_date, end_date):
        Time = Pool().get('support.request.time')
        return [
            *super().get_candidates(company, start_date, end_date),
            *cls.from_minutes(company, Time.search([
                        ('request.company', '=', company.id),
                        ('request.state', 'in', ['resolved', 'closed']),
                        ('date', '>=', start_date),
                        ('date', '<=', end_date),
                        ]))]
