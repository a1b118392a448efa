# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.model import ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.wizard import Button, StateTransition, StateView, Wizard


class LoanSwap(Wizard):
    __name__ = 'stock.loan.swap'

    start = StateView('stock.loan.swap.start',
        'proxymikro_stock.loan_swap_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Swap", 'swap', 'tryton-ok', default=True),
            ])
    swap = StateTransition()

    def default_start(self, fields):
        lines = [n for n in self.record.lines if n.open_device]
        return {
            'loan': self.record.id,
            'date': self.record.today(),
            'line': lines[0].id if len(lines) == 1 else None,
            }

    def transition_swap(self):
        Line = Pool().get('stock.loan.line')
        Line.swap(
            self.start.line, self.start.replacement, self.start.date,
            self.start.condition_in, self.start.condition_out)
        return 'end'


class LoanSwapStart(ModelView):
    __name__ = 'stock.loan.swap.start'

    loan = fields.Many2One('stock.loan', "Loan", readonly=True)
    date = fields.Date(
        "Date", required=True,
        help="The day one device came back and the other left.")
    line = fields.Many2One(
        'stock.loan.line', "Device Taken Back", required=True,
        domain=[
            ('loan', '=', Eval('loan', -1)),
            ('open_device', '!=', None),
            ])
    condition_in = fields.Char(
        "Condition on Return",
        help="What is seen of the device taken back.")
    replacement = fields.Many2One(
        'stock.lot', "Replacement", required=True,
        domain=[
            ('device', '=', True),
            ('stage', '=', 'ready'),
            ],
        help="The ready device which is lent until the same due date.")
    condition_out = fields.Char(
        "Condition on Delivery",
        help="What the borrower must know of the replacement.")

    @fields.depends('replacement')
    def on_scan_code(self, code):
        if not self.replacement:
            self.replacement = Pool().get('stock.lot').scan(code)
