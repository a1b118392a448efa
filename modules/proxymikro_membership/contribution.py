# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The hours of the volunteers, and of those whom a company lets come."""
from trytond.pool import Pool, PoolMeta


class Contribution(metaclass=PoolMeta):
    __name__ = 'account.contribution'

    @classmethod
    def _get_origin(cls):
        return [
            *super()._get_origin(), 'support.request.time', 'volunteer.time']

    @classmethod
    def _get_giver(cls, employee):
        "The time that a company pays is a service that the company renders"
        if employee.partner_company:
            return 'service', employee.partner_company
        return super()._get_giver(employee)

    @classmethod
    def get_candidates(cls, company, start_date, end_date):
        pool = Pool()
        SupportTime = pool.get('support.request.time')
        Time = pool.get('volunteer.time')
        period = [('date', '>=', start_date), ('date', '<=', end_date)]
        return [
            *super().get_candidates(company, start_date, end_date),
            *cls.from_minutes(company, SupportTime.search([
                        ('request.company', '=', company.id),
                        ('request.state', 'in', ['resolved', 'closed']),
                        *period,
                        ])),
            *cls.from_minutes(company, Time.search([
                        ('employee.company', '=', company.id),
                        *period,
                        ]))]
