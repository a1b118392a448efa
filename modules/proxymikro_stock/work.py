# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt
from collections import defaultdict

from sql.aggregate import Max

from trytond.i18n import gettext
from trytond.model import (
    Index, ModelSQL, ModelView, Unique, Workflow, fields)
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.tools import grouped_slice
from trytond.transaction import Transaction, without_check_access

from .evidence import SealedMixin
from .exceptions import DeviceWorkError

# The words of the Open Repair Data Standard
OUTCOMES = [
    (None, ""),
    ('fixed', "Fixed"),
    ('repairable', "Repairable"),
    ('end_of_life', "End of Life"),
    ('unknown', "Unknown"),
    ]
BARRIERS = [
    (None, ""),
    ('no_parts', "Spare Parts Not Available"),
    ('expensive_parts', "Spare Parts Too Expensive"),
    ('closed', "No Way to Open the Product"),
    ('no_information', "Repair Information Not Available"),
    ('no_equipment', "Lack of Equipment"),
    ('worn_out', "Item Too Worn Out"),
    ]
# What only the buttons write
ACTS = {'cycle', 'done_at'}


class Work(SealedMixin, Workflow, ModelSQL, ModelView):
    __name__ = 'device.work'
    _sealed_state = 'done'

    lot = fields.Many2One(
        'stock.lot', "Device", required=True, ondelete='RESTRICT',
        domain=[('device', '=', True)],
        states={
            'readonly': Eval('state') != 'draft',
            },
        help="Type or scan the number of the device.")
    company = fields.Many2One(
        'company.company', "Company", required=True,
        states={
            'readonly': Eval('state') != 'draft',
            })
    cycle = fields.Integer(
        "Cycle", readonly=True,
        help="How many times the device has been worked on.")
    problem = fields.Text(
        "Problem", help="What is wrong with the device, or what it lacks.")
    start_date = fields.Date(
        "Start Date",
        states={
            'required': Eval('state').in_(['running', 'done']),
            },
        help="The day the work began. "
        "Leave empty to use the day it is started.")
    end_date = fields.Date(
        "End Date",
        domain=[
            If(Eval('start_date') & Eval('end_date'),
                ('end_date', '>=', Eval('start_date')),
                ()),
            ],
        states={
            'required': Eval('state') == 'done',
            },
        help="The day the parts were fitted and taken out. "
        "Leave empty to use the day the work is ended.")
    outcome = fields.Selection(
        OUTCOMES, "Outcome", sort=False,
        states={
            'required': Eval('state') == 'done',
            },
        help="What the work came to, in the terms of the "
        "Open Repair Data Standard.")
    barrier = fields.Selection(
        BARRIERS, "Barrier", sort=False,
        domain=[
            If(Eval('outcome') != 'end_of_life',
                ('barrier', '=', None),
                ()),
            ],
        states={
            'invisible': Eval('outcome') != 'end_of_life',
            },
        help="What stood most in the way of the repair.")
    notes = fields.Text("Work Done")
    parts = fields.One2Many(
        'device.work.part', 'work', "Parts Fitted",
        help="What leaves the parts store for the device.")
    removals = fields.One2Many(
        'device.work.removal', 'work', "Parts Taken Out",
        help="What leaves the device for the parts store or the scrap cage.")
    times = fields.One2Many('device.work.time', 'work', "Volunteers")
    moves = fields.One2Many(
        'stock.move', 'origin', "Moves", readonly=True)
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    cost = fields.Function(
        Monetary(
            "Cost", currency='currency', digits='currency',
            help="What the parts fitted cost."),
        'get_cost')
    duration = fields.Function(
        fields.TimeDelta(
            "Time", help="The time that the volunteers gave."),
        'get_duration')
    done_at = fields.Timestamp(
        "Done At", readonly=True,
        help="When the work order was sealed: the device needs a test since.")
    state = fields.Selection([
            ('draft', "To Do"),
            ('running', "Running"),
            ('done', "Done"),
            ('cancelled', "Cancelled"),
            ], "State", required=True, readonly=True, sort=False)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('cycle_unique', Unique(t, t.lot, t.cycle),
                'proxymikro_stock.msg_work_cycle_unique'),
            ]
        cls._sql_indexes.add(Index(
                t, (t.state, Index.Equality(cardinality='low')),
                where=t.state.in_(['draft', 'running'])))
        cls._order = [('start_date', 'DESC'), ('id', 'DESC')]
        closed = Eval('state').in_(['done', 'cancelled'])
        for name in ['problem', 'start_date', 'end_date', 'outcome',
                'barrier', 'notes', 'parts', 'removals', 'times']:
            getattr(cls, name).states['readonly'] = closed
        cls._transitions |= {
            ('draft', 'running'),
            ('running', 'done'),
            ('draft', 'cancelled'),
            ('running', 'cancelled'),
            }
        cls._buttons.update({
                'run': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'do': {
                    'invisible': Eval('state') != 'running',
                    'depends': ['state'],
                    },
                'cancel': {
                    'invisible': ~Eval('state').in_(['draft', 'running']),
                    'depends': ['state'],
                    },
                })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_state(cls):
        return 'draft'

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @classmethod
    def get_cost(cls, works, name):
        return {
            w.id: w.currency.round(sum(p.cost or 0 for p in w.parts))
            for w in works}

    @classmethod
    def get_duration(cls, works, name):
        Time = Pool().get('device.work.time')
        return {
            i: dt.timedelta(minutes=m)
            for i, m in Time.sum_minutes('work', works).items()}

    def get_rec_name(self, name):
        if not self.cycle:
            return self.lot.rec_name
        return f'{self.lot.rec_name} · {self.cycle}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('lot.rec_name', *clause[1:])]

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual',
                If(Eval('state') == 'cancelled', 'muted', '')),
            ]

    @fields.depends('lot', 'parts', 'state')
    def on_scan_code(self, code):
        "Take the device first, then the parts to fit"
        pool = Pool()
        Lot = pool.get('stock.lot')
        Part = pool.get('device.work.part')
        if self.state not in {None, 'draft', 'running'}:
            return
        if not self.lot:
            self.lot = Lot.scan(code)
            return
        lots = Lot.search([
                ('device', '!=', True), ('stage', '=', 'parts'),
                ['OR', ('number', '=', code), ('serial_number', '=', code)],
                ], limit=2)
        parts = list(self.parts or [])
        if len(lots) == 1 and lots[0] not in {p.lot for p in parts}:
            part = Part(lot=lots[0], quantity=1)
            part.on_change_lot()
            self.parts = parts + [part]

    @classmethod
    def _today(cls, company):
        with Transaction().set_context(company=company.id):
            return Pool().get('ir.date').today()

    @classmethod
    @without_check_access
    def _lock(cls, works):
        "Serialise the transactions on the devices and return fresh works"
        Lot = Pool().get('stock.lot')
        if lots := sorted({w.lot for w in works}, key=int):
            Lot.write(lots, {})
        return cls.browse(works)

    @classmethod
    @ModelView.button
    @Workflow.transition('running')
    def run(cls, works):
        "Number the cycle of each device, which must be at hand"
        works = cls._lock(works)
        cycles = cls._last_cycles([w.lot.id for w in works])
        running = cls._running([w.lot.id for w in works])
        for work in works:
            work._check_at_hand()
            if other := running.get(work.lot.id):
                raise DeviceWorkError(gettext(
                        'proxymikro_stock.msg_work_running',
                        lot=work.lot.rec_name, work=other.rec_name))
            running[work.lot.id] = work
            cycles[work.lot.id] += 1
            work.cycle = cycles[work.lot.id]
            work.start_date = work.start_date or cls._today(work.company)
        cls.save(works)

    @classmethod
    def _last_cycles(cls, lot_ids):
        table = cls.__table__()
        cursor = Transaction().connection.cursor()
        cycles = defaultdict(int)
        for sub_ids in grouped_slice(lot_ids, 500):
            cursor.execute(*table.select(
                    table.lot, Max(table.cycle),
                    where=fields.SQL_OPERATORS['in'](
                        table.lot, list(sub_ids)),
                    group_by=table.lot))
            cycles.update((l, c or 0) for l, c in cursor)
        return cycles

    @classmethod
    def _running(cls, lot_ids):
        return {
            w.lot.id: w for sub_ids in grouped_slice(lot_ids, 500)
            for w in cls.search([
                    ('lot', 'in', list(sub_ids)), ('state', '=', 'running')])}

    def _check_at_hand(self):
        location = self.lot.location
        if (not location or location.type != 'storage'
                or location.stage == 'lent'):
            raise DeviceWorkError(gettext(
                    'proxymikro_stock.msg_work_away',
                    lot=self.lot.rec_name,
                    location=location.rec_name if location else '—'))

    @classmethod
    @ModelView.button
    @Workflow.transition('done')
    def do(cls, works):
        "Move the parts, write what the devices are made of and seal"
        pool = Pool()
        Part = pool.get('device.work.part')
        Removal = pool.get('device.work.removal')
        works = cls._lock(works)
        for work in works:
            work._check_at_hand()
            work.end_date = work.end_date or cls._today(work.company)
            work._check_complete()
            work.done_at = dt.datetime.now()
        cls.save(works)
        Removal.take_out([r for w in works for r in w.removals])
        Part.fit([p for w in works for p in w.parts])

    def _check_complete(self):
        if missing := self._get_missing(self, ['outcome']):
            raise DeviceWorkError(gettext(
                    'proxymikro_stock.msg_work_incomplete',
                    work=self.rec_name, fields=missing))
        if self.end_date > self._today(self.company):
            raise DeviceWorkError(gettext(
                    'proxymikro_stock.msg_work_future',
                    work=self.rec_name))

    @classmethod
    @ModelView.button
    @Workflow.transition('cancelled')
    def cancel(cls, works):
        pass

    @classmethod
    def check_modification(cls, mode, works, values=None, external=False):
        super().check_modification(
            mode, works, values=values, external=external)
        if external and (
                (mode == 'write' and values.keys() & ACTS)
                or (mode == 'create'
                    and any(getattr(w, n) for w in works for n in ACTS))):
            cls._raise_sealed('by_hand', works[0])

    @classmethod
    def copy(cls, works, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('state', cls.default_state())
        for name in ['start_date', 'end_date', 'outcome', 'barrier', 'notes',
                'parts', 'removals', 'times', 'moves', *ACTS]:
            default.setdefault(name, None)
        return super().copy(works, default=default)
