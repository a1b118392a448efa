# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Lend from the counter: who, until when, then the labels one by one."""
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, PYSONEncoder
from trytond.transaction import Transaction
from trytond.wizard import Button, StateAction, StateView, Wizard

from .exceptions import LoanPlaceError


class LoanLend(Wizard):
    __name__ = 'stock.loan.lend'

    start = StateView('stock.loan.lend.start',
        'proxymikro_stock.loan_lend_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Lend", 'lend', 'tryton-ok', default=True),
            ])
    lend = StateAction('proxymikro_stock.act_loan')

    def do_lend(self, action):
        loan = self.start.lend()
        action['views'].reverse()
        action['pyson_domain'] = PYSONEncoder().encode(
            [('id', '=', loan.id)])
        return action, {'res_id': loan.id}


class LoanLendStart(ModelView):
    __name__ = 'stock.loan.lend.start'

    borrower = fields.Many2One(
        'party.party', "Borrower", required=True,
        help="The member who takes the devices and answers for them.")
    places = fields.Many2Many(
        'party.party', None, None, "Known Places", readonly=True)
    place = fields.Many2One(
        'party.party', "Place",
        domain=[('id', 'in', Eval('places', []))],
        states={
            'invisible': ~Bool(Eval('places', [])),
            },
        help="Where the devices will be used, if it is one of the "
        "establishments that the borrower has already borrowed for.")
    end_date = fields.Date(
        "Due Date", required=True,
        help="The day the devices must be back at the latest.")
    devices = fields.Many2Many(
        'stock.lot', None, None, "Devices", required=True,
        domain=[
            ('device', '=', True),
            ('stage', '=', 'ready'),
            ],
        help="Scan the labels one after the other.")

    @fields.depends('borrower', 'places')
    def on_change_borrower(self):
        Location = Pool().get('stock.location')
        self.place, self.places = None, []
        if self.borrower:
            self.places = [
                l.place for l in Location.search([
                        ('borrower', '=', self.borrower.id),
                        ('place', '!=', self.borrower.id),
                        ('company', '=', Transaction().context.get('company')),
                        ])]

    @fields.depends('devices')
    def on_scan_code(self, code):
        lot = Pool().get('stock.lot').find_scanned(code)
        if lot.stage != 'ready':
            raise LoanPlaceError(gettext(
                    'proxymikro_stock.msg_loan_not_ready',
                    lot=lot.rec_name,
                    location=lot.location.rec_name if lot.location else '?'))
        devices = list(self.devices or [])
        if lot not in devices:
            self.devices = devices + [lot]

    def lend(self):
        "Write the loan, reserve it and deliver it"
        pool = Pool()
        Line = pool.get('stock.loan.line')
        Loan = pool.get('stock.loan')
        loan = Loan(
            borrower=self.borrower, place=self.place, end_date=self.end_date,
            lines=[Line(lot=d) for d in self.devices])
        loan.on_change_place()
        loan.save()
        Loan.reserve([loan])
        Loan.deliver([Loan(loan.id)])
        return loan
