# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the bookkeeper shows, and what remains at the end of a year."""
import csv
import datetime as dt
import io
from decimal import Decimal
from unittest.mock import patch

from trytond.modules.proxymikro_account.tests.books import (
    activate_books, with_books)
from trytond.modules.proxymikro_recycling import income_sheet
from trytond.modules.proxymikro_recycling.exceptions import (
    IncomeSheetSizeError)
from trytond.modules.proxymikro_stock.tests.fleet import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import TestCase
from trytond.transaction import Transaction

from .resale import TODAY, Resale

YESTERDAY = TODAY - dt.timedelta(days=1)


class IncomeYearEndTestCase(TestCase):
    "Test the cut-off, the unsold parts and the reconciliation sheet"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_books('proxymikro_recycling')

    def search(self, name, date=None):
        with Transaction().set_context(income_date=date):
            return Pool().get(name).search([])

    @with_books(TODAY.year, TODAY.year + 1)
    def test_cut_off(self, books):
        "What left and is not invoiced is accrued once, then taken back"
        pool = Pool()
        CutOff = pool.get('account.cut.off')
        Income = pool.get('recycling.income')
        name = 'recycling.income.unbilled'
        resale = Resale(books)
        *parts, scrap = resale.dismantle()
        buyer = resale.buyer()
        invoice = resale.sell(buyer, (Decimal('12.50'), parts[:2]), post=False)
        resale.sell(buyer, (Decimal('1.00'), [scrap]))
        self.assertEqual(
            {(r.lot, r.party, r.amount, r.account.code)
                for r in self.search(name)},
            {(p, buyer, Decimal('12.50'), '70731') for p in parts[:2]})
        self.assertEqual(self.search(name, YESTERDAY), [])
        fiscalyear = books.years[TODAY.year]
        CutOff.save(CutOff.get_proposals(fiscalyear))
        cut_off, = CutOff.search([])
        self.assertEqual(
            (cut_off.kind, cut_off.party, cut_off.account.code,
                cut_off.amount, len(cut_off.lines)),
            ('accrued_income', buyer, '70731', Decimal('25.00'), 2))
        self.assertEqual(CutOff.get_proposals(fiscalyear), [])
        CutOff.post([cut_off])
        rows = Income.search([('state', '=', 'cut_off')])
        self.assertEqual(
            {(r.origin, r.fiscalyear, r.amount) for r in rows},
            {(cut_off, books.years[TODAY.year], Decimal('25.00')),
                (cut_off, books.years[TODAY.year + 1], Decimal('-25.00'))})
        resale.post(invoice)
        self.assertEqual(self.search(name), [])

    @with_books(TODAY.year, TODAY.year + 1)
    def test_cut_off_again(self, books):
        "What is still not invoiced a year later is accrued again"
        CutOff = Pool().get('account.cut.off')
        resale = Resale(books)
        part, *_ = resale.dismantle()
        resale.sell(resale.buyer(), (Decimal('12.50'), [part]), post=False)
        for year in [TODAY.year, TODAY.year + 1]:
            cut_off, = CutOff.get_proposals(books.years[year])
            cut_off.save()
            self.assertEqual(cut_off.amount, Decimal('12.50'))

    @with_books(TODAY.year)
    def test_cut_off_of_device(self, books):
        "A device sold whole is accrued, by the delivery when no sale says it"
        pool = Pool()
        CutOff = pool.get('account.cut.off')
        Lot = pool.get('stock.lot')
        Shipment = pool.get('stock.shipment.out')
        resale = Resale(books)
        device, = resale._give("Donor", resale.regime)
        shelf = resale._get('stock.location', 'stock.location_storage')
        Lot.move_to([device], shelf)
        buyer = resale.buyer()
        shipment = Shipment(customer=buyer)
        shipment.warehouse = shipment.default_warehouse()
        shipment.on_change_warehouse()
        shipment.on_change_customer()
        shipment.save()
        Move = pool.get('stock.move')
        Move(
            shipment=shipment, product=device.product, lot=device,
            unit=device.product.default_uom, quantity=1,
            from_location=shipment.warehouse.output_location,
            to_location=resale._get(
                'stock.location', 'stock.location_customer'),
            company=books.company, unit_price=Decimal(60),
            currency=books.company.currency).save()
        with Transaction().set_context(_skip_warnings=True):
            Shipment.dispatch([Shipment(shipment.id)])
        row, = self.search('recycling.income.unbilled')
        self.assertEqual(
            (row.lot, row.party, row.amount), (device, buyer, Decimal(60)))
        cut_off, = CutOff.get_proposals(books.years[TODAY.year])
        self.assertEqual(cut_off.party, buyer)

    @with_books(TODAY.year)
    def test_cut_off_of_refused(self, books):
        "The load that its buyer refused is not sold"
        Shipment = Pool().get('stock.shipment.waste')
        resale = Resale(books)
        *_, scrap = resale.dismantle()
        invoice = resale.sell(
            resale.buyer(), (Decimal('1.00'), [scrap]), post=False)
        name = 'recycling.income.unbilled'
        self.assertEqual([r.lot for r in self.search(name)], [scrap])
        shipment, = invoice.sales[0].waste_shipments
        shipment.refusal_reason = "Wet"
        shipment.save()
        Shipment.refuse([shipment])
        self.assertEqual(self.search(name), [])

    @with_books(TODAY.year, TODAY.year + 1)
    def test_cut_off_of_settlement(self, books):
        "The note known at the end of the year, whose credit note comes after"
        pool = Pool()
        CutOff = pool.get('account.cut.off')
        Settlement = pool.get('recycling.settlement')
        resale = Resale(books)
        *parts, scrap = resale.dismantle()
        buyer = resale.buyer()
        resale.sell(
            buyer, (Decimal('5.00'), parts), (Decimal('2.00'), [scrap]))
        settlement = Settlement(
            company=books.company, party=buyer, reference="D1", date=TODAY)
        settlement.save()
        Settlement.propose([settlement])
        for line in settlement.lines:
            line.buyer_price -= Decimal('.50')
            line.save()
        fiscalyear = books.years[TODAY.year]
        self.assertEqual(CutOff.get_proposals(fiscalyear), [])
        Settlement.provision([settlement])
        proposals = CutOff.get_proposals(fiscalyear)
        CutOff.save(proposals)
        self.assertEqual(
            {(c.kind, c.party, c.amount) for c in proposals},
            {('accrued_credit', buyer, Decimal('2.00')),
                ('accrued_credit', buyer, Decimal('2.46'))})
        self.assertEqual(CutOff.get_proposals(fiscalyear), [])
        CutOff.post(proposals)
        balance = sum(
            r.amount for r in self.search('recycling.income')
            if r.state == 'cut_off' and r.fiscalyear == fiscalyear)
        self.assertEqual(balance, Decimal('-4.46'))
        # Once final within the year, nothing more is to come
        CutOff.cancel(proposals)
        Settlement.finalise([settlement], TODAY)
        self.assertEqual(CutOff.get_proposals(fiscalyear), [])

    @with_books(TODAY.year)
    def test_unsold(self, books):
        "What the stores held on a day, with its weight"
        name = 'recycling.income.unsold'
        resale = Resale(books)
        *parts, scrap = resale.dismantle()
        self.assertEqual(
            {(r.lot, r.quantity, round(r.weight, 2), r.date)
                for r in self.search(name)},
            {*((p, 1, .02, TODAY) for p in parts),
                (scrap, 4.92, 4.92, TODAY)})
        self.assertEqual(self.search(name, YESTERDAY), [])
        resale.sell(resale.buyer(), (Decimal('1.00'), parts))
        row, = self.search(name)
        self.assertEqual((row.lot, row.donor_names), (scrap, "Donor 1"))
        self.assertIsNone(row.value)

    @with_books(TODAY.year)
    def test_unsold_value(self, books):
        "At the best price of the lists of the day, whatever their number"
        pool = Pool()
        Grade = pool.get('recycling.grade')
        name = 'recycling.income.unsold'
        resale = Resale(books)
        part, scrap = resale.dismantle(parts=['memory'])
        weight, = [
            Decimal(str(r.weight)) for r in self.search(name)
            if r.lot == scrap]
        gold, ferrous = [
            Grade.search([('code', '=', c)])[0] for c in ['RAM-OR', 'FER']]
        Pool().get('stock.lot').write(
            [part], {'grade': gold}, [scrap], {'grade': ferrous})
        # Pieces bought by weight weigh what is usual
        for i, (prices, value) in enumerate([
                    ({gold: 100, ferrous: 1}, Decimal('2.00')),
                    ({gold: 150, ferrous: '0.5'}, Decimal('3.00')),
                    ]):
            self.create_prices(resale.buyer(f"Buyer {i}"), prices)
            self.assertEqual(
                {r.lot: r.value for r in self.search(name)},
                {part: value, scrap: round(weight, 2)})
        with count_queries() as queries:
            self.search(name)[0].value
        resale.dismantle(parts=['memory'] * 5)
        with count_queries() as more:
            self.search(name)[0].value
        self.assertEqual(len(more), len(queries))
        self.assertEqual(self.search(name, YESTERDAY), [])

    def create_prices(self, buyer, prices):
        pool = Pool()
        kilogram = pool.get('product.uom')(pool.get('ir.model.data').get_id(
                'product', 'uom_kilogram'))
        pool.get('recycling.price.list').create([{
                    'buyer': buyer, 'start_date': YESTERDAY,
                    'lines': [('create', [{
                                    'grade': grade, 'unit': kilogram,
                                    'price': Decimal(str(price)),
                                    } for grade, price in prices.items()])],
                    }])

    def execute(self, ids=(), **data):
        Report = Pool().get('recycling.income.sheet', type='report')
        ext, content, _, name = Report.execute(list(ids), data)
        self.assertEqual(name, "Fiche de rapprochement")
        return ext, content

    @with_books(TODAY.year)
    def test_sheet(self, books):
        "The sheet says all of a sale and the totals of a period"
        Income = Pool().get('recycling.income')
        resale = Resale(books)
        *parts, scrap = resale.dismantle()
        buyer = resale.buyer("Récup'Aquitaine")
        invoice = resale.sell(buyer, (Decimal('21.00'), parts))
        resale.receive(Decimal('50.00'), invoice)
        resale.sell(buyer, (Decimal('0.97'), [scrap]))
        books.move(TODAY, ('5121', 7, 0), ('70732', 0, 7))
        period = {
            'income_start_date': TODAY.replace(month=1, day=1),
            'income_end_date': TODAY}
        ext, content = self.execute(**period)
        self.assertEqual((ext, content[:5]), ('pdf', b'%PDF-'))
        ext, content = self.execute(format='csv', **period)
        header, *rows = csv.reader(
            io.StringIO(content.decode('utf-8-sig')), delimiter=';')
        self.assertEqual(header, income_sheet.HEADER)
        rows = [dict(zip(header, row)) for row in rows]
        self.assertEqual(len(rows), 6)
        self.assertEqual(
            sum(Decimal(r['Montant'].replace(',', '.')) for r in rows),
            sum(r.amount for r in Income.search([])))
        row = next(r for r in rows if r['Lot'] == parts[0].number)
        self.assertEqual(
            (row['Acheteur'], row['Donateurs'], row['Compte'],
                row['Montant'], row['Facture'], row['Régimes de don']),
            ("Récup'Aquitaine", "Donor 1", '70731', '21,00', invoice.number,
                "Give"))
        self.assertTrue(row['Droit de revente'] and row['État'])
        self.assertEqual(row['Payé le'], f'{TODAY:%d/%m/%Y}')
        self.check_context(period)
        self.check_others(scrap, period)

    def check_others(self, scrap, period):
        "A spreadsheet, a selection, and too many rows for a PDF"
        Income = Pool().get('recycling.income')
        ext, content = self.execute(format='ods', **period)
        self.assertEqual((ext, content[:2]), ('ods', b'PK'))
        income = Income.search([('lot', '=', scrap.id)])
        ext, content = self.execute(
            [r.id for r in income], model='recycling.income', format='csv')
        self.assertEqual(content.decode('utf-8').count('\n'), 2)
        with patch.object(income_sheet, 'MAX_PDF', 5), \
                self.assertRaises(IncomeSheetSizeError):
            self.execute(**period)

    def check_context(self, period):
        "What is added up at the head of the sheet"
        Report = Pool().get('recycling.income.sheet', type='report')
        with Transaction().set_context(period):
            records = Report._get_records([], None, {})
            context = Report.get_context(records, {}, period)
        self.assertEqual(
            {a.code: (amount, ledger)
                for a, amount, ledger in context['totals']},
            {'703': (Decimal('4.77'),) * 2, '70731': (Decimal('84.00'),) * 2,
                '70732': (Decimal('7.00'),) * 2})
        self.assertEqual(
            [amount for _, amount in context['ages']],
            [Decimal('38.77'), 0, 0, 0, 0])
        threshold = next(
            t for t in context['thresholds']
            if 'commercial' in t.name)
        self.assertEqual(threshold.reached, Decimal('95.77'))

    @with_books(TODAY.year)
    def test_empty(self, books):
        "Nothing sold is a sheet too"
        ext, content = self.execute(
            income_start_date=TODAY, income_end_date=TODAY)
        self.assertEqual((ext, content[:5]), ('pdf', b'%PDF-'))
