# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import SettlementError


class SettlementFinalise(Wizard):
    __name__ = 'recycling.settlement.finalise'

    start = StateView('recycling.settlement.finalise.start',
        'proxymikro_recycling.settlement_finalise_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Finalise", 'finalise', 'tryton-ok', default=True),
            ])
    finalise = StateTransition()

    def default_start(self, fields):
        settlement = self.record
        return {
            'date': Pool().get('ir.date').today(),
            'currency': settlement.currency.id,
            'provisional_amount': settlement.provisional_amount,
            'final_amount': settlement.final_amount,
            'variance': settlement.variance,
            }

    def transition_finalise(self):
        today = Pool().get('ir.date').today()
        if not self.record.date <= self.start.date <= today:
            raise SettlementError(gettext(
                    'proxymikro_recycling.msg_settlement_date',
                    settlement=self.record.rec_name))
        self.model.finalise([self.record], self.start.date)
        return 'end'


class SettlementFinaliseStart(ModelView):
    __name__ = 'recycling.settlement.finalise.start'

    date = fields.Date(
        "Date", required=True,
        help="The day of the final note. The difference is invoiced then.")
    currency = fields.Many2One('currency.currency', "Currency", readonly=True)
    provisional_amount = Monetary(
        "Provisional", currency='currency', digits='currency', readonly=True)
    final_amount = Monetary(
        "Settled", currency='currency', digits='currency', readonly=True)
    variance = Monetary(
        "Variance", currency='currency', digits='currency', readonly=True,
        states={
            'invisible': ~Eval('currency'),
            },
        help="Invoiced if it is above zero, credited if it is below.")
