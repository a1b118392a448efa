# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Move to the earmarked funds what a year left unspent, and back."""
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import Button, StateAction, StateView, Wizard

from .exceptions import GrantError
from .account import find_account
from .grant import FUND_ACCOUNTS


@without_check_access
def get_fund_changes(fiscalyear):
    "Return for each grant what was spent, its fund before and after"
    Grant = Pool().get('account.grant')
    grants = Grant.search([
            ('company', '=', fiscalyear.company.id),
            ('state', 'in', ['awarded', 'closed']),
            ('date', '<=', fiscalyear.end_date),
            ], order=[('date', 'ASC'), ('id', 'ASC')])
    rows = []
    spent = Grant.get_spent(grants, fiscalyear.end_date) if grants else {}
    for grant in grants:
        before, after = grant.get_fund(fiscalyear), grant.amount * 0
        if grant.state == 'awarded':
            after = grant.get_remaining(spent[grant.id])
        if before or after:
            rows.append((grant, spent[grant.id], before, after))
    return rows


class GrantClosingStart(ModelView):
    __name__ = 'account.grant.closing.start'

    company = fields.Many2One('company.company', "Company", readonly=True)
    fiscalyear = fields.Many2One(
        'account.fiscalyear', "Fiscal Year", required=True,
        domain=[
            ('company', '=', Eval('company', -1)),
            ('state', '=', 'open'),
            ])

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')


class GrantClosingPreview(ModelView):
    __name__ = 'account.grant.closing.preview'

    lines = fields.One2Many(
        'account.grant.closing.line', None, "Earmarked Funds", readonly=True)


class GrantClosingLine(ModelView):
    __name__ = 'account.grant.closing.line'

    grant = fields.Many2One('account.grant', "Grant")
    spent = Monetary("Spent", currency='currency', digits='currency')
    before = Monetary(
        "Fund Before", currency='currency', digits='currency')
    change = Monetary(
        "Change", currency='currency', digits='currency',
        help="Above zero what goes to the fund (689), "
        "below what comes back (789).")
    after = Monetary("Fund After", currency='currency', digits='currency')
    currency = fields.Many2One('currency.currency', "Currency")


class GrantClosing(Wizard):
    __name__ = 'account.grant.closing'

    start = StateView(
        'account.grant.closing.start',
        'proxymikro_account.grant_closing_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Preview", 'preview', 'tryton-forward', default=True),
            ])
    preview = StateView(
        'account.grant.closing.preview',
        'proxymikro_account.grant_closing_preview_view_form', [
            Button("Back", 'start', 'tryton-back'),
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Post", 'post', 'tryton-ok', default=True),
            ])
    post = StateAction('proxymikro_account.act_grant')

    def get_rows(self):
        "Return the changes, unless a later year has been earmarked"
        year = self.start.fiscalyear
        rows = get_fund_changes(year)
        for grant, *_ in rows:
            for fund in grant.funds:
                if fund.fiscalyear.start_date > year.start_date:
                    raise GrantError(gettext(
                            'proxymikro_account.msg_grant_closing_order',
                            year=year.rec_name, grant=grant.rec_name,
                            later=fund.fiscalyear.rec_name))
        return rows

    def default_preview(self, fields):
        return {'lines': [{
                    'grant': grant.id,
                    'grant.': {'rec_name': grant.rec_name},
                    'spent': spent,
                    'before': before,
                    'change': after - before,
                    'after': after,
                    'currency': grant.currency.id,
                    } for grant, spent, before, after in self.get_rows()]}

    @without_check_access
    def do_post(self, action):
        pool = Pool()
        Fund = pool.get('account.grant.fund')
        Grant = pool.get('account.grant')
        Move = pool.get('account.move')
        # Two people may close at once
        Grant.lock()
        year = self.start.fiscalyear
        rows = [
            (grant, spent, after - before)
            for grant, spent, before, after in self.get_rows()
            if before != after]
        accounts = self.get_accounts([grant for grant, *_ in rows])
        funds = [
            Fund(
                grant=grant, fiscalyear=year, amount=change, spent=spent,
                move=self.get_move(grant, year, change, accounts))
            for grant, spent, change in rows]
        moves = [f.move for f in funds]
        Move.save(moves)
        Fund.save(funds)
        Move.post(moves)
        return action, {}

    def get_move(self, grant, year, amount, accounts):
        report, fund, use = (accounts[c] for c in FUND_ACCOUNTS[grant.kind])
        if amount > 0:
            return grant._get_move(year.end_date, report, fund, amount)
        return grant._get_move(year.end_date, fund, use, -amount)

    def get_accounts(self, grants):
        "Return the accounts of the funds by code, each looked up once"
        accounts = {}
        for grant in grants:
            for code in FUND_ACCOUNTS[grant.kind]:
                if code in accounts:
                    continue
                accounts[code] = find_account(
                    grant.company, f'proxymikro_account.{code}')
                if not accounts[code]:
                    raise GrantError(gettext(
                            'proxymikro_account.msg_grant_account',
                            grant=grant.rec_name, code=code))
        return accounts
