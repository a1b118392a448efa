# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Accessories: counted when they leave and come back, not followed."""
from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import without_check_access

from .exceptions import LoanAccessError


def check_open(records, states):
    "Refuse to change what belongs to a loan which is in another state"
    for record in records:
        if record.loan.state not in states:
            raise LoanAccessError(gettext(
                    'proxymikro_stock.msg_loan_modify',
                    loan=record.loan.rec_name))


class LoanAccessory(ModelSQL, ModelView):
    __name__ = 'stock.loan.accessory'

    loan = fields.Many2One(
        'stock.loan', "Loan", required=True, ondelete='CASCADE')
    loan_state = fields.Function(
        fields.Char("Loan State"), 'on_change_with_loan_state')
    product = fields.Many2One(
        'product.product', "Accessory", required=True, ondelete='RESTRICT',
        domain=[('template.accessory', '=', True)],
        states={
            'readonly': ~Eval('loan_state', 'draft').in_(
                ['draft', 'reserved']),
            })
    quantity = fields.Integer(
        "Given", required=True,
        domain=[('quantity', '>', 0)],
        states={
            'readonly': ~Eval('loan_state', 'draft').in_(
                ['draft', 'reserved']),
            },
        help="How many go with the devices.")
    returned = fields.Integer(
        "Returned", readonly=True, required=True,
        domain=[
            ('returned', '>=', 0),
            ('returned', '<=', Eval('quantity', 0)),
            ],
        help="How many were counted back.")
    missing = fields.Function(
        fields.Integer(
            "Still Out", help="How many the borrower still has."),
        'on_change_with_missing')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('loan')
        t = cls.__table__()
        cls._sql_constraints += [
            ('product_unique', Unique(t, t.loan, t.product),
                'proxymikro_stock.msg_loan_accessory_unique'),
            ]

    @classmethod
    def default_returned(cls):
        return 0

    @fields.depends('loan', '_parent_loan.state')
    def on_change_with_loan_state(self, name=None):
        return self.loan.state if self.loan else 'draft'

    @fields.depends('quantity', 'returned')
    def on_change_with_missing(self, name=None):
        return (self.quantity or 0) - (self.returned or 0)

    def get_rec_name(self, name):
        return f'{self.quantity} × {self.product.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('product.rec_name', *clause[1:])]

    @classmethod
    @without_check_access
    def count_in(cls, counts):
        "Record how many more of the accessories came back"
        for accessory, count in counts.items():
            accessory.returned += count
        cls.save(list(counts))

    @classmethod
    def check_modification(cls, mode, accessories, values=None,
            external=False):
        super().check_modification(
            mode, accessories, values=values, external=external)
        if external:
            check_open(accessories, {'draft', 'reserved'})

    @classmethod
    def copy(cls, accessories, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('returned', 0)
        return super().copy(accessories, default=default)


class Loan(metaclass=PoolMeta):
    __name__ = 'stock.loan'

    accessories = fields.One2Many(
        'stock.loan.accessory', 'loan', "Accessories",
        states={
            'readonly': Eval('state').in_(['done', 'cancelled']),
            },
        help="What is counted and not followed one by one.")
    accessories_out = fields.Function(
        fields.Boolean(
            "Accessories Still Out",
            help="The borrower still has some of the accessories."),
        'get_accessories_out')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._buttons['return_wizard'] = {
            'invisible': (
                (Eval('state') != 'running')
                & ~Eval('accessories_out', False)),
            'depends': ['state', 'accessories_out'],
            }

    def get_accessories_out(self, name):
        return (self.state in {'running', 'done'}
            and any(a.missing for a in self.accessories))

    @without_check_access
    def add_accessories(self, needs):
        "Add to the accessories, or take away what is below zero"
        Accessory = Pool().get('stock.loan.accessory')
        known = {
            a.product: a for a in Accessory.search([('loan', '=', self.id)])}
        kept, gone = [], []
        for product, quantity in needs.items():
            if not product.accessory:
                continue
            accessory = known.get(product) or Accessory(
                loan=self, product=product, quantity=0, returned=0)
            accessory.quantity += quantity
            (kept if accessory.quantity > 0 else gone).append(accessory)
        Accessory.save(kept)
        Accessory.delete([a for a in gone if a.id is not None and a.id >= 0])
