# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What each donor is told every year: what became of what it gave.

Who has it is not told: neither the members who borrow nor the buyers are named.
"""
import datetime as dt
from collections import Counter, defaultdict
from html import escape

from trytond.model import Index, ModelSQL, ModelView, fields
from trytond.modules.proxymikro_base.mail import check_mail_server
from trytond.modules.proxymikro_base.report import (
    FrenchReportMixin, HTMLReportMixin)
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.report import Report
from trytond.tools import grouped_slice
from trytond.tools.email_ import format_address
from trytond.transaction import Transaction, without_check_access

from .impact_method import format_significant, get_method
from .mass_balance_print import MassBalanceReport

# The situations, as a donor reads them
SITUATIONS = {
    'reception': "reçu, en attente",
    'workshop': "en remise en état",
    'ready': "prêt à servir",
    'lent': "prêté à un adhérent",
    'parts': "en pièces, au magasin",
    'scrap': "en rebut, à traiter",
    'treatment': "parti en traitement",
    'production': "démonté",
    'fitted': "posé dans un autre appareil",
    'customer': "vendu",
    'lost': "perdu ou volé",
    'lost_found': "manquant à l'inventaire",
    'storage': "en stock",
    'deposit': "en dépôt",
    }


class DonorStatement(ModelSQL, ModelView):
    __name__ = 'donor.statement'

    company = fields.Many2One(
        'company.company', "Company", required=True, readonly=True)
    donor = fields.Many2One(
        'party.party', "Donor", required=True, readonly=True,
        ondelete='RESTRICT',
        context={'company': Eval('company', -1)}, depends={'company'})
    year = fields.Integer("Year", required=True, readonly=True)
    date = fields.Date(
        "Date", required=True, readonly=True,
        help="When it was sent, or printed.")
    email = fields.Many2One(
        'ir.email', "E-mail", readonly=True, ondelete='SET NULL',
        help="Empty when the statement was printed.")
    address = fields.Char("Sent To", readonly=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_indexes.add(
            Index(t, (t.donor, Index.Equality()), (t.year, Index.Equality())))
        cls._order = [('date', 'DESC'), ('id', 'DESC')]

    def get_rec_name(self, name):
        return f'{self.year} {self.donor.rec_name}'

    @classmethod
    @without_check_access
    def send(cls, donors, year):
        """Send its statement to each donor who has an address.

        Return the donors who have none: theirs are to print.
        """
        donors = Pool().get('party.party').browse(donors)
        written = [d for d in donors if d.email]
        if written:
            check_mail_server()
        for sub_donors in grouped_slice(written, 50):
            cls._send(list(sub_donors), year)
        return [d for d in donors if not d.email]

    @classmethod
    def _send(cls, donors, year):
        pool = Pool()
        Email = pool.get('ir.email')
        Report = pool.get('donor.statement', type='report')
        company = pool.get('company.company')(
            Transaction().context['company'])
        data = {'year': year, 'figures': get_figures(donors, year)}
        emails = {}
        for donor in donors:
            with Transaction().set_context(language='fr'):
                extension, content, _, title = Report.execute(
                    [donor.id], data)
                emails[donor] = Email.send(
                    to=format_address(donor.email, donor.name),
                    subject=f"{company.party.name} : ce que sont devenus "
                    f"vos dons en {year}",
                    body=Report.get_body(donor, company, year),
                    files=[(f'releve-{year}.{extension}', content)],
                    record=(donor.__name__, donor.id))
        cls.keep(donors, year, emails)

    @classmethod
    @without_check_access
    def keep(cls, donors, year, emails=None):
        "Record that the statements of the donors left"
        emails = emails or {}
        today = Pool().get('ir.date').today()
        return cls.create([{
                    'company': Transaction().context['company'],
                    'donor': donor.id,
                    'year': year,
                    'date': today,
                    'email': emails[donor].id if donor in emails else None,
                    'address': donor.email if donor in emails else None,
                    } for donor in donors])


def get_period(year):
    "Return the first day of the year and its last one, or today"
    today = Pool().get('ir.date').today()
    start = dt.date(year, 1, 1)
    return start, max(start, min(dt.date(year, 12, 31), today))


@without_check_access
def get_figures(donors, year):
    """Return by id of the donors what their statement says.

    All of them are read at once, whatever their number.
    """
    pool = Pool()
    start, end = get_period(year)
    ids = [d.id for d in donors]
    with Transaction().set_context(
            start_date=start, end_date=end, balance_donors=ids,
            outcome_donors=ids, outcome_end_date=end):
        balances, impacts = (
            {r.donor.id: r for r in pool.get(name).search([]) if r.donor}
            for name in ['recycling.mass.balance.donor', 'impact.donor'])
        rows = defaultdict(list)
        for row in pool.get('collection.outcome').search(
                [('donor', 'in', ids)]):
            rows[row.donor.id].append(row)
    certificates = _get_certificates(ids, start, end)
    return {
        id_: {
            'balance': balances.get(id_),
            'impact': impacts.get(id_),
            'certificates': certificates.get(id_, []),
            **_sort_rows(rows[id_]),
            } for id_ in ids}


def _sort_rows(rows):
    "Return what is told of each thing, and the counts of the devices"
    items, counts = [], Counter()
    for row in rows:
        situation = SITUATIONS[row.situation]
        if row.lot.device:
            counts[row.product.name, situation] += 1
        elif not row.weight:
            continue
        items.append({
                'device': row.lot.device,
                'collection': row.collection,
                'number': row.lot.number,
                'name': row.product.name,
                'model': ' '.join(filter(None, [
                            row.lot.manufacturer, row.lot.model])),
                'serial': row.lot.serial_number or row.lot.donor_number,
                'situation': situation,
                'date': row.date,
                'weight': row.weight,
                })
    items.sort(key=lambda i: (
            not i['device'], i['collection'].id, i['number'] or ''))
    return {'items': items, 'counts': sorted(counts.items())}


def _get_certificates(ids, start, end):
    "Return by donor the erasures of the period which have a certificate"
    Erasure = Pool().get('device.erasure')
    result = defaultdict(list)
    for erasure in Erasure.search([
                ('component.lot.collection.supplier', 'in', ids),
                ('number', '!=', None),
                ('end', '>=', dt.datetime.combine(start, dt.time.min)),
                ('end', '<=', dt.datetime.combine(end, dt.time.max)),
                ], order=[('number', 'ASC')]):
        donor = erasure.component.lot.collection.supplier
        result[donor.id].append(erasure)
    return result


class DonorStatementReport(
        FrenchReportMixin, HTMLReportMixin, Report):
    __name__ = 'donor.statement'

    @classmethod
    def get_context(cls, records, header, data):
        context = super().get_context(records, header, data)
        year = data['year']
        start, end = get_period(year)
        context['year'] = year
        context['start_date'], context['end_date'] = start, end
        context['figures'] = data.get('figures') or get_figures(records, year)
        context['method'] = get_method(end)
        context['kg'] = MassBalanceReport.format_kg
        context['percent'] = MassBalanceReport.format_percent
        context['significant'] = format_significant
        return context

    @classmethod
    def get_body(cls, donor, company, year):
        "Return the message that goes with the statement"
        return (
            "<p>Bonjour,</p>"
            f"<p>Merci de ce que vous avez donné à {escape(company.party.name)}. "
            f"Vous trouverez ci-joint le relevé de l’année {year} : ce que "
            "chaque appareil est devenu, les certificats d’effacement, les "
            "kilogrammes et ce que vos dons ont évité.</p>"
            "<p>Bien à vous,</p>"
            f"<p>{escape(company.party.name)}</p>")
