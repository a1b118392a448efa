# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Where everything was on a day, in one query."""
from sql import Literal, Null
from sql.aggregate import Max

from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool
from trytond.transaction import Transaction

from .location import STAGES


class DevicePlace(ModelSQL, ModelView):
    __name__ = 'device.place'

    lot = fields.Many2One('stock.lot', "Device")
    product = fields.Many2One('product.product', "Kind")
    location = fields.Many2One('stock.location', "Place")
    stage = fields.Selection(STAGES, "Stage", sort=False)
    holder = fields.Many2One('party.party', "Holder")
    since = fields.Date("Since")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('stage', 'ASC'), ('location', 'ASC'), ('lot', 'ASC'),
            ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        """Return the last move of each device by the end of the day.

        The highest rank counts: dates and ids alone get the moves of a same
        day wrong.
        """
        pool = Pool()
        move = pool.get('stock.move').__table__()
        location = pool.get('stock.location').__table__()
        product = pool.get('product.product').__table__()
        template = pool.get('product.template').__table__()
        last = cls._last_ranks()
        return (last
            .join(move, condition=(move.lot == last.lot)
                & (move.lot_rank == last.rank) & (move.state == 'done'))
            .join(location, condition=move.to_location == location.id)
            .join(product, condition=move.product == product.id)
            .join(template, condition=product.template == template.id)
            .select(
                move.lot.as_('id'),
                move.lot.as_('lot'),
                move.product.as_('product'),
                location.id.as_('location'),
                location.stage.as_('stage'),
                location.borrower.as_('holder'),
                move.effective_date.as_('since'),
                where=(location.type == 'storage')
                & (template.device == Literal(True))))

    @classmethod
    def _last_ranks(cls):
        pool = Pool()
        context = Transaction().context
        move = pool.get('stock.move').__table__()
        date = context.get('device_date') or pool.get('ir.date').today()
        where = ((move.state == 'done') & (move.lot_rank != Null)
            & (move.effective_date <= date))
        if company := context.get('company'):
            where &= move.company == company
        return move.select(
            move.lot, Max(move.lot_rank).as_('rank'),
            where=where, group_by=move.lot)


class DevicePlaceContext(ModelView):
    __name__ = 'device.place.context'

    device_date = fields.Date(
        "On", required=True,
        help="The devices are where they were at the end of that day.")

    @classmethod
    def default_device_date(cls):
        context = Transaction().context
        return context.get('device_date') or Pool().get('ir.date').today()
