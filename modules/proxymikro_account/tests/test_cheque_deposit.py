# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Slips of cheques and transfers, and the bank lines which end them."""
import datetime as dt
import io
from decimal import Decimal as D

from pypdf import PdfReader

from trytond.modules.proxymikro_account.exceptions import ChequeDepositError
from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase
from trytond.transaction import Transaction

from .books import activate_books, with_books

DAY = dt.date(2026, 3, 10)
LATER = dt.date(2026, 3, 12)


class Bank:
    "The statements of the books"

    def __init__(self, books):
        self.books = books
        self.journal = self.create_journal("Banque", '5121')

    def create_journal(self, name, code):
        pool = Pool()
        statement, = pool.get('account.journal').search(
            [('code', '=', 'BQ')])
        journal, = pool.get('account.statement.journal').create([{
                    'name': name, 'journal': statement.id,
                    'account': self.books.account(code).id,
                    'currency': self.books.company.currency.id,
                    'company': self.books.company.id,
                    'validation': 'amount'}])
        return journal

    def statement(self, *rows, journal=None):
        "Return the draft statement of rows of an amount and a text"
        statement, = Pool().get('account.statement').create([{
                    'name': "Mars", 'date': LATER,
                    'journal': (journal or self.journal).id,
                    'company': self.books.company.id,
                    'total_amount': sum(D(r[0]) for r in rows),
                    'origins': [('create', [{
                                    'date': LATER, 'amount': D(amount),
                                    'description': text,
                                    'number': str(index)}
                                for index, (amount, text) in enumerate(
                                    rows)])],
                    }])
        return statement

    def match(self, statement):
        "Confirm what is sure, and return what was proposed"
        pool = Pool()
        Wizard = pool.get('account.statement.match', type='wizard')
        Line = pool.get('account.statement.match.line')
        session, _, _ = Wizard.create()
        wizard = Wizard(session)
        with Transaction().set_context(
                active_model='account.statement', active_id=statement.id):
            default = wizard.default_start([])
            wizard.start.statement = statement
            wizard.start.lines = [
                Line(**{k: v for k, v in l.items() if not k.endswith('.')})
                for l in default['lines']]
            wizard.transition_confirm()
        return [
            (l['related_to'], l['accept']) for l in default['lines']]

    def post(self, statement):
        statement.validate_statement([statement])
        statement.post([statement])


