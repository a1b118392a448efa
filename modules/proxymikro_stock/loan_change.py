# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Another due date: later when it is extended, sooner when it is recalled."""
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import LoanDateError


class Loan(metaclass=PoolMeta):
    __name__ = 'stock.loan'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        running = {
            'invisible': Eval('state') != 'running',
            'depends': ['state'],
            }
        cls._buttons.update({
                'extend_wizard': running,
                'recall_wizard': running,
                })

    @classmethod
    @ModelView.button_action('proxymikro_stock.wizard_loan_extend')
    def extend_wizard(cls, loans):
        pass

    @classmethod
    @ModelView.button_action('proxymikro_stock.wizard_loan_recall')
    def recall_wizard(cls, loans):
        pass

    @classmethod
    @without_check_access
    def extend(cls, loan, date, reason=None):
        "Leave the devices to the borrower until a later day"
        Line = Pool().get('stock.loan.line')
        lines = Line.lock([n for n in loan.lines if n.open_device])
        loan = cls(loan.id)
        loan._check_new_due_date(date)
        if date <= loan.end_date:
            raise LoanDateError(gettext(
                    'proxymikro_stock.msg_loan_extend_sooner',
                    loan=loan.rec_name,
                    date=cls.format_date(loan.end_date)))
        cls.check_rights([loan])
        loan._set_due_date('extension', date, reason)
        Line.check_dates(Line.browse(lines))

    @classmethod
    @without_check_access
    def recall(cls, loan, date, reason):
        "Ask for the devices sooner than was agreed, and return the event"
        Line = Pool().get('stock.loan.line')
        Line.lock([n for n in loan.lines if n.open_device])
        loan = cls(loan.id)
        loan._check_new_due_date(date)
        if date >= loan.end_date:
            raise LoanDateError(gettext(
                    'proxymikro_stock.msg_loan_recall_later',
                    loan=loan.rec_name,
                    date=cls.format_date(loan.end_date)))
        return loan._set_due_date('recall', date, reason)

    def _check_new_due_date(self, date):
        if self.state != 'running':
            raise LoanDateError(gettext(
                    'proxymikro_stock.msg_loan_not_running',
                    loan=self.rec_name))
        if date < self.today():
            raise LoanDateError(gettext(
                    'proxymikro_stock.msg_loan_due_past',
                    loan=self.rec_name))

    def _set_due_date(self, kind, date, reason):
        event, = self.add_events(
            [self], kind, reason=reason, due_before=self.end_date,
            due_after=date)
        self.write([self], {'end_date': date})
        return event


class LoanExtend(Wizard):
    __name__ = 'stock.loan.extend'

    start = StateView('stock.loan.extend.start',
        'proxymikro_stock.loan_extend_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Extend", 'extend', 'tryton-ok', default=True),
            ])
    extend = StateTransition()

    def default_start(self, fields):
        return {'due_before': self.record.end_date}

    def transition_extend(self):
        self.model.extend(
            self.record, self.start.end_date, self.start.reason)
        return 'end'


class LoanExtendStart(ModelView):
    __name__ = 'stock.loan.extend.start'

    due_before = fields.Date("Agreed Due Date", readonly=True)
    end_date = fields.Date(
        "New Due Date", required=True,
        domain=[('end_date', '>', Eval('due_before', None))])
    reason = fields.Text(
        "Reason",
        help="Who asked for it and why. It is kept.")


class LoanRecall(Wizard):
    __name__ = 'stock.loan.recall'

    start = StateView('stock.loan.recall.start',
        'proxymikro_stock.loan_recall_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Recall", 'recall', 'tryton-ok', default=True),
            ])
    recall = StateTransition()

    def default_start(self, fields):
        return {
            'due_before': self.record.end_date,
            'send': bool(self.record.borrower.email),
            }

    def transition_recall(self):
        event = self.model.recall(
            self.record, self.start.date, self.start.reason)
        if self.start.send:
            self.model.send_letter([self.record], [event])
        return 'end'


class LoanRecallStart(ModelView):
    __name__ = 'stock.loan.recall.start'

    due_before = fields.Date("Agreed Due Date", readonly=True)
    date = fields.Date(
        "Wanted Back On", required=True,
        domain=[('date', '<', Eval('due_before', None))],
        help="The day the devices must be back now.")
    reason = fields.Text(
        "Reason", required=True,
        help="Why the association needs them: it is written to the borrower "
        "and kept.")
    send = fields.Boolean(
        "Send an E-mail",
        help="Check to write to the borrower at once.")
