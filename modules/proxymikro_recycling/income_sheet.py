# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The reconciliation sheet: what the bookkeeper shows for a sale or a period."""
from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.proxymikro_account.annual_statement import FORMATS
from trytond.modules.proxymikro_base.report import FrenchReportMixin
from trytond.modules.proxymikro_base.spreadsheet import (
    SpreadsheetReportMixin, Table, csv_cell)
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.report import Report
from trytond.transaction import Transaction
from trytond.wizard import Button, StateReport, StateView, Wizard

from .exceptions import IncomeSheetSizeError

# More rows than these are for a spreadsheet: nobody reads so many pages
MAX_PDF = 2_000
SLICE = 500
# After how many days what is due is older
TERMS = [0, 30, 60, 90]
HEADER = [
    "Date", "Écriture", "Compte", "Facture", "Acheteur", "Vente", "Lot",
    "N° de série", "Type de pièce", "Catégorie", "Démontage", "Appareils",
    "Donateurs", "Régimes de don", "Droit de revente", "Quantité", "Unité",
    "Poids (kg)", "Prix facturé", "Prix du barème", "Montant", "État",
    "Décompte", "Pesée acheteur (kg)", "Catégorie acheteur", "Prix payé",
    "Retenues", "Motifs des retenues", "Bordereaux de déchets", "Payé le",
    "Lignes de banque", "Mention de TVA"]


class Row(NamedTuple):
    "What the sheet says of a lot sold"
    income: object
    dismantlings: str
    devices: str
    donors: str
    regimes: str
    right: str
    settled: list

    @property
    def buyer_weight(self):
        weights = [l.get_kg(l.buyer_quantity) for l in self.settled]
        return sum(weights) if weights and None not in weights else None

    @property
    def buyer_grades(self):
        return ', '.join(dict.fromkeys(
                l.buyer_grade.code for l in self.settled if l.buyer_grade))

    @property
    def buyer_price(self):
        "The price, or the prices if the buyer sorted the lot"
        prices = list(dict.fromkeys(l.buyer_price for l in self.settled))
        if len(prices) > 1:
            return ' ; '.join(csv_cell(p) for p in prices)
        return prices[0] if prices else None

    @property
    def deductions(self):
        return [d for l in self.settled for d in l.deductions]

    @property
    def deducted(self):
        return sum(d.amount for d in self.deductions) or None

    @property
    def deduction_reasons(self):
        return ', '.join(dict.fromkeys(
                d.reason or d.kind_string for d in self.deductions))


class Document(NamedTuple):
    "An invoice, or an entry without any, with its lots and its payments"
    income: object
    rows: list
    payments: list
    notices: list
    due: Decimal
    late: int

    @property
    def invoice(self):
        return self.income.invoice

    @property
    def amount(self):
        return sum(r.income.amount for r in self.rows)


