# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The annual statements, to the cent of what was computed by hand."""
import csv
import datetime as dt
import io
import os
import time
import zipfile
from decimal import Decimal

from lxml import etree

from trytond.modules.company.tests import create_company
from trytond.modules.proxymikro_account.annual_statement_figure import Chart
from trytond.modules.proxymikro_account.exceptions import (
    AnnualStatementBalanceError, AnnualStatementLayoutError)
from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase

from .books import activate_books, with_books

FULL = os.environ.get('PROXYMIKRO_FULL')


def amounts(table):
    "Return the amounts of the rows which have some, by their label"
    return {
        row.label: tuple(str(amount) for amount in row.amounts)
        for row in table.rows if row.amounts}


class AnnualStatementTestCase(TestCase):
    "Test the balance sheet and the income statement"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books()

    def statements(self, fiscalyear):
        Report = Pool().get('account.annual.statement', type='report')
        return {t.title: t for t in Report.get_statements(fiscalyear)}

    def execute(self, fiscalyear, **data):
        Report = Pool().get('account.annual.statement', type='report')
        return Report.execute(
            [fiscalyear.id], {'model': 'account.fiscalyear', **data})

    def keep_2025(self, books):
        date = dt.date(2025, 6, 1)
        books.move(date, ('5121', 5000, 0), ('1024', 0, 5000))
        books.move(date, ('5121', 800, 0), ('7561', 0, 800))
        books.move(date, ('6161', 300, 0), ('5121', 0, 300))

    def keep_2026(self, books):
        "A year whose figures are computed by hand in the tests below"
        school = books.party("École des Tilleuls")
        for lines in [
                [('120', 300, 0), ('1068', 0, 300)],
                [('2183', 1200, 0), ('5121', 0, 1200)],
                [('68112', 400, 0), ('28183', 0, 400)],
                [('4411', 1500, 0), ('741', 0, 1500)],
                [('5121', 1000, 0), ('4411', 0, 1000)],
                [('6894', 600, 0), ('194', 0, 600)],
                [('4110', '84.10', 0, school), ('70731', 0, '84.10')],
                [('68174', '34.10', 0), ('491', 0, '34.10')],
                [('5121', '950.55', 0), ('7561', 0, '700.30'),
                    ('7562', 0, '250.25')],
                [('6226', 120, 0), ('4081', 0, 120, school)],
                [('6278', '3.45', 0), ('5121', 0, '3.45')],
                [('5121', '12.34', 0), ('768', 0, '12.34')],
                [('6161', 300, 0), ('5121', 0, 300)],
                [('486', 75, 0), ('6161', 0, 75)],
                [('5121', 2000, 0), ('1311', 0, 2000)],
                [('13911', 400, 0), ('747', 0, 400)],
                [('864', 240, 0), ('875', 0, 240)],
                [('8611', 150, 0), ('871', 0, 150)],
                ]:
            books.move(dt.date(2026, 5, 4), *lines)

    def keep(self, books):
        self.keep_2025(books)
        books.balance_non_deferral(books.years[2025])
        self.keep_2026(books)

    @with_books(2025, 2026)
    def test_assets(self, books):
        "Gross, depreciation, net and what the year before was worth"
        self.keep(books)
        assets = amounts(self.statements(books.years[2026])["Bilan actif"])
        self.assertEqual(assets, {
                "Immobilisations corporelles":
                ('1200.00', '400.00', '800.00', '0.00'),
                "Autres": ('500.00', '0.00', '500.00', '0.00'),
                "Total I": ('1200.00', '400.00', '800.00', '0.00'),
                "Créances d'exploitation":
                ('584.10', '34.10', '550.00', '0.00'),
                "Créances clients, usagers et comptes rattachés":
                ('84.10', '34.10', '50.00', '0.00'),
                "Disponibilités": ('7959.44', '0.00', '7959.44', '5500.00'),
                "Charges constatées d'avance": ('75.00', '0.00', '75.00', '0.00'),
                "Total II": ('8618.54', '34.10', '8584.44', '5500.00'),
                "Total général (I à II)":
                ('9818.54', '434.10', '9384.44', '5500.00'),
                })

    @with_books(2025, 2026)
    def test_liabilities(self, books):
        "The result, what waits to be allocated, and the same total"
        self.keep(books)
        statements = self.statements(books.years[2026])
        liabilities = amounts(statements["Bilan passif"])
        self.assertEqual(liabilities, {
                "Fonds propres sans droit de reprise": ('5000.00', '5000.00'),
                "Fonds propres complémentaires": ('5000.00', '5000.00'),
                "Réserves": ('300.00', '0.00'),
                "Réserves pour projet de l'entité et autres": ('300.00', '0.00'),
                "Résultats antérieurs à affecter": ('200.00', '0.00'),
                "Excédent ou déficit de l'exercice": ('1564.44', '500.00'),
                "Situation nette": ('7064.44', '5500.00'),
                "Subventions d'investissement": ('1600.00', '0.00'),
                "Total I": ('8664.44', '5500.00'),
                "Fonds dédiés": ('600.00', '0.00'),
                "Total II": ('600.00', '0.00'),
                "Total III": ('0.00', '0.00'),
                "Dettes d'exploitation": ('120.00', '0.00'),
                "Dettes fournisseurs et comptes rattachés": ('120.00', '0.00'),
                "Total IV": ('120.00', '0.00'),
                "Total général (I à IV)": ('9384.44', '5500.00'),
                })

    @with_books(2025, 2026)
    def test_income(self, books):
        "The results by step, of a closed year as of an open one"
        self.keep(books)
        statements = self.statements(books.years[2026])
        rows = statements["Compte de résultat"].rows
        totals = [
            (r.label, *map(str, r.amounts)) for r in rows
            if r.kind in {'total', 'result', 'grand'}]
        self.assertEqual(totals, [
                ("Total I", '2934.65', '800.00'),
                ("Total II", '1382.55', '300.00'),
                ("Résultat d'exploitation (I − II)", '1552.10', '500.00'),
                ("Total III", '12.34', '0.00'),
                ("Total IV", '0.00', '0.00'),
                ("Résultat financier (III − IV)", '12.34', '0.00'),
                ("Résultat courant avant impôts (I − II + III − IV)",
                    '1564.44', '500.00'),
                ("Total V", '0.00', '0.00'),
                ("Total VI", '0.00', '0.00'),
                ("Résultat exceptionnel (V − VI)", '0.00', '0.00'),
                ("Total des produits", '2946.99', '800.00'),
                ("Total des charges", '1382.55', '300.00'),
                ("Excédent ou déficit", '1564.44', '500.00'),
                ])

    @with_books(2025, 2026)
    def test_income_lines(self, books):
        "The lines of the income statement are the types, level by level"
        self.keep(books)
        statements = self.statements(books.years[2026])
        lines = [
            (r.level, r.label, str(r.amounts[0]))
            for r in statements["Compte de résultat"].rows if r.kind == 'line']
        self.assertEqual(lines[:6], [
                (0, "Cotisations", '950.55'),
                (0, "Ventes de biens et services", '84.10'),
                (1, "Ventes de biens", '84.10'),
                (2, "Ventes de dons en nature", '84.10'),
                (0, "Produits de tiers financeurs", '1900.00'),
                (1, "Concours publics et subventions d'exploitation",
                    '1900.00'),
                ])
        self.assertIn((0, "Autres achats et charges externes", '348.45'), lines)
        self.assertIn((0, "Reports en fonds dédiés", '600.00'), lines)
        in_kind = amounts(statements["Contributions volontaires en nature"])
        self.assertEqual(in_kind["Total"], ('390.00', '0.00'))
        self.assertEqual(in_kind["Bénévolat"], ('240.00', '0.00'))
        self.assertEqual(in_kind["Personnel bénévole"], ('240.00', '0.00'))

    @with_books(2025, 2026)
    def test_closing(self, books):
        "Closing a year, or undoing its closing, changes no statement"
        self.keep(books)
        fiscalyear = books.years[2026]
        before = self.statements(fiscalyear)
        move = books.balance_non_deferral(fiscalyear)
        after = self.statements(fiscalyear)
        for title in before:
            self.assertEqual(amounts(after[title]), amounts(before[title]))
        cancel = move.cancel(reversal=True)
        type(cancel).post([cancel])
        undone = self.statements(fiscalyear)
        for title in before:
            self.assertEqual(amounts(undone[title]), amounts(before[title]))

    @with_books(2026)
    def test_overdraft(self, books):
        "A bank account in the red is a debt"
        books.move(dt.date(2026, 3, 1), ('6161', 40, 0), ('5121', 0, 40))
        statements = self.statements(books.years[2026])
        self.assertEqual(
            amounts(statements["Bilan actif"]),
            {"Total I": ('0.00',) * 4, "Total II": ('0.00',) * 4,
                "Total général (I à II)": ('0.00',) * 4})
        liabilities = amounts(statements["Bilan passif"])
        self.assertEqual(liabilities["Dettes financières"], ('40.00', '0.00'))
        self.assertEqual(
            liabilities["Excédent ou déficit de l'exercice"], ('-40.00', '0.00'))

    @with_books(2026)
    def test_drafts(self, books):
        "What is not posted does not count"
        books.move(
            dt.date(2026, 3, 1), ('6161', 40, 0), ('5121', 0, 40), post=False)
        statements = self.statements(books.years[2026])
        self.assertEqual(
            amounts(statements["Bilan passif"])["Total I"], ('0.00', '0.00'))

    @with_books(2026)
    def test_outside(self, books):
        "Accounts outside of the balance sheet have to balance"
        books.move(dt.date(2026, 3, 1), ('864', 40, 0), ('5121', 0, 40))
        with self.assertRaisesRegex(AnnualStatementBalanceError, '864'):
            self.statements(books.years[2026])

    @with_books(2026)
    def test_no_chart(self, books):
        "Without the chart of an association there is no layout to follow"
        with self.assertRaises(AnnualStatementLayoutError):
            Chart(create_company("Other"))

    @with_books(2025, 2026)
    def test_formats(self, books):
        "The spreadsheets hold the same amounts, as numbers"
        self.keep(books)
        fiscalyear = books.years[2026]
        extension, content, _, name = self.execute(fiscalyear, format='csv')
        self.assertEqual(extension, 'csv')
        rows = list(csv.reader(
                io.StringIO(content.decode('utf-8-sig')), delimiter=';'))
        self.assertIn(
            ["Total général (I à II)", '9818,54', '434,10', '9384,44',
                '5500,00'], rows)
        extension, content, _, _ = self.execute(fiscalyear, format='ods')
        self.assertEqual(extension, 'ods')
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            document = etree.fromstring(archive.read('content.xml'))
        self.assertEqual(
            document.xpath('//*[local-name()="table"]/@*'), [
                "Bilan actif", "Bilan passif", "Compte de résultat",
                "Contributions volontaires en nature"])
        self.assertIn('9384.44', document.xpath('//@*[local-name()="value"]'))
        extension, content, _, _ = self.execute(fiscalyear)
        self.assertEqual(extension, 'pdf')
        self.assertEqual(content[:4], b'%PDF')

    @with_books(2025, 2026)
    def test_queries(self, books):
        "The number of queries is that of the statements, not of the entries"
        self.keep(books)
        self.statements(books.years[2026])
        counts = []
        for size in [10, 200_000 if FULL else 1_000]:
            books.insert(dt.date(2026, 9, 1), size)
            with count_queries() as queries:
                start = time.perf_counter()
                statements = self.statements(books.years[2026])
                elapsed = time.perf_counter() - start
            counts.append(len(queries))
        print(f"\n{size} lines: {len(queries)} queries, {elapsed:.2f} s")
        self.assertEqual(*counts)
        total = (10 + size) // 2 + Decimal('9384.44')
        self.assertEqual(
            statements["Bilan actif"].rows[-1].amounts[2], total)
