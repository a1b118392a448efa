# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The hours of each volunteer by kind of work, wherever they were typed."""
from sql import Literal, Union
from sql.aggregate import Sum
from sql.conditionals import Case

from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval, If
from trytond.transaction import Transaction

from .volunteer_time import KINDS


class VolunteerHoursContext(ModelView):
    __name__ = 'volunteer.hours.context'

    start_date = fields.Date(
        "From", required=True,
        domain=[
            If(Eval('start_date') & Eval('end_date'),
                ('start_date', '<=', Eval('end_date')), ()),
            ])
    end_date = fields.Date(
        "To", required=True,
        domain=[
            If(Eval('start_date') & Eval('end_date'),
                ('end_date', '>=', Eval('start_date')), ()),
            ])

    @classmethod
    def default_start_date(cls):
        return cls.default_end_date().replace(month=1, day=1)

    @classmethod
    def default_end_date(cls):
        return Pool().get('ir.date').today()


class VolunteerHours(ModelSQL, ModelView):
    __name__ = 'volunteer.hours'

    company = fields.Many2One('company.company', "Company")
    employee = fields.Many2One('company.employee', "Volunteer")
    partner_company = fields.Many2One('party.party', "Partner Company")
    kind = fields.Selection(KINDS, "Kind of Work", sort=False)
    kind_string = kind.translated('kind')
    hours = fields.Float("Hours", digits=(None, 2))

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('employee.party.name', 'ASC'), ('hours', 'DESC'), ('id', 'ASC')]

    @classmethod
    def _get_sources(cls):
        "Return the selects of the volunteer, the day, the kind and the minutes"
        pool = Pool()
        times = pool.get('volunteer.time').__table__()
        support = pool.get('support.request.time').__table__()
        return [
            times.select(
                times.employee, times.date, times.kind, times.minutes),
            cls._get_source(support, 'support')]

    @staticmethod
    def _get_source(table, kind):
        return table.select(
            table.employee, table.date, Literal(kind).as_('kind'),
            table.minutes)

    @classmethod
    def table_query(cls):
        Employee = Pool().get('company.employee')
        context = Transaction().context
        employee = Employee.__table__()
        times = Union(*cls._get_sources(), all_=True)
        rank = Case(
            *((times.kind == k, i) for i, (k, _) in enumerate(KINDS)),
            else_=len(KINDS))
        where = Literal(True)
        if start_date := context.get('start_date'):
            where &= times.date >= start_date
        if end_date := context.get('end_date'):
            where &= times.date <= end_date
        by = [
            employee.id, employee.company, employee.partner_company,
            times.kind]
        return times.join(
            employee, condition=times.employee == employee.id).select(
                (employee.id * (len(KINDS) + 1) + rank).as_('id'),
                employee.company.as_('company'),
                employee.id.as_('employee'),
                employee.partner_company.as_('partner_company'),
                times.kind.as_('kind'),
                cls.hours.sql_cast(Sum(times.minutes) / 60.0).as_('hours'),
                where=where, group_by=by)

    @classmethod
    def of_period(cls, employees, start_date, end_date):
        "Return the hours of the period, by id of the volunteers"
        with Transaction().set_context(
                start_date=start_date, end_date=end_date):
            result = {e.id: [] for e in employees}
            for hours in cls.search([('employee', 'in', list(result))]):
                result[hours.employee.id].append(hours)
            return result


class WorkHours(metaclass=PoolMeta):
    __name__ = 'volunteer.hours'

    @classmethod
    def _get_sources(cls):
        times = Pool().get('device.work.time').__table__()
        return [*super()._get_sources(), cls._get_source(times, 'workshop')]
