# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The life of devices, in any order, and what must hold after each act.

What must hold is judged apart from the code under test: places by summing the
quantities moved, never by the ranks nor the last move; data by what the
machine itself remembers of the drives.
"""
import datetime as dt
import os
from collections import defaultdict
from contextlib import contextmanager
from types import SimpleNamespace
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine, initialize, invariant, rule)
from sql.aggregate import Sum

from trytond.exceptions import UserError
from trytond.modules.proxymikro_stock import erasure, loan_stock
from trytond.modules.proxymikro_stock.tests.workshop import act_as, hire
from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME
from trytond.transaction import Transaction

FULL = bool(os.environ.get('PROXYMIKRO_FULL'))
SETTINGS = settings(
    max_examples=200 if FULL else 5,
    stateful_step_count=50 if FULL else 12,
    # Making a failure small costs minutes, finding it does not
    phases=list(Phase) if FULL else [Phase.generate],
    deadline=None, database=None, print_blob=True,
    suppress_health_check=list(HealthCheck))
GATES = {'ready', 'lent', 'treatment'}
TOLERANCE = 1e-6

indexes = st.integers(min_value=0, max_value=50)


class Clock(dt.datetime):
    "A clock where each act takes a second, as erasures are dated by seconds"
    current = None

    @classmethod
    def now(cls, tz=None):
        return cls.current

    @classmethod
    def tick(cls):
        cls.current += dt.timedelta(seconds=1)


class Device:
    "What the machine remembers of a device"

    def __init__(self, lot, kind, weight):
        self.id = lot.id
        self.kind = kind
        self.weight = weight
        self.may_hold_data = lot.product.may_hold_data
        self.drives = {}  # whether each one is erased
        self.declared = False
        self.dismantled = False

    @property
    def is_clean(self):
        if self.drives:
            return all(self.drives.values())
        return self.declared or not self.may_hold_data

    def came_back(self):
        self.drives = dict.fromkeys(self.drives, False)
        self.declared = False


class StockLife(RuleBasedStateMachine):
    "Collect, erase, test, move, lend, swap and return in any order"

    def __init__(self):
        super().__init__()
        self.devices = []
        self.lines = []
        self.collected = 0
        self.serial = 0
        Clock.current = dt.datetime.now().replace(microsecond=0)
        clock = SimpleNamespace(
            datetime=Clock, date=dt.date, time=dt.time, timedelta=dt.timedelta)
        self.patches = [
            patch.object(m, 'dt', clock) for m in [loan_stock, erasure]]
        # A lock would start the transaction again; we are alone in it
        self.patches += [
            patch.object(Transaction, name, lambda *args: None)
            for name in ['lock_table', 'lock_records']]
        for patcher in self.patches:
            patcher.start()
        self.transaction = Transaction().start(DB_NAME, 1, close=True)
        self.transaction.__enter__()

    def teardown(self):
        transaction = Transaction()
        transaction.rollback()
        transaction.tasks.clear()
        self.transaction.__exit__(None, None, None)
        for patcher in self.patches:
            patcher.stop()

    @initialize()
    def start(self):
        pool = Pool()
        assert not pool.get('stock.lot').search([], limit=1), "not rolled back"
        self.company, = pool.get('company.company').search([])
        self.employee, = pool.get('company.employee').search([], limit=1)
        self.signer, = pool.get('res.user').create([{'login': 'camille'}])
        Transaction().set_context(company=self.company.id)
        Party = pool.get('party.party')
        act_as(hire(self.company, "Dominique"))
        self.donor, *self.borrowers = Party.create([
                {'name': name, 'addresses': [('create', [{}])]}
                for name in ["Mairie", "École", "Collège"]])
        # Something to start from, so that each act has a chance
        self.collect(
            kind='desktop', count=2, weight=8000, regime='administration')
        self.collect(kind='laptop', count=1, weight=2000, regime='company')
        for index in [0, 2]:
            self.prepare(index=index)

    def ref(self, name, module='proxymikro_stock'):
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        data, = ModelData.search(
            [('module', '=', module), ('fs_id', '=', name)])
        return pool.get(data.model)(data.db_id)

    def location(self, stage):
        if stage == 'reception':
            return self.ref('location_input', 'stock')
        return self.ref(f'location_{stage}')

    @contextmanager
    def act(self, name):
        """Try an act: refused, it must leave nothing behind.

        The caller appends to the list what to remember if it is accepted.
        """
        Clock.tick()
        transaction = Transaction()
        cursor = transaction.connection.cursor()
        cursor.execute('SAVEPOINT act')
        remember = []
        try:
            yield remember
        except UserError as error:
            cursor.execute('ROLLBACK TO SAVEPOINT act')
            for cache in transaction.cache.values():
                cache.clear()
            event(f"{name} refused: {type(error).__name__}", str(error))
            return
        cursor.execute('RELEASE SAVEPOINT act')
        event(f"{name} accepted")
        for function in remember:
            function()

    def get(self, index):
        "Return a device and its lot"
        device = self.devices[index % len(self.devices)]
        return device, Pool().get('stock.lot')(device.id)

    def get_line(self, index):
        "Return a line of a running loan and its device"
        if not self.lines:
            self.collect(
                kind='screen', count=1, weight=5000, regime='company')
            last = len(self.devices) - 1
            self.prepare(index=last)
            self.lend(index=last, other=last, borrower=index % 2)
        return self.lines[index % len(self.lines)]

    def check_gate(self, *devices):
        for device in devices:
            assert device.is_clean, f"{device.id} left with data"

    @rule(
        kind=st.sampled_from(['desktop', 'laptop', 'screen']),
        count=st.integers(min_value=1, max_value=3),
        weight=st.integers(min_value=1, max_value=9000),
        regime=st.sampled_from(['administration', 'company']))
    def collect(self, kind, count, weight, regime):
        Collection = Pool().get('stock.shipment.in')
        collection = Collection(
            supplier=self.donor, company=self.company,
            gift_regime=self.ref(f'gift_regime_{regime}'),
            documents=[{
                    'document': self.ref('gift_document_deed'),
                    'reference': "Binder 1"}])
        collection.on_change_supplier()
        collection.on_change_warehouse()
        collection.save()
        weight /= 1000
        product = self.ref(f'product_{kind}')
        lots = Collection.add_devices(
            collection, [{'product': product, 'weight': weight}] * count)
        Collection.receive([collection])
        self.devices.extend(Device(lot, kind, weight) for lot in lots)
        self.collected += weight * count
        event("collect accepted")

    @rule(index=indexes)
    def find_drive(self, index):
        Component = Pool().get('device.component')
        device, lot = self.get(index)
        if not device.may_hold_data or device.dismantled:
            return
        self.serial += 1
        drive, = Component.create([{
                    'lot': lot.id, 'kind': 'drive',
                    'serial': f'WD-{self.serial:05}'}])
        device.drives[drive.id] = False

    @rule(index=indexes, result=st.sampled_from(
            ['success', 'success', 'success', 'partial', 'failed']))
    def erase(self, index, result):
        Erasure = Pool().get('device.erasure')
        drives = [(d, i) for d in self.devices for i in d.drives]
        if not drives:
            # The first device may have none any more
            return self.find_drive(index=0)
        device, drive = drives[index % len(drives)]
        with self.act("erase") as remember:
            act = Erasure(
                component=drive, method='purge', technique="nwipe",
                tool="nwipe", start=Clock.current, end=Clock.current,
                result=result, operator=self.employee)
            act.save()
            with Transaction().set_user(self.signer.id):
                Erasure.sign([Erasure(act.id)])
            Erasure.countersign([Erasure(act.id)] * (result == 'success'))
            remember.append(lambda: device.drives.update(
                    {drive: result == 'success'}))

    @rule(index=indexes)
    def declare(self, index):
        Declaration = Pool().get('device.declaration')
        device, lot = self.get(index)
        with self.act("declare") as remember:
            declaration = Declaration(
                lot=lot, reason='none_found', signed_by=self.employee)
            declaration.save()
            Declaration.sign([declaration])
            remember.append(lambda: setattr(device, 'declared', True))

    @rule(index=indexes, result=st.sampled_from(['passed', 'failed']))
    def test(self, index, result):
        Test = Pool().get('device.test')
        _, lot = self.get(index)
        with self.act("test"):
            test = Test(lot=lot, result=result, employee=self.employee)
            test.save()
            Test.pass_([test] * (result == 'passed'))
            Test.do([test])

    @rule(index=indexes, stage=st.sampled_from(
            ['reception', 'workshop', 'ready', 'parts', 'scrap']))
    def move(self, index, stage):
        Lot = Pool().get('stock.lot')
        device, lot = self.get(index)
        with self.act(f"move to {stage}") as remember:
            left = lot.stage != stage
            Lot.move_to([lot], self.location(stage))
            if left and stage in GATES:
                remember.append(lambda: self.check_gate(device))

    @rule(index=indexes)
    def prepare(self, index):
        "Do all that makes a device ready, so that loans are not too rare"
        device, _ = self.get(index)
        drives = [i for d in self.devices for i in d.drives]
        for drive in drives:
            if drive in device.drives:
                self.erase(index=drives.index(drive), result='success')
        if not device.drives:
            self.declare(index=index)
        self.test(index=index, result='passed')
        self.move(index=index, stage='ready')

    @rule(index=indexes, other=indexes, borrower=st.integers(0, 1))
    def lend(self, index, other, borrower):
        pool = Pool()
        Loan = pool.get('stock.loan')
        Line = pool.get('stock.loan.line')
        picked = {d.id: d for d in [self.get(index)[0], self.get(other)[0]]}
        today = dt.date.today()
        with self.act("lend") as remember:
            loan = Loan(
                company=self.company, borrower=self.borrowers[borrower],
                start_date=today, end_date=today + dt.timedelta(days=30),
                lines=[Line(lot=i) for i in picked])
            loan.save()
            Loan.reserve([loan])
            Loan.deliver([loan])
            lines = [(n.id, picked[n.lot.id]) for n in loan.lines]
            remember.append(lambda: self.check_gate(*picked.values()))
            remember.append(lambda: self.lines.extend(lines))

    @rule(index=indexes)
    def give_back(self, index):
        Line = Pool().get('stock.loan.line')
        line, device = self.get_line(index)
        with self.act("return") as remember:
            Line.return_([Line(line)])
            remember.append(device.came_back)
            remember.append(lambda: self.lines.remove((line, device)))

    @rule(index=indexes, other=indexes)
    def swap(self, index, other):
        Line = Pool().get('stock.loan.line')
        line, device = self.get_line(index)
        replacement, lot = self.get(other)
        with self.act("swap") as remember:
            new = Line.swap(Line(line), lot)
            remember.append(lambda: self.check_gate(replacement))
            remember.append(device.came_back)
            remember.append(lambda: self.lines.remove((line, device)))
            remember.append(lambda: self.lines.append((new.id, replacement)))

    @rule(index=indexes)
    def take_without_return(self, index):
        "What is lent can't be moved as if it were here"
        _, device = self.get_line(index)
        Move = Pool().get('stock.move')
        lot = Pool().get('stock.lot')(device.id)
        accepted = []
        with self.act("take without return") as remember:
            move = Move(
                product=lot.product, lot=lot, quantity=1,
                unit=lot.product.default_uom, company=self.company,
                from_location=self.location('ready'),
                to_location=self.location('workshop'))
            move.save()
            Move.do([move])
            remember.append(lambda: accepted.append(move))
        assert not accepted, "moved from where it is not"

    def get_places(self):
        "Return the quantities by lot and location, by summing all moves"
        pool = Pool()
        table = pool.get('stock.move').__table__()
        cursor = Transaction().connection.cursor()
        places = defaultdict(lambda: defaultdict(float))
        for name, sign in [('to_location', 1), ('from_location', -1)]:
            column = getattr(table, name)
            cursor.execute(*table.select(
                    table.lot, column, Sum(table.internal_quantity),
                    where=(table.state == 'done') & (table.lot != None),  # noqa: E711
                    group_by=[table.lot, column]))
            for lot, location, quantity in cursor:
                places[lot][location] += sign * quantity
        return places

    @invariant()
    def one_place(self):
        "Each device is in one place, and the pointer says the same"
        Lot = Pool().get('stock.lot')
        Location = Pool().get('stock.location')
        places = self.get_places()
        for device in self.devices:
            inside = {
                l: q for l, q in places[device.id].items()
                if abs(q) > TOLERANCE}
            held = {
                l for l, q in inside.items() if q > 0}
            assert len(held) == 1, inside
            location = Location(held.pop())
            assert abs(inside[location.id] - 1) < TOLERANCE, inside
            lot = Lot(device.id)
            assert lot.location == location, (lot.location, location)
            assert lot.stage == location.stage

    @invariant()
    def open_lines(self):
        "What the loans say and where the devices are is the same"
        Line = Pool().get('stock.loan.line')
        opened = {
            n.lot.id: n for n in Line.search([('open_device', '!=', None)])}
        assert opened.keys() == {d.id for _, d in self.lines}
        for line, device in self.lines:
            location = Pool().get('stock.lot')(device.id).location
            assert location.stage == 'lent'
            assert location.borrower == Line(line).loan.borrower

    @invariant()
    def mass(self):
        "The kg collected are somewhere"
        places = self.get_places()
        weights = sum(
            d.weight for d in self.devices
            if any(q > TOLERANCE for q in places[d.id].values()))
        assert abs(weights - self.collected) < 1e-3
