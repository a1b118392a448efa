# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import LoanPlaceError


class LoanReturn(Wizard):
    __name__ = 'stock.loan.return'

    start = StateView('stock.loan.return.start',
        'proxymikro_stock.loan_return_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Return", 'return_', 'tryton-ok', default=True),
            ])
    return_ = StateTransition()

    def default_start(self, fields):
        return {
            'date': self.record.today(),
            'lines': [
                {'line': n.id, 'lot': n.lot.id}
                for n in self.record.lines if n.open_device],
            }

    def transition_return_(self):
        Line = Pool().get('stock.loan.line')
        conditions = {
            n.line: n.condition_in for n in self.start.lines if n.returned}
        if not conditions:
            raise LoanPlaceError(gettext(
                    'proxymikro_stock.msg_loan_return_nothing',
                    loan=self.record.rec_name))
        Line.return_(list(conditions), self.start.date, conditions)
        return 'end'


class LoanReturnStart(ModelView):
    __name__ = 'stock.loan.return.start'

    date = fields.Date(
        "Date", required=True,
        help="The day the devices came back.")
    all = fields.Boolean(
        "Everything Is Back",
        help="Check when no device is missing.")
    lines = fields.One2Many(
        'stock.loan.return.line', None, "Devices",
        help="Check those that are back, or scan their labels.")

    @fields.depends('all', 'lines')
    def on_change_all(self):
        self._set_returned(lambda line: self.all)

    @fields.depends('lines')
    def on_scan_code(self, code):
        if lot := Pool().get('stock.lot').scan(code):
            self._set_returned(
                lambda line: line.returned or line.lot == lot)

    def _set_returned(self, test):
        lines = list(self.lines or [])
        for line in lines:
            line.returned = test(line)
        self.lines = lines


class LoanReturnLine(ModelView):
    __name__ = 'stock.loan.return.line'

    line = fields.Many2One(
        'stock.loan.line', "Line", required=True, readonly=True)
    lot = fields.Many2One('stock.lot', "Device", readonly=True)
    returned = fields.Boolean(
        "Back",
        help="Check if the device is back.")
    condition_in = fields.Char(
        "Condition",
        states={
            'readonly': ~Eval('returned', False),
            },
        help="What is seen of its condition.")
