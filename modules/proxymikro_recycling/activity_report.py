# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The report of the activity of a year, for the assembly and the funders."""
import datetime as dt
from collections import defaultdict
from statistics import median

from sql import Literal, Null
from sql.aggregate import Count, Sum
from sql.conditionals import Case

from trytond.model import ModelView, fields
from trytond.modules.proxymikro_base.report import (
    FrenchReportMixin, HTMLReportMixin)
from trytond.modules.proxymikro_stock.component import erased_clause
from trytond.pool import Pool
from trytond.report import Report
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import Button, StateReport, StateView, Wizard

from .impact_method import format_significant, get_method
from .mass_balance_print import MassBalanceReport
from .mass_entry import of_company
from .provenance import sold_lines

# The stages of the park, as the report names them
PARK = {
    'lent': "Prêtés",
    'ready': "Disponibles",
    'workshop': "À l'atelier",
    'reception': "En réception",
    'parts': "Au magasin de pièces",
    'scrap': "Au rebut",
    }


class ActivityReportStart(ModelView):
    __name__ = 'impact.activity.start'

    company = fields.Many2One('company.company', "Company", required=True)
    year = fields.Integer(
        "Year", required=True,
        domain=[('year', '>=', 1990), ('year', '<=', 2200)],
        help="The civil year to report.")

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_year(cls):
        return Pool().get('ir.date').today().year


class PrintActivityReport(Wizard):
    __name__ = 'impact.activity.print'

    start = StateView(
        'impact.activity.start',
        'proxymikro_recycling.activity_report_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Print", 'print_', 'tryton-print', default=True),
            ])
    print_ = StateReport('impact.activity')

    def do_print_(self, action):
        company = self.start.company
        return action, {
            'model': company.__name__, 'id': company.id, 'ids': [company.id],
            'year': self.start.year,
            }


