# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the members add to the report of the activity."""
from collections import defaultdict

from trytond.pool import Pool, PoolMeta
from trytond.transaction import without_check_access


class ActivityReport(metaclass=PoolMeta):
    __name__ = 'impact.activity'

    @classmethod
    @without_check_access
    def get_figures(cls, company, year):
        figures = super().get_figures(company, year)
        start, end = figures['start_date'], figures['end_date']
        if figures['year']:
            figures['pupils'] = figures['year'].pupils
        figures['hours'] = cls._get_hours(company, start, end)
        figures['support'] = cls._get_support(company, start, end)
        return figures

    @classmethod
    def _get_hours(cls, company, start, end):
        "Return the hours of the volunteers by kind of work"
        pool = Pool()
        Employee = pool.get('company.employee')
        Hours = pool.get('volunteer.hours')
        by_kind = defaultdict(float)
        employees = Employee.search([('company', '=', company.id)])
        for rows in Hours.of_period(employees, start, end).values():
            for row in rows:
                by_kind[row.kind_string] += row.hours
        return sorted(by_kind.items(), key=lambda k: -k[1])

    @classmethod
    def _get_support(cls, company, start, end):
        "Return the requests of the period, those solved and the days it took"
        Request = Pool().get('support.request')
        requests = Request.search([
                ('company', '=', company.id),
                ('date', '>=', start), ('date', '<=', end),
                ])
        over = [r for r in requests if r.state in {'resolved', 'closed'}]
        delays = sorted(
            (r.answered_on - r.date).days for r in requests if r.answered_on)
        return {
            'requests': len(requests),
            'over': len(over),
            'solved': len([
                    r for r in over
                    if r.outcome not in {'unsolved', 'refused'}]),
            'delay': delays[len(delays) // 2] if delays else None,
            }
