# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is not ours: kept apart for its owner, and given back."""
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import DepositError


class ShipmentIn(metaclass=PoolMeta):
    __name__ = 'stock.shipment.in'

    deposit = fields.Function(
        fields.Boolean(
            "Deposit",
            help="Whether the equipment stays the property of who brings it."),
        'on_change_with_deposit')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        # A deposit waits outside of the warehouse, which is what we own
        for name in ['warehouse_input', 'warehouse_storage']:
            field = getattr(cls, name)
            field.domain = ['OR', field.domain, ('stage', '=', 'deposit')]
        cls._buttons.update({
                'return_deposit_wizard': {
                    'invisible': (
                        (Eval('state') != 'done')
                        | ~Eval('deposit', False)),
                    'depends': ['state', 'deposit'],
                    },
                })

    @fields.depends('gift_regime')
    def on_change_with_deposit(self, name=None):
        return bool(self.gift_regime and self.gift_regime.kind == 'deposit')

    @classmethod
    def get_deposit_location(cls):
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        return pool.get('stock.location')(
            ModelData.get_id('proxymikro_stock', 'location_deposit'))

    @classmethod
    def on_modification(cls, mode, collections, field_names=None):
        super().on_modification(mode, collections, field_names=field_names)
        if mode == 'create' or (
                mode == 'write' and 'gift_regime' in field_names):
            cls._set_place([c for c in collections if c.state == 'draft'])

    @classmethod
    @without_check_access
    def _set_place(cls, collections):
        "Bring what the collection brings where its regime wants it"
        Move = Pool().get('stock.move')
        deposit = cls.get_deposit_location()
        for collection in collections:
            if collection.deposit:
                place = deposit
            elif collection.warehouse_input == deposit:
                place = collection.warehouse.input_location
            else:
                continue
            if collection.warehouse_input == place:
                continue
            Move.write(
                [m for m in collection.moves if m.state == 'draft'],
                {'to_location': place.id})
            cls.write([collection], {
                    'warehouse_input': place.id,
                    'warehouse_storage': place.id,
                    })

    @property
    def kept_devices(self):
        "The devices of the deposit that were not given back"
        deposit = self.get_deposit_location()
        return [d for d in self.devices if d.location == deposit]

    @classmethod
    @ModelView.button_action('proxymikro_stock.wizard_deposit_return')
    def return_deposit_wizard(cls, collections):
        pass

    @classmethod
    @without_check_access
    def return_deposit(cls, collection, devices, date=None):
        "Give devices of the deposit back to their owner"
        pool = Pool()
        Return = pool.get('stock.shipment.in.return')
        Move = pool.get('stock.move')
        deposit, owner = (
            collection.warehouse_input, collection.supplier_location)
        shipment = Return(
            company=collection.company, supplier=collection.supplier,
            delivery_address=collection.contact_address,
            from_location=deposit, to_location=owner, effective_date=date)
        shipment.save()
        Move.save([Move(
                    shipment=shipment, company=collection.company,
                    product=d.product, lot=d, unit=d.product.default_uom,
                    quantity=1, from_location=deposit, to_location=owner,
                    unit_price=Decimal(0),
                    currency=collection.company.currency)
                for d in devices])
        shipment = Return(shipment.id)
        for action in ['wait', 'assign', 'do']:
            getattr(Return, action)([shipment])
        return shipment


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    @classmethod
    def check_destination(cls, lots, location):
        cls.check_deposit(lots, location)
        super().check_destination(lots, location)

    @classmethod
    def check_deposit(cls, lots, location):
        "Keep apart what is not ours"
        kept = (location.stage == 'deposit' or location.type == 'supplier'
            or (location.type == 'lost_found'
                and location.stage != 'treatment'))
        for lot in lots:
            regime = lot.gift_regime
            deposit = bool(regime and regime.kind == 'deposit')
            if (deposit and not kept) or (
                    not deposit and location.stage == 'deposit'):
                name = 'kept' if deposit else 'ours'
                raise DepositError(gettext(
                        f'proxymikro_stock.msg_deposit_{name}',
                        lot=lot.rec_name,
                        location=location.rec_name))


class ReturnDeposit(Wizard):
    __name__ = 'stock.shipment.in.return_deposit'

    start = StateView('stock.shipment.in.return_deposit.start',
        'proxymikro_stock.deposit_return_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Give Back", 'give_back', 'tryton-ok', default=True),
            ])
    give_back = StateTransition()

    def default_start(self, fields):
        kept = [d.id for d in self.record.kept_devices]
        return {'kept_devices': kept, 'devices': kept}

    def transition_give_back(self):
        self.model.return_deposit(
            self.record, self.start.devices, date=self.start.date)
        return 'end'


class ReturnDepositStart(ModelView):
    __name__ = 'stock.shipment.in.return_deposit.start'

    date = fields.Date(
        "Date", required=True, help="The day the owner took them back.")
    devices = fields.Many2Many(
        'stock.lot', None, None, "Devices", required=True,
        domain=[('id', 'in', Eval('kept_devices', []))])
    kept_devices = fields.Many2Many(
        'stock.lot', None, None, "Devices Kept", readonly=True)

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()
