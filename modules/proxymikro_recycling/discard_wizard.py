# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.model import ModelView, fields
from trytond.pool import Pool
from trytond.transaction import Transaction
from trytond.wizard import Button, StateTransition, StateView, Wizard


class DiscardDevices(Wizard):
    __name__ = 'device.discard.decide'

    start = StateView('device.discard.decide.start',
        'proxymikro_recycling.discard_decide_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Discard", 'decide', 'tryton-ok', default=True),
            ])
    decide = StateTransition()

    def default_start(self, fields):
        if not self.model or self.model.__name__ != 'stock.lot':
            return {}
        self.model.check_discard(self.records)
        return {'devices': [r.id for r in self.records]}

    def transition_decide(self):
        Pool().get('device.discard').decide(
            list(self.start.devices), self.start.date, self.start.employee,
            self.start.reason)
        return 'end'

    def end(self):
        return 'reload'


class DiscardDevicesStart(ModelView):
    __name__ = 'device.discard.decide.start'

    devices = fields.Many2Many(
        'stock.lot', None, None, "Devices", required=True,
        domain=[('device', '=', True)],
        help="Scan the labels one after the other.")
    date = fields.Date(
        "Discarded on", required=True,
        help="When it was decided that the devices are waste.")
    employee = fields.Many2One(
        'company.employee', "Discarded by", required=True,
        help="Who decided that the devices are waste.")
    reason = fields.Char(
        "Reason", required=True,
        help="Why the devices can't be lent any more.")

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_employee(cls):
        return Transaction().context.get('employee')

    @fields.depends('devices')
    def on_scan_code(self, code):
        Lot = Pool().get('stock.lot')
        lot = Lot.find_scanned(code)
        Lot.check_discard([lot])
        devices = list(self.devices or [])
        if lot not in devices:
            self.devices = devices + [lot]


class WithdrawDiscard(Wizard):
    __name__ = 'device.discard.withdraw'

    start = StateView('device.discard.withdraw.start',
        'proxymikro_recycling.discard_withdraw_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Withdraw", 'withdraw', 'tryton-ok', default=True),
            ])
    withdraw = StateTransition()

    def transition_withdraw(self):
        self.model.withdraw(list(self.records), self.start.reason)
        return 'end'

    def end(self):
        return 'reload'


class WithdrawDiscardStart(ModelView):
    __name__ = 'device.discard.withdraw.start'

    reason = fields.Char(
        "Reason", required=True,
        help="Why the devices are no waste after all. It is kept.")
