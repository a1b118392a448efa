# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Who may borrow, and who may decide otherwise."""
from trytond.i18n import gettext
from trytond.model import ModelView, Workflow, fields
from trytond.pool import PoolMeta
from trytond.pyson import Eval
from trytond.transaction import without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import LoanAccessError, LoanRightError


class Loan(metaclass=PoolMeta):
    __name__ = 'stock.loan'

    right_waived = fields.Boolean(
        "Right Waived", readonly=True,
        help="The presidency lends although the borrower has not the right: "
        "the reason is in the history.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._buttons.update({
                'waive_wizard': {
                    'invisible': (
                        ~Eval('state').in_(['draft', 'reserved', 'running'])
                        | Eval('right_waived', False)),
                    'depends': ['state', 'right_waived'],
                    },
                })

    @classmethod
    @without_check_access
    def check_right(cls, loans):
        "Lend nothing more to who is late"
        super().check_right(loans)
        late = cls.search([
                ('borrower', 'in', [l.borrower.id for l in loans]),
                ('company', 'in', [l.company.id for l in loans]),
                ('overdue', '=', True),
                ('id', 'not in', [l.id for l in loans]),
                ], order=[('end_date', 'ASC')])
        borrowers = {(l.borrower, l.company) for l in loans}
        for loan in late:
            if (loan.borrower, loan.company) in borrowers:
                raise LoanRightError(gettext(
                        'proxymikro_stock.msg_loan_right_late',
                        party=loan.borrower.rec_name,
                        loan=loan.number,
                        date=cls.format_date(loan.end_date)))

    @classmethod
    @ModelView.button
    @Workflow.transition('draft')
    def draft(cls, loans):
        super().draft(loans)
        # It was waived for what was agreed, which may change now
        cls.write(loans, {'right_waived': False})

    @classmethod
    @ModelView.button_action('proxymikro_stock.wizard_loan_waive')
    def waive_wizard(cls, loans):
        pass

    @classmethod
    @without_check_access
    def waive(cls, loans, reason):
        "Lend although the borrower has not the right, and reserve the drafts"
        cls.write(loans, {'right_waived': True})
        cls.add_events(loans, 'waiver', reason=reason)
        cls.reserve([l for l in cls.browse(loans) if l.state == 'draft'])

    @classmethod
    def check_modification(cls, mode, loans, values=None, external=False):
        super().check_modification(
            mode, loans, values=values, external=external)
        if external and (
                (mode == 'create' and any(l.right_waived for l in loans))
                or (mode == 'write' and 'right_waived' in values)):
            raise LoanAccessError(gettext(
                    'proxymikro_stock.msg_loan_waive_by_hand',
                    loan=loans[0].rec_name))

    @classmethod
    def copy(cls, loans, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('right_waived', False)
        return super().copy(loans, default=default)


class LoanWaive(Wizard):
    __name__ = 'stock.loan.waive'

    start = StateView('stock.loan.waive.start',
        'proxymikro_stock.loan_waive_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Lend Anyway", 'waive', 'tryton-ok', default=True),
            ])
    waive = StateTransition()

    def transition_waive(self):
        self.model.waive([self.record], self.start.reason)
        return 'end'


class LoanWaiveStart(ModelView):
    __name__ = 'stock.loan.waive.start'

    reason = fields.Text(
        "Reason", required=True,
        help="Why the association lends all the same. It is kept.")
