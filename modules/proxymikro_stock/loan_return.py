# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Take back, from one loan or from any, by scanning what is brought."""
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction
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
        Date = Pool().get('ir.date')
        if Transaction().context.get('active_model') != 'stock.loan':
            # From the menu it takes back from any loan
            return {'date': Date.today()}
        loan = self.record
        return {
            'loan': loan.id,
            'date': loan.today(),
            'lines': [
                {'line': n.id, 'lot': n.lot.id, 'borrower': loan.borrower.id}
                for n in loan.open_lines],
            'accessories': [
                {'accessory': a.id, 'missing': a.missing, 'returned': 0}
                for a in loan.accessories if a.missing],
            }

    def transition_return_(self):
        pool = Pool()
        Accessory = pool.get('stock.loan.accessory')
        Line = pool.get('stock.loan.line')
        start = self.start
        conditions = {
            n.line: n.condition_in for n in start.lines if n.returned}
        counts = {
            a.accessory: a.returned for a in start.accessories if a.returned}
        if not conditions and not counts:
            raise LoanPlaceError(gettext(
                    'proxymikro_stock.msg_loan_return_nothing'))
        Line.return_(list(conditions), start.date, conditions)
        Accessory.count_in(counts)
        return 'end'


class LoanReturnStart(ModelView):
    __name__ = 'stock.loan.return.start'

    loan = fields.Many2One('stock.loan', "Loan", readonly=True,
        states={
            'invisible': ~Bool(Eval('loan')),
            })
    date = fields.Date(
        "Date", required=True,
        help="The day the devices came back.")
    all = fields.Boolean(
        "Everything Is Back",
        states={
            'invisible': ~Bool(Eval('loan')),
            },
        help="Check when neither a device nor an accessory is missing.")
    lines = fields.One2Many(
        'stock.loan.return.line', None, "Devices",
        help="Check those that are back, or scan their labels.")
    accessories = fields.One2Many(
        'stock.loan.return.accessory', None, "Accessories",
        states={
            'invisible': ~Bool(Eval('accessories', [])),
            },
        help="Count those that are back.")

    @fields.depends('all', 'lines', 'accessories')
    def on_change_all(self):
        self._set_returned(lambda line: self.all)
        accessories = list(self.accessories or [])
        for accessory in accessories:
            accessory.returned = accessory.missing if self.all else 0
        self.accessories = accessories

    @fields.depends('loan', 'lines')
    def on_scan_code(self, code):
        pool = Pool()
        Line = pool.get('stock.loan.line')
        ReturnLine = pool.get('stock.loan.return.line')
        lot = pool.get('stock.lot').find_scanned(code)
        if lot not in {n.lot for n in self.lines or []}:
            line = Line.find_out(lot)
            if self.loan and line.loan != self.loan:
                raise LoanPlaceError(gettext(
                        'proxymikro_stock.msg_loan_return_other',
                        lot=lot.rec_name, loan=line.loan.rec_name))
            self.lines = list(self.lines or []) + [ReturnLine(
                    line=line, lot=lot, borrower=line.loan.borrower,
                    returned=True)]
        self._set_returned(lambda line: line.returned or line.lot == lot)

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
    borrower = fields.Many2One('party.party', "Borrower", readonly=True)
    returned = fields.Boolean(
        "Back",
        help="Check if the device is back.")
    condition_in = fields.Char(
        "Condition",
        states={
            'readonly': ~Eval('returned', False),
            },
        help="What is seen of its condition.")


class LoanReturnAccessory(ModelView):
    __name__ = 'stock.loan.return.accessory'

    accessory = fields.Many2One(
        'stock.loan.accessory', "Accessory", required=True, readonly=True)
    missing = fields.Integer("Still Out", readonly=True)
    returned = fields.Integer(
        "Back",
        domain=[
            ('returned', '>=', 0),
            ('returned', '<=', Eval('missing', 0)),
            ],
        help="How many were counted.")
