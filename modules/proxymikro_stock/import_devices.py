# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import gettext
from trytond.model.exceptions import AccessError
from trytond.modules.proxymikro_base.import_batch import (
    ImportableMixin, RowPlan)
from trytond.modules.proxymikro_base.importer import (
    are_rows, near, normalize, show)
from trytond.pool import Pool, PoolMeta
from trytond.rpc import RPC
from trytond.transaction import Transaction, without_check_access

from . import device_row
from .device_row import (
    KIND_NAMES, LABELS, normalize_serial, parse_row, same_unit)
from .exceptions import CollectionError, DeviceImportError

MAX_BATCH = 1000


class Lot(ImportableMixin, metaclass=PoolMeta):
    __name__ = 'stock.lot'


class ImportBatch(metaclass=PoolMeta):
    __name__ = 'import.batch'

    @classmethod
    def get_kinds(cls):
        return super().get_kinds() + [
            ('devices', gettext('proxymikro_stock.msg_import_kind_devices'))]

    @classmethod
    def get_targets(cls):
        IrModel = Pool().get('ir.model')
        return super().get_targets() + [
            ('stock.shipment.in', IrModel.get_name('stock.shipment.in'))]


class ShipmentIn(metaclass=PoolMeta):
    __name__ = 'stock.shipment.in'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__rpc__.update({
                'import_devices': RPC(readonly=False),
                })

    @classmethod
    def import_devices(cls, number, rows, source, handled=0, dry_run=False):
        """Create or update the devices of the rows, all of them or none.

        A row is a dictionary of line, texts (by name of column) and
        occurrence. The source describes the file and handled is the number of
        its rows sent until now, these included.

        Return the numbers of devices created, updated and unchanged, and the
        errors by line and column: if there is one, nothing was written.
        """
        Batch = Pool().get('import.batch')
        source = Batch.check_source(source)
        cls._check_rows(rows, handled)
        if not dry_run:
            cls._lock_number(number)
        collection = cls._get_import_collection(number)
        plan = DevicePlan(collection, rows)
        if plan.updates:
            Pool().get('ir.model.access').check('stock.lot', 'write')
        if not dry_run:
            if not plan.errors:
                plan.apply()
            else:
                handled = 0
                plan.forget()
            Batch.record(
                'devices', collection, source, handled,
                created=len(plan.creations), updated=len(plan.updates),
                errors=plan.errors)
        return plan.get_result()

    @classmethod
    def _check_rows(cls, rows, handled):
        if not are_rows(rows, handled, LABELS, MAX_BATCH):
            raise DeviceImportError(gettext(
                    'proxymikro_stock.msg_import_devices_rows',
                    count=MAX_BATCH))

    @classmethod
    def _lock_number(cls, number):
        """Serialise the imports into the collection.

        Writing it first makes the second of two imports wait, then read what
        the first one did; the value is the same to leave no trace.
        """
        table = cls.__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*table.update(
                [table.number], [table.number],
                where=table.number == str(number)))

    @classmethod
    def _check_import_devices(cls):
        pool = Pool()
        Button = pool.get('ir.model.button')
        ModelAccess = pool.get('ir.model.access')
        User = pool.get('res.user')
        if Transaction().check_access:
            ModelAccess.check('stock.lot', 'create')
            groups = Button.get_groups(cls.__name__, 'add_devices_wizard')
            if not groups & set(User.get_groups()):
                raise AccessError(gettext(
                        'proxymikro_stock.msg_import_devices_access'))

    @classmethod
    def _get_import_collection(cls, number):
        cls._check_import_devices()
        domain = [('number', '=', str(number))]
        company = Transaction().context.get('company')
        if company is not None:
            domain.append(('company', '=', company))
        collections = cls.search(domain, limit=1)
        if not collections:
            raise CollectionError(gettext(
                    'proxymikro_stock.msg_import_devices_collection',
                    number=show(number)))
        collection, = collections
        if collection.state != 'draft':
            raise CollectionError(gettext(
                    'proxymikro_stock.msg_import_devices_state',
                    collection=collection.rec_name))
        return collection

    @classmethod
    def _get_device(cls, collection, row):
        lot = super()._get_device(collection, row)
        lot.import_source = row.get('import_source')
        lot.import_key = row.get('import_key')
        return lot


