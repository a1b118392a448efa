# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Kits, lent as one thing: devices picked by kind, with their accessories."""
from collections import Counter

from trytond.i18n import gettext
from trytond.model import DeactivableMixin, ModelSQL, ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval
from trytond.transaction import without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import LoanPlaceError
from .loan_accessory import check_open


class Kit(DeactivableMixin, ModelSQL, ModelView):
    __name__ = 'stock.kit'

    name = fields.Char("Name", required=True, translate=True)
    components = fields.One2Many(
        'stock.kit.component', 'kit', "Components",
        help="The devices and the accessories that one kit is made of.")

    def get_needs(self, count=1):
        "Return how many of each product make the kits"
        needs = Counter()
        for component in self.components:
            needs[component.product] += component.quantity * count
        return needs


class KitComponent(ModelSQL, ModelView):
    __name__ = 'stock.kit.component'

    kit = fields.Many2One(
        'stock.kit', "Kit", required=True, ondelete='CASCADE')
    product = fields.Many2One(
        'product.product', "Product", required=True, ondelete='RESTRICT',
        domain=['OR',
            ('template.device', '=', True),
            ('template.accessory', '=', True),
            ])
    quantity = fields.Integer(
        "Quantity", required=True,
        domain=[('quantity', '>', 0)])

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('kit')

    @classmethod
    def default_quantity(cls):
        return 1

    def get_rec_name(self, name):
        return f'{self.quantity} × {self.product.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('product.rec_name', *clause[1:])]


class LoanKit(ModelSQL, ModelView):
    __name__ = 'stock.loan.kit'

    loan = fields.Many2One(
        'stock.loan', "Loan", required=True, ondelete='CASCADE')
    kit = fields.Many2One(
        'stock.kit', "Kit", required=True, readonly=True, ondelete='RESTRICT')
    number = fields.Integer("Number", required=True, readonly=True)
    lines = fields.One2Many(
        'stock.loan.line', 'kit', "Devices", readonly=True)
    devices = fields.Function(
        fields.Char(
            "Devices",
            help="The devices of the kit, those that were replaced aside."),
        'get_devices')
    state = fields.Function(
        fields.Selection([
                ('planned', "Planned"),
                ('lent', "Lent"),
                ('partial', "Incomplete"),
                ('returned', "Returned"),
                ], "State", sort=False,
            help="Incomplete when some of its devices are back or lost."),
        'get_state')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('loan')
        cls._order = [('number', 'ASC'), ('id', 'ASC')]

    @property
    def current_lines(self):
        replaced = {n.replaces for n in self.lines}
        return [n for n in self.lines if n not in replaced]

    def get_devices(self, name):
        return ', '.join(n.lot.rec_name for n in self.current_lines)

    def get_state(self, name):
        states = {n.state for n in self.current_lines}
        if len(states) == 1:
            state, = states
            return state if state in {'planned', 'lent', 'returned'} else (
                'partial')
        return 'partial' if states else 'planned'

    def get_rec_name(self, name):
        return f'{self.kit.rec_name} {self.number}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('kit.rec_name', *clause[1:])]

    @classmethod
    def check_modification(cls, mode, kits, values=None, external=False):
        super().check_modification(
            mode, kits, values=values, external=external)
        if external:
            check_open(kits, {'draft'})

    @classmethod
    def on_delete(cls, kits):
        "The accessories of the kits go with them"
        callback = super().on_delete(kits)
        for kit in kits:
            kit.loan.add_accessories(kit.kit.get_needs(-1))
        return callback


class LoanLine(metaclass=PoolMeta):
    __name__ = 'stock.loan.line'

    kit = fields.Many2One(
        'stock.loan.kit', "Kit", readonly=True, ondelete='CASCADE',
        help="The kit that the device belongs to.")

    @classmethod
    def copy(cls, lines, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('kit', None)
        return super().copy(lines, default=default)


class Loan(metaclass=PoolMeta):
    __name__ = 'stock.loan'

    kits = fields.One2Many(
        'stock.loan.kit', 'loan', "Kits",
        states={
            'readonly': Eval('state') != 'draft',
            },
        help="What is lent as one thing. Removing a kit removes its devices.")
    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._buttons.update({
                'add_kits_wizard': {
                    'invisible': Eval('state') != 'draft',
                    'readonly': ~Bool(Eval('end_date')),
                    'depends': ['state', 'end_date'],
                    },
                })

    @classmethod
    @ModelView.button_action('proxymikro_stock.wizard_loan_add_kits')
    def add_kits_wizard(cls, loans):
        pass

    @without_check_access
    def count_kits(self, kit, most):
        "Return how many of the kits can be made of what is ready and free"
        one = {p: q for p, q in kit.get_needs().items() if p.device}
        picked = self._pick(kit, most)
        return min(
            (len(lots) // one[p] for p, lots in picked.items()), default=most)

    def _pick(self, kit, count):
        Lot = Pool().get('stock.lot')
        needs = kit.get_needs(count)
        return Lot.pick(
            {p: q for p, q in needs.items() if p.device},
            self.start_date, self.end_date)

    @without_check_access
    def add_kits(self, kit, count):
        "Add kits made of ready devices which are free on the days of the loan"
        pool = Pool()
        Line = pool.get('stock.loan.line')
        LoanKit = pool.get('stock.loan.kit')
        needs = kit.get_needs(count)
        picked = self._pick(kit, count)
        for product, lots in picked.items():
            if missing := needs[product] - len(lots):
                raise LoanPlaceError(gettext(
                        'proxymikro_stock.msg_loan_kit_missing',
                        count=count, kit=kit.rec_name,
                        missing=missing, product=product.rec_name))
        known = LoanKit.search([('loan', '=', self.id)])
        first = max((k.number for k in known), default=0) + 1
        kits = [
            LoanKit(loan=self, kit=kit, number=first + n)
            for n in range(count)]
        LoanKit.save(kits)
        Line.save([
                Line(loan=self, kit=k, lot=picked[c.product].pop(0))
                for c in kit.components if c.product.device
                for k in kits for _ in range(c.quantity)])
        self.add_accessories(needs)

    @classmethod
    def copy(cls, loans, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('kits', None)
        return super().copy(loans, default=default)


class LoanAddKits(Wizard):
    __name__ = 'stock.loan.add_kits'

    start = StateView('stock.loan.add_kits.start',
        'proxymikro_stock.loan_add_kits_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Add", 'add', 'tryton-ok', default=True),
            ])
    add = StateTransition()

    def transition_add(self):
        self.record.add_kits(self.start.kit, self.start.count)
        return 'end'


class LoanAddKitsStart(ModelView):
    __name__ = 'stock.loan.add_kits.start'

    kit = fields.Many2One('stock.kit', "Kit", required=True)
    count = fields.Integer(
        "Count", required=True,
        domain=[('count', '>', 0), ('count', '<=', 200)],
        help="The devices that have been ready for the longest are taken.")

    @classmethod
    def default_count(cls):
        return 1
