# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The contributions in kind of a year, as the annexe shows them."""
import csv
import io
from collections import defaultdict

from sql.aggregate import Count, Min, Sum

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.modules.proxymikro_base.report import (
    FrenchReportMixin, HTMLReportMixin)
from trytond.modules.proxymikro_base.export import protect
from trytond.pool import Pool
from trytond.report import Report
from trytond.transaction import Transaction

from .contribution import ACCOUNTS, KINDS
from .account import find_account

HEADERS = [
    "Exercice", "Nature", "Taux", "Source du taux", "Quantité", "Montant"]


class ContributionTotal(ModelSQL, ModelView):
    __name__ = 'account.contribution.total'

    company = fields.Many2One('company.company', "Company")
    fiscalyear = fields.Many2One('account.fiscalyear', "Fiscal Year")
    kind = fields.Selection(KINDS, "Kind", sort=False)
    kind_string = kind.translated('kind')
    rate = fields.Many2One('account.contribution.rate', "Rate")
    count = fields.Integer("Contributions")
    quantity = fields.Float("Quantity", digits=(None, 2))
    amount = Monetary("Amount", currency='currency', digits='currency')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"), 'get_currency')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('fiscalyear', 'DESC'), ('kind', 'ASC'), ('rate', 'ASC'),
            ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        pool = Pool()
        contribution = pool.get('account.contribution').__table__()
        year = pool.get('account.fiscalyear').__table__()
        return (contribution
            .join(year, condition=(
                    (year.company == contribution.company)
                    & (year.start_date <= contribution.date)
                    & (year.end_date >= contribution.date)))
            .select(
                Min(contribution.id).as_('id'),
                contribution.company.as_('company'),
                year.id.as_('fiscalyear'),
                contribution.kind.as_('kind'),
                contribution.rate.as_('rate'),
                Count(contribution.id).as_('count'),
                Sum(contribution.quantity).as_('quantity'),
                Sum(contribution.amount).as_('amount'),
                where=contribution.state == 'recorded',
                group_by=[
                    contribution.company, year.id, contribution.kind,
                    contribution.rate]))

    @classmethod
    def get_currency(cls, totals, name):
        return {t.id: t.company.currency.id for t in totals}


def get_totals(fiscalyear):
    Total = Pool().get('account.contribution.total')
    return Total.search([('fiscalyear', '=', fiscalyear.id)])


class ContributionTable(FrenchReportMixin, HTMLReportMixin, Report):
    __name__ = 'account.contribution.table'

    @classmethod
    def get_context(cls, records, header, data):
        context = super().get_context(records, header, data)
        context['get_totals'] = get_totals
        context['posted'] = cls.is_posted
        context['get_sides'] = cls.get_sides
        context['get_previous'] = cls.get_previous
        return context

    @classmethod
    def is_posted(cls, fiscalyear):
        Configuration = Pool().get('account.configuration')
        return Configuration(1).get_multivalue(
            'contribution_posted', company=fiscalyear.company.id)

    @classmethod
    def get_previous(cls, fiscalyear):
        FiscalYear = Pool().get('account.fiscalyear')
        years = FiscalYear.search([
                ('company', '=', fiscalyear.company.id),
                ('end_date', '<', fiscalyear.start_date),
                ], order=[('end_date', 'DESC')], limit=1)
        return years[0] if years else None

    @classmethod
    def get_sides(cls, fiscalyear):
        """Return the uses and the origins: for each account its name, the
        amount of the year and of the year before."""
        years = [fiscalyear, cls.get_previous(fiscalyear)]
        sides = []
        for side in range(2):
            amounts = defaultdict(lambda: [0, 0])
            for i, year in enumerate(years):
                for total in get_totals(year) if year else []:
                    account = find_account(
                        total.company, ACCOUNTS[total.kind][side])
                    amounts[account][i] += total.amount
            sides.append(sorted(
                    (account.code, account.name, *values)
                    for account, values in amounts.items()))
        return sides


class ContributionCSV(Report):
    __name__ = 'account.contribution.csv'

    @classmethod
    def _execute(cls, records, header, data, action):
        output = io.StringIO(newline='')
        writer = csv.writer(output, delimiter=';')
        writer.writerow(HEADERS)
        with Transaction().set_context(language='fr'):
            for record in cls._get_records(
                    [r.id for r in records], 'account.fiscalyear', data):
                for total in get_totals(record):
                    writer.writerow(cls.get_row(total))
        return 'csv', '\ufeff' + output.getvalue()

    @classmethod
    def get_row(cls, total):
        rate = total.rate
        return [
            protect(total.fiscalyear.name or ""),
            protect(total.kind_string or ""),
            cls.number(rate.amount) if rate else "",
            protect(rate.source or "") if rate else "",
            cls.number(total.quantity), cls.number(total.amount)]

    @staticmethod
    def number(value):
        return f'{value:.2f}'.replace('.', ',') if value is not None else ""
