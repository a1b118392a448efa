# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The VAT regime of the association, from a date on.

The categories of products carry the taxes of a seller liable for VAT; the regime
in force on the date of a document replaces them.
"""
from trytond.cache import Cache
from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval
from trytond.transaction import without_check_access

from .exceptions import VATRegimeModifyError

VAT_REGIMES = [
    ('exemption', "Exempt as a Non-Profit (CGI art. 261, 7-1°)"),
    ('franchise', "Exempt as a Small Business (CGI art. 293 B)"),
    ('liable', "Liable for VAT"),
    ]
# The regimes under which no VAT is invoiced, each with a tax of its name
EXEMPT = {'exemption', 'franchise'}


class CompanyVATRegime(ModelSQL, ModelView):
    __name__ = 'company.vat.regime'

    company = fields.Many2One(
        'company.company', "Company", required=True, ondelete='CASCADE')
    start_date = fields.Date(
        "Start Date", required=True,
        help="The regime is in force from this date to the day before "
        "the next one starts.")
    regime = fields.Selection(
        VAT_REGIMES, "Regime", required=True, sort=False)
    regime_string = regime.translated('regime')
    source = fields.Char(
        "Source",
        help="What establishes the regime: a letter of the tax office, "
        "a decision of the board.")

    _regimes_cache = Cache('company.vat.regime', context=False)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('company_start_date_unique', Unique(t, t.company, t.start_date),
                'proxymikro_account.msg_vat_regime_unique'),
            ]
        cls._order = [('start_date', 'DESC'), ('id', 'DESC')]

    def get_rec_name(self, name):
        return self.regime_string

    @classmethod
    def get_regime_string(cls, regime):
        "Return the name of the regime in the language of the user"
        selection = cls.fields_get(['regime'])['regime']['selection']
        return dict(selection).get(regime, "")

    @classmethod
    def check_modification(cls, mode, regimes, values=None, external=False):
        super().check_modification(
            mode, regimes, values=values, external=external)
        if mode == 'write' and not values.keys() & {
                'company', 'start_date', 'regime'}:
            return
        for regime in regimes:
            dates = [regime.start_date]
            if values and values.get('start_date'):
                dates.append(values['start_date'])
            regime._check_invoices(mode, min(dates))

    @without_check_access
    def _check_invoices(self, mode, date):
        "Refuse to change what posted invoices already print"
        Invoice = Pool().get('account.invoice')
        others = self.search([
                ('company', '=', self.company.id),
                ('id', '!=', self.id),
                ], order=[('start_date', 'ASC')])
        if mode == 'create' and not any(o.start_date < date for o in others):
            return
        domain = [
            ('company', '=', self.company.id),
            ('type', '=', 'out'),
            ('state', 'in', ['posted', 'paid']),
            ('invoice_date', '>=', date),
            ]
        if following := [o for o in others if o.start_date > self.start_date]:
            domain.append(('invoice_date', '<', following[0].start_date))
        invoices = Invoice.search(
            domain, order=[('invoice_date', 'DESC')], limit=1)
        if invoices:
            invoice, = invoices
            raise VATRegimeModifyError(gettext(
                    'proxymikro_account.msg_vat_regime_posted',
                    regime=self.rec_name,
                    invoice=invoice.rec_name,
                    date=invoice.invoice_date))

    @classmethod
    def on_modification(cls, mode, records, field_names=None):
        super().on_modification(mode, records, field_names=field_names)
        cls._regimes_cache.clear()

    @classmethod
    @without_check_access
    def get_regimes(cls, company):
        "Return the dates and regimes of the company, the last first"
        regimes = cls._regimes_cache.get(company.id)
        if regimes is None:
            regimes = [
                (r.start_date, r.regime) for r in cls.search([
                        ('company', '=', company.id)])]
            cls._regimes_cache.set(company.id, regimes)
        return regimes


class Category(metaclass=PoolMeta):
    __name__ = 'product.category'

    reverse_charge = fields.Boolean(
        "VAT Paid by the Buyer",
        states={
            'invisible': ~Eval('accounting', False),
            },
        help="Scrap and recovery materials: when the association is liable "
        "for VAT, a buyer with a French VAT number accounts for it "
        "(CGI art. 283-2 sexies).")

    @classmethod
    def default_reverse_charge(cls):
        return False


class TaxTemplate(metaclass=PoolMeta):
    __name__ = 'account.tax.template'

    vatex_code = fields.Selection(
        'get_vatex_codes', "VATEX Code",
        help="The reason of the exemption in an electronic invoice.")

    @classmethod
    def get_vatex_codes(cls):
        Tax = Pool().get('account.tax')
        return Tax.fields_get(['vatex_code'])['vatex_code']['selection']

    def _get_tax_value(self, tax=None):
        value = super()._get_tax_value(tax=tax)
        if not tax or tax.vatex_code != self.vatex_code:
            value['vatex_code'] = self.vatex_code
        return value


class Tax(metaclass=PoolMeta):
    __name__ = 'account.tax'

    # account_fr fills the selection
    vatex_code = fields.Selection(
        [(None, "")], "VATEX Code",
        states={
            'readonly': (Bool(Eval('template', -1))
                & ~Eval('template_override', False)),
            },
        help="The reason of the exemption in an electronic invoice.")
