# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the work orders say of devices, parts, places and moves."""
from sql import Literal, Null
from sql.conditionals import Case
from sql.operators import Exists

from trytond.i18n import gettext
from trytond.model import Index, ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval
from trytond.tools import grouped_slice
from trytond.transaction import Transaction, without_check_access

from .exceptions import DeviceWorkError


class Location(metaclass=PoolMeta):
    __name__ = 'stock.location'

    @classmethod
    def get_work_locations(cls):
        "Return where the parts wait and where those fitted in devices are"
        ModelData = Pool().get('ir.model.data')
        return tuple(
            cls(ModelData.get_id('proxymikro_stock', name))
            for name in ['location_parts', 'location_work'])


class Component(metaclass=PoolMeta):
    __name__ = 'device.component'

    part = fields.Many2One(
        'stock.lot', "Part Fitted", readonly=True, ondelete='RESTRICT',
        states={
            'invisible': ~Bool(Eval('part')),
            },
        help="The part that the component was before a work order fitted it: "
        "it keeps its own origin.")
    fitted_by = fields.Many2One(
        'device.work', "Fitted By", readonly=True, ondelete='RESTRICT',
        states={
            'invisible': ~Bool(Eval('fitted_by')),
            })
    removed_by = fields.Many2One(
        'device.work', "Taken Out By", readonly=True, ondelete='RESTRICT',
        states={
            'invisible': ~Bool(Eval('removed_by')),
            })

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._unsealed_fields |= {'part', 'fitted_by', 'removed_by'}
        t = cls.__table__()
        cls._sql_indexes.update({
                Index(t, (t.part, Index.Equality()), where=t.part != Null),
                Index(t, (t.removed_by, Index.Equality()),
                    where=t.removed_by != Null),
                })

    @property
    def is_sealed(self):
        return super().is_sealed or bool(self.part)

    @property
    def part_product(self):
        "The product that the component is when taken out, if known"
        return self.part.product if self.part else None

    @classmethod
    def check_modification(
            cls, mode, components, values=None, external=False):
        super().check_modification(
            mode, components, values=values, external=external)
        names = {'part', 'fitted_by', 'removed_by'}
        if external and (
                (mode == 'write' and values.keys() & names)
                or (mode == 'create' and any(
                        getattr(c, n) for c in components for n in names))):
            # Only a work order fits a part and takes it out
            cls._raise_sealed('by_hand', components[0])

    @classmethod
    def copy(cls, components, default=None):
        default = default.copy() if default is not None else {}
        for name in ['part', 'fitted_by', 'removed_by']:
            default.setdefault(name, None)
        return super().copy(components, default=default)


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    works = fields.One2Many(
        'device.work', 'lot', "Work Orders", readonly=True,
        order=[('cycle', 'DESC'), ('id', 'DESC')])
    host = fields.Function(
        fields.Many2One(
            'stock.lot', "Fitted In",
            states={
                'invisible': ~Bool(Eval('host')),
                },
            help="The device that the part is in now."),
        'get_host')

    @classmethod
    @without_check_access
    def get_host(cls, lots, name):
        Component = Pool().get('device.component')
        hosts = dict.fromkeys(map(int, lots))
        for sub_ids in grouped_slice(list(hosts), 500):
            for component in Component.search([
                        ('part', 'in', list(sub_ids)),
                        ('removed_on', '=', None),
                        ]):
                hosts[component.part.id] = component.lot.id
        return hosts

    @property
    def part_kind(self):
        "The kind of component that the part is, if known"
        Component = Pool().get('device.component')
        components = Component.search(
            [('extracted_lot', '=', self.id)], limit=1)
        return components[0].kind if components else None

    @classmethod
    @without_check_access
    def test_holds(cls, lots):
        "A device that was worked on is tested since"
        holds = super().test_holds(lots)
        states = cls._get_work_states(
            [l for l in lots if l.product.device and l not in holds])
        for lot in lots:
            if state := states.get(int(lot)):
                holds.setdefault(lot, []).append(
                    gettext(f'proxymikro_stock.msg_hold_work_{state}'))
        return holds

    @classmethod
    def _get_work_states(cls, lots):
        "Return by id the state of the work that no test has followed"
        pool = Pool()
        Test, Work = pool.get('device.test'), pool.get('device.work')
        cursor = Transaction().connection.cursor()
        result = {}
        for sub_lots in grouped_slice(lots, 500):
            work, test = Work.__table__(), Test.__table__()
            followed = Exists(test.select(
                    Literal(1),
                    where=(test.lot == work.lot) & (test.state == 'done')
                    & (test.done_at >= work.done_at)))
            cursor.execute(*work.select(
                    work.lot, work.state,
                    where=fields.SQL_OPERATORS['in'](
                        work.lot, [int(l) for l in sub_lots])
                    & ((work.state == 'running')
                        | ((work.state == 'done') & ~followed)),
                    order_by=[work.state.asc]))
            result.update(cursor)
        return result

    @classmethod
    def copy(cls, lots, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('works', None)
        return super().copy(lots, default=default)


class Move(metaclass=PoolMeta):
    __name__ = 'stock.move'

    @classmethod
    def _get_origin(cls):
        return super()._get_origin() + ['device.work']

    @classmethod
    @ModelView.button
    def cancel(cls, moves):
        Work = Pool().get('device.work')
        for move in moves:
            if move.state == 'done' and isinstance(move.origin, Work):
                raise DeviceWorkError(gettext(
                        'proxymikro_stock.msg_work_undo',
                        work=move.origin.rec_name))
        super().cancel(moves)


class LotTrace(metaclass=PoolMeta):
    __name__ = 'stock.lot.trace'

    @classmethod
    def get_documents(cls):
        Model = Pool().get('ir.model')
        return super().get_documents() + [
            ('device.work', Model.get_name('device.work'))]

    @classmethod
    def get_document(cls, tables):
        move = tables['move']
        return Case(
            (move.origin.like('device.work,%'), move.origin),
            else_=super().get_document(tables))
