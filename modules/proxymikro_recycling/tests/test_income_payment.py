# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the income says of the money that came."""
from decimal import Decimal

from trytond.modules.proxymikro_account.tests.books import (
    activate_books, with_books)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase

from .resale import TODAY, Resale


class IncomePaymentTestCase(TestCase):
    "Test the states of the income as it is paid"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books('proxymikro_recycling')

    def rows(self, domain):
        return Pool().get('recycling.income').search(domain)

    @with_books(TODAY.year)
    def test_states(self, books):
        "Invoiced, partly paid by a transfer, then reconciled; or by entries"
        resale = Resale(books)
        Invoice = Pool().get('account.invoice')
        *parts, scrap = resale.dismantle()
        party = resale.buyer()
        invoice = resale.sell(party, (Decimal('10.00'), parts))

        def states(invoice):
            return {r.state for r in self.rows([('invoice', '=', invoice)])}

        self.assertEqual(states(invoice.id), {'invoiced'})
        first = resale.receive(Decimal('13.33'), invoice)
        self.assertEqual(states(invoice.id), {'partly_paid'})
        second = resale.receive(Decimal('26.67'), Invoice(invoice.id))
        self.assertEqual(states(invoice.id), {'reconciled'})
        row = self.rows([('statement_lines', '=', first.id)])[0]
        self.assertEqual(set(row.statement_lines), {first, second})
        self.assertEqual(len(row.payments), 2)
        self.assertEqual(
            len(self.rows([('payments', 'in', [
                                p.id for p in row.payments])])), 4)
        # Paid by another invoice of theirs: nothing comes from the bank
        other = resale.sell(party, (Decimal('1.00'), [scrap]))
        resale.credit(other)
        self.assertNotIn('reconciled', states(other.id))

    def reconcile(self, *invoices):
        pool = Pool()
        Invoice = pool.get('account.invoice')
        Line = pool.get('account.move.line')
        Line.reconcile([
                l for i in Invoice.browse(invoices)
                for l in i.lines_to_pay + i.payment_lines])

    def state(self, invoice):
        state, = {r.state for r in self.rows([('invoice', '=', invoice.id)])}
        return state

    @with_books(TODAY.year)
    def test_partly_by_the_bank(self, books):
        "What an entry paid, that no bank knows, is not reconciled"
        Invoice = Pool().get('account.invoice')
        resale = Resale(books)
        *parts, _ = resale.dismantle()
        party = resale.buyer()
        invoice = resale.sell(party, (Decimal('10.00'), parts))
        resale.receive(Decimal('25.00'), invoice)
        cash = books.move(
            TODAY, ('5311', Decimal('15.00'), 0),
            (invoice.account.code, 0, Decimal('15.00'), party))
        paid, = [l for l in cash.lines if l.credit]
        Invoice.add_payment_lines({invoice: [paid]})
        self.reconcile(invoice)
        resale.process(invoice)
        self.assertEqual(self.state(invoice), 'paid')

    @with_books(TODAY.year)
    def test_credited_in_part(self, books):
        "The rest of what a credit note takes back comes by the bank"
        Invoice = Pool().get('account.invoice')
        resale = Resale(books)
        *_, scrap = resale.dismantle()
        invoice = resale.sell(resale.buyer(), (Decimal('2.00'), [scrap]))
        credit, = Invoice.credit([invoice])
        line, = credit.lines
        line.unit_price = Decimal('0.50')
        line.save()
        resale.post(Invoice(credit.id))
        resale.receive(
            invoice.total_amount + Invoice(credit.id).total_amount, invoice)
        self.reconcile(invoice, credit)
        resale.process(invoice)
        self.assertEqual(self.state(invoice), 'reconciled')

    @with_books(TODAY.year)
    def test_through_the_cheques(self, books):
        "The bank line of a cheque is behind the account of the cheques"
        pool = Pool()
        Invoice = pool.get('account.invoice')
        Line = pool.get('account.move.line')
        resale = Resale(books)
        party = resale.buyer()
        invoice = resale.sell(
            party, (Decimal('1.00'), resale.dismantle()[-1:]))
        amount = invoice.total_amount
        move = books.move(
            TODAY, ('5112', amount, 0),
            (invoice.account.code, 0, amount, party))
        cheque, paid = sorted(move.lines, key=lambda l: l.credit)
        Line.reconcile([paid, *invoice.lines_to_pay])
        resale.process(invoice)
        row, = self.rows([('invoice', '=', invoice.id)])
        self.assertEqual(row.state, 'paid')
        self.assertEqual(row.statement_lines, ())
        bank = resale.receive(amount, account='5112')
        cleared, = Line.search([('origin', '=', str(bank))])
        cheque.account.reconcile = True
        cheque.account.save()
        Line.reconcile([cheque, cleared])
        row, = self.rows([('statement_lines', '=', bank.id)])
        self.assertEqual(row.invoice, Invoice(invoice.id))
        self.assertEqual(row.state, 'reconciled')
