# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Grants, and other money given for a purpose.

What is not spent on the purpose when a year closes goes to the earmarked funds
(689x to 19x) and comes back as it is spent (19x to 789x).
"""
from decimal import Decimal

from sql.aggregate import Sum

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, Workflow, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction, without_check_access

from .account import find_account, two_line_move
from .exceptions import GrantError

KINDS = [
    ('subsidy', "Operating Grant"),
    ('contribution', "Contribution of Another Organisation"),
    ('generosity', "Public Generosity"),
    ]
# What the closing debits, the fund, what it credits when the money is spent
FUND_ACCOUNTS = {
    'subsidy': ('6894', '194', '7894'),
    'contribution': ('6895', '195', '7895'),
    'generosity': ('6896', '196', '7896'),
    }
INCOME_ACCOUNTS = {
    'subsidy': 'proxymikro_account.741',
    'contribution': 'account_fr.7551',
    'generosity': 'proxymikro_account.75411',
    }


class Grant(Workflow, ModelSQL, ModelView):
    __name__ = 'account.grant'

    _states = {'readonly': Eval('state') != 'draft'}
    _posted = {
        'readonly': Eval('state') != 'draft',
        'invisible': Bool(Eval('carried_over')),
        }
    company = fields.Many2One(
        'company.company', "Company", required=True, states=_states)
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    name = fields.Char("Name", required=True)
    funder = fields.Many2One(
        'party.party', "Funder", required=True, ondelete='RESTRICT',
        context={'company': Eval('company', -1)}, depends={'company'},
        states=_states)
    reference = fields.Char(
        "Reference", help="The number of the agreement or of the decision.")
    kind = fields.Selection(
        KINDS, "Kind", required=True, sort=False, states=_states)
    date = fields.Date(
        "Awarded On", required=True, states=_states,
        help="The day of the agreement, or of the notified decision.")
    end_date = fields.Date(
        "To Spend Before",
        domain=['OR',
            ('end_date', '=', None),
            ('end_date', '>=', Eval('date', None)),
            ])
    report_date = fields.Date(
        "Report Due On",
        help="The day the account of what was done with it is due.")
    purpose = fields.Text("Purpose")
    amount = Monetary(
        "Amount", currency='currency', digits='currency', required=True,
        domain=[('amount', '>', 0)], states=_states)
    carried_over = Monetary(
        "Unspent at Take-Over", currency='currency', digits='currency',
        domain=['OR',
            ('carried_over', '=', None),
            [
                ('carried_over', '>', 0),
                ('carried_over', '<=', Eval('amount', 0)),
                ],
            ],
        states=_states,
        help="Of a grant booked in the former accounts: what the earmarked "
        "fund holds in the opening balance.")
    analytic_account = fields.Many2One(
        'analytic_account.account', "Analytic Account", ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type', '=', 'normal'),
            ],
        states={
            'required': Eval('state') != 'draft',
            'readonly': Eval('state') != 'draft',
            },
        help="The expenses on it are what was spent on the purpose. "
        "Empty: one is made when the grant is awarded.")
    receivable_account = fields.Many2One(
        'account.account', "Receivable Account", ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type.statement', '=', 'balance'),
            ('closed', '!=', True),
            ],
        states=_posted,
        help="Empty: the income is already in the books.")
    income_account = fields.Many2One(
        'account.account', "Income Account", required=True,
        ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type.statement', '=', 'income'),
            ('closed', '!=', True),
            ],
        states=_states)
    move = fields.Many2One(
        'account.move', "Move", readonly=True, ondelete='RESTRICT')
    funds = fields.One2Many(
        'account.grant.fund', 'grant', "Earmarked Fund", readonly=True)
    spent = fields.Function(Monetary(
            "Spent", currency='currency', digits='currency',
            help="The expenses on the analytic account."), 'get_amounts')
    remaining = fields.Function(Monetary(
            "To Spend", currency='currency', digits='currency'),
        'get_amounts')
    fund = fields.Function(Monetary(
            "In the Fund", currency='currency', digits='currency',
            help="What the last closing left in the earmarked fund."),
        'get_amounts')
    state = fields.Selection([
            ('draft', "Draft"),
            ('awarded', "Awarded"),
            ('closed', "Closed"),
            ], "State", required=True, readonly=True, sort=False)
    del _states, _posted

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('analytic_account_unique', Unique(t, t.analytic_account),
                'proxymikro_account.msg_grant_analytic_account'),
            ]
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._transitions |= {
            ('draft', 'awarded'),
            ('awarded', 'closed'),
            ('closed', 'awarded'),
            }
        cls._buttons.update({
                'award': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'close': {
                    'invisible': Eval('state') != 'awarded',
                    'depends': ['state'],
                    },
                'reopen': {
                    'invisible': Eval('state') != 'closed',
                    'depends': ['state'],
                    },
                })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_kind(cls):
        return 'subsidy'

    @classmethod
    def default_state(cls):
        return 'draft'

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @fields.depends('company', 'kind')
    def on_change_kind(self):
        self.receivable_account = self.income_account = None
        if self.company and self.kind:
            self.income_account = find_account(
                self.company, INCOME_ACCOUNTS[self.kind])
            if self.kind == 'subsidy':
                self.receivable_account = find_account(
                    self.company, 'account_fr.4417')

    @fields.depends(methods=['on_change_kind'])
    def on_change_company(self):
        self.on_change_kind()

    @classmethod
    def get_amounts(cls, grants, names):
        spent = cls.get_spent(grants)
        result = {name: {} for name in names}
        for grant in grants:
            values = {
                'spent': spent[grant.id],
                'remaining': grant.get_remaining(spent[grant.id]),
                'fund': grant.get_fund(),
                }
            for name in names:
                result[name][grant.id] = values[name]
        return result

    @classmethod
    def get_spent(cls, grants, date=None):
        "Return the expenses by id of the grants, until the date"
        pool = Pool()
        account = pool.get('account.account').__table__()
        line = pool.get('analytic_account.line').__table__()
        move_line = pool.get('account.move.line').__table__()
        type_ = pool.get('account.account.type').__table__()
        in_ = fields.SQL_OPERATORS['in']
        spent = {g.analytic_account.id: 0 for g in grants if g.analytic_account}
        where = (
            in_(line.account, list(spent))
            & (type_.statement == 'income')
            & ~in_(move_line.account, cls._get_resources(grants)))
        if date:
            where &= line.date <= date
        if spent:
            cursor = Transaction().connection.cursor()
            cursor.execute(*line
                .join(move_line, condition=line.move_line == move_line.id)
                .join(account, condition=move_line.account == account.id)
                .join(type_, condition=account.type == type_.id)
                .select(
                    line.account, Sum(line.debit - line.credit),
                    where=where, group_by=line.account))
            spent.update(cursor)
        return {
            g.id: g.currency.round(Decimal(str(
                        spent.get(g.analytic_account and g.analytic_account.id)
                        or 0)))
            for g in grants}

    @classmethod
    def _get_resources(cls, grants):
        "Return the ids of the accounts of the money and of the funds"
        pool = Pool()
        Account = pool.get('account.account')
        Data = pool.get('ir.model.data')
        accounts = Account.search([
                ('template', 'in', [
                        Data.get_id('proxymikro_account', code)
                        for codes in FUND_ACCOUNTS.values()
                        for code in codes]),
                ])
        return list(
            {a.id for a in accounts}
            | {g.income_account.id for g in grants if g.income_account})

    def get_remaining(self, spent):
        resources = self.carried_over or self.amount
        return max(resources - spent, resources * 0)

    def get_fund(self, fiscalyear=None):
        "Return what is in the fund, at the end of the fiscal year if any"
        return sum(
            (f.amount for f in self.funds
                if not fiscalyear
                or f.fiscalyear.start_date <= fiscalyear.start_date),
            self.carried_over or self.amount * 0)

    @classmethod
    def check_modification(cls, mode, grants, values=None, external=False):
        super().check_modification(
            mode, grants, values=values, external=external)
        free = {'name', 'reference', 'end_date', 'report_date', 'purpose'}
        if mode == 'delete' or (
                mode == 'write' and external and values.keys() - free):
            for grant in grants:
                if grant.state != 'draft':
                    raise GrantError(gettext(
                            'proxymikro_account.msg_grant_modify',
                            grant=grant.rec_name))

    @classmethod
    def copy(cls, grants, default=None):
        default = default.copy() if default is not None else {}
        for name in ['move', 'funds', 'analytic_account']:
            default.setdefault(name)
        default.setdefault('state', 'draft')
        return super().copy(grants, default=default)

    @classmethod
    @ModelView.button
    @Workflow.transition('awarded')
    def award(cls, grants):
        "Book the income, unless the books have it already"
        Move = Pool().get('account.move')
        cls._set_analytic_account(grants)
        moves = []
        for grant in grants:
            if grant.receivable_account and not grant.carried_over:
                grant.move = grant._get_move(
                    grant.date, grant.receivable_account,
                    grant.income_account, grant.amount)
                moves.append(grant.move)
        Move.save(moves)
        cls.save(grants)
        Move.post(moves)

    @classmethod
    @without_check_access
    def _set_analytic_account(cls, grants):
        "Make the analytic account of those which have none"
        Analytic = Pool().get('analytic_account.account')
        accounts, roots = [], {}
        for grant in grants:
            if grant.analytic_account:
                continue
            if grant.company not in roots:
                roots[grant.company] = cls._get_analytic_root(grant.company)
            root = roots[grant.company]
            grant.analytic_account = Analytic(
                name=grant.name, company=grant.company, type='normal',
                root=root, parent=root)
            accounts.append(grant.analytic_account)
        Analytic.save(accounts)

    @classmethod
    def _get_analytic_root(cls, company):
        Analytic = Pool().get('analytic_account.account')
        roots = Analytic.search([
                ('company', '=', company.id),
                ('type', '=', 'root'),
                ], order=[('id', 'ASC')], limit=1)
        if not roots:
            roots = Analytic.create([{
                        'company': company.id, 'type': 'root',
                        'name': gettext(
                            'proxymikro_account.msg_grant_analytic_root')}])
        return roots[0]

    def _get_move(self, date, debit, credit, amount):
        return two_line_move(
            self.company, date, 'account.journal_miscellaneous',
            debit, credit, amount,
            party=self.funder, origin=self, description=self.name)

    @classmethod
    @ModelView.button
    @Workflow.transition('closed')
    def close(cls, grants):
        pass

    @classmethod
    @ModelView.button
    @Workflow.transition('awarded')
    def reopen(cls, grants):
        pass


class Move(metaclass=PoolMeta):
    __name__ = 'account.move'

    @classmethod
    def _get_origin(cls):
        return [*super()._get_origin(), 'account.grant']


class Replace(metaclass=PoolMeta):
    __name__ = 'party.replace'

    @classmethod
    def fields_to_replace(cls):
        return [*super().fields_to_replace(), ('account.grant', 'funder')]
