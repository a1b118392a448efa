# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Agreements with related parties: valued by day, told to the assembly."""
import datetime as dt
import io
import zipfile
from decimal import Decimal as D

from pypdf import PdfReader

from trytond.modules.proxymikro_account.exceptions import AgreementError
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase
from trytond.transaction import Transaction

from .books import activate_books, with_books

START, END = dt.date(2026, 1, 1), dt.date(2026, 12, 31)


class AgreementTestCase(TestCase):
    "Test the agreements with related parties"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books()

    def agreement(self, books, run=True, **values):
        Agreement = Pool().get('account.agreement')
        agreement, = Agreement.create([{
                    'name': "Atelier de 80 m²", 'value': D('3600'),
                    'party': books.party("Ateliers du Port").id,
                    'start_date': START, 'decided_on': dt.date(2025, 12, 5),
                    **values}])
        if run:
            Agreement.run([agreement])
        return agreement

    def find(self, books, start_date=START, end_date=END):
        return Pool().get('account.contribution').find(
            books.company, start_date, end_date)

    @with_books(2026)
    def test_run(self, books):
        "The board decides before it runs; then its terms do not change"
        agreement = self.agreement(books, run=False, decided_on=None)
        self.assertEqual(self.find(books), [])
        with self.assertRaises(AgreementError):
            agreement.run([agreement])
        agreement.decided_on = START
        agreement.save()
        agreement.run([agreement])
        with Transaction().set_context(
                _check_access=True, companies=[books.company.id]):
            agreement.write([agreement], {'valuation': "Loyer du quartier"})
            for change in [
                    lambda: agreement.write([agreement], {'value': D(1)}),
                    lambda: agreement.delete([agreement])]:
                with self.assertRaises(AgreementError):
                    change()
        copy, = agreement.copy([agreement])
        self.assertEqual((copy.state, copy.decided_on), ('draft', None))

    @with_books(2026)
    def test_value(self, books):
        "The months of a year add up to its value, to the cent"
        agreement = self.agreement(books, value=D('1000'))
        months = dict(agreement.get_months(START, END))
        self.assertEqual(len(months), 12)
        # 31 and 28 days of 365
        self.assertEqual(months[dt.date(2026, 1, 31)], D('84.93'))
        self.assertEqual(months[dt.date(2026, 2, 28)], D('76.71'))
        self.assertEqual(sum(months.values()), D('1000'))
        self.assertEqual(
            agreement.get_value(START, dt.date(2028, 12, 31)), D('3000'))
        part = self.agreement(
            books, value=D('365'), start_date=dt.date(2026, 3, 10),
            end_date=dt.date(2026, 4, 5))
        self.assertEqual(list(part.get_months(START, END)), [
                (dt.date(2026, 3, 31), D(22)), (dt.date(2026, 4, 5), D(5))])
        self.assertEqual(part.get_value(START, END), D(27))

    @with_books(2026)
    def test_contributions(self, books):
        "Each month is found once, for what is free of charge"
        Contribution = Pool().get('account.contribution')
        self.agreement(books, terms='paid_by_us')
        agreement = self.agreement(books, value=D('1000'))
        half = self.find(books, START, dt.date(2026, 6, 30))
        self.assertEqual(len(half), 6)
        Contribution.save(half)
        Contribution.record(half)
        rest = self.find(books)
        self.assertEqual(
            [c.date.month for c in rest], [7, 8, 9, 10, 11, 12])
        Contribution.save(rest)
        Contribution.record(rest)
        self.assertEqual(self.find(books), [])
        accounts = {
            l.account.code for c in rest for l in c.move.lines}
        self.assertEqual(accounts, {'8611', '871'})
        self.assertEqual(
            sum(c.amount for c in [*half, *rest]), agreement.value)
        Contribution.cancel([rest[0]])
        again, = self.find(books)
        self.assertEqual(again.date, dt.date(2026, 7, 31))

    @with_books(2026)
    def test_mid_month(self, books):
        "Two searches of half a month do not count the month twice"
        Contribution = Pool().get('account.contribution')
        agreement = self.agreement(books)
        self.assertEqual(
            self.find(books, START, dt.date(2026, 1, 15)), [])
        found = self.find(
            books, dt.date(2026, 1, 16), dt.date(2026, 1, 31))
        self.assertEqual(
            [c.amount for c in found],
            [agreement.get_value(START, dt.date(2026, 1, 31))])
        Contribution.save(found)
        agreement.end_date = dt.date(2026, 1, 20)
        agreement.save()
        self.assertEqual(self.find(books), [])

    @with_books(2026)
    def test_end(self, books):
        "What is ended stays in the report of its year, and of no later one"
        Agreement = Pool().get('account.agreement')
        agreement = self.agreement(books, end_date=dt.date(2026, 6, 30))
        agreement.end([agreement])
        with Transaction().set_context(
                _check_access=True, companies=[books.company.id]):
            with self.assertRaises(AgreementError):
                agreement.write([agreement], {'end_date': None})
        between = Agreement.search_between
        self.assertEqual(between(books.company, START, END), [agreement])
        self.assertEqual(
            between(books.company, dt.date(2026, 7, 1), END), [])

    @with_books(2026)
    def test_report(self, books):
        "The list of the year is printed for the assembly, and as a sheet"
        pool = Pool()
        Contribution = pool.get('account.contribution')
        self.agreement(
            books, value=D('1000'), link='shared',
            link_detail="Claire y est gérante", abstained="Claire")
        self.agreement(
            books, name="=Maintenance", terms='paid_by_us', value=D('480'))
        found = self.find(books, START, dt.date(2026, 1, 31))
        Contribution.save(found)
        Contribution.record(found)
        year = books.years[2026]
        content = {}
        for name in ['list', 'sheet']:
            Report = pool.get(f'account.agreement.{name}', type='report')
            extension, content[name], _, _ = Report.execute([year.id], {
                    'action_id': pool.get('ir.model.data').get_id(
                        f'proxymikro_account.report_agreement_{name}')})
            self.assertEqual(extension, {'list': 'pdf', 'sheet': 'ods'}[name])
        text = ' '.join(' '.join(
                page.extract_text() for page in PdfReader(
                    io.BytesIO(content['list'])).pages).split())
        for expected in [
                "Atelier de 80 m²", "Claire y est gérante", "1 000,00",
                "84,93", "L612-5"]:
            self.assertIn(expected, text.replace('\u202f', ' '))
        with zipfile.ZipFile(io.BytesIO(content['sheet'])) as archive:
            sheet = archive.read('content.xml').decode()
        self.assertIn('office:value="84.93"', sheet)
