# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The swap plan of a place: no more computers forgotten in a computer room."""
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import Transaction
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import SwapPlanError


class SwapPlan(Wizard):
    __name__ = 'device.swap.plan'

    start = StateView('device.swap.plan.start',
        'proxymikro_stock.swap_plan_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Swap", 'swap', 'tryton-ok', default=True),
            ])
    swap = StateTransition()

    def default_start(self, fields):
        pool = Pool()
        Date = pool.get('ir.date')
        Start = pool.get('device.swap.plan.start')
        values = {'date': Date.today()}
        context = Transaction().context
        if context.get('active_model') == 'device.replacement':
            location = self.records[0].location
            values['location'] = location.id
            values['lines'] = Start.get_lines(location)
        return values

    def transition_swap(self):
        Line = Pool().get('stock.loan.line')
        lots = {
            n.line: n.replacement for n in self.start.lines if n.replacement}
        if not lots:
            raise SwapPlanError(gettext(
                    'proxymikro_stock.msg_swap_plan_nothing',
                    location=self.start.location.rec_name))
        if len(set(lots.values())) != len(lots):
            raise SwapPlanError(gettext(
                    'proxymikro_stock.msg_swap_plan_twice',
                    location=self.start.location.rec_name))
        Line.swap_all(lots, self.start.date)
        return 'end'

    def end(self):
        return 'reload'


class SwapPlanStart(ModelView):
    __name__ = 'device.swap.plan.start'

    location = fields.Many2One(
        'stock.location', "Place", required=True,
        domain=[
            ('stage', '=', 'lent'),
            ('borrower', '!=', None),
            ],
        help="The school or the member whose devices are swapped.")
    date = fields.Date(
        "Date", required=True,
        help="The day the devices come back and those which replace them "
        "leave.")
    lines = fields.One2Many(
        'device.swap.plan.line', None, "Devices",
        help="The devices to replace there. "
        "Those without a replacement stay.")

    @fields.depends('location')
    def on_change_location(self):
        Line = Pool().get('device.swap.plan.line')
        self.lines = [Line(**v) for v in self.get_lines(self.location)]

    @classmethod
    def get_lines(cls, location):
        "Return the values of the lines of the place"
        Replacement = Pool().get('device.replacement')
        if not location:
            return []
        records = Replacement.search([
                ('location', '=', location.id),
                ('line', '!=', None),
                ])
        proposed = Replacement.propose(records)
        return [{
                'line': r.line.id,
                'lot': r.lot.id,
                'product': r.product.id,
                'reasons': r.reasons,
                'replacement': proposed[r].id if r in proposed else None,
                } for r in records]


class SwapPlanLine(ModelView):
    __name__ = 'device.swap.plan.line'

    line = fields.Many2One('stock.loan.line', "Loan", readonly=True)
    lot = fields.Many2One('stock.lot', "Device", readonly=True)
    product = fields.Many2One('product.product', "Kind", readonly=True)
    reasons = fields.Char("Reasons", readonly=True)
    replacement = fields.Many2One(
        'stock.lot', "Replacement",
        domain=[
            ('stage', '=', 'ready'),
            ('product', '=', Eval('product', -1)),
            ],
        help="The ready device which is lent until the same due date.")
