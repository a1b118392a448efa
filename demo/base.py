# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The association, its people and the role of each."""
import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from proteus import Model, Wizard

PASSWORD = 'proxymikro-demo'
TIMEZONE = 'Europe/Paris'
# login: (name, role)
USERS = {
    'accueil': ("Amélie Castaing", 'front_desk'),
    'atelier': ("Bastien Dubourg", 'workshop'),
    'tresorerie': ("Claire Etcheverry", 'treasury'),
    'presidence': ("Denis Fauché", 'presidency'),
    'controle': ("Édith Garaud", 'audit'),
    }


def run(config, context):
    context.setdefault('today', get_today())
    speak_french(config)
    create_country()
    company = create_company(config)
    create_users(config, company)
    context['company'] = company


def get_today():
    "Return the day it is for the association, wherever the machine is"
    return dt.datetime.now(ZoneInfo(TIMEZONE)).date()


def get_id(xml_id):
    ModelData = Model.get('ir.model.data')
    return ModelData.get_id(xml_id, ModelData._config.context)


def speak_french(config):
    Language = Model.get('ir.lang')
    User = Model.get('res.user')
    french, = Language.find([('code', '=', 'fr')])
    admin, = User.find([('login', '=', 'admin')])
    admin.name = "Administration"
    admin.language = french
    admin.save()
    config._context = User.get_preferences(True, {})


def create_country():
    Country = Model.get('country.country')
    if not Country.find([('code', '=', 'FR')]):
        Country(name="France", code='FR', code3='FRA', code_numeric='250',
            ).save()


def create_company(config):
    Company = Model.get('company.company')
    Country = Model.get('country.country')
    Currency = Model.get('currency.currency')
    Party = Model.get('party.party')
    User = Model.get('res.user')
    euros = Currency.find([('code', '=', 'EUR')])
    euro = euros[0] if euros else Currency(
        name="Euro", symbol="€", code='EUR', numeric_code='978')
    euro.rounding, euro.digits = Decimal('0.01'), 2
    euro.save()
    party = Party(name="Proxy Mikro")
    address, = party.addresses
    address.street = "8 rue des Tanneurs"
    address.postal_code, address.city = "33000", "Bordeaux"
    address.country, = Country.find([('code', '=', 'FR')])
    for type_, value in [
            ('phone', "05 36 49 12 34"), ('email', "contact@example.org")]:
        party.contact_mechanisms.new(type=type_, value=value)
    party.save()
    wizard = Wizard('company.company.config')
    wizard.execute('company')
    wizard.form.party = party
    wizard.form.currency = euro
    wizard.execute('add')
    config._context = User.get_preferences(True, {})
    company, = Company.find([])
    company.timezone = TIMEZONE
    company.save()
    return company


def create_users(config, company):
    "Create a user for each role, who is a volunteer of the association"
    Company = Model.get('company.company')
    Employee = Model.get('company.employee')
    Group = Model.get('res.group')
    Language = Model.get('ir.lang')
    Party = Model.get('party.party')
    User = Model.get('res.user')
    french, = Language.find([('code', '=', 'fr')])
    for login, (name, role) in USERS.items():
        party = Party(name=name, lang=french)
        party.save()
        employee = Employee(party=party, company=company)
        employee.save()
        user = User(
            name=name, login=login, password=PASSWORD, language=french)
        user.groups.append(Group(get_id(f'proxymikro_base.group_{role}')))
        user.companies.append(Company(company.id))
        user.company = Company(company.id)
        user.employees.append(Employee(employee.id))
        user.employee = Employee(employee.id)
        user.save()
