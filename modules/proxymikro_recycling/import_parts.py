# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Take over the parts that were in the store before the register.

They come by an inventory, as what is found: without an origin nobody may sell
them until the presidency says so. The same file read twice changes nothing.
"""
from trytond.i18n import gettext
from trytond.modules.proxymikro_base.import_batch import RowPlan
from trytond.modules.proxymikro_base.importer import (
    are_rows, near, normalize, show)
from trytond.pool import Pool, PoolMeta
from trytond.rpc import RPC
from trytond.transaction import Transaction, without_check_access

from . import part_row
from .exceptions import PartImportError
from .part_row import KIND_NAMES, LABELS

MAX_BATCH = 500
MAX_PIECES = 1000
SOURCE = 'parts'
STAGES = ['parts', 'scrap']


class ImportBatch(metaclass=PoolMeta):
    __name__ = 'import.batch'

    @classmethod
    def get_kinds(cls):
        return super().get_kinds() + [
            ('parts', gettext('proxymikro_recycling.msg_import_parts'))]

    @classmethod
    def find_remaining(cls):
        Lot = Pool().get('stock.lot')
        lots = Lot.search([('import_source', '=', SOURCE)])
        return super().find_remaining() + cls.list_remaining([
                ('proxymikro_recycling.msg_take_over_resale', [
                        l for l in lots if l.resale_right == 'unknown']),
                ('proxymikro_recycling.msg_take_over_grade', [
                        l for l in lots if not l.grade]),
                ])


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__rpc__['import_parts'] = RPC(readonly=False)

    @classmethod
    def import_parts(cls, rows, source, handled=0, dry_run=False):
        """Count the parts of the rows in the store, all of them or none.

        The arguments and the result are those of the other imports.
        """
        pool = Pool()
        Batch = pool.get('import.batch')
        Company = pool.get('company.company')
        source = Batch.check_source(source)
        cls._check_import_parts(rows, handled)
        company = Company(Transaction().context['company'])
        if not dry_run:
            # Two imports at once wait for each other
            with without_check_access():
                Company.write([company], {})
        plan = PartPlan(company, rows)
        if not dry_run:
            if plan.errors:
                handled, plan.lots, plan.unchanged = 0, [], 0
            plan.apply()
            Batch.record(
                'parts', company, source, handled, created=len(plan.lots),
                errors=plan.errors)
        return plan.get_result()

    @classmethod
    def _check_import_parts(cls, rows, handled):
        Access = Pool().get('ir.model.access')
        transaction = Transaction()
        if transaction.check_access:
            Access.check(cls.__name__, 'create')
            Access.check('stock.inventory', 'create')
        if (not are_rows(rows, handled, LABELS, MAX_BATCH)
                or transaction.context.get('company') is None):
            raise PartImportError(gettext(
                    'proxymikro_recycling.msg_import_parts_rows',
                    count=MAX_BATCH))


class PartPlan(RowPlan):
    "What rows would add to the store"
    row_module = part_row

    def __init__(self, company, rows):
        self.company = company
        self.errors, self.lots, self.unchanged = [], [], 0
        with without_check_access():
            rows = self._parse(rows)
            self._search_names()
            self._search_lots(rows)
            for row in rows:
                self._add(row)

    def _search_names(self):
        "Find products, grades and places by what people may write for them"
        pool = Pool()
        self.names = {'kind': {}, 'grade': {}, 'place': {}}
        for name, model, domain, fields in [
                ('kind', 'product.product', [('component_kind', '!=', None)],
                    ['name', 'code']),
                ('grade', 'recycling.grade', [], ['name', 'code']),
                ('place', 'stock.location', [
                        ('stage', 'in', STAGES), ('type', '=', 'storage')],
                    ['name', 'code'])]:
            for record in pool.get(model).search(domain):
                for field in fields:
                    if label := getattr(record, field):
                        self.names[name].setdefault(normalize(label), record)
        by_kind = {}
        for product in set(self.names['kind'].values()):
            by_kind.setdefault(product.component_kind, []).append(product)
        for kind, products in by_kind.items():
            if len(products) == 1:
                for label in [kind, *KIND_NAMES.get(kind, [])]:
                    self.names['kind'].setdefault(
                        normalize(label), products[0])

    def _search_lots(self, rows):
        "Find what earlier imports made, by key, and the numbers in use"
        Lot = Pool().get('stock.lot')
        with Transaction().set_context(active_test=False):
            lots = Lot.search([('import_source', '=', SOURCE)])
            self.known = {l.import_key: l for l in lots}
            self.taken = {l.number for l in Lot.search([
                        ('number', 'in', [
                                r.values['number'] for r in rows
                                if r.values['number']])])}

    def _find(self, row, name):
        if not (text := row.values[name]):
            return None
        if record := self.names[name].get(normalize(text)):
            return record
        known = self.names[name]
        found = {known[normalize(n)].rec_name for n in near(text, known)}
        self._error(
            row, name, 'proxymikro_base.msg_import_value_choice',
            value=show(text), near=', '.join(
                sorted(found or {r.rec_name for r in known.values()})))

    def _add(self, row):
        errors = len(self.errors)
        product = self._find(row, 'kind')
        grade, place = self._find(row, 'grade'), self._find(row, 'place')
        if product:
            self._check_quantity(row, product)
        if len(self.errors) > errors:
            return
        pieces = int(row.values['quantity']) if product.lot_uom else 1
        keys = [f'{row.key}#{n}' for n in range(1, pieces + 1)]
        missing = [k for k in keys if k not in self.known]
        self.unchanged += len(keys) - len(missing)
        if missing and row.values['number'] in self.taken:
            self._error(
                row, 'number', 'proxymikro_recycling.msg_import_parts_taken',
                number=show(row.values['number']))
            return
        self.lots.extend(
            self._get_lot(row, k, product, grade, place) for k in missing)

    def _check_quantity(self, row, product):
        quantity = row.values['quantity']
        one = row.values['number'] or row.values['serial_number']
        if product.lot_uom and (
                quantity != int(quantity)
                or quantity > (1 if one else MAX_PIECES)):
            self._error(
                row, 'quantity',
                'proxymikro_recycling.msg_import_parts_pieces',
                part=product.rec_name, most=1 if one else MAX_PIECES)

    def _get_lot(self, row, key, product, grade, place):
        Lot = Pool().get('stock.lot')
        Production = Pool().get('production')
        lot = Lot(
            product=product, number=row.values['number'],
            grade=grade or product.component_grade,
            import_source=SOURCE, import_key=key)
        if product.lot_uom:
            lot.unit, lot.unit_quantity = product.lot_uom, 1
        for name in ['serial_number', 'manufacturer', 'model']:
            if value := row.values[name]:
                setattr(lot, name, value)
        quantity = 1 if product.lot_uom else float(row.values['quantity'])
        return lot, place or Production._store(product), quantity

    @without_check_access
    def apply(self):
        "Save the lots, and count them where they are"
        pool = Pool()
        Inventory = pool.get('stock.inventory')
        Lot = pool.get('stock.lot')
        lots = [l for l, _, _ in self.lots]
        pool.get('stock.shipment.in')._set_numbers(lots)
        Lot.save(lots)
        lines = {}
        for lot, place, quantity in self.lots:
            lines.setdefault(place, []).append({
                    'product': lot.product.id, 'lot': lot.id,
                    'quantity': quantity})
        inventories = Inventory.create([{
                    'location': place.id,
                    'company': self.company.id,
                    'empty_quantity': 'keep',
                    'lines': [('create', place_lines)],
                    } for place, place_lines in lines.items()])
        Inventory.confirm(inventories)

    def get_result(self):
        return {
            'created': len(self.lots),
            'unchanged': self.unchanged,
            'errors': sorted(
                self.errors, key=lambda e: (e['line'], e['column'])),
            }
