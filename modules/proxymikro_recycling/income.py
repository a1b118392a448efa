# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The income from resale: each line of its accounts by lot sold.

The rows of a line of the books add up to it, so that those of any period add
up to the accounts. A line is shared between the lots of its invoice line by
quantity. Nothing is stored: the amount is a subquery, which the database
computes for the rows that it shows and not for all those that it sorts.
"""
from sql import Cast, Literal, Null
from sql.aggregate import Sum
from sql.conditionals import Case, Coalesce, NullIf
from sql.functions import Abs, Round
from sql.operators import Exists

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.modules.product import price_digits
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.transaction import Transaction

from .income_query import (
    bank_lines, exists, in_, is_closing, payment_lines, resale_accounts,
    unbanked_lines)
from .product import COMPONENT_KINDS
from .provenance import is_settled, is_sold

# More than the lots that will ever be invoiced, in the identifier of a row
LOTS = 2 ** 27
STATES = [
    ('unexplained', "To Be Explained"),
    ('cut_off', "Cut-off"),
    ('cancelled', "Cancelled"),
    ('variance', "Variance"),
    ('invoiced', "Invoiced"),
    ('partly_paid', "Partly Paid"),
    ('paid', "Paid"),
    ('reconciled', "Reconciled with the Bank"),
    ]


class Income(ModelSQL, ModelView):
    __name__ = 'recycling.income'

    date = fields.Date("Date")
    period = fields.Many2One('account.period', "Period")
    fiscalyear = fields.Many2One('account.fiscalyear', "Fiscal Year")
    account = fields.Many2One('account.account', "Account")
    move = fields.Many2One('account.move', "Entry")
    move_line = fields.Many2One('account.move.line', "Entry Line")
    origin = fields.Reference("Origin", 'get_origins')
    invoice = fields.Many2One('account.invoice', "Invoice")
    invoice_line = fields.Many2One('account.invoice.line', "Invoice Line")
    sale = fields.Many2One('sale.sale', "Sale")
    party = fields.Many2One('party.party', "Buyer")
    lot = fields.Many2One('stock.lot', "Lot Sold")
    product = fields.Many2One('product.product', "Product")
    kind = fields.Selection(COMPONENT_KINDS, "Kind of Part", sort=False)
    kind_string = kind.translated('kind')
    grade = fields.Many2One('recycling.grade', "Grade")
    quantity = fields.Float(
        "Quantity", digits='unit',
        help="What left, less what came back or was credited.")
    unit = fields.Many2One('product.uom', "Unit")
    weight = fields.Float(
        "Weight (kg)", digits=(None, 3),
        help="The weight of the lot, or the usual one of its kind.")
    amount = Monetary(
        "Amount", currency='currency', digits='currency',
        help="What the account received for the lot. The rows of an entry "
        "line add up to it, to the cent.")
    currency = fields.Many2One('currency.currency', "Currency")
    unit_price = Monetary(
        "Invoiced Price", currency='currency', digits=price_digits)
    list_price = Monetary(
        "Price of the List", currency='currency', digits=price_digits,
        help="What the price list of the buyer, in force on the date of the "
        "sale, gives for it.")
    varies = fields.Boolean(
        "Variance",
        help="Whether the buyer weighed, graded, paid or held back otherwise "
        "than was invoiced.")
    state = fields.Selection(
        STATES, "State", sort=False,
        help="To be explained: no invoice or no lot is behind the entry. "
        "Variance: not paid yet, and the buyer settles otherwise than was "
        "invoiced.")
    state_string = state.translated('state')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('date', 'DESC'), ('id', 'DESC')]

    @classmethod
    def get_origins(cls):
        return Pool().get('account.move').get_origin()

    def get_rec_name(self, name):
        document = self.invoice or self.move
        return ' '.join(
            r.rec_name for r in [document, self.lot] if r)

    @classmethod
    def search_rec_name(cls, name, clause):
        _, operator, *operands = clause
        denies = operator.startswith('!') or operator.startswith('not ')
        return ['AND' if denies else 'OR', *(
                (f'{name}.rec_name', operator, *operands)
                for name in ['invoice', 'lot', 'party'])]

    @classmethod
    def table_query(cls):
        tables = cls._tables()
        return cls._from(tables).select(
            *(column.as_(name)
                for name, column in cls._columns(tables).items()),
            where=cls._where(tables))

    @classmethod
    def _tables(cls):
        pool = Pool()
        names = {
            'move': 'account.move', 'line': 'account.move.line',
            'period': 'account.period', 'company': 'company.company',
            'original': 'account.move.line',
            'invoice_line': 'account.invoice.line',
            'invoice': 'account.invoice',
            'settled': 'recycling.settlement.line',
            'sold': 'account.invoice.line-stock.move',
            'stock_move': 'stock.move', 'lot': 'stock.lot',
            'sale_line': 'sale.line', 'product': 'product.product',
            'template': 'product.template',
            }
        return {k: pool.get(name).__table__() for k, name in names.items()}

    @classmethod
    def _invoiced(cls, tables):
        """Return the join of the lines of the books to their invoices.

        The line which cancels another one is that of the same invoice line.
        """
        t = tables
        Line = Pool().get('account.move.line')
        source = Coalesce(t['original'].origin, t['line'].origin)
        return (t['line']
            .join(t['move'], condition=t['line'].move == t['move'].id)
            # Left, for the database to do without when nothing asks for them
            .join(t['period'], 'LEFT',
                condition=t['move'].period == t['period'].id)
            .join(t['company'], 'LEFT',
                condition=t['move'].company == t['company'].id)
            .join(t['original'], 'LEFT',
                condition=t['line'].origin.like('account.move.line,%')
                & (t['original'].id == Line.origin.sql_id(
                        t['line'].origin, Line)))
            .join(t['invoice_line'], 'LEFT',
                condition=source.like('account.invoice.line,%')
                & (t['invoice_line'].id == Line.origin.sql_id(source, Line)))
            .join(t['invoice'], 'LEFT',
                condition=t['invoice_line'].invoice == t['invoice'].id))

    @classmethod
    def _from(cls, tables):
        """Return the join of the lines of the books to the lots sold.

        The adjustment of a settlement is about the lots that it settles.
        """
        t = tables
        InvoiceLine = Pool().get('account.invoice.line')
        sale_line = Coalesce(t['stock_move'].origin, t['invoice_line'].origin)
        return (cls._invoiced(t)
            .join(t['settled'], 'LEFT',
                condition=is_settled(t['invoice_line'], t['settled']))
            .join(t['sold'], 'LEFT', condition=is_sold(
                    t['invoice_line'], t['settled'], t['sold']))
            .join(t['stock_move'], 'LEFT',
                condition=t['sold'].stock_move == t['stock_move'].id)
            .join(t['lot'], 'LEFT',
                condition=t['stock_move'].lot == t['lot'].id)
            .join(t['sale_line'], 'LEFT',
                condition=sale_line.like('sale.line,%')
                & (t['sale_line'].id == InvoiceLine.origin.sql_id(
                        sale_line, InvoiceLine)))
            .join(t['product'], 'LEFT',
                condition=t['product'].id == Coalesce(
                    t['lot'].product, t['invoice_line'].product))
            .join(t['template'], 'LEFT',
                condition=t['product'].template == t['template'].id))

    @classmethod
    def _where(cls, tables):
        "Return the condition of the lines asked for, without those of closing"
        context = Transaction().context
        move, line = tables['move'], tables['line']
        accounts = [a.id for a in resale_accounts()]
        if account := context.get('income_account'):
            accounts = [a for a in accounts if a == account]
        where = (
            in_(line.account, accounts or [-1])
            & (move.state == 'posted') & ~is_closing(move))
        if start := context.get('income_start_date'):
            where &= move.date >= start
        if end := context.get('income_end_date'):
            where &= move.date <= end
        return where

    @classmethod
    def _columns(cls, tables):
        t = tables
        quantity = cls._quantity(t)
        return {
            'id': (Cast(t['line'].id, 'BIGINT') * Literal(LOTS)
                + Coalesce(t['sold'].id, 0)),
            'date': t['move'].date,
            'period': t['move'].period,
            'fiscalyear': t['period'].fiscalyear,
            'account': t['line'].account,
            'move': t['move'].id,
            'move_line': t['line'].id,
            'origin': t['move'].origin,
            'invoice': t['invoice'].id,
            'invoice_line': t['invoice_line'].id,
            'sale': t['sale_line'].sale,
            'party': Coalesce(t['invoice'].party, t['line'].party),
            'lot': t['lot'].id,
            'product': t['product'].id,
            'kind': t['template'].component_kind,
            'grade': t['lot'].grade,
            'quantity': quantity,
            'unit': t['template'].default_uom,
            'weight': Case(
                (t['lot'].unit == Null, quantity),
                else_=quantity * Coalesce(
                    t['lot'].weight, t['template'].usual_weight)),
            'amount': cls._amount(t),
            'currency': t['company'].currency,
            # A line without product is a difference of price
            'unit_price': Case(
                (t['invoice_line'].product != Null,
                    t['invoice_line'].unit_price), else_=Null),
            'list_price': t['sale_line'].buyer_price,
            'varies': cls._varies(t),
            'state': cls._state(t),
            }

    @classmethod
    def _quantity(cls, tables):
        cast = cls.amount.sql_cast
        quantity = tables['stock_move'].internal_quantity
        # A line without product is a difference of price
        return Case(
            (tables['invoice_line'].product == Null, Null),
            (cast(tables['invoice_line'].quantity) < 0, -quantity),
            else_=quantity)

    @classmethod
    def _amount(cls, tables):
        """Return the part of the line that the lot brought.

        The difference of two rounded running totals: the last lot takes the
        cents that are left.
        """
        pool = Pool()
        relation = pool.get('account.invoice.line-stock.move').__table__()
        move = pool.get('stock.move').__table__()
        cast, sold = cls.amount.sql_cast, tables['sold']
        total, weight = cls._total(tables), cls._share(move)

        def until(condition):
            part = Sum(Case((condition, weight), else_=Literal(0)))
            return Round(cast(total * part / Sum(weight)), 2)

        share = relation.join(
            move, condition=relation.stock_move == move.id).select(
            Round(cast(
                    until(relation.id <= sold.id)
                    - until(relation.id < sold.id)), 2),
            where=is_sold(
                tables['invoice_line'], tables['settled'], relation))
        return cast(Case((sold.id == Null, total), else_=share))

    @classmethod
    def _total(cls, tables):
        cast, line = cls.amount.sql_cast, tables['line']
        return cast(line.credit) - cast(line.debit)

    @classmethod
    def _share(cls, move):
        "Return what the move weighs among those of its line"
        return cls.amount.sql_cast(
            Coalesce(NullIf(Abs(move.internal_quantity), 0), 1))

    @classmethod
    def _state(cls, tables):
        invoice = tables['invoice']

        def same(column):
            return column == invoice.id

        return Case(
            (tables['move'].origin.like('account.cut.off,%'), 'cut_off'),
            (cls._unexplained(tables), 'unexplained'),
            (invoice.state == 'cancelled', 'cancelled'),
            (invoice.state == 'paid', Case(
                    (exists(bank_lines(same)) & ~exists(unbanked_lines(same)),
                        'reconciled'),
                    else_='paid')),
            (cls._varies(tables), 'variance'),
            (exists(payment_lines(same)), 'partly_paid'),
            else_='invoiced')

    @classmethod
    def _unexplained(cls, tables):
        "Return the condition of what no lot is behind, cut-offs aside"
        return ((tables['lot'].id == Null)
            & ~Coalesce(tables['move'].origin, '').like('account.cut.off,%'))

    @classmethod
    def _varies(cls, tables):
        "Return the condition of what the buyer settles otherwise"
        pool = Pool()
        settlement = pool.get('recycling.settlement').__table__()
        line = pool.get('recycling.settlement.line').__table__()
        deduction = pool.get('recycling.settlement.deduction').__table__()
        invoiced = pool.get('account.invoice.line').__table__()
        return Exists(line
            .join(settlement, condition=line.settlement == settlement.id)
            .join(invoiced, condition=line.invoice_line == invoiced.id)
            .select(Literal(1), where=(
                    line.invoice_line == Coalesce(
                        tables['settled'].invoice_line,
                        tables['invoice_line'].id))
                & ((line.lot == Null) | (line.lot == tables['lot'].id))
                & settlement.state.in_(['provisional', 'final'])
                & ((line.quantity != line.buyer_quantity)
                    | (line.buyer_price != invoiced.unit_price)
                    | (Coalesce(line.grade, 0)
                        != Coalesce(line.buyer_grade, 0))
                    | Exists(deduction.select(
                            Literal(1), where=deduction.line == line.id)))))

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(
                    Eval('state').in_(['unexplained', 'variance']), 'warning',
                    If(Eval('state') == 'reconciled', 'success',
                        If(Eval('state') == 'cancelled', 'muted', '')))),
            ]


class IncomeContext(ModelView):
    __name__ = 'recycling.income.context'

    income_start_date = fields.Date("From Date")
    income_end_date = fields.Date(
        "To Date",
        domain=[
            If(Eval('income_start_date') & Eval('income_end_date'),
                ('income_end_date', '>=', Eval('income_start_date')),
                ()),
            ])
    income_account = fields.Many2One(
        'account.account', "Account",
        domain=[
            ('resale', '=', True),
            ],
        help="Leave empty for all the accounts of resale.")

    @classmethod
    def default_income_start_date(cls):
        context = Transaction().context
        if 'income_start_date' in context:
            return context['income_start_date']
        return Pool().get('ir.date').today().replace(month=1, day=1)

    @classmethod
    def default_income_end_date(cls):
        return Transaction().context.get('income_end_date')

    @classmethod
    def default_income_account(cls):
        return Transaction().context.get('income_account')
