# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The volunteers say what they can do, when they come, and type their hours."""
import datetime as dt

from proteus import Model

from .base import USERS, get_id

SKILLS = {
    'atelier': ["Diagnostic de panne", "Soudure"],
    'accueil': ["Accueil", "Conduite du fourgon"],
    'tresorerie': ["Comptabilité"],
    }
HOURS = [
    ('accueil', 7, 'reception', 180, "Permanence du samedi"),
    ('accueil', 4, 'collection', 240, "Deux mairies"),
    ('atelier', 7, 'training', 120, "Atelier de câblage pour les parents"),
    ('tresorerie', 9, 'administration', 150, "Pointage de la banque"),
    ('presidence', 14, 'governance', 120, "Conseil d'administration"),
    ]


def run(config, context):
    Availability = Model.get('volunteer.availability')
    Day = Model.get('ir.calendar.day')
    Skill = Model.get('volunteer.skill')
    Time = Model.get('volunteer.time')
    today = context['today']
    employees = {login: find(name) for login, (name, _) in USERS.items()}
    saturday = Day(get_id('ir.Saturday'))
    for login, names in SKILLS.items():
        skills = [Skill(name=name) for name in names]
        Skill.save(skills)
        employees[login].skills.extend(skills)
        employees[login].save()
        Availability(
            employee=employees[login], day=saturday,
            start_time=dt.time(9), end_time=dt.time(12, 30)).save()
    Time.save([
            Time(employee=employees[login], kind=kind, minutes=minutes,
                date=today - dt.timedelta(days=days), description=description)
            for login, days, kind, minutes, description in HOURS])


def find(name):
    Employee = Model.get('company.employee')
    employee, = Employee.find([('party.name', '=', name)])
    return employee
