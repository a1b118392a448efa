# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The books the unit tests keep: opened by the wizard, entries by code."""
import datetime as dt
from decimal import Decimal
from functools import partial, wraps

from trytond.modules.company.tests import set_company
from trytond.modules.company.tests.tools import create_company
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

from .tools import create_association_chart


def activate_books(modules='proxymikro_account'):
    "Activate the modules for a company with the chart of an association"
    activate_modules(
        modules, partial(create_company, currency='EUR'),
        create_association_chart)


def with_books(*years):
    "Run in a transaction of the association once its years are open"
    def decorator(func):
        @with_transaction()
        @wraps(func)
        def wrapper(self):
            company, = Pool().get('company.company').search([])
            with set_company(company):
                func(self, Books(company, years))
        return wrapper
    return decorator


class Books:
    "The books of a company"

    def __init__(self, company, years):
        self.company = company
        self.years = {year: self.open(year) for year in years}

    def open(self, year):
        "Open the year with the wizard, and return it"
        pool = Pool()
        FiscalYear = pool.get('account.fiscalyear')
        Setup = pool.get('account.books.setup', type='wizard')
        session_id, _, _ = Setup.create()
        setup = Setup(session_id)
        setup.start.company = self.company
        setup.start.start_date = dt.date(year, 1, 1)
        setup.start.end_date = dt.date(year, 12, 31)
        setup.start.regime = 'exemption'
        setup.start.bank_name = setup.start.iban = None
        setup.transition_set_up()
        fiscalyear, = FiscalYear.search([
                ('company', '=', self.company.id),
                ('start_date', '=', dt.date(year, 1, 1))])
        return fiscalyear

    def account(self, code):
        account, = Pool().get('account.account').search([
                ('company', '=', self.company.id), ('code', '=', code)])
        return account

    def party(self, name):
        party, = Pool().get('party.party').create([{'name': name}])
        return party

    def move(self, date, *lines, journal='OD', post=True, **values):
        """Enter a move whose lines are an account, a debit, a credit and,
        for who wants it, a party and the date it is due."""
        pool = Pool()
        Journal = pool.get('account.journal')
        Move = pool.get('account.move')
        Period = pool.get('account.period')
        journal, = Journal.search([('code', '=', journal)])
        move, = Move.create([{
                    'company': self.company.id,
                    'period': Period.find(self.company, date=date).id,
                    'journal': journal.id,
                    'date': date,
                    'lines': [('create', [
                                self.line(*line) for line in lines])],
                    **values}])
        if post:
            Move.post([move])
        return move

    def line(self, code, debit, credit, party=None, maturity_date=None):
        return {
            'account': self.account(code).id,
            'debit': Decimal(debit), 'credit': Decimal(credit),
            'party': party and party.id, 'maturity_date': maturity_date}

    def balance_non_deferral(self, fiscalyear):
        "Close the income and the expenses of the year with core's wizard"
        pool = Pool()
        Balance = pool.get(
            'account.fiscalyear.balance_non_deferral', type='wizard')
        Journal = pool.get('account.journal')
        Move = pool.get('account.move')
        Period = pool.get('account.period')
        journal, = Journal.create([{
                    'name': "Clôture", 'code': f'CL{fiscalyear.name}',
                    'type': 'situation'}])
        period, = Period.create([{
                    'name': "Clôture", 'fiscalyear': fiscalyear.id,
                    'start_date': fiscalyear.end_date,
                    'end_date': fiscalyear.end_date, 'type': 'adjustment'}])
        session_id, _, _ = Balance.create()
        wizard = Balance(session_id)
        wizard.start.fiscalyear = fiscalyear
        wizard.start.company = fiscalyear.company
        wizard.start.journal = journal
        wizard.start.period = period
        wizard.start.credit_account = self.account('120')
        wizard.start.debit_account = self.account('129')
        move = wizard.create_move()
        Move.post([move])
        return move

    def insert(self, date, size):
        "Enter so many lines of one euro, half of them fees, by SQL"
        line = Pool().get('account.move.line').__table__()
        move = self.move(date, ('5121', 1, 0), ('7561', 0, 1))
        values = [
            [move.id, self.account('5121').id, 1, 0, 'valid'],
            [move.id, self.account('7561').id, 0, 1, 'valid']]
        columns = [
            line.move, line.account, line.debit, line.credit, line.state]
        cursor = Transaction().connection.cursor()
        for start in range(2, size, 100):
            count = min(100, size - start)
            cursor.execute(*line.insert(columns, values * (count // 2)))
