# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the rows of an earlier balance become in our chart."""
from collections import defaultdict
from decimal import Decimal

from trytond.i18n import gettext
from trytond.modules.proxymikro_base.importer import near, normalize
from trytond.pool import Pool

from .account import find_account

PROFIT, LOSS = 'account_fr.120', 'account_fr.129'


class OpeningPlan:
    """The move which opens the books with the rows, and all that prevents it.

    Nothing is written before ``apply``.
    """

    def __init__(
            self, fiscalyear, rows, create_parties=False, closest=False):
        self.fiscalyear, self.company = fiscalyear, fiscalyear.company
        self.create_parties, self.closest = create_parties, closest
        self.errors, self.notes = [], []
        self.new_parties = {}
        self.lines = []
        self._search_accounts()
        self._search_parties(rows)
        result = Decimal(0)
        for row in rows:
            if row.account[0] in '67':
                result += row.balance
            elif row.account[0] in '12345':
                self._add(row)
            else:
                self._note('skipped', account=row.account)
        self._add_result(result)
        self._check_balance()

    def _error(self, row, message, **values):
        self.errors.append({
                'line': row.line if row else 1, 'column': '',
                'message': gettext(
                    f'proxymikro_account.msg_opening_{message}', **values)})

    def _note(self, message, **values):
        note = gettext(f'proxymikro_account.msg_opening_{message}', **values)
        if note not in self.notes:
            self.notes.append(note)

    def _search_accounts(self):
        Account = Pool().get('account.account')
        self.accounts = {
            a.code: a for a in Account.search([
                    ('company', '=', self.company.id),
                    ('type', '!=', None), ('closed', '!=', True),
                    ('code', '!=', None),
                    ])}

    def _search_parties(self, rows):
        Party = Pool().get('party.party')
        texts = list({
                t for r in rows for t in [r.party, r.party_name] if t})
        self.parties = defaultdict(set)
        for party in Party.search(['OR',
                    ('name', 'in', texts),
                    ('code', 'in', texts),
                    ('identifiers.code', 'in', texts),
                    ]):
            for key in [party.name, party.code, *(
                        i.code for i in party.identifiers)]:
                self.parties[normalize(key or '')].add(party)

    def _get_account(self, row):
        "Return the account of that code, the zeros at its end aside"
        code = row.account.rstrip('0')
        for key in [row.account, *(
                    code + '0' * n
                    for n in range(len(row.account) - len(code)))]:
            if key in self.accounts:
                return self.accounts[key]
        for end in range(len(code) - 1, 1, -1) if self.closest else ():
            if account := self.accounts.get(code[:end]):
                self._note(
                    'closest', account=row.account, chosen=account.rec_name)
                return account
        choices = [c for c in self.accounts if c.startswith(code[:2])]
        self._error(
            row, 'account', account=f'{row.account} {row.name}'.strip(),
            near=', '.join(near(code, choices) or sorted(choices)[:3]))

    def _get_party(self, row, account):
        for text in [row.party, row.party_name]:
            found = self.parties.get(normalize(text)) if text else None
            if found and len(found) > 1:
                self._error(row, 'party_several', party=text)
                return None
            if found:
                return next(iter(found))
        name = row.party_name or row.party
        if not name:
            self._error(row, 'party_missing', account=account.rec_name)
        elif self.create_parties:
            Party = Pool().get('party.party')
            key = normalize(name)
            if key not in self.new_parties:
                self.new_parties[key] = Party(name=name)
            return self.new_parties[key]
        else:
            self._error(row, 'party', party=name)

    def _add(self, row):
        Line = Pool().get('account.move.line')
        account = self._get_account(row)
        if not account:
            return
        line = Line(
            account=account,
            debit=max(row.balance, Decimal(0)),
            credit=max(-row.balance, Decimal(0)),
            description=' '.join(filter(None, [
                        row.reference, row.name]))[:250] or None)
        if account.party_required:
            line.party = self._get_party(row, account)
        if account.type.receivable or account.type.payable:
            line.maturity_date = (
                row.due or row.date or self.fiscalyear.start_date)
        if line.debit.as_tuple().exponent < -self.company.currency.digits or (
                line.credit.as_tuple().exponent
                < -self.company.currency.digits):
            self._error(row, 'digits', account=row.account)
        self.lines.append(line)

    def _add_result(self, result):
        "Carry the income and the expenses of the closed year to its result"
        Line = Pool().get('account.move.line')
        if not result:
            return
        account = find_account(self.company, LOSS if result > 0 else PROFIT)
        self._note(
            'result', account=account.rec_name,
            amount=self._format(abs(result)))
        self.lines.append(Line(
                account=account, debit=max(result, Decimal(0)),
                credit=max(-result, Decimal(0))))

    def _check_balance(self):
        if not self.lines and not self.errors:
            self._error(None, 'empty')
        difference = sum(l.debit - l.credit for l in self.lines)
        if difference and not self.errors:
            self._error(
                None, 'unbalanced', difference=self._format(difference),
                debit=self._format(self.debit))

    def _format(self, amount):
        Lang = Pool().get('ir.lang')
        return Lang.get().currency(amount, self.company.currency)

    @property
    def debit(self):
        return sum((l.debit for l in self.lines), Decimal(0))

    def get_result(self):
        return {
            'lines': len(self.lines), 'debit': self.debit,
            'parties': len(self.new_parties), 'notes': self.notes,
            'errors': self.errors}

    def apply(self):
        "Return the posted move"
        pool = Pool()
        Data = pool.get('ir.model.data')
        Move = pool.get('account.move')
        Party = pool.get('party.party')
        Period = pool.get('account.period')
        Party.save(list(self.new_parties.values()))
        date = self.fiscalyear.start_date
        move = Move(
            company=self.company, date=date,
            journal=Data.get_id('account.journal_miscellaneous'),
            period=Period.find(self.company, date=date),
            description=gettext('proxymikro_account.msg_opening_move'),
            lines=self.lines)
        move.save()
        Move.post([move])
        return move
