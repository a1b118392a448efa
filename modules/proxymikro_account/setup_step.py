# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import gettext
from trytond.pool import Pool, PoolMeta


class SetupStep(metaclass=PoolMeta):
    __name__ = 'setup.step'

    @classmethod
    def _todo(cls, code, found):
        if not found:
            return gettext(f'proxymikro_account.msg_setup_{code}')

    @classmethod
    def check_vat_regime(cls, company):
        Company = Pool().get('company.company')
        return cls._todo(
            'vat_regime', company and Company(company).vat_regime)

    @classmethod
    def check_chart(cls, company):
        Account = Pool().get('account.account')
        return cls._todo('chart', Account.search(
                [('company', '=', company), ('type', '!=', None)], limit=1))

    @classmethod
    def check_fiscalyear(cls, company):
        pool = Pool()
        Period = pool.get('account.period')
        today = pool.get('ir.date').today()
        return cls._todo('fiscalyear', Period.search([
                    ('company', '=', company),
                    ('type', '=', 'standard'),
                    ('state', '=', 'open'),
                    ('start_date', '<=', today),
                    ('end_date', '>=', today),
                    ('fiscalyear.invoice_sequences', '!=', None),
                    ], limit=1))

    @classmethod
    def check_bank(cls, company):
        Journal = Pool().get('account.statement.journal')
        return cls._todo('bank', Journal.search([
                    ('company', '=', company),
                    ('bank_account', '!=', None),
                    ], limit=1))

    @classmethod
    def check_opening(cls, company):
        "Return nothing: the association may be new"
