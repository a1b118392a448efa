# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The tracking slip (BSD) which goes with the waste, or why there is none.

Article R541-45 of the environment code asks for one for hazardous waste;
whether equipment that an eco-organisation takes away is exempt is not settled,
so that the reason of an exemption is written down.
"""
import datetime as dt
import re

from trytond.i18n import gettext
from trytond.model import fields
from trytond.pool import PoolMeta

from .exceptions import WasteError, WasteSlipError
from .waste import SENT

_TRACKDECHETS = re.compile(r'BSD-(\d{8})-[A-Z0-9]{9}')


def is_trackdechets(number):
    "Whether the number is one that Trackdéchets gives: BSD-YYYYMMDD-XXXXXXXXX"
    match = _TRACKDECHETS.fullmatch(number)
    if not match:
        return False
    try:
        dt.datetime.strptime(match[1], '%Y%m%d')
    except ValueError:
        return False
    return True


class SlipNumberMixin:
    __slots__ = ()

    slip_number = fields.Char(
        "Slip Number",
        help="The number of the tracking slip (BSD). "
        "It is required to send hazardous waste.")

    @fields.depends('slip_number')
    def on_change_slip_number(self):
        self.slip_number = (self.slip_number or '').strip().upper() or None

    @classmethod
    def validate_fields(cls, records, field_names):
        super().validate_fields(records, field_names)
        if field_names and 'slip_number' not in field_names:
            return
        for record in records:
            number = record.slip_number or ''
            if number.startswith('BSD') and not is_trackdechets(number):
                raise WasteSlipError(gettext(
                        'proxymikro_recycling.msg_waste_slip_format',
                        shipment=record.rec_name,
                        number=number))


class ShipmentWaste(SlipNumberMixin, metaclass=PoolMeta):
    __name__ = 'stock.shipment.waste'

    slip_exemption = fields.Char(
        "Without a Trackdéchets Slip Because", states={'readonly': SENT},
        help="Why hazardous waste leaves without a slip of Trackdéchets: "
        "the eco-organisation makes its own, a paper slip… "
        "The association answers for that reason.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.slip_number.states = {'readonly': SENT}

    def get_rec_name(self, name):
        rec_name = super().get_rec_name(name)
        if self.slip_number:
            rec_name += f' ({self.slip_number})'
        return rec_name

    @classmethod
    def check_send(cls, shipments):
        super().check_send(shipments)
        cls.check_slip(shipments)

    @classmethod
    def check_slip(cls, shipments):
        for shipment in shipments:
            if not shipment.hazardous or shipment.slip_exemption:
                continue
            if not is_trackdechets(shipment.slip_number or ''):
                raise WasteError(gettext(
                        'proxymikro_recycling.msg_waste_slip_required',
                        shipment=shipment.rec_name,
                        code=shipment.waste_code.rec_name))

    @classmethod
    def copy(cls, shipments, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('slip_number', None)
        return super().copy(shipments, default=default)
