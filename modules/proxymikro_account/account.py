# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.pool import Pool, PoolMeta


def find_account(company, template):
    "Return the account of the company made from the template, if any"
    pool = Pool()
    Account = pool.get('account.account')
    Data = pool.get('ir.model.data')
    accounts = Account.search([
            ('company', '=', company.id),
            ('template', '=', Data.get_id(template)),
            ('closed', '!=', True),
            ], limit=1)
    return accounts[0] if accounts else None


def find_accounts(company_id, templates, *domain):
    "Return the accounts made from the templates and those below them"
    pool = Pool()
    Account = pool.get('account.account')
    Data = pool.get('ir.model.data')
    roots = Account.search([
            ('company', '=', company_id),
            ('template', 'in', [Data.get_id(t) for t in templates]),
            ])
    return Account.search([
            ('parent', 'child_of', [a.id for a in roots], 'parent'),
            *domain])


class CreateChart(metaclass=PoolMeta):
    __name__ = 'account.create_chart'

    def default_properties(self, fields):
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        defaults = super().default_properties(fields)
        template_id = ModelData.get_id('account_fr.root')
        if self.account.account_template.id == template_id:
            defaults['account_receivable'] = self.get_account(
                'proxymikro_account.4110')
        return defaults
