# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""How many devices there are, counted by the database."""
from sql import Cast, Literal, Null
from sql.aggregate import Count, Min
from sql.functions import Extract

from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool
from trytond.transaction import Transaction

from .location import STAGES
from .product import KINDS


class DeviceStatistics(ModelSQL, ModelView):
    __name__ = 'device.statistics'

    stage = fields.Selection(STAGES, "Stage", sort=False)
    stage_string = stage.translated('stage')
    stage_name = fields.Function(fields.Char("Stage"), 'get_name')
    kind = fields.Selection(KINDS, "Kind of Device", sort=False)
    kind_string = kind.translated('kind')
    kind_name = fields.Function(fields.Char("Kind of Device"), 'get_name')
    age = fields.Integer(
        "Age",
        help="The years since the device was collected.")
    count = fields.Integer("Devices")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('stage', 'ASC'), ('kind', 'ASC'), ('age', 'ASC'), ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        pool = Pool()
        lot = pool.get('stock.lot').__table__()
        product = pool.get('product.product').__table__()
        template = pool.get('product.template').__table__()
        move = pool.get('stock.move').__table__()
        location = pool.get('stock.location').__table__()
        collection = pool.get('stock.shipment.in').__table__()
        today = pool.get('ir.date').today()
        year = Cast(Extract('YEAR', collection.effective_date), 'INTEGER')
        # Without any parameter: PostgreSQL takes each for another expression
        columns = [location.stage, template.device_kind, year]
        where = (template.device == Literal(True)) & (location.stage != Null)
        if company := Transaction().context.get('company'):
            where &= move.company == company
        return (lot
            .join(product, condition=lot.product == product.id)
            .join(template, condition=product.template == template.id)
            .join(move, condition=lot.current_move == move.id)
            .join(location, condition=move.to_location == location.id)
            .join(collection, 'LEFT',
                condition=lot.collection == collection.id)
            .select(
                Min(lot.id).as_('id'),
                location.stage.as_('stage'),
                template.device_kind.as_('kind'),
                (Literal(today.year) - year).as_('age'),
                Count(lot.id).as_('count'),
                where=where, group_by=columns))

    def get_name(self, name):
        "Return the label that a graph shows, as it does not translate"
        return getattr(self, name.replace('_name', '_string'))
