# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Open the books of an association: all it takes before the first entry.

What is there already is kept, so that the wizard can be run again: each year to
open the next one, or to complete what is missing.
"""
from dateutil.relativedelta import relativedelta

from trytond.model import ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .books_template import (
    EXPENSE_CATEGORIES, JOURNALS, PAYMENT_METHODS, REVENUE_CATEGORIES,
    SEQUENCES, STATEMENT_RULES)
from .vat_regime import VAT_REGIMES


class BooksSetupStart(ModelView):
    __name__ = 'account.books.setup.start'

    company = fields.Many2One(
        'company.company', "Company",
        help="Empty: the company is created.")
    name = fields.Char(
        "Name of the Association",
        states={
            'invisible': Bool(Eval('company')),
            'required': ~Eval('company'),
            })
    siren = fields.Char(
        "SIREN", states={'invisible': Bool(Eval('company'))})
    rna = fields.Char(
        "RNA Number", states={'invisible': Bool(Eval('company'))})
    street = fields.Text(
        "Street", states={'invisible': Bool(Eval('company'))})
    postal_code = fields.Char(
        "Postal Code", states={'invisible': Bool(Eval('company'))})
    city = fields.Char(
        "City", states={'invisible': Bool(Eval('company'))})
    start_date = fields.Date(
        "Start of the Fiscal Year", required=True)
    end_date = fields.Date(
        "End of the Fiscal Year", required=True,
        domain=[('end_date', '>', Eval('start_date', None))])
    regime = fields.Selection(
        VAT_REGIMES, "VAT Regime", required=True, sort=False,
        help="Kept as it is if the company already has one.")
    bank_name = fields.Char("Bank")
    iban = fields.Char(
        "IBAN",
        states={
            'required': Bool(Eval('bank_name')),
            },
        help="The account whose statements are imported. "
        "Empty: no bank account is created.")

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_start_date(cls):
        return Pool().get('ir.date').today().replace(month=1, day=1)

    @classmethod
    def default_end_date(cls):
        return Pool().get('ir.date').today().replace(month=12, day=31)

    @classmethod
    def default_regime(cls):
        return 'exemption'

    @fields.depends('start_date')
    def on_change_start_date(self):
        if self.start_date:
            self.end_date = self.start_date + relativedelta(years=1, days=-1)


class BooksSetup(Wizard):
    __name__ = 'account.books.setup'

    start = StateView(
        'account.books.setup.start',
        'proxymikro_account.books_setup_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Set Up", 'set_up', 'tryton-ok', default=True),
            ])
    set_up = StateTransition()

    @without_check_access
    def transition_set_up(self):
        Company = Pool().get('company.company')
        company = self.start.company or self._create_company()
        # The wizard of core that it drives is not about where it was opened
        with Transaction().set_context(
                company=company.id, active_model=None, active_id=None,
                active_ids=None):
            company = Company(company.id)
            self._create_chart(company)
            self._create_regime(company)
            self._name_journals()
            self._create_fiscalyear(company)
            self._create_bank(company)
            self._create_statement_rules(company)
            self._create_payment_methods(company)
            self._set_categories(company)
        return 'end'

    def end(self):
        return 'reload context'

    def _create_company(self):
        Company = Pool().get('company.company')
        return Company.create_association({
                n: getattr(self.start, n, None) for n in [
                    'name', 'siren', 'rna', 'street', 'postal_code', 'city']})

    def _create_chart(self, company):
        pool = Pool()
        Account = pool.get('account.account')
        CreateChart = pool.get('account.create_chart', type='wizard')
        Data = pool.get('ir.model.data')
        Template = pool.get('account.account.template')
        if Account.search([('company', '=', company.id)], limit=1):
            return
        session_id, _, _ = CreateChart.create()
        wizard = CreateChart(session_id)
        wizard.account.company = company
        wizard.account.account_template = Template(
            Data.get_id('account_fr.root'))
        wizard.transition_create_account()
        for name, value in wizard.default_properties([]).items():
            setattr(wizard.properties, name, value)
        wizard.properties.company = company
        wizard.transition_create_properties()
        CreateChart.delete(session_id)

    def _create_regime(self, company):
        Regime = Pool().get('company.vat.regime')
        if not company.vat_regimes:
            Regime.create([{
                        'company': company.id,
                        'start_date': self.start.start_date,
                        'regime': self.start.regime,
                        }])

    def _name_journals(self):
        pool = Pool()
        Data = pool.get('ir.model.data')
        Journal = pool.get('account.journal')
        journals = []
        for xml_id, (code, name) in JOURNALS.items():
            journal = Journal(Data.get_id(xml_id))
            journal.code, journal.name = code, name
            journals.append(journal)
        Journal.save(journals)

    def _create_fiscalyear(self, company):
        FiscalYear = Pool().get('account.fiscalyear')
        start, end = self.start.start_date, self.start.end_date
        if FiscalYear.search([
                    ('company', '=', company.id),
                    ('start_date', '<=', end),
                    ('end_date', '>=', start),
                    ], limit=1):
            return
        name = str(start.year)
        if end.year != start.year:
            name += f'-{end.year}'
        sequences = {
            field: self._create_sequence(
                company, type_, f'{label} {name}', f'{prefix}{name}-')
            for field, (type_, label, prefix) in SEQUENCES.items()}
        fiscalyear = FiscalYear(
            name=name, company=company, start_date=start, end_date=end,
            move_sequence=sequences.pop('move_sequence'))
        fiscalyear.invoice_sequences = [{'company': company, **sequences}]
        fiscalyear.save()
        FiscalYear.create_period([fiscalyear])

    def _create_sequence(self, company, type_, name, prefix):
        pool = Pool()
        Data = pool.get('ir.model.data')
        Sequence = pool.get('ir.sequence.strict')
        sequence, = Sequence.create([{
                    'name': name,
                    'prefix': prefix,
                    'padding': 4,
                    'company': company.id,
                    'sequence_type': Data.get_id(type_),
                    }])
        return sequence

    def _create_bank(self, company):
        pool = Pool()
        Data = pool.get('ir.model.data')
        StatementJournal = pool.get('account.statement.journal')
        if (not self.start.iban or StatementJournal.search([
                        ('company', '=', company.id)], limit=1)):
            return
        StatementJournal.create([{
                    'name': self.start.bank_name,
                    'company': company.id,
                    'currency': company.currency.id,
                    'journal': Data.get_id(
                        'account_statement.journal_statement'),
                    'account': self._get_account(company, 'account_fr.5121'),
                    'bank_account': self._create_bank_account(company).id,
                    'validation': 'balance',
                    }])

    def _create_bank_account(self, company):
        "Return the account with its IBAN and the number an OFX file quotes"
        pool = Pool()
        Bank = pool.get('bank')
        BankAccount = pool.get('bank.account')
        Party = pool.get('party.party')
        party, = Party.create([{'name': self.start.bank_name}])
        bank, = Bank.create([{'party': party.id}])
        iban = self.start.iban.replace(' ', '')
        account, = BankAccount.create([{
                    'bank': bank.id,
                    'currency': company.currency.id,
                    'owners': [('add', [company.party.id])],
                    'numbers': [('create', [
                                {'type': 'iban', 'number': iban},
                                {'type': 'other', 'number': iban[14:25]},
                                ])],
                    }])
        return account

    def _create_statement_rules(self, company):
        Rule = Pool().get('account.statement.rule')
        known = {r.name for r in Rule.search([('company', '=', company.id)])}
        Rule.create([{
                    'name': name,
                    'company': company.id,
                    'description': description,
                    'lines': [('create', [{
                                    'amount': 'pending',
                                    'account': account and self._get_account(
                                        company, account),
                                    }])],
                    }
                for name, (description, account) in STATEMENT_RULES.items()
                if name not in known])

    def _create_payment_methods(self, company):
        pool = Pool()
        Data = pool.get('ir.model.data')
        Method = pool.get('account.invoice.payment.method')
        known = {m.name for m in Method.search([('company', '=', company.id)])}
        to_create = []
        for name, account in PAYMENT_METHODS.items():
            if name not in known:
                account = self._get_account(company, account)
                to_create.append({
                        'name': name,
                        'company': company.id,
                        'journal': Data.get_id('account.journal_cash'),
                        'credit_account': account,
                        'debit_account': account,
                        })
        Method.create(to_create)

    def _set_categories(self, company):
        """Give each accounting category its account and the taxes of a seller
        liable for VAT, which the regime replaces."""
        pool = Pool()
        Category = pool.get('product.category')
        Data = pool.get('ir.model.data')
        for categories, account_name, taxes_name in [
                (REVENUE_CATEGORIES, 'account_revenue', 'customer_taxes'),
                (EXPENSE_CATEGORIES, 'account_expense', 'supplier_taxes')]:
            to_save = []
            for xml_id, (account, taxes) in categories.items():
                category = Category(Data.get_id(xml_id))
                if getattr(category, account_name):
                    continue
                setattr(
                    category, account_name,
                    self._get_account(company, account))
                setattr(category, taxes_name, [
                        *getattr(category, taxes_name),
                        *(self._get_tax(company, t) for t in taxes)])
                to_save.append(category)
            Category.save(to_save)

    def _get_account(self, company, template):
        return self._get_from_template('account.account', company, template)

    def _get_tax(self, company, template):
        return self._get_from_template('account.tax', company, template)

    def _get_from_template(self, model, company, template):
        "Return the id of the company's record made from the template"
        pool = Pool()
        Data = pool.get('ir.model.data')
        record, = pool.get(model).search([
                ('company', '=', company.id),
                ('template', '=', Data.get_id(template)),
                ], limit=1)
        return record.id
