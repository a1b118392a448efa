# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Who carries the waste, in order, and by which right."""
from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields, sequence_ordered
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval

from .exceptions import WasteCarrierError
from .waste import SENT

MODES = [
    ('road', "Road"),
    ('rail', "Rail"),
    ('river', "River"),
    ('sea', "Sea"),
    ('air', "Air"),
    ]
# What the register has room for
MOST = 5


class WasteCarrier(sequence_ordered(), ModelSQL, ModelView):
    __name__ = 'stock.shipment.waste.carrier'

    shipment = fields.Many2One(
        'stock.shipment.waste', "Waste Shipment", required=True,
        ondelete='CASCADE')
    party = fields.Many2One(
        'party.party', "Carrier", required=True, ondelete='RESTRICT',
        help="Who carries the waste: the facility itself, "
        "or the association.")
    mode = fields.Selection(
        MODES, "Mode of Transport", required=True, sort=False)
    mode_string = mode.translated('mode')
    receipt_number = fields.Char(
        "Receipt Number", size=50,
        states={
            'readonly': Eval('receipt_exempted', False),
            },
        help="The number of the receipt of the declaration "
        "of transport of waste.")
    receipt_end_date = fields.Date(
        "Valid Until",
        states={
            'invisible': Eval('receipt_exempted', False),
            })
    receipt_exempted = fields.Boolean(
        "Exempted",
        help="Check if the carrier does not need a receipt.")
    exemption_reason = fields.Char(
        "Reason of the Exemption",
        states={
            'invisible': ~Eval('receipt_exempted', False),
            'required': Eval('receipt_exempted', False),
            },
        help="Why no receipt is needed: a load under the limit, "
        "one's own waste…")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('shipment')

    @classmethod
    def default_mode(cls):
        return 'road'

    @classmethod
    def default_receipt_exempted(cls):
        return False

    @fields.depends(
        'party', 'receipt_number', 'receipt_end_date', 'receipt_exempted')
    def on_change_party(self):
        Receipt = Pool().get('party.waste.receipt')
        receipt = None
        if self.party and not self.receipt_exempted:
            receipt = Receipt.get_latest(self.party, 'carrier')
        self.receipt_number = receipt.number if receipt else None
        self.receipt_end_date = receipt.end_date if receipt else None

    @fields.depends('receipt_exempted', methods=['on_change_party'])
    def on_change_receipt_exempted(self):
        if not self.receipt_exempted:
            self.exemption_reason = None
        self.on_change_party()

    def get_rec_name(self, name):
        return self.party.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('party.rec_name', *clause[1:])]


class ShipmentWaste(metaclass=PoolMeta):
    __name__ = 'stock.shipment.waste'

    carriers = fields.One2Many(
        'stock.shipment.waste.carrier', 'shipment', "Carriers",
        states={'readonly': SENT},
        help="Those who carry the waste, in order, five at most.")

    @classmethod
    def check_send(cls, shipments):
        super().check_send(shipments)
        for shipment in shipments:
            shipment._check_carriers()

    def _check_carriers(self):
        if len(self.carriers) > MOST:
            raise WasteCarrierError(gettext(
                    'proxymikro_recycling.msg_waste_carriers',
                    shipment=self.rec_name, count=MOST))
        date = self.leaving_date
        for carrier in self.carriers:
            if (not carrier.receipt_exempted and carrier.receipt_end_date
                    and carrier.receipt_end_date < date):
                raise WasteCarrierError(gettext(
                        'proxymikro_recycling.msg_waste_receipt_ended',
                        shipment=self.rec_name,
                        carrier=carrier.party.rec_name,
                        number=carrier.receipt_number or '',
                        date=Pool().get('ir.lang').get().strftime(
                            carrier.receipt_end_date)))
