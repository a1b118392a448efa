# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the tax receipts of a company say of it."""
from trytond.model import ModelSQL, ValueMixin, fields
from trytond.modules.company.model import CompanyValueMixin
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval, Id

tax_receipt_quality = fields.Char(
    "Kind of Organisation",
    help="As the form names it: a body of general interest, a reuse body…")
tax_receipt_purpose = fields.Text(
    "Purpose",
    help="The purpose of the association, as in its statutes.")
tax_receipt_signatory = fields.Char(
    "Signatory", help="Who signs the receipts, and in what capacity.")


def tax_receipt_sequence(company):
    return fields.Many2One(
        'ir.sequence.strict', "Tax Receipt Sequence",
        domain=[
            ('company', 'in', [company, None]),
            ('sequence_type', '=',
                Id('proxymikro_account', 'sequence_type_tax_receipt')),
            ])


NAMES = {
    'tax_receipt_quality', 'tax_receipt_purpose', 'tax_receipt_signatory',
    'tax_receipt_sequence'}


class Configuration(metaclass=PoolMeta):
    __name__ = 'account.configuration'

    tax_receipt_quality = fields.MultiValue(tax_receipt_quality)
    tax_receipt_purpose = fields.MultiValue(tax_receipt_purpose)
    tax_receipt_signatory = fields.MultiValue(tax_receipt_signatory)
    tax_receipt_sequence = fields.MultiValue(
        tax_receipt_sequence(Eval('context', {}).get('company', -1)))

    @classmethod
    def multivalue_model(cls, field):
        if field in NAMES:
            return Pool().get('account.configuration.tax_receipt')
        return super().multivalue_model(field)

    @classmethod
    def default_tax_receipt_sequence(cls, **pattern):
        return cls.multivalue_model(
            'tax_receipt_sequence').default_tax_receipt_sequence()


class ConfigurationTaxReceipt(CompanyValueMixin, ModelSQL, ValueMixin):
    __name__ = 'account.configuration.tax_receipt'

    tax_receipt_quality = tax_receipt_quality
    tax_receipt_purpose = tax_receipt_purpose
    tax_receipt_signatory = tax_receipt_signatory
    tax_receipt_sequence = tax_receipt_sequence(Eval('company', -1))

    @classmethod
    def default_tax_receipt_sequence(cls):
        Data = Pool().get('ir.model.data')
        return Data.get_id('proxymikro_account', 'sequence_tax_receipt')
