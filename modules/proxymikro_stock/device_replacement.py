# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Which lent devices are to replace, and why: computed by the database."""
import datetime as dt
from itertools import groupby

from sql import Cast, Literal, Null
from sql.aggregate import Count, Max, Min
from sql.conditionals import Case, Coalesce
from sql.functions import Extract, Function
from sql.operators import Or

from trytond import backend
from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.proxymikro_base.validity import ValidityMixin
from trytond.pool import Pool, PoolMeta
from trytond.transaction import Transaction

from .product import KINDS

# What a device is to replace for
REASONS = [
    'low_memory', 'low_storage', 'old_processor', 'unsupported', 'too_old',
    'often_broken', 'not_seen']


class Specification(ValidityMixin, ModelSQL, ModelView):
    __name__ = 'device.specification'

    kind = fields.Selection(
        KINDS[1:], "Kind of Device", required=True, sort=False)
    kind_string = kind.translated('kind')
    memory = fields.Float(
        "Memory (GB)", digits=(None, 2),
        domain=['OR', ('memory', '=', None), ('memory', '>', 0)],
        help="A device with less memory is to replace.")
    storage = fields.Float(
        "Storage (GB)", digits=(None, 2),
        domain=['OR', ('storage', '=', None), ('storage', '>', 0)],
        help="A device with less storage is to replace.")
    processor_year = fields.Integer(
        "Processor Year",
        domain=['OR',
            ('processor_year', '=', None),
            [('processor_year', '>=', 1980), ('processor_year', '<=', 2100)],
            ],
        help="A device whose processor came out before that year "
        "is to replace.")
    max_age = fields.Integer(
        "Years of Use",
        domain=['OR', ('max_age', '=', None), ('max_age', '>', 0)],
        help="A device collected at least that many years ago "
        "is to replace.")
    max_issues = fields.Integer(
        "Breakdowns",
        domain=['OR', ('max_issues', '=', None), ('max_issues', '>', 0)],
        help="A device reported broken at least that many times "
        "in twelve months is to replace.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('kind', 'ASC'), ('start_date', 'DESC'), ('id', 'ASC')]

    def get_rec_name(self, name):
        return self.kind_string

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('kind', *clause[1:])]


class System(ValidityMixin, ModelSQL, ModelView):
    """An operating system.

    Its validity is the time its publisher corrects its faults.
    """
    __name__ = 'device.system'

    name = fields.Char("Name", required=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('name', 'ASC'), ('id', 'ASC')]


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    system = fields.Many2One(
        'device.system', "System", ondelete='RESTRICT',
        help="The operating system installed on the device.")
    seen_on = fields.Function(fields.Date(
            "Last Seen",
            help="The day of the last inventory that saw the device."))

    @classmethod
    def column_seen_on(cls, tables):
        table, _ = tables[None]
        if 'seen' not in tables:
            seen = inventory_dates()
            tables['seen'] = {None: (seen, seen.lot == table.id)}
        seen, _ = tables['seen'][None]
        return seen.seen_on


class JSONType(Function):
    __slots__ = ()
    _function = 'jsonb_typeof'


def get_number(attributes, name):
    "Return the SQL of the attribute, NULL if it is not a number"
    database = Transaction().database
    value = database.json_get(attributes, name)
    text = Cast(value, database.sql_type('VARCHAR').base)
    if backend.name == 'postgresql':
        # Where what is not a number can't be cast to one
        text = Case((JSONType(value) == 'number', text), else_=Null)
    return Cast(text, database.sql_type('FLOAT').base)


def inventory_dates():
    "Return the query of the last inventory that saw each unit"
    line, inventory, done = _inventory_lines()
    return done.select(
        line.lot, Max(inventory.date).as_('seen_on'),
        where=(inventory.state == 'done') & (line.quantity > 0),
        group_by=line.lot)


def missed_dates():
    "Return the query of the last inventory of each place without each unit"
    line, inventory, done = _inventory_lines()
    return done.select(
        line.lot, inventory.location, Max(inventory.date).as_('missed_on'),
        where=(inventory.state == 'done') & (Coalesce(line.quantity, 0) == 0),
        group_by=[line.lot, inventory.location])


def _inventory_lines():
    pool = Pool()
    line = pool.get('stock.inventory.line').__table__()
    inventory = pool.get('stock.inventory').__table__()
    return line, inventory, line.join(
        inventory, condition=line.inventory == inventory.id)


