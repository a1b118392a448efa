# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the association declares each year of its tax receipts."""
from sql import Literal
from sql.aggregate import Count, Sum

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool


class TaxReceiptTotal(ModelSQL, ModelView):
    __name__ = 'account.tax.receipt.total'

    company = fields.Many2One('company.company', "Company")
    fiscalyear = fields.Many2One('account.fiscalyear', "Fiscal Year")
    form = fields.Many2One('account.tax.receipt.form', "Form")
    receipts = fields.Integer("Receipts")
    amount = Monetary("Amount", currency='currency', digits='currency')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"), 'get_currency')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('fiscalyear', 'DESC'), ('form', 'ASC'), ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        """Return what is declared each year (CGI art. 222 bis): the receipts
        in force and the gifts of the fiscal year they mention."""
        pool = Pool()
        receipt = pool.get('account.tax.receipt').__table__()
        line = pool.get('account.tax.receipt.line').__table__()
        year = pool.get('account.fiscalyear').__table__()
        return (line
            .join(receipt, condition=line.receipt == receipt.id)
            .join(year, condition=(
                    (year.company == receipt.company)
                    & (year.start_date <= line.date)
                    & (year.end_date >= line.date)))
            .select(
                (year.id * Literal(1000) + receipt.form).as_('id'),
                receipt.company.as_('company'),
                year.id.as_('fiscalyear'),
                receipt.form.as_('form'),
                Count(receipt.id, distinct=True).as_('receipts'),
                Sum(line.amount).as_('amount'),
                where=receipt.state == 'issued',
                group_by=[receipt.company, year.id, receipt.form]))

    @classmethod
    def get_currency(cls, totals, name):
        return {t.id: t.company.currency.id for t in totals}
