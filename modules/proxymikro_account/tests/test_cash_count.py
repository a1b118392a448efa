# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The cash box counted against the books."""
import datetime as dt
import io
from decimal import Decimal as D

from pypdf import PdfReader

from trytond.modules.proxymikro_account.exceptions import (
    CashCountError, CashCountWarning)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase
from trytond.transaction import Transaction

from .books import activate_books, with_books

DAY = dt.date(2026, 3, 10)


class CashCountTestCase(TestCase):
    "Test the counts"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books()

    def count(self, books, *coins, **values):
        Count = Pool().get('account.cash.count')
        count, = Count.create([{
                    'date': DAY, 'counted_by': "Claire",
                    'account': books.account('5311').id,
                    'lines': [('create', [{
                                    'value': D(value), 'quantity': quantity}
                                for value, quantity in coins])],
                    **values}])
        return count

    def confirm(self, count):
        "Confirm the count, and its difference"
        Warning = Pool().get('res.user.warning')
        try:
            count.confirm([count])
        except CashCountWarning as warning:
            Warning(user=Transaction().user, name=warning.name).save()
            count.confirm([count])

    def lines(self, move):
        return sorted(
            (l.account.code, l.debit, l.credit) for l in move.lines)

    @with_books(2025, 2026)
    def test_right(self, books):
        "What is right books nothing, and keeps the balance of its day"
        books.move(dt.date(2025, 12, 1), ('5311', 100, 0), ('7561', 0, 100))
        books.move(DAY, ('5311', '20.50', 0), ('7561', 0, '20.50'))
        books.move(DAY, ('5311', 9, 0), ('7561', 0, 9), post=False)
        books.move(
            dt.date(2026, 3, 11), ('5311', 7, 0), ('7561', 0, 7))
        count = self.count(books, ('50', 2), ('20', 1), ('0.50', 1))
        self.assertEqual(
            (count.counted, count.balance, count.difference),
            (D('120.50'), D('120.50'), 0))
        self.assertIn(count.account, count.accounts)
        count.confirm([count])
        self.assertIsNone(count.move)
        books.move(DAY, ('5311', 5, 0), ('7561', 0, 5))
        count = type(count)(count.id)
        self.assertEqual((count.balance, count.difference), (D('120.50'), 0))

    @with_books(2026)
    def test_difference(self, books):
        "A difference is explained, wanted, booked, and cancelled"
        books.move(DAY, ('5311', 40, 0), ('7561', 0, 40))
        for coins, entry in [
                ([('20', 1), ('10', 1)],
                    [('5311', D(0), D(10)), ('6588', D(10), D(0))]),
                ([('20', 1), ('10', 1), ('5', 1)],
                    [('5311', D(5), D(0)), ('7588', D(0), D(5))])]:
            count = self.count(books, *coins)
            with self.assertRaises(CashCountError):
                count.confirm([count])
            count.reason = "Erreur de rendu\nle samedi"
            count.save()
            with self.assertRaises(CashCountWarning):
                count.confirm([count])
            self.confirm(count)
            self.assertEqual(self.lines(count.move), entry)
            self.assertEqual(count.move.description, "Erreur de rendu")
            self.assertEqual(count._get_balance(), count.counted)
        with self.assertRaises(CashCountError):
            count.delete([count])
        with self.assertRaises(CashCountError):
            count.lines[0].quantity = 9
            count.lines[0].save()
        count.cancel([count])
        self.assertEqual(count.cancel_move.state, 'posted')
        self.assertEqual(count._get_balance(), D(30))

    @with_books(2026)
    def test_default(self, books):
        "A new count shows every note and coin, and the box in euros"
        Count = Pool().get('account.cash.count')
        default = Count.default_get(['lines', 'account'], with_rec_name=False)
        self.assertEqual(len(default['lines']), 14)
        self.assertEqual(default['lines'][0]['value'], 200)
        self.assertEqual(default['account'], books.account('5311').id)
        boxes = Count._get_accounts(books.company.id)
        self.assertIn(books.account('5311').id, boxes)
        self.assertNotIn(books.account('5121').id, boxes)
        statement, = Pool().get('account.journal').search(
            [('code', '=', 'BQ')])
        Pool().get('account.statement.journal').create([{
                    'name': "Caisse", 'journal': statement.id,
                    'company': books.company.id, 'validation': 'amount',
                    'currency': books.company.currency.id,
                    'account': books.account('5311').id}])
        boxes = Count._get_accounts(books.company.id)
        self.assertNotIn(books.account('5311').id, boxes)

    @with_books(2026)
    def test_report(self, books):
        "The statement lists the coins and the difference"
        pool = Pool()
        Report = pool.get('account.cash.count.statement', type='report')
        books.move(DAY, ('5311', 40, 0), ('7561', 0, 40))
        count = self.count(
            books, ('20', 1), ('2', 3), ('0.50', 0), reason="Inconnue",
            witness="Ali")
        self.confirm(count)
        with Transaction().set_context(language='fr'):
            extension, content, _, _ = Report.execute([count.id], {
                    'action_id': pool.get('ir.model.data').get_id(
                        'proxymikro_account.report_cash_count')})
        self.assertEqual(extension, 'pdf')
        text = ' '.join(
            page.extract_text()
            for page in PdfReader(io.BytesIO(content)).pages)
        for expected in ["Manque", "14,00", "26,00", "Inconnue", "Ali"]:
            self.assertIn(expected, text)
        self.assertNotIn("0,50", text)
