# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Which list is in force, and what a buyer pays by it."""
import datetime as dt
import hashlib
from decimal import Decimal

from trytond.model.exceptions import SQLConstraintError
from trytond.modules.proxymikro_recycling import price_row
from trytond.modules.proxymikro_recycling.exceptions import (
    PriceImportError, PriceListOverlapError)
from trytond.modules.proxymikro_stock.tests.fleet import (
    count_queries, with_company)
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase, activate_module
from trytond.transaction import Transaction

JANUARY, MARCH, JUNE = (dt.date(2025, m, 1) for m in [1, 3, 6])


class PriceMixin:
    "What the tests of the prices create"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_recycling')

    def get(self, model, name, module='proxymikro_recycling'):
        pool = Pool()
        return pool.get(model)(
            pool.get('ir.model.data').get_id(module, name))

    def unit(self, name):
        return self.get('product.uom', f'uom_{name}', 'product')

    def create_buyer(self, name="Affinage Garonne"):
        buyer, = Pool().get('party.party').create([{'name': name}])
        return buyer

    def create_list(self, buyer, start_date, end_date=None, **prices):
        "Create a list with the prices by kg of the grades"
        PriceList = Pool().get('recycling.price.list')
        list_, = PriceList.create([{
                    'buyer': buyer.id,
                    'start_date': start_date, 'end_date': end_date,
                    'lines': [('create', [{
                                    'grade': self.get(
                                        'recycling.grade', f'grade_{g}').id,
                                    'price': Decimal(str(p)),
                                    'unit': self.unit('kilogram').id,
                                    } for g, p in prices.items()])],
                    }])
        return list_

    def create_part(self, fleet, product='memory', quantity=1, **values):
        "Create a lot in its store"
        Lot = Pool().get('stock.lot')
        product = self.get('product.product', f'product_{product}')
        if product.lot_uom:
            values |= {'unit': product.lot_uom.id, 'unit_quantity': 1}
        lot, = Lot.create([{'product': product.id, **values}])
        fleet.do(lot, 'supplier', 'parts', quantity, date=MARCH)
        return Lot(lot.id)


class PriceListTestCase(PriceMixin, TestCase):
    "Test the price lists of the buyers"

    def prices(self, buyer, date):
        lines = Pool().get('recycling.price.list').get_prices(buyer, date)
        return {g.code: l.price for g, l in lines.items()}

    @with_company
    def test_in_force(self, fleet):
        "A list holds until the next one of its buyer"
        buyer, other = self.create_buyer(), self.create_buyer("Autre")
        self.create_list(buyer, JANUARY, ram_gold=20)
        self.create_list(buyer, JUNE, ram_gold=30)
        self.create_list(other, MARCH, ram_gold=99)
        day = dt.timedelta(days=1)
        for date, prices in [
                (JANUARY - day, {}),
                (JANUARY, {'RAM-OR': 20}),
                (JUNE - day, {'RAM-OR': 20}),
                (JUNE, {'RAM-OR': 30}),
                ]:
            with self.subTest(date=date):
                self.assertEqual(self.prices(buyer, date), prices)

    @with_company
    def test_end(self, fleet):
        "A list may end before the next one starts, not after"
        buyer = self.create_buyer()
        list_ = self.create_list(
            buyer, JANUARY, dt.date(2025, 2, 28), ram_gold=20)
        self.assertEqual(self.prices(buyer, MARCH), {})
        self.create_list(buyer, MARCH, ram_gold=30)
        list_.end_date = MARCH
        with self.assertRaises(PriceListOverlapError) as caught:
            list_.save()
        self.assertIn(buyer.name, caught.exception.message)

    @with_company
    def test_same_day(self, fleet):
        "Two lists of a buyer can't start on the same day"
        buyer = self.create_buyer()
        self.create_list(buyer, JANUARY)
        with self.assertRaises(SQLConstraintError):
            self.create_list(buyer, JANUARY)

    @with_company
    def test_today(self, fleet):
        "The lists of today may be searched"
        PriceList = Pool().get('recycling.price.list')
        buyer = self.create_buyer()
        old = self.create_list(buyer, JANUARY)
        new = self.create_list(buyer, JUNE)
        self.assertEqual(PriceList.search([('in_force', '=', True)]), [new])
        self.assertEqual(PriceList.search([('in_force', '!=', True)]), [old])
        self.assertEqual([l.in_force for l in [old, new]], [False, True])

    @with_company
    def test_copy(self, fleet):
        "A copy starts after all the lists of its buyer"
        PriceList = Pool().get('recycling.price.list')
        today = Pool().get('ir.date').today()
        list_ = self.create_list(self.create_buyer(), JANUARY, ram_gold=20)
        one, two = PriceList.copy([list_, list_])
        self.assertEqual(one.start_date, today)
        self.assertEqual(two.start_date, today + dt.timedelta(days=1))
        self.assertEqual([l.price for l in two.lines], [20])

    @with_company
    def test_value(self, fleet):
        "A price by kg of a part sold by piece is the one of its weight"
        list_ = self.create_list(self.create_buyer(), JANUARY, ram_gold=20)
        line, = list_.lines
        lot = self.create_part(fleet, weight=.025)
        self.assertEqual(line.get_value(lot, 1), Decimal('0.5'))
        # Of the usual weight, 20 g
        lot = self.create_part(fleet)
        self.assertEqual(line.get_value(lot, 1), Decimal('0.4'))
        bulk = self.create_part(fleet, 'scrap', 3)
        self.assertEqual(line.get_value(bulk, 3), 60)
        line.unit = self.unit('gram')
        self.assertEqual(line.get_value(bulk, .003), 60)
        line.unit = self.unit('unit')
        self.assertEqual(line.get_value(lot, 1), 20)
        self.assertIsNone(line.get_value(bulk, 3))


