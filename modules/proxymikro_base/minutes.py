# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from sql.aggregate import Sum

from trytond.i18n import gettext, lazy_gettext
from trytond.model import fields
from trytond.pool import Pool
from trytond.tools import grouped_slice
from trytond.transaction import Transaction

from .exceptions import MinutesDateError


class MinutesMixin:
    "The time that a volunteer gave one day"
    __slots__ = ()

    employee = fields.Many2One(
        'company.employee', lazy_gettext('proxymikro_base.msg_minutes_employee'),
        required=True, ondelete='RESTRICT',
        help=lazy_gettext('proxymikro_base.msg_minutes_employee_help'))
    date = fields.Date(
        lazy_gettext('proxymikro_base.msg_minutes_date'), required=True,
        help=lazy_gettext('proxymikro_base.msg_minutes_date_help'))
    minutes = fields.Integer(
        lazy_gettext('proxymikro_base.msg_minutes_minutes'), required=True,
        domain=[('minutes', '>', 0), ('minutes', '<=', 24 * 60)],
        help=lazy_gettext('proxymikro_base.msg_minutes_minutes_help'))

    @classmethod
    def default_employee(cls):
        User = Pool().get('res.user')
        employee = User(Transaction().user).employee
        return employee.id if employee else None

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def validate_fields(cls, times, field_names):
        super().validate_fields(times, field_names)
        if not field_names or field_names & {'employee', 'date'}:
            cls._check_date(times)

    @classmethod
    def _check_date(cls, times):
        """Refuse a day to come, where the volunteer is.

        A domain would compare with the day of the server, which in France is
        still the day before until one or two in the morning.
        """
        Date = Pool().get('ir.date')
        today = {}
        for time in times:
            company = time.employee.company
            if company not in today:
                with Transaction().set_context(company=company.id):
                    today[company] = Date.today()
            if time.date > today[company]:
                raise MinutesDateError(gettext(
                        'proxymikro_base.msg_minutes_date_future',
                        employee=time.employee.rec_name,
                        date=Pool().get('ir.lang').get().strftime(time.date)))

    @classmethod
    def sum_minutes(cls, name, records):
        "Return the minutes by id of the records that the field points to"
        table = cls.__table__()
        column = getattr(table, name)
        cursor = Transaction().connection.cursor()
        result = dict.fromkeys(map(int, records), 0)
        for sub_ids in grouped_slice(list(result), 500):
            cursor.execute(*table.select(
                    column, Sum(table.minutes),
                    where=fields.SQL_OPERATORS['in'](column, list(sub_ids)),
                    group_by=column))
            result.update(cursor)
        return result
