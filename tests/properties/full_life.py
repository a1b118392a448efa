# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The life of devices until their last gram is sold or treated."""
import datetime as dt
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from sql.aggregate import Sum

from trytond.pool import Pool
from trytond.transaction import Transaction

from .life import TOLERANCE, StockLife, indexes


class Part:
    "What the machine remembers of a part or of scrap"

    def __init__(self, lot, unit_mass, device):
        self.id = lot.id
        self.unit_mass = unit_mass
        self.device = device


class FullLife(StockLife):
    "Dismantle, sell, settle and send to treatment as well"

    def __init__(self):
        super().__init__()
        self.parts = []
        self.lost = 0
        self.gap = 0
        self.sold = Decimal(0)
        self.settled = 0
        self.sent = []

    @initialize()
    def start(self):
        super().start()
        # So that each life has a part settled, and scrap that came back
        self.dismantle(index=2, modules=2, loss=10, gap=1)
        self.sell(index=0, cents=1250, regime='company')
        self.settle(index=0, cents=50)
        self.treat(index=2)
        self.refuse(index=0)
        assert self.sold == Decimal('13.00')
        assert not self.sent

    def collect(self, kind, count, weight, regime):
        known = len(self.devices)
        super().collect(kind=kind, count=count, weight=weight, regime=regime)
        for device in self.devices[known:]:
            device.regime = regime

    @rule(
        kind=st.sampled_from(['desktop', 'laptop', 'screen']),
        count=st.integers(min_value=1, max_value=3),
        weight=st.integers(100, 900).map(lambda n: n * 10),
        regime=st.sampled_from(['administration', 'company']))
    def collect_more(self, **values):
        self.collect(**values)

    @rule(
        index=indexes,
        modules=st.integers(min_value=0, max_value=2),
        loss=st.integers(0, 10).map(lambda n: n * 10),
        gap=st.integers(-1, 1))
    def dismantle(self, index, modules, loss, gap):
        pool = Pool()
        Component = pool.get('device.component')
        Production = pool.get('production')
        device, lot = self.get(index)
        today = dt.date.today()
        loss /= 1000
        # Half of what is tolerated
        gap = round(gap * device.weight / 100, 3)
        with self.act("dismantle") as remember:
            Component.create([
                    {'lot': lot.id, 'kind': 'memory'}
                    for _ in range(modules)])
            rows = [r for r in Production.propose([lot])
                if r['component'].kind == 'memory']
            for row in rows:
                row['weight'] = 0.02
            scrap = round(
                device.weight - loss - gap - 0.02 * len(rows), 3)
            rows.append({
                    'product': self.ref_scrap(), 'quantity': scrap})
            production = Production.dismantle(
                [lot], rows, mass_in=device.weight, declared_loss=loss,
                loss_reason="Poussière",
                discard_date=today, discard_by=self.employee,
                discard_reason="Trop ancien", effective_date=today)
            parts = [
                Part(m.lot, 1 if m.product == self.ref_scrap() else 0.02,
                    device)
                for m in sorted(
                    production.outputs,
                    key=lambda m: m.product == self.ref_scrap())]
            remember.append(lambda: self.check_gate(device))
            remember.append(lambda: setattr(device, 'dismantled', True))
            remember.append(lambda: self.parts.extend(parts))
            remember.append(lambda: self.add_loss(loss, gap))

    def add_loss(self, loss, gap):
        self.lost += loss
        self.gap += gap

    def ref_scrap(self):
        Product = Pool().get('product.product')
        return Product.search(
            [('component_kind', '=', 'scrap')],
            order=[('id', 'ASC')], limit=1)[0]

    def get_part(self, index, regime):
        "Return a part, after dismantling a device if there is none"
        if not self.parts:
            self.collect(kind='screen', count=1, weight=5000, regime=regime)
            self.dismantle(
                index=len(self.devices) - 1, modules=1, loss=10, gap=0)
        return self.parts[index % len(self.parts)]

    @rule(
        index=indexes, cents=st.integers(min_value=0, max_value=10000),
        regime=st.sampled_from(['administration', 'company']),
        material=st.booleans())
    def sell(self, index, cents, regime, material=False):
        pool = Pool()
        Sale = pool.get('sale.sale')
        Line = pool.get('sale.line')
        part = self.get_part(index, regime)
        with self.act("sell") as remember:
            sale = Sale(
                company=self.company, currency=self.company.currency,
                party=self.borrowers[0])
            sale.on_change_party()
            line = Line(type='line', sale=sale, lots=[part.id])
            line.on_change_lots()
            line.material |= material
            line.unit_price = Decimal(cents) / 100
            sale.lines = [line]
            sale.save()
            Sale.quote([sale])
            Sale.confirm([sale])
            sale = Sale(sale.id)
            if sale.state == 'confirmed':
                Sale.process([sale])
            Sale.dispatch([Sale(sale.id)])
            self.take_away(Sale(sale.id).waste_shipments)
            total = self.invoice(Sale(sale.id))
            price = self.company.currency.round(
                line.unit_price * Decimal(str(line.quantity)))
            remember.append(lambda: self.check_sale(part, total, price))

    def take_away(self, shipments):
        "Let what is sold for its material leave"
        Code = Pool().get('waste.code')
        Waste = Pool().get('stock.shipment.waste')
        code, = Code.search([('code', '=', '16 02 13')])
        for waste in shipments:
            if not waste.waste_code:
                waste.waste_code = code
            waste.slip_number = 'BSD-20261123-AB12CD34E'
            waste.save()
            for action in [Waste.seal, Waste.send]:
                action([Waste(waste.id)])

    def invoice(self, sale):
        "Post the invoices of the sale and return their amount"
        Invoice = Pool().get('account.invoice')
        Sale = Pool().get('sale.sale')
        Sale.process([sale])
        invoices = list(Sale(sale.id).invoices)
        for invoice in invoices:
            invoice.invoice_date = dt.date.today()
        Invoice.save(invoices)
        Invoice.post(invoices)
        return sum((i.untaxed_amount for i in invoices), Decimal(0))

    def check_sale(self, part, total, price):
        assert part.device.regime == 'company', "sold against the regime"
        assert total == price, (total, price)
        self.sold += total

    @rule(index=indexes, cents=st.integers(min_value=-500, max_value=500))
    def settle(self, index, cents):
        "The buyer pays one lot by another price, late"
        Settlement = Pool().get('recycling.settlement')
        with self.act("settle") as remember:
            settlement = Settlement(
                company=self.company, party=self.borrowers[0],
                reference=f'D{self.settled}', date=dt.date.today())
            settlement.save()
            Settlement.propose([settlement])
            lines = Settlement(settlement.id).lines
            if lines:
                line = lines[index % len(lines)]
                line.buyer_price = max(
                    line.buyer_price + Decimal(cents) / 100, Decimal(0))
                line.save()
            Settlement.provision([settlement])
            Settlement.finalise([settlement], dt.date.today())
            adjustment = Settlement(settlement.id).adjustment
            amount = adjustment.untaxed_amount if adjustment else 0
            remember.append(lambda: self.add_settled(amount))

    def add_settled(self, amount):
        self.settled += 1
        self.sold += amount

    @rule(index=indexes)
    def treat(self, index):
        pool = Pool()
        Lot = pool.get('stock.lot')
        Waste = pool.get('stock.shipment.waste')
        part = self.get_part(index, 'administration')
        with self.act("treat") as remember:
            waste = Waste(company=self.company, party=self.donor)
            waste.save()
            Waste.add_lots(waste, [Lot(part.id)])
            self.take_away([Waste(waste.id)])
            remember.append(lambda: self.sent.append(waste.id))

    @rule(index=indexes)
    def refuse(self, index):
        "What the facility sends back is where it was"
        Waste = Pool().get('stock.shipment.waste')
        if not self.sent:
            return
        id_ = self.sent[index % len(self.sent)]
        with self.act("refuse") as remember:
            Waste.write([Waste(id_)], {'refusal_reason': "Mélange"})
            Waste.refuse([Waste(id_)])
            remember.append(lambda: self.sent.remove(id_))
            remember.append(lambda: self.check_back(Waste(id_)))

    def check_back(self, waste):
        places = self.get_places()
        for lot in {m.lot for m in waste.moves}:
            left = places[lot.id][self.location('treatment').id]
            assert abs(left) < TOLERANCE, (lot.id, left)

    @invariant()
    def mass(self):
        "The kg collected are in devices, in parts, declared lost, or a gap"
        Location = Pool().get('stock.location')
        places = self.get_places()
        kg = self.lost + self.gap + sum(
            d.weight for d in self.devices if not d.dismantled)
        for part in self.parts:
            for location, quantity in places[part.id].items():
                if Location(location).type not in {'production', 'supplier'}:
                    assert quantity > -TOLERANCE, (part.id, location)
                    kg += quantity * part.unit_mass
        assert abs(kg - self.collected) < 1e-3, (kg, self.collected)

    @invariant()
    def balance(self):
        "The mass balance tells what was declared, and the rest as a gap"
        pool = Pool()
        for suffix in ['', '.kind', '.year']:
            rows = pool.get(f'recycling.mass.balance{suffix}').search([])
            for name, expected in [
                    ('incoming', self.collected), ('loss', self.lost),
                    ('gap', self.gap)]:
                kg = sum(getattr(r, name) for r in rows)
                # A row does not tell less than half a gram
                assert abs(kg - expected) < 1e-3 * len(rows), (
                    suffix, name, kg, expected)

    @invariant()
    def dismantled(self):
        "What is taken apart stays so"
        Lot = Pool().get('stock.lot')
        for device in self.devices:
            assert device.dismantled == (
                Lot(device.id).location.type == 'production')

    @invariant()
    def ledger(self):
        "Each move balances, and the revenue is what was sold"
        pool = Pool()
        Line = pool.get('account.move.line')
        table = Line.__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*table.select(
                table.move, Sum(table.debit), Sum(table.credit),
                group_by=table.move))
        for _, debit, credit in cursor:
            assert abs(float(debit) - float(credit)) < 1e-6
        revenue = sum(
            (l.credit - l.debit for l in Line.search([
                        ('account.code', 'like', '70%'),
                        ])), Decimal(0))
        assert revenue == self.sold, (revenue, self.sold)

    @invariant()
    def income(self):
        "The income of the lots is what the books say, to the cent"
        Total = Pool().get('recycling.income.total')
        rows = Total.search([])
        assert all(r.difference == 0 for r in rows), [
            (r.rec_name, r.difference) for r in rows]
        income = sum((r.income for r in rows), Decimal(0))
        assert income == self.sold, (income, self.sold)
