# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The books of the accounts, to the cent of what was computed by hand."""
import csv
import datetime as dt
import io
import os
import time
from unittest.mock import patch

from trytond.model.exceptions import AccessError
from trytond.modules.company.tests import create_company
from trytond.modules.proxymikro_account import account_book
from trytond.modules.proxymikro_account.exceptions import AccountBookSizeError
from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase
from trytond.transaction import Transaction

from .books import activate_books, with_books

FULL = os.environ.get('PROXYMIKRO_FULL')
DATE = dt.date(2026, 3, 15)


class AccountBookTestCase(TestCase):
    "Test the balance, the ledger, the journals and the aged balance"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books()

    def data(self, books, book, **values):
        return {
            'book': book, 'company': books.company.id,
            'start_date': dt.date(2026, 1, 1),
            'end_date': dt.date(2026, 12, 31), **values}

    def rows(self, books, book, *names, **values):
        "Return the columns of the rows, amounts as text"
        Report = Pool().get('account.book', type='report')
        data = self.data(books, book, **values)
        rows = Report.get_book(book, Report.get_filter(data)).rows
        return [
            tuple(
                '' if row[name] is None else str(row[name]) for name in names)
            for row in rows]

    def execute(self, books, book, **values):
        Report = Pool().get('account.book', type='report')
        return Report.execute([], self.data(books, book, **values))

    def keep(self, books):
        school, town = books.party("Amicale"), books.party("Mairie")
        before = dt.date(2025, 11, 3)
        books.move(before, ('5121', 500, 0), ('1024', 0, 500))
        books.move(
            before, ('4110', 80, 0, school, before), ('7561', 0, 80))
        books.move(
            DATE, ('4110', '20.50', 0, school, dt.date(2026, 4, 15)),
            ('7561', 0, '20.50'), description="Cotisation")
        books.move(
            DATE, ('4110', 30, 0, town, DATE), ('7562', 0, 30),
            journal='VT')
        books.move(
            dt.date(2026, 5, 2), ('5121', 30, 0), ('4110', 0, 30, town, None))
        books.move(DATE, ('6161', 0, 0), ('5121', 0, 0))
        books.move(
            DATE, ('6161', 99, 0), ('5121', 0, 99), post=False)

    @with_books(2025, 2026)
    def test_trial_balance(self, books):
        "Opening, movements, balance; the result not closed is told apart"
        self.keep(books)
        names = [
            'code', 'opening', 'debit', 'credit', 'debit_balance',
            'credit_balance']
        rows = self.rows(books, 'trial_balance', *names)
        self.assertEqual(rows, [
                ('1024', '-500.00', '0.00', '0.00', '', '500.00'),
                ('4110', '80.00', '50.50', '30.00', '100.50', ''),
                ('5121', '500.00', '30.00', '0.00', '530.00', ''),
                ('6161', '0.00', '0.00', '0.00', '', ''),
                ('7561', '0.00', '0.00', '20.50', '', '20.50'),
                ('7562', '0.00', '0.00', '30.00', '', '30.00'),
                ('', '-80.00', '0', '0', '', '80.00'),
                ])
        books.balance_non_deferral(books.years[2025])
        self.assertIn(
            ('120', '-80.00', '0.00', '0.00', '', '80.00'),
            self.rows(books, 'trial_balance', *names))

    @with_books(2025, 2026)
    def test_filters(self, books):
        "Drafts, some accounts, parties and the entries of the closing"
        self.keep(books)
        names = ['code', 'debit', 'credit']
        self.assertIn(
            ('6161', '99.00', '0.00'),
            self.rows(books, 'trial_balance', *names, posted=False))
        self.assertEqual(
            self.rows(books, 'trial_balance', *names, account='75'),
            [('7561', '0.00', '20.50'), ('7562', '0.00', '30.00')])
        self.assertEqual(
            self.rows(
                books, 'trial_balance', 'party', 'opening', 'debit',
                account='4110', by_party=True),
            [("Amicale", '80.00', '20.50'), ("Mairie", '0.00', '30.00')])
        books.balance_non_deferral(books.years[2026])
        expected = ('7561', '0.00', '20.50')
        self.assertIn(expected, self.rows(books, 'trial_balance', *names))
        self.assertNotIn(
            expected, self.rows(books, 'trial_balance', *names, closing=True))

    @with_books(2025, 2026)
    def test_general_ledger(self, books):
        "Each account opens with its balance, then runs line by line"
        self.keep(books)
        rows = self.rows(
            books, 'general_ledger', 'code', 'date', 'description', 'party',
            'debit', 'credit', 'balance')
        self.assertEqual(rows, [
                ('1024', '2026-01-01', "Solde initial", '', '', '',
                    '-500.00'),
                ('4110', '2026-01-01', "Solde initial", '', '', '', '80.00'),
                ('4110', '2026-03-15', "Cotisation", "Amicale", '20.50',
                    '0', '100.50'),
                ('4110', '2026-03-15', '', "Mairie", '30', '0', '130.50'),
                ('4110', '2026-05-02', '', "Mairie", '0', '30', '100.50'),
                ('5121', '2026-01-01', "Solde initial", '', '', '', '500.00'),
                ('5121', '2026-03-15', '', '', '0', '0', '500.00'),
                ('5121', '2026-05-02', '', '', '30', '0', '530.00'),
                ('6161', '2026-01-01', "Solde initial", '', '', '', '0.00'),
                ('6161', '2026-03-15', '', '', '0', '0', '0.00'),
                ('7561', '2026-01-01', "Solde initial", '', '', '', '0.00'),
                ('7561', '2026-03-15', "Cotisation", '', '0', '20.50',
                    '-20.50'),
                ('7562', '2026-01-01', "Solde initial", '', '', '', '0.00'),
                ('7562', '2026-03-15', '', '', '0', '30', '-30.00'),
                ])
        by_party = self.rows(
            books, 'general_ledger', 'party', 'balance', by_party=True,
            account='4110')
        self.assertEqual(by_party, [
                ("Amicale", '80.00'), ("Amicale", '100.50'),
                ("Mairie", '0.00'), ("Mairie", '30.00'), ("Mairie", '0.00')])

    @with_books(2025, 2026)
    def test_journal(self, books):
        "Journal by journal, or one of them"
        self.keep(books)
        names = ['journal', 'code', 'debit', 'credit']
        rows = self.rows(books, 'journal', *names)
        self.assertEqual({row[0] for row in rows}, {
                "OD Opérations diverses", "VT Ventes"})
        self.assertEqual(sum(row[0].startswith('OD') for row in rows), 6)
        journal, = Pool().get('account.journal').search([('code', '=', 'VT')])
        self.assertEqual(
            self.rows(books, 'journal', *names, journal=journal.id), [
                ("VT Ventes", '4110', '30', '0'),
                ("VT Ventes", '7562', '0', '30')])

    @with_books(2025, 2026)
    def test_aged_balance(self, books):
        "What is due, by how long, on the date"
        self.keep(books)
        names = [
            'kind', 'party', 'term0', 'term1', 'term2', 'term3', 'term4',
            'total']
        customers = "Adhérents, usagers et clients"
        self.assertEqual(
            self.rows(
                books, 'aged_balance', *names, end_date=dt.date(2026, 4, 14)),
            [
                (customers, "Amicale", '20.50', '0.00', '0.00', '0.00',
                    '80.00', '100.50'),
                (customers, "Mairie", '0.00', '30.00', '0.00', '0.00',
                    '0.00', '30.00'),
                ])
        self.reconcile(books)
        self.assertEqual(
            [r[1] for r in self.rows(books, 'aged_balance', *names)],
            ["Amicale"])
        # On an earlier date they were not reconciled yet
        self.assertEqual(
            [r[1] for r in self.rows(
                    books, 'aged_balance', *names,
                    end_date=dt.date(2026, 4, 14))],
            ["Amicale", "Mairie"])

    def reconcile(self, books):
        "Reconcile what the town owes with what it paid"
        Line = Pool().get('account.move.line')
        Line.reconcile(Line.search([
                    ('account', '=', books.account('4110').id),
                    ('party.name', '=', "Mairie")]))

    @with_books(2025, 2026)
    def test_formats(self, books):
        "Each book has its PDF and its spreadsheets"
        self.keep(books)
        for book, title in account_book.BOOKS.items():
            for format_ in ['pdf', 'ods', 'csv']:
                with self.subTest(book=book, format=format_):
                    extension, content, _, name = self.execute(
                        books, book, format=format_)
                    self.assertEqual((extension, name), (format_, title))
                    self.assertGreater(len(content), 100)
        rows = list(csv.DictReader(
                io.StringIO(content.decode('utf-8-sig')), delimiter=';'))
        self.assertEqual(rows[0]['Total'], '100,50')

    @with_books(2026)
    def test_formula(self, books):
        "The name of a party is not taken for a formula"
        party = books.party("=1+1")
        books.move(DATE, ('4110', 20, 0, party, DATE), ('7561', 0, 20))
        _, content, _, _ = self.execute(
            books, 'aged_balance', format='csv')
        self.assertIn(";'=1+1;", content.decode('utf-8-sig'))

    @with_books(2025, 2026)
    def test_refused(self, books):
        "Too many lines for paper, or the books of others"
        self.keep(books)
        with patch.object(account_book, 'MAX_PDF', 3):
            with self.assertRaises(AccountBookSizeError):
                self.execute(books, 'general_ledger')
            self.execute(books, 'general_ledger', format='csv')
        other = create_company("Other", books.company.currency)
        with self.assertRaises(AccessError):
            self.execute(books, 'journal', company=other.id)

    @with_books(2026)
    def test_queries(self, books):
        "The number of queries is that of the book, not of its lines"
        counts = []
        for size in [10, 200_000 if FULL else 1_000]:
            books.insert(DATE, size)
            for book in account_book.BOOKS:
                start = time.perf_counter()
                with count_queries() as queries:
                    _, content, _, _ = self.execute(
                        books, book, format='csv')
                print(
                    f"{book}: {size} lines, {len(queries)} queries, "
                    f"{time.perf_counter() - start:.2f} s")
                counts.append(len(queries))
                Transaction().counter += 1
        self.assertGreaterEqual(counts[:4], counts[4:])
        self.assertLess(max(counts), 20)
