# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Where the kg are: what came in is here, or went out, or is a gap.

For a period: opening + in = out + stock + gap.
"""
from sql import Null
from sql.aggregate import Sum
from sql.conditionals import Case, Coalesce, NullIf
from sql.functions import Abs

from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.transaction import without_check_access

from .mass_entry import INCOMING, OUTGOING, STOCK, where_selected
from .mass_flow import get_flows, get_period
from .rounding import round_to_field

BASES = [
    (None, ""),
    ('scale', "Collections Weighed"),
    ('devices', "Devices Weighed"),
    ('mixed', "Collections or Devices Weighed"),
    ('estimated', "Partly Estimated"),
    ]
STATES = [
    ('balanced', "Balanced"),
    ('gap', "Gap"),
    ]
# What left for good, or serves again: what the rates are parts of
DENOMINATOR = [
    'placed', 'sold_parts', 'sold_materials', 'prepared', 'recycled',
    'recovered', 'disposed', 'treated', 'loss', 'lost']
# Half a gram: below is rounding
EPSILON = 0.0005
DAYS_OF_YEAR = 365.25


def _kg(string, help=''):
    return fields.Float(string, digits=(None, 3), help=help)


def _rate(string, help):
    return fields.Float(string, digits=(None, 4), help=help)


class MassBalanceMixin(ModelSQL, ModelView):
    __slots__ = ()

    opening = _kg("Opening", "The kg in stock before the period.")
    in_scale = _kg(
        "Weighed as a Whole",
        "The kg that the scale read for whole collections.")
    in_devices = _kg(
        "Weighed One by One",
        "The kg of the devices weighed alone or by kind, "
        "in collections that were not weighed as a whole.")
    in_estimated = _kg(
        "Estimated",
        "The kg by the usual weight of the kind of device.")
    incoming = _kg("In", "The kg given during the period.")
    basis = fields.Selection(
        BASES, "Weights", sort=False,
        help="How what came in was weighed.")
    reception = _kg("Reception")
    workshop = _kg("Workshop")
    ready = _kg("Ready")
    lent = _kg("Lent", "The kg at the members' when the period ends.")
    parts = _kg("Parts Store")
    scrap = _kg("Scrap Cage")
    other = _kg(
        "Elsewhere",
        "The kg on deposit, in other places, or fitted in devices "
        "less what was taken out of them.")
    stock = _kg("Stock", "The kg in stock when the period ends.")
    sold_devices = _kg("Devices Sold")
    sold_parts = _kg("Parts Sold")
    sold_materials = _kg("Materials Sold", "The kg of scrap sold, and of the parts sold for "
        "their material.")
    prepared = _kg(
        "Prepared for Reuse", "The kg of waste that a facility made usable.")
    recycled = _kg("Recycled", "The kg that a facility recycled.")
    recovered = _kg(
        "Recovered",
        "The kg that a facility burnt for their energy, or recovered "
        "otherwise than by recycling.")
    disposed = _kg("Disposed", "The kg that a facility disposed of.")
    treated = _kg(
        "Treatment Unknown",
        "The kg sent for treatment whose mode is not known: "
        "not treated yet, or only prepared (R12, R13, D9, D13 to D15).")
    loss = _kg("Declared Loss", "The kg that the dismantlings declare lost.")
    lost = _kg(
        "Lost",
        "The kg lost, stolen or missing, less what was found.")
    returned = _kg("Returned", "The kg given back to the donors.")
    untraced = _kg(
        "Not Followed",
        "The kg of what is counted but not followed one by one.")
    outgoing = _kg("Out", "The kg that left during the period.")
    gap = _kg(
        "Gap", "The kg that nothing explains: opening + in - out - stock.")
    gap_rate = _rate("Gap Rate", "The gap by what there was to explain.")
    state = fields.Selection(
        STATES, "State", sort=False,
        help="A gap beyond the tolerance has to be explained.")
    received = fields.Float(
        "Devices Received", digits=(None, 2),
        help="What comes from several collections is shared.")
    placed_number = fields.Float(
        "Devices Reused", digits=(None, 2),
        help="The devices lent or sold for the first time: "
        "each counts once, whatever its loans.")
    placed = _kg(
        "Reused", "The kg of the devices lent or sold for the first time.")
    base = _kg(
        "Base of the Rates",
        "The kg that the rates are parts of: devices lent or sold for the "
        "first time, parts and materials sold, treatments, losses.")
    reuse_rate = _rate(
        "Reuse",
        "The devices reused, the parts sold and what was prepared for reuse, "
        "by the base.")
    recycling_rate = _rate(
        "Recycling",
        "What was recycled and the materials sold, by the base.")
    recovery_rate = _rate(
        "Recovery", "What was recovered without recycling, by the base.")
    disposal_rate = _rate("Disposal", "What was disposed, by the base.")
    loan_years = fields.Float(
        "Loan-Years", digits=(None, 2),
        help="The years that the devices were lent during the period. "
        "They are no weight: they are told apart.")

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(Eval('state') == 'gap', 'danger', '')),
            ]

    @classmethod
    def get_periods(cls):
        "Return the periods as (number, first day, last day)"
        return get_period()

    @classmethod
    def _keys(cls, flows, collection):
        "Return the columns that make a row"
        raise NotImplementedError

    @classmethod
    def _number(cls, balance):
        "Return the number of the row, which is never zero"
        raise NotImplementedError

    @classmethod
    def table_query(cls):
        collection = Pool().get('stock.shipment.in').__table__()
        with_, flows = get_flows(cls.get_periods())
        keys = cls._keys(flows, collection)
        names = [k.output_name for k in keys]
        # Without any parameter: PostgreSQL takes each for another expression
        sums = (flows
            .join(collection, 'LEFT',
                condition=flows.collection == collection.id)
            .select(
                *keys, *cls._sums(flows),
                where=where_selected(collection), group_by=keys))
        balance = cls._totals(sums, names)
        return balance.select(
            cls._number(balance).as_('id'),
            *(getattr(balance, n).as_(n) for n in names),
            *cls._columns(balance),
            with_=with_)

    @classmethod
    def _sums(cls, flows):
        def total(buckets, value):
            return Sum(Case((flows.bucket.in_(buckets), value), else_=0.))
        during = flows.until - flows.before
        columns = [total(STOCK, flows.before).as_('opening')]
        columns += [
            total([n], during).as_(n)
            for n in [*INCOMING, *OUTGOING, 'placed']]
        columns += [total([n], flows.until).as_(n) for n in STOCK]
        columns += [
            total(INCOMING, flows.number).as_('received'),
            total(['placed'], flows.number).as_('placed_number'),
            (total(['loan'], flows.until) / DAYS_OF_YEAR).as_('loan_years')]
        return columns

    @classmethod
    def _totals(cls, sums, names):
        def add(names):
            first, *others = (getattr(sums, n) for n in names)
            for other in others:
                first += other
            return first
        kept = [
            *names, 'opening', *INCOMING, *OUTGOING, 'placed', *STOCK,
            'received', 'placed_number', 'loan_years']
        incoming, outgoing = add(INCOMING), add(OUTGOING)
        return sums.select(
            *(getattr(sums, n).as_(n) for n in kept),
            incoming.as_('incoming'), outgoing.as_('outgoing'),
            add(STOCK).as_('stock'),
            add(['deposit', 'fitted', 'storage']).as_('other'),
            (sums.opening + incoming - outgoing - add(STOCK)).as_('gap'),
            add(DENOMINATOR).as_('base'))

    @classmethod
    def _columns(cls, t):
        gap = Case((Abs(t.gap) < EPSILON, 0.), else_=t.gap)
        whole = NullIf(Abs(t.opening) + Abs(t.incoming), 0)
        tolerated = Coalesce(whole, 0) * cls.get_tolerance() + EPSILON
        base = Case((t.base > EPSILON, t.base), else_=Null)
        columns = {
            n: getattr(t, n) for n in [
                'opening', *INCOMING, 'incoming', 'reception', 'workshop',
                'ready', 'lent', 'parts', 'scrap', 'other', 'stock',
                *OUTGOING, 'outgoing', 'received', 'placed_number', 'placed',
                'base', 'loan_years']}
        columns.update(
            gap=gap, gap_rate=gap / whole,
            **{n: kg / base for n, kg in {
                    'reuse_rate': t.placed + t.sold_parts + t.prepared,
                    'recycling_rate': t.recycled + t.sold_materials,
                    'recovery_rate': t.recovered,
                    'disposal_rate': t.disposed,
                    }.items()})
        return [
            *(round_to_field(cls._fields[n], value).as_(n)
                for n, value in columns.items()),
            cls._basis(t).as_('basis'),
            Case((Abs(t.gap) > tolerated, 'gap'), else_='balanced'
                ).as_('state')]

    @classmethod
    @without_check_access
    def get_tolerance(cls):
        "Return the part of the kg that may be unexplained"
        return Pool().get('production.configuration')(1).mass_tolerance

    @classmethod
    def _basis(cls, t):
        return Case(
            (t.in_estimated > EPSILON, 'estimated'),
            ((t.in_scale > EPSILON) & (t.in_devices > EPSILON), 'mixed'),
            (t.in_scale > EPSILON, 'scale'),
            (t.in_devices > EPSILON, 'devices'),
            else_=Null)


class MassBalance(MassBalanceMixin):
    __name__ = 'recycling.mass.balance'

    collection = fields.Many2One('stock.shipment.in', "Collection")
    donor = fields.Many2One('party.party', "Donor")
    date = fields.Date("Date")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('date', 'DESC'), ('id', 'DESC')]

    @classmethod
    def _keys(cls, flows, collection):
        return [
            flows.collection.as_('collection'),
            collection.supplier.as_('donor'),
            collection.effective_date.as_('date'),
            ]

    @classmethod
    def _number(cls, balance):
        # What comes from no collection is the first row
        return Coalesce(balance.collection, 0) + 1

    def get_rec_name(self, name):
        return self.collection.rec_name if self.collection else ''
