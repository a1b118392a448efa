# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The resale that the unit tests do: from the gift to the bank."""
import datetime as dt
from decimal import Decimal

from trytond.pool import Pool
from trytond.transaction import Transaction

from .test_provenance import ProvenanceMixin

TODAY = dt.date.today()


class Resale(ProvenanceMixin):
    "What is given, taken apart, sold, credited and paid"

    def __init__(self, books):
        pool = Pool()
        Employee = pool.get('company.employee')
        self.books, self.company = books, books.company
        self.employee = Employee(
            party=books.party("Camille"), company=self.company)
        self.employee.save()
        self.regime = self._regime("Give", 'allowed')
        self.donor_count = 0
        self.journal = self._open_bank()

    def _open_bank(self):
        pool = Pool()
        Journal = pool.get('account.journal')
        journal, = Journal.search([('type', '=', 'statement')], limit=1)
        return pool.get('account.statement.journal').create([{
                    'name': "Banque",
                    'journal': journal.id,
                    'account': self.books.account('5121').id,
                    'currency': self.company.currency.id,
                    'company': self.company.id,
                    'validation': 'amount',
                    }])[0]

    def buyer(self, name="Buyer"):
        buyer, = Pool().get('party.party').create([{
                    'name': name, 'addresses': [('create', [{}])]}])
        return buyer

    def dismantle(self, count=1, parts=('memory',) * 4):
        "Return the parts then the scrap of as many devices of a new donor"
        self.donor_count += 1
        devices = self._give(
            f"Donor {self.donor_count}", self.regime, count)
        production = self._dismantle(
            devices, parts=parts, scrap=5. * count - .02 * len(parts))
        return sorted(
            (m.lot for m in production.outputs),
            key=lambda l: (l.component_kind == 'scrap', l.id))

    def sell(self, party, *lines, post=True, material=False):
        "Sell lots at prices, and return the invoice"
        pool = Pool()
        Invoice = pool.get('account.invoice')
        Line = pool.get('sale.line')
        Sale = pool.get('sale.sale')
        sale = Sale(
            company=self.company, currency=self.company.currency, party=party)
        sale.on_change_party()
        sale_lines = []
        for price, lots in lines:
            line = Line(type='line', sale=sale, lots=[l.id for l in lots])
            line.on_change_lots()
            line.material |= material
            line.unit_price = Decimal(price)
            sale_lines.append(line)
        sale.lines = sale_lines
        sale.save()
        for act in [Sale.quote, Sale.confirm, Sale.process, Sale.dispatch,
                self.send_waste, Sale.process]:
            sale = Sale(sale.id)
            if act != Sale.process or sale.state in {
                    'confirmed', 'processing'}:
                act([sale])
        invoice, = Sale(sale.id).invoices
        if post:
            self.post(invoice)
        return Invoice(invoice.id)

    def send_waste(self, sales):
        "Let what is sold for its material leave"
        pool = Pool()
        Shipment = pool.get('stock.shipment.waste')
        shipments = Shipment.browse(
            [w for s in sales for w in s.waste_shipments])
        for shipment in shipments:
            shipment.waste_code = self._get(
                'waste.code', 'proxymikro_recycling.waste_code_unit')
            shipment.save()
        with Transaction().set_context(_skip_warnings=True):
            for act in [Shipment.seal, Shipment.send]:
                act(Shipment.browse([s.id for s in shipments]))

    def post(self, invoice):
        Invoice = Pool().get('account.invoice')
        invoice.invoice_date = TODAY
        invoice.save()
        Invoice.post([invoice])

    def process(self, *invoices):
        "What the queue does"
        Invoice = Pool().get('account.invoice')
        Invoice.process(Invoice.browse([i.id for i in invoices]))

    def credit(self, invoice):
        "Give back the whole invoice"
        Invoice = Pool().get('account.invoice')
        credit, = Invoice.credit([invoice])
        self.post(credit)
        return credit

    def invoice(self, party, *lines):
        "Invoice amounts on accounts, without any lot"
        pool = Pool()
        Invoice = pool.get('account.invoice')
        Line = pool.get('account.invoice.line')
        invoice = Invoice(
            type='out', company=self.company, party=party,
            currency=self.company.currency)
        invoice.on_change_type()
        invoice.on_change_party()
        invoice.lines = [
            Line(type='line', quantity=1, account=self.books.account(code),
                description="Lot", unit_price=Decimal(amount),
                currency=self.company.currency, company=self.company)
            for code, amount in lines]
        invoice.save()
        self.post(invoice)
        return Invoice(invoice.id)

    def receive(self, amount, invoice=None, account=None):
        "Receive the amount on the bank and return the line of the statement"
        pool = Pool()
        Line = pool.get('account.statement.line')
        Statement = pool.get('account.statement')
        line = Line(date=TODAY, amount=amount, description="VIR")
        if invoice:
            line.party, line.account = invoice.party, invoice.account
            line.related_to = invoice
        else:
            line.account = self.books.account(account)
        statement = Statement(
            name="Relevé", company=self.company, journal=self.journal,
            date=TODAY, total_amount=amount, lines=[line])
        statement.save()
        Statement.validate_statement([statement])
        Statement.post([statement])
        if invoice:
            self.process(invoice)
        return Statement(statement.id).lines[0]
