# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The two weights of a waste shipment: ours and that of the facility."""
from trytond.i18n import gettext
from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval

from .exceptions import WasteError
from .waste import CORRECTING, SENT

# What no load weighs, in kg: the State's importer refuses more
MOST = 10_000_000


class Configuration(metaclass=PoolMeta):
    __name__ = 'stock.configuration'

    waste_weight_tolerance = fields.Float(
        "Waste Weight Tolerance", digits=(1, 4), required=True,
        domain=[
            ('waste_weight_tolerance', '>=', 0),
            ('waste_weight_tolerance', '<=', 1),
            ],
        help="The part of our weight by which that of the facility "
        "may differ without being explained.")

    @classmethod
    def default_waste_weight_tolerance(cls):
        return 0.05


class ShipmentWaste(metaclass=PoolMeta):
    __name__ = 'stock.shipment.waste'

    weight_estimated = fields.Boolean(
        "Estimated Weight", states={'readonly': SENT},
        help="Check if what leaves was not weighed: "
        "the weight of the facility replaces it in the register.")
    received_weight = fields.Float(
        "Received Weight", digits=(None, 3),
        domain=['OR',
            ('received_weight', '=', None),
            [
                ('received_weight', '>', 0),
                ('received_weight', '<=', MOST),
                ],
            ],
        states={
            'readonly': (Eval('state') != 'sent') & ~CORRECTING,
            'invisible': Eval('state').in_(['draft', 'sealed']),
            'required': Eval('state').in_(['accepted', 'processed']),
            },
        help="The weight in kg that the facility read on its own scale.")
    weight_gap = fields.Function(
        fields.Float(
            "Gap", digits=(None, 3),
            states={
                'invisible': ~Eval('received_weight'),
                },
            help="The weight in kg that the facility read, less ours."),
        'get_weight_gap')
    weight_gap_reason = fields.Char(
        "Reason of the Gap",
        states={
            'readonly': (Eval('state') != 'sent') & ~CORRECTING,
            'invisible': Eval('state').in_(['draft', 'sealed']),
            },
        help="Why the two weights differ: packaging, moisture, "
        "an estimate, an error of one of the scales…")

    @classmethod
    def default_weight_estimated(cls):
        return False

    @classmethod
    def get_weight_gap(cls, shipments, name):
        return {
            s.id: round(s.received_weight - s.weight, 3)
            if s.received_weight else None
            for s in shipments}

    @classmethod
    def check_accept(cls, shipments):
        super().check_accept(shipments)
        tolerance = Pool().get('stock.configuration')(
            1).waste_weight_tolerance
        for shipment in shipments:
            if not shipment.received_weight:
                raise WasteError(gettext(
                        'proxymikro_recycling.msg_waste_received_weight',
                        shipment=shipment.rec_name))
            if not shipment.weight_gap_reason:
                shipment._check_weight_gap(tolerance)

    def _check_weight_gap(self, tolerance):
        tolerated = tolerance * self.weight
        if abs(self.weight_gap) <= tolerated + 1e-9:
            return
        lang = Pool().get('ir.lang').get()

        def kg(value):
            return lang.format_number(value, 3)
        raise WasteError(gettext(
                'proxymikro_recycling.msg_waste_weight_gap',
                shipment=self.rec_name,
                weight=kg(self.weight),
                received=kg(self.received_weight),
                tolerated=kg(tolerated)))

    @classmethod
    def copy(cls, shipments, default=None):
        default = default.copy() if default is not None else {}
        for name in ['received_weight', 'weight_gap_reason']:
            default.setdefault(name, None)
        return super().copy(shipments, default=default)
