# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the association receives as waste: a drop-off that nobody sorted.

What is given to be reused is no waste; what is left without a choice may be
(note of the ministry of 25 April 2017).
"""
from trytond.i18n import gettext
from trytond.model import fields
from trytond.pool import PoolMeta
from trytond.pyson import Eval

from .exceptions import WasteError

_closed = Eval('state').in_(['done', 'cancelled'])


class ShipmentIn(metaclass=PoolMeta):
    __name__ = 'stock.shipment.in'

    waste = fields.Boolean(
        "Received as Waste", states={'readonly': _closed},
        help="Check if it was dropped off without being sorted, "
        "so that it goes in the register of incoming waste.")
    waste_code = fields.Many2One(
        'waste.code', "Waste Code", ondelete='RESTRICT',
        states={
            'readonly': _closed,
            'invisible': ~Eval('waste', False),
            'required': Eval('waste', False),
            },
        help="What the waste is in the European list.")

    @classmethod
    def default_waste(cls):
        return False

    @classmethod
    def incoming_waste_domain(cls):
        return [('waste', '=', True), ('state', '=', 'done')]

    @classmethod
    def check_modification(
            cls, mode, collections, values=None, external=False):
        super().check_modification(
            mode, collections, values=values, external=external)
        if mode == 'write' and values.keys() & {'waste', 'waste_code'}:
            for collection in collections:
                if collection.state == 'done':
                    raise WasteError(gettext(
                            'proxymikro_recycling.msg_waste_incoming_done',
                            collection=collection.rec_name))
