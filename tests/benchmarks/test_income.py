# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The income from resale: a page of many lines, the origin of many parts."""
import os

from trytond import backend
from trytond.modules.proxymikro_account.tests.books import (
    activate_books, with_books)
from trytond.modules.proxymikro_recycling.tests.resale import TODAY, Resale
from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase
from trytond.transaction import Transaction

from .measure import alternate, spent
from .resale import fill_parts, fill_sales

FULL = bool(os.environ.get('PROXYMIKRO_FULL'))
LINES, PARTS, WALKED = (200_000, 10_000, 20) if FULL else (2_000, 500, 5)
ROWS = 80
# What somebody who knows the tables would type for the same page, without the
# share of the lots, the state or the origins
RAW = '''
SELECT m.date, m.id, l.id, l.account, l.credit - l.debit, i.id, i.party, il.id,
    s.lot, s.internal_quantity, lot.number, t.component_kind
FROM account_move_line AS l
JOIN account_move AS m ON m.id = l.move AND m.state = 'posted'
JOIN account_account AS a ON a.id = l.account
    AND (a.code LIKE '7073%%' OR a.code LIKE '703%%')
LEFT JOIN account_invoice_line AS il
    ON il.id = CASE WHEN l.origin LIKE 'account.invoice.line,%%'
        THEN CAST(SUBSTR(l.origin, 22) AS INTEGER) END
LEFT JOIN account_invoice AS i ON i.id = il.invoice
LEFT JOIN "account_invoice_line-stock_move" AS r ON r.invoice_line = il.id
LEFT JOIN stock_move AS s ON s.id = r.stock_move
LEFT JOIN stock_lot AS lot ON lot.id = s.lot
LEFT JOIN product_product AS p ON p.id = lot.product
LEFT JOIN product_template AS t ON t.id = p.template
ORDER BY m.date DESC, l.id DESC LIMIT 80'''


class IncomeBenchmarkTestCase(TestCase):
    "Test the speed of the income from resale and of the provenance"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books('proxymikro_recycling')

    def page(self, *domain):
        Income = Pool().get('recycling.income')
        return Income.search(list(domain), limit=ROWS)

    def columns(self):
        "Return what the client reads for the columns of the list"
        Income = Pool().get('recycling.income')
        view = Income.fields_view_get(view_type='tree')
        return [
            f'{n}.rec_name' if d['type'] == 'many2one' else n
            for n, d in view['fields'].items()]

    def whole_page(self, columns):
        "As the client asks for it: the rows, then their columns"
        Income = Pool().get('recycling.income')
        ids = [r.id for r in self.page()]
        return Income.read(ids, columns)

    def raw(self):
        cursor = Transaction().connection.cursor()
        cursor.execute(RAW.replace('%%', '%') if backend.name == 'sqlite'
            else RAW)
        return cursor.fetchall()

    def count(self, function):
        Transaction().cache.clear()
        with count_queries() as queries:
            function()
        return len(queries)

    @with_books(TODAY.year)
    def test_page(self, books):
        "The first page of many lines, to the raw query of the same lines"
        resale = Resale(books)
        fill_sales(resale, ROWS)
        columns = self.columns()
        self.assertIn('donor_names', columns)

        def show():
            return self.whole_page(columns)

        show()
        few = self.count(show)
        fill_sales(resale, LINES)
        many = self.count(show)
        print(
            f"columns of {ROWS} rows: {many} queries, {few} of few lines")
        self.assertLessEqual(many, few)
        self.assertLessEqual(many, 40)
        page, whole, raw = alternate(
            lambda: spent(self.page, ROWS),
            lambda: spent(show, ROWS),
            lambda: spent(self.raw, ROWS))
        print(
            f"income of {LINES} lines: page {page:.3f} s, with all its "
            f"columns {whole:.3f} s, raw {raw:.3f} s")
        # The fixed cost of the objects counts when the lines are few
        self.assertLess(page, 2 * raw + .05)
        # All the columns of the list, even those that are not shown
        self.assertLess(whole, 2 * raw + .2)
        Total = Pool().get('recycling.income.total')
        print(f"totals {spent(lambda: Total.search_read([]), 1):.2f} s")

    @with_books(TODAY.year)
    def test_provenance(self, books):
        "The origin of many parts, to core's trace hop by hop"
        pool = Pool()
        Lot = pool.get('stock.lot')
        parts, devices = fill_parts(Resale(books), PARTS)
        rows = []
        ours = spent(
            lambda: rows.extend(Lot._source_rows(parts))) / PARTS
        self.assertEqual(
            sorted((r[0], r[1]) for r in rows),
            sorted(zip(parts, devices)))
        sample = parts[::PARTS // WALKED][:WALKED]
        core = spent(lambda: [
                self.assertEqual(self.walk(part), {device})
                for part, device in zip(parts, devices)
                if part in sample]) / WALKED
        print(
            f"origin of {PARTS} parts: {ours * 1e6:.0f} us by part, core "
            f"{core / ours:.0f} x")
        self.assertGreater(core, 50 * ours)

    def walk(self, part):
        "Return the devices that core's trace leads to from the part"
        Trace = Pool().get('stock.lot.trace')
        todo = Trace.search([('lot', '=', part)])
        seen, devices = set(todo), set()
        while todo:
            trace = todo.pop()
            if trace.product.device:
                devices.add(trace.lot.id)
            for next_ in trace.downward_traces:
                if next_ not in seen:
                    seen.add(next_)
                    todo.append(next_)
        return devices
