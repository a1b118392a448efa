# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The mass balance on paper and in a spreadsheet."""
from trytond.model import fields
from trytond.modules.proxymikro_base.report import FrenchReportMixin
from trytond.modules.proxymikro_base.spreadsheet import (
    SpreadsheetReportMixin, Table)
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.report import Report
from trytond.transaction import Transaction
from trytond.wizard import Button, StateReport, StateView, Wizard

from .mass_balance_by import MassBalanceContext

# The columns of the spreadsheet, which are all those of the balance
COLUMNS = {
    'opening': "Stock au début",
    'incoming': "Entré",
    'in_scale': "dont pesé en bloc",
    'in_devices': "dont pesé par appareil",
    'in_estimated': "dont estimé",
    'outgoing': "Sorti",
    'sold_devices': "dont appareils vendus",
    'sold_parts': "dont pièces vendues",
    'sold_materials': "dont matières vendues",
    'prepared': "dont préparé à la réutilisation",
    'recycled': "dont recyclé",
    'recovered': "dont valorisé autrement",
    'disposed': "dont éliminé",
    'treated': "dont traitement à connaître",
    'loss': "dont perte déclarée",
    'lost': "dont perdu ou volé",
    'returned': "dont rendu au donateur",
    'untraced': "dont non suivi",
    'stock': "Stock à la fin",
    'reception': "dont en réception",
    'workshop': "dont à l'atelier",
    'ready': "dont prêt à prêter",
    'lent': "dont prêté",
    'parts': "dont pièces",
    'scrap': "dont rebut",
    'other': "dont ailleurs",
    'gap': "Écart",
    'gap_rate': "Écart (part)",
    'placed': "Réemployé (kg)",
    'base': "Base des taux (kg)",
    'reuse_rate': "Taux de réemploi",
    'recycling_rate': "Taux de recyclage",
    'recovery_rate': "Taux d'autre valorisation",
    'disposal_rate': "Taux d'élimination",
    'received': "Appareils reçus",
    'placed_number': "Appareils réemployés",
    'loan_years': "Années de prêt",
    }
BY = {
    'year': ('recycling.mass.balance.year', "Année"),
    'collection': ('recycling.mass.balance', "Collecte"),
    'donor': ('recycling.mass.balance.donor', "Donateur"),
    'kind': ('recycling.mass.balance.kind', "Type"),
    }


class PrintMassBalanceStart(MassBalanceContext):
    __name__ = 'recycling.mass.balance.print.start'

    company = fields.Many2One('company.company', "Company", required=True)
    by = fields.Selection([
            ('collection', "Collection"),
            ('donor', "Donor"),
            ('kind', "Kind of Device"),
            ('year', "Year"),
            ], "By", required=True, sort=False,
        help="What makes a line of the table. "
        "By year the period is each of them.")
    format = fields.Selection([
            ('pdf', "PDF"),
            ('ods', "Spreadsheet (ODS)"),
            ('csv', "CSV"),
            ], "Format", required=True, sort=False)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.balance_donors.context = {'company': Eval('company', -1)}
        cls.balance_donors.depends = {'company'}

    @classmethod
    def default_start_date(cls):
        return Pool().get('ir.date').today().replace(month=1, day=1)

    @classmethod
    def default_end_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_by(cls):
        return 'donor'

    @classmethod
    def default_format(cls):
        return 'pdf'


class PrintMassBalance(Wizard):
    __name__ = 'recycling.mass.balance.print'

    start = StateView(
        'recycling.mass.balance.print.start',
        'proxymikro_recycling.mass_balance_print_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Print", 'print_', 'tryton-print', default=True),
            ])
    print_ = StateReport('recycling.mass.balance')

    def do_print_(self, action):
        start = self.start
        return action, {
            'model': 'company.company',
            'id': start.company.id,
            'ids': [start.company.id],
            'by': start.by,
            'format': start.format,
            'start_date': start.start_date,
            'end_date': start.end_date,
            'balance_donors': [d.id for d in start.balance_donors],
            'balance_collections': [c.id for c in start.balance_collections],
            }


class MassBalanceReport(
        FrenchReportMixin, SpreadsheetReportMixin, Report):
    __name__ = 'recycling.mass.balance'

    @classmethod
    def get_rows(cls, by, data):
        "Return the lines of the balance, for the period of the data"
        Balance = Pool().get(BY[by][0])
        names = [
            'start_date', 'end_date', 'balance_donors', 'balance_collections']
        with Transaction().set_context(
                company=data['id'], **{n: data.get(n) for n in names}):
            return Balance.search([])

    @classmethod
    def get_total(cls, data):
        "Return the sums of the period"
        rows = cls.get_rows('kind', data)
        total = {
            name: sum(getattr(r, name) for r in rows) for name in COLUMNS
            if not name.endswith('_rate')}
        rates = {
            'reuse_rate': ['placed', 'sold_parts', 'prepared'],
            'recycling_rate': ['recycled', 'sold_materials'],
            'recovery_rate': ['recovered'],
            'disposal_rate': ['disposed'],
            }
        for rate, names in rates.items():
            total[rate] = (
                sum(total[n] for n in names) / total['base']
                if total['base'] else None)
        whole = total['opening'] + total['incoming']
        total['gap_rate'] = total['gap'] / whole if whole else None
        return total

    @classmethod
    def get_context(cls, records, header, data):
        Balance = Pool().get('recycling.mass.balance')
        context = super().get_context(records, header, data)
        by = data['by']
        context['by'], context['label'] = by, BY[by][1]
        context['rows'] = cls.get_rows(by, data)
        context['total'] = cls.get_total(data)
        context['tolerance'] = Balance.get_tolerance()
        context['start_date'] = data.get('start_date')
        context['end_date'] = data.get('end_date') or context['today']
        context['get_name'] = cls.get_name
        context['kg'] = cls.format_kg
        context['percent'] = cls.format_percent
        return context

    @classmethod
    def get_name(cls, row):
        return row.rec_name or "Sans collecte"

    @classmethod
    def format_kg(cls, value, digits=1):
        "Return the kg to the hundred grams, as scales read them"
        Lang = Pool().get('ir.lang')
        return Lang.get().format_number(
            round(value or 0, digits) + 0., digits=digits)

    @classmethod
    def format_percent(cls, value, digits=1):
        Lang = Pool().get('ir.lang')
        if value is None:
            return '–'
        text = Lang.get().format_number(
            round(value * 100, digits) + 0., digits=digits)
        return f'{text}\u00a0%'

    @classmethod
    def get_tables(cls, records, data):
        by = data['by']
        return [Table("Bilan matière", [BY[by][1], *COLUMNS.values()], [
                    [cls.get_name(row), *(getattr(row, n) for n in COLUMNS)]
                    for row in cls.get_rows(by, data)])]
