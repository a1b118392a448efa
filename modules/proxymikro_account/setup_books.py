# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Proteus functions which open the books of an association.

They drive the wizard of the client, which keeps what is there already.
"""
import datetime as dt

from proteus import Model, Wizard
from proteus.config import get_config

IBAN = 'FR7630006000011234567890189'


def get_id(xml_id, config=None):
    config = config or get_config()
    return Model.get('ir.model.data', config=config).get_id(
        xml_id, config.context)


def get_account(code, company=None, config=None):
    "Return the account with the code"
    Account = Model.get('account.account', config=config)
    domain = [('code', '=', code)]
    if company:
        domain.append(('company', '=', company.id))
    account, = Account.find(domain)
    return account


def get_category(code, config=None):
    "Return the accounting category which leads to the account code"
    Category = Model.get('product.category', config=config)
    return Category(get_id(f'proxymikro_account.category_{code}', config))


def get_product(name, config=None):
    "Return the product 'fee' or 'fee_counterpart'"
    Product = Model.get('product.product', config=config)
    return Product(get_id(f'proxymikro_account.product_{name}', config))


def get_tax(template, company=None, config=None):
    "Return the tax of the company from the XML id of its template"
    Tax = Model.get('account.tax', config=config)
    domain = [('template', '=', get_id(template, config))]
    if company:
        domain.append(('company', '=', company.id))
    tax, = Tax.find(domain)
    return tax


def create_chart(config, company):
    "Create the chart of accounts and set the default accounts"
    Account = Model.get('account.account', config=config)
    Template = Model.get('account.account.template', config=config)
    if Account.find([('company', '=', company.id)], limit=1):
        return
    wizard = Wizard('account.create_chart', config=config)
    wizard.execute('account')
    wizard.form.company = company
    wizard.form.account_template = Template(get_id('account_fr.root', config))
    wizard.execute('create_account')
    wizard.form.account_receivable = get_account('4110', company, config)
    wizard.form.account_payable = get_account('4011', company, config)
    wizard.execute('create_properties')


def setup_books(
        config, company, year, regime='exemption', bank_name="Banque",
        iban=IBAN):
    """Open the books of the civil year.

    Return the fiscal year and the statement journal of the bank account.
    """
    FiscalYear = Model.get('account.fiscalyear', config=config)
    StatementJournal = Model.get('account.statement.journal', config=config)
    wizard = Wizard('account.books.setup', config=config)
    wizard.form.company = company
    wizard.form.start_date = dt.date(year, 1, 1)
    wizard.form.end_date = dt.date(year, 12, 31)
    wizard.form.regime = regime
    wizard.form.bank_name, wizard.form.iban = bank_name, iban
    wizard.execute('set_up')
    fiscalyear, = FiscalYear.find([
            ('company', '=', company.id),
            ('start_date', '<=', dt.date(year, 12, 31)),
            ('end_date', '>=', dt.date(year, 1, 1)),
            ], limit=1)
    journal, = StatementJournal.find(
        [('company', '=', company.id)], order=[('id', 'ASC')], limit=1)
    return fiscalyear, journal


def account_number(iban):
    "Return the 11 characters of the account in a French IBAN"
    return iban.replace(' ', '')[14:25]
