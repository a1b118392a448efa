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
    def table_query(cls):
        pool = Pool()
        Move = pool.get('stock.move')
        company = Transaction().context.get('company', -1)
        date = get_date()
        Shipment = pool.get('stock.shipment.out')
        move, shipment = Move.__table__(), Shipment.__table__()
        lot = pool.get('stock.lot').__table__()
        location = pool.get('stock.location').__table__()
        product = pool.get('product.product').__table__()
        template = pool.get('product.template').__table__()
        sale_line = pool.get('sale.line').__table__()
        sale = pool.get('sale.sale').__table__()
        cast = cls.amount.sql_cast
        amount = Round(cast(cast(move.quantity)
                * cast(Coalesce(move.unit_price, 0))), 2)
        return (move
            .join(lot, condition=move.lot == lot.id)
            .join(location, condition=(move.to_location == location.id)
                & (location.type == 'customer'))
            .join(product, condition=move.product == product.id)
            .join(template, condition=product.template == template.id)
            .join(sale_line, 'LEFT',
                condition=move.origin.like('sale.line,%')
                & (sale_line.id == Move.origin.sql_id(move.origin, Move)))
            .join(sale, 'LEFT', condition=sale_line.sale == sale.id)
            .join(shipment, 'LEFT',
                condition=move.shipment.like(Shipment.__name__ + ',%')
                & (shipment.id == Move.shipment.sql_id(move.shipment, Move)))
            .select(
                move.id, move.effective_date.as_('date'),
                move.id.as_('move'), move.shipment, sale.id.as_('sale'),
                sale_line.id.as_('sale_line'),
                Coalesce(
                    sale.invoice_party, sale.party,
                    shipment.customer).as_('party'),
                lot.id.as_('lot'), product.id.as_('product'),
                template.component_kind.as_('kind'), move.quantity, move.unit,
                cast(amount).as_('amount'), move.currency,
                where=(move.company == company) & (move.state == 'done')
                & ((template.component_kind != Null)
                    | (template.device == Literal(True)))
                & (move.effective_date <= date)
                # What came back is no longer sold
                & (Coalesce(lot.current_move, move.id) == move.id)
                & ~Exists(cls._invoiced(move, date))))

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
