# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import gettext
from trytond.model import ModelView
from trytond.pool import PoolMeta
from trytond.pyson import Eval

from .exceptions import ShipError


class ShipmentOut(metaclass=PoolMeta):
    __name__ = 'stock.shipment.out'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        # A device is taken from its shelf, that no picking looks at
        cls.inventory_moves.domain = ['OR',
            cls.inventory_moves.domain,
            [
                ('from_location.stage', '=', 'ready'),
                ('to_location', '=', Eval('warehouse_output', -1)),
                ('company', '=', Eval('company', -1)),
                ],
            ]
        cls._buttons.update({
                'dispatch': {
                    'invisible': Eval('state').in_(['done', 'cancelled']),
                    'depends': ['state'],
                    },
                })

    def _get_inventory_move(self, move):
        inventory = super()._get_inventory_move(move)
        if inventory and move.lot and move.lot.stage == 'ready':
            inventory.from_location = move.lot.location
        return inventory

    @classmethod
    @ModelView.button
    def dispatch(cls, shipments):
        """Ship what is ready in one act.

        The steps of core in a row: nobody picks in one place what another
        packs in the next.
        """
        steps = [
            ('draft', cls.wait),
            ('waiting', cls.assign_try),
            ('assigned', cls.pick),
            ('picked', cls.pack),
            ('packed', cls.do),
            ('shipped', cls.do),
            ]
        for state, step in steps:
            ready = [s for s in cls.browse(shipments) if s.state == state]
            if ready:
                step(ready)
        for shipment in cls.browse(shipments):
            if shipment.state not in {'done', 'cancelled'}:
                missing = next(
                    m for m in shipment.assign_moves
                    if m.state not in {'assigned', 'done', 'cancelled'})
                raise ShipError(gettext(
                        'proxymikro_recycling.msg_ship_missing',
                        shipment=shipment.rec_name,
                        lot=missing.lot.rec_name if missing.lot
                        else missing.product.rec_name,
                        location=missing.from_location.rec_name))