class ActivityReport(FrenchReportMixin, HTMLReportMixin, Report):
    __name__ = 'impact.activity'

    @classmethod
    def get_context(cls, records, header, data):
        context = super().get_context(records, header, data)
        context['kg'] = MassBalanceReport.format_kg
        context['percent'] = MassBalanceReport.format_percent
        context['significant'] = format_significant
        context['get_figures'] = lambda company: cls.get_figures(
            company, data['year'])
        return context

    @classmethod
    @without_check_access
    def get_figures(cls, company, year):
        "Return what the report says, by the name of its parts"
        today = Pool().get('ir.date').today()
        start, end = dt.date(year, 1, 1), dt.date(year, 12, 31)
        end = max(start, min(end, today))
        period = {'start_date': start, 'end_date': end}
        with Transaction().set_context(company=company.id, **period):
            return {
                **period,
                'total': MassBalanceReport.get_total({
                        'id': company.id, **period}),
                'regimes': cls._get_regimes(),
                'kinds': cls._get_kinds(),
                'park': cls._get_park(end),
                'ages': cls._get_ages(end),
                'lost': cls._get_lost(start, end),
                'impact': cls._get_impact(),
                'year': cls._get_year(year),
                'method': get_method(end),
                'drives': cls._get_drives(start, end),
                'sales': cls._get_sales(start, end),
                'volunteering': cls._get_volunteering(company, start, end),
                'hours': [],
                'pupils': None,
                'support': None,
                }

    @classmethod
    def _get_regimes(cls):
        "Return by gift regime the collections, the devices and the kg"
        Balance = Pool().get('recycling.mass.balance')
        regimes = defaultdict(lambda: [0, 0, 0])
        for row in Balance.search([('incoming', '>', 0)]):
            name = row.collection.gift_regime.name if row.collection else "–"
            for i, value in enumerate([1, row.received, row.incoming]):
                regimes[name][i] += value
        return sorted(
            ((n, *v) for n, v in regimes.items()), key=lambda r: -r[3])

    @classmethod
    def _get_kinds(cls):
        Balance = Pool().get('recycling.mass.balance.kind')
        return Balance.search([])

    @classmethod
    def _get_park(cls, date):
        "Return how many devices were in each stage at the end of the day"
        Place = Pool().get('device.place')
        with Transaction().set_context(device_date=date):
            place = Place.__table__()
            cursor = Transaction().connection.cursor()
            cursor.execute(*place.select(
                    place.stage, Count(place.id), group_by=[place.stage]))
            counts = dict(cursor)
        park = [(label, counts.pop(stage, 0))
            for stage, label in PARK.items()]
        counts.pop('deposit', None)
        return [*park, ("Ailleurs", sum(counts.values()))]

    @classmethod
    def _get_ages(cls, date):
        "Return the median of the years since the devices were collected"
        pool = Pool()
        Place = pool.get('device.place')
        lot = pool.get('stock.lot').__table__()
        collection = pool.get('stock.shipment.in').__table__()
        with Transaction().set_context(device_date=date):
            place = Place.__table__()
            cursor = Transaction().connection.cursor()
            cursor.execute(*place
                .join(lot, condition=place.lot == lot.id)
                .join(collection, condition=lot.collection == collection.id)
                .select(
                    collection.effective_date, Count(lot.id),
                    where=collection.effective_date != Null,
                    group_by=[collection.effective_date]))
            ages = [
                (date - day).days / 365.25
                for day, count in cursor for _ in range(count)]
        return median(ages) if ages else None

    @classmethod
    def _get_lost(cls, start, end):
        Line = Pool().get('stock.loan.line')
        return Line.search([
                ('lost_on', '>=', start), ('lost_on', '<=', end),
                ('loan.company', '=', Transaction().context['company']),
                ], count=True)

    @classmethod
    def _get_impact(cls):
        "Return the rows of the period by kind"
        return Pool().get('impact.kind').search([])

    @classmethod
    def _get_year(cls, year):
        Year = Pool().get('impact.year')
        rows = Year.search([('year', '=', year)])
        return rows[0] if rows else None

    @classmethod
    def _get_drives(cls, start, end):
        "Return the drives that came in, erased, destroyed and left to erase"
        erasure = Pool().get('device.erasure').__table__()
        cursor = Transaction().connection.cursor()
        limits = [
            dt.datetime.combine(start, dt.time.min),
            dt.datetime.combine(end, dt.time.max)]
        destroyed = erasure.method == 'destroy'
        cursor.execute(*erasure.select(
                Count(Case((~destroyed, erasure.component)), distinct=True),
                Count(Case((destroyed, erasure.component)), distinct=True),
                where=(erasure.state == 'validated')
                & (erasure.result == 'success')
                & (erasure.end >= limits[0]) & (erasure.end <= limits[1])))
        erased, destroyed = cursor.fetchone()
        collected, left = cls._get_collected_drives(start, end)
        return {
            'collected': collected, 'erased': erased, 'destroyed': destroyed,
            'left': left,
            }

    @classmethod
    def _get_collected_drives(cls, start, end):
        "Return the drives of what was collected, and those left to erase"
        pool = Pool()
        drive = pool.get('device.component').__table__()
        lot = pool.get('stock.lot').__table__()
        collection = pool.get('stock.shipment.in').__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*drive
            .join(lot, condition=drive.lot == lot.id)
            .join(collection, condition=lot.collection == collection.id)
            .select(
                Count(drive.id),
                Count(Case((~erased_clause(drive), drive.id))),
                # Neither seen before in another device nor fitted by us
                where=(drive.kind == 'drive') & (drive.previous == Null)
                & (drive.part == Null)
                & (collection.effective_date >= start)
                & (collection.effective_date <= end)
                & of_company(collection.company)))
        return cursor.fetchone()

    @classmethod
    def _get_sales(cls, start, end):
        "Return the amounts invoiced for the parts and for the materials"
        pool = Pool()
        Line = pool.get('account.invoice.line')
        invoice, product, template, line = (
            pool.get(n).__table__() for n in [
                'account.invoice', 'product.product', 'product.template',
                'sale.line'])
        sold = sold_lines()
        material = (
            (template.component_kind == 'scrap')
            | (line.material == Literal(True)))
        cursor = Transaction().connection.cursor()
        cursor.execute(*sold
            .join(invoice, condition=sold.invoice == invoice.id)
            .join(product, condition=sold.product == product.id)
            .join(template, condition=product.template == template.id)
            .join(line, 'LEFT', condition=sold.origin.like('sale.line,%')
                & (Line.origin.sql_id(sold.origin, Line) == line.id))
            .select(
                Sum(Case((material, 0), else_=sold.amount)),
                Sum(Case((material, sold.amount), else_=0)),
                where=(template.component_kind != Null)
                & invoice.state.in_(['posted', 'paid'])
                & (invoice.invoice_date >= start)
                & (invoice.invoice_date <= end)
                & of_company(invoice.company)))
        return [float(a or 0) for a in cursor.fetchone()]

    @classmethod
    def _get_volunteering(cls, company, start, end):
        "Return the hours and the value that are in the books of the year"
        Contribution = Pool().get('account.contribution')
        contributions = Contribution.search([
                ('company', '=', company.id),
                ('kind', '=', 'volunteering'),
                ('state', '=', 'recorded'),
                ('date', '>=', start), ('date', '<=', end),
                ])
        return (
            sum(c.quantity or 0 for c in contributions),
            sum(c.amount or 0 for c in contributions))
