# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Issue the receipts of a year at once, and cancel one."""
import datetime as dt

from trytond.model import ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import (
    Button, StateAction, StateTransition, StateView, Wizard)


class TaxReceiptIssueStart(ModelView):
    __name__ = 'account.tax.receipt.issue.start'

    start_date = fields.Date("From", required=True)
    end_date = fields.Date(
        "To", required=True,
        domain=[('end_date', '>=', Eval('start_date', None))])

    @classmethod
    def default_start_date(cls):
        return dt.date(Pool().get('ir.date').today().year - 1, 1, 1)

    @classmethod
    def default_end_date(cls):
        return dt.date(Pool().get('ir.date').today().year - 1, 12, 31)


class TaxReceiptIssuePreview(ModelView):
    __name__ = 'account.tax.receipt.issue.preview'

    gifts = fields.Many2Many(
        'account.gift', None, None, "Gifts",
        help="Remove those which get no receipt yet.")
    gaps = fields.Text(
        "Without Receipt", readonly=True,
        states={'invisible': ~Eval('gaps')},
        help="The other gifts of the period, and what they lack.")


class TaxReceiptIssue(Wizard):
    __name__ = 'account.tax.receipt.issue'

    start = StateView(
        'account.tax.receipt.issue.start',
        'proxymikro_account.tax_receipt_issue_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Preview", 'preview', 'tryton-forward', default=True),
            ])
    preview = StateView(
        'account.tax.receipt.issue.preview',
        'proxymikro_account.tax_receipt_issue_preview_view_form', [
            Button("Back", 'start', 'tryton-back'),
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Issue the Receipts", 'issue', 'tryton-ok', default=True),
            ])
    issue = StateAction('proxymikro_account.act_tax_receipt_issued')

    def default_preview(self, fields):
        Gift = Pool().get('account.gift')
        gifts, gaps = [], []
        for gift in Gift.search([
                    ('company', '=', Transaction().context.get('company')),
                    ('date', '>=', self.start.start_date),
                    ('date', '<=', self.start.end_date),
                    ('state', '!=', 'cancelled'),
                    ('receipt', '=', None),
                    ], order=[('date', 'ASC'), ('id', 'ASC')]):
            if gap := gift.get_receipt_gap():
                gaps.append(gap)
            else:
                gifts.append(gift.id)
        return {'gifts': gifts, 'gaps': '\n'.join(gaps) or None}

    @without_check_access
    def do_issue(self, action):
        Receipt = Pool().get('account.tax.receipt')
        receipts = Receipt.issue(list(self.preview.gifts))
        return action, {'res_id': [r.id for r in receipts]}


class TaxReceiptCancelReason(ModelView):
    __name__ = 'account.tax.receipt.cancel.reason'

    reason = fields.Char("Reason", required=True)


class TaxReceiptCancel(Wizard):
    __name__ = 'account.tax.receipt.cancel'
    start_state = 'ask'

    ask = StateView(
        'account.tax.receipt.cancel.reason',
        'proxymikro_account.tax_receipt_cancel_reason_view_form', [
            Button("Keep", 'end', 'tryton-cancel'),
            Button("Cancel the Receipt", 'cancel', 'tryton-ok', default=True),
            ])
    cancel = StateTransition()

    def transition_cancel(self):
        self.model.cancel(self.records, self.ask.reason)
        return 'end'

    def end(self):
        return 'reload'
