# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The limits of the law on waste, and how near the association is to each."""
from dateutil.relativedelta import relativedelta
from sql import Literal, Null
from sql.aggregate import Sum
from sql.conditionals import Case

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.proxymikro_base.validity import ValidityMixin
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval, If
from trytond.transaction import Transaction, without_check_access

from .exceptions import WasteDateError, WasteLoadWarning

KINDS = [
    ('load_hazardous', "Hazardous Load (kg)"),
    ('load_other', "Other Load (kg)"),
    ('storage', "Stored Volume (m³)"),
    ('retention', "Keeping of the Register (years)"),
    ('declaration', "Age of What Is Declared (months)"),
    ]
# The part of a limit from which the association is warned
NEAR = 0.8
# Where waste waits; what was received as waste also waits at the workshop,
# and what was discarded wherever it is
STORES = ['parts', 'scrap']
ROOMS = ['reception', 'workshop']


class WasteLimit(ValidityMixin, ModelSQL, ModelView):
    __name__ = 'waste.limit'

    name = fields.Char("Name", required=True, translate=True)
    kind = fields.Selection(
        KINDS, "What Is Limited", required=True, sort=False)
    amount = fields.Float(
        "Limit", digits=(None, 3), required=True,
        domain=[('amount', '>', 0)],
        help="In kg for a load, in m³ for what is stored, "
        "in years for what is kept, in months for what is declared.")
    consequence = fields.Text(
        "Once Passed", translate=True,
        help="What the association must do then.")
    reached = fields.Function(
        fields.Float(
            "Reached", digits=(None, 3),
            states={'invisible': Eval('kind') != 'storage'},
            help="The volume in m³ of the parts and of the scrap, "
            "of the discarded devices and of what was received as waste, "
            "by the volume of the products."),
        'get_gauge')
    uncounted = fields.Function(
        fields.Char(
            "Not Counted",
            states={'invisible': Eval('kind') != 'storage'},
            help="The products in store whose volume is not known: "
            "enter it in their form."),
        'get_gauge')
    ratio = fields.Function(
        fields.Float(
            "Part of the Limit", digits=(None, 4),
            states={'invisible': Eval('kind') != 'storage'}),
        'get_gauge')
    level = fields.Function(
        fields.Selection([
                (None, ""),
                ('clear', "Clear"),
                ('near', "Near"),
                ('passed', "Passed"),
                ], "Level", sort=False,
            states={'invisible': Eval('kind') != 'storage'},
            help="Near from 80 % on."),
        'get_gauge')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('kind', 'ASC'), ('start_date', 'DESC NULLS LAST'),
            ('id', 'DESC')]

    @classmethod
    @without_check_access
    def get_limit(cls, kind, date):
        "Return the limit in force on the date"
        limits = cls.search(
            [('kind', '=', kind), *cls.valid_domain(date)],
            order=[('start_date', 'DESC NULLS LAST'), ('id', 'DESC')],
            limit=1)
        return limits[0] if limits else None

    @classmethod
    def get_gauge(cls, limits, names):
        result = {n: dict.fromkeys(map(int, limits)) for n in names}
        storage = [l for l in limits if l.kind == 'storage']
        if not storage:
            return result
        reached, uncounted = cls.get_stored_volume()
        for limit in storage:
            ratio = reached / limit.amount
            gauge = {
                'reached': round(reached, 3),
                'uncounted': ', '.join(uncounted) or None,
                'ratio': min(max(ratio, 0), 1),
                'level': 'clear' if ratio < NEAR
                else 'passed' if ratio >= 1 else 'near',
                }
            for name in names:
                result[name][limit.id] = gauge[name]
        return result

    @classmethod
    @without_check_access
    def get_stored_volume(cls):
        "Return the m³ that wait, and the names of what has no volume"
        pool = Pool()
        Product = pool.get('product.product')
        Uom = pool.get('product.uom')
        cubic_meter = Uom(pool.get('ir.model.data').get_id(
                'product', 'uom_cubic_meter'))
        cursor = Transaction().connection.cursor()
        cursor.execute(*cls._stored_query())
        quantities = {p: q for p, q in cursor if round(q, 6) > 0}
        total, uncounted = 0, set()
        for product in Product.browse(list(quantities)):
            if product.volume and product.volume_uom:
                total += quantities[product.id] * Uom.compute_qty(
                    product.volume_uom, product.volume, cubic_meter,
                    round=False)
            else:
                uncounted.add(product.template.name)
        return total, sorted(uncounted)

    @classmethod
    def _stored_query(cls):
        "Return the query of the quantity that waits of each product"
        pool = Pool()
        collection = pool.get('stock.shipment.in').__table__()
        location = pool.get('stock.location').__table__()
        discard = pool.get('device.discard').__table__()
        lot = pool.get('stock.lot').__table__()
        move = pool.get('stock.move').__table__()
        dropped = (
            location.stage.in_(ROOMS) & (collection.waste == Literal(True)))
        discarded = (location.type == 'storage') & (discard.id != Null)
        where = move.state == 'done'
        if company := Transaction().context.get('company'):
            where &= move.company == company
        return (move
            .join(location, condition=(
                    (move.to_location == location.id)
                    | (move.from_location == location.id)))
            .join(lot, 'LEFT', condition=move.lot == lot.id)
            .join(collection, 'LEFT',
                condition=lot.collection == collection.id)
            .join(discard, 'LEFT',
                condition=(discard.lot == lot.id)
                & (discard.withdrawn_on == Null))
            .select(
                move.product,
                Sum(Case((move.to_location == location.id,
                            move.internal_quantity),
                        else_=-move.internal_quantity)),
                where=where & (
                    location.stage.in_(STORES) | dropped | discarded),
                group_by=[move.product]))

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(
                    Eval('level') == 'passed', 'danger',
                    If(Eval('level') == 'near', 'warning', ''))),
            ]


