# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is given to the association.

A gift is entered by hand, and posts its move, or is retrieved from what the
books already hold: a bank statement, cheques, a claim that was waived.
"""
from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, Workflow, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction

from .account import find_account, two_line_move
from .exceptions import GiftError

NATURES = [
    ('money', "Money"),
    ('waiver', "Waiver of a Volunteer's Expenses"),
    ('kind', "In Kind"),
    ]
MEANS = [
    (None, ""),
    ('transfer', "Transfer, Direct Debit or Card"),
    ('cheque', "Cheque"),
    ('cash', "Cash"),
    ]
# Where cheques and cash wait for the bank
DEBIT_ACCOUNTS = {
    'cheque': 'account_fr.5112',
    'cash': 'account_fr.5311',
    }


class Gift(Workflow, ModelSQL, ModelView):
    __name__ = 'account.gift'

    _draft = {'readonly': Eval('state') != 'draft'}
    _entered = {
        'readonly': (Eval('state') != 'draft') | Bool(Eval('line')),
        }
    _account_states = {
        'readonly': Eval('state') != 'draft',
        'invisible': Bool(Eval('line')),
        'required': (
            ~Bool(Eval('line')) & (Eval('state') == 'recorded')
            & (Eval('nature') != 'kind')),
        }
    company = fields.Many2One(
        'company.company', "Company", required=True, states=_entered)
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    party = fields.Many2One(
        'party.party', "Donor", ondelete='RESTRICT', states=_draft,
        context={'company': Eval('company', -1)}, depends={'company'},
        help="Empty: the donor is unknown, and gets no receipt.")
    date = fields.Date(
        "Date", required=True, states=_entered,
        help="The day the gift was made: a cheque is given the day it is "
        "handed over.")
    nature = fields.Selection(
        NATURES, "Nature", required=True, sort=False, states=_entered)
    means = fields.Selection(
        MEANS, "Paid By", sort=False,
        states={
            'readonly': Eval('state') != 'draft',
            'invisible': Eval('nature') != 'money',
            'required': (
                (Eval('nature') == 'money') & (Eval('state') == 'recorded')),
            })
    amount = Monetary(
        "Amount", currency='currency', digits='currency', required=True,
        domain=[('amount', '>', 0)], states=_entered,
        help="In kind: what an individual's gift is worth, checked by the "
        "association; what it cost a company, valued by itself.")
    description = fields.Text(
        "Description",
        states={
            'readonly': Eval('state') != 'draft',
            'required': Eval('nature') == 'kind',
            },
        help="In kind: each item with its quantity, as the receipt lists "
        "them.")
    signed_on = fields.Date(
        "Statement Signed On",
        states={
            'readonly': Bool(Eval('receipt')),
            'invisible': Eval('nature') == 'money',
            },
        help="The day the volunteer signed the waiver, or the donor the "
        "valuation. Attach the document to the gift.")
    line = fields.Many2One(
        'account.move.line', "Entry", readonly=True, ondelete='RESTRICT',
        states={'invisible': ~Bool(Eval('line'))},
        help="The line of the books that the gift was retrieved from.")
    debit_account = fields.Many2One(
        'account.account', "Debit Account", ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type', '!=', None),
            ('closed', '!=', True),
            ],
        states=_account_states,
        help="Where the money is, what the volunteer was owed, or the asset.\n"
        "Empty: a gift in kind is not in the accounts of the balance sheet.")
    credit_account = fields.Many2One(
        'account.account', "Credit Account", ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type.statement', '=', 'income'),
            ('closed', '!=', True),
            ],
        states={
            **_account_states,
            'required': (
                _account_states['required'] | Bool(Eval('debit_account'))),
            })
    move = fields.Many2One(
        'account.move', "Move", readonly=True, ondelete='RESTRICT')
    cancel_move = fields.Many2One(
        'account.move', "Cancel Move", readonly=True, ondelete='RESTRICT',
        states={'invisible': ~Bool(Eval('cancel_move'))})
    receipt = fields.Many2One(
        'account.tax.receipt', "Tax Receipt", readonly=True,
        ondelete='RESTRICT')
    state = fields.Selection([
            ('draft', "Draft"),
            ('recorded', "Recorded"),
            ('cancelled', "Cancelled"),
            ], "State", required=True, readonly=True, sort=False)
    del _draft, _entered, _account_states

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('line_unique', Unique(t, t.line),
                'proxymikro_account.msg_gift_line_unique'),
            ]
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._transitions |= {
            ('draft', 'recorded'),
            ('draft', 'cancelled'),
            ('recorded', 'cancelled'),
            }
        cls._buttons.update({
                'record': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'issue_receipt': {
                    'invisible': (
                        (Eval('state') != 'recorded') | Bool(Eval('receipt'))),
                    'depends': ['state', 'receipt'],
                    },
                'cancel': {
                    'invisible': Eval('state') == 'cancelled',
                    'readonly': Bool(Eval('receipt')),
                    'depends': ['state', 'receipt'],
                    },
                })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_nature(cls):
        return 'money'

    @classmethod
    def default_state(cls):
        return 'draft'

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @fields.depends('company', 'party', 'nature', 'means', 'line')
    def set_accounts(self):
        "Propose the accounts of the gift"
        self.debit_account = self.credit_account = None
        if not self.company or self.line or self.nature == 'kind':
            return
        debit, credit = DEBIT_ACCOUNTS.get(self.means), '75411'
        if self.nature == 'waiver':
            debit, credit = 'proxymikro_account.4681', '75412'
        elif self.party and self.party.customer_kind == 'professional':
            credit = '7542'
        if debit:
            self.debit_account = find_account(self.company, debit)
        self.credit_account = find_account(
            self.company, f'proxymikro_account.{credit}')

    @fields.depends('nature', methods=['set_accounts'])
    def on_change_nature(self):
        if self.nature != 'money':
            self.means = None
        self.set_accounts()

    @fields.depends(methods=['set_accounts'])
    def on_change_means(self):
        self.set_accounts()

    @fields.depends(methods=['set_accounts'])
    def on_change_party(self):
        self.set_accounts()

    def get_rec_name(self, name):
        Lang = Pool().get('ir.lang')
        lang = Lang.get()
        donor = self.party.rec_name if self.party else gettext(
            'proxymikro_account.msg_gift_anonymous')
        amount = lang.currency(self.amount, self.currency)
        return f'{donor}, {lang.strftime(self.date)}, {amount}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('party.rec_name', *clause[1:])]

    @classmethod
    def check_modification(cls, mode, gifts, values=None, external=False):
        super().check_modification(
            mode, gifts, values=values, external=external)
        if mode == 'delete':
            for gift in gifts:
                if gift.state != 'draft':
                    raise GiftError(gettext(
                            'proxymikro_account.msg_gift_delete',
                            gift=gift.rec_name))
        elif mode == 'write' and external:
            # What the sheet shows read-only is so for imports and scripts too
            for gift in gifts:
                if gift.state != 'draft' and values.keys() - {'signed_on'}:
                    raise GiftError(gettext(
                            'proxymikro_account.msg_gift_modify',
                            gift=gift.rec_name))

    @classmethod
    def copy(cls, gifts, default=None):
        default = default.copy() if default is not None else {}
        for name in ['line', 'move', 'cancel_move', 'receipt', 'signed_on']:
            default.setdefault(name)
        default.setdefault('state', 'draft')
        return super().copy(gifts, default=default)

    @classmethod
    @ModelView.button
    @Workflow.transition('recorded')
    def record(cls, gifts):
        "Post the moves of the gifts which are not in the books yet"
        Move = Pool().get('account.move')
        moves = []
        for gift in gifts:
            if gift.debit_account and not gift.line:
                gift.move = gift._get_move()
                moves.append(gift.move)
        Move.save(moves)
        cls.save(gifts)
        Move.post(moves)

    def _get_move(self):
        if self.debit_account.party_required and not self.party:
            raise GiftError(gettext(
                    'proxymikro_account.msg_gift_party', gift=self.rec_name))
        journal = 'account.journal_miscellaneous'
        if self.means in {'cash', 'cheque'}:
            journal = 'account.journal_cash'
        return two_line_move(
            self.company, self.date, journal,
            self.debit_account, self.credit_account, self.amount,
            party=self.party, origin=self, description=self.rec_name)

    @classmethod
    @ModelView.button_action('proxymikro_account.act_tax_receipt_issued')
    def issue_receipt(cls, gifts):
        Receipt = Pool().get('account.tax.receipt')
        receipts = Receipt.issue(gifts)
        return {'res_id': [r.id for r in receipts]}

    @classmethod
    @ModelView.button
    @Workflow.transition('cancelled')
    def cancel(cls, gifts):
        "Cancel the gifts and the moves they posted"
        Move = Pool().get('account.move')
        moves = []
        for gift in gifts:
            if gift.receipt:
                raise GiftError(gettext(
                        'proxymikro_account.msg_gift_cancel_receipt',
                        gift=gift.rec_name, receipt=gift.receipt.rec_name))
            # What was retrieved can be retrieved again
            gift.line = None
            if gift.move:
                gift.cancel_move = gift.move.cancel()
                moves.append(gift.cancel_move)
        cls.save(gifts)
        Move.post(moves)

    @property
    def donor_kind(self):
        "Return which receipt the donor may get, None if none"
        if not self.party:
            return None
        if self.party.legal_kind == 'association':
            return None
        return {
            'individual': 'individual',
            'professional': 'company',
            }.get(self.party.customer_kind)

    def get_receipt_gap(self):
        "Return why the gift gets no receipt, nothing if it gets one"
        gap = None
        if self.state != 'recorded':
            gap = 'state'
        elif self.receipt:
            gap = 'twice'
        elif not self.party:
            gap = 'anonymous'
        elif not self.donor_kind:
            gap = 'donor'
        elif not any(a.postal_code and a.city for a in self.party.addresses):
            gap = 'address'
        elif self.donor_kind == 'company' and not any(
                i.type in {'fr_siren', 'fr_siret'}
                for i in self.party.identifiers):
            gap = 'siren'
        elif self.nature == 'waiver' and (
                self.donor_kind != 'individual' or not self.signed_on):
            gap = 'waiver'
        elif (self.nature == 'kind' and self.donor_kind == 'company'
                and not self.signed_on):
            gap = 'valuation'
        if gap:
            return gettext(
                f'proxymikro_account.msg_gift_gap_{gap}', gift=self.rec_name)


class Move(metaclass=PoolMeta):
    __name__ = 'account.move'

    @classmethod
    def _get_origin(cls):
        return [*super()._get_origin(), 'account.gift']


class Replace(metaclass=PoolMeta):
    __name__ = 'party.replace'

    @classmethod
    def fields_to_replace(cls):
        return [
            *super().fields_to_replace(),
            ('account.gift', 'party'),
            ('account.tax.receipt', 'party'),
            ]
