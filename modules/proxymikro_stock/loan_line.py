# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from sql import Null
from sql.conditionals import Case

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Unique, fields
from trytond.modules.currency.fields import Monetary
from trytond.pyson import Bool, Eval, If

from .exceptions import LoanAccessError
from .loan import STATES
from .location import STAGES

LOSSES = [
    (None, ""),
    ('lost', "Lost"),
    ('stolen', "Stolen"),
    ]
# What only the acts of the loan write
ACTS = {
    'lent_on', 'returned_on', 'condition_in', 'move_out', 'move_in',
    'replaces', 'open_device', 'loss', 'lost_on', 'loss_circumstances',
    'loss_complaint', 'move_lost'}


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
    loss = fields.Selection(
        LOSSES, "Loss", readonly=True, sort=False,
        help="What the borrower declared, if the device disappeared.")
    lost_on = fields.Date(
        "Lost On", readonly=True,
        help="The day the loss or the theft was declared.")
    loss_circumstances = fields.Text(
        "Circumstances", readonly=True,
        help="What the borrower told of the loss or the theft.")
    loss_complaint = fields.Char(
        "Complaint", readonly=True,
        help="The reference of the complaint to the police, after a theft.")
    move_lost = fields.Many2One(
        'stock.move', "Loss", readonly=True, ondelete='RESTRICT')
    state = fields.Function(
        fields.Selection([
                ('planned', "Planned"),
                ('lent', "Lent"),
                ('returned', "Returned"),
                ('lost', "Lost"),
                ('stolen', "Stolen"),
                ], "State", sort=False,
            help="What became of the device in this loan."))

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

    @classmethod
    def column_state(cls, tables):
        table, _ = tables[None]
        return Case(
            (table.returned_on != Null, 'returned'),
            (table.lost_on != Null, table.loss),
            (table.open_device != Null, 'lent'),
            else_='planned')

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
            ('/tree', 'visual', If(Bool(Eval('returned_on')), 'muted',
                    If(Bool(Eval('loss')), 'danger', ''))),
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
