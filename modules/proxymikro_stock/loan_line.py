# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from collections import defaultdict

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Unique, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.tools import grouped_slice
from trytond.transaction import without_check_access

from .exceptions import LoanAccessError, LoanDateError, LoanPlaceError
from .loan import STATES
from .location import STAGES

# What only delivering, returning and swapping write
ACTS = {
    'lent_on', 'returned_on', 'condition_in', 'move_out', 'move_in',
    'replaces', 'open_device'}


class LoanLine(ModelSQL, ModelView):
    __name__ = 'stock.loan.line'

    loan = fields.Many2One(
        'stock.loan', "Loan", required=True, ondelete='CASCADE',
        states={
            'readonly': Bool(Eval('lent_on')),
            })
    loan_state = fields.Function(
        fields.Selection(STATES, "Loan State", sort=False),
        'on_change_with_loan_state', searcher='search_loan_state')
    borrower = fields.Function(
        fields.Many2One('party.party', "Borrower"),
        'on_change_with_borrower', searcher='search_loan')
    end_date = fields.Function(
        fields.Date("Due Date"),
        'on_change_with_end_date', searcher='search_loan')
    lot = fields.Many2One(
        'stock.lot', "Device", required=True, ondelete='RESTRICT',
        domain=[
            ('device', '=', True),
            ],
        states={
            'readonly': Eval('loan_state', 'draft') != 'draft',
            },
        help="Type or scan the number of the device.")
    product = fields.Function(
        fields.Many2One('product.product', "Kind"),
        'on_change_with_product', searcher='search_lot')
    model = fields.Function(
        fields.Char("Model"),
        'on_change_with_model', searcher='search_lot')
    stage = fields.Function(
        fields.Selection(STAGES, "Stage", sort=False),
        'on_change_with_stage', searcher='search_lot')
    lent_on = fields.Date(
        "Lent On", readonly=True,
        help="The day the device left.")
    returned_on = fields.Date(
        "Returned On", readonly=True,
        help="The day the device came back.")
    condition_out = fields.Char(
        "Condition on Delivery",
        states={
            'readonly': ~Eval('loan_state', 'draft').in_(
                ['draft', 'reserved']),
            },
        help="What the borrower must know of its condition, "
        "the known defects above all.")
    condition_in = fields.Char(
        "Condition on Return", readonly=True,
        help="What was seen when the device came back.")
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    replacement_value = Monetary(
        "Replacement Value", currency='currency', digits='currency',
        domain=['OR',
            ('replacement_value', '=', None),
            ('replacement_value', '>', 0),
            ],
        states={
            'readonly': Eval('loan_state', 'draft') != 'draft',
            },
        help="The value written on the agreement. A borrower who signs it "
        "answers even for a loss by accident: leave empty not to.")
    move_out = fields.Many2One(
        'stock.move', "Delivery", readonly=True, ondelete='RESTRICT')
    move_in = fields.Many2One(
        'stock.move', "Return", readonly=True, ondelete='RESTRICT')
    replaces = fields.Many2One(
        'stock.loan.line', "Replaces", readonly=True, ondelete='RESTRICT',
        help="The device that was swapped for this one.")
    open_device = fields.Many2One(
        'stock.lot', "Device Lent", readonly=True, ondelete='RESTRICT',
        help="The device, for as long as the borrower has it.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('loan')
        t = cls.__table__()
        cls._sql_constraints += [
            ('open_device_unique', Unique(t, t.open_device),
                'proxymikro_stock.msg_loan_open_device_unique'),
            ]
        cls._sql_indexes.add(Index(t, (t.lot, Index.Equality())))

    @fields.depends('loan', '_parent_loan.state')
    def on_change_with_loan_state(self, name=None):
        return self.loan.state if self.loan else 'draft'

    @fields.depends('loan', '_parent_loan.borrower')
    def on_change_with_borrower(self, name=None):
        return self.loan.borrower if self.loan else None

    @fields.depends('loan', '_parent_loan.end_date')
    def on_change_with_end_date(self, name=None):
        return self.loan.end_date if self.loan else None

    @fields.depends('loan', '_parent_loan.company')
    def on_change_with_currency(self, name=None):
        if self.loan and self.loan.company:
            return self.loan.company.currency

    @fields.depends('lot')
    def on_change_with_product(self, name=None):
        return self.lot.product if self.lot else None

    @fields.depends('lot')
    def on_change_with_model(self, name=None):
        if self.lot:
            return ' '.join(filter(
                    None, [self.lot.manufacturer, self.lot.model]))

    @fields.depends('lot')
    def on_change_with_stage(self, name=None):
        return self.lot.stage if self.lot else None

    @classmethod
    def search_loan_state(cls, name, clause):
        return [('loan.state', *clause[1:])]

    @classmethod
    def search_loan(cls, name, clause):
        return [('loan.' + clause[0], *clause[1:])]

    @classmethod
    def search_lot(cls, name, clause):
        return [('lot.' + clause[0], *clause[1:])]

    def get_rec_name(self, name):
        return f'{self.lot.rec_name} @ {self.loan.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return ['OR',
            ('lot.rec_name', *clause[1:]),
            ('loan.rec_name', *clause[1:]),
            ]

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(Bool(Eval('returned_on')), 'muted', '')),
            ]

    @property
    def period(self):
        """Return the first and last days the device is not free.

        A device which is not back is still not free on the day.
        """
        start, end = self.loan.start_date, self.loan.end_date
        if self.open_device:
            end = max(end, self.loan.today())
        return start, end

    @classmethod
    @without_check_access
    def lock(cls, lines):
        """Serialise the transactions on the devices and return fresh lines.

        The device is written first, on both databases: who comes second sees
        what the first has recorded.
        """
        Lot = Pool().get('stock.lot')
        if lots := sorted({n.lot for n in lines}, key=int):
            Lot.write(lots, {})
        return cls.browse(lines)

    @classmethod
    @without_check_access
    def check_dates(cls, lines):
        "Raise an error if a device is booked twice for a same day"
        booked = defaultdict(set)
        for sub_lots in grouped_slice(sorted({n.lot.id for n in lines}), 500):
            for other in cls.search([
                        ('lot', 'in', list(sub_lots)),
                        ('returned_on', '=', None),
                        ('loan.state', 'in', ['reserved', 'running']),
                        ]):
                booked[other.lot].add(other)
        for line in lines:
            start, end = line.period
            for other in booked[line.lot] - {line}:
                other_start, other_end = other.period
                if start <= other_end and other_start <= end:
                    cls._raise_booked(line, other)
            booked[line.lot].add(line)

    @classmethod
    def _raise_booked(cls, line, other):
        Loan = Pool().get('stock.loan')
        start, end = map(Loan.format_date, line.period)
        other_start, other_end = map(Loan.format_date, other.period)
        raise LoanDateError(gettext(
                'proxymikro_stock.msg_loan_booked',
                lot=line.lot.rec_name, start=start, end=end,
                loan=other.loan.rec_name,
                other_start=other_start, other_end=other_end))

    @classmethod
    @without_check_access
    def check_ready(cls, lines, stages=('ready',)):
        "Raise an error if a device can't be lent from where it is"
        pool = Pool()
        Location = pool.get('stock.location')
        Lot = pool.get('stock.lot')
        for line in lines:
            if line.lot.stage in stages:
                continue
            if not line.lot.location:
                raise LoanPlaceError(gettext(
                        'proxymikro_stock.msg_loan_nowhere',
                        lot=line.lot.rec_name))
            raise LoanPlaceError(gettext(
                    'proxymikro_stock.msg_loan_not_ready',
                    lot=line.lot.rec_name,
                    location=line.lot.location.rec_name))
        # What is still lent is checked when it has come back
        Lot.check_destination(
            [n.lot for n in lines if n.lot.stage == 'ready'],
            Location.get_members())

    @classmethod
    @without_check_access
    def deliver(cls, lines, date):
        "Bring the devices to the place of their borrower"
        pool = Pool()
        Location = pool.get('stock.location')
        Move = pool.get('stock.move')
        cls.check_ready(lines)
        locations = {}
        for line in lines:
            loan = line.loan
            if loan not in locations:
                locations[loan] = Location.get_borrower_location(
                    loan.borrower, loan.location_party, loan.company)
            line.move_out = line._get_move(
                line.lot.location, locations[loan], date)
            line.lent_on = date
            line.open_device = line.lot
        Move.save([n.move_out for n in lines])
        Move.do([n.move_out for n in lines])
        cls.save(lines)

    @classmethod
    @without_check_access
    def return_(cls, lines, date=None, conditions=None):
        """Bring the devices back to reception and close the finished loans.

        The conditions are those noted by line.
        """
        pool = Pool()
        Loan = pool.get('stock.loan')
        Move = pool.get('stock.move')
        conditions = conditions or {}
        lines = cls.lock(lines)
        for line in lines:
            if not line.open_device:
                raise LoanPlaceError(gettext(
                        'proxymikro_stock.msg_loan_not_lent',
                        lot=line.lot.rec_name, loan=line.loan.rec_name))
            place = line.move_out.to_location
            line.returned_on = date or line.loan.today()
            line.move_in = line._get_move(
                place, place.warehouse.input_location, line.returned_on)
            line.condition_in = conditions.get(line)
            line.open_device = None
        Move.save([n.move_in for n in lines])
        Move.do([n.move_in for n in lines])
        cls.save(lines)
        loans = Loan.browse(list({n.loan.id for n in lines}))
        Loan.do([
                l for l in loans if not any(n.open_device for n in l.lines)])

    @classmethod
    @without_check_access
    def swap(cls, line, lot, date=None, condition_in=None,
            condition_out=None):
        "Take a device back and lend another one until the same day"
        date = date or line.loan.today()
        new = cls(
            loan=line.loan, lot=lot, replaces=line,
            condition_out=condition_out,
            replacement_value=line.replacement_value)
        new.save()
        # Both at once, always in the same order
        line, new = cls.lock([line, new])
        cls.check_dates([new])
        cls.deliver([new], date)
        cls.return_([line], date, {line: condition_in})
        return new

    def _get_move(self, from_location, to_location, date):
        Move = Pool().get('stock.move')
        return Move(
            shipment=self.loan, origin=self, company=self.loan.company,
            product=self.lot.product, lot=self.lot,
            unit=self.lot.product.default_uom, quantity=1,
            from_location=from_location, to_location=to_location,
            effective_date=date)

    @classmethod
    def check_modification(cls, mode, lines, values=None, external=False):
        super().check_modification(
            mode, lines, values=values, external=external)
        if not external or (
                mode == 'write' and not values.keys() - {'condition_out'}):
            return
        for line in lines:
            if line.loan.state != 'draft':
                raise LoanAccessError(gettext(
                        'proxymikro_stock.msg_loan_modify',
                        loan=line.loan.rec_name))
        if mode == 'write' and values.keys() & ACTS:
            raise LoanAccessError(gettext(
                    'proxymikro_stock.msg_loan_line_modify',
                    line=lines[0].rec_name))

    @classmethod
    def copy(cls, lines, default=None):
        default = default.copy() if default is not None else {}
        for name in ACTS:
            default.setdefault(name, None)
        return super().copy(lines, default=default)
