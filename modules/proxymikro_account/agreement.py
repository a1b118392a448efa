# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Agreements with persons or companies linked to the association.

Those with an officer, or a company which shares one, are told each year to the
assembly (article L612-5 of the code de commerce).  What is given free of charge
is a contribution in kind, found month by month with the others.
"""
import calendar
import datetime as dt
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Workflow, fields
from trytond.modules.currency.fields import Monetary
from trytond.modules.proxymikro_base.report import FrenchReportMixin
from trytond.modules.proxymikro_base.spreadsheet import (
    SpreadsheetReportMixin, Table)
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.report import Report
from trytond.transaction import Transaction

from .contribution import KINDS
from .exceptions import AgreementError

LINKS = [
    ('officer', "Officer of the Association"),
    ('relative', "Relative of an Officer"),
    ('shared', "Company or Organisation with a Common Officer"),
    ('partner', "Partner Company"),
    ('other', "Other"),
    ]
TERMS = [
    ('free', "Free of Charge"),
    ('paid_by_us', "Paid by the Association"),
    ('paid_to_us', "Paid to the Association"),
    ]
HEADERS = [
    "Partie", "Lien", "Objet", "Nature", "Conditions", "Du", "Au",
    "Décision du", "N’ont pas voté", "Valeur par an", "Valeur de l’exercice",
    "Valorisé dans l’exercice"]


class Agreement(Workflow, ModelSQL, ModelView):
    __name__ = 'account.agreement'

    _draft = {'readonly': Eval('state') != 'draft'}
    company = fields.Many2One(
        'company.company', "Company", required=True, states=_draft)
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    name = fields.Char(
        "Object", required=True, states=_draft,
        help="What is made available, sold or done: premises, tools, hours "
        "of technicians…")
    party = fields.Many2One(
        'party.party', "Other Party", required=True, ondelete='RESTRICT',
        states=_draft, context={'company': Eval('company', -1)},
        depends={'company'})
    link = fields.Selection(
        LINKS, "Link", required=True, sort=False, states=_draft)
    link_string = link.translated('link')
    link_detail = fields.Char(
        "Detail of the Link", states=_draft,
        help="Who is in both, and as what.")
    kind = fields.Selection(
        [k for k in KINDS if k[0] != 'volunteering'], "Kind", required=True,
        sort=False, states=_draft)
    kind_string = kind.translated('kind')
    terms = fields.Selection(
        TERMS, "Terms", required=True, sort=False, states=_draft,
        help="Free of charge, its value is a contribution in kind (86, 87).")
    terms_string = terms.translated('terms')
    value = Monetary(
        "Value by Year", currency='currency', digits='currency',
        required=True, domain=[('value', '>', 0)], states=_draft,
        help="What it is worth, or costs, for a whole year.")
    valuation = fields.Text(
        "Valuation",
        help="Where the value comes from: the rent of the street, the price "
        "of a technician's hour, the other party's own statement.")
    start_date = fields.Date("From", required=True, states=_draft)
    end_date = fields.Date(
        "To",
        domain=['OR',
            ('end_date', '=', None),
            ('end_date', '>=', Eval('start_date', None)),
            ],
        states={'readonly': Eval('state') == 'ended'})
    decided_on = fields.Date(
        "Decided by the Board On",
        states={
            **_draft,
            'required': Eval('state').in_(['running', 'ended']),
            },
        help="Attach the minutes and the agreement.")
    abstained = fields.Char(
        "Who Did Not Vote", states=_draft,
        help="The persons concerned, who leave the vote to the others.")
    state = fields.Selection([
            ('draft', "Draft"),
            ('running', "Running"),
            ('ended', "Ended"),
            ], "State", required=True, readonly=True, sort=False)
    del _draft

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('start_date', 'DESC'), ('id', 'DESC')]
        cls._transitions |= {
            ('draft', 'running'),
            ('running', 'ended'),
            }
        cls._buttons.update({
                'run': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'end': {
                    'invisible': Eval('state') != 'running',
                    'depends': ['state'],
                    },
                })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_link(cls):
        return 'partner'

    @classmethod
    def default_kind(cls):
        return 'premises'

    @classmethod
    def default_terms(cls):
        return 'free'

    @classmethod
    def default_state(cls):
        return 'draft'

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @classmethod
    def check_modification(cls, mode, agreements, values=None, external=False):
        super().check_modification(
            mode, agreements, values=values, external=external)
        if mode == 'delete' or (mode == 'write' and external):
            for agreement in agreements:
                free = {'valuation'}
                if agreement.state == 'running':
                    free.add('end_date')
                if agreement.state != 'draft' and (
                        mode == 'delete' or values.keys() - free):
                    raise AgreementError(gettext(
                            'proxymikro_account.msg_agreement_modify',
                            agreement=agreement.rec_name))

    @classmethod
    def copy(cls, agreements, default=None):
        default = default.copy() if default is not None else {}
        for name in ['decided_on', 'abstained']:
            default.setdefault(name)
        default.setdefault('state', 'draft')
        return super().copy(agreements, default=default)

    @classmethod
    @ModelView.button
    @Workflow.transition('running')
    def run(cls, agreements):
        "Check that the board has decided"
        for agreement in agreements:
            if not agreement.decided_on:
                raise AgreementError(gettext(
                        'proxymikro_account.msg_agreement_decision',
                        agreement=agreement.rec_name))

    @classmethod
    @ModelView.button
    @Workflow.transition('ended')
    def end(cls, agreements):
        "End today what has no end"
        Date = Pool().get('ir.date')
        for agreement in agreements:
            if not agreement.end_date:
                with Transaction().set_context(company=agreement.company.id):
                    agreement.end_date = max(
                        Date.today(), agreement.start_date)
        cls.save(agreements)

    @classmethod
    def search_between(cls, company, start_date, end_date):
        "Return those in force for a day of the period at least"
        return cls.search([
                ('company', '=', company.id),
                ('state', 'in', ['running', 'ended']),
                ('start_date', '<=', end_date),
                ['OR',
                    ('end_date', '=', None),
                    ('end_date', '>=', start_date),
                    ],
                ], order=[('start_date', 'ASC'), ('id', 'ASC')])

    def get_total(self, date):
        """Return what it is worth from the 1 January to the end of the day.

        Each month is the difference of two totals, so that those of a whole
        year are the value of the year, to the cent.
        """
        year = dt.date(date.year, 1, 1)
        start = max(self.start_date, year)
        end = min(self.end_date or date, date)
        if end < start:
            return self.currency.round(Decimal(0))
        days = 366 if calendar.isleap(date.year) else 365
        return self.currency.round(
            self.value * ((end - start).days + 1) / days)

    def get_value(self, start_date, end_date):
        "Return what it is worth from a day to another, both counted"
        total, day = Decimal(0), start_date
        while day <= end_date:
            last = min(dt.date(day.year, 12, 31), end_date)
            total += self.get_total(last)
            if (day.month, day.day) != (1, 1):
                total -= self.get_total(day - dt.timedelta(days=1))
            day = last + dt.timedelta(days=1)
        return total

    def get_months(self, start_date, end_date):
        """Yield the last day and the value of the months of the period.

        A month is of the period which holds its last day, or the last day of
        the agreement.
        """
        end = min(self.end_date or end_date, end_date)
        month = max(self.start_date, start_date).replace(day=1)
        while month <= end:
            last = month.replace(
                day=calendar.monthrange(month.year, month.month)[1])
            day = min(last, self.end_date or last)
            if start_date <= day <= end_date:
                yield day, self.get_value(month, last)
            month = last + dt.timedelta(days=1)


class Contribution(metaclass=PoolMeta):
    __name__ = 'account.contribution'

    @classmethod
    def _get_origin(cls):
        return [*super()._get_origin(), 'account.agreement']

    @classmethod
    def get_candidates(cls, company, start_date, end_date):
        Agreement = Pool().get('account.agreement')
        return [
            *super().get_candidates(company, start_date, end_date),
            *(cls(
                    company=company, kind=agreement.kind, date=day,
                    party=agreement.party, quantity=None, amount=amount,
                    origin=agreement, description=agreement.name)
                for agreement in Agreement.search_between(
                    company, start_date, end_date)
                if agreement.terms == 'free'
                for day, amount in agreement.get_months(start_date, end_date)
                if amount)]

    @property
    def origin_key(self):
        "An agreement is found again each month"
        key = super().origin_key
        if getattr(self.origin, '__name__', None) == 'account.agreement':
            key = key, self.date.year, self.date.month
        return key


class Replace(metaclass=PoolMeta):
    __name__ = 'party.replace'

    @classmethod
    def fields_to_replace(cls):
        return [*super().fields_to_replace(), ('account.agreement', 'party')]


class AgreementList(FrenchReportMixin, SpreadsheetReportMixin, Report):
    "The agreements of a fiscal year, for the report to the assembly"
    __name__ = 'account.agreement.list'

    @classmethod
    def get_context(cls, records, header, data):
        context = super().get_context(records, header, data)
        context['get_rows'] = cls.get_rows
        return context

    @classmethod
    def get_rows(cls, fiscalyear):
        "Return the agreements with their value and what was recorded of it"
        pool = Pool()
        Agreement = pool.get('account.agreement')
        Contribution = pool.get('account.contribution')
        start, end = fiscalyear.start_date, fiscalyear.end_date
        agreements = Agreement.search_between(fiscalyear.company, start, end)
        recorded = dict.fromkeys(agreements, Decimal(0))
        for contribution in Contribution.search([
                    ('company', '=', fiscalyear.company.id),
                    ('origin.id', 'in', [a.id for a in agreements],
                        'account.agreement'),
                    ('state', '=', 'recorded'),
                    ('date', '>=', start), ('date', '<=', end),
                    ]):
            recorded[contribution.origin] += contribution.amount
        return [
            (a, a.get_value(start, end), recorded[a]) for a in agreements]

    @classmethod
    def get_tables(cls, records, data):
        return [
            Table(year.rec_name, HEADERS, [[
                        a.party.rec_name, ', '.join(filter(None, [
                                a.link_string, a.link_detail])),
                        a.name, a.kind_string, a.terms_string, a.start_date,
                        a.end_date, a.decided_on, a.abstained, a.value, value,
                        recorded if a.terms == 'free' else None]
                    for a, value, recorded in cls.get_rows(year)])
            for year in records]


class AgreementSheet(AgreementList):
    "The same in a spreadsheet"
    __name__ = 'account.agreement.sheet'

    @classmethod
    def _execute(cls, records, header, data, action):
        return super()._execute(
            records, header, {**data, 'format': 'ods'}, action)
