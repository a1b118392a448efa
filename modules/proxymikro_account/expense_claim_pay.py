# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The two ends of a claim: the money goes out, or the volunteer gives it up."""
from trytond.i18n import gettext
from trytond.model import ModelView, Workflow, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import without_check_access
from trytond.wizard import (
    Button, StateAction, StateTransition, StateView, Wizard)

from .account import two_line_move
from .exceptions import ExpenseClaimError
from .transfer import get_money_accounts


class ExpenseClaim(metaclass=PoolMeta):
    __name__ = 'account.expense.claim'

    @classmethod
    def check_owed(cls, claims):
        "Check that nobody has paid the claims, nor given them up, meanwhile"
        cls.lock(claims)
        for claim in cls.browse(claims):
            if claim.state != 'approved' or claim.paid:
                raise ExpenseClaimError(gettext(
                        'proxymikro_account.msg_expense_claim_owed',
                        claim=claim.rec_name))

    @classmethod
    def pay_from(cls, claims, account, date):
        "Post the payments of the claims, and clear what was owed"
        pool = Pool()
        Line = pool.get('account.move.line')
        Move = pool.get('account.move')
        cls.check_owed(claims)
        moves = [c._get_payment(account, date) for c in claims]
        Move.save(moves)
        Move.post(moves)
        Line.reconcile(*([c.line, *(
                        l for l in m.lines if l.account == c.line.account)]
                for c, m in zip(claims, moves)))
        return moves

    def _get_payment(self, account, date):
        return two_line_move(
            self.company, date, 'account.journal_cash',
            self.line.account, account, self.amount,
            party=self.party, origin=self, description=self.purpose)

    @classmethod
    @Workflow.transition('waived')
    def give_up(cls, claims, date):
        "Record the gift of what was owed, and clear it"
        pool = Pool()
        Gift = pool.get('account.gift')
        Line = pool.get('account.move.line')
        cls.check_owed(claims)
        gifts = []
        for claim in claims:
            gift = Gift(
                company=claim.company, party=claim.party, date=date,
                nature='waiver', amount=claim.amount, signed_on=date,
                description=claim.purpose)
            gift.set_accounts()
            gift.debit_account = claim.line.account
            claim.gift = gift
            gifts.append(gift)
        Gift.save(gifts)
        Gift.record(gifts)
        cls.save(claims)
        Line.reconcile(*([c.line, *(
                        l for l in c.gift.move.lines
                        if l.account == c.line.account)] for c in claims))

    @classmethod
    @Workflow.transition('approved')
    def take_back(cls, claims):
        "Owe again what was given up: the gift is about to be cancelled"
        Reconciliation = Pool().get('account.move.reconciliation')
        Reconciliation.delete([c.line.reconciliation for c in claims])
        for claim in claims:
            claim.gift = None
        cls.save(claims)


class Gift(metaclass=PoolMeta):
    __name__ = 'account.gift'

    @classmethod
    @without_check_access
    def take_back_claims(cls, gifts):
        Claim = Pool().get('account.expense.claim')
        Claim.take_back(Claim.search([
                    ('gift', 'in', [g.id for g in gifts]),
                    ('state', '=', 'waived'),
                    ]))

    @classmethod
    def cancel(cls, gifts):
        "What a volunteer had given up is owed again"
        Line = Pool().get('account.move.line')
        cls.take_back_claims([g for g in gifts if not g.receipt])
        super().cancel(gifts)
        pairs = [
            [l for m in [g.move, g.cancel_move] for l in m.lines
                if l.account == g.debit_account]
            for g in gifts
            if g.nature == 'waiver' and g.cancel_move
            and g.debit_account.reconcile]
        Line.reconcile(*(
                p for p in pairs if not any(l.reconciliation for l in p)))


class ExpenseClaimPayStart(ModelView):
    __name__ = 'account.expense.claim.pay.start'

    accounts = fields.Many2Many(
        'account.account', None, None, "Accounts", readonly=True)
    account = fields.Many2One(
        'account.account', "Paid From", required=True,
        domain=[('id', 'in', Eval('accounts', []))],
        help="A cash box, or an account whose statements are not imported: "
        "what a bank pays is matched on its line.")
    date = fields.Date("Date", required=True)


class ExpenseClaimPay(Wizard):
    __name__ = 'account.expense.claim.pay'

    start = StateView(
        'account.expense.claim.pay.start',
        'proxymikro_account.expense_claim_pay_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Pay", 'pay', 'tryton-ok', default=True),
            ])
    pay = StateTransition()

    def default_start(self, fields):
        pool = Pool()
        Date = pool.get('ir.date')
        Journal = pool.get('account.statement.journal')
        company = self.record.company
        banks = {
            j.account for j in Journal.search([('company', '=', company.id)])}
        accounts = [
            a.id for a in get_money_accounts(company) if a not in banks]
        return {
            'accounts': accounts,
            'account': accounts[0] if len(accounts) == 1 else None,
            'date': Date.today(),
            }

    def transition_pay(self):
        self.model.pay_from(self.records, self.start.account, self.start.date)
        return 'end'


class ExpenseClaimWaiveStart(ModelView):
    __name__ = 'account.expense.claim.waive.start'

    date = fields.Date(
        "Waiver Signed On", required=True,
        help="The day the volunteer signed the waiver at the bottom of the "
        "claim.")
    document = fields.Binary(
        "Signed Claim", filename='document_name',
        help="Kept with the gift; the tax office may ask for it.")
    document_name = fields.Char("Name of the Document")

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()


class ExpenseClaimWaive(Wizard):
    __name__ = 'account.expense.claim.waive'

    start = StateView(
        'account.expense.claim.waive.start',
        'proxymikro_account.expense_claim_waive_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Record the Waiver", 'waive', 'tryton-ok', default=True),
            ])
    waive = StateAction('proxymikro_account.act_gift_retrieved')

    def do_waive(self, action):
        Attachment = Pool().get('ir.attachment')
        self.model.give_up(self.records, self.start.date)
        gifts = [c.gift for c in self.records]
        if self.start.document:
            Attachment.create([{
                        'resource': str(gift),
                        'name': self.start.document_name or gettext(
                            'proxymikro_account.msg_expense_claim_waiver'),
                        'data': self.start.document,
                        } for gift in gifts])
        return action, {'res_id': [g.id for g in gifts]}