class DevicePlan(RowPlan):
    "What rows would do to the devices of a collection"
    row_module = device_row

    def __init__(self, collection, rows, source=None):
        self.collection = collection
        self.source = source or str(collection)
        self.errors = []
        self.creations = []
        self.updates = []
        self.unchanged = 0
        with without_check_access():
            rows = self._parse(rows)
            self._get_products()
            lots = self._search_lots(rows)
            for row in rows:
                self._add(row, lots)

    def _parse_row(self, row):
        return parse_row(row['line'], row['texts'], row.get('occurrence', 1))

    def _get_products(self):
        "Set the products by what people may write for them"
        Product = Pool().get('product.product')
        products = Product.search([('device', '=', True)])
        self.products, by_kind = {}, {}
        for product in products:
            by_kind.setdefault(product.device_kind, []).append(product)
            for name in [product.name, product.code]:
                if name:
                    self.products[normalize(name)] = product
        self.names = [p.name for p in products]
        for kind, kind_products in by_kind.items():
            if len(kind_products) == 1:
                for name in [kind, *KIND_NAMES.get(kind, [])]:
                    self.products.setdefault(
                        normalize(name), kind_products[0])

    def _get_product(self, row):
        product = self.products.get(normalize(row.kind))
        if not product:
            names = (near(row.kind, self.names)
                or near(row.kind, self.products))
            self._error(
                row, 'kind', 'proxymikro_base.msg_import_value_choice',
                value=show(row.kind), near=", ".join(names or self.names))
        return product

    def _search_lots(self, rows):
        "Return the lots which may be those of the rows"
        Lot = Pool().get('stock.lot')
        keys, serials, numbers = set(), set(), set()
        for row in rows:
            keys.add(row.key)
            if serial := row.values['serial_number']:
                serials.update([serial, serial.upper(), serial.lower()])
            if number := row.values['number']:
                numbers.add(number)
        with Transaction().set_context(active_test=False):
            found = Lot.search(['OR', [
                        ('import_source', '=', self.source),
                        ('import_key', 'in', list(keys)),
                        ],
                    ('serial_number', 'in', list(serials)),
                    ('number', 'in', list(numbers)),
                    ], order=[])
        lots = {'key': {}, 'serial_number': {}, 'number': {}}
        self._given_up = set()
        for card, lot in Lot.follow(found).items():
            if card.import_source == self.source:
                lots['key'][card.import_key] = lot
            serial = normalize_serial(card.serial_number)
            if serial:
                lots['serial_number'].setdefault(serial, []).append(lot)
            lots['number'].setdefault(card.number, []).append(lot)
            if card != lot:
                self._given_up |= {
                    (lot, 'number', card.number),
                    (lot, 'serial_number', serial)}
        self._taken = set()
        return lots

    def _get_lot(self, row, lots):
        """Return the device of the row, None for a new one.

        What the collection already holds is recognised; what belongs to
        another one is refused, as a person must say which is right.
        """
        lot = lots['key'].get(row.key)
        for name in ['number', 'serial_number']:
            if not (value := row.values[name]):
                continue
            if name == 'serial_number':
                value = normalize_serial(value)
            for other in lots[name].get(value, []):
                if other == lot or (
                        name == 'serial_number' and not same_unit(
                            other.manufacturer, row.values['manufacturer'])):
                    continue
                if not lot and other.collection == self.collection:
                    lot = other
                else:
                    self._error(
                        row, name,
                        'proxymikro_stock.msg_import_devices_elsewhere',
                        value=show(row.values[name]), device=other.rec_name)
                    return None
        return lot

    def _add(self, row, lots):
        errors = len(self.errors)
        product = self._get_product(row)
        lot = self._get_lot(row, lots)
        identity = lot or row.key
        if identity in self._taken:
            self._error(
                row, 'kind', 'proxymikro_stock.msg_import_devices_row_twice')
        if lot and product and lot.product != product:
            self._error(
                row, 'kind', 'proxymikro_stock.msg_import_devices_kind',
                device=lot.rec_name, kind=lot.product.rec_name)
        self._taken.add(identity)
        if len(self.errors) > errors:
            return
        values = {n: v for n, v in row.values.items() if v is not None}
        if not lot:
            self.creations.append(self._get_creation(row, product, values))
        elif changes := self._get_changes(row, lot, values):
            self.updates.append((lot, changes))
        else:
            self.unchanged += 1

    def _get_creation(self, row, product, values):
        return {
            **values,
            'product': product,
            'import_source': self.source,
            'import_key': row.key,
            }

    def _get_changes(self, row, lot, values):
        """Return what the row says else than the device: empty says nothing.

        Nor do the numbers of a card that was given up for this one.
        """
        known = {
            'number': values.get('number'),
            'serial_number': normalize_serial(values.get('serial_number')),
            }
        changes = {
            n: v for n, v in values.items() if getattr(lot, n) != v
            and (lot, n, known.get(n)) not in self._given_up}
        if not lot.import_key:
            changes.update(import_source=self.source, import_key=row.key)
        return changes

    @without_check_access
    def apply(self):
        pool = Pool()
        Lot = pool.get('stock.lot')
        ShipmentIn = pool.get('stock.shipment.in')
        ShipmentIn.add_devices(self.collection, self.creations)
        for lot, changes in self.updates:
            for name, value in changes.items():
                setattr(lot, name, value)
        Lot.save([lot for lot, _ in self.updates])

    def forget(self):
        "Do nothing of the rows, as one of them is refused"
        self.creations, self.updates, self.unchanged = [], [], 0

    def get_result(self):
        return {
            'created': len(self.creations),
            'updated': len(self.updates),
            'unchanged': self.unchanged,
            'errors': sorted(
                self.errors, key=lambda e: (e['line'], e['column'])),
            }
