# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The guard: every document ends in Move.do, so nothing escapes it.

It writes the lots first, which serialises two people on both databases,
then checks, then records the rank of each move and the last move of each lot.
"""
from collections import defaultdict
from itertools import groupby

from sql.aggregate import Sum

from trytond.i18n import gettext
from trytond.model import Index, ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.tools import grouped_slice
from trytond.transaction import Transaction, without_check_access

from .exceptions import (
    GuardAccessError, LotQuantityError, MoveCancelError, MoveDateError,
    PlaceError)

# Where a unit may come from the first time it is seen
ORIGINS = {'supplier', 'production', 'lost_found'}
# Where only what has been brought can be taken
HELD = {'storage', 'customer'}


class Move(metaclass=PoolMeta):
    __name__ = 'stock.move'

    lot_rank = fields.Integer(
        "Rank", readonly=True,
        help="The position of the move in the life of its unit.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        # Core still lists the old name of the unit
        cls._deny_modify_assigned.add('unit')
        cls._deny_modify_done_cancel |= {'unit', 'quantity'}
        t = cls.__table__()
        cls._sql_indexes.add(
            Index(t, (t.lot, Index.Range()), (t.lot_rank, Index.Range())))

    @classmethod
    @ModelView.button
    def do(cls, moves):
        moves = cls._lock_lots(moves)
        todo = [
            m for m in moves
            if m.lot and m.quantity and m.state in {'draft', 'assigned'}]
        ranks = cls._check_places(todo)
        cls._check_destinations(todo)
        cls._check_future(todo)
        super().do(moves)
        cls._record_ranks(ranks)
        # The effective date of a document is only set on its moves now
        todo = cls.browse(todo)
        cls._check_future(todo)
        cls._check_date_order(todo, ranks)
        cls._check_balances(todo)
        cls._set_collection(todo)

    @classmethod
    @ModelView.button
    def cancel(cls, moves):
        moves = cls._lock_lots(moves)
        done = [
            m for m in moves if m.state == 'done' and m.lot and m.quantity]
        previous = cls._check_last(done)
        super().cancel(moves)
        cls._forget_ranks(done, previous)
        cls._check_balances(done)

    @classmethod
    @without_check_access
    def _lock_lots(cls, moves):
        """Serialise the transactions on the lots and return the moves fresh.

        Whatever was read before may be old: another may have just done it.
        """
        Lot = Pool().get('stock.lot')
        if lots := sorted({m.lot for m in moves if m.lot}, key=int):
            Lot.write(lots, {})
            cls._clear(moves, [])
        return cls.browse(moves)

    @classmethod
    def _unit_moves(cls, moves):
        "Return the moves by lot that is a unit"
        Lot = Pool().get('stock.lot')
        units = defaultdict(list)
        for move in moves:
            units[int(move.lot)].append(move)
        lots = {
            l.id: l for sub in grouped_slice(list(units), 500)
            for l in Lot.browse(list(sub))}
        return {lots[i]: ms for i, ms in units.items() if lots[i].unit}

    @classmethod
    @without_check_access
    def _check_places(cls, moves):
        """Return the rank of each move of a unit.

        The moves of one call may come in any order but must chain.
        """
        ranks = {}
        for lot, lot_moves in cls._unit_moves(moves).items():
            current = lot.current_move
            place = current.to_location if current else None
            rank = (current.lot_rank or 0) if current else 0
            remaining = list(lot_moves)
            while remaining:
                for move in remaining:
                    if (move.from_location == place
                            if place else move.from_location.type in ORIGINS):
                        break
                else:
                    cls._raise_place(lot, remaining[0], place)
                if move.internal_quantity != 1:
                    raise LotQuantityError(gettext(
                            'proxymikro_stock.msg_unit_quantity',
                            lot=lot.rec_name))
                rank += 1
                ranks[move] = rank
                place = move.to_location
                remaining.remove(move)
        return ranks

    @classmethod
    def _raise_place(cls, lot, move, place):
        if not place:
            raise PlaceError(gettext(
                    'proxymikro_stock.msg_unit_nowhere',
                    lot=lot.rec_name,
                    from_location=move.from_location.rec_name))
        raise PlaceError(gettext(
                'proxymikro_stock.msg_unit_elsewhere',
                lot=lot.rec_name,
                place=place.rec_name,
                from_location=move.from_location.rec_name))

    @classmethod
    @without_check_access
    def _check_destinations(cls, moves):
        Lot = Pool().get('stock.lot')
        destinations = defaultdict(set)
        for move in moves:
            from_, to = move.from_location, move.to_location
            if (from_.stage == to.stage == 'lent'
                    and from_.borrower == to.borrower):
                # Its data do not change hands
                continue
            if from_.stage == 'deposit' and to.type == 'supplier':
                # The owner takes back their own data
                continue
            if (to.stage == 'lent'
                    and getattr(move.shipment, 'take_over', False)):
                # It has been there since before the register
                continue
            destinations[to].add(move.lot)
        for location, lots in destinations.items():
            Lot.check_destination(
                Lot.browse(sorted(lots, key=int)), location)

    @classmethod
    def _record_ranks(cls, ranks):
        """Write the rank of the moves and the last move of their lots.

        In SQL: one query by slice, as a collection may bring 1,000 devices.
        """
        table = cls.__table__()
        cursor = Transaction().connection.cursor()
        last = {}
        ordered = sorted(ranks.items(), key=lambda x: x[1])
        for rank, items in groupby(ordered, key=lambda x: x[1]):
            items = [m for m, _ in items]
            last.update((m.lot.id, m.id) for m in items)
            for sub_ids in grouped_slice([m.id for m in items], 500):
                cursor.execute(*table.update(
                        [table.lot_rank], [rank],
                        where=fields.SQL_OPERATORS['in'](
                            table.id, list(sub_ids))))
        cls._set_current_moves(last.values())
        cls._clear(ranks, last)

    @classmethod
    def _set_current_moves(cls, move_ids):
        Lot = Pool().get('stock.lot')
        table, lot = cls.__table__(), Lot.__table__()
        cursor = Transaction().connection.cursor()
        for sub_ids in grouped_slice(list(move_ids), 500):
            in_ids = fields.SQL_OPERATORS['in'](table.id, list(sub_ids))
            cursor.execute(*lot.update(
                    [lot.current_move],
                    [table.select(
                            table.id, where=in_ids & (table.lot == lot.id))],
                    where=lot.id.in_(table.select(table.lot, where=in_ids))))

    @classmethod
    def _clear(cls, moves, lot_ids):
        "Forget what the caches know of the records changed in SQL"
        Lot = Pool().get('stock.lot')
        for cache in Transaction().cache.values():
            for name, ids in [
                    (cls.__name__, map(int, moves)), (Lot.__name__, lot_ids)]:
                if name in cache:
                    for id_ in ids:
                        cache[name].pop(id_, None)

    @classmethod
    def _check_future(cls, moves):
        Date = Pool().get('ir.date')
        todays = {}
        for move in moves:
            if move.company not in todays:
                with Transaction().set_context(company=move.company.id):
                    todays[move.company] = Date.today()
            if (move.effective_date
                    and move.effective_date > todays[move.company]):
                raise MoveDateError(gettext(
                        'proxymikro_stock.msg_move_future',
                        lot=move.lot.rec_name,
                        date=cls._format_date(move.effective_date)))

    @classmethod
    def _check_date_order(cls, moves, ranks):
        cursor = Transaction().connection.cursor()
        previous = {}
        lots = {m.lot.id for m in moves if ranks.get(m, 0) > 1}
        for sub_ids in grouped_slice(list(lots), 500):
            move, before = cls.__table__(), cls.__table__()
            cursor.execute(*move.join(before,
                    condition=(move.lot == before.lot)
                    & (before.lot_rank == move.lot_rank - 1)
                    & (before.state == 'done')
                    ).select(move.id, before.effective_date,
                    where=fields.SQL_OPERATORS['in'](move.lot, list(sub_ids))
                    & (move.state == 'done')))
            previous.update(cursor)
        for move in moves:
            date = cls.effective_date.sql_format(previous.get(move.id))
            if date and move.effective_date < date:
                raise MoveDateError(gettext(
                        'proxymikro_stock.msg_move_backdated',
                        lot=move.lot.rec_name,
                        date=cls._format_date(move.effective_date),
                        last_date=cls._format_date(date)))

    @classmethod
    def _format_date(cls, date):
        return Pool().get('ir.lang').get().strftime(date)

    @classmethod
    @without_check_access
    def _check_balances(cls, moves):
        """Refuse to take from a place more of a lot than it holds, ever.

        The lots that are not units are summed: the balance must hold on each
        day, so that a move can't be dated before what it takes has come.
        """
        lots = {}
        for move in moves:
            if not move.lot.unit:
                lots[move.lot.id] = move
        for sub_ids in grouped_slice(list(lots), 500):
            balances = defaultdict(float)
            for lot, location, type_, _, delta in cls._lot_deltas(
                    list(sub_ids)):
                balances[lot, location] += delta
                if type_ in HELD and balances[lot, location] < -1e-6:
                    cls._raise_quantity(lot, location)

    @classmethod
    def _lot_deltas(cls, lot_ids):
        "Return what each day changes of the lots at each location, in order"
        Location = Pool().get('stock.location')
        table, location = cls.__table__(), Location.__table__()
        cursor = Transaction().connection.cursor()
        deltas = []
        for name, sign in [('to_location', 1), ('from_location', -1)]:
            column = getattr(table, name)
            cursor.execute(*table.join(
                    location, condition=column == location.id
                    ).select(
                    table.lot, column, location.type, table.effective_date,
                    Sum(table.internal_quantity),
                    where=fields.SQL_OPERATORS['in'](table.lot, lot_ids)
                    & (table.state == 'done'),
                    group_by=[table.lot, column, location.type,
                        table.effective_date]))
            deltas.extend(
                (lot, loc, type_, str(date), sign * quantity)
                for lot, loc, type_, date, quantity in cursor)
        # What comes in counts before what goes out on the same day
        return sorted(deltas, key=lambda d: (d[3], -d[4]))

    @classmethod
    def _raise_quantity(cls, lot_id, location_id):
        pool = Pool()
        Lot = pool.get('stock.lot')
        Location = pool.get('stock.location')
        raise LotQuantityError(gettext(
                'proxymikro_stock.msg_lot_quantity',
                lot=Lot(lot_id).rec_name,
                location=Location(location_id).rec_name))

    @classmethod
    @without_check_access
    def _set_collection(cls, moves):
        "Remember the collection of the lots received outside of the wizard"
        pool = Pool()
        Lot = pool.get('stock.lot')
        ShipmentIn = pool.get('stock.shipment.in')
        lots = defaultdict(list)
        for move in moves:
            if (move.from_location.type == 'supplier'
                    and isinstance(move.shipment, ShipmentIn)
                    and not move.lot.collection):
                lots[move.shipment].append(move.lot)
        for collection, c_lots in lots.items():
            Lot.write(c_lots, {'collection': collection.id})

    @classmethod
    @without_check_access
    def _check_last(cls, moves):
        "Return for each unit the move that becomes its last one"
        previous = {}
        for lot, lot_moves in cls._unit_moves(moves).items():
            chain = {
                m.id: m for m in cls.search([
                        ('lot', '=', lot.id),
                        ('state', '=', 'done'),
                        ('lot_rank', '!=', None),
                        ], order=[('lot_rank', 'ASC')])}
            last = list(chain)[-len(lot_moves):]
            if set(last) != {m.id for m in lot_moves}:
                raise MoveCancelError(gettext(
                        'proxymikro_stock.msg_cancel_not_last',
                        lot=lot.rec_name,
                        move=lot.current_move.rec_name))
            before = list(chain)[:-len(lot_moves)]
            previous[lot] = before[-1] if before else None
        return previous

    @classmethod
    @without_check_access
    def _forget_ranks(cls, moves, previous):
        Lot = Pool().get('stock.lot')
        if units := [m for m in moves if m.lot in previous]:
            cls.write(units, {'lot_rank': None})
        for lot, move in previous.items():
            Lot.write([lot], {'current_move': move})

    @classmethod
    def check_modification(cls, mode, moves, values=None, external=False):
        super().check_modification(
            mode, moves, values=values, external=external)
        if (mode == 'write' and external
                and values.keys() & {'state', 'lot_rank'}):
            raise GuardAccessError(gettext(
                    'proxymikro_stock.msg_move_state_readonly',
                    move=moves[0].rec_name))

    @classmethod
    def copy(cls, moves, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('lot_rank', None)
        return super().copy(moves, default=default)
