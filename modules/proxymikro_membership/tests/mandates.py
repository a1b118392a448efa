# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The mandates of the unit tests."""
import datetime as dt

from stdnum.iban import calc_check_digits
from trytond.pool import Pool

TODAY = dt.date.today()


def iban(number):
    "Return the number of an account in France, valid but for its own key"
    digits = f'2004101005{number:011}00'
    return f"FR{calc_check_digits(f'FR00{digits}')}{digits}"


class MandatesMixin:
    "A test whose members are debited"

    def create_journal(self, company):
        pool = Pool()
        Journal = pool.get('account.payment.journal')
        Party = pool.get('party.party')
        Party.write([company.party], {'identifiers': [('create', [{
                                'type': 'eu_at_02',
                                'code': 'FR72ZZZ123456'}])]})
        bank, = pool.get('bank').create([{
                    'party': Party.create([{'name': "Banque"}])[0].id,
                    'bic': 'BNPAFRPP'}])
        journal, = Journal.create([{
                    'name': "Prélèvements", 'company': company.id,
                    'process_method': 'sepa',
                    'sepa_bank_account_number': self.create_account(
                        bank, company.party, 1),
                    'sepa_payable_flavor': 'pain.001.001.03',
                    'sepa_receivable_flavor': 'pain.008.001.02'}])
        return journal

    def create_account(self, bank, party, number):
        account, = Pool().get('bank.account').create([{
                    'bank': bank.id, 'owners': [('add', [party.id])],
                    'numbers': [('create', [{
                                    'type': 'iban', 'number': iban(number)}])],
                    }])
        return account.numbers[0].id

    def create_mandate(self, party, journal, number):
        Mandate = Pool().get('account.payment.sepa.mandate')
        account = journal.sepa_bank_account_number.account
        Mandate.create([{
                    'party': party.id, 'company': journal.company.id,
                    'address': party.addresses[0].id,
                    'account_number': self.create_account(
                        account.bank, party, number),
                    'identification': f'RUM-{number}',
                    'signature_date': TODAY, 'state': 'validated'}])
