# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the tests of the evidence do to devices."""
import datetime as dt
from pathlib import Path

from trytond.pool import Pool
from trytond.transaction import Transaction

from .test_guard import with_company

HERE = Path(__file__).parent
NOW = dt.datetime.now().replace(microsecond=0)


def read(name):
    return (HERE / name).read_bytes()


def hire(company, name):
    pool = Pool()
    party, = pool.get('party.party').create([{'name': name}])
    employee, = pool.get('company.employee').create([{
                'company': company.id, 'party': party.id}])
    return employee


def act_as(employee):
    "Let the user be the employee from now on"
    User = Pool().get('res.user')
    user = User(Transaction().user)
    user.employees = [employee] if employee else []
    user.employee = employee
    user.save()


class Workshop:
    "What the tests do to devices"

    def __init__(self, fleet):
        pool = Pool()
        self.fleet = fleet
        self.Report = pool.get('device.report')
        self.Component = pool.get('device.component')
        self.Erasure = pool.get('device.erasure')
        self.Declaration = pool.get('device.declaration')
        self.Test = pool.get('device.test')
        self.employee = hire(fleet.company, "Camille")
        self.validator = hire(fleet.company, "Dominique")
        act_as(self.validator)
        self.signer, = pool.get('res.user').create([{
                    'name': "Camille", 'login': 'camille',
                    'employees': [('add', [self.employee.id])],
                    'employee': self.employee.id}])

    def device(self, kind='desktop'):
        lot = self.fleet.lot(kind)
        self.fleet.do(lot, 'supplier', 'input')
        return self.fleet.Lot(lot.id)

    def attach(self, lot, name='desktop.lshw.json'):
        return self.Report.attach(lot, read(name), name)

    def drives(self, lot):
        return self.Component.search([
                ('lot', '=', lot.id), ('kind', '=', 'drive')])

    def drive(self, lot, **values):
        drive, = self.Component.create([{
                    'lot': lot.id, 'kind': 'drive', **values}])
        return drive

    def erase(self, drive, sign=True, countersign=True, **values):
        erasure = self.Erasure(
            component=drive, method='clear', technique="One pass of zeros",
            tool="nwipe", start=NOW - dt.timedelta(hours=3),
            end=NOW - dt.timedelta(hours=2), result='success',
            operator=self.employee)
        for name, value in values.items():
            setattr(erasure, name, value)
        erasure.save()
        if sign:
            self.sign(erasure)
        if sign and erasure.result == 'success' and countersign:
            self.Erasure.countersign([self.Erasure(erasure.id)])
        return self.Erasure(erasure.id)

    def sign(self, *erasures):
        "Sign as the operator: who signs first can't sign second"
        with Transaction().set_user(self.signer.id):
            self.Erasure.sign(self.Erasure.browse(erasures))

    def attach_log(self, name='nwipe.log'):
        Log = Pool().get('device.erasure.log')
        with Transaction().set_user(self.signer.id):
            return Log.attach(read(name), f'/media/usb/{name}', self.employee)

    def declare(self, lot, sign=True, **values):
        declaration, = self.Declaration.create([{
                    'lot': lot.id, 'reason': 'removed_by_donor',
                    'signed_by': self.employee.id, **values}])
        if sign:
            self.Declaration.sign([declaration])
        return self.Declaration(declaration.id)

    def test(self, lot, result='passed', **values):
        test, = self.Test.create([{
                    'lot': lot.id, 'result': result,
                    'employee': self.employee.id, **values}])
        if result == 'passed':
            self.Test.pass_([test])
        self.Test.do([test])
        return self.Test(test.id)

    def state(self, lot):
        "Return the sanitisation, after checking that searches agree"
        Lot = self.fleet.Lot
        state = Lot(lot.id).sanitisation
        assert Lot.search([
                ('id', '=', lot.id), ('sanitisation', '=', state)])
        assert not Lot.search([
                ('id', '=', lot.id), ('sanitisation', '!=', state)])
        assert Lot._get_sanitisations([lot]) == {lot.id: state}
        return state

    def reasons(self, lot):
        return self.fleet.Lot.data_holds([lot]).get(lot, [])


def with_workshop(func):
    @with_company
    def wrapper(self, fleet):
        func(self, Workshop(fleet))
    return wrapper
