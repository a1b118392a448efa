# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What a volunteer spent for the association, paid back or given up.

Once another person has approved it, the association owes it: account 4681 has
it until the bank, the cash box or the volunteer's own waiver clears it.
"""
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Workflow, fields
from trytond.modules.company import CompanyReport
from trytond.modules.company.model import employee_field, set_employee
from trytond.modules.currency.fields import Monetary
from trytond.modules.proxymikro_base.report import HTMLReportMixin
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction

from .account import find_account
from .exceptions import ExpenseClaimError

ACCOUNT = 'proxymikro_account.4681'


class ExpenseClaim(Workflow, ModelSQL, ModelView):
    __name__ = 'account.expense.claim'

    _draft = {'readonly': Eval('state') != 'draft'}
    company = fields.Many2One(
        'company.company', "Company", required=True, states=_draft)
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    party = fields.Many2One(
        'party.party', "Volunteer", required=True, ondelete='RESTRICT',
        states={
            'readonly': (
                (Eval('state') != 'draft') | Bool(Eval('lines', [0]))),
            },
        context={'company': Eval('company', -1)}, depends={'company'})
    date = fields.Date(
        "Date", required=True, states=_draft,
        help="The day of the claim, which its entry bears.")
    purpose = fields.Char(
        "Purpose", required=True, states=_draft,
        help="What the volunteer did for the association: a collection, a "
        "meeting…")
    lines = fields.One2Many(
        'account.expense.claim.line', 'claim', "Expenses", states=_draft)
    amount = fields.Function(
        Monetary("Amount", currency='currency', digits='currency'),
        'on_change_with_amount')
    approved_by = employee_field("Approved By", states=[
            'draft', 'submitted', 'approved', 'waived', 'cancelled'])
    move = fields.Many2One(
        'account.move', "Move", readonly=True, ondelete='RESTRICT')
    line = fields.Many2One(
        'account.move.line', "Amount Owed", readonly=True,
        ondelete='RESTRICT',
        help="The line of the books that the payment or the waiver clears.")
    paid = fields.Function(
        fields.Boolean("Paid"), 'get_paid', searcher='search_paid')
    gift = fields.Many2One(
        'account.gift', "Gift", readonly=True, ondelete='RESTRICT',
        states={'invisible': ~Bool(Eval('gift'))},
        help="What the volunteer gave up, which a tax receipt is issued for.")
    cancel_move = fields.Many2One(
        'account.move', "Cancel Move", readonly=True, ondelete='RESTRICT',
        states={'invisible': ~Bool(Eval('cancel_move'))})
    state = fields.Selection([
            ('draft', "Draft"),
            ('submitted', "Submitted"),
            ('approved', "Approved"),
            ('waived', "Waived"),
            ('cancelled', "Cancelled"),
            ], "State", required=True, readonly=True, sort=False)
    del _draft

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._transitions |= {
            ('draft', 'submitted'),
            ('submitted', 'draft'),
            ('submitted', 'approved'),
            ('approved', 'waived'),
            ('waived', 'approved'),
            ('draft', 'cancelled'),
            ('submitted', 'cancelled'),
            ('approved', 'cancelled'),
            }
        owed = (Eval('state') == 'approved') & ~Bool(Eval('paid'))
        cls._buttons.update({
                'submit': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'draft': {
                    'invisible': Eval('state') != 'submitted',
                    'depends': ['state'],
                    },
                'approve': {
                    'invisible': Eval('state') != 'submitted',
                    'depends': ['state'],
                    },
                'pay': {
                    'invisible': ~owed,
                    'depends': ['state', 'paid'],
                    },
                'waive': {
                    'invisible': ~owed,
                    'depends': ['state', 'paid'],
                    },
                'cancel': {
                    'invisible': ~Eval('state').in_(['draft', 'submitted'])
                    & ~owed,
                    'depends': ['state', 'paid'],
                    },
                })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_state(cls):
        return 'draft'

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @fields.depends('lines')
    def on_change_with_amount(self, name=None):
        return sum(
            (getattr(l, 'amount', None) or 0 for l in self.lines or []),
            Decimal(0))

    def get_paid(self, name):
        return self.state == 'approved' and bool(
            self.line and self.line.reconciliation)

    @classmethod
    def search_paid(cls, name, clause):
        _, operator, value = clause
        if operator in {'in', 'not in'}:
            paid = {bool(v) for v in value}
            if len(paid) != 1:
                return [('id', '!=', None)] if (
                    bool(paid) == (operator == 'in')) else [('id', '=', None)]
            value = paid.pop()
        if bool(value) == (operator in {'=', 'in'}):
            return [
                ('state', '=', 'approved'),
                ('line.reconciliation', '!=', None)]
        return ['OR',
            ('state', '!=', 'approved'),
            ('line.reconciliation', '=', None)]

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        amount = lang.currency(self.amount, self.currency)
        return f'{self.party.rec_name}, {lang.strftime(self.date)}, {amount}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return ['OR',
            ('party.rec_name', *clause[1:]),
            ('purpose', *clause[1:]),
            ]

    @classmethod
    def check_modification(cls, mode, claims, values=None, external=False):
        super().check_modification(
            mode, claims, values=values, external=external)
        if mode == 'delete' or (mode == 'write' and external):
            for claim in claims:
                if claim.state != 'draft':
                    raise ExpenseClaimError(gettext(
                            'proxymikro_account.msg_expense_claim_modify',
                            claim=claim.rec_name))

    @classmethod
    def copy(cls, claims, default=None):
        default = default.copy() if default is not None else {}
        for name in ['approved_by', 'move', 'line', 'gift', 'cancel_move']:
            default.setdefault(name)
        default.setdefault('state', 'draft')
        return super().copy(claims, default=default)

    @classmethod
    @ModelView.button
    @Workflow.transition('draft')
    def draft(cls, claims):
        pass

    @classmethod
    @ModelView.button
    @Workflow.transition('submitted')
    def submit(cls, claims):
        "Check that each claim proves what it asks for"
        Line = Pool().get('account.expense.claim.line')
        cls._lock_parties(claims)
        for claim in claims:
            if not claim.lines:
                raise ExpenseClaimError(gettext(
                        'proxymikro_account.msg_expense_claim_empty',
                        claim=claim.rec_name))
            for line in claim.lines:
                line.check()
        Line.set_amounts([l for c in claims for l in c.lines])

    @classmethod
    @ModelView.button
    @Workflow.transition('approved')
    @set_employee('approved_by')
    def approve(cls, claims):
        "Post what the association now owes to the volunteers"
        Move = Pool().get('account.move')
        cls._lock_parties(claims)
        for claim in claims:
            claim._check_approval()
            claim.move = claim._get_move()
        Move.save([c.move for c in claims])
        for claim in claims:
            claim.line, = [
                l for l in claim.move.lines if l.account.party_required]
        cls.save(claims)
        Move.post([c.move for c in claims])

    @classmethod
    def _lock_parties(cls, claims):
        "Let nobody else count the kilometres of the volunteers meanwhile"
        Party = Pool().get('party.party')
        Party.lock(list({c.party for c in claims}))

    def _check_approval(self):
        "Check that another person approves what is still worth the same"
        pool = Pool()
        Line = pool.get('account.expense.claim.line')
        User = pool.get('res.user')
        employee = User(Transaction().user).employee
        if not employee or employee.company != self.company:
            raise ExpenseClaimError(gettext(
                    'proxymikro_account.msg_expense_claim_employee',
                    claim=self.rec_name))
        if employee.party == self.party:
            raise ExpenseClaimError(gettext(
                    'proxymikro_account.msg_expense_claim_own',
                    claim=self.rec_name))
        if Line.compute(self.lines) != {l: l.amount for l in self.lines}:
            raise ExpenseClaimError(gettext(
                    'proxymikro_account.msg_expense_claim_scale',
                    claim=self.rec_name))

    def _get_move(self):
        pool = Pool()
        Data = pool.get('ir.model.data')
        Line = pool.get('account.move.line')
        Move = pool.get('account.move')
        Period = pool.get('account.period')
        owed = find_account(self.company, ACCOUNT)
        if not owed:
            raise ExpenseClaimError(gettext(
                    'proxymikro_account.msg_expense_claim_account',
                    claim=self.rec_name))
        return Move(
            company=self.company, date=self.date, origin=self,
            journal=Data.get_id('account.journal_miscellaneous'),
            period=Period.find(self.company, date=self.date),
            description=self.purpose,
            lines=[
                *(l.get_move_line() for l in self.lines),
                Line(
                    account=owed, party=self.party, debit=0,
                    credit=self.amount, description=self.purpose),
                ])

    @classmethod
    @ModelView.button_action('proxymikro_account.wizard_expense_claim_pay')
    def pay(cls, claims):
        pass

    @classmethod
    @ModelView.button_action('proxymikro_account.wizard_expense_claim_waive')
    def waive(cls, claims):
        pass

    @classmethod
    @ModelView.button
    @Workflow.transition('cancelled')
    def cancel(cls, claims):
        "Cancel the claims, and the entries of those which were approved"
        pool = Pool()
        Line = pool.get('account.move.line')
        Move = pool.get('account.move')
        to_reconcile, moves = [], []
        for claim in claims:
            if claim.paid:
                raise ExpenseClaimError(gettext(
                        'proxymikro_account.msg_expense_claim_cancel_paid',
                        claim=claim.rec_name))
            if claim.move:
                claim.cancel_move = claim.move.cancel()
                moves.append(claim.cancel_move)
                to_reconcile.append([claim.line, *(
                            l for l in claim.cancel_move.lines
                            if l.account == claim.line.account)])
        cls.save(claims)
        Move.post(moves)
        Line.reconcile(*to_reconcile)


class Move(metaclass=PoolMeta):
    __name__ = 'account.move'

    @classmethod
    def _get_origin(cls):
        return [*super()._get_origin(), 'account.expense.claim']


class Replace(metaclass=PoolMeta):
    __name__ = 'party.replace'

    @classmethod
    def fields_to_replace(cls):
        return [
            *super().fields_to_replace(), ('account.expense.claim', 'party')]


class ExpenseClaimReport(HTMLReportMixin, CompanyReport):
    __name__ = 'account.expense.claim.sheet'
