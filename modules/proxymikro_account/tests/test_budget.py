# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The budget of the core, kept by the treasury."""
import datetime as dt
from decimal import Decimal

from trytond.model.exceptions import AccessError
from trytond.modules.company.tests import create_company, set_company
from trytond.modules.currency.tests import create_currency
from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, with_transaction)
from trytond.transaction import Transaction

from .books import Books


class BudgetTestCase(TestCase):
    "Test the budgets of who keeps the books and of who reads them"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module(['proxymikro_account', 'account_budget'])

    def as_role(self, books, role):
        pool = Pool()
        Data = pool.get('ir.model.data')
        User = pool.get('res.user')
        user, = User.create([{
                    'name': role, 'login': role,
                    'companies': [('add', [books.company.id])],
                    'company': books.company.id,
                    'groups': [('add', [
                                Data.get_id(f'proxymikro_base.group_{role}')])],
                    }])
        return (
            Transaction().set_user(user.id),
            Transaction().set_context(
                User._get_preferences(user, context_only=True),
                _check_access=True))

    def create(self, books):
        Budget = Pool().get('account.budget')
        budget, = Budget.create([{
                    'name': "Budget 2026", 'company': books.company.id,
                    'fiscalyear': books.years[2026].id,
                    'lines': [('create', [
                                {'account': books.account('7561').id,
                                    'amount': Decimal(500)},
                                {'account': books.account('6161').id,
                                    'amount': Decimal(-300)}])]}])
        return budget

    @with_transaction()
    def test_budget(self):
        "The treasury writes it, others read what is spent of it"
        company = create_company(currency=create_currency('eur'))
        with set_company(company):
            self.check_budget(Books(company, [2026]))

    def check_budget(self, books):
        Budget = Pool().get('account.budget')
        date = dt.date(2026, 3, 1)
        books.move(date, ('5121', 400, 0), ('7561', 0, 400))
        books.move(date, ('6161', 360, 0), ('5121', 0, 360))
        user, context = self.as_role(books, 'treasury')
        with user, context:
            budget = self.create(books)
        user, context = self.as_role(books, 'audit')
        with user, context:
            actual = {
                line.account.code: line.actual_amount
                for line in Budget(budget.id).lines}
            with self.assertRaises(AccessError):
                Budget.write([budget], {'name': "Other"})
        self.assertEqual(actual, {'7561': 400, '6161': -360})
