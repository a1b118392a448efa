# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Close a fiscal year, step by step."""
from contextlib import contextmanager

from dateutil.relativedelta import relativedelta

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Eval, PYSONEncoder
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import (
    Button, StateAction, StateTransition, StateView, Wizard)

from .account import find_account
from .exceptions import ClosingError, ClosingWarning

# Where each step is done
ACTIONS = {
    'result': 'moves', 'drafts': 'moves', 'invoices': 'invoices',
    'statements': 'statements', 'claims': 'claims', 'helloasso': 'helloasso',
    'waiting': 'moves', 'cut_offs': 'cut_offs', 'grants': 'grants',
    'depreciation': 'moves', 'annual': 'annual', 'next': 'open_next',
    'balance': 'balance', 'close': 'fiscalyears'}


class ClosingStart(ModelView):
    __name__ = 'account.fiscalyear.closing.start'

    company = fields.Many2One('company.company', "Company", required=True)
    fiscalyear = fields.Many2One(
        'account.fiscalyear', "Fiscal Year", required=True,
        domain=[('company', '=', Eval('company', -1))])

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_fiscalyear(cls):
        "Return the first year which is still open"
        FiscalYear = Pool().get('account.fiscalyear')
        fiscalyears = FiscalYear.search([
                ('company', '=', cls.default_company()),
                ('state', '=', 'open'),
                ], order=[('end_date', 'ASC')], limit=1)
        return fiscalyears[0].id if fiscalyears else None


class ClosingSteps(ModelView):
    __name__ = 'account.fiscalyear.closing.steps'

    fiscalyear = fields.Many2One(
        'account.fiscalyear', "Fiscal Year", readonly=True)
    steps = fields.One2Many(
        'account.fiscalyear.closing.step', None, "Steps", readonly=True)
    step = fields.Selection(
        'get_step_names', "Step to Do", sort=False,
        help="The first which remains, unless you choose another.")

    @classmethod
    def get_step_names(cls):
        Step = Pool().get('account.fiscalyear.closing.step')
        return [(None, "")] + [
            (code, gettext(Step.get_message(code)))
            for code in Step.get_codes()]


