# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from decimal import Decimal

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


def two_line_move(
        company, date, journal, debit, credit, amount,
        party=None, origin=None, description=None, period=None):
    """Return the entry, not saved, of the amount from one account to another.

    The journal is given by its id in the data of the modules; the party goes
    to the accounts which want one.
    """
    pool = Pool()
    Data = pool.get('ir.model.data')
    Line = pool.get('account.move.line')
    Move = pool.get('account.move')
    Period = pool.get('account.period')
    lines = [
        Line(account=debit, debit=amount, credit=Decimal(0)),
        Line(account=credit, debit=Decimal(0), credit=amount)]
    for line in lines:
        if line.account.party_required:
            line.party = party
    return Move(
        company=company, date=date, origin=origin, description=description,
        journal=Data.get_id(journal), lines=lines,
        period=period or Period.find(company, date=date))


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
