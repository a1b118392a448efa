# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The treasurer's board: what it counts, and what it costs to count."""
import datetime as dt
from decimal import Decimal

from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.pyson import PYSONDecoder
from trytond.tests.test_tryton import TestCase
from trytond.transaction import Transaction

from .books import activate_books, with_books

TODAY = dt.date.today()
YEAR = TODAY.year


class TreasuryTestCase(TestCase):
    "Test the treasurer's board"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books()

    def amounts(self, name, key):
        return {
            getattr(r, key): Decimal(r.amount)
            for r in Pool().get(f'account.treasury.{name}').search([])}

    def counts(self):
        Task = Pool().get('account.treasury.task')
        return {t.code: t.count for t in Task.search([]) if t.count}

    @with_books(YEAR)
    def test_cash(self, books):
        "What is posted on the accounts of the bank and of the cash box"
        books.move(TODAY, ('5121', 500, 0), ('1024', 0, 500))
        books.move(TODAY, ('5311', '30.50', 0), ('75411', 0, '30.50'))
        books.move(TODAY, ('6161', 100, 0), ('5121', 0, 100))
        books.move(TODAY, ('5112', 20, 0), ('75411', 0, 20), post=False)
        Cash = Pool().get('account.treasury.cash')
        self.assertEqual(
            [(c.account.code, Decimal(c.amount)) for c in Cash.search([])],
            [('5121', Decimal(400)), ('5311', Decimal('30.50'))])

    @with_books(YEAR, YEAR - 1)
    def test_receivable(self, books):
        "What is owed, by how late it is; what is paid is left out"
        school = books.party("École des Tilleuls")
        for days, amount in [
                (-5, 1), (0, 2), (1, 4), (30, 8), (31, 16), (90, 32), (91, 64),
                (200, 128)]:
            books.move(
                max(TODAY - dt.timedelta(days=days + 5),
                    dt.date(YEAR - 1, 1, 1)) if days > 0 else TODAY,
                ('4110', amount, 0, school, TODAY - dt.timedelta(days=days)),
                ('7561', 0, amount))
        paid = books.move(
            TODAY, ('4110', 256, 0, school), ('4110', 0, 256, school))
        Pool().get('account.move.line').reconcile(paid.lines)
        self.assertEqual(self.amounts('receivable', 'id'), {
                1: 3, 2: 12, 3: 16, 4: 32, 5: 192})
        Receivable = Pool().get('account.treasury.receivable')
        self.assertEqual(
            [r.label for r in Receivable.search([])], [
                "Not due", "1 to 30 days", "31 to 60 days", "61 to 90 days",
                "Over 90 days"])

    @with_books(YEAR, YEAR - 1)
    def test_income(self, books):
        "The income of the year by origin, the largest first, closed or not"
        books.move(TODAY, ('5121', 40, 0), ('7561', 0, 40))
        books.move(TODAY, ('5121', 90, 0), ('75411', 0, 90))
        books.move(TODAY, ('864', 25, 0), ('875', 0, 25))
        books.move(
            dt.date(YEAR - 1, 6, 1), ('5121', 7, 0), ('7561', 0, 7))
        books.balance_non_deferral(books.years[YEAR])
        Income = Pool().get('account.treasury.income')
        self.assertEqual(
            [(i.label, Decimal(i.amount)) for i in Income.search([])],
            [(books.account('75411').type.name, 90),
                (books.account('7561').type.name, 40)])

    @with_books(YEAR)
    def test_undone_closing(self, books):
        "A closing that is undone counts neither as income nor in a gauge"
        pool = Pool()
        Income = pool.get('account.treasury.income')
        Threshold = pool.get('account.threshold')
        threshold, = Threshold.create([{
                    'name': "Seuil", 'amount': 100, 'accounts': '756'}])
        books.move(TODAY, ('5121', 40, 0), ('7561', 0, 40))
        move = books.balance_non_deferral(books.years[YEAR])
        cancel = move.cancel(reversal=True)
        type(cancel).post([cancel])
        income, = Income.search([])
        self.assertEqual(Decimal(income.amount), 40)
        self.assertEqual(Threshold(threshold.id).reached, 40)

    @with_books(YEAR)
    def test_tasks(self, books):
        "What waits is counted, and opens as the list that was counted"
        pool = Pool()
        Open = pool.get('account.treasury.task.open', type='wizard')
        Task = pool.get('account.treasury.task')
        self.assertEqual(self.counts(), {})
        school = books.party("École des Tilleuls")
        due = TODAY - dt.timedelta(days=1)
        books.move(TODAY, ('4110', 10, 0, school, due), ('7561', 0, 10))
        books.move(TODAY, ('6161', 10, 0), ('4011', 0, 10, school, TODAY))
        books.move(TODAY, ('6161', 5, 0), ('5121', 0, 5), post=False)
        pool.get('account.gift').create([{
                    'company': books.company.id, 'date': TODAY,
                    'nature': 'money', 'means': 'cash', 'amount': 5}])
        pool.get('account.threshold').create([{
                    'name': "Seuil", 'amount': 10, 'accounts': '756'}])
        expected = {
            'late': 1, 'pay': 1, 'moves': 1, 'gifts': 1, 'thresholds': 1}
        self.assertEqual(self.counts(), expected)
        for task in Task.search([('code', 'in', list(expected))]):
            session_id, _, _ = Open.create()
            with Transaction().set_context(
                    active_model=task.__name__, active_id=task.id):
                action, _ = Open(session_id).do_open_({})
            domain = PYSONDecoder().decode(action['pyson_domain'])
            with self.subTest(task=task.code):
                self.assertEqual(action['name'], task.label)
                self.assertEqual(pool.get(action['res_model']).search(
                        domain, count=True), 1)

    @with_books(YEAR)
    def test_queries(self, books):
        "The board costs as much for many entries as for a few"
        counts = []
        for size in [10, 10, 1_000]:
            books.insert(TODAY, size)
            with count_queries() as queries:
                for name in ['cash', 'receivable', 'income', 'task']:
                    Board = Pool().get(f'account.treasury.{name}')
                    Board.read(
                        [r.id for r in Board.search([])],
                        [n for n in Board._fields if n in {
                                'label', 'count', 'amount', 'account'}])
            counts.append(len(queries))
        # The first time fills the caches
        self.assertEqual(*counts[1:])
