# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt
import random
from collections import defaultdict
from decimal import Decimal

from trytond.model import fields
from trytond.modules.proxymikro_account.tests.books import (
    activate_books, with_books)
from trytond.modules.proxymikro_recycling.exceptions import (
    ResaleAccountsError)
from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase
from trytond.transaction import Transaction

from .resale import TODAY, Resale

SEEDS = 2
ACTS = [
    'sell', 'credit', 'pay', 'pay', 'pay', 'direct', 'bank', 'free', 'cancel',
    'draft']
ACCOUNTS = ['703', '70731', '70732']


class IncomeTestCase(TestCase):
    "Test that the income from resale is that of the books"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books('proxymikro_recycling')

    def rows(self, domain=(), **context):
        with Transaction().set_context(context):
            return Pool().get('recycling.income').search(list(domain))

    def check(self, books, **context):
        "The rows add up to each line of the accounts, whatever the dates"
        pool = Pool()
        Line = pool.get('account.move.line')
        Total = pool.get('recycling.income.total')
        Kind = pool.get('recycling.income.kind')
        domain = [
            ('account.code', 'in', ACCOUNTS), ('move.state', '=', 'posted'),
            ('date', '>=', context.get('income_start_date', dt.date.min)),
            ('date', '<=', context.get('income_end_date', dt.date.max)),
            ]
        expected = {l.id: l.credit - l.debit for l in Line.search(domain)}
        amounts, accounts = defaultdict(Decimal), defaultdict(Decimal)
        kinds, unexplained = defaultdict(Decimal), Decimal()
        for row in self.rows(**context):
            self.assertEqual(row.amount, round(row.amount, 2))
            amounts[row.move_line.id] += row.amount
            accounts[row.account] += row.amount
            kinds[row.kind] += row.amount
            if row.state == 'unexplained':
                unexplained += row.amount
        self.assertEqual(amounts, expected)
        with Transaction().set_context(context):
            totals = Total.search([])
            self.assertEqual({t.difference for t in totals} - {0}, set())
            self.assertEqual(sum(t.unexplained for t in totals), unexplained)
            self.assertEqual(
                {k.kind: k.amount for k in Kind.search([])}, kinds)
            for account, amount in accounts.items():
                self.assertEqual(amount, sum(
                        t.ledger for t in totals if t.account == account))

    def sell(self, resale, rnd, invoices):
        "Sell the parts of one or two devices, and their scrap"
        *parts, scrap = resale.dismantle(rnd.randint(1, 2))
        invoices.append(resale.sell(
                rnd.choice(self.parties),
                (Decimal(rnd.randrange(1, 20000)) / 100, parts[:3]),
                (Decimal(rnd.randrange(1, 90)) / 100, [scrap]),
                (Decimal(rnd.randrange(1, 900)) / 100, parts[3:])))
        return invoices[-1]

    def posted(self, resale, rnd, invoices):
        "Return an invoice of which nothing is paid"
        Invoice = Pool().get('account.invoice')
        found = [
            i for i in Invoice.browse([i.id for i in invoices])
            if i.state == 'posted' and not i.payment_lines]
        return rnd.choice(found or [self.sell(resale, rnd, invoices)])

    def act(self, name, resale, rnd, invoices):
        "Do something that changes the accounts, or should not"
        Invoice = Pool().get('account.invoice')
        books = resale.books
        cents = Decimal(rnd.randrange(1, 20000)) / 100
        if name == 'sell':
            self.sell(resale, rnd, invoices)
        elif name == 'credit':
            resale.credit(self.posted(resale, rnd, invoices))
        elif name == 'pay':
            invoice = self.posted(resale, rnd, invoices)
            first = round(invoice.amount_to_pay / rnd.randint(2, 3), 2)
            resale.receive(first, invoice)
            if rnd.random() < .5:
                resale.receive(
                    Invoice(invoice.id).amount_to_pay, Invoice(invoice.id))
        elif name == 'direct':
            books.move(TODAY, ('703', cents, 0), ('70732', 0, cents))
        elif name == 'bank':
            resale.receive(cents, account='70732')
        elif name == 'free':
            resale.invoice(
                rnd.choice(self.parties), ('703', cents), ('7561', '3.00'))
        elif name == 'cancel':
            Invoice.cancel([self.posted(resale, rnd, invoices)])
        elif name == 'draft':
            books.move(
                TODAY, ('5121', cents, 0), ('70731', 0, cents), post=False)

    @with_books(TODAY.year)
    def test_equal_to_the_books(self, books):
        "After any sequence of sales, credits, payments and entries"
        resale = Resale(books)
        books.company.cancel_invoice_out = True
        books.company.save()
        self.parties = [resale.buyer(f"Buyer {i}") for i in range(3)]
        for seed in range(SEEDS):
            rnd = random.Random(seed)
            invoices = []
            for act in rnd.sample(ACTS, len(ACTS)):
                self.act(act, resale, rnd, invoices)
            self.check(books)
            self.check(books, income_end_date=TODAY)
            self.check(books, income_end_date=TODAY - dt.timedelta(days=1))
        for domain in [
                ('state', '=', 'cancelled'), ('state', '=', 'partly_paid'),
                [('amount', '<', 0), ('lot', '!=', None)]]:
            with self.subTest(domain=domain):
                self.assertTrue(self.rows([domain]))

    @with_books(TODAY.year)
    def test_cents(self, books):
        "Three modules for 10.00 and their credit: the last takes the cent"
        resale = Resale(books)
        *parts, _ = resale.dismantle(parts=['memory'] * 3)
        invoice = resale.sell(
            resale.buyer(), (Decimal('3.3334'), parts))
        rows = self.rows([('invoice', '=', invoice.id)])
        self.assertEqual(
            sorted((r.lot.id, r.amount) for r in rows),
            list(zip([p.id for p in parts], [
                        Decimal('3.33'), Decimal('3.34'), Decimal('3.33')])))
        credit = resale.credit(invoice)
        back = self.rows([('invoice', '=', credit.id)])
        self.assertEqual(
            {r.lot: -r.amount for r in back}, {r.lot: r.amount for r in rows})
        self.assertEqual({r.quantity for r in back}, {-1})
        self.assertEqual({r.sale for r in back}, {r.sale for r in rows})

    @with_books(TODAY.year)
    def test_settlement(self, books):
        "What adjusts an invoice goes to the lots settled, and weighs nothing"
        pool = Pool()
        Settlement = pool.get('recycling.settlement')
        resale = Resale(books)
        *parts, scrap = resale.dismantle()
        buyer = resale.buyer()
        invoice = resale.sell(
            buyer, (Decimal('5.00'), parts), (Decimal('1.00'), [scrap]))
        settlement = Settlement(
            company=books.company, party=buyer, reference="D1", date=TODAY)
        settlement.save()
        Settlement.propose([settlement])
        line = next(
            l for l in settlement.lines if len(l.invoice_line.stock_moves) > 1)
        line.buyer_price = Decimal('5.25')
        line.save()
        Settlement.provision([settlement])
        Settlement.finalise([settlement], TODAY)
        settlement = Settlement(settlement.id)
        rows = self.rows([('invoice', '=', settlement.adjustment.id)])
        lots = [line.lot] if line.lot else parts
        self.assertEqual({r.lot for r in rows}, set(lots))
        self.assertEqual(
            sum(r.amount for r in rows), Decimal('.25') * len(lots))
        self.assertEqual(
            {(r.quantity, r.weight, r.state, r.settlement) for r in rows},
            {(None, None, 'variance', settlement)})
        self.assertEqual(
            {r.invoice for r in self.rows([
                        ('settlement', '=', settlement.id)])},
            {invoice, settlement.adjustment})
        self.check(books)

    @with_books(TODAY.year)
    def test_to_be_explained(self, books):
        "What has no invoice or no lot is shown with its whole amount"
        resale = Resale(books)
        party = resale.buyer()
        move = books.move(
            TODAY, ('5121', '84.00', 0), ('70731', 0, '84.00'))
        invoice = resale.invoice(party, ('703', '12.00'))
        bank = resale.receive(Decimal('5.00'), account='70732')
        rows = self.rows([('state', '=', 'unexplained')])
        self.assertEqual(
            {(r.move, r.invoice, r.amount) for r in rows
                if r.amount != 5},
            {(move, None, Decimal('84.00')),
                (invoice.move, invoice, Decimal('12.00'))})
        row, = self.rows([('statement_lines', '=', bank.id)])
        self.assertEqual((row.amount, row.invoice), (Decimal('5.00'), None))
        self.assertEqual(row.statement_lines, (bank,))

    @with_books(TODAY.year - 1, TODAY.year)
    def test_drafts_and_closing(self, books):
        "They are not counted, and said beside"
        Total = Pool().get('recycling.income.total')
        date = dt.date(TODAY.year - 1, 6, 1)
        books.move(date, ('5121', '84', 0), ('70731', 0, '84'))
        books.move(
            TODAY, ('5121', '7', 0), ('70731', 0, '7'), post=False)
        books.balance_non_deferral(books.years[TODAY.year - 1])
        self.check(books, income_start_date=TODAY)
        self.assertEqual(
            [(t.ledger, t.income, t.difference, t.draft, t.closing)
                for t in Total.search([])],
            [(84, 84, 0, 0, 0), (0, 0, 0, 0, -84), (0, 0, 0, 7, 0)])
        self.assertEqual([r.amount for r in self.rows()], [84])

    @with_books(TODAY.year)
    def test_sources(self, books):
        "From the row to the donor and from the donor to the row"
        resale = Resale(books)
        *parts, scrap = resale.dismantle(2)
        other = resale.dismantle()
        resale.sell(
            resale.buyer(), (Decimal('1.00'), parts),
            (Decimal('0.40'), [scrap]), (Decimal('0.50'), other[-1:]))
        row, = self.rows([('lot', '=', scrap.id)])
        self.assertEqual(row.weight, 9.92)
        self.assertEqual(len(row.devices), 2)
        self.assertEqual([d.name for d in row.donors], ["Donor 1"])
        self.assertEqual(row.donor_names, "Donor 1")
        self.assertEqual([r.name for r in row.regimes], ["Give"])
        for name, value in [
                ('devices', row.devices[0].id),
                ('donors', row.donors[0].id),
                ('donors.name', "Donor 1"),
                ('collections', row.collections[0].id),
                ('dismantlings', row.dismantlings[0].id)]:
            with self.subTest(name=name):
                self.assertEqual(len(self.rows([(name, '=', value)])), 5)
                self.assertEqual(len(self.rows([(name, '!=', value)])), 1)
        self.assertEqual(len(self.rows([('regimes', '=', "Give")])), 6)
        self.assertEqual(len(self.rows([('kind', '=', 'scrap')])), 2)
        kinds = Pool().get('recycling.income.kind').search([])
        self.assertEqual(
            {(k.kind, k.rows, k.amount) for k in kinds},
            {('memory', 4, Decimal('4.00')), ('scrap', 2, Decimal('6.43'))})

    @with_books(TODAY.year)
    def test_accounts(self, books):
        "The accounts are those that the configuration says"
        pool = Pool()
        Configuration = pool.get('account.configuration')
        Account = pool.get('account.account')
        configuration = Configuration(1)
        books.move(TODAY, ('5121', '3', 0), ('70732', 0, '3'))
        books.move(TODAY, ('5121', '4', 0), ('7088', 0, '4'))
        self.assertEqual([r.amount for r in self.rows()], [3])
        configuration.resale_accounts = '70 -7073'
        configuration.save()
        self.assertEqual([r.amount for r in self.rows()], [4])
        self.assertTrue(books.account('7088').resale)
        self.assertNotIn(
            books.account('70732'), Account.search([('resale', '=', True)]))
        for wrong in ['', '-7073', '70x']:
            with self.subTest(accounts=wrong), \
                    self.assertRaises(ResaleAccountsError):
                configuration.resale_accounts = wrong
                configuration.save()

    @with_books(TODAY.year)
    def test_number_of_queries(self, books):
        "A page costs as many queries with one row as with many"
        Income = Pool().get('recycling.income')
        resale = Resale(books)
        party = resale.buyer()
        names = [
            n for n, f in Income._fields.items()
            if not isinstance(f, fields.Binary)]

        def count(expected):
            # Once more than what is cached for all
            Income.search_read([], fields_names=names)
            Transaction().cache.clear()
            with count_queries() as queries:
                rows = Income.search_read([], fields_names=names)
            self.assertEqual(len(rows), expected)
            return len(queries)

        invoice = resale.sell(
            party, (Decimal('1.00'), resale.dismantle()[:1]))
        resale.receive(Decimal('1.00'), invoice)
        one = count(1)
        for i in range(3):
            invoice = resale.sell(
                party, (Decimal('1.00'), resale.dismantle()[:4]))
            resale.receive(Decimal('4.00'), invoice)
        self.assertLessEqual(count(13), one)

    @with_books(TODAY.year)
    def test_roles_read_the_income(self, books):
        "Who keeps, presides or audits reads all of it, the workshop nothing"
        pool = Pool()
        Access = pool.get('ir.model.access')
        Income = pool.get('recycling.income')
        ModelData = pool.get('ir.model.data')
        User = pool.get('res.user')
        resale = Resale(books)
        invoice = resale.sell(
            resale.buyer(), (Decimal('1.00'), resale.dismantle()[:1]))
        resale.receive(Decimal('1.00'), invoice)
        names = [
            f'{n}.rec_name' if isinstance(
                f, (fields.Many2One, fields.Reference)) else n
            for n, f in Income._fields.items()]
        targets = ['donors', 'devices', 'payments', 'statement_lines']
        for role in ['treasury', 'presidency', 'audit', 'workshop']:
            group = ModelData.get_id('proxymikro_base', f'group_{role}')
            user, = User.create([{
                        'name': role, 'login': role,
                        'groups': [('add', [group])]}])
            with self.subTest(role=role), Transaction().set_user(user.id), \
                    Transaction().set_context(_check_access=True):
                access = Access.get_access(['recycling.income'])
                self.assertEqual(
                    access['recycling.income']['read'], role != 'workshop')
                if role == 'workshop':
                    continue
                row, = Income.search_read([], fields_names=names)
                for name in targets:
                    Target = Income._fields[name].get_target()
                    self.assertTrue(
                        Target.read(row[name], fields_names=['rec_name']))
