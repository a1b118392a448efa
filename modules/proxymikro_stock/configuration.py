# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import trytond.config as config
from trytond.model import ModelSQL, ValueMixin, fields
from trytond.modules.company.model import CompanyValueMixin
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval, Id

loan_sequence = fields.Many2One(
    'ir.sequence', "Loan Sequence", required=True,
    domain=[
        ('company', 'in', [
                Eval('context', {}).get('company', -1), None]),
        ('sequence_type', '=',
            Id('proxymikro_stock', 'sequence_type_loan')),
        ],
    help="Used to number the loan agreements.")
loan_request_sequence = fields.Many2One(
    'ir.sequence', "Loan Request Sequence", required=True,
    domain=[
        ('company', 'in', [
                Eval('context', {}).get('company', -1), None]),
        ('sequence_type', '=',
            Id('proxymikro_stock', 'sequence_type_loan_request')),
        ],
    help="Used to number the requests for equipment.")


class Configuration(metaclass=PoolMeta):
    __name__ = 'stock.configuration'

    loan_sequence = fields.MultiValue(loan_sequence)
    loan_request_sequence = fields.MultiValue(loan_request_sequence)
    loan_reminder_days = fields.Integer(
        "Days Between Reminders",
        domain=['OR',
            ('loan_reminder_days', '=', None),
            ('loan_reminder_days', '>', 0),
            ],
        help="Late borrowers are written to again after that many days. "
        "Leave empty to write by hand only.")
    public_url = fields.Char(
        "Public Address",
        help="The start of the address printed in the QR codes: "
        "it must stay the same whatever server answers. "
        "Leave empty to use the one of the server's configuration.")
    test_approval = fields.Boolean(
        "Second Person",
        help="Check if a second person must approve the test of a device "
        "before it is made ready.")

    @property
    def public_base(self):
        return (self.public_url
            or config.get(
                'proxymikro', 'public_url', default='http://localhost:8000')
            ).rstrip('/')

    @classmethod
    def multivalue_model(cls, field):
        if field in {'loan_sequence', 'loan_request_sequence'}:
            return Pool().get('stock.configuration.loan_sequence')
        return super().multivalue_model(field)

    @classmethod
    def default_loan_sequence(cls, **pattern):
        return cls.multivalue_model('loan_sequence').default_loan_sequence()

    @classmethod
    def default_loan_request_sequence(cls, **pattern):
        return cls.multivalue_model(
            'loan_request_sequence').default_loan_request_sequence()

    @classmethod
    def default_loan_reminder_days(cls):
        return 7


class ConfigurationLoanSequence(ModelSQL, CompanyValueMixin, ValueMixin):
    __name__ = 'stock.configuration.loan_sequence'

    loan_sequence = loan_sequence
    loan_request_sequence = loan_request_sequence

    @classmethod
    def default_loan_sequence(cls):
        ModelData = Pool().get('ir.model.data')
        return ModelData.get_id('proxymikro_stock', 'sequence_loan')

    @classmethod
    def default_loan_request_sequence(cls):
        ModelData = Pool().get('ir.model.data')
        return ModelData.get_id('proxymikro_stock', 'sequence_loan_request')
