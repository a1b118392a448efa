# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Requests for equipment wait for what is ready, first come, first served."""
from collections import Counter

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Workflow, fields
from trytond.modules.proxymikro_base.search import search_any
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval, If
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import Button, StateAction, StateView, Wizard

from .exceptions import LoanRequestError


class LoanRequest(Workflow, ModelSQL, ModelView):
    __name__ = 'stock.loan.request'
    _rec_name = 'number'

    _waiting = {
        'readonly': Eval('state') != 'waiting',
        }

    number = fields.Char("Number", readonly=True)
    company = fields.Many2One(
        'company.company', "Company", required=True, states=_waiting)
    date = fields.Date(
        "Date", required=True, states=_waiting,
        help="The day of the request: the oldest is served first.")
    borrower = fields.Many2One(
        'party.party', "Borrower", required=True, states=_waiting,
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="The member who asks, and will sign the agreement.")
    place = fields.Many2One(
        'party.party', "Place", states=_waiting,
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="The establishment where the devices will be used. "
        "Leave empty when it is the borrower's own.")
    purpose = fields.Char(
        "Use", states=_waiting,
        help="What the devices are wanted for.")
    wanted_on = fields.Date(
        "Wanted On", states=_waiting,
        help="The day the borrower needs them. Empty when there is no hurry.")
    lines = fields.One2Many(
        'stock.loan.request.line', 'request', "Equipment", required=True,
        states=_waiting,
        help="How many of each kind, or of each kit.")
    note = fields.Text("Note", states=_waiting)
    loans = fields.One2Many(
        'stock.loan', 'request', "Loans", readonly=True)
    servable = fields.Function(
        fields.Selection([
                (None, ""),
                ('whole', "All Ready"),
                ('part', "Partly Ready"),
                ('none', "Nothing Ready"),
                ('served', "Served"),
                ], "To Serve", sort=False,
            help="What is ready for it, once those before it are served."),
        'get_servable')
    state = fields.Selection([
            ('waiting', "Waiting"),
            ('done', "Done"),
            ('cancelled', "Cancelled"),
            ], "State", readonly=True, required=True, sort=False)
    del _waiting

    @classmethod
    def __setup__(cls):
        cls.number.search_unaccented = False
        super().__setup__()
        t = cls.__table__()
        cls._sql_indexes.update({
                Index(
                    t,
                    (t.state, Index.Equality(cardinality='low')),
                    where=t.state == 'waiting'),
                Index(t, (t.borrower, Index.Equality())),
                })
        cls._order = [('date', 'ASC'), ('id', 'ASC')]
        cls._transitions |= {
            ('waiting', 'done'),
            ('waiting', 'cancelled'),
            ('done', 'waiting'),
            ('cancelled', 'waiting'),
            }
        cls._buttons.update({
                'wait': {
                    'invisible': Eval('state') == 'waiting',
                    'depends': ['state'],
                    },
                'cancel': {
                    'invisible': (
                        (Eval('state') != 'waiting')
                        | Bool(Eval('loans', []))),
                    'depends': ['state', 'loans'],
                    },
                'do': {
                    'invisible': (
                        (Eval('state') != 'waiting')
                        | ~Bool(Eval('loans', []))),
                    'depends': ['state', 'loans'],
                    },
                'serve_wizard': {
                    'invisible': Eval('state') != 'waiting',
                    'depends': ['state'],
                    },
                })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_state(cls):
        return 'waiting'

    @classmethod
    def preprocess_values(cls, mode, values):
        Configuration = Pool().get('stock.configuration')
        values = super().preprocess_values(mode, values)
        if mode == 'create' and not values.get('number'):
            sequence = Configuration(1).get_multivalue(
                'loan_request_sequence',
                company=values.get('company', cls.default_company()))
            if sequence:
                values['number'] = sequence.get()
        return values

    def get_rec_name(self, name):
        return f'{self.number} · {self.borrower.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return search_any(clause, 'number', 'borrower.rec_name')

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(Eval('state') == 'cancelled', 'muted',
                    If((Eval('state') == 'waiting')
                        & (Eval('servable') == 'whole'), 'success', ''))),
            ]

    @property
    def _loans(self):
        return [l for l in self.loans if l.state != 'cancelled']

    @property
    def kits_left(self):
        "How many of each kit are still to lend"
        return (Counter({n.kit: n.quantity for n in self.lines if n.kit})
            - Counter(k.kit for l in self._loans for k in l.kits))

    @property
    def products_left(self):
        "How many devices of each kind are still to lend, the kits aside"
        asked = Counter()
        for line in self.lines:
            if line.product and line.product.device:
                asked[line.product] += line.quantity
        return asked - Counter(
            n.lot.product for l in self._loans for n in l.lines
            if not n.kit and not n.replaces)

    @property
    def needs(self):
        "How many devices of each kind are still to lend"
        needs = self.products_left
        for kit, count in self.kits_left.items():
            needs.update(kit.get_needs(count))
        return Counter({p: q for p, q in needs.items() if p.device})

    @classmethod
    @without_check_access
    def get_servable(cls, requests, name):
        "Go through the queue: each request takes what those before leave"
        pool = Pool()
        Lot = pool.get('stock.lot')
        result = {
            r.id: 'served' if r.state == 'waiting' else None
            for r in requests}
        companies = {r.company.id for r in requests}
        queue = cls.search([
                ('state', '=', 'waiting'), ('company', 'in', companies)])
        needs = {r: r.needs for r in queue}
        ready = Lot.count_ready({p for n in needs.values() for p in n})
        for request in queue:
            taken = {
                p: min(q, ready[p]) for p, q in needs[request].items()}
            ready.subtract(taken)
            if request.id in result and needs[request]:
                result[request.id] = (
                    'whole' if taken == needs[request]
                    else 'part' if any(taken.values()) else 'none')
        return result

    @classmethod
    @ModelView.button
    @Workflow.transition('waiting')
    def wait(cls, requests):
        pass

    @classmethod
    @ModelView.button
    @Workflow.transition('cancelled')
    def cancel(cls, requests):
        pass

    @classmethod
    @ModelView.button
    @Workflow.transition('done')
    def do(cls, requests):
        pass

    @classmethod
    @ModelView.button_action('proxymikro_stock.wizard_loan_request_serve')
    def serve_wizard(cls, requests):
        pass

    @without_check_access
    def serve(self, start_date, end_date):
        "Return a draft loan of what is ready, up to what is still to lend"
        pool = Pool()
        Line = pool.get('stock.loan.line')
        Loan = pool.get('stock.loan')
        Lot = pool.get('stock.lot')
        # Two people can't serve it at once
        self.write([self], {})
        request = self.__class__(self.id)
        first = not request._loans
        kits, products = request.kits_left, request.products_left
        loan = Loan(
            request=request, company=request.company,
            borrower=request.borrower, place=request.place,
            purpose=request.purpose, start_date=start_date,
            end_date=end_date)
        loan.on_change_place()
        loan.save()
        for kit, count in kits.items():
            loan.add_kits(kit, loan.count_kits(kit, count))
        picked = Lot.pick(products, start_date, end_date)
        Line.save([
                Line(loan=loan, lot=l)
                for lots in picked.values() for l in lots])
        if first:
            # They leave with what is lent first
            loan.add_accessories(Counter({
                        n.product: n.quantity
                        for n in request.lines if n.product}))
        loan = Loan(loan.id)
        if not loan.lines:
            raise LoanRequestError(gettext(
                    'proxymikro_stock.msg_loan_request_nothing',
                    request=request.rec_name))
        return loan

    @classmethod
    def close_served(cls, requests):
        "Close the requests when all that was asked has left"
        cls.do([
                r for r in requests
                if not r.needs and all(
                    l.state in {'running', 'done'} for l in r._loans)])

    @classmethod
    def copy(cls, requests, default=None):
        default = default.copy() if default is not None else {}
        for name in ['number', 'loans']:
            default.setdefault(name, None)
        return super().copy(requests, default=default)


