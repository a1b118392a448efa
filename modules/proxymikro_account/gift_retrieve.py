# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Find in the books the gifts that the bank, the deposits, the claims hold."""
from trytond.pool import Pool
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import StateAction, Wizard

from .account import find_account
from .gift import DEBIT_ACCOUNTS

# The accounts whose credits are gifts, with their nature
GIFT_ACCOUNTS = {
    'proxymikro_account.75411': 'money',
    'proxymikro_account.75412': 'waiver',
    'proxymikro_account.7542': 'money',
    }


class GiftRetrieve(Wizard):
    __name__ = 'account.gift.retrieve'
    start_state = 'open_'
    open_ = StateAction('proxymikro_account.act_gift_retrieved')

    @without_check_access
    def do_open_(self, action):
        "Make a draft gift of each credit of a gift account without one"
        pool = Pool()
        Company = pool.get('company.company')
        Gift = pool.get('account.gift')
        company = Company(Transaction().context['company'])
        lines = self.find_lines(company)
        means = {
            find_account(company, template): name
            for name, template in DEBIT_ACCOUNTS.items()}
        gifts = [self.get_gift(company, *item, means) for item in lines]
        Gift.save(gifts)
        return action, {'res_id': [g.id for g in gifts]}

    @classmethod
    def find_lines(cls, company):
        "Return the lines which are a gift without one, with their nature"
        pool = Pool()
        Gift = pool.get('account.gift')
        Line = pool.get('account.move.line')
        natures = {
            find_account(company, template): nature
            for template, nature in GIFT_ACCOUNTS.items()}
        natures.pop(None, None)
        lines = Line.search([
                ('account', 'in', [a.id for a in natures]),
                ('move.state', '=', 'posted'),
                ('move.period.type', '=', 'standard'),
                ('credit', '>', 0),
                ], order=[('date', 'ASC'), ('id', 'ASC')])
        known = {g.line for g in Gift.search([
                    ('company', '=', company.id), ('line', '!=', None)])}
        moves = {m for g in Gift.search([
                    ('company', '=', company.id), ('move', '!=', None)])
            for m in [g.move, g.cancel_move]}
        return [
            (line, natures[line.account]) for line in lines
            if line not in known and line.move not in moves]

    @classmethod
    def get_gift(cls, company, line, nature, means):
        Gift = Pool().get('account.gift')
        return Gift(
            company=company, line=line, nature=nature, date=line.date,
            party=cls.get_party(line), amount=line.credit,
            means=cls.get_means(line, means) if nature == 'money' else None,
            description=line.description_used)

    @classmethod
    def get_party(cls, line):
        "Return the donor: who the bank names, or the party who pays it alone"
        if party := getattr(line.origin, 'party', None):
            return party
        parties = {l.party for l in line.move.lines if l.party}
        credits = [l for l in line.move.lines if l.credit]
        if len(parties) == len(credits) == 1:
            return parties.pop()

    @classmethod
    def get_means(cls, line, means):
        "Return how it was paid, from the account on the other side"
        accounts = {l.account for l in line.move.lines if l.debit}
        if len(accounts) == 1:
            return means.get(accounts.pop(), 'transfer')
        return 'transfer'
