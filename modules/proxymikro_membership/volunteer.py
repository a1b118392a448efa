# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Who gives time: what each can do, when each can come."""
from trytond.model import (
    DeactivableMixin, ModelSQL, ModelView, Unique, fields)
from trytond.pool import PoolMeta
from trytond.pyson import Bool, Eval, If


class Skill(DeactivableMixin, ModelSQL, ModelView):
    __name__ = 'volunteer.skill'

    name = fields.Char("Name", required=True, translate=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('name', 'ASC'), ('id', 'ASC')]


class Employee(metaclass=PoolMeta):
    __name__ = 'company.employee'

    partner_company = fields.Many2One(
        'party.party', "Partner Company", ondelete='RESTRICT',
        help="The company that pays the time given to the association.\n"
        "Empty: the time is the volunteer's own.")
    skills = fields.Many2Many(
        'company.employee-volunteer.skill', 'employee', 'skill', "Skills",
        help="What the volunteer can do.")
    availabilities = fields.One2Many(
        'volunteer.availability', 'employee', "Availabilities",
        help="When the volunteer can come in an ordinary week.")


class EmployeeSkill(ModelSQL):
    __name__ = 'company.employee-volunteer.skill'

    employee = fields.Many2One(
        'company.employee', "Volunteer", required=True, ondelete='CASCADE')
    skill = fields.Many2One(
        'volunteer.skill', "Skill", required=True, ondelete='RESTRICT')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('employee')
        t = cls.__table__()
        cls._sql_constraints += [
            ('unique', Unique(t, t.employee, t.skill),
                'proxymikro_membership.msg_volunteer_skill_unique'),
            ]


class Availability(ModelSQL, ModelView):
    __name__ = 'volunteer.availability'

    employee = fields.Many2One(
        'company.employee', "Volunteer", required=True, ondelete='CASCADE')
    day = fields.Many2One(
        'ir.calendar.day', "Day", required=True, ondelete='RESTRICT')
    start_time = fields.Time(
        "From", format='%H:%M',
        domain=[
            If(Bool(Eval('start_time')) & Bool(Eval('end_time')),
                ('start_time', '<', Eval('end_time')), ()),
            ],
        help="Empty: from the opening.")
    end_time = fields.Time(
        "To", format='%H:%M',
        domain=[
            If(Bool(Eval('start_time')) & Bool(Eval('end_time')),
                ('end_time', '>', Eval('start_time')), ()),
            ],
        help="Empty: until the closing.")
    note = fields.Char("Note", help="For example: one week in two.")
    skills = fields.Function(
        fields.Char("Skills"), 'on_change_with_skills',
        searcher='search_skills')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('day.index', 'ASC'), ('start_time', 'ASC NULLS FIRST'),
            ('id', 'ASC')]

    @fields.depends('employee', '_parent_employee.skills')
    def on_change_with_skills(self, name=None):
        if self.employee:
            return ', '.join(sorted(s.name for s in self.employee.skills))

    @classmethod
    def search_skills(cls, name, clause):
        return [('employee.skills.name', *clause[1:])]

    def get_rec_name(self, name):
        return f'{self.employee.rec_name} · {self.day.name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('employee.rec_name', *clause[1:])]
