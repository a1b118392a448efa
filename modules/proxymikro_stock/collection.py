# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelView, Workflow, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.tools import grouped_slice
from trytond.transaction import without_check_access

from .exceptions import CollectionError

# What a row of a collection may say of a device
DEVICE_FIELDS = [
    'serial_number', 'donor_number', 'manufacturer', 'model', 'weight',
    'attributes', 'grade_appearance', 'grade_function', 'gift_value',
    'acquired_on']


class ShipmentIn(metaclass=PoolMeta):
    __name__ = 'stock.shipment.in'

    gift_regime = fields.Many2One(
        'stock.gift.regime', "Gift Regime", required=True,
        ondelete='RESTRICT',
        states={
            'readonly': Eval('state').in_(['done', 'cancelled']),
            },
        help="The title under which the equipment is received: "
        "it decides what may be sold, down to each part.")
    introduced_by = fields.Many2One(
        'party.party', "Introduced By", ondelete='RESTRICT',
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="The relay who brought the donor to the association.")
    planned_time = fields.Time(
        "Time", format='%H:%M',
        states={
            'readonly': Eval('state').in_(['done', 'cancelled']),
            },
        help="The time of the appointment.")
    pickup_address = fields.Many2One(
        'party.address', "Pickup Address", ondelete='RESTRICT',
        states={
            'readonly': Eval('state').in_(['done', 'cancelled']),
            },
        help="Where the equipment is fetched: a school for a town hall. "
        "Leave empty if the donor brings it.")
    pickup_note = fields.Text(
        "Access",
        help="Who to ask for, the floor, the lift, where to park.")
    deed_reference = fields.Char(
        "Deed Reference",
        help="The reference of the convention or letter of the donor.")
    deed_date = fields.Date("Deed Date")
    deed_signatory = fields.Char(
        "Deed Signatory",
        help="Who signs for the donor, and in what capacity.")
    deed_authority = fields.Char(
        "Authority of the Signatory",
        help="The deliberation or the delegation that allows them to sign.")
    deed_deadline = fields.Date(
        "Pick Up Before",
        help="The day the deed sets to fetch the equipment at the latest.")
    deed_gaps = fields.Function(
        fields.Char(
            "Missing in the Deed",
            help="What the deed of an administration must say "
            "and is not known yet."),
        'get_deed_gaps')
    estimated_value = fields.Function(
        fields.Numeric(
            "Estimated Value", digits=(None, 2),
            help="The sum of the values of the devices, in euros."),
        'get_estimated_value')
    weighed = fields.Float(
        "Weighed", digits=(None, 3),
        domain=['OR',
            ('weighed', '=', None),
            ('weighed', '>', 0),
            ],
        help="The weight in kg read on the scale for the whole collection.")
    devices = fields.One2Many(
        'stock.lot', 'collection', "Devices", readonly=True)
    device_count = fields.Function(
        fields.Integer("Number of Devices"), 'get_device_count')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._buttons.update({
                'add_devices_wizard': {
                    'invisible': Eval('state') != 'draft',
                    'readonly': ~Eval('supplier') | ~Eval('warehouse'),
                    'depends': ['state', 'supplier', 'warehouse'],
                    },
                })

    @classmethod
    def get_device_count(cls, collections, name):
        return {c.id: len(c.devices) for c in collections}

    @classmethod
    def get_estimated_value(cls, collections, name):
        return {
            c.id: sum((d.gift_value or 0 for d in c.devices), Decimal(0))
            for c in collections}

    def get_deed_gaps(self, name):
        if not self.gift_regime or self.gift_regime.kind != 'administration':
            return None
        Lot = Pool().get('stock.lot')
        gaps = [
            (self.__class__, n) for n in [
                'pickup_address', 'deed_deadline', 'deed_signatory',
                'deed_authority'] if not getattr(self, n)]
        if not self.devices:
            gaps.append((self.__class__, 'devices'))
        gaps += [
            (Lot, n) for n in ['acquired_on', 'gift_value']
            if any(getattr(d, n) is None for d in self.devices)]
        return ', '.join(m.__names__(n)['field'] for m, n in gaps)

    @fields.depends('supplier', 'contact_address')
    def on_change_supplier(self):
        super().on_change_supplier()
        self.pickup_address = self.contact_address

    @fields.depends('warehouse', 'warehouse_input')
    def on_change_warehouse(self):
        super().on_change_warehouse()
        # What is collected waits in the reception, out of the picking zone
        self.warehouse_storage = self.warehouse_input

    @classmethod
    @ModelView.button_action('proxymikro_stock.wizard_add_devices')
    def add_devices_wizard(cls, collections):
        pass

    @classmethod
    @without_check_access
    def add_devices(cls, collection, rows):
        """Create a device and its move for each row and return the devices.

        A row is a dictionary of the product and the fields of the device.
        """
        pool = Pool()
        Lot = pool.get('stock.lot')
        Move = pool.get('stock.move')
        if collection.state != 'draft':
            raise CollectionError(gettext(
                    'proxymikro_stock.msg_add_devices_draft',
                    collection=collection.rec_name))
        if not rows:
            return []
        lots = [cls._get_device(collection, row) for row in rows]
        cls._set_numbers(lots)
        # Long lists cost by their square
        for sub_lots in grouped_slice(lots, 200):
            sub_lots = list(sub_lots)
            Lot.save(sub_lots)
            Move.save([cls._get_device_move(collection, l) for l in sub_lots])
        return lots

    @classmethod
    def _get_device(cls, collection, row):
        Lot = Pool().get('stock.lot')
        product = row['product']
        lot = Lot(
            product=product, collection=collection,
            number=row.get('number'),
            unit=product.lot_uom, unit_quantity=1)
        for name in DEVICE_FIELDS:
            if row.get(name) is not None:
                setattr(lot, name, row[name])
        if not row.get('weight') and product.usual_weight:
            lot.weight = product.usual_weight
            lot.weight_origin = 'usual'
        return lot

    @classmethod
    def _set_numbers(cls, lots):
        "Number the devices at once, as one by one costs a query each"
        by_sequence = {}
        for lot in lots:
            if not lot.number and lot.product.lot_sequence:
                by_sequence.setdefault(
                    lot.product.lot_sequence, []).append(lot)
        for sequence, s_lots in by_sequence.items():
            for lot, number in zip(s_lots, sequence.get_many(len(s_lots))):
                lot.number = number

    @classmethod
    def _get_device_move(cls, collection, lot):
        Move = Pool().get('stock.move')
        return Move(
            shipment=collection, company=collection.company,
            product=lot.product, lot=lot,
            unit=lot.unit, quantity=1,
            from_location=collection.supplier_location,
            to_location=collection.warehouse_input,
            unit_price=Decimal(0), currency=collection.company.currency)

    @property
    def collected_on(self):
        "The day of the collection, as far as it is known"
        return (self.effective_date or self.planned_date
            or Pool().get('ir.date').today())

    @classmethod
    @ModelView.button
    @Workflow.transition('received')
    def receive(cls, collections):
        for collection in collections:
            collection.check_regime()
        super().receive(collections)

    def check_regime(self):
        "Check that the collection may be received under its gift regime"
        Lang = Pool().get('ir.lang')
        regime, date = self.gift_regime, self.collected_on
        if not regime.is_valid(date):
            raise CollectionError(gettext(
                    'proxymikro_stock.msg_gift_regime_date',
                    collection=self.rec_name,
                    regime=regime.rec_name,
                    date=Lang.get().strftime(date)))
        if not (cap := regime.unit_value_cap):
            return
        for device in self.devices:
            if device.gift_value and device.gift_value > cap:
                raise CollectionError(gettext(
                        'proxymikro_stock.msg_gift_regime_cap',
                        lot=device.rec_name,
                        article=regime.legal_basis,
                        value=Lang.get().format_number(device.gift_value, 2),
                        cap=Lang.get().format_number(cap, 2)))

    @classmethod
    def copy(cls, collections, default=None):
        default = default.copy() if default is not None else {}
        for name in ['devices', 'weighed', 'deed_reference', 'deed_date',
                'deed_signatory', 'deed_authority', 'deed_deadline']:
            default.setdefault(name, None)
        # Each device exists once
        default.setdefault('moves', None)
        return super().copy(collections, default=default)

    @classmethod
    def check_modification(
            cls, mode, collections, values=None, external=False):
        super().check_modification(
            mode, collections, values=values, external=external)
        if mode == 'write' and 'gift_regime' in values:
            for collection in collections:
                if collection.state in {'received', 'done'}:
                    raise CollectionError(gettext(
                            'proxymikro_stock.msg_gift_regime_done',
                            collection=collection.rec_name))

    @classmethod
    def on_modification(cls, mode, collections, field_names=None):
        Lot = Pool().get('stock.lot')
        super().on_modification(mode, collections, field_names=field_names)
        if mode == 'delete':
            Lot.delete([d for c in collections for d in c.devices])


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    gift_value = fields.Numeric(
        "Estimated Value", digits=(None, 2),
        domain=['OR',
            ('gift_value', '=', None),
            ('gift_value', '>=', 0),
            ],
        help="What the device was worth, in euros, when it was given.")
    acquired_on = fields.Date(
        "Acquired On",
        help="The day the donor acquired the device.")