class Replacement(ModelSQL, ModelView):
    __name__ = 'device.replacement'

    lot = fields.Many2One('stock.lot', "Device")
    product = fields.Many2One('product.product', "Kind")
    location = fields.Many2One('stock.location', "Place")
    borrower = fields.Many2One('party.party', "Borrower")
    line = fields.Many2One('stock.loan.line', "Loan")
    seen_on = fields.Date(
        "Last Seen",
        help="The day of the last inventory that saw the device.")
    low_memory = fields.Boolean("Not Enough Memory")
    low_storage = fields.Boolean("Not Enough Storage")
    old_processor = fields.Boolean("Processor Too Old")
    unsupported = fields.Boolean("System No Longer Supported")
    too_old = fields.Boolean("Too Old")
    often_broken = fields.Boolean("Often Broken")
    not_seen = fields.Boolean("Not Seen at the Last Inventory")
    reasons = fields.Function(fields.Char("Reasons"), 'get_reasons')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('location', 'ASC'), ('lot', 'ASC'), ('id', 'ASC')]

    @classmethod
    def get_reasons(cls, records, name):
        strings = {
            n: d['string'] for n, d in cls.fields_get(REASONS).items()}
        return {
            r.id: ', '.join(strings[n] for n in REASONS if getattr(r, n))
            for r in records}

    def get_rec_name(self, name):
        return self.lot.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('lot.rec_name', *clause[1:])]

    @classmethod
    def _specifications(cls, today):
        "Return the query of what each kind must have: the strictest wins"
        table = Pool().get('device.specification').__table__()
        return table.select(
            table.kind,
            Max(table.memory).as_('memory'),
            Max(table.storage).as_('storage'),
            Max(table.processor_year).as_('processor_year'),
            Min(table.max_age).as_('max_age'),
            Min(table.max_issues).as_('max_issues'),
            where=((table.start_date == Null) | (table.start_date <= today))
            & ((table.end_date == Null) | (table.end_date >= today)),
            group_by=table.kind)

    @classmethod
    def _breakdowns(cls, today):
        "Return the query of how often each device broke in twelve months"
        table = Pool().get('device.issue').__table__()
        return table.select(
            table.lot, Count(table.id).as_('count'),
            where=table.date >= today - dt.timedelta(days=365),
            group_by=table.lot)

    @classmethod
    def _reasons(
            cls, today, lot, spec, system, issues, seen, missed, collection,
            move):
        "Return the SQL condition of each reason"
        def number(name):
            return get_number(lot.attributes, name)

        def year(date):
            return Cast(Extract('YEAR', date), 'INTEGER')

        return {
            'low_memory': number('memory') < spec.memory,
            'low_storage': number('storage') < spec.storage,
            'old_processor': number('processor_year') < spec.processor_year,
            'unsupported': system.end_date < today,
            'too_old': (
                Literal(today.year) - year(collection.effective_date)
                >= spec.max_age),
            'often_broken': issues.count >= spec.max_issues,
            'not_seen': (
                (missed.missed_on >= move.effective_date)
                & ((seen.seen_on == Null)
                    | (seen.seen_on < missed.missed_on))),
            }

    @classmethod
    def table_query(cls):
        "Return the devices lent, or at the stage of the context, to replace"
        pool = Pool()
        context = Transaction().context
        today = pool.get('ir.date').today()
        lot, product, template, move, location, line, system, collection = [
            pool.get(name).__table__() for name in [
                'stock.lot', 'product.product', 'product.template',
                'stock.move', 'stock.location', 'stock.loan.line',
                'device.system', 'stock.shipment.in']]
        spec, issues = cls._specifications(today), cls._breakdowns(today)
        seen, missed = inventory_dates(), missed_dates()
        reasons = cls._reasons(
            today, lot, spec, system, issues, seen, missed, collection, move)
        where = Or(list(reasons.values()))
        where &= location.stage == context.get('device_stage', 'lent')
        if company := context.get('company'):
            where &= move.company == company
        return (lot
            .join(product, condition=lot.product == product.id)
            .join(template, condition=product.template == template.id)
            .join(move, condition=lot.current_move == move.id)
            .join(location, condition=move.to_location == location.id)
            .join(line, 'LEFT', condition=line.open_device == lot.id)
            .join(system, 'LEFT', condition=lot.system == system.id)
            .join(collection, 'LEFT',
                condition=lot.collection == collection.id)
            .join(spec, 'LEFT', condition=spec.kind == template.device_kind)
            .join(issues, 'LEFT', condition=issues.lot == lot.id)
            .join(seen, 'LEFT', condition=seen.lot == lot.id)
            .join(missed, 'LEFT', condition=(missed.lot == lot.id)
                & (missed.location == location.id))
            .select(
                lot.id.as_('id'), lot.id.as_('lot'), lot.product,
                location.id.as_('location'), location.borrower,
                line.id.as_('line'),
                cls.seen_on.sql_cast(seen.seen_on).as_('seen_on'),
                *(Coalesce(r, Literal(False)).as_(n)
                    for n, r in reasons.items()),
                where=where))

    @classmethod
    def propose(cls, records):
        """Return for each device to replace a ready one of the same kind.

        Neither booked nor itself to replace, first in first out.
        """
        pool = Pool()
        Lot = pool.get('stock.lot')
        with Transaction().set_context(device_stage='ready'):
            unfit = {r.lot.id for r in cls.search([])}
        ready = Lot.search([
                ('stage', '=', 'ready'),
                ('product', 'in', list({r.product.id for r in records})),
                ('id', 'not in', list(unfit)),
                ('loan_lines', 'not where', [
                        ('loan_state', 'in', ['draft', 'reserved']),
                        ]),
                ], order=[('product', 'ASC'), ('id', 'ASC')])
        ready = {
            product: list(lots)
            for product, lots in groupby(ready, key=lambda l: l.product)}
        return {
            r: ready[r.product].pop(0) for r in records
            if ready.get(r.product)}
