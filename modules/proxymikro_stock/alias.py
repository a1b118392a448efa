# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Two cards of one device become one without a line of their past rewritten.

The card given up is an alias of the one kept: it leaves the stock by a move,
can't move any more, and whoever looks for it finds the one kept.
"""
from sql import Null, With
from sql.operators import Equal

from trytond.i18n import gettext
from trytond.model import Exclude, Index, ModelSQL, ModelView, fields
from trytond.modules.proxymikro_base.search import search_any
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.tools import grouped_slice
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .evidence import SealedMixin
from .exceptions import DeviceAliasError
from .hardware_value import normalize
from .report_change import compare

# Where a card may be given up: a device elsewhere is somebody's
INSIDE = {'reception', 'workshop', 'ready', 'parts', 'scrap', None}


class DeviceAlias(SealedMixin, ModelSQL, ModelView):
    __name__ = 'device.alias'
    _unsealed_fields = frozenset({'cancelled_on'})

    lot = fields.Many2One(
        'stock.lot', "Given Up", required=True, readonly=True,
        ondelete='RESTRICT', help="The card that is not used any more.")
    target = fields.Many2One(
        'stock.lot', "Kept", required=True, readonly=True,
        ondelete='RESTRICT', help="The card of the device from now on.")
    date = fields.Date("Date", required=True, readonly=True)
    reason = fields.Char(
        "Reason", required=True, readonly=True,
        help="What shows that the two cards are one device.")
    employee = fields.Many2One(
        'company.employee', "Merged By", readonly=True, ondelete='RESTRICT')
    cancelled_on = fields.Date(
        "Cancelled On", readonly=True,
        help="The day it was found that they are two devices after all.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('lot_exclude',
                Exclude(t, (t.lot, Equal), where=t.cancelled_on == Null),
                'proxymikro_stock.msg_alias_twice'),
            ]
        cls._sql_indexes.update({
                Index(t, (t.lot, Index.Equality())),
                Index(t, (t.target, Index.Equality())),
                })
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._buttons.update({
                'cancel': {
                    'invisible': Eval('cancelled_on', None) != None,  # noqa
                    'depends': ['cancelled_on'],
                    },
                })

    def get_rec_name(self, name):
        return f'{self.lot.number} → {self.target.number}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return search_any(clause, 'lot.number', 'target.number')

    @classmethod
    def check_modification(
            cls, mode, aliases, values=None, external=False):
        super().check_modification(
            mode, aliases, values=values, external=external)
        if mode == 'write' and external:
            cls._raise_sealed('by_hand', aliases[0])

    @classmethod
    def merge(cls, lot, target, reason):
        "Make of the card an alias of the one kept and return the alias"
        pool = Pool()
        Lot = pool.get('stock.lot')
        Date = pool.get('ir.date')
        Access = pool.get('ir.model.access')
        Access.check(cls.__name__, 'create')
        with without_check_access():
            lots = Lot.browse([lot, target])
            # As the guard does, so that no move comes in between
            Lot.write(lots, {})
            lot, target = lots = Lot.browse(lots)
            cls._check(lot, target)
            if lot.current_move:
                cls._take_out(lot)
            cls._hand_over(lot, target)
            alias = cls(
                lot=lot, target=target, date=Date.today(), reason=reason,
                employee=cls._get_employee())
            alias.save()
            lot.active = False
            lot.save()
        return alias

    @classmethod
    def _check(cls, lot, target):
        Lot = Pool().get('stock.lot')
        targets = Lot.follow([lot, target])
        if lot == target or any(l != t for l, t in targets.items()):
            raise DeviceAliasError(gettext(
                    'proxymikro_stock.msg_alias_same', lot=lot.rec_name,
                    target=targets[target].rec_name))
        if lot.product != target.product:
            raise DeviceAliasError(gettext(
                    'proxymikro_stock.msg_alias_kind', lot=lot.rec_name,
                    kind=lot.product.rec_name, target=target.rec_name,
                    other=target.product.rec_name))
        given, kept = lot.gift_regime, target.gift_regime
        if given and kept and kept.resale == 'allowed' != given.resale:
            raise DeviceAliasError(gettext(
                    'proxymikro_stock.msg_alias_resale', lot=lot.rec_name,
                    regime=given.rec_name, target=target.rec_name))
        if lot.stage not in INSIDE or (
                lot.location and lot.location.type != 'storage'):
            raise DeviceAliasError(gettext(
                    'proxymikro_stock.msg_alias_away', lot=lot.rec_name,
                    place=lot.location.rec_name, target=target.rec_name))
        for name in cls._get_pending(lot):
            raise DeviceAliasError(gettext(
                    'proxymikro_stock.msg_alias_pending',
                    lot=lot.rec_name, document=name))

    @classmethod
    def _get_pending(cls, lot):
        "Return the names of the documents that still expect the device"
        pool = Pool()
        Move = pool.get('stock.move')
        Line = pool.get('stock.loan.line')
        moves = Move.search([
                ('lot', '=', lot.id),
                ('state', 'in', ['staging', 'draft', 'assigned']),
                ])
        lines = Line.search([
                ('lot', '=', lot.id),
                ('loan.state', 'in', ['draft', 'reserved', 'running']),
                ('returned_on', '=', None),
                ])
        return [
            *((m.shipment or m.origin or m).rec_name for m in moves),
            *(l.loan.rec_name for l in lines)]

    @classmethod
    def _take_out(cls, lot):
        "There is one device less than there were cards"
        Move = Pool().get('stock.move')
        warehouse = lot.location.warehouse
        move = Move(
            company=lot.current_move.company,
            product=lot.product, lot=lot, unit=lot.unit, quantity=1,
            from_location=lot.location,
            to_location=warehouse.lost_found_used)
        move.save()
        Move.do([move])

    @classmethod
    def _hand_over(cls, lot, target):
        """Know in the device kept the components that only the other showed.

        What was erased under the other card must be erased again, or seen
        so: only evidence of the device itself opens the gate.
        """
        pool = Pool()
        Component = pool.get('device.component')
        Date = pool.get('ir.date')
        inside = [('removed_on', '=', None), ('extracted_lot', '=', None)]
        components, known = (
            Component.search([('lot', '=', l.id), *inside])
            for l in [lot, target])
        new, _, _ = compare(components, known)
        names = [
            'kind', 'manufacturer', 'model', 'serial', 'capacity',
            'technology', 'soldered']
        Component.create([{
                    **{n: getattr(c, n) for n in names},
                    'lot': target.id,
                    'report': c.report.id if c.report else None,
                    'installed_on': c.installed_on,
                    'previous': c.id} for c in new])
        if components:
            Component.write(components, {'removed_on': Date.today()})

    @classmethod
    def get_pairs(cls):
        "Return the query of the cards given up (lot, target), step by step"
        pairs = With('lot', 'target', recursive=True)
        alias, further = cls.__table__(), cls.__table__()
        pairs.query = alias.select(
            alias.lot, alias.target, where=alias.cancelled_on == Null
            ) | pairs.join(further,
                condition=further.lot == pairs.target).select(
            pairs.lot, further.target, where=further.cancelled_on == Null)
        return pairs.select(pairs.lot, pairs.target, with_=[pairs])

    @classmethod
    @ModelView.button
    def cancel(cls, aliases):
        """Make the cards two devices again.

        The one that was given up comes back in by an inventory, as it is not
        known where it is.
        """
        pool = Pool()
        Date = pool.get('ir.date')
        Lot = pool.get('stock.lot')
        aliases = [a for a in aliases if not a.cancelled_on]
        if aliases:
            cls.write(aliases, {'cancelled_on': Date.today()})
            Lot.write([a.lot for a in aliases], {'active': True})

    @classmethod
    def copy(cls, aliases, default=None):
        # A device has one alias at a time
        return []


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    serial_key = fields.Char("Serial Key", readonly=True)
    aliases = fields.One2Many(
        'device.alias', 'target', "Aliases", readonly=True,
        filter=[('cancelled_on', '=', None)],
        help="The other cards this device had.")
    alias_of = fields.Function(
        fields.Many2One(
            'stock.lot', "Replaced By",
            states={
                'invisible': ~Eval('alias_of'),
                },
            help="The card this device has from now on."))

    @classmethod
    def __setup__(cls):
        cls.serial_key.search_unaccented = False
        super().__setup__()
        t = cls.__table__()
        cls._sql_indexes.add(Index(t, (t.serial_key, Index.Equality())))

    @classmethod
    def preprocess_values(cls, mode, values):
        values = super().preprocess_values(mode, values)
        if 'serial_number' in values:
            values['serial_key'] = normalize(values['serial_number'])
        return values

    @classmethod
    def column_alias_of(cls, tables):
        table, _ = tables[None]
        if 'alias' not in tables:
            Alias = Pool().get('device.alias')
            alias = Alias.__table__()
            tables['alias'] = {
                None: (alias, (alias.lot == table.id)
                    & (alias.cancelled_on == Null)),
                }
        alias, _ = tables['alias'][None]
        return alias.target

    @classmethod
    @without_check_access
    def follow(cls, lots):
        "Return by lot the one that is the card of the device now"
        Alias = Pool().get('device.alias')
        targets, todo = {}, {int(l) for l in lots}
        while todo:
            found = {}
            for sub_ids in grouped_slice(sorted(todo), 500):
                for alias in Alias.search([
                            ('lot', 'in', list(sub_ids)),
                            ('cancelled_on', '=', None)]):
                    found[alias.lot.id] = alias.target.id
            targets.update(found)
            todo = set(found.values()) - targets.keys()

        def last(id_):
            while id_ in targets:
                id_ = targets[id_]
            return id_
        return dict(zip(lots, cls.browse([last(int(l)) for l in lots])))

    @classmethod
    def get_cards(cls, lots):
        "Return by id of lot those of the cards it has and had, its own first"
        Alias = Pool().get('device.alias')
        cards = {int(l): [int(l)] for l in lots}
        cursor = Transaction().connection.cursor()
        for sub_ids in grouped_slice(list(cards), 500):
            pairs = Alias.get_pairs()
            cursor.execute(*pairs.select(
                    pairs.target, pairs.lot,
                    where=fields.SQL_OPERATORS['in'](
                        pairs.target, list(sub_ids)),
                    order_by=pairs.lot))
            for target, lot in cursor:
                cards[target].append(lot)
        return cards

    @classmethod
    def search_rec_name(cls, name, clause):
        "Who looks for the other card finds the device"
        domain = super().search_rec_name(name, clause)
        _, operator, value = clause
        if operator.startswith('!') or operator.startswith('not '):
            return domain
        return ['OR', domain,
            ('aliases.lot.number', operator, value),
            ('aliases.lot.serial_number', operator, value),
            ('aliases.lot.donor_number', operator, value),
            ]

    @classmethod
    def copy(cls, lots, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('serial_key', None)
        default.setdefault('aliases', None)
        return super().copy(lots, default=default)


class Move(metaclass=PoolMeta):
    __name__ = 'stock.move'

    @classmethod
    def _check_places(cls, moves):
        Lot = Pool().get('stock.lot')
        lots = list({m.lot for m in moves})
        for lot, target in Lot.follow(lots).items():
            if lot != target:
                raise DeviceAliasError(gettext(
                        'proxymikro_stock.msg_alias_move',
                        lot=lot.rec_name, target=target.rec_name))
        return super()._check_places(moves)


class MergeDevices(Wizard):
    __name__ = 'device.merge'

    start = StateView('device.merge.start',
        'proxymikro_stock.device_merge_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Merge", 'merge', 'tryton-ok', default=True),
            ])
    merge = StateTransition()

    def default_start(self, fields):
        if len(self.records) != 2:
            raise DeviceAliasError(
                gettext('proxymikro_stock.msg_alias_two_devices'))
        # The card with the most evidence is the one to keep
        first, second = sorted(
            self.records, key=lambda l: (-len(l.reports), l.id))
        return {
            'lots': [first.id, second.id],
            'target': first.id,
            }

    def transition_merge(self):
        pool = Pool()
        Alias = pool.get('device.alias')
        lot, = [l for l in self.start.lots if l != self.start.target]
        Alias.merge(lot, self.start.target, self.start.reason)
        return 'end'

    def end(self):
        return 'reload'


class MergeDevicesStart(ModelView):
    __name__ = 'device.merge.start'

    lots = fields.Many2Many(
        'stock.lot', None, None, "Cards", readonly=True, required=True)
    target = fields.Many2One(
        'stock.lot', "Keep", required=True,
        domain=[('id', 'in', Eval('lots', []))],
        help="The card of the device from now on. The other one stays with "
        "all its past, and whoever looks for it finds this one.")
    reason = fields.Char(
        "Reason", required=True,
        help="What shows that the two cards are one device.")
