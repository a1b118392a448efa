# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What belongs to another year than the one it was booked in.

Posted on the last day of the fiscal year, taken back on the first day of the
next one: expenses and income booked too early (486, 487) or not yet (408, 418,
and 4198 for what a credit note will take off the income).
"""
from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Workflow, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval, If
from trytond.transaction import Transaction

from .account import find_account, two_line_move
from .exceptions import CutOffError, CutOffModifyError

# By kind: the account of the balance sheet and whether it is debited
ACCOUNTS = {
    'prepaid_expense': ('account_fr.486', True),
    'deferred_income': ('account_fr.487', False),
    'accrued_expense': ('account_fr.4081', False),
    'accrued_income': ('account_fr.4181', True),
    'accrued_credit': ('account_fr.4198', False),
    }
ACCRUED = ['accrued_expense', 'accrued_income', 'accrued_credit']


class CutOff(Workflow, ModelSQL, ModelView):
    __name__ = 'account.cut.off'
    _rec_name = 'description'

    _draft = {
        'readonly': Eval('state') != 'draft',
        }

    company = fields.Many2One(
        'company.company', "Company", required=True,
        states={
            'readonly': (
                (Eval('state') != 'draft') | Bool(Eval('fiscalyear'))),
            })
    fiscalyear = fields.Many2One(
        'account.fiscalyear', "Fiscal Year", required=True, states=_draft,
        domain=[('company', '=', Eval('company', -1))],
        help="The year which ends: the cut-off is posted on its last day and "
        "taken back on the day after.")
    kind = fields.Selection([
            ('prepaid_expense', "Prepaid Expense (486)"),
            ('deferred_income', "Deferred Income (487)"),
            ('accrued_expense', "Accrued Expense (408)"),
            ('accrued_income', "Accrued Income (418)"),
            ('accrued_credit', "Accrued Credit Note (4198)"),
            ], "Kind", required=True, sort=False, states=_draft,
        help="Prepaid, deferred: booked in this year, for the next one. "
        "Accrued: of this year, whose invoice is to come.")
    description = fields.Char("Description", required=True, states=_draft)
    account = fields.Many2One(
        'account.account', "Account", required=True, states=_draft,
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type.statement', '=', 'income'),
            ('closed', '!=', True),
            ],
        help="The account of expense or of income.")
    party = fields.Many2One(
        'party.party', "Party",
        states={
            'readonly': Eval('state') != 'draft',
            'required': Eval('kind').in_(ACCRUED),
            'invisible': ~Eval('kind').in_(ACCRUED),
            },
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="Who will invoice it, or be invoiced.")
    lines = fields.One2Many(
        'account.cut.off.line', 'cut_off', "Details", states=_draft)
    amount = fields.Function(
        Monetary("Amount", currency='currency', digits='currency'),
        'on_change_with_amount')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    move = fields.Many2One(
        'account.move', "Entry", readonly=True, ondelete='RESTRICT')
    reversal = fields.Many2One(
        'account.move', "Reversal", readonly=True, ondelete='RESTRICT')
    state = fields.Selection([
            ('draft', "Draft"),
            ('posted', "Posted"),
            ('cancelled', "Cancelled"),
            ], "State", readonly=True, required=True, sort=False)
    del _draft

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_indexes.add(Index(t, (t.fiscalyear, Index.Equality())))
        cls._order = [('fiscalyear.end_date', 'DESC'), ('id', 'DESC')]
        cls._transitions |= {
            ('draft', 'posted'),
            ('posted', 'cancelled'),
            }
        cls._buttons.update({
                'post': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'cancel': {
                    'invisible': Eval('state') != 'posted',
                    'depends': ['state'],
                    },
                })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_kind(cls):
        return 'prepaid_expense'

    @classmethod
    def default_state(cls):
        return 'draft'

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @fields.depends('lines')
    def on_change_with_amount(self, name=None):
        return sum(line.amount or 0 for line in self.lines or [])

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(Eval('state') == 'cancelled', 'muted',
                    If(Eval('state') == 'draft', 'warning', ''))),
            ]

    @classmethod
    def get_proposals(cls, fiscalyear):
        """Return the cut-offs to propose for the year, not saved.

        To extend by what knows for which dates something was invoiced.
        """
        return []

    @classmethod
    def get_known_origins(cls, fiscalyear):
        "Return what is already in a cut-off of the year"
        Line = Pool().get('account.cut.off.line')
        return {str(line.origin) for line in Line.search([
                    ('cut_off.fiscalyear', '=', fiscalyear.id),
                    ('cut_off.state', '!=', 'cancelled'),
                    ('origin', '!=', None),
                    ])}

    @classmethod
    @ModelView.button
    @Workflow.transition('posted')
    def post(cls, cut_offs):
        Move = Pool().get('account.move')
        for cut_off in cut_offs:
            cut_off.check_amount()
            end_date = cut_off.fiscalyear.end_date
            cut_off.move = cut_off.get_move(end_date)
            cut_off.reversal = cut_off.get_move(
                end_date + end_date.resolution, reverse=True)
        moves = [m for c in cut_offs for m in (c.move, c.reversal)]
        Move.save(moves)
        cls.save(cut_offs)
        Move.post(moves)
        cls.reconcile(cut_offs)

    def check_amount(self):
        if not self.amount or self.amount < 0:
            raise CutOffError(gettext(
                    'proxymikro_account.msg_cut_off_amount',
                    cut_off=self.rec_name))

    def get_balance_account(self):
        "Return the account of the balance sheet, and whether it is debited"
        template, debit = ACCOUNTS[self.kind]
        account = find_account(self.company, template)
        if not account:
            raise CutOffError(gettext(
                    'proxymikro_account.msg_cut_off_account',
                    cut_off=self.rec_name,
                    code=template.split('.')[1]))
        return account, debit

    def get_period(self, date):
        "Return the open period which holds the day"
        pool = Pool()
        Lang = pool.get('ir.lang')
        Period = pool.get('account.period')
        periods = Period.search([
                ('company', '=', self.company.id),
                ('start_date', '<=', date),
                ('end_date', '>=', date),
                ('type', '=', 'standard'),
                ('state', '=', 'open'),
                ], order=[('start_date', 'DESC')], limit=1)
        if not periods:
            raise CutOffError(gettext(
                    'proxymikro_account.msg_cut_off_period',
                    cut_off=self.rec_name,
                    date=Lang.get().strftime(date)))
        return periods[0]

    def get_move(self, date, reverse=False):
        account, debited = self.get_balance_account()
        debit, credit = account, self.account
        if debited == reverse:
            debit, credit = credit, debit
        return two_line_move(
            self.company, date, 'account.journal_miscellaneous',
            debit, credit, self.amount,
            party=self.party, origin=self, description=self.description,
            period=self.get_period(date))

    @classmethod
    def reconcile(cls, cut_offs):
        "Reconcile the third parties, who neither owe nor are owed any more"
        Line = Pool().get('account.move.line')
        to_reconcile = []
        for cut_off in cut_offs:
            lines = Line.search([
                    ('move.origin', '=', str(cut_off)),
                    ('account.reconcile', '=', True),
                    ('reconciliation', '=', None)])
            if lines:
                to_reconcile.append(lines)
        if to_reconcile:
            Line.reconcile(*to_reconcile)

    @classmethod
    @ModelView.button
    @Workflow.transition('cancelled')
    def cancel(cls, cut_offs):
        "Undo the two entries by two others, on the same dates"
        pool = Pool()
        Move = pool.get('account.move')
        Reconciliation = pool.get('account.move.reconciliation')
        to_post = []
        for cut_off in cut_offs:
            for move in [cut_off.move, cut_off.reversal]:
                if move.period.state != 'open':
                    # Names the period to open
                    cut_off.get_period(move.date)
                cancel = move.cancel(reversal=True)
                cancel.origin = cut_off
                to_post.append(cancel)
        Reconciliation.delete({
                line.reconciliation for c in cut_offs
                for move in [c.move, c.reversal] for line in move.lines
                if line.reconciliation})
        Move.save(to_post)
        Move.post(to_post)
        cls.reconcile(cut_offs)

    @classmethod
    def check_modification(
            cls, mode, cut_offs, values=None, external=False):
        super().check_modification(
            mode, cut_offs, values=values, external=external)
        for cut_off in cut_offs:
            if (mode == 'delete' and cut_off.state != 'draft'
                    or mode == 'write' and external
                    and (cut_off.state != 'draft' or 'state' in values)):
                raise CutOffModifyError(gettext(
                        'proxymikro_account.msg_cut_off_modify',
                        cut_off=cut_off.rec_name))

    @classmethod
    def copy(cls, cut_offs, default=None):
        default = default.copy() if default is not None else {}
        for name in ['move', 'reversal']:
            default.setdefault(name, None)
        default.setdefault('state', 'draft')
        default.setdefault('lines.origin', None)
        return super().copy(cut_offs, default=default)


class Move(metaclass=PoolMeta):
    __name__ = 'account.move'

    @classmethod
    def _get_origin(cls):
        return super()._get_origin() + ['account.cut.off']


class Replace(metaclass=PoolMeta):
    __name__ = 'party.replace'

    @classmethod
    def fields_to_replace(cls):
        return [*super().fields_to_replace(), ('account.cut.off', 'party')]
