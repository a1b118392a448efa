# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Money which goes from one of our accounts to another.

The side of an account whose statements are imported waits on the account of the
internal transfers for the line of the bank, so that no amount is entered twice.
"""
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import Transaction
from trytond.wizard import Button, StateAction, StateView, Wizard

from .account import find_account, find_accounts, two_line_move
from .exceptions import TransferError

ACCOUNT = 'proxymikro_account.580'
# The banks, the post, the other institutions, the cash and the advances
CASH = ['account_fr.53', 'account_fr.54']
MONEY = ['account_fr.512', 'account_fr.514', 'account_fr.517', *CASH]
# How the banks name what comes from another account, or goes to it
NAMES = (
    "virement interne", "vir interne", "virement compte compte",
    "versement especes", "vers especes", "depot especes", "remise especes",
    "retrait especes", "retrait dab", "retrait gab")


def get_money_accounts(company, templates=MONEY):
    "Return where the company has money: its banks and its cash boxes"
    return find_accounts(
        company.id, templates,
        ('company', '=', company.id),
        ('type', '!=', None),
        ('closed', '!=', True),
        ('reconcile', '!=', True),
        ('second_currency', '=', None))


class TransferStart(ModelView):
    __name__ = 'account.transfer.start'

    company = fields.Many2One('company.company', "Company", required=True)
    accounts = fields.Many2Many(
        'account.account', None, None, "Accounts", readonly=True)
    currency = fields.Many2One(
        'currency.currency', "Currency", readonly=True)
    date = fields.Date("Date", required=True)
    from_account = fields.Many2One(
        'account.account', "From", required=True,
        domain=[
            ('id', 'in', Eval('accounts', [])),
            ('id', '!=', Eval('to_account', -1)),
            ])
    to_account = fields.Many2One(
        'account.account', "To", required=True,
        domain=[
            ('id', 'in', Eval('accounts', [])),
            ('id', '!=', Eval('from_account', -1)),
            ])
    amount = Monetary(
        "Amount", currency='currency', digits='currency', required=True,
        domain=[('amount', '>', 0)])
    description = fields.Char("Description")
    awaited = fields.Function(
        fields.Text("Awaited from the Bank"), 'on_change_with_awaited')

    @fields.depends('company', 'from_account', 'to_account')
    def on_change_with_awaited(self, name=None):
        "Tell what the statements will bring"
        Journal = Pool().get('account.statement.journal')
        accounts = list(filter(None, [self.from_account, self.to_account]))
        journals = Journal.search([
                ('company', '=', self.company.id if self.company else -1),
                ('account', 'in', [a.id for a in accounts]),
                ])
        return '\n'.join(
            gettext('proxymikro_account.msg_transfer_awaited',
                journal=j.rec_name) for j in journals)


class Transfer(Wizard):
    __name__ = 'account.transfer'

    start = StateView(
        'account.transfer.start',
        'proxymikro_account.transfer_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Transfer", 'transfer', 'tryton-ok', default=True),
            ])
    transfer = StateAction('account.act_move_form')

    def default_start(self, fields):
        pool = Pool()
        Company = pool.get('company.company')
        Date = pool.get('ir.date')
        company = Company(Transaction().context['company'])
        return {
            'company': company.id,
            'currency': company.currency.id,
            'accounts': [a.id for a in get_money_accounts(company)],
            'date': Date.today(),
            }

    def do_transfer(self, action):
        Move = Pool().get('account.move')
        move = self._get_move()
        move.save()
        Move.post([move])
        return action, {'res_id': [move.id]}

    def _get_move(self):
        start = self.start
        description = start.description or gettext(
            'proxymikro_account.msg_transfer_description',
            from_=start.from_account.name, to=start.to_account.name)
        return two_line_move(
            start.company, start.date, 'account.journal_cash',
            self._get_account(start.to_account),
            self._get_account(start.from_account),
            start.amount, description=description)

    def _get_account(self, account):
        "Return the account to move now: the statements will move the others"
        Journal = Pool().get('account.statement.journal')
        company = self.start.company
        if not Journal.search([
                    ('company', '=', company.id),
                    ('account', '=', account.id),
                    ], limit=1):
            return account
        waiting = find_account(company, ACCOUNT)
        if not waiting:
            raise TransferError(gettext(
                    'proxymikro_account.msg_transfer_account',
                    company=company.rec_name))
        return waiting


class Statement(metaclass=PoolMeta):
    __name__ = 'account.statement'

    def _get_candidates(self):
        "Name the transfers as the banks do"
        candidates = super()._get_candidates()
        if account := find_account(self.company, ACCOUNT):
            for candidate in candidates:
                if candidate.account == account.id:
                    candidate.names += NAMES
                    candidate.whole = True
        return candidates
