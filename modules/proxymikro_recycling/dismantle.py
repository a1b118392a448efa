# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from collections import defaultdict

from trytond.i18n import gettext
from trytond.pool import Pool, PoolMeta
from trytond.transaction import without_check_access

from .exceptions import DismantleError


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    @classmethod
    def check_dismantle(cls, devices):
        "Refuse by name what is lent, sold, taken apart, or can't be mixed"
        rights = defaultdict(list)
        for device in devices:
            device._check_dismantle()
            rights[device.resale_right].append(device)
        if len(rights) > 1:
            (_, one), (_, other), *_ = sorted(rights.items())
            raise DismantleError(gettext(
                    'proxymikro_recycling.msg_dismantle_mixed',
                    device=one[0].rec_name,
                    other=other[0].rec_name))

    def _check_dismantle(self):
        names = {'device': self.rec_name}
        location = self.location
        if not self.device or not location:
            raise DismantleError(gettext(
                    'proxymikro_recycling.msg_dismantle_device', **names))
        if location.stage == 'lent':
            raise DismantleError(gettext(
                    'proxymikro_recycling.msg_dismantle_lent',
                    holder=self.holder.rec_name if self.holder
                    else location.rec_name, **names))
        if location.type == 'production':
            production = self.current_move.production_input
            raise DismantleError(gettext(
                    'proxymikro_recycling.msg_dismantle_twice',
                    production=production.rec_name if production
                    else location.rec_name, **names))
        if location.type != 'storage':
            raise DismantleError(gettext(
                    'proxymikro_recycling.msg_dismantle_gone',
                    location=location.rec_name, **names))


class Production(metaclass=PoolMeta):
    __name__ = 'production'

    @classmethod
    @without_check_access
    def dismantle(cls, devices, rows, **values):
        """Take the devices apart and return the production, done.

        A row is a dictionary of the product, the quantity, maybe the grade
        and, for a part: serial_number, manufacturer, model, weight, whether
        it is estimated, and its component.
        """
        pool = Pool()
        Lot = pool.get('stock.lot')
        Move = pool.get('stock.move')
        devices = Lot.browse(devices)
        if not devices:
            raise DismantleError(gettext(
                    'proxymikro_recycling.msg_dismantle_empty'))
        Lot.check_dismantle(devices)
        production = cls(**values)
        production.type = 'disassembly'
        production.effective_start_date = production.effective_date = (
            values.get('effective_date'))
        production.save()
        lots = cls._create_parts(rows)
        Move.save(
            [production._get_input(d) for d in devices]
            + [production._get_output(r, l) for r, l in zip(rows, lots)])
        for action in ['wait', 'assign', 'run', 'do']:
            getattr(cls, action)([cls(production.id)])
        cls._set_extracted(rows, lots, cls(production.id).effective_date)
        return cls(production.id)

    @classmethod
    def _create_parts(cls, rows):
        "Create the lots of the rows, numbered at once"
        Lot = Pool().get('stock.lot')
        lots, by_sequence = [], defaultdict(list)
        for row in rows:
            component, product = row.get('component'), row['product']
            if component and component.part:
                # What was fitted is the part that it was before
                lot = component.part
            else:
                lot = cls._create_part(row)
                by_sequence[product.lot_sequence].append(lot)
            if 'grade' in row:
                lot.grade = row['grade']
            lots.append(lot)
        for sequence, s_lots in by_sequence.items():
            for lot, number in zip(s_lots, sequence.get_many(len(s_lots))):
                lot.number = number
        Lot.save(lots)
        return lots

    @classmethod
    def _create_part(cls, row):
        Lot = Pool().get('stock.lot')
        product = row['product']
        lot = Lot(product=product)
        if product.lot_uom:
            lot.unit, lot.unit_quantity = product.lot_uom, 1
        for name in ['serial_number', 'manufacturer', 'model', 'weight']:
            if row.get(name):
                setattr(lot, name, row[name])
        if row.get('estimated'):
            lot.weight_origin = 'usual'
        return lot

    def _get_input(self, device):
        move = self._move('input', device.product, device.unit, 1)
        move.lot = device
        move.from_location = device.location
        return move

    def _get_output(self, row, lot):
        product = lot.product
        move = self._move(
            'output', product, product.default_uom, row['quantity'])
        move.lot = lot
        move.to_location = self._store(product)
        return move

    @classmethod
    def _store(cls, product):
        "Return where what is taken out waits"
        pool = Pool()
        Location = pool.get('stock.location')
        ModelData = pool.get('ir.model.data')
        name = (
            'location_scrap' if product.component_kind == 'scrap'
            else 'location_parts')
        return Location(ModelData.get_id('proxymikro_stock', name))

    @classmethod
    def _set_extracted(cls, rows, lots, date):
        Component = Pool().get('device.component')
        components = []
        for row, lot in zip(rows, lots):
            if component := row.get('component'):
                component.extracted_lot = lot
                component.removed_on = date
                components.append(component)
        Component.save(components)

    @classmethod
    def propose(cls, devices):
        "Return the rows of the parts that the devices are known to hold"
        pool = Pool()
        Component = pool.get('device.component')
        Product = pool.get('product.product')
        products = {}
        for product in Product.search(
                [('component_kind', 'not in', [None, 'scrap'])],
                order=[('id', 'DESC')]):
            products[product.component_kind] = product
        components = Component.search([
                ('lot', 'in', [d.id for d in devices]),
                ('kind', 'in', list(products)),
                ('removed_on', '=', None),
                ('soldered', '!=', True),
                ], order=[('lot', 'ASC'), ('kind', 'ASC'), ('id', 'ASC')])
        for component in components:
            if component.part:
                products[component] = component.part.product
            else:
                products[component] = products[component.kind]
        return [{
                'component': component,
                'device': component.lot,
                'product': products[component],
                'quantity': 1,
                'serial_number': component.serial,
                'manufacturer': component.manufacturer,
                'model': component.model,
                **cls._get_usual(component, products[component]),
                } for component in components]

    @classmethod
    def _get_usual(cls, component, product):
        "Return what is proposed of the grade and the weight"
        if part := component.part:
            return {
                'grade': part.grade,
                'weight': part.weight or product.usual_weight,
                'estimated': part.weight_origin not in {'weighed', 'shared'},
                }
        if component.technology in {'ssd', 'nvme', 'chip'}:
            # The product is a hard disk, much heavier and sold otherwise
            return {'grade': None, 'weight': None, 'estimated': False}
        return {
            'grade': product.component_grade,
            'weight': product.usual_weight,
            'estimated': bool(product.usual_weight),
            }
