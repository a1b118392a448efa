# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt
from decimal import Decimal

from proteus import Model, Wizard
from trytond.model import ModelSQL, fields
from trytond.modules.company.tests.tools import get_company
from trytond.modules.proxymikro_account.setup_books import get_product
from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME
from trytond.transaction import Transaction

__all__ = [
    'create_debit_journal', 'create_mandate', 'create_membership',
    'create_membership_type', 'find_written', 'pay']


def create_membership_type(
        name="École", statutory='10.00', counterpart='20.00', **values):
    "Create a type whose fee has a part in 7561 and one in 7562"
    Type = Model.get('party.membership.type')
    type_ = Type(name=name, **values)
    for product, amount in [
            ('fee', statutory), ('fee_counterpart', counterpart)]:
        if amount:
            type_.fees.new(
                product=get_product(product), amount=Decimal(amount))
    type_.save()
    return type_


def create_membership(party, type_, start_date=None, **values):
    Membership = Model.get('party.membership')
    membership = Membership(party=party, type=type_, **values)
    if start_date:
        membership.start_date = start_date
    membership.save()
    return membership


def pay(invoice):
    "Pay the invoice by cheque"
    Method = Model.get('account.invoice.payment.method')
    wizard = Wizard('account.invoice.pay', [invoice])
    wizard.form.payment_method, = Method.find([('name', '=', "Chèque")])
    wizard.execute('choice')


def create_debit_journal(name="Prélèvements", creditor='FR72ZZZ123456'):
    "Let the association debit its members"
    Account = Model.get('bank.account')
    Bank = Model.get('bank')
    Journal = Model.get('account.payment.journal')
    Party = Model.get('party.party')
    company = get_company()
    identifier = company.party.identifiers.new()
    identifier.type, identifier.code = 'eu_at_02', creditor
    company.party.save()
    bank_party = Party(name="Banque des Dunes")
    bank_party.save()
    bank = Bank(party=bank_party, bic='BNPAFRPP')
    bank.save()
    account, = Account.find([('owners', '=', company.party.id)], limit=1)
    account.bank = bank
    account.save()
    journal = Journal(name=name, process_method='sepa')
    journal.sepa_bank_account_number, = [
        n for n in account.numbers if n.type == 'iban']
    journal.sepa_payable_flavor = 'pain.001.001.03'
    journal.sepa_receivable_flavor = 'pain.008.001.02'
    journal.save()
    return journal


def create_mandate(party, iban, identification, journal):
    "Have the party sign a mandate, in the bank of the association"
    Account = Model.get('bank.account')
    Mandate = Model.get('account.payment.sepa.mandate')
    account = Account(
        bank=journal.sepa_bank_account_number.account.bank)
    account.owners.append(Model.get('party.party')(party.id))
    account.numbers.new(type='iban', number=iban)
    account.save()
    mandate = Mandate(party=party, identification=identification)
    mandate.account_number, = account.numbers
    mandate.signature_date = dt.date.today()
    mandate.click('request')
    mandate.click('validate_mandate')
    return mandate


def find_written(*texts):
    "Return where the database, history included, still says one of the texts"
    found = set()
    with Transaction().start(DB_NAME, 1, readonly=True) as transaction:
        cursor = transaction.connection.cursor()
        for name, cls in Pool().iterobject('model'):
            if not issubclass(cls, ModelSQL) or callable(cls.table_query):
                continue
            tables = [cls.__table__()]
            if cls._history:
                tables.append(cls.__table_history__())
            columns = [
                n for n, f in cls._fields.items()
                if isinstance(f, (fields.Char, fields.Text, fields.Binary))
                and not isinstance(f, fields.Function)
                and not (isinstance(f, fields.Binary) and f.file_id)]
            for table in tables if columns else []:
                cursor.execute(*table.select(
                        *(getattr(table, n) for n in columns)))
                for row in cursor:
                    found.update(
                        (name, column) for column, value in zip(columns, row)
                        if any(t in _to_text(value) for t in texts))
    return sorted(found)


def _to_text(value):
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode('utf-8', 'replace')
    return str(value)
