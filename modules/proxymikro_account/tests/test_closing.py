# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A year closed step by step, until the next one starts from it."""
import datetime as dt
from decimal import Decimal

from trytond.modules.proxymikro_account.closing import ACTIONS
from trytond.modules.proxymikro_account.exceptions import (
    ClosingError, ClosingWarning)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase

from .books import activate_books, with_books

DATE = dt.date(2026, 6, 1)


class ClosingTestCase(TestCase):
    "Test the steps of the closing"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books()

    def remaining(self, books, year=2026):
        Step = Pool().get('account.fiscalyear.closing.step')
        FiscalYear = Pool().get('account.fiscalyear')
        return [
            s.code for s in Step.get_steps(FiscalYear(books.years[year].id))
            if not s.done]

    def wizard(self, books, year=2026):
        Closing = Pool().get('account.fiscalyear.closing', type='wizard')
        session_id, _, _ = Closing.create()
        wizard = Closing(session_id)
        wizard.start.company = books.company
        wizard.start.fiscalyear = books.years[year]
        return wizard

    def balance(self, wizard):
        "Run the step which balances income and expenses, warnings skipped"
        Warning = Pool().get('res.user.warning')
        try:
            _, data = wizard.do_balance({'views': []})
        except ClosingWarning as warning:
            Warning.create([{'name': warning.name, 'user': 1}])
            _, data = wizard.do_balance({'views': []})
        return Pool().get('account.move')(data['res_id'])

    @with_books(2026)
    def test_steps(self, books):
        "Every step has its name and where it is done"
        steps = Pool().get('account.fiscalyear.closing.steps')
        wizard = self.wizard(books)
        codes = [code for code, _ in steps.get_step_names() if code]
        self.assertEqual(set(codes), set(ACTIONS))
        for code in codes:
            self.assertIn(ACTIONS[code], wizard.states)
        defaults = wizard.default_steps([])
        self.assertEqual(len(defaults['steps']), len(codes))
        self.assertEqual(defaults['step'], 'next')

    @with_books(2026)
    def test_remaining(self, books):
        "Each thing left shows its step, and no other"
        always = ['next', 'balance', 'close']
        self.assertEqual(self.remaining(books), always)
        steps = {
            'drafts': lambda: books.move(
                DATE, ('6161', 40, 0), ('5121', 0, 40), post=False),
            'waiting': lambda: books.move(
                DATE, ('580', 15, 0), ('5121', 0, 15)),
            'depreciation': lambda: books.move(
                DATE, ('2183', 600, 0), ('5121', 0, 600)),
            'annual': lambda: books.move(
                DATE, ('864', 7, 0), ('5121', 0, 7)),
            'result': lambda: books.move(
                DATE, ('5121', 100, 0), ('120', 0, 100)),
            'cut_offs': lambda: self.create_cut_off(books),
            'grants': lambda: self.create_grant(books),
            'statements': lambda: self.create_statement(books),
            'claims': lambda: self.create_claim(books),
            'helloasso': lambda: self.create_helloasso(books),
            'invoices': lambda: self.create_invoice(books),
            }
        found = set()
        for code, leave in steps.items():
            leave()
            found.add(code)
            with self.subTest(step=code):
                self.assertEqual(
                    set(self.remaining(books)), found | set(always))
        books.move(DATE, ('68112', 200, 0), ('28183', 0, 200))
        books.move(DATE, ('5121', 15, 0), ('580', 0, 15))
        books.move(DATE, ('120', 100, 0), ('1068', 0, 100))
        books.move(DATE, ('5121', 7, 0), ('875', 0, 7))
        self.assertEqual(
            set(self.remaining(books)), {
                'drafts', 'invoices', 'statements', 'cut_offs', 'grants',
                'claims', 'helloasso', *always})

    def create_claim(self, books):
        Pool().get('account.expense.claim').create([{
                    'party': books.party("Hugo").id, 'date': DATE,
                    'purpose': "Collecte"}])

    def create_helloasso(self, books):
        Pool().get('account.helloasso.payment').create([{
                    'company': books.company.id, 'reference': "1",
                    'date': DATE, 'amount': 5, 'kind': 'gift',
                    'kind_read': 'gift'}])

    def create_grant(self, books):
        "Award a grant of which nothing is spent, its income in the books"
        pool = Pool()
        Grant = pool.get('account.grant')
        Party = pool.get('party.party')
        funder, = Party.create([{'name': "Métropole"}])
        grant, = Grant.create([{
                    'company': books.company.id, 'name': "Atelier",
                    'funder': funder.id, 'date': DATE, 'amount': 100,
                    'income_account': books.account('741').id}])
        Grant.award([grant])

    def create_cut_off(self, books):
        Pool().get('account.cut.off').create([{
                    'company': books.company.id,
                    'fiscalyear': books.years[2026].id,
                    'kind': 'prepaid_expense', 'description': "Assurance",
                    'account': books.account('6161').id}])

    def create_statement(self, books):
        pool = Pool()
        Data = pool.get('ir.model.data')
        journal, = pool.get('account.statement.journal').create([{
                    'name': "Banque", 'company': books.company.id,
                    'currency': books.company.currency.id,
                    'journal': Data.get_id(
                        'account_statement.journal_statement'),
                    'account': books.account('5121').id,
                    'validation': 'amount'}])
        pool.get('account.statement').create([{
                    'name': "1", 'company': books.company.id,
                    'journal': journal.id, 'date': DATE,
                    'total_amount': Decimal(0)}])

    def create_invoice(self, books):
        pool = Pool()
        Data = pool.get('ir.model.data')
        party, = pool.get('party.party').create([{
                    'name': "École", 'addresses': [('create', [{}])]}])
        pool.get('account.invoice').create([{
                    'company': books.company.id, 'type': 'out',
                    'party': party.id, 'invoice_date': DATE,
                    'invoice_address': party.addresses[0].id,
                    'journal': Data.get_id('account.journal_revenue'),
                    'account': books.account('4110').id,
                    'currency': books.company.currency.id}])

    @with_books(2026)
    def test_close(self, books):
        "From an open year to the opening of the next one"
        FiscalYear = Pool().get('account.fiscalyear')
        Move = Pool().get('account.move')
        books.move(DATE, ('5121', 500, 0), ('7561', 0, 500))
        books.move(DATE, ('6161', 120, 0), ('5121', 0, 120))
        wizard = self.wizard(books)
        self.assertEqual(wizard.transition_open_next(), 'steps')
        following, = FiscalYear.search([
                ('start_date', '=', dt.date(2027, 1, 1))])
        self.assertEqual(following.end_date, dt.date(2027, 12, 31))
        self.assertEqual(len(following.periods), 12)
        self.assertEqual(self.remaining(books), ['balance', 'close'])
        move = self.balance(wizard)
        self.assertEqual(
            {(x.account.code, x.debit, x.credit) for x in move.lines}, {
                ('7561', 500, 0), ('6161', 0, 120), ('120', 0, 380)})
        self.assertEqual(self.remaining(books), ['balance', 'close'])
        # The entry is shown again, not made twice
        self.assertEqual(self.balance(wizard), move)
        Move.post([move])
        self.assertEqual(self.remaining(books), ['close'])
        FiscalYear.close([FiscalYear(books.years[2026].id)])
        self.assertEqual(self.remaining(books), [])
        books.years[2027] = following
        self.assertIn('result', self.remaining(books, 2027))

    @with_books(2026)
    def test_warning(self, books):
        "Balancing warns of what was to be done before, refuses an empty year"
        wizard = self.wizard(books)
        with self.assertRaisesRegex(ClosingWarning, "next fiscal year"):
            wizard.do_balance({'views': []})
        with self.assertRaises(ClosingError):
            self.balance(wizard)
