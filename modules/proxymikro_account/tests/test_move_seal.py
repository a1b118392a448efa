# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is posted is sealed, and two people close a year."""
import datetime as dt
from decimal import Decimal

from trytond.model.modelview import AccessButtonError
from trytond.modules.company.tests import set_company
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase
from trytond.transaction import Transaction

from .books import activate_books, with_books


class MoveSealTestCase(TestCase):
    "Test the seal of the posted moves"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books()

    def make(self, books, count):
        moves = [
            books.move(dt.date(2026, 2, 3), ('5121', '5', '0'),
                ('75411', '0', '5'), description="Don")
            for _ in range(count)]
        Pool().get('evidence.seal').seal()
        return moves

    def verify(self):
        Transaction().cache.clear()
        return Pool().get('evidence.seal').verify()['problems']

    def write(self, record, name, value):
        "Change the column behind the back of the application"
        table = record.__class__.__table__()
        column = getattr(table, name)
        cursor = Transaction().connection.cursor()
        cursor.execute(*table.select(column, where=table.id == record.id))
        before, = cursor.fetchone()
        cursor.execute(*table.update(
                [column], [value], where=table.id == record.id))
        return before

    @with_books(2026)
    def test_tamper(self, books):
        "An edit of any column of a move or a line is found and named"
        move, other = self.make(books, 2)
        line = move.lines[0]
        self.assertEqual(self.verify(), [])
        period = books.years[2026].periods[-1]
        for record, name, value in [
                (move, 'date', dt.date(2026, 2, 4)),
                (move, 'post_date', dt.date(2026, 2, 4)),
                (move, 'number', '99'), (move, 'period', period.id),
                (move, 'description', "Autre"),
                (move, 'journal', other.journal.id + 1),
                (line, 'debit', Decimal('6')), (line, 'credit', Decimal('1')),
                (line, 'account', books.account('5311').id),
                (line, 'party', books.company.party.id),
                (line, 'description', "Autre"),
                (line, 'move', other.id)]:
            before = self.write(record, name, value)
            with self.subTest(record=record.__name__, name=name):
                problems = self.verify()
                self.assertIn(
                    Pool().get('account.move')(move.id).rec_name, problems[0])
            self.write(record, name, before)
        self.assertEqual(self.verify(), [])

    @with_books(2026)
    def test_free(self, books):
        "What may still change after the posting is not sealed"
        Line = Pool().get('account.move.line')
        party = books.party("Acheteur")
        moves = [
            books.move(dt.date(2026, 2, 3), ('4110', debit, credit, party),
                ('5121', credit, debit))
            for debit, credit in [('5', '0'), ('0', '5')]]
        Pool().get('evidence.seal').seal()
        Line.reconcile([n for m in moves for n in m.lines if n.party])
        self.assertEqual(self.verify(), [])

    @with_books(2026)
    def test_order(self, books):
        "The drafts wait, and the moves are sealed as they were posted"
        pool = Pool()
        Move = pool.get('account.move')
        Seal = pool.get('evidence.seal')
        first, second = [
            books.move(dt.date(2026, 2, 3), ('5121', '5', '0'),
                ('75411', '0', '5'), post=False) for _ in range(2)]
        Seal.seal()
        self.assertEqual(
            Seal.search([('model', '=', 'account.move')], count=True), 0)
        Move.post([second])
        Move.post([first])
        Seal.seal()
        self.assertEqual([s.record for s in Seal.search(
                    [('model', '=', 'account.move')],
                    order=[('rank', 'ASC')])], [second.id, first.id])
        self.assertTrue(Move(first.id).seal_hash)

    @with_books(2025)
    def test_close(self, books):
        "The year is closed, and sealed, when a second person asks for it"
        pool = Pool()
        FiscalYear = pool.get('account.fiscalyear')
        Group = pool.get('res.group')
        ModelData = pool.get('ir.model.data')
        Seal = pool.get('evidence.seal')
        User = pool.get('res.user')
        move = books.move(dt.date(2025, 2, 3), ('5121', '5', '0'),
            ('75411', '0', '5'))
        fiscalyear = books.years[2025]
        closing = books.balance_non_deferral(fiscalyear)

        def close(role):
            group = Group(ModelData.get_id('proxymikro_base', f'group_{role}'))
            user, = User.search([('login', '=', role)]) or User.create([{
                        'name': role, 'login': role,
                        'companies': [('add', [books.company.id])],
                        'company': books.company.id,
                        'groups': [('add', [group.id])]}])
            with Transaction().set_user(user.id), \
                    set_company(books.company), \
                    Transaction().set_context(_check_access=True):
                FiscalYear.close([FiscalYear(fiscalyear.id)])
            return FiscalYear(fiscalyear.id).state

        with self.assertRaises(AccessButtonError):
            close('audit')
        self.assertEqual(close('treasury'), 'open')
        self.assertEqual(close('treasury'), 'open')
        self.assertEqual(close('presidency'), 'closed')
        self.assertEqual([s.record for s in Seal.search(
                    [('model', '=', 'account.move')],
                    order=[('rank', 'ASC')])], [move.id, closing.id])