class Closing(Wizard):
    __name__ = 'account.fiscalyear.closing'

    start = StateView(
        'account.fiscalyear.closing.start',
        'proxymikro_account.closing_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("See the Steps", 'steps', 'tryton-ok', default=True),
            ])
    steps = StateView(
        'account.fiscalyear.closing.steps',
        'proxymikro_account.closing_steps_view_form', [
            Button("Close", 'end', 'tryton-close'),
            Button("Refresh", 'refresh', 'tryton-refresh'),
            Button("Do This Step", 'do_step', 'tryton-forward',
                default=True),
            ])
    refresh = StateTransition()
    do_step = StateTransition()
    open_next = StateTransition()
    moves = StateAction('account.act_move_form')
    invoices = StateAction('account_invoice.act_invoice_form')
    statements = StateAction('account_statement.act_statement_form')
    claims = StateAction('proxymikro_account.act_expense_claim')
    helloasso = StateAction('proxymikro_account.act_helloasso_payment')
    cut_offs = StateAction('proxymikro_account.act_cut_off')
    grants = StateAction('proxymikro_account.wizard_grant_closing')
    annual = StateAction('proxymikro_account.wizard_annual_statement')
    balance = StateAction('account.act_move_form')
    fiscalyears = StateAction('account.act_fiscalyear_form_close')

    def get_steps(self):
        Step = Pool().get('account.fiscalyear.closing.step')
        return Step.get_steps(self.start.fiscalyear)

    def default_steps(self, fields):
        steps = self.get_steps()
        return {
            'fiscalyear': self.start.fiscalyear.id,
            'steps': [step._default_values for step in steps],
            'step': next((s.code for s in steps if not s.done), None),
            }

    def transition_refresh(self):
        return 'steps'

    def transition_do_step(self):
        code = self.steps.step
        if code == 'next' and self.get_next():
            return 'steps'
        return ACTIONS[code] if code else 'end'

    def get_next(self):
        Step = Pool().get('account.fiscalyear.closing.step')
        return Step.get_next(self.start.fiscalyear)

    @without_check_access
    def transition_open_next(self):
        "Open the year after with the sequences and the periods of this one"
        fiscalyear = self.start.fiscalyear
        with self.run('account.books.setup') as setup:
            setup.start.start_date = (
                fiscalyear.end_date + fiscalyear.end_date.resolution)
            setup.start.end_date = setup.start.start_date + relativedelta(
                years=1, days=-1)
            setup._create_fiscalyear(fiscalyear.company)
        return 'steps'

    @contextmanager
    def run(self, name):
        "Return another wizard, which the user may not run as a whole"
        pool = Pool()
        Session = pool.get('ir.session.wizard')
        session, = Session.create([{}])
        yield pool.get(name, type='wizard')(session.id)
        Session.delete([session])

    def open(self, action, *domain):
        action['pyson_domain'] = PYSONEncoder().encode(list(domain))
        action['domains'] = []
        return action, {}

    def do_moves(self, action):
        fiscalyear = self.start.fiscalyear
        return self.open(
            action, ('period.fiscalyear', '=', fiscalyear.id),
            ('state', '=', 'draft'))

    def do_invoices(self, action):
        fiscalyear = self.start.fiscalyear
        return self.open(
            action, ('company', '=', fiscalyear.company.id),
            ('state', 'in', ['draft', 'validated']),
            ('invoice_date', '>=', fiscalyear.start_date),
            ('invoice_date', '<=', fiscalyear.end_date))

    def do_statements(self, action):
        fiscalyear = self.start.fiscalyear
        return self.open(
            action, ('company', '=', fiscalyear.company.id),
            ('state', 'in', ['draft', 'validated']),
            ('date', '<=', fiscalyear.end_date))

    def do_cut_offs(self, action):
        CutOff = Pool().get('account.cut.off')
        fiscalyear = self.start.fiscalyear
        CutOff.save(CutOff.get_proposals(fiscalyear))
        return self.open(action, ('fiscalyear', '=', fiscalyear.id))

    def do_fiscalyears(self, action):
        return self.open(action, ('id', '=', self.start.fiscalyear.id))

    def do_balance(self, action):
        "Show the entry which balances the income and the expenses, a draft"
        Step = Pool().get('account.fiscalyear.closing.step')
        fiscalyear = self.start.fiscalyear
        move = Step.get_closing_move(fiscalyear)
        if not move:
            self.check_balance()
            move = self.create_closing_move(fiscalyear)
        action['views'].reverse()
        return action, {'res_id': move.id if move else None}

    def check_balance(self):
        "Warn of the steps which were to be done before"
        Warning = Pool().get('res.user.warning')
        before = []
        for step in self.get_steps():
            if step.code == 'balance':
                break
            if not step.done:
                before.append(step.name)
        key = Warning.format('closing', [self.start.fiscalyear])
        if before and Warning.check(key):
            raise ClosingWarning(key, gettext(
                    'proxymikro_account.msg_closing_before',
                    fiscalyear=self.start.fiscalyear.rec_name,
                    steps=', '.join(before)))

    def create_closing_move(self, fiscalyear):
        "Run core's wizard with the accounts 120 and 129"
        with self.run('account.fiscalyear.balance_non_deferral') as balance:
            start = balance.start
            start.fiscalyear = fiscalyear
            start.company = fiscalyear.company
            start.journal = self.get_journal()
            start.period = self.get_period(fiscalyear)
            start.credit_account = self.get_account('account_fr.120')
            start.debit_account = self.get_account('account_fr.129')
            move = balance.create_move()
        if not move:
            raise ClosingError(gettext(
                    'proxymikro_account.msg_closing_nothing',
                    fiscalyear=fiscalyear.rec_name))
        return move

    def get_account(self, template):
        account = find_account(self.start.fiscalyear.company, template)
        if not account:
            raise ClosingError(gettext(
                    'proxymikro_account.msg_closing_account',
                    code=template.split('.')[1]))
        return account

    @without_check_access
    def get_journal(self):
        "Return the journal of the closing entries, made if there is none"
        Journal = Pool().get('account.journal')
        journals = Journal.search([('type', '=', 'situation')], limit=1)
        if not journals:
            journals = Journal.create([{
                        'name': "Clôture", 'code': 'CL',
                        'type': 'situation'}])
        return journals[0]

    @without_check_access
    def get_period(self, fiscalyear):
        "Return the adjustment period of the closing, made if there is none"
        Period = Pool().get('account.period')
        periods = Period.search([
                ('fiscalyear', '=', fiscalyear.id),
                ('type', '=', 'adjustment'),
                ('state', '=', 'open'),
                ], order=[('end_date', 'DESC')], limit=1)
        if not periods:
            periods = Period.create([{
                        'name': f"Clôture {fiscalyear.name}",
                        'fiscalyear': fiscalyear.id,
                        'start_date': fiscalyear.end_date,
                        'end_date': fiscalyear.end_date,
                        'type': 'adjustment'}])
        return periods[0]
