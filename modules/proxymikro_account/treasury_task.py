# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What waits for the treasurer, each opening its list."""
import datetime as dt

from sql import Cast, Literal, Select, Union

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Eval, If, PYSONEncoder
from trytond.transaction import without_check_access
from trytond.wizard import StateAction, Wizard

from .treasury_board import get_company


class TreasuryTask(ModelSQL, ModelView):
    """A list that should be empty.

    To add one: extend ``get_tasks`` and write its message.
    """
    __name__ = 'account.treasury.task'

    code = fields.Char("Code")
    label = fields.Function(fields.Char("Waiting for You"), 'get_label')
    count = fields.Function(fields.Integer("Number"), 'get_count')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('id', 'ASC')]

    @classmethod
    def get_tasks(cls):
        "Return the action, the model and the domain of each task, by code"
        return {
            **cls.get_entry_tasks(),
            **cls.get_payment_tasks(),
            **cls.get_follow_up_tasks(),
            }

    @classmethod
    def get_entry_tasks(cls):
        "Return what is to be posted"
        company = ('company', '=', get_company())
        draft = ('state', 'in', ['draft', 'validated'])
        return {
            'match': (
                'account_statement.act_statement_form', 'account.statement',
                [company, ('state', '=', 'draft'),
                    ('origins.lines', '=', None)]),
            'statements': (
                'account_statement.act_statement_form', 'account.statement',
                [company, draft]),
            'bills': (
                'account_invoice.act_invoice_in_form', 'account.invoice',
                [company, ('type', '=', 'in'), draft]),
            'invoices': (
                'account_invoice.act_invoice_out_form', 'account.invoice',
                [company, ('type', '=', 'out'), draft]),
            'moves': (
                'account.act_move_form', 'account.move',
                [company, ('state', '=', 'draft')]),
            }

    @classmethod
    def get_payment_tasks(cls):
        "Return what is due"
        company = ('company', '=', get_company())
        today = Pool().get('ir.date').today()
        open_ = [
            ('move.company', '=', get_company()),
            ('move_state', '=', 'posted'), ('reconciliation', '=', None)]
        return {
            'late': (
                'account.act_move_line_form', 'account.move.line',
                [*open_, ('account.type.receivable', '=', True),
                    ('debit', '>', 0), ('maturity_date', '<', today)]),
            'pay': (
                'account.act_move_line_form', 'account.move.line',
                [*open_, ('account.type.payable', '=', True),
                    ('credit', '>', 0),
                    ('maturity_date', '<=', today + dt.timedelta(days=7))]),
            'claims': (
                'proxymikro_account.act_expense_claim',
                'account.expense.claim',
                [company, ('state', '=', 'submitted')]),
            'claims_owed': (
                'proxymikro_account.act_expense_claim',
                'account.expense.claim',
                [company, ('state', '=', 'approved'), ('paid', '=', False)]),
            'helloasso': (
                'proxymikro_account.act_helloasso_payment',
                'account.helloasso.payment',
                [company, ('state', '=', 'draft'),
                    ('refunded', '!=', True)]),
            'helloasso_refunds': (
                'proxymikro_account.act_helloasso_payment',
                'account.helloasso.payment',
                [company, ('state', '=', 'posted'),
                    ('refunded', '=', True)]),
            }

    @classmethod
    def get_follow_up_tasks(cls):
        "Return what donors, funders and the law wait for"
        pool = Pool()
        Threshold = pool.get('account.threshold')
        company = ('company', '=', get_company())
        today = pool.get('ir.date').today()
        return {
            'gifts': (
                'proxymikro_account.act_gift', 'account.gift',
                [company, ('state', '=', 'draft')]),
            'receipts': (
                'proxymikro_account.act_gift', 'account.gift',
                [company, ('state', '=', 'recorded'), ('receipt', '=', None),
                    ('party.legal_kind', 'in', ['individual', 'company'])]),
            'cut_offs': (
                'proxymikro_account.act_cut_off', 'account.cut.off',
                [('fiscalyear.company', '=', get_company()),
                    ('state', '=', 'draft')]),
            'reports': (
                'proxymikro_account.act_grant', 'account.grant',
                [company, ('state', '=', 'awarded'),
                    ('report_date', '<=', today + dt.timedelta(days=30))]),
            'thresholds': (
                'proxymikro_account.act_threshold', 'account.threshold',
                [('level', 'in', ['near', 'passed']),
                    *Threshold.valid_domain(today)]),
            }

    @classmethod
    def table_query(cls):
        return Union(*[
                Select([
                        Literal(rank).as_('id'),
                        Cast(Literal(code), 'VARCHAR').as_('code')])
                for rank, code in enumerate(cls.get_tasks(), 1)], all_=True)

    @classmethod
    def get_message(cls, code):
        return f'proxymikro_account.msg_treasury_task_{code}'

    def get_label(self, name):
        return gettext(self.get_message(self.code))

    @classmethod
    @without_check_access
    def get_count(cls, tasks, name):
        pool = Pool()
        known = cls.get_tasks()
        counts = {}
        for task in tasks:
            _, model, domain = known[task.code]
            counts[task.id] = pool.get(model).search(domain, count=True)
        return counts

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(Eval('count', 0) == 0, 'muted', 'warning')),
            ]


class TreasuryTaskOpen(Wizard):
    __name__ = 'account.treasury.task.open'
    start_state = 'open_'
    _readonly = True
    # Replaced by the list of the task
    open_ = StateAction('proxymikro_account.act_treasury_task')

    def do_open_(self, action):
        pool = Pool()
        Action = pool.get('ir.action')
        Data = pool.get('ir.model.data')
        Task = pool.get('account.treasury.task')
        xml_id, _, domain = Task.get_tasks()[self.record.code]
        action = Action(Action.get_action_id(
                Data.get_id(xml_id))).get_action_value()
        action['name'] = self.record.label
        action['domains'] = []
        action['pyson_domain'] = PYSONEncoder().encode(domain)
        return action, {}

    def transition_open_(self):
        return 'end'