class LoanRequestLine(ModelSQL, ModelView):
    __name__ = 'stock.loan.request.line'

    request = fields.Many2One(
        'stock.loan.request', "Request", required=True, ondelete='CASCADE')
    kit = fields.Many2One(
        'stock.kit', "Kit", ondelete='RESTRICT',
        states={
            'readonly': Bool(Eval('product')),
            'required': ~Eval('product'),
            })
    product = fields.Many2One(
        'product.product', "Kind", ondelete='RESTRICT',
        domain=['OR',
            ('template.device', '=', True),
            ('template.accessory', '=', True),
            ],
        states={
            'readonly': Bool(Eval('kit')),
            'required': ~Eval('kit'),
            })
    quantity = fields.Integer(
        "Quantity", required=True,
        domain=[('quantity', '>', 0), ('quantity', '<=', 1000)])

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('request')

    @classmethod
    def default_quantity(cls):
        return 1

    def get_rec_name(self, name):
        return f'{self.quantity} × {(self.kit or self.product).rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return ['OR',
            ('kit.rec_name', *clause[1:]),
            ('product.rec_name', *clause[1:]),
            ]


class Loan(metaclass=PoolMeta):
    __name__ = 'stock.loan'

    request = fields.Many2One(
        'stock.loan.request', "Request", readonly=True, ondelete='RESTRICT',
        help="What the borrower had asked for.")

    @classmethod
    @ModelView.button
    @Workflow.transition('running')
    def deliver(cls, loans):
        Request = Pool().get('stock.loan.request')
        super().deliver(loans)
        Request.close_served(Request.browse(
                sorted({l.request.id for l in loans if l.request})))

    @classmethod
    def copy(cls, loans, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('request', None)
        return super().copy(loans, default=default)


class LoanRequestServe(Wizard):
    __name__ = 'stock.loan.request.serve'

    start = StateView('stock.loan.request.serve.start',
        'proxymikro_stock.loan_request_serve_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Prepare the Loan", 'serve', 'tryton-ok', default=True),
            ])
    serve = StateAction('proxymikro_stock.act_loan')

    def default_start(self, fields):
        today = Pool().get('ir.date').today()
        return {'start_date': max(today, self.record.wanted_on or today)}

    def do_serve(self, action):
        loan = self.record.serve(self.start.start_date, self.start.end_date)
        action['views'].reverse()
        return action, {'res_id': loan.id}


class LoanRequestServeStart(ModelView):
    __name__ = 'stock.loan.request.serve.start'

    start_date = fields.Date(
        "Start Date", required=True,
        help="The first day the devices are booked for the borrower.")
    end_date = fields.Date(
        "Due Date", required=True,
        domain=[('end_date', '>=', Eval('start_date', None))],
        help="The day the devices must be back at the latest.")
