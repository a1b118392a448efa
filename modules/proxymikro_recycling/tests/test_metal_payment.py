# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Whatever box the cash goes through, it pays no metal."""
from decimal import Decimal

from trytond.model.exceptions import DomainValidationError
from trytond.modules.proxymikro_account.exceptions import CashCountWarning
from trytond.modules.proxymikro_account.tests.books import (
    activate_books, with_books)
from trytond.modules.proxymikro_recycling.exceptions import MetalPaymentError
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase
from trytond.transaction import Transaction

from .resale import TODAY, Resale


class MetalPaymentTestCase(TestCase):
    "Test that metals are never paid in cash"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books('proxymikro_recycling')

    def sell(self, books):
        "Return who sells, an invoice of parts and one of metal"
        resale = Resale(books)
        *parts, scrap = resale.dismantle()
        buyer = resale.buyer()
        return (
            resale, resale.sell(buyer, (Decimal('5.00'), parts)),
            resale.sell(buyer, (Decimal('2.00'), [scrap])))

    def take_cash(self, books, invoice):
        "Book the cash of the buyer and return its line to clear"
        amount = invoice.total_amount
        move = books.move(
            TODAY, ('5311', amount, 0),
            (invoice.account.code, 0, amount, invoice.party))
        line, = [l for l in move.lines if l.account == invoice.account]
        return line

    def refuse(self, act, invoice):
        with self.assertRaises(MetalPaymentError) as caught:
            act()
        self.assertIn(invoice.rec_name, caught.exception.message)

    @with_books(TODAY.year)
    def test_statement(self, books):
        "The line of the statement of a cash box"
        resale, parts, metal = self.sell(books)
        resale.journal.account = books.account('5311')
        resale.journal.save()
        resale.receive(parts.total_amount, parts)
        self.assertEqual(self.state(parts), 'paid')
        self.refuse(
            lambda: resale.receive(metal.total_amount, metal), metal)

    @with_books(TODAY.year)
    def test_reconciliation(self, books):
        "The reconciliation by hand of an entry"
        Line = Pool().get('account.move.line')
        resale, parts, metal = self.sell(books)
        for invoice in [parts, metal]:
            line = self.take_cash(books, invoice)

            def reconcile():
                Line.reconcile([line, *invoice.lines_to_pay])

            if invoice == metal:
                self.refuse(reconcile, metal)
            else:
                reconcile()

    def transfer(self, books, invoice, origin):
        "Return the line that pays by a transfer, and both of its sides"
        amount, account = invoice.total_amount, invoice.account
        taken = books.move(TODAY, (origin, amount, 0), ('580', 0, amount))
        paid = books.move(
            TODAY, ('580', amount, 0),
            (account.code, 0, amount, invoice.party))
        line, = [l for l in paid.lines if l.account == account]
        return line, [
            l for m in [taken, paid] for l in m.lines
            if l.account.code == '580']

    @with_books(TODAY.year)
    def test_transfer(self, books):
        "The cash that an internal transfer brings"
        Line = Pool().get('account.move.line')
        _, parts, metal = self.sell(books)
        line, sides = self.transfer(books, parts, '5311')
        Line.reconcile(sides)
        Line.reconcile([line, *parts.lines_to_pay])
        line, sides = self.transfer(books, metal, '5311')
        Line.reconcile(sides)
        self.refuse(
            lambda: Line.reconcile([line, *metal.lines_to_pay]), metal)

    @with_books(TODAY.year)
    def test_transfer_cleared_last(self, books):
        "The transfer which is cleared once it has paid"
        pool = Pool()
        Invoice = pool.get('account.invoice')
        Line = pool.get('account.move.line')
        resale, parts, metal = self.sell(books)
        for invoice, origin in [(parts, '5311'), (metal, '5121')]:
            line, sides = self.transfer(books, invoice, origin)
            Line.reconcile([line, *invoice.lines_to_pay])
            Line.reconcile(sides)
        *_, scrap = resale.dismantle()
        other = resale.sell(parts.party, (Decimal('2.00'), [scrap]))
        line, sides = self.transfer(books, other, '5311')
        Invoice.add_payment_lines({other: [line]})
        self.refuse(lambda: Line.reconcile(sides), other)

    @with_books(TODAY.year)
    def test_payment_line(self, books):
        "An entry that is attached to the invoice"
        Invoice = Pool().get('account.invoice')
        resale, parts, metal = self.sell(books)
        Invoice.add_payment_lines({parts: [self.take_cash(books, parts)]})
        line = self.take_cash(books, metal)
        self.refuse(
            lambda: Invoice.add_payment_lines({metal: [line]}), metal)

    @with_books(TODAY.year)
    def test_cash_count(self, books):
        "What a count finds too much can't be attached to any invoice"
        pool = Pool()
        Count = pool.get('account.cash.count')
        Payment = pool.get('account.invoice-account.move.line')
        Warning = pool.get('res.user.warning')
        resale, parts, metal = self.sell(books)
        count, = Count.create([{
                    'date': TODAY, 'counted_by': "Camille",
                    'account': books.account('5311').id,
                    'reason': "Un acheteur a payé en espèces",
                    'lines': [('create', [{
                                    'value': Decimal(2), 'quantity': 5}])],
                    }])
        with self.assertRaises(CashCountWarning) as caught:
            Count.confirm([count])
        Warning(user=Transaction().user, name=caught.exception.name).save()
        Count.confirm([count])
        line = max(count.move.lines, key=lambda l: l.debit)
        self.assertEqual(line.account, books.account('5311'))
        with self.assertRaises(DomainValidationError):
            Payment.create([{'invoice': metal.id, 'line': line.id}])

    @with_books(TODAY.year)
    def test_adjustment(self, books):
        "The complement of a settlement is of metal too"
        pool = Pool()
        Invoice = pool.get('account.invoice')
        Settlement = pool.get('recycling.settlement')
        resale, parts, metal = self.sell(books)
        settlement = Settlement(
            company=books.company, party=metal.party, reference="D1",
            date=TODAY)
        settlement.save()
        Settlement.propose([settlement])
        line, = [l for l in settlement.lines
            if l.invoice_line.invoice == metal]
        line.buyer_price += 1
        line.save()
        Settlement.provision([settlement])
        Settlement.finalise([settlement], TODAY)
        adjustment = Settlement(settlement.id).adjustment
        cash = self.take_cash(books, adjustment)
        self.refuse(
            lambda: Invoice.add_payment_lines({adjustment: [cash]}),
            adjustment)

    def state(self, invoice):
        return Pool().get('account.invoice')(invoice.id).state
