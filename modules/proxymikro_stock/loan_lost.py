# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What a borrower declares as lost or stolen."""
from trytond.model import ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .loan_line import LOSSES


class Loan(metaclass=PoolMeta):
    __name__ = 'stock.loan'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._buttons.update({
                'lose_wizard': {
                    'invisible': Eval('state') != 'running',
                    'depends': ['state'],
                    },
                })

    @classmethod
    @ModelView.button_action('proxymikro_stock.wizard_loan_lose')
    def lose_wizard(cls, loans):
        pass


class LoanLine(metaclass=PoolMeta):
    __name__ = 'stock.loan.line'

    @classmethod
    @without_check_access
    def lose(cls, lines, loss, circumstances=None, **values):
        Loan = Pool().get('stock.loan')
        super().lose(lines, loss, circumstances=circumstances, **values)
        by_loan = {}
        for line in cls.browse(lines):
            by_loan.setdefault(line.loan, []).append(line)
        for loan, lost in by_loan.items():
            names = ', '.join(n.lot.rec_name for n in lost)
            Loan.add_events(
                [loan], 'loss',
                reason='\n'.join(filter(None, [names, circumstances])))


class LoanLose(Wizard):
    __name__ = 'stock.loan.lose'

    start = StateView('stock.loan.lose.start',
        'proxymikro_stock.loan_lose_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Declare", 'lose', 'tryton-ok', default=True),
            ])
    lose = StateTransition()

    def default_start(self, fields):
        lines = [n.id for n in self.record.lines if n.open_device]
        return {
            'loan': self.record.id,
            'date': self.record.today(),
            'lines': lines if len(lines) == 1 else [],
            }

    def transition_lose(self):
        Line = Pool().get('stock.loan.line')
        start = self.start
        Line.lose(
            list(start.lines), start.loss, date=start.date,
            circumstances=start.circumstances, complaint=start.complaint)
        return 'end'


class LoanLoseStart(ModelView):
    __name__ = 'stock.loan.lose.start'

    loan = fields.Many2One('stock.loan', "Loan", readonly=True)
    lines = fields.Many2Many(
        'stock.loan.line', None, None, "Devices", required=True,
        domain=[
            ('loan', '=', Eval('loan', -1)),
            ('open_device', '!=', None),
            ],
        help="The devices that the borrower can't give back.")
    loss = fields.Selection(
        LOSSES, "What Happened", required=True, sort=False)
    date = fields.Date(
        "Declared On", required=True,
        help="The day the borrower told it.")
    circumstances = fields.Text(
        "Circumstances", required=True,
        help="What the borrower tells. It is kept.")
    complaint = fields.Char(
        "Complaint",
        states={
            'invisible': Eval('loss') != 'stolen',
            },
        help="The reference of the complaint to the police. "
        "Attach its copy to the loan.")