class StoreValueTestCase(PriceMixin, TestCase):
    "Test the value of the parts store"

    def values(self, **context):
        Value = Pool().get('recycling.store.value')
        with Transaction().set_context(**context):
            return {
                (v.grade and v.grade.code, v.kind):
                    (v.pieces, v.weight, v.value) for v in Value.search([])}

    @with_company
    def test_best(self, fleet):
        "Each grade is worth what the best buyer in force pays"
        Value = Pool().get('recycling.store.value')
        gold = self.get('recycling.grade', 'grade_ram_gold')
        self.create_part(fleet, weight=.03)
        self.create_part(fleet)
        self.create_part(fleet, 'scrap', 2, grade=gold.id)
        self.create_part(fleet, 'scrap', 7)
        self.create_part(fleet, 'processor')
        one, two = self.create_buyer("Un"), self.create_buyer("Deux")
        self.create_list(one, JANUARY, ram_gold=20, cpu_lga=5)
        self.create_list(two, JUNE, ram_gold=30)
        self.assertEqual(self.values(), {
                ('RAM-OR', 'memory'): (2, .05, Decimal('1.50')),
                ('RAM-OR', 'scrap'): (0, 2, Decimal('60.00')),
                ('CPU-LGA', 'processor'): (1, .03, Decimal('0.15')),
                (None, 'scrap'): (0, 7, None),
                })
        self.assertEqual(
            self.values(store_buyer=one.id)['RAM-OR', 'scrap'][2], 40)
        self.assertEqual(
            self.values(store_date=MARCH)['RAM-OR', 'scrap'][2], 40)
        self.assertEqual(self.values(store_date=JANUARY), {})
        best, = Value.search([('kind', '=', 'scrap'), ('grade', '=', gold.id)])
        self.assertEqual(
            (best.list.buyer, best.price, best.unit.symbol, best.estimated),
            (two, 30, 'kg', False))
        memory, = Value.search([('kind', '=', 'memory')])
        self.assertTrue(memory.estimated)
        self.assertEqual(memory.currency, fleet.company.currency)

    @with_company
    def test_sold(self, fleet):
        "What has left is worth nothing any more, but was"
        lot = self.create_part(fleet, 'scrap', 2)
        key = None, 'scrap'
        self.assertEqual(self.values()[key], (0, 2, None))
        fleet.do(lot, 'parts', 'lost_found', .5, date=JUNE)
        self.assertEqual(self.values()[key][1], 1.5)
        self.assertEqual(self.values(store_date=MARCH)[key][1], 2)

    @with_company
    def test_queries(self, fleet):
        "Hundreds of parts and lists cost no query more"
        Value = Pool().get('recycling.store.value')

        def count():
            with count_queries() as queries:
                rows = Value.search([])
                self.assertTrue(all(r.value for r in rows))
            return len(queries)
        self.create_part(fleet)
        self.create_list(self.create_buyer(), JANUARY, ram_gold=20)
        few = count()
        for i in range(20):
            self.create_part(fleet)
            self.create_list(self.create_buyer(f"B{i}"), JANUARY, ram_gold=2)
        self.assertEqual(count(), few)