class ShipmentWaste(metaclass=PoolMeta):
    __name__ = 'stock.shipment.waste'

    @classmethod
    def check_send(cls, shipments):
        super().check_send(shipments)
        for shipment in shipments:
            shipment._check_date()
            shipment._check_load(shipments)

    def _check_date(self):
        pool = Pool()
        today, date = self.today, self.leaving_date
        limit = pool.get('waste.limit').get_limit('declaration', today)
        first = (
            today - relativedelta(months=int(limit.amount)) if limit
            else date)
        if not first <= date <= today:
            lang = pool.get('ir.lang').get()
            raise WasteDateError(gettext(
                    'proxymikro_recycling.msg_waste_date',
                    shipment=self.rec_name,
                    date=lang.strftime(date),
                    first=lang.strftime(first),
                    today=lang.strftime(today)))

    def _get_load(self, sent):
        """Return the kg of the load, each code of which has its shipment.

        What leaves on a day for a facility is one, hazardous or not.
        """
        others = self.search([
                ('company', '=', self.company.id),
                ('party', '=', self.party.id),
                ('id', '!=', self.id),
                ['OR',
                    ('id', 'in', [s.id for s in sent]),
                    [
                        ('effective_date', '=', self.leaving_date),
                        ('state', 'in', ['sent', 'accepted', 'processed']),
                        ],
                    ],
                ])
        return self.weight + sum(
            s.weight for s in others
            if s.hazardous == self.hazardous
            and s.leaving_date == self.leaving_date)

    def _check_load(self, sent):
        "Warn of a load whose carrier must be declared and is not known to be"
        pool = Pool()
        Limit = pool.get('waste.limit')
        Warning = pool.get('res.user.warning')
        limit = Limit.get_limit(
            'load_hazardous' if self.hazardous else 'load_other',
            self.leaving_date)
        weight = self._get_load(sent)
        if (not limit or weight <= limit.amount
                or self.carriers
                and all(c.receipt_number for c in self.carriers)):
            return
        key = Warning.format('waste_load', [self])
        if Warning.check(key):
            lang = pool.get('ir.lang').get()
            raise WasteLoadWarning(key, gettext(
                    'proxymikro_recycling.msg_waste_load',
                    shipment=self.rec_name,
                    weight=lang.format_number(weight, 3),
                    limit=limit.name,
                    amount=lang.format_number(limit.amount, 0),
                    source=limit.source or ''))