class IncomeSheet(FrenchReportMixin, SpreadsheetReportMixin, Report):
    "The income from resale with all that explains it"
    __name__ = 'recycling.income.sheet'

    @classmethod
    def execute(cls, ids, data):
        with Transaction().set_context(cls._get_filter(data)):
            *result, _ = super().execute(ids, data)
        return *result, "Fiche de rapprochement"

    @classmethod
    def _get_filter(cls, data):
        return {k: v for k, v in data.items() if k.startswith('income_')}

    @classmethod
    def _get_records(cls, ids, model, data):
        "Return the rows of the selection, or those of the period"
        Income = Pool().get('recycling.income')
        if ids and model == Income.__name__:
            domain = [('id', 'in', ids)]
        else:
            domain = []
        order = [('date', 'ASC'), ('move', 'ASC'), ('id', 'ASC')]
        count = Income.search(domain, count=True)
        if data.get('format', 'pdf') == 'pdf' and count > MAX_PDF:
            raise IncomeSheetSizeError(gettext(
                    'proxymikro_recycling.msg_income_sheet_size',
                    rows=count, limit=MAX_PDF))
        return Income.browse([r.id for r in Income.search(
                    domain, order=order)])

    @classmethod
    def get_context(cls, records, header, data):
        context = super().get_context(records, header, data)
        filter_ = cls._get_filter(data)
        documents = cls.get_documents(records)
        context['documents'] = documents
        context['start_date'] = filter_.get('income_start_date')
        context['end_date'] = filter_.get('income_end_date')
        context['selection'] = not filter_
        context['totals'] = cls.get_totals(records, filter_)
        context['ages'] = cls.get_ages(documents)
        context['thresholds'] = cls.get_thresholds(
            filter_.get('income_end_date') or context['today'])
        return context

    @classmethod
    def get_rows(cls, incomes):
        "Yield the rows with the names of what is behind, by slices"
        Lot = Pool().get('stock.lot')
        told = set()
        for i in range(0, len(incomes), SLICE):
            part = incomes[i:i + SLICE]
            rights = Lot.get_resale_right(
                Lot.browse({r.lot.id for r in part if r.lot}), None)
            strings = Lot.resale_right.get_selection(
                Lot, 'resale_right', None)
            for income in part:
                # What is settled for several lots is told once
                settled = [
                    l for l in income.settlement_lines if l.id not in told]
                told.update(l.id for l in settled)
                yield Row(
                    income,
                    ', '.join(p.rec_name for p in income.dismantlings),
                    income.device_names, income.donor_names,
                    ', '.join(r.rec_name for r in income.regimes),
                    strings[rights[income.lot.id]] if income.lot else '',
                    settled)

    @classmethod
    def get_documents(cls, incomes):
        "Return the invoices and the entries, with their lots and payments"
        def key(row):
            return row.income.invoice or row.income.move

        rows = defaultdict(list)
        for row in cls.get_rows(incomes):
            rows[key(row)].append(row)
        today = Pool().get('ir.date').today()
        return [
            cls.get_document(document, list(rows), today)
            for document, rows in rows.items()]

    @classmethod
    def get_document(cls, document, rows, today):
        InvoiceReport = Pool().get('account.invoice', type='report')
        income = rows[0].income
        notices, due, late = [], Decimal(0), 0
        if invoice := income.invoice:
            notices = InvoiceReport.get_notices(invoice)
            if invoice.state == 'posted':
                due = invoice.amount_to_pay
                dates = [l.maturity_date for l in invoice.lines_to_pay
                    if l.maturity_date and not l.reconciliation]
                late = max(
                    (today - min(dates, default=today)).days, 0)
        return Document(
            income, rows, list(income.payments), notices, due, late)

    @classmethod
    def get_totals(cls, incomes, filter_):
        """Return for each account what the sheet and the books say.

        The books say nothing of a selection.
        """
        Total = Pool().get('recycling.income.total')
        amounts = defaultdict(Decimal)
        for income in incomes:
            amounts[income.account] += income.amount
        ledger = defaultdict(Decimal)
        if filter_:
            for total in Total.search([]):
                ledger[total.account] += total.ledger
        return [
            (account, amounts[account],
                ledger[account] if filter_ else None)
            for account in sorted(
                {*amounts, *ledger}, key=lambda a: a.code or '')]

    @classmethod
    def get_ages(cls, documents):
        "Return what is not paid by how long it has been due"
        labels = [
            "Non échu",
            *(f"{start + 1} à {end} jours"
                for start, end in zip(TERMS, TERMS[1:])),
            f"Plus de {TERMS[-1]} jours"]
        ages = [Decimal(0)] * len(labels)
        for document in documents:
            ages[sum(document.late > term for term in TERMS)] += document.due
        return list(zip(labels, ages))

    @classmethod
    def get_thresholds(cls, date):
        "Return the thresholds in force that count an account of resale"
        pool = Pool()
        Account = pool.get('account.account')
        Threshold = pool.get('account.threshold')
        codes = dict.fromkeys((
                a.code for a in Account.search([('resale', '=', True)])
                if a.code), 1)
        with Transaction().set_context(date=date):
            return [
                t for t in Threshold.search(Threshold.valid_domain(date))
                if t.count(codes)]

    @classmethod
    def get_tables(cls, records, data):
        rows = []
        for document in cls.get_documents(records):
            paid = max(
                (l.date for l in document.payments), default=None)
            notices = ' '.join(document.notices)
            for row in document.rows:
                rows.append(cls.get_cells(row, paid, notices))
        return [Table("Produits de revente", HEADER, rows)]

    @classmethod
    def get_cells(cls, row, paid, notices):
        income, lot = row.income, row.income.lot

        def name(record, field='rec_name'):
            return getattr(record, field) if record else None

        return [
            income.date, income.move.number or income.move.rec_name,
            income.account.code, name(income.invoice, 'number'),
            name(income.party), name(income.sale, 'number'),
            name(lot, 'number'), name(lot, 'serial_number'),
            income.kind_string if income.kind else None, name(income.grade),
            row.dismantlings, row.devices, row.donors, row.regimes,
            row.right, income.quantity, name(income.unit, 'symbol'),
            income.weight and round(income.weight, 3),
            income.unit_price, income.list_price,
            income.currency.round(income.amount), income.state_string,
            name(income.settlement), row.buyer_weight, row.buyer_grades,
            row.buyer_price, row.deducted, row.deduction_reasons,
            income.slip_numbers, paid,
            ', '.join(
                f'{l.statement.rec_name} {l.date:%d/%m/%Y}'
                for l in income.statement_lines), notices]


class PrintIncomeStart(ModelView):
    __name__ = 'recycling.income.print.start'

    income_start_date = fields.Date("From Date", required=True)
    income_end_date = fields.Date(
        "To Date", required=True,
        domain=[('income_end_date', '>=', Eval('income_start_date', None))])
    income_account = fields.Many2One(
        'account.account', "Account",
        domain=[
            ('resale', '=', True),
            ],
        help="Leave empty for all the accounts of resale.")
    format = fields.Selection(FORMATS, "Format", required=True, sort=False)

    @classmethod
    def default_income_start_date(cls):
        return Pool().get('ir.date').today().replace(month=1, day=1)

    @classmethod
    def default_income_end_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_format(cls):
        return 'pdf'


class PrintIncome(Wizard):
    __name__ = 'recycling.income.print'

    start = StateView(
        'recycling.income.print.start',
        'proxymikro_recycling.income_print_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Print", 'print_', 'tryton-print', default=True),
            ])
    print_ = StateReport('recycling.income.sheet')

    def do_print_(self, action):
        start = self.start
        return action, {
            'income_start_date': start.income_start_date,
            'income_end_date': start.income_end_date,
            'income_account': (
                start.income_account.id if start.income_account else None),
            'format': start.format,
            }
