# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Proteus functions which open the books of an association.

Each of them can be run again: what is there already is kept.
"""
import datetime as dt

from proteus import Model, Wizard
from proteus.config import get_config

# Journals of the core under the codes a French bookkeeper expects
JOURNALS = {
    'account.journal_revenue': ('VT', "Ventes"),
    'account.journal_expense': ('AC', "Achats"),
    'account_statement.journal_statement': ('BQ', "Banque"),
    'account.journal_cash': ('CA', "Caisse"),
    'account.journal_miscellaneous': ('OD', "Opérations diverses"),
    }
GOODS_TAX = 'account_fr.tva_vente_biens_taux_normal'
SERVICES_TAX = 'account_fr.tva_vente_services_taux_normal'
# The categories with the taxes of a seller liable for VAT
REVENUE_CATEGORIES = {
    '7561': [],
    '7562': [SERVICES_TAX],
    '703': [GOODS_TAX],
    '70731': [GOODS_TAX],
    '70732': [GOODS_TAX],
    '706': [SERVICES_TAX],
    }
EXPENSE_CATEGORIES = {
    '6063': ['account_fr.tva_achat_biens_taux_normal'],
    }
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
    """Open the books of the year.

    Return the fiscal year and the statement journal of the bank account.
    """
    create_chart(config, company)
    set_regime(config, company, regime, dt.date(year, 1, 1))
    name_journals(config)
    fiscalyear = create_fiscalyear(config, company, year)
    statement_journal = create_bank(config, company, bank_name, iban)
    create_statement_rules(config, company)
    create_payment_methods(config, company)
    set_categories(config, company)
    return fiscalyear, statement_journal


def set_regime(config, company, regime, date):
    "Choose the VAT regime of the company"
    Regime = Model.get('company.vat.regime', config=config)
    if not Regime.find([('company', '=', company.id)], limit=1):
        Regime(company=company, start_date=date, regime=regime).save()


def name_journals(config):
    "Give the journals of the core their French codes"
    Journal = Model.get('account.journal', config=config)
    for xml_id, (code, name) in JOURNALS.items():
        journal = Journal(get_id(xml_id, config))
        if journal.code != code:
            journal.code, journal.name = code, name
            journal.save()


def create_fiscalyear(config, company, year):
    "Create the civil year with its periods and sequences"
    FiscalYear = Model.get('account.fiscalyear', config=config)
    start, end = dt.date(year, 1, 1), dt.date(year, 12, 31)
    found = FiscalYear.find([
            ('company', '=', company.id),
            ('start_date', '<=', end),
            ('end_date', '>=', start),
            ], limit=1)
    if found:
        return found[0]
    fiscalyear = FiscalYear(name=str(year), company=company)
    fiscalyear.start_date, fiscalyear.end_date = start, end
    fiscalyear.move_sequence = create_sequence(
        config, company, 'account.sequence_type_account_move',
        f"Écritures {year}", f'E{year}-')
    sequences, = fiscalyear.invoice_sequences
    type_ = 'account_invoice.sequence_type_account_invoice'
    for field, name, prefix in [
            ('out_invoice_sequence', "Factures", 'F'),
            ('out_credit_note_sequence', "Avoirs", 'A'),
            ('in_invoice_sequence', "Factures fournisseurs", 'FF'),
            ('in_credit_note_sequence', "Avoirs fournisseurs", 'AF')]:
        setattr(sequences, field, create_sequence(
                config, company, type_, f"{name} {year}", f'{prefix}{year}-'))
    fiscalyear.save()
    fiscalyear.click('create_period')
    return fiscalyear


def create_sequence(config, company, type_, name, prefix):
    "Create a sequence without gap"
    Sequence = Model.get('ir.sequence.strict', config=config)
    SequenceType = Model.get('ir.sequence.type', config=config)
    sequence = Sequence(
        name=name, prefix=prefix, padding=4, company=company,
        sequence_type=SequenceType(get_id(type_, config)))
    sequence.save()
    return sequence


def create_bank(config, company, name, iban):
    "Create the bank account of the company and its statement journal"
    AccountJournal = Model.get('account.journal', config=config)
    StatementJournal = Model.get('account.statement.journal', config=config)
    found = StatementJournal.find([('company', '=', company.id)], limit=1)
    if found:
        return found[0]
    journal = StatementJournal(name=name, company=company)
    journal.currency = company.currency
    journal.journal = AccountJournal(
        get_id('account_statement.journal_statement', config))
    journal.account = get_account('5121', company, config)
    journal.bank_account = create_bank_account(config, company, name, iban)
    journal.validation = 'balance'
    journal.save()
    return journal


def create_bank_account(config, company, name, iban):
    "Create the bank account with its IBAN and the number an OFX file quotes"
    Bank = Model.get('bank', config=config)
    BankAccount = Model.get('bank.account', config=config)
    Party = Model.get('party.party', config=config)
    party = Party(name=name)
    party.save()
    bank = Bank(party=party)
    bank.save()
    account = BankAccount(bank=bank, currency=company.currency)
    account.owners.append(Party(company.party.id))
    account.numbers.new(type='iban', number=iban)
    account.numbers.new(type='other', number=account_number(iban))
    account.save()
    return account


def account_number(iban):
    "Return the 11 characters of the account in a French IBAN"
    return iban.replace(' ', '')[14:25]


def create_statement_rules(config, company):
    "Create the rules which recognise our invoice numbers and the bank's fees"
    Rule = Model.get('account.statement.rule', config=config)
    for name, description, code in [
            ("Numéro de facture", r'(?P<invoice>F\d{4}-\d{4})', None),
            ("Frais bancaires", r'(?i)\b(frais|commission|cotis carte)\b',
                '6278')]:
        if Rule.find([('name', '=', name), ('company', '=', company.id)]):
            continue
        rule = Rule(name=name, company=company, description=description)
        line = rule.lines.new(amount='pending')
        if code:
            line.account = get_account(code, company, config)
        rule.save()


def create_payment_methods(config, company):
    "Create the ways to pay an invoice without a bank statement"
    Method = Model.get('account.invoice.payment.method', config=config)
    Journal = Model.get('account.journal', config=config)
    journal = Journal(get_id('account.journal_cash', config))
    for name, code in [("Chèque", '5112'), ("Espèces", '5311')]:
        if Method.find([('name', '=', name), ('company', '=', company.id)]):
            continue
        account = get_account(code, company, config)
        Method(
            name=name, company=company, journal=journal,
            credit_account=account, debit_account=account).save()


def set_categories(config, company):
    """Give each accounting category its account and the taxes of a seller
    liable for VAT, which the regime replaces."""
    for code, taxes in REVENUE_CATEGORIES.items():
        category = get_category(code, config)
        if not category.account_revenue:
            category.account_revenue = get_account(code, company, config)
            for tax in taxes:
                category.customer_taxes.append(
                    get_tax(tax, company, config))
            category.save()
    for code, taxes in EXPENSE_CATEGORIES.items():
        category = get_category(code, config)
        if not category.account_expense:
            category.account_expense = get_account(code, company, config)
            for tax in taxes:
                category.supplier_taxes.append(
                    get_tax(tax, company, config))
            category.save()