class ImportPricesTestCase(PriceMixin, TestCase):
    "Test what the server does with the rows of a list"

    def send(self, buyer, *texts, dry_run=False):
        return Pool().get('recycling.price.list').import_prices(
            buyer, JANUARY,
            [{'line': i, 'texts': t} for i, t in enumerate(texts, 2)], {
                'file_name': 'prix.csv', 'encoding': 'utf-8',
                'rows': len(texts),
                'sha256': hashlib.sha256(repr(texts).encode()).hexdigest(),
                }, len(texts), dry_run)

    def counts(self, result):
        self.assertEqual(result['errors'], [])
        return tuple(result[n] for n in ['created', 'updated', 'unchanged'])

    @with_company
    def test_twice(self, fleet):
        "The same file twice changes nothing, a corrected one corrects"
        pool = Pool()
        PriceList = pool.get('recycling.price.list')
        buyer = self.create_buyer()
        rows = [
            {'grade': 'ram-or', 'price': '22,50 €', 'unit': 'kg'},
            {'grade': "Fibre Processor with Pins", 'price': '1,2',
                'unit': 'Pièce'},
            {'grade': 'FER', 'price': '185', 'unit': 't'},
            {'grade': 'ALU', 'price': '1 234,5678'}]
        self.assertEqual(
            self.counts(self.send(buyer.code, *rows, dry_run=True)),
            (4, 0, 0))
        self.assertEqual(PriceList.search([]), [])
        self.assertEqual(
            self.counts(self.send(buyer.code, *rows)), (4, 0, 0))
        self.assertEqual(
            self.counts(self.send(buyer.name.upper(), *rows)), (0, 0, 4))
        rows[0]['price'] = '23'
        self.assertEqual(
            self.counts(self.send(buyer.code, *rows)), (0, 1, 3))
        list_, = PriceList.search([])
        self.assertEqual(
            [(l.grade.code, l.price, l.unit.symbol) for l in list_.lines], [
                ('ALU', Decimal('1234.5678'), 'kg'),
                ('CPU-FIB', Decimal('1.2'), 'u'),
                ('FER', Decimal('.185'), 'kg'),
                ('RAM-OR', 23, 'kg')])
        first, last = pool.get('import.batch').search(
            [('kind', '=', 'prices')], order=[('id', 'ASC')])
        self.assertEqual(first.target, list_)
        self.assertEqual((first.created, last.updated), (4, 1))

    @with_company
    def test_errors(self, fleet):
        "Each row says what is wrong in it, and nothing is written"
        buyer = self.create_buyer()
        good = {'grade': 'ALU', 'price': '1'}
        for text, column, word in [
                ({'grade': 'RAM-ORR', 'price': '1'}, "catégorie", 'RAM-OR'),
                ({'grade': '', 'price': '1'}, "catégorie", ''),
                ({'grade': 'FER', 'price': ''}, "prix", ''),
                ({'grade': 'FER', 'price': '1.5'}, "prix", '1.5'),
                ({'grade': 'FER', 'price': '-1'}, "prix", '-1'),
                ({'grade': 'FER', 'price': '0,12345'}, "prix", '0,12345'),
                ({'grade': 'FER', 'price': '1', 'unit': 'm'}, "unité", 'm'),
                (good, "catégorie", 'ALU'),
                ({'grade': "Aluminium Heatsinks", 'price': '2'},
                    "catégorie", 'ALU'),
                ]:
            with self.subTest(text=text):
                result = self.send(buyer.code, good, text)
                self.assertEqual(result['created'], 0)
                error = result['errors'][-1]
                self.assertEqual(
                    (error['line'], error['column']), (3, column))
                self.assertIn(word, error['message'])
        self.assertEqual(Pool().get('recycling.price.list').search([]), [])

    @with_company
    def test_buyer(self, fleet):
        "A buyer that is nobody, or two, is refused by its name"
        self.create_buyer("Double")
        self.create_buyer("Double")
        for name in ["Affinage", "Double"]:
            with self.assertRaises(PriceImportError) as caught:
                self.send(name, {'grade': 'ALU', 'price': '1'})
            self.assertIn(name, caught.exception.message)

    @with_company
    def test_rows(self, fleet):
        "What is no row is refused"
        PriceList = Pool().get('recycling.price.list')
        buyer = self.create_buyer()
        source = {
            'file_name': 'a.csv', 'sha256': '0' * 64, 'encoding': 'utf-8',
            'rows': 1}
        row = {'line': 2, 'texts': {}}
        for date, rows in [
                ('2025-01-01', [row]), (JANUARY, []), (JANUARY, [{}]),
                (JANUARY, [row] * 501)]:
            with self.assertRaises(PriceImportError):
                PriceList.import_prices(buyer.code, date, rows, source)

    def test_labels(self):
        "No label is the one of two columns"
        labels = [l for c in price_row.COLUMNS for l in c.labels]
        self.assertEqual(len(labels), len(set(labels)))
