# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is moved from a year to the next one, and back."""
import datetime as dt
from decimal import Decimal

from trytond.modules.proxymikro_account.exceptions import (
    CutOffError, CutOffModifyError)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase
from trytond.transaction import Transaction

from .books import activate_books, with_books


class CutOffTestCase(TestCase):
    "Test the cut-offs of a year"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books()

    def create(self, books, kind, account, *lines, **values):
        CutOff = Pool().get('account.cut.off')
        cut_off = CutOff(
            company=books.company, fiscalyear=books.years[2026], kind=kind,
            account=books.account(account), description=kind, **values)
        cut_off.lines = [self.line(cut_off, *line) for line in lines]
        cut_off.save()
        return cut_off

    def line(self, cut_off, total, start_date=None, end_date=None):
        Line = Pool().get('account.cut.off.line')
        line = Line(
            cut_off=cut_off, total=Decimal(total), amount=Decimal(total),
            start_date=start_date, end_date=end_date)
        line.amount = line.on_change_with_amount()
        line.cut_off = None
        return line

    def post(self, *cut_offs):
        CutOff = Pool().get('account.cut.off')
        CutOff.post(list(cut_offs))

    def lines(self, move):
        return [
            (line.account.code, str(line.debit), str(line.credit))
            for line in move.lines]

    def balance(self, books, year, code):
        "Return the balance of the account at the end of the year"
        Account = Pool().get('account.account')
        with Transaction().set_context(
                date=dt.date(year, 12, 31), posted=True,
                fiscalyear=books.years[year].id):
            return Account(books.account(code).id).balance

    @with_books(2026, 2027)
    def test_share(self, books):
        "The days after the end of the year are those of the next one"
        Line = Pool().get('account.cut.off.line')
        end = dt.date(2026, 12, 31)
        for start_date, end_date, expected in [
                (dt.date(2026, 10, 1), dt.date(2027, 9, 30), '273.00'),
                (dt.date(2026, 1, 1), dt.date(2026, 12, 31), '0.00'),
                (dt.date(2027, 1, 1), dt.date(2027, 12, 31), '365.00'),
                (dt.date(2027, 3, 1), dt.date(2027, 3, 1), '365.00'),
                (dt.date(2026, 12, 30), dt.date(2027, 1, 1), '121.67'),
                ]:
            with self.subTest(start_date=start_date):
                self.assertEqual(
                    str(Line.get_amount_after(
                            Decimal(365), start_date, end_date, end,
                            books.company.currency)), expected)

    @with_books(2026, 2027)
    def test_kinds(self, books):
        "Each kind debits and credits its account, then takes it back"
        supplier = books.party("Électricien")
        days = dt.date(2026, 10, 1), dt.date(2027, 9, 30)
        for kind, account, lines, party in [
                ('prepaid_expense', '6161', [
                        ('486', '273.00', '0'), ('6161', '0', '273.00')],
                    None),
                ('deferred_income', '7562', [
                        ('487', '0', '273.00'), ('7562', '273.00', '0')],
                    None),
                ('accrued_expense', '6226', [
                        ('4081', '0', '273.00'), ('6226', '273.00', '0')],
                    supplier),
                ('accrued_income', '706', [
                        ('4181', '273.00', '0'), ('706', '0', '273.00')],
                    supplier),
                ]:
            with self.subTest(kind=kind):
                cut_off = self.create(
                    books, kind, account, (365, *days), party=party)
                self.post(cut_off)
                move, reversal = cut_off.move, cut_off.reversal
                self.assertCountEqual(self.lines(move), lines)
                self.assertCountEqual(self.lines(reversal), [
                        (code, credit, debit) for code, debit, credit in lines])
                self.assertEqual(move.date, dt.date(2026, 12, 31))
                self.assertEqual(reversal.date, dt.date(2027, 1, 1))
                self.assertEqual((move.state, reversal.state), ('posted',) * 2)

    @with_books(2026, 2027)
    def test_years(self, books):
        "The expense is shared between the years, to the cent"
        books.move(
            dt.date(2026, 10, 1), ('6161', '1000.01', 0),
            ('5121', 0, '1000.01'))
        self.post(self.create(
                books, 'prepaid_expense', '6161', (
                    '1000.01', dt.date(2026, 10, 1), dt.date(2027, 9, 30))))
        self.assertEqual(
            self.balance(books, 2026, '6161'), Decimal('252.06'))
        self.assertEqual(self.balance(books, 2026, '486'), Decimal('747.95'))
        self.assertEqual(self.balance(books, 2027, '486'), 0)
        # That of both years, as long as the first one is not closed
        self.assertEqual(
            self.balance(books, 2027, '6161'), Decimal('1000.01'))

    @with_books(2026, 2027)
    def test_aged(self, books):
        "The supplier is owed at the end of the year, no more on the day after"
        Report = Pool().get('account.book', type='report')
        cut_off = self.create(
            books, 'accrued_expense', '6226', (80,), (40,),
            party=books.party("Expert"))
        self.post(cut_off)

        def owed(date):
            filter_ = Report.get_filter({
                    'company': books.company.id, 'start_date': date,
                    'end_date': date})
            return [row['total'] for row in Report.get_aged_balance(
                    filter_).rows]

        self.assertEqual(owed(dt.date(2026, 12, 31)), [Decimal(120)])
        self.assertEqual(owed(dt.date(2027, 1, 1)), [])

    @with_books(2026)
    def test_refused(self, books):
        "Nothing to take it back in, nothing to post"
        cut_off = self.create(books, 'prepaid_expense', '6161', (50,))
        with self.assertRaisesRegex(CutOffError, '01/01/2027'):
            self.post(cut_off)
        books.open(2027)
        empty = self.create(books, 'prepaid_expense', '6161')
        with self.assertRaises(CutOffError):
            self.post(empty)
        self.assertFalse(Pool().get('account.move').search([]))

    @with_books(2026, 2027)
    def test_cancel(self, books):
        "What is posted can't change, but be undone by other entries"
        CutOff = Pool().get('account.cut.off')
        cut_off = self.create(
            books, 'accrued_expense', '6226', (80,),
            party=books.party("Expert"))
        self.post(cut_off)
        with Transaction().set_context(_check_access=True):
            for values in [
                    {'description': "Other"}, {'state': 'draft'},
                    {'lines': [('write', [cut_off.lines[0].id],
                                {'amount': Decimal(1)})]}]:
                with self.subTest(values=values), \
                        self.assertRaises(CutOffModifyError):
                    CutOff.write([cut_off], values)
        with self.assertRaises(CutOffModifyError):
            CutOff.delete([cut_off])
        CutOff.cancel([cut_off])
        for year in [2026, 2027]:
            for code in ['6226', '4081']:
                self.assertEqual(self.balance(books, year, code), 0)
        moves = Pool().get('account.move').search([
                ('origin', '=', str(cut_off))])
        self.assertEqual({m.state for m in moves}, {'posted'})
        self.assertEqual(len(moves), 4)
        copy, = CutOff.copy([cut_off])
        self.assertEqual((copy.state, copy.move), ('draft', None))
