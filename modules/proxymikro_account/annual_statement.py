# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The balance sheet and the income statement of an association."""
from trytond.model import ModelView, fields
from trytond.modules.proxymikro_base.spreadsheet import (
    SpreadsheetReportMixin, Table)
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.report import Report
from trytond.transaction import Transaction
from trytond.wizard import Button, StateReport, StateView, Wizard

from .annual_statement_figure import (
    Chart, Figures, count_drafts, get_rows, previous_fiscalyear)
from .annual_statement_layout import Layout

FORMATS = [
    ('pdf', "PDF"),
    ('ods', "Spreadsheet (ODS)"),
    ('csv', "CSV"),
    ]


class AnnualStatement(SpreadsheetReportMixin, Report):
    __name__ = 'account.annual.statement'

    @classmethod
    def get_context(cls, records, header, data):
        context = super().get_context(records, header, data)
        fiscalyear, = records
        context['fiscalyear'] = fiscalyear
        context['statements'] = cls.get_statements(fiscalyear)
        context['drafts'] = count_drafts(fiscalyear)
        return context

    @classmethod
    def get_tables(cls, records, data):
        fiscalyear, = records
        return [
            table._replace(rows=[[r.label, *r.amounts] for r in table.rows])
            for table in cls.get_statements(fiscalyear)]

    @classmethod
    def get_statements(cls, fiscalyear):
        FiscalYear = Pool().get('account.fiscalyear')
        fiscalyear = FiscalYear(fiscalyear.id)
        previous = previous_fiscalyear(fiscalyear)
        chart = Chart(fiscalyear.company)
        rows = get_rows(fiscalyear.company, fiscalyear.end_date)
        layout = Layout(
            chart, Figures(chart, rows, fiscalyear),
            Figures(chart, rows, previous) if previous else None)
        years = [fiscalyear.name, previous.name if previous else "N-1"]
        return [
            Table(
                "Bilan actif", [
                    "Actif", "Brut", "Amortissements et dépréciations",
                    *(f"Net {year}" for year in years)],
                layout.assets()),
            Table(
                "Bilan passif", ["Passif", *years], layout.liabilities()),
            Table(
                "Compte de résultat", ["Compte de résultat", *years],
                layout.income()),
            Table(
                "Contributions volontaires en nature", [
                    "Contributions volontaires en nature", *years],
                layout.in_kind()),
            ]


class AnnualStatementStart(ModelView):
    __name__ = 'account.annual.statement.print.start'

    company = fields.Many2One('company.company', "Company", required=True)
    fiscalyear = fields.Many2One(
        'account.fiscalyear', "Fiscal Year", required=True,
        domain=[('company', '=', Eval('company', -1))])
    format = fields.Selection(
        FORMATS, "Format", required=True, sort=False,
        help="A spreadsheet keeps the amounts as numbers.")

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_fiscalyear(cls):
        "Return the last fiscal year which is over, or the first one"
        pool = Pool()
        FiscalYear = pool.get('account.fiscalyear')
        today = pool.get('ir.date').today()
        company = ('company', '=', cls.default_company())
        fiscalyears = (
            FiscalYear.search(
                [company, ('end_date', '<', today)],
                order=[('end_date', 'DESC')], limit=1)
            or FiscalYear.search(
                [company], order=[('end_date', 'ASC')], limit=1))
        return fiscalyears[0].id if fiscalyears else None

    @classmethod
    def default_format(cls):
        return 'pdf'


class PrintAnnualStatement(Wizard):
    __name__ = 'account.annual.statement.print'

    start = StateView(
        'account.annual.statement.print.start',
        'proxymikro_account.annual_statement_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Print", 'print_', 'tryton-print', default=True),
            ])
    print_ = StateReport('account.annual.statement')

    def do_print_(self, action):
        fiscalyear = self.start.fiscalyear
        return action, {
            'id': fiscalyear.id,
            'ids': [fiscalyear.id],
            'model': fiscalyear.__name__,
            'format': self.start.format,
            }
