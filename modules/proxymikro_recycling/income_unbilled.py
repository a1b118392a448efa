# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The lots that left for a buyer and that no posted invoice says so on a day.

The books know nothing of them, so they are beside the income and not in it.
"""
from sql import Literal, Null
from sql.conditionals import Coalesce
from sql.functions import Round
from sql.operators import Exists

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.transaction import Transaction

from .income_query import get_date
from .product import COMPONENT_KINDS
from .provenance import in_shipment


class IncomeUnbilled(ModelSQL, ModelView):
    __name__ = 'recycling.income.unbilled'

    date = fields.Date("Shipped on")
    move = fields.Many2One('stock.move', "Move")
    shipment = fields.Reference("Shipment", 'get_shipments')
    sale = fields.Many2One('sale.sale', "Sale")
    sale_line = fields.Many2One('sale.line', "Sale Line")
    party = fields.Many2One('party.party', "Buyer")
    lot = fields.Many2One('stock.lot', "Lot")
    product = fields.Many2One('product.product', "Product")
    kind = fields.Selection(COMPONENT_KINDS, "Kind of Part", sort=False)
    quantity = fields.Float("Quantity", digits='unit')
    unit = fields.Many2One('product.uom', "Unit")
    amount = Monetary(
        "Expected Amount", currency='currency', digits='currency',
        help="By the price agreed with the buyer.")
    currency = fields.Many2One('currency.currency', "Currency")
    account = fields.Function(
        fields.Many2One(
            'account.account', "Account",
            help="The account of income that the invoice will use."),
        'get_account')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('date', 'ASC'), ('id', 'ASC')]

    @classmethod
    def get_shipments(cls):
        return Pool().get('stock.move').get_shipment()

    @classmethod
    def get_account(cls, rows, name):
        Product = Pool().get('product.product')
        with Transaction().set_context(
                company=Transaction().context.get('company', -1)):
            products = Product.browse({r.product.id for r in rows})
            accounts = {
                p.id: getattr(p.account_revenue_used, 'id', None)
                for p in products}
        return {r.id: accounts[r.product.id] for r in rows}

    def get_rec_name(self, name):
        return self.lot.rec_name

    @classmethod
    def _tables(cls):
        pool = Pool()
        return {
            n: pool.get(m).__table__() for n, m in [
                ('move', 'stock.move'),
                ('lot', 'stock.lot'),
                ('location', 'stock.location'),
                ('product', 'product.product'),
                ('template', 'product.template'),
                ('sale_line', 'sale.line'),
                ('sale', 'sale.sale'),
                ('shipment', 'stock.shipment.out'),
                ('waste', 'stock.shipment.waste'),
                ]}

    @classmethod
    def _from(cls, tables):
        "Return the join of what went to a buyer with what says to whom"
        t = tables
        Move = Pool().get('stock.move')
        move = t['move']
        return (move
            .join(t['lot'], condition=move.lot == t['lot'].id)
            .join(t['location'],
                condition=(move.to_location == t['location'].id)
                & (t['location'].type == 'customer'))
            .join(t['product'], condition=move.product == t['product'].id)
            .join(t['template'],
                condition=t['product'].template == t['template'].id)
            .join(t['sale_line'], 'LEFT',
                condition=move.origin.like('sale.line,%')
                & (t['sale_line'].id == Move.origin.sql_id(
                        move.origin, Move)))
            .join(t['sale'], 'LEFT',
                condition=t['sale_line'].sale == t['sale'].id)
            .join(t['shipment'], 'LEFT', condition=in_shipment(
                    move, t['shipment'], 'stock.shipment.out'))
            .join(t['waste'], 'LEFT', condition=in_shipment(
                    move, t['waste'], 'stock.shipment.waste')))

    @classmethod
    def table_query(cls):
        company = Transaction().context.get('company', -1)
        date = get_date()
        t = cls._tables()
        move, lot, sale = t['move'], t['lot'], t['sale']
        sale_line, shipment = t['sale_line'], t['shipment']
        product, template = t['product'], t['template']
        cast = cls.amount.sql_cast
        amount = Round(cast(cast(move.quantity)
                * cast(Coalesce(move.unit_price, 0))), 2)
        return cls._from(t).select(
            move.id, move.effective_date.as_('date'),
            move.id.as_('move'), move.shipment, sale.id.as_('sale'),
            sale_line.id.as_('sale_line'),
            Coalesce(
                sale.invoice_party, sale.party, shipment.customer,
                t['waste'].party).as_('party'),
            lot.id.as_('lot'), product.id.as_('product'),
            template.component_kind.as_('kind'), move.quantity, move.unit,
            cast(amount).as_('amount'), move.currency,
            where=(move.company == company) & (move.state == 'done')
            & ((template.component_kind != Null)
                | (template.device == Literal(True)))
            & (move.effective_date <= date)
            # What came back is no longer sold
            & (Coalesce(lot.current_move, move.id) == move.id)
            & (Coalesce(t['waste'].state, '') != 'refused')
            & ~Exists(cls._invoiced(move, date)))

    @classmethod
    def _invoiced(cls, move, date):
        "Return the query of what invoices the move on the day"
        pool = Pool()
        relation = pool.get('account.invoice.line-stock.move').__table__()
        line = pool.get('account.invoice.line').__table__()
        invoice = pool.get('account.invoice').__table__()
        entry = pool.get('account.move').__table__()
        return (relation
            .join(line, condition=relation.invoice_line == line.id)
            .join(invoice, condition=line.invoice == invoice.id)
            .join(entry, condition=invoice.move == entry.id)
            .select(
                Literal(1),
                where=(relation.stock_move == move.id)
                & (entry.state == 'posted') & (entry.date <= date)
                & invoice.state.in_(['posted', 'paid'])))


class IncomeDateContext(ModelView):
    __name__ = 'recycling.income.date.context'

    income_date = fields.Date(
        "On", help="Leave empty for today.")

    @classmethod
    def default_income_date(cls):
        return Transaction().context.get('income_date')
