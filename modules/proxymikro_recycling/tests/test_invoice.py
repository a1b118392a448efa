# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from decimal import Decimal

from trytond.model.exceptions import AccessError
from trytond.modules.proxymikro_account.tests.books import (
    activate_books, with_books)
from trytond.modules.proxymikro_recycling.exceptions import InvoiceMoveError
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase

from .resale import TODAY, Resale


class InvoiceTestCase(TestCase):
    "Test that what is invoiced is what left, once"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books('proxymikro_recycling')

    def sell(self, books, **values):
        self.resale = Resale(books)
        *parts, _ = self.resale.dismantle()
        self.buyer = self.resale.buyer()
        return self.resale.sell(
            self.buyer, (Decimal('5.00'), parts[:2]), **values)

    def invoice(self, moves, product=None, quantity=1):
        "Return a draft invoice by hand of what the moves took away"
        pool = Pool()
        Invoice = pool.get('account.invoice')
        Line = pool.get('account.invoice.line')
        company = self.resale.company
        invoice = Invoice(
            type='out', company=company, party=self.buyer,
            currency=company.currency)
        invoice.on_change_type()
        invoice.on_change_party()
        line = Line(
            type='line', invoice=invoice, currency=company.currency,
            company=company, product=product or moves[0].product)
        line.on_change_product()
        line.quantity, line.unit_price = quantity, Decimal(5)
        line.stock_moves = moves
        invoice.lines = [line]
        invoice.save()
        return invoice

    def refuse(self, invoice, regex):
        with self.assertRaisesRegex(InvoiceMoveError, regex):
            self.resale.post(invoice)

    @with_books(TODAY.year)
    def test_once(self, books):
        "A move that an invoice holds is not invoiced by another"
        first = self.sell(books)
        moves = first.lines[0].stock_moves
        again = self.invoice(moves[:1])
        self.refuse(again, first.number)
        self.resale.credit(first)
        self.resale.post(again)
        self.assertEqual(again.state, 'posted')
        self.refuse(self.invoice(moves, quantity=2), again.number)

    @with_books(TODAY.year)
    def test_draft(self, books):
        "Two invoices in preparation of one move: the first posted wins"
        draft = self.sell(books, post=False)
        again = self.invoice(draft.lines[0].stock_moves, quantity=2)
        self.refuse(again, "invoiced twice")
        Pool().get('account.invoice').delete([again])
        self.resale.post(draft)
        self.assertEqual(draft.state, 'posted')

    @with_books(TODAY.year)
    def test_quantity(self, books):
        "More pieces than left are not invoiced"
        draft = self.sell(books, post=False)
        line, = draft.lines
        line.quantity = 3
        line.save()
        self.refuse(draft, "no stock move")

    @with_books(TODAY.year)
    def test_product(self, books):
        "The moves of one product don't let another be invoiced"
        moves = self.sell(books, post=False).lines[0].stock_moves
        processor, = Pool().get('product.product').search([
                ('template.component_kind', '=', 'processor')], limit=1)
        self.refuse(
            self.invoice(moves, product=processor, quantity=2),
            "no stock move")

    @with_books(TODAY.year)
    def test_moves_of_posted(self, books):
        "The moves of what is posted stay the ones that were checked"
        line, = self.sell(books).lines
        with self.assertRaises(AccessError):
            line.stock_moves = []
            line.save()
