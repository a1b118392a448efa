# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""An association at work on its server, each person with a login of their own.

They go through XML-RPC, as the commands do: the helpers of the scenarios and of
the demonstration then act as the person who is logged in.
"""
import contextlib
import datetime as dt
import xmlrpc.client
from decimal import Decimal
from pathlib import Path

import pytest

from demo import evidence
from proteus import Model, Wizard
from proteus import config as proteus_config
from trytond.modules import proxymikro_stock
from trytond.modules.proxymikro_recycling.tests.tools import pay_by_bank
from trytond.modules.proxymikro_stock.tests.tools import (
    add_devices, create_collection, receive)

from .installed import ANSWERS

REPORT = Path(proxymikro_stock.__file__).parent / 'tests' / 'desktop.lshw.json'
SERIAL = 'YMBC104218'
SCHOOL = "Collège des Graves"
# On the disk of the server, and not in the database
PHOTO = b'\xff\xd8 the label of the drive'
PEOPLE = {
    'front_desk': "Amélie Castaing",
    'workshop': "Camille Dubreuil",
    'treasury': "Claire Etcheverry",
    'presidency': "Denis Fauché",
    'audit': "Élise Garat",
    }


class Association:
    "The people, and how each of them logs in"

    def __init__(self):
        self.logins = {'admin': ('admin', ANSWERS['mot_de_passe'])}
        # proteus knows the models of a session by its address in memory
        self.sessions = []

    @contextlib.contextmanager
    def person(self, url, role):
        "Act as who has the role"
        login, password = self.logins[role]
        with proteus_config.set_xmlrpc_session(
                f'{url}rpc/', login, password) as session:
            self.sessions.append(session)
            yield

    def set_up(self, url):
        "Take the first steps, as the administrator does"
        with self.person(url, 'admin'):
            company = open_step('company')
            company.form.name = ANSWERS['association']
            company.form.siret = '732 829 320 00074'
            company.form.postal_code, company.form.city = '33000', "Bordeaux"
            company.execute('save')
        # The company is in the context from the next log-in on
        with self.person(url, 'admin'):
            books = open_step('chart')
            books.form.bank_name = "Banque de l'Estuaire"
            books.form.iban = 'FR76 3000 6000 0112 3456 7890 189'
            books.execute('set_up')
            add_membership_type()
            for role, name in PEOPLE.items():
                self.logins[role] = add_person(role, name)
            Step = Model.get('setup.step')
            Step.click(
                [s for s in Step.find([]) if s.state == 'to_see'],
                'acknowledge')
            return {s.code for s in Step.find([]) if s.state != 'done'}

    def work(self, url):
        "Take a device in, make it ready, lend it to a school that paid"
        with self.person(url, 'front_desk'):
            collect()
            call_fee()
        with self.person(url, 'workshop'):
            erase()
        with self.person(url, 'presidency'):
            evidence.countersign()
        with self.person(url, 'workshop'):
            make_ready()
        with self.person(url, 'treasury'):
            invoice, = Model.get('account.invoice').find(
                [('party.name', '=', SCHOOL)])
            pay_by_bank(invoice, Decimal('30.00'))
        with self.person(url, 'front_desk'):
            lend()
        with self.person(url, 'presidency'):
            evidence.seal()

    def examine(self, url):
        "Find what was done, as who audits: writing is refused"
        with self.person(url, 'audit'):
            device = get_device()
            device.manufacturer = "Autre"
            with pytest.raises(
                    xmlrpc.client.Fault, match="pas autorisé.*Contrôle"):
                device.save()
            loan, = Model.get('stock.loan').find(
                [('lines.lot', '=', device.id)])
            erasure, = Model.get('device.erasure').find([])
            photo, = Model.get('ir.attachment').find(
                [('resource', '=', str(device))])
            incomes = Model.get('income.provenance').find([])
            return {
                'device': (
                    device.number, device.donor.name, device.stage,
                    device.sanitisation),
                'loan': (loan.number, loan.borrower.name, loan.state),
                'erasure': (
                    erasure.number, erasure.operator.rec_name,
                    erasure.validator.rec_name),
                'photo': photo.data,
                'income': [(i.party.name, i.amount) for i in incomes],
                }


def open_step(code):
    step, = Model.get('setup.step').find([('code', '=', code)])
    return step.click('open_')


def add_membership_type():
    statutes = open_step('membership_type')
    statutes.execute('colleges')
    statutes.form.period = 'school'
    type_ = statutes.form.types.new()
    type_.name = "École"
    type_.share, type_.counterpart = Decimal('10.00'), Decimal('20.00')
    statutes.execute('add')


def add_person(role, name):
    "Return the login of the person, and the password that is shown once"
    wizard = open_step('person')
    wizard.form.name, wizard.form.roles = name, [role]
    wizard.execute('add')
    login = wizard.form.login, wizard.form.password
    wizard.execute('end')
    return login


def get_device():
    device, = Model.get('stock.lot').find([('serial_number', '=', SERIAL)])
    return device


def collect():
    donor = Model.get('party.party')(name="Menuiserie Larrieu")
    donor.save()
    collection = create_collection(donor)
    add_devices(collection, 'desktop', serials=[SERIAL])
    receive(collection)


def call_fee():
    school = Model.get('party.party')(name=SCHOOL)
    school.save()
    type_, = Model.get('party.membership.type').find([])
    membership = Model.get('party.membership')(party=school, type=type_)
    membership.save()
    membership.click('call')


def erase():
    device = get_device()
    today = dt.date.today()
    evidence.move([device], 'workshop', today)
    attach = Wizard('device.report.attach', [device])
    attach.form.file = REPORT.read_bytes()
    attach.form.file_name = REPORT.name
    attach.execute('attach')
    evidence.erase(
        [device], today - dt.timedelta(days=1), 'purge', "ATA secure erase",
        "hdparm", "9.65")
    Model.get('ir.attachment')(
        name='etiquette.jpg', resource=device, data=PHOTO).save()


def make_ready():
    device, today = get_device(), dt.date.today()
    evidence.check(device, today, 'passed', 'B', 'A')
    evidence.move([device], 'ready', today)


def lend():
    school, = Model.get('party.party').find([('name', '=', SCHOOL)])
    loan = Model.get('stock.loan')(borrower=school)
    loan.end_date = dt.date.today() + dt.timedelta(days=180)
    loan.lines.new(lot=get_device())
    loan.click('reserve')
    loan.click('deliver')
