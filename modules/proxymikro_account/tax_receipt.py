# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The receipts which let donors pay less tax.

A receipt keeps all it prints, whatever becomes of the donor or of the
association. It is cancelled, never changed nor deleted.
"""
from itertools import groupby

from num2words import num2words

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.modules.company import CompanyReport
from trytond.modules.currency.fields import Monetary
from trytond.modules.proxymikro_base.report import (
    FrenchReportMixin, HTMLReportMixin, identifier_label)
from trytond.modules.proxymikro_base.seal import SealMixin
from trytond.modules.proxymikro_base.validity import ValidityMixin
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import Transaction, without_check_access

from .exceptions import TaxReceiptError
from .gift import MEANS, NATURES


def in_letters(amount):
    "Return the amount of euros in French words"
    words = num2words(amount, lang='fr', to='currency', currency='EUR')
    return words.replace(" et zéro centimes", "").replace(
        "zéro euros et ", "")


class TaxReceiptForm(ValidityMixin, ModelSQL, ModelView):
    __name__ = 'account.tax.receipt.form'

    name = fields.Char(
        "Form", required=True,
        help="The number of the administration's form.")
    donor_kind = fields.Selection([
            ('individual', "Individuals"),
            ('company', "Companies"),
            ], "Donors", required=True, sort=False)
    title = fields.Char("Title", required=True)
    article = fields.Char(
        "Article", required=True,
        help="The article of the tax code that grants the reduction.")
    statement = fields.Text(
        "Statement", required=True,
        help="What the association certifies on the receipt.")

    @classmethod
    def check_modification(cls, mode, forms, values=None, external=False):
        super().check_modification(
            mode, forms, values=values, external=external)
        if mode == 'write' and not values.keys() & {
                'name', 'donor_kind', 'title', 'article', 'statement'}:
            return
        if mode in {'write', 'delete'}:
            cls._check_used(forms)

    @classmethod
    @without_check_access
    def _check_used(cls, forms):
        Receipt = Pool().get('account.tax.receipt')
        used = Receipt.search([('form', 'in', [f.id for f in forms])], limit=1)
        if used:
            receipt, = used
            raise TaxReceiptError(gettext(
                    'proxymikro_account.msg_tax_receipt_form_used',
                    form=receipt.form.rec_name, receipt=receipt.rec_name))

    @classmethod
    def get_form(cls, donor_kind, date):
        "Return the form in force for such donors on the date"
        forms = cls.search([
                ('donor_kind', '=', donor_kind),
                *cls.valid_domain(date),
                ], order=[('start_date', 'DESC NULLS LAST')], limit=1)
        if not forms:
            raise TaxReceiptError(gettext(
                    'proxymikro_account.msg_tax_receipt_form', date=date))
        return forms[0]


class TaxReceipt(SealMixin, ModelSQL, ModelView):
    __name__ = 'account.tax.receipt'
    _rec_name = 'number'
    # What a cancellation may change
    _cancel_fields = frozenset({
            'state', 'cancelled_on', 'cancel_reason'})
    _sealed_fields = [
        'number', 'date', 'form', 'amount', 'donor', 'beneficiary', 'quality',
        'purpose', 'signatory', 'detail']

    company = fields.Many2One(
        'company.company', "Company", required=True, ondelete='RESTRICT')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"), 'get_currency')
    number = fields.Char("Number", required=True)
    date = fields.Date("Date", required=True)
    form = fields.Many2One(
        'account.tax.receipt.form', "Form", required=True,
        ondelete='RESTRICT')
    party = fields.Many2One(
        'party.party', "Donor", required=True, ondelete='RESTRICT',
        context={'company': Eval('company', -1)}, depends={'company'})
    donor = fields.Text(
        "Donor as Printed", required=True,
        help="The name, the address and the number as they were.")
    beneficiary = fields.Text("Beneficiary as Printed", required=True)
    quality = fields.Char("Kind of Organisation", required=True)
    purpose = fields.Text("Purpose", required=True)
    signatory = fields.Char("Signatory", required=True)
    amount = Monetary(
        "Amount", currency='currency', digits='currency', required=True)
    lines = fields.One2Many(
        'account.tax.receipt.line', 'receipt', "Gifts", readonly=True)
    detail = fields.Function(fields.Text("Detail"), 'get_detail')
    state = fields.Selection([
            ('issued', "Issued"),
            ('cancelled', "Cancelled"),
            ], "State", required=True, sort=False)
    cancelled_on = fields.Date(
        "Cancelled On", states={'invisible': Eval('state') != 'cancelled'})
    cancel_reason = fields.Char(
        "Reason of the Cancellation",
        states={'invisible': Eval('state') != 'cancelled'})

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('number_unique', Unique(t, t.company, t.number),
                'proxymikro_account.msg_tax_receipt_number'),
            ]
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._buttons.update({
                'cancel_wizard': {
                    'invisible': Eval('state') != 'issued',
                    'depends': ['state'],
                    },
                })

    @classmethod
    def get_currency(cls, receipts, name):
        return {r.id: r.company.currency.id for r in receipts}

    @classmethod
    def get_detail(cls, receipts, name):
        "Return the lines as one text, for the seal"
        return {
            r.id: '\n'.join(
                f'{l.date} {l.nature} {l.amount}' for l in r.lines)
            for r in receipts}

    @classmethod
    def seal_domain(cls):
        return []

    @classmethod
    def check_modification(cls, mode, receipts, values=None, external=False):
        super().check_modification(
            mode, receipts, values=values, external=external)
        if mode == 'delete' or (
                mode == 'write' and values.keys() - cls._cancel_fields):
            for receipt in receipts:
                raise TaxReceiptError(gettext(
                        'proxymikro_account.msg_tax_receipt_modify',
                        receipt=receipt.rec_name))

    @property
    def in_letters(self):
        return in_letters(self.amount)

    @classmethod
    @without_check_access
    def issue(cls, gifts, date=None):
        """Issue the receipts of the gifts: one per company's gift, one per
        individual and per civil year."""
        pool = Pool()
        Date = pool.get('ir.date')
        Gift = pool.get('account.gift')

        def key(gift):
            alone = gift.id if gift.donor_kind == 'company' else -1
            return (gift.company.id, gift.party.id, gift.date.year, alone)

        Gift.lock(gifts)
        for gift in gifts:
            if gap := gift.get_receipt_gap():
                raise TaxReceiptError(gap)
        receipts, prints = [], {}
        gifts = sorted(gifts, key=lambda g: (key(g), g.date, g.id))
        for _, group in groupby(gifts, key=key):
            group = list(group)
            with Transaction().set_context(company=group[0].company.id):
                receipts.append(cls._get_receipt(
                        group, date or Date.today(), prints))
        cls._set_numbers(receipts)
        cls.save(receipts)
        to_write = [
            value for r in receipts
            for value in ([l.gift for l in r.lines], {'receipt': r.id})]
        if to_write:
            Gift.write(*to_write)
        return receipts

    @classmethod
    def _set_numbers(cls, receipts):
        Configuration = Pool().get('account.configuration')
        configuration = Configuration(1)
        for company, group in groupby(receipts, key=lambda r: r.company):
            group = list(group)
            sequence = configuration.get_multivalue(
                'tax_receipt_sequence', company=company.id)
            if not sequence:
                raise TaxReceiptError(gettext(
                        'proxymikro_account.msg_tax_receipt_settings',
                        company=company.rec_name))
            for receipt, number in zip(group, sequence.get_many(len(group))):
                receipt.number = number

    @classmethod
    def _get_receipt(cls, gifts, date, prints):
        """Return the receipt of the gifts.

        prints keeps what many receipts print alike.
        """
        pool = Pool()
        Form = pool.get('account.tax.receipt.form')
        Line = pool.get('account.tax.receipt.line')
        gift = gifts[0]
        if gift.donor_kind not in prints:
            prints[gift.donor_kind] = Form.get_form(gift.donor_kind, date)
        if gift.company not in prints:
            prints[gift.company] = cls._get_beneficiary(gift.company)
        address = next(
            a for a in gift.party.addresses if a.postal_code and a.city)
        return cls(
            company=gift.company, date=date, state='issued',
            form=prints[gift.donor_kind],
            party=gift.party,
            donor=cls._identify(gift.party, address),
            amount=sum(g.amount for g in gifts),
            lines=[Line(
                    gift=g, date=g.date, nature=g.nature, means=g.means,
                    amount=g.amount, description=g.description)
                for g in gifts],
            **prints[gift.company])

    @classmethod
    def _get_beneficiary(cls, company):
        "Return what the receipts say of the association"
        Configuration = Pool().get('account.configuration')
        configuration = Configuration(1)
        values = {
            name: configuration.get_multivalue(
                f'tax_receipt_{name}', company=company.id)
            for name in ['quality', 'purpose', 'signatory']}
        address = company.party.address_get()
        known = {i.type for i in company.party.identifiers} & {
            'fr_siren', 'fr_siret', 'fr_rna'}
        if not all(values.values()) or not address or not known:
            raise TaxReceiptError(gettext(
                    'proxymikro_account.msg_tax_receipt_settings',
                    company=company.rec_name))
        values['beneficiary'] = cls._identify(company.party, address)
        return values

    @classmethod
    def _identify(cls, party, address):
        "Return the name, the address and the numbers of the party"
        lines = [party.name, *address.full_address.splitlines()]
        lines += [
            f'{identifier_label(i)} {i.code}' for i in party.identifiers
            if i.type in {'fr_siren', 'fr_siret', 'fr_rna'}]
        return '\n'.join(dict.fromkeys(filter(None, lines)))

    @classmethod
    @ModelView.button_action('proxymikro_account.wizard_tax_receipt_cancel')
    def cancel_wizard(cls, receipts):
        pass

    @classmethod
    @without_check_access
    def cancel(cls, receipts, reason):
        "Cancel the receipts: their gifts may get another one"
        pool = Pool()
        Date = pool.get('ir.date')
        Gift = pool.get('account.gift')
        cls.lock(receipts)
        receipts = [r for r in receipts if r.state == 'issued']
        Gift.write(
            [l.gift for r in receipts for l in r.lines], {'receipt': None})
        cls.write(receipts, {
                'state': 'cancelled',
                'cancelled_on': Date.today(),
                'cancel_reason': reason,
                })


class TaxReceiptLine(ModelSQL, ModelView):
    __name__ = 'account.tax.receipt.line'

    receipt = fields.Many2One(
        'account.tax.receipt', "Receipt", required=True, ondelete='CASCADE')
    gift = fields.Many2One(
        'account.gift', "Gift", required=True, ondelete='RESTRICT')
    date = fields.Date("Date", required=True)
    nature = fields.Selection(NATURES, "Nature", required=True, sort=False)
    nature_string = nature.translated('nature')
    means = fields.Selection(MEANS, "Paid By", sort=False)
    means_string = means.translated('means')
    amount = Monetary(
        "Amount", currency='currency', digits='currency', required=True)
    description = fields.Text("Description")
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"), 'get_currency')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('receipt')
        cls._order = [('date', 'ASC'), ('id', 'ASC')]

    @classmethod
    def get_currency(cls, lines, name):
        return {l.id: l.receipt.currency.id for l in lines}

    def get_rec_name(self, name):
        return self.gift.rec_name

    @classmethod
    def check_modification(cls, mode, lines, values=None, external=False):
        super().check_modification(
            mode, lines, values=values, external=external)
        if mode in {'write', 'delete'}:
            for line in lines:
                raise TaxReceiptError(gettext(
                        'proxymikro_account.msg_tax_receipt_modify',
                        receipt=line.receipt.rec_name))


class TaxReceiptReport(FrenchReportMixin, HTMLReportMixin, CompanyReport):
    __name__ = 'account.tax.receipt'
