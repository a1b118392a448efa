# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What became of a gift: one row for each thing that came of it."""
from sql import Cast, Literal, Null, Window
from sql.aggregate import Max, Min, Sum
from sql.conditionals import Case, Coalesce
from sql.functions import Round, RowNumber
from sql.operators import Concat

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.transaction import Transaction

from .provenance import outcome_lots, sold_lines, source_devices, source_lots

SITUATIONS = [
    ('reception', "In Reception"),
    ('workshop', "In the Workshop"),
    ('ready', "Ready to Lend"),
    ('lent', "Lent"),
    ('parts', "In the Parts Store"),
    ('scrap', "In the Scrap Cage"),
    ('treatment', "Left for Treatment"),
    ('production', "Dismantled"),
    ('fitted', "Fitted in a Device"),
    ('customer', "Sold"),
    ('lost', "Lost or Stolen"),
    ('lost_found', "Missing"),
    ('storage', "In Stock"),
    ]
# A tenth of a gram: below is rounding
EPSILON = 0.0001
# The collections that the scrap of one dismantling may come from
MAX_COLLECTIONS = 1000


class CollectionOutcome(ModelSQL, ModelView):
    __name__ = 'collection.outcome'

    collection = fields.Many2One('stock.shipment.in', "Collection")
    donor = fields.Many2One('party.party', "Donor")
    device = fields.Many2One(
        'stock.lot', "Device",
        help="The device given, when there is only one.")
    lot = fields.Many2One(
        'stock.lot', "Device or Part",
        help="What is followed: the device, or what was taken out of it.")
    product = fields.Many2One('product.product', "Kind")
    situation = fields.Selection(SITUATIONS, "Situation", sort=False)
    location = fields.Many2One('stock.location', "Place")
    holder = fields.Many2One(
        'party.party', "Holder",
        help="The member or the buyer who has it.")
    date = fields.Date("Since")
    document = fields.Reference("Document", 'get_documents')
    weight = fields.Float(
        "Weight", digits=(None, 3),
        help="The weight in kg. What comes from several collections "
        "is shared by the weight of their devices. "
        "The weight of a dismantled device is the one of what came out.")
    invoice = fields.Many2One('account.invoice', "Invoice")
    amount = Monetary("Amount", currency='currency', digits='currency')
    currency = fields.Many2One('currency.currency', "Currency")
    waste_shipment = fields.Many2One('stock.shipment.waste', "Waste Shipment")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('collection', 'DESC'), ('device', 'ASC'), ('lot', 'ASC'),
            ('id', 'ASC')]

    @classmethod
    def get_documents(cls):
        return Pool().get('stock.lot.trace').get_documents()

    def get_rec_name(self, name):
        return self.lot.rec_name

    @classmethod
    def _where(cls, collection):
        "Return the condition of the collections asked for"
        context = Transaction().context
        where = collection.state.in_(['received', 'done'])
        in_ = fields.SQL_OPERATORS['in']
        if collections := context.get('outcome_collections'):
            where &= in_(collection.id, collections)
        if donors := context.get('outcome_donors'):
            where &= in_(collection.supplier, donors)
        if end := context.get('outcome_end_date'):
            where &= collection.effective_date <= end
        return where

    @classmethod
    def _roots(cls):
        "Return the query of the devices of the collections asked for"
        pool = Pool()
        collection = pool.get('stock.shipment.in').__table__()
        lot = pool.get('stock.lot').__table__()
        return lot.join(
            collection, condition=lot.collection == collection.id).select(
            lot.id.as_('lot'), collection.id.as_('collection'),
            where=cls._where(collection))

    @classmethod
    def _shares(cls, sources):
        "Return the part of each lot that comes from each collection"
        devices = source_devices(sources)
        weights = devices.select(
            devices.root, devices.collection,
            Sum(devices.rest).as_('weight'),
            Case((Min(devices.device) == Max(devices.device),
                    Min(devices.device)),
                else_=Null).as_('device'),
            group_by=[devices.root, devices.collection])
        whole = Sum(
            weights.weight, window=Window([weights.root]))
        until = Sum(
            weights.weight, window=Window(
                [weights.root], order_by=[weights.collection.asc]))
        return weights.select(
            weights.root, weights.collection, weights.device,
            (until / whole).as_('until'),
            ((until - weights.weight) / whole).as_('before'),
            RowNumber(window=Window(
                    [weights.root], order_by=[weights.collection.asc])
                ).as_('rank'))

    @classmethod
    def _places(cls, shares):
        """Return what each place holds of each share, and its last move there.

        The moves are reached lot by lot: two sums joined by lot have no index
        and cost the square of what is followed. The move that a lot is born of
        takes nothing from where it comes from.
        """
        Move = Pool().get('stock.move')
        in_, out = Move.__table__(), Move.__table__()

        def done(move):
            where = (move.lot == shares.root) & (move.state == 'done')
            if end := Transaction().context.get('outcome_end_date'):
                where &= move.effective_date <= end
            return where

        left = out.select(Sum(out.internal_quantity),
            where=done(out)
            & ((out.lot_rank == Null) | (out.lot_rank > 1))
            & (out.from_location == in_.to_location))
        columns = [
            shares.root, shares.collection, shares.device, shares.until,
            shares.before, shares.rank]
        return shares.join(in_, condition=done(in_)).select(
            *columns, in_.to_location.as_('location'),
            Max(in_.id).as_('move'),
            (Sum(in_.internal_quantity) - Coalesce(left, 0)).as_('quantity'),
            group_by=[*columns, in_.to_location])

    @classmethod
    def _sales(cls):
        "Return the invoice and the amount of each lot sold"
        lines = sold_lines()
        return lines.select(
            lines.lot, Max(lines.first_invoice).as_('invoice'),
            Sum(lines.amount).as_('amount'),
            where=lines.lot != Null,
            group_by=[lines.lot])

    @classmethod
    def table_query(cls):
        pool = Pool()
        roots = cls._roots()
        outcome = outcome_lots(roots)
        lots = outcome.select(outcome.lot.as_('lot'), distinct=True)
        sources = source_lots(lots)
        tables = {
            'places': cls._places(cls._shares(sources)),
            'sales': cls._sales(),
            'lot': pool.get('stock.lot').__table__(),
            'product': pool.get('product.product').__table__(),
            'template': pool.get('product.template').__table__(),
            'location': pool.get('stock.location').__table__(),
            'move': pool.get('stock.move').__table__(),
            'collection': pool.get('stock.shipment.in').__table__(),
            'invoice': pool.get('account.invoice').__table__(),
            }
        return cls._from(tables).select(
            *cls._columns(tables),
            where=cls._where(tables['collection'])
            & (tables['places'].quantity > EPSILON)
            & tables['location'].type.in_(
                ['storage', 'production', 'customer', 'lost_found']),
            with_=[outcome, sources])

    @classmethod
    def _from(cls, tables):
        t, places = tables, tables['places']
        return (places
            .join(t['lot'], condition=t['lot'].id == places.root)
            .join(t['product'],
                condition=t['lot'].product == t['product'].id)
            .join(t['template'],
                condition=t['product'].template == t['template'].id)
            .join(t['location'],
                condition=places.location == t['location'].id)
            .join(t['move'], condition=places.move == t['move'].id)
            .join(t['collection'],
                condition=places.collection == t['collection'].id)
            .join(t['sales'], 'LEFT',
                condition=(t['sales'].lot == places.root)
                & (t['location'].type == 'customer'))
            .join(t['invoice'], 'LEFT',
                condition=t['sales'].invoice == t['invoice'].id))

    @classmethod
    def _columns(cls, tables):
        Move = Pool().get('stock.move')
        t, cast = tables, cls.amount.sql_cast
        places, move = t['places'], t['move']
        amount = Round(cast(
                Round(cast(t['sales'].amount * cast(places.until)), 2)
                - Round(cast(t['sales'].amount * cast(places.before)), 2)), 2)
        weight = Case(
            ((t['location'].type == 'production')
                & (move.production_input != Null), Null),
            # By a card that was given up
            (places.until == places.before, Literal(0.)),
            (t['lot'].unit == Null,
                places.quantity * (places.until - places.before)),
            else_=Coalesce(t['lot'].weight, t['template'].usual_weight))
        waste = Case(
            (move.shipment.like('stock.shipment.waste,%')
                & (t['location'].type == 'lost_found'),
                Move.shipment.sql_id(move.shipment, Move)),
            else_=Null)
        return [
            (Cast(move.id, 'BIGINT') * Literal(MAX_COLLECTIONS)
                + places.rank).as_('id'),
            places.collection.as_('collection'),
            t['collection'].supplier.as_('donor'),
            places.device.as_('device'),
            places.root.as_('lot'),
            t['lot'].product.as_('product'),
            cls._situation(t['location'], move).as_('situation'),
            t['location'].id.as_('location'),
            Coalesce(t['location'].borrower, t['invoice'].party).as_('holder'),
            move.effective_date.as_('date'),
            cls._document(move).as_('document'),
            weight.as_('weight'),
            t['invoice'].id.as_('invoice'),
            cls.amount.sql_cast(amount).as_('amount'),
            t['invoice'].currency.as_('currency'),
            waste.as_('waste_shipment'),
            ]

    @classmethod
    def _situation(cls, location, move):
        return Case(
            ((location.type == 'production')
                & (move.production_input == Null), 'fitted'),
            (location.stage.in_([k for k, _ in SITUATIONS]), location.stage),
            else_=location.type)

    @classmethod
    def _document(cls, move):
        char = cls.document.sql_type().base
        return Case(
            (move.production_input != Null,
                Concat('production,', Cast(move.production_input, char))),
            (move.production_output != Null,
                Concat('production,', Cast(move.production_output, char))),
            (move.origin.like('device.work,%'), move.origin),
            else_=move.shipment)


class CollectionOutcomeContext(ModelView):
    __name__ = 'collection.outcome.context'

    outcome_donors = fields.Many2Many(
        'party.party', None, None, "Donors",
        help="Leave empty for all the donors.")
    outcome_collections = fields.Many2Many(
        'stock.shipment.in', None, None, "Collections",
        help="Leave empty for all the collections.")

    @classmethod
    def default_outcome_donors(cls):
        return Transaction().context.get('outcome_donors')

    @classmethod
    def default_outcome_collections(cls):
        return Transaction().context.get('outcome_collections')