class ChequeDepositTestCase(TestCase):
    "Test the slips of cheques"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books()

    def balance(self, books, code):
        Line = Pool().get('account.move.line')
        return sum(
            l.debit - l.credit for l in Line.search([
                    ('account', '=', books.account(code).id),
                    ('move.state', '=', 'posted')]))

    def deposit(self, bank, *typed, deposit=True, **values):
        "Return a slip of the cheques which wait and of those typed"
        Deposit = Pool().get('account.cheque.deposit')
        slip, = Deposit.create([{
                    'date': DAY, 'journal': bank.journal.id, **values}])
        Deposit.fill([slip])
        if typed:
            Deposit.write([slip], {'cheques': [('create', [{
                                'drawer': drawer, 'amount': D(amount),
                                'account': bank.books.account(account).id,
                                'number': "0001234"}
                            for drawer, amount, account in typed])]})
        if deposit:
            Deposit.deposit([slip])
        return slip

    @with_books(2026)
    def test_one_line(self, books):
        "One line of the bank clears the cheques of the slip"
        bank = Bank(books)
        donor = books.party("Anaïs Bellet")
        gift, = Pool().get('account.gift').create([{
                    'party': donor.id, 'date': DAY, 'nature': 'money',
                    'means': 'cheque', 'amount': D(150),
                    'debit_account': books.account('5112').id,
                    'credit_account': books.account('75411').id}])
        gift.record([gift])
        books.move(DAY, ('5112', 25, 0), ('4110', 0, 25, donor))
        slip = self.deposit(bank, ("Ugo Marchand", '12.50', '7561'))
        self.assertEqual(
            [(c.drawer, c.amount) for c in slip.cheques],
            [("Anaïs Bellet", D(150)), ("Anaïs Bellet", D(25)),
                ("Ugo Marchand", D('12.50'))])
        self.assertEqual(self.balance(books, '5112'), D('187.50'))
        self.assertEqual((slip.amount, slip.pending), (D('187.50'),) * 2)
        statement = bank.statement(
            ('187.50', "REMISE CHEQUES 3 CHQ"), ('25.00', "VIR INCONNU"))
        self.assertEqual(
            bank.match(statement), [(str(slip), True), (None, False)])
        statement.lines = [
            *statement.lines, {
                'origin': statement.origins[1], 'amount': D(25),
                'date': LATER, 'account': books.account('7561')}]
        statement.save()
        bank.post(statement)
        self.assertEqual(self.balance(books, '5112'), 0)
        self.assertEqual(type(slip)(slip.id).pending, 0)
        reconciliation, = {c.line.reconciliation for c in slip.cheques}
        self.assertEqual(len(reconciliation.lines), 4)

    @with_books(2026)
    def test_slip(self, books):
        "The slip lists each cheque and the total"
        pool = Pool()
        Report = pool.get('account.cheque.deposit.slip', type='report')
        bank = Bank(books)
        slip = self.deposit(
            bank, ("Ugo Marchand", '12.50', '7561'),
            ("Anaïs Bellet", '30', '7561'), reference="0000031")
        with Transaction().set_context(language='fr'):
            extension, content, _, _ = Report.execute([slip.id], {
                    'action_id': pool.get('ir.model.data').get_id(
                        'proxymikro_account.report_cheque_deposit_slip')})
        self.assertEqual(extension, 'pdf')
        text = ' '.join(
            page.extract_text()
            for page in PdfReader(io.BytesIO(content)).pages)
        for expected in ["0000031", "Ugo Marchand", "12,50", "42,50"]:
            self.assertIn(expected, text)

    @with_books(2026)
    def test_two_lines(self, books):
        "A slip credited in two times is cleared by the second"
        bank = Bank(books)
        slip = self.deposit(bank, ("A", 30, '7561'), ("B", 20, '7561'))
        StatementLine = Pool().get('account.statement.line')
        pendings = []
        for amount in [30, 20]:
            statement = bank.statement((amount, "REMISE CHEQUES"))
            StatementLine.create([{
                        'statement': statement.id, 'date': LATER,
                        'origin': statement.origins[0].id,
                        'amount': D(amount), 'related_to': str(slip),
                        'account': slip.account.id}])
            bank.post(statement)
            pendings.append(type(slip)(slip.id).pending)
        self.assertEqual(pendings, [D(20), D(0)])
        self.assertTrue(all(
                c.line.reconciliation for c in type(slip)(slip.id).cheques))

    @with_books(2026)
    def test_other_amount(self, books):
        "A slip is never proposed for another amount or another bank"
        bank = Bank(books)
        self.deposit(bank, ("A", 30, '7561'))
        other = bank.create_journal("Livret", '5311')
        for statement in [
                bank.statement(('29.00', "REMISE CHEQUES")),
                bank.statement(('30.00', "REMISE CHEQUES"), journal=other)]:
            self.assertEqual(bank.match(statement), [(None, False)])

    @with_books(2026)
    def test_once(self, books):
        "A cheque is on one slip, until this one is cancelled"
        bank = Bank(books)
        books.move(DAY, ('5112', 25, 0), ('7561', 0, 25))
        slip = self.deposit(bank)
        Deposit = type(slip)
        with self.assertRaises(ChequeDepositError):
            self.deposit(bank)
        Deposit.cancel([slip])
        again = self.deposit(bank)
        self.assertEqual([c.amount for c in again.cheques], [D(25)])
        self.assertEqual([c.amount for c in slip.cheques], [D(25)])
        statement = bank.statement(('25.00', "REMISE CHEQUES"))
        bank.match(statement)
        with self.assertRaises(ChequeDepositError):
            Deposit.cancel([again])
        with self.assertRaises(ChequeDepositError):
            Deposit.delete([again])

    @with_books(2026)
    def test_party(self, books):
        "A cheque which pays a debt says whose"
        bank = Bank(books)
        with self.assertRaises(ChequeDepositError) as context:
            self.deposit(bank, ("Mairie", 25, '4110'))
        self.assertIn("Mairie", str(context.exception))

    @with_books(2026)
    def test_queries(self, books):
        "The number of queries does not depend on that of the cheques"
        bank = Bank(books)
        counts = []
        for size in [3, 60]:
            for i in range(size):
                books.move(DAY, ('5112', 25, 0), ('7561', 0, 25))
            self.deposit(bank)
            statement = bank.statement((25 * size, "REMISE CHEQUES"))
            statement = type(statement)(statement.id)
            with count_queries() as queries:
                _, proposals = statement.get_proposals()
            self.assertEqual(len(proposals), 1)
            counts.append(len(queries))
        self.assertLess(counts[1] - counts[0], 5)

    def transfer(self, books, source, target, amount):
        pool = Pool()
        Wizard = pool.get('account.transfer', type='wizard')
        session, _, _ = Wizard.create()
        wizard = Wizard(session)
        for name, value in wizard.default_start([]).items():
            setattr(wizard.start, name, value)
        wizard.start.date = DAY
        wizard.start.from_account = books.account(source)
        wizard.start.to_account = books.account(target)
        wizard.start.amount = D(amount)
        self.assertIn(
            books.account(source).id, [a.id for a in wizard.start.accounts])
        _, data = wizard.do_transfer(None)
        return pool.get('account.move')(data['res_id'][0])

    def lines(self, move):
        return sorted(
            (l.account.code, l.debit, l.credit) for l in move.lines)

    @with_books(2026)
    def test_transfer_cash(self, books):
        "Cash brought to the bank waits for the line of the bank"
        bank = Bank(books)
        move = self.transfer(books, '5311', '5121', 80)
        self.assertEqual(
            self.lines(move), [('5311', D(0), D(80)), ('580', D(80), D(0))])
        waiting, = [l for l in move.lines if l.debit]
        statement = bank.statement((80, "VERSEMENT ESPECES GAB 12"))
        self.assertEqual(bank.match(statement), [(str(waiting), True)])
        bank.post(statement)
        self.assertEqual(self.balance(books, '580'), 0)
        self.assertTrue(waiting.reconciliation)

    @with_books(2026)
    def test_transfer_banks(self, books):
        "Between two banks both lines are awaited, and 580 ends at zero"
        bank = Bank(books)
        savings = bank.create_journal("Livret", '5124')
        move = self.transfer(books, '5121', '5124', 500)
        self.assertEqual(
            self.lines(move), [('580', D(0), D(500)), ('580', D(500), D(0))])
        for journal, amount in [(bank.journal, -500), (savings, 500)]:
            statement = bank.statement(
                (amount, "VIREMENT INTERNE"), journal=journal)
            (_, accepted), = bank.match(statement)
            self.assertTrue(accepted)
            bank.post(statement)
        self.assertEqual(self.balance(books, '580'), 0)
        self.assertEqual(self.balance(books, '5124'), 500)
        self.assertTrue(all(l.reconciliation for l in move.lines))

    @with_books(2026)
    def test_transfer_direct(self, books):
        "Between accounts without statements the transfer is made at once"
        move = self.transfer(books, '5311', '5121', 80)
        self.assertEqual(
            self.lines(move), [('5121', D(80), D(0)), ('5311', D(0), D(80))])
