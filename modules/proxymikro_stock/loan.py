# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from itertools import groupby

from sql import Literal
from sql.conditionals import Case

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Workflow, fields
from trytond.modules.company.model import employee_field, set_employee
from trytond.modules.proxymikro_base.search import search_any
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.transaction import Transaction

from .exceptions import LoanAccessError, LoanDateError

STATES = [
    ('draft', "Draft"),
    ('reserved', "Reserved"),
    ('running', "Running"),
    ('done', "Done"),
    ('cancelled', "Cancelled"),
    ]


class Loan(Workflow, ModelSQL, ModelView):
    __name__ = 'stock.loan'
    _rec_name = 'number'

    _draft = {
        'readonly': Eval('state') != 'draft',
        }

    number = fields.Char(
        "Number", readonly=True,
        help="The number of the agreement, given when the loan is reserved.")
    company = fields.Many2One(
        'company.company', "Company", required=True, states=_draft,
        help="The association that lends.")
    borrower = fields.Many2One(
        'party.party', "Borrower", required=True, states=_draft,
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="The member who signs the agreement and answers for the devices.")
    place = fields.Many2One(
        'party.party', "Place", states=_draft,
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="The establishment where the devices are used. "
        "Leave empty when it is the borrower's own.")
    contact_address = fields.Many2One(
        'party.address', "Contact Address",
        domain=[
            ('party', 'in', [Eval('borrower', -1), Eval('place', -1)]),
            ],
        states={
            'readonly': Eval('state').in_(['done', 'cancelled']),
            },
        help="The address of use written on the agreement.")
    purpose = fields.Char(
        "Use", states=_draft,
        help="What the devices are lent for. "
        "The borrower may use them for nothing else.")
    start_date = fields.Date(
        "Start Date", required=True, states=_draft,
        domain=[
            If(Eval('start_date') & Eval('end_date'),
                ('start_date', '<=', Eval('end_date')),
                ()),
            ],
        help="The first day the devices are booked for the borrower.")
    end_date = fields.Date(
        "Due Date", required=True, states=_draft,
        help="The day the devices must be back at the latest.")
    delivered_on = fields.Date(
        "Delivered On",
        states={
            'readonly': ~Eval('state').in_(['draft', 'reserved']),
            },
        help="The day the borrower took the devices. "
        "Leave empty to use the day the loan is delivered.")
    lines = fields.One2Many(
        'stock.loan.line', 'loan', "Devices",
        states={
            'readonly': Eval('state').in_(['done', 'cancelled']),
            },
        help="The devices lent, one by line.")
    moves = fields.One2Many(
        'stock.move', 'shipment', "Moves", readonly=True,
        order=[('effective_date', 'ASC'), ('id', 'ASC')],
        help="What has really left and come back.")
    overdue = fields.Function(
        fields.Boolean(
            "Overdue",
            help="The due date is over and a device is not back."))
    open_count = fields.Function(
        fields.Integer(
            "Devices Lent",
            help="The number of devices that the borrower has now."),
        'get_open_count')
    reserved_by = employee_field(
        "Reserved By", states=['draft', 'reserved', 'running', 'done',
            'cancelled'])
    delivered_by = employee_field(
        "Delivered By", states=['draft', 'reserved', 'running', 'done',
            'cancelled'])
    state = fields.Selection(
        STATES, "State", readonly=True, required=True, sort=False)
    del _draft

    @classmethod
    def __setup__(cls):
        cls.number.search_unaccented = False
        super().__setup__()
        t = cls.__table__()
        cls._sql_indexes.update({
                Index(
                    t,
                    (t.state, Index.Equality(cardinality='low')),
                    where=t.state.in_(['draft', 'reserved', 'running'])),
                Index(t, (t.borrower, Index.Equality())),
                Index(t, (t.end_date, Index.Range())),
                })
        cls._order = [
            ('start_date', 'DESC'),
            ('id', 'DESC'),
            ]
        cls._transitions |= {
            ('draft', 'reserved'),
            ('reserved', 'draft'),
            ('reserved', 'running'),
            ('running', 'done'),
            ('draft', 'cancelled'),
            ('reserved', 'cancelled'),
            ('cancelled', 'draft'),
            }
        cls._buttons.update({
                'cancel': {
                    'invisible': ~Eval('state').in_(['draft', 'reserved']),
                    'depends': ['state'],
                    },
                'draft': {
                    'invisible': ~Eval('state').in_(['reserved', 'cancelled']),
                    'icon': If(Eval('state') == 'cancelled',
                        'tryton-undo', 'tryton-back'),
                    'depends': ['state'],
                    },
                'reserve': {
                    'invisible': Eval('state') != 'draft',
                    'readonly': ~Bool(Eval('lines', [])),
                    'depends': ['state', 'lines'],
                    },
                'deliver': {
                    'invisible': Eval('state') != 'reserved',
                    'depends': ['state'],
                    },
                'return_wizard': {
                    'invisible': Eval('state') != 'running',
                    'depends': ['state'],
                    },
                'swap_wizard': {
                    'invisible': Eval('state') != 'running',
                    'depends': ['state'],
                    },
                })

    @classmethod
    def __post_setup__(cls):
        if getattr(cls.on_scan_code, 'on_change', None):
            # Core decorates it again in each class that extends this one
            cls.on_scan_code = cls.on_scan_code.__wrapped__
        super().__post_setup__()

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_state(cls):
        return 'draft'

    @classmethod
    def default_start_date(cls):
        return Pool().get('ir.date').today()

    @fields.depends('borrower', 'place')
    def on_change_borrower(self):
        self.on_change_place()

    @fields.depends('borrower', 'place')
    def on_change_place(self):
        party = self.place or self.borrower
        self.contact_address = (
            party.address_get(type='delivery') if party else None)

    @property
    def effective_date(self):
        "Core reads it on every shipment: here each move has its own date"
        return None

    @property
    def location_party(self):
        "The party at whose place the devices are"
        return self.place or self.borrower

    @property
    def agreement_lines(self):
        "The devices the agreement lists: those to come back, or all at the end"
        return [n for n in self.lines if not n.returned_on] or self.lines

    @property
    def is_valued(self):
        "Whether the agreement gives the value of a device"
        return any(n.replacement_value for n in self.agreement_lines)

    def today(self):
        "Return the date of the day at the company"
        with Transaction().set_context(company=self.company.id):
            return Pool().get('ir.date').today()

    @classmethod
    def column_overdue(cls, tables):
        table, _ = tables[None]
        today = Pool().get('ir.date').today()
        return Case(
            ((table.state == 'running') & (table.end_date < today),
                Literal(True)),
            else_=Literal(False))

    @classmethod
    def get_open_count(cls, loans, name):
        return {l.id: sum(bool(n.open_device) for n in l.lines) for l in loans}

    def get_rec_name(self, name):
        number = self.number or f'({self.id})'
        return f'{number} · {self.borrower.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return search_any(clause, 'number', 'borrower.rec_name')

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(Eval('overdue', False), 'danger',
                    If(Eval('state') == 'cancelled', 'muted', ''))),
            ('/form', 'scan_code_states', {
                    'invisible': Eval('state') != 'draft',
                    }),
            ]

    @fields.depends('state', 'lines')
    def on_scan_code(self, code):
        Lot = Pool().get('stock.lot')
        Line = Pool().get('stock.loan.line')
        lot = Lot.scan(code)
        if lot and self.state == 'draft':
            lines = list(self.lines or [])
            if lot not in {n.lot for n in lines}:
                self.lines = lines + [Line(lot=lot)]

    @classmethod
    def set_number(cls, loans):
        Configuration = Pool().get('stock.configuration')
        configuration = Configuration(1)
        loans = [l for l in loans if not l.number]
        for company, c_loans in groupby(loans, key=lambda l: l.company):
            c_loans = list(c_loans)
            sequence = configuration.get_multivalue(
                'loan_sequence', company=company.id)
            for loan, number in zip(
                    c_loans, sequence.get_many(len(c_loans))):
                loan.number = number
        cls.save(loans)

    @classmethod
    def check_right(cls, loans):
        """Raise an error if a borrower may not borrow.

        A hook, filled by the memberships among others.
        """

    @classmethod
    def check_rights(cls, loans):
        "Check the right to borrow, unless the presidency waived it"
        if loans := [l for l in loans if not l.right_waived]:
            cls.check_right(loans)

    @classmethod
    @ModelView.button
    @Workflow.transition('draft')
    def draft(cls, loans):
        cls.write(loans, {
                'reserved_by': None,
                'delivered_on': None,
                })

    @classmethod
    @ModelView.button
    @Workflow.transition('cancelled')
    def cancel(cls, loans):
        pass

    @classmethod
    @ModelView.button
    @Workflow.transition('reserved')
    @set_employee('reserved_by')
    def reserve(cls, loans):
        Line = Pool().get('stock.loan.line')
        lines = Line.lock([n for l in loans for n in l.lines])
        cls.check_rights(loans)
        Line.check_dates(lines)
        Line.check_ready(lines, {'ready', 'lent'})
        cls.set_number(loans)

    @classmethod
    @ModelView.button
    @Workflow.transition('running')
    @set_employee('delivered_by')
    def deliver(cls, loans):
        Line = Pool().get('stock.loan.line')
        lines = Line.lock([n for l in loans for n in l.lines])
        cls.check_rights(loans)
        for loan in loans:
            loan.delivered_on = loan.delivered_on or loan.today()
            if loan.start_date > loan.delivered_on:
                raise LoanDateError(gettext(
                        'proxymikro_stock.msg_loan_deliver_early',
                        loan=loan.rec_name,
                        date=cls.format_date(loan.start_date)))
        cls.save(loans)
        Line.check_dates(lines)
        for loan in loans:
            Line.deliver(list(loan.lines), loan.delivered_on)

    @classmethod
    @Workflow.transition('done')
    def do(cls, loans):
        "Close the loans whose devices are all back: nobody clicks it"

    @classmethod
    @ModelView.button_action('proxymikro_stock.wizard_loan_return')
    def return_wizard(cls, loans):
        pass

    @classmethod
    @ModelView.button_action('proxymikro_stock.wizard_loan_swap')
    def swap_wizard(cls, loans):
        pass

    @staticmethod
    def format_date(date):
        return Pool().get('ir.lang').get().strftime(date)

    @classmethod
    def check_modification(cls, mode, loans, values=None, external=False):
        super().check_modification(
            mode, loans, values=values, external=external)
        if mode == 'delete':
            for loan in loans:
                if loan.state != 'draft' or loan.number:
                    raise LoanAccessError(gettext(
                            'proxymikro_stock.msg_loan_delete',
                            loan=loan.rec_name))
        elif (mode == 'write' and external
                and values.keys() & {
                    'company', 'borrower', 'place', 'start_date', 'end_date'}):
            for loan in loans:
                if loan.state != 'draft':
                    raise LoanAccessError(gettext(
                            'proxymikro_stock.msg_loan_modify',
                            loan=loan.rec_name))

    @classmethod
    def copy(cls, loans, default=None):
        default = default.copy() if default is not None else {}
        for name in [
                'number', 'moves', 'delivered_on', 'reserved_by',
                'delivered_by']:
            default.setdefault(name, None)
        return super().copy(loans, default=default)
