# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What remains to do before a fiscal year is closed, in its order."""
from decimal import Decimal

from trytond.exceptions import UserError
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.transaction import without_check_access

from .account import find_accounts
from .annual_statement_figure import Chart, Figures, count_drafts, get_rows
from .grant_closing import get_fund_changes

STEPS = [
    'result', 'drafts', 'invoices', 'statements', 'claims', 'helloasso',
    'waiting', 'next', 'cut_offs', 'grants', 'depreciation', 'annual', 'balance', 'close']


class ClosingStep(ModelView):
    """A step: its check returns what remains to do, nothing once done.

    To add one: extend ``get_codes``, write ``check_<code>`` and the message
    ``msg_closing_<code>``.
    """
    __name__ = 'account.fiscalyear.closing.step'

    code = fields.Char("Code")
    name = fields.Char("Step")
    done = fields.Boolean("Done")
    detail = fields.Char("What Remains")

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(Eval('done'), 'success', 'warning')),
            ]

    @classmethod
    def get_codes(cls):
        return list(STEPS)

    @classmethod
    @without_check_access
    def get_steps(cls, fiscalyear):
        "Return the steps of the fiscal year, in their order"
        rows = get_rows(fiscalyear.company, fiscalyear.end_date)
        steps = []
        for code in cls.get_codes():
            detail = getattr(cls, f'check_{code}')(fiscalyear, rows)
            steps.append(cls(
                    code=code, detail=detail, done=not detail,
                    name=gettext(cls.get_message(code))))
        return steps

    @classmethod
    def get_message(cls, code):
        return f'proxymikro_account.msg_closing_{code}'

    @classmethod
    def todo(cls, code, **values):
        return gettext(cls.get_message(code) + '_todo', **values)

    @classmethod
    def get_accounts(cls, fiscalyear, *templates):
        "Return the accounts of the templates and those below, by id"
        return {
            a.id: a for a in find_accounts(fiscalyear.company.id, templates)}

    @classmethod
    def money(cls, fiscalyear, amount):
        Lang = Pool().get('ir.lang')
        return Lang.get().currency(amount, fiscalyear.company.currency)

    @classmethod
    def get_closing_move(cls, fiscalyear):
        "Return the entry which balances the income and the expenses"
        Move = Pool().get('account.move')
        moves = Move.search([
                ('origin', '=', str(fiscalyear)),
                ('company', '=', fiscalyear.company.id),
                ], order=[('id', 'DESC')])
        cancels = {m.origin for m in Move.search([
                    ('origin', 'in', list(map(str, moves)))])}
        moves = [m for m in moves if m not in cancels]
        return moves[0] if moves else None

    @classmethod
    def check_result(cls, fiscalyear, rows):
        accounts = cls.get_accounts(
            fiscalyear, 'account_fr.120', 'account_fr.129')
        balance = sum(
            row['balance'] for row in rows
            if row['account'] in accounts and not (
                row['fiscalyear'] == fiscalyear.id and row['closing']))
        if balance:
            return cls.todo(
                'result', amount=cls.money(fiscalyear, -balance))

    @classmethod
    def check_drafts(cls, fiscalyear, rows):
        closing = cls.get_closing_move(fiscalyear)
        count = count_drafts(fiscalyear) - bool(
            closing and closing.state == 'draft')
        if count:
            return cls.todo('drafts', count=count)

    @classmethod
    def check_invoices(cls, fiscalyear, rows):
        Invoice = Pool().get('account.invoice')
        count = Invoice.search([
                ('company', '=', fiscalyear.company.id),
                ('state', 'in', ['draft', 'validated']),
                ('invoice_date', '>=', fiscalyear.start_date),
                ('invoice_date', '<=', fiscalyear.end_date),
                ], count=True)
        if count:
            return cls.todo('invoices', count=count)

    @classmethod
    def check_statements(cls, fiscalyear, rows):
        Statement = Pool().get('account.statement')
        count = Statement.search([
                ('company', '=', fiscalyear.company.id),
                ('state', 'in', ['draft', 'validated']),
                ('date', '<=', fiscalyear.end_date),
                ], count=True)
        if count:
            return cls.todo('statements', count=count)

    @classmethod
    def check_claims(cls, fiscalyear, rows):
        Claim = Pool().get('account.expense.claim')
        return cls.count(
            'claims', Claim, fiscalyear, ('state', 'in', ['draft', 'submitted']))

    @classmethod
    def check_helloasso(cls, fiscalyear, rows):
        Payment = Pool().get('account.helloasso.payment')
        return cls.count(
            'helloasso', Payment, fiscalyear, ['OR',
                ('state', '=', 'draft'),
                [('state', '=', 'posted'), ('refunded', '=', True)]])

    @classmethod
    def count(cls, code, Model, fiscalyear, *domain):
        "Tell how many records of the year remain, if any"
        count = Model.search([
                ('company', '=', fiscalyear.company.id),
                ('date', '>=', fiscalyear.start_date),
                ('date', '<=', fiscalyear.end_date),
                *domain], count=True)
        if count:
            return cls.todo(code, count=count)

    @classmethod
    def check_waiting(cls, fiscalyear, rows):
        accounts = cls.get_accounts(
            fiscalyear, 'account_fr.471', 'account_fr.58')
        balances = {}
        for row in rows:
            if row['account'] in accounts:
                balances[row['code']] = balances.get(
                    row['code'], 0) + row['balance']
        codes = sorted(code for code, balance in balances.items() if balance)
        if codes:
            return cls.todo('waiting', accounts=', '.join(codes))

    @classmethod
    def check_cut_offs(cls, fiscalyear, rows):
        CutOff = Pool().get('account.cut.off')
        drafts = CutOff.search([
                ('fiscalyear', '=', fiscalyear.id),
                ('state', '=', 'draft'),
                ], count=True)
        proposals = len(CutOff.get_proposals(fiscalyear))
        if drafts or proposals:
            return cls.todo('cut_offs', drafts=drafts, proposals=proposals)

    @classmethod
    def check_grants(cls, fiscalyear, rows):
        if fiscalyear.state != 'open':
            return
        count = sum(
            before != after
            for *_, before, after in get_fund_changes(fiscalyear))
        if count:
            return cls.todo('grants', count=count)

    @classmethod
    def check_depreciation(cls, fiscalyear, rows):
        "Ask for the depreciation of what has a value, unless there is some"
        assets = cls.get_accounts(fiscalyear, 'account_fr.20', 'account_fr.21')
        charges = cls.get_accounts(fiscalyear, 'account_fr.6811')
        value = sum(
            (row['balance'] for row in rows if row['account'] in assets),
            Decimal(0))
        charged = any(
            row['account'] in charges and row['fiscalyear'] == fiscalyear.id
            for row in rows)
        if value and not charged:
            return cls.todo(
                'depreciation', amount=cls.money(fiscalyear, value))

    @classmethod
    def check_annual(cls, fiscalyear, rows):
        try:
            Figures(Chart(fiscalyear.company), rows, fiscalyear)
        except UserError as error:
            return error.message

    @classmethod
    def get_next(cls, fiscalyear):
        FiscalYear = Pool().get('account.fiscalyear')
        day = fiscalyear.end_date + fiscalyear.end_date.resolution
        fiscalyears = FiscalYear.search([
                ('company', '=', fiscalyear.company.id),
                ('start_date', '<=', day),
                ('end_date', '>=', day),
                ], limit=1)
        return fiscalyears[0] if fiscalyears else None

    @classmethod
    def check_next(cls, fiscalyear, rows):
        if not cls.get_next(fiscalyear):
            return cls.todo('next')

    @classmethod
    def check_balance(cls, fiscalyear, rows):
        move = cls.get_closing_move(fiscalyear)
        if not move:
            return cls.todo('balance')
        if move.state == 'draft':
            return gettext('proxymikro_account.msg_closing_balance_draft')

    @classmethod
    def check_close(cls, fiscalyear, rows):
        if fiscalyear.state != 'open':
            return
        pool = Pool()
        Click = pool.get('ir.model.button.click')
        Data = pool.get('ir.model.data')
        clicks = Click.search([
                ('button', '=', Data.get_id(
                        'account', 'fiscalyear_close_button')),
                ('record_id', '=', fiscalyear.id),
                ])
        if clicks:
            return gettext(
                'proxymikro_account.msg_closing_close_clicked',
                users=', '.join(c.user.rec_name for c in clicks))
        return cls.todo('close')
