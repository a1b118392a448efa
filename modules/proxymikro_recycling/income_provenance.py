# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Where the money comes from: one row for each bank line and device."""
from sql import Null, Window
from sql.aggregate import Sum
from sql.conditionals import Case, Coalesce, NullIf
from sql.functions import Round, RowNumber

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool

from .provenance import sold_lines, source_devices, source_lots


class IncomeProvenance(ModelSQL, ModelView):
    __name__ = 'income.provenance'

    date = fields.Date("Date")
    statement_line = fields.Many2One(
        'account.statement.line', "Bank Line",
        help="The line of the bank statement that received the money.")
    amount = Monetary(
        "Amount", currency='currency', digits='currency',
        help="The part of the bank line that comes from there. "
        "The rows of a bank line add up to it.")
    currency = fields.Many2One('currency.currency', "Currency")
    party = fields.Many2One('party.party', "Payer")
    invoice = fields.Many2One('account.invoice', "Invoice")
    invoice_line = fields.Many2One('account.invoice.line', "Invoice Line")
    sale_line = fields.Many2One('sale.line', "Sale Line")
    product = fields.Many2One('product.product', "Product")
    lot = fields.Many2One('stock.lot', "Part")
    device = fields.Many2One('stock.lot', "Device")
    collection = fields.Many2One('stock.shipment.in', "Collection")
    donor = fields.Many2One('party.party', "Donor")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('date', 'DESC'), ('id', 'ASC')]

    def get_rec_name(self, name):
        return self.statement_line.rec_name

    @classmethod
    def _payments(cls):
        """Return the customers' money by bank line and invoice.

        The accounting line of a bank line pays an invoice it is attached to,
        or that it is reconciled with.
        """
        pool = Pool()
        Invoice = pool.get('account.invoice')
        PaymentLine = pool.get('account.invoice-account.move.line')
        MoveLine = pool.get('account.move.line')
        StatementLine = pool.get('account.statement.line')

        def bank_lines():
            line = MoveLine.__table__()
            statement_line = StatementLine.__table__()
            return line, statement_line, line.join(statement_line,
                condition=line.origin.like(StatementLine.__name__ + ',%')
                & (MoveLine.origin.sql_id(line.origin, MoveLine)
                    == statement_line.id))

        line, statement_line, from_item = bank_lines()
        payment = PaymentLine.__table__()
        attached = from_item.join(
            payment, condition=payment.line == line.id).select(
            line.id.as_('line'), statement_line.id.as_('statement_line'),
            payment.invoice.as_('invoice'))
        line, statement_line, from_item = bank_lines()
        due, invoice = MoveLine.__table__(), Invoice.__table__()
        reconciled = (from_item
            .join(due, condition=(due.reconciliation == line.reconciliation)
                & (due.id != line.id))
            .join(invoice, condition=(invoice.move == due.move)
                & (invoice.account == due.account)
                & (invoice.type == 'out'))
            .select(line.id, statement_line.id, invoice.id))
        return attached | reconciled

    @classmethod
    def _received(cls):
        """Return what each bank line received, with the invoices it pays.

        What is given back of a customer's invoice is received in less.
        """
        pool = Pool()
        MoveLine = pool.get('account.move.line')
        StatementLine = pool.get('account.statement.line')
        move = pool.get('account.move').__table__()
        company = pool.get('company.company').__table__()
        invoice = pool.get('account.invoice').__table__()
        line, payments = MoveLine.__table__(), cls._payments()
        statement_line = StatementLine.__table__()
        cast = cls.amount.sql_cast
        return (line
            .join(move, condition=line.move == move.id)
            .join(company, condition=move.company == company.id)
            .join(statement_line,
                condition=line.origin.like(StatementLine.__name__ + ',%')
                & (MoveLine.origin.sql_id(line.origin, MoveLine)
                    == statement_line.id))
            .join(payments, 'LEFT', condition=payments.line == line.id)
            .join(invoice, 'LEFT', condition=invoice.id == payments.invoice)
            .select(
                line.id.as_('line'), statement_line.id.as_('statement_line'),
                statement_line.date.as_('date'),
                statement_line.party.as_('party'),
                (cast(line.credit) - cast(line.debit)).as_('amount'),
                company.currency.as_('currency'),
                payments.invoice.as_('invoice'),
                where=(cast(line.credit) > cast(line.debit))
                | (invoice.type == 'out')))

    @classmethod
    def _devices(cls, sources):
        "Return the part of each device in the lots that come from it"
        devices = source_devices(sources)
        return devices.select(
            devices.root, devices.device, devices.collection,
            (devices.weight / Sum(
                    devices.weight, window=Window([devices.root]))
                ).as_('share'),
            where=devices.weight > 0)

    @classmethod
    def table_query(cls):
        pool = Pool()
        sold = sold_lines()
        roots = sold_lines()
        sources = source_lots(roots.select(
                roots.lot.as_('lot'), where=roots.lot != Null))
        tables = {
            'received': cls._received(),
            'sold': sold,
            'devices': cls._devices(sources),
            'collection': pool.get('stock.shipment.in').__table__(),
            'invoice': pool.get('account.invoice').__table__(),
            }
        t = tables
        query = (t['received']
            .join(sold, 'LEFT',
                condition=sold.invoice == t['received'].invoice)
            .join(t['devices'], 'LEFT',
                condition=t['devices'].root == sold.lot)
            .join(t['collection'], 'LEFT',
                condition=t['devices'].collection == t['collection'].id)
            .join(t['invoice'], 'LEFT',
                condition=t['received'].invoice == t['invoice'].id))
        return query.select(*cls._columns(tables), with_=[sources])

    @classmethod
    def _columns(cls, tables):
        pool = Pool()
        InvoiceLine = pool.get('account.invoice.line')
        t, cast = tables, cls.amount.sql_cast
        received, sold, devices = t['received'], t['sold'], t['devices']
        order = [
            sold.line.asc, sold.move.asc, devices.device.asc]
        weight = cast(
            Coalesce(sold.weight, 1) * cast(Coalesce(devices.share, 1)))
        until = Sum(weight, window=Window([received.line], order_by=order))
        whole = NullIf(Sum(weight, window=Window([received.line])), 0)
        amount = Round(cast(
                Round(cast(received.amount * until / whole), 2)
                - Round(cast(received.amount * (until - weight) / whole), 2)
                ), 2)
        return [
            RowNumber(window=Window(
                    [], order_by=[received.line.asc, *order])).as_('id'),
            received.date.as_('date'),
            received.statement_line.as_('statement_line'),
            cls.amount.sql_cast(amount).as_('amount'),
            received.currency.as_('currency'),
            Coalesce(t['invoice'].party, received.party).as_('party'),
            received.invoice.as_('invoice'),
            sold.line.as_('invoice_line'),
            cls._sale_line(sold.origin, InvoiceLine).as_('sale_line'),
            sold.product.as_('product'),
            sold.lot.as_('lot'),
            devices.device.as_('device'),
            devices.collection.as_('collection'),
            t['collection'].supplier.as_('donor'),
            ]

    @classmethod
    def _sale_line(cls, origin, InvoiceLine):
        return Case(
            (origin.like('sale.line,%'),
                InvoiceLine.origin.sql_id(origin, InvoiceLine)),
            else_=Null)
