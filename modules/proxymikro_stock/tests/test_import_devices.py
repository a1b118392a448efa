# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The import of devices, whatever is in the rows."""
import random

from trytond.model.exceptions import AccessError
from trytond.modules.company.tests import create_company, set_company
from trytond.modules.currency.tests import create_currency
from trytond.modules.proxymikro_base.exceptions import ImportSourceError
from trytond.modules.proxymikro_stock import device_row
from trytond.modules.proxymikro_stock.exceptions import (
    CollectionError, DeviceImportError)
from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, with_transaction)
from trytond.transaction import Transaction

SOURCE = {
    'file_name': 'liste.csv',
    'sha256': '0' * 64,
    'encoding': 'utf-8',
    'rows': 50_000,
    }


def with_collection(func):
    "Run in a transaction with a draft collection"
    @with_transaction()
    def wrapper(self):
        company = create_company(currency=create_currency('eur'))
        with set_company(company):
            func(self, create_collection(company))
    return wrapper


def create_collection(company):
    pool = Pool()
    Collection = pool.get('stock.shipment.in')
    Party = pool.get('party.party')
    Regime = pool.get('stock.gift.regime')
    donor, = Party.create([{'name': "Donor"}])
    regime, = Regime.search([('code', '=', 'DON')])
    collection = Collection(
        supplier=donor, gift_regime=regime, company=company)
    collection.on_change_supplier()
    collection.on_change_warehouse()
    collection.save()
    return collection


def get_row(line=2, occurrence=1, kind="PC", **texts):
    return {
        'line': line, 'occurrence': occurrence,
        'texts': {'kind': kind, **texts},
        }


def import_rows(collection, *rows, **kwargs):
    Collection = Pool().get('stock.shipment.in')
    return Collection.import_devices(
        collection.number, list(rows), SOURCE, len(rows), **kwargs)


def count_all():
    pool = Pool()
    return [
        pool.get(name).search([], count=True)
        for name in ['stock.lot', 'stock.move']]


class ImportDevicesTestCase(TestCase):
    "Test the import of devices"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_stock')

    def assertCounts(self, result, created=0, updated=0, unchanged=0):
        self.assertEqual(result, {
                'created': created, 'updated': updated,
                'unchanged': unchanged, 'errors': []})

    def assertRefused(self, collection, row, column, *words):
        before = count_all()
        result = import_rows(
            collection, row, get_row(line=99, donor_number="fine"))
        self.assertEqual(count_all(), before)
        error, = result['errors']
        self.assertEqual(
            (error['line'], error['column']), (row['line'], column))
        for word in words:
            self.assertIn(word, error['message'])

    @with_collection
    def test_values(self, collection):
        "The texts become the values of the device"
        Lot = Pool().get('stock.lot')
        self.assertCounts(import_rows(collection, get_row(
                    kind=" Pc  portable ", manufacturer="HP",
                    model="ProBook <b>450</b>", serial_number="5cg 1",
                    donor_number="=1+1", weight="1,8765", number="TAG-1",
                    grade_appearance="b", grade_function="C")), created=1)
        lot, = Lot.search([])
        self.assertEqual(lot.product.device_kind, 'laptop')
        self.assertEqual(
            [getattr(lot, n) for n in device_row.LABELS if n != 'kind'],
            ["HP", "ProBook <b>450</b>", "5cg 1", "=1+1", 1.876, "TAG-1",
                'B', 'C'])
        self.assertEqual(lot.collection, collection)

    @with_collection
    def test_values_refused(self, collection):
        "Each bad value is refused with its column, and nothing is written"
        for name, text, words in [
                ('weight', "1.5", ["1.5"]),
                ('weight', "nan", ["nan"]),
                ('weight', "inf", ["inf"]),
                ('weight', "1e3", ["1e3"]),
                ('weight', "١", []),
                ('weight', "0", ["0,001", "200"]),
                ('weight', "-3", ["0,001", "200"]),
                ('weight', "200,5", ["200,5"]),
                ('weight', 12, []),
                ('grade_appearance', "F", ["A"]),
                ('model', "a\x00b", ['U+0000']),
                ('model', "a\ud800b", ['U+D800']),
                ('model', "a\u202eb", ['U+202E']),
                ('model', "x" * 251, ["250"]),
                ('kind', "", []),
                ('kind', "Scren", ["Screen"]),
                ('kind', "\u0416", ["Laptop"]),
                ]:
            with self.subTest(name=name, text=ascii(text)):
                self.assertRefused(
                    collection, get_row(line=7, **{name: text}),
                    device_row.LABELS[name], *words)

    @with_collection
    def test_bogus_serial(self, collection):
        "What makers leave in place of a serial is no serial"
        Lot = Pool().get('stock.lot')
        self.assertCounts(import_rows(
                collection,
                get_row(2, serial_number="To be filled by O.E.M."),
                get_row(3, 2, serial_number="0000000"),
                get_row(4, 3, serial_number="N/A"),
                get_row(5, 4)), created=4)
        self.assertEqual({l.serial_number for l in Lot.search([])}, {None})

    @with_collection
    def test_duplicates_file(self, collection):
        "A serial or a tag which is there twice refuses both rows"
        before = count_all()
        result = import_rows(
            collection,
            get_row(2, serial_number="ABC 123"),
            get_row(3, serial_number="abc123", manufacturer="Dell"),
            get_row(4, serial_number="XYZ9", manufacturer="Dell"),
            get_row(5, serial_number="XYZ9", manufacturer="HP"),
            get_row(6, number="T-1"),
            get_row(7, number="t 1"))
        self.assertEqual(
            [(e['line'], e['column']) for e in result['errors']],
            [(2, "n° de série"), (3, "n° de série"),
                (6, "n° d'inventaire"), (7, "n° d'inventaire")])
        self.assertIn("3", result['errors'][0]['message'])
        self.assertEqual(count_all(), before)

    @with_collection
    def test_duplicates_database(self, collection):
        "A serial or a tag of another collection is refused"
        other = create_collection(collection.company)
        import_rows(
            other, get_row(serial_number="S-1001", manufacturer="HP"),
            get_row(3, number="TAG-1"))
        for texts, column in [
                ({'serial_number': "s-1001"}, "n° de série"),
                ({'serial_number': "S-1001", 'manufacturer': "hp"},
                    "n° de série"),
                ({'number': "TAG-1"}, "n° d'inventaire")]:
            with self.subTest(**texts):
                self.assertRefused(
                    collection, get_row(5, **texts), column)
        self.assertCounts(import_rows(collection, get_row(
                    serial_number="S-1001", manufacturer="Dell")), created=1)

    @with_collection
    def test_recognised(self, collection):
        "What was added by hand to the collection is updated"
        pool = Pool()
        Collection = pool.get('stock.shipment.in')
        Product = pool.get('product.product')
        product, = Product.search([('device_kind', '=', 'laptop')])
        lot, = Collection.add_devices(collection, [
                {'product': product, 'serial_number': "S-2001"}])
        row = get_row(
            kind="portable", serial_number="S-2001", manufacturer="HP")
        self.assertCounts(import_rows(collection, row), updated=1)
        self.assertEqual((lot.manufacturer, count_all()[0]), ("HP", 1))
        self.assertCounts(import_rows(collection, row), unchanged=1)

        # Empty cells say nothing
        row['texts']['manufacturer'] = ""
        self.assertCounts(import_rows(collection, row), unchanged=1)
        self.assertEqual(lot.manufacturer, "HP")

    @with_collection
    def test_kind_changed(self, collection):
        import_rows(collection, get_row(serial_number="S-3001"))
        self.assertRefused(
            collection, get_row(4, kind="écran", serial_number="S-3001"),
            "type", "Desktop")

    @with_collection
    def test_alike(self, collection):
        "Rows which say the same are as many devices, and only once"
        rows = [get_row(i + 2, i + 1, kind="écran") for i in range(30)]
        self.assertCounts(import_rows(collection, *rows), created=30)
        self.assertCounts(import_rows(collection, *rows), unchanged=30)
        result = import_rows(collection, *[
                get_row(2, 1, kind="écran"), get_row(3, 1, kind="écran")])
        self.assertEqual([e['line'] for e in result['errors']], [3])

    @with_collection
    def test_target(self, collection):
        "The target is a draft collection which exists"
        Collection = Pool().get('stock.shipment.in')
        with self.assertRaises(CollectionError):
            Collection.import_devices("999", [get_row()], SOURCE, 1)
        Collection.receive([collection])
        for dry_run in [True, False]:
            with self.assertRaises(CollectionError):
                import_rows(collection, get_row(), dry_run=dry_run)

    @with_collection
    def test_arguments(self, collection):
        "What a client sends is checked before it is used"
        Collection = Pool().get('stock.shipment.in')
        for rows in [
                None, [], {}, "PC", [None], [[]], [{}],
                [get_row()] * 1001,
                [{**get_row(), 'line': 0}], [{**get_row(), 'line': "2"}],
                [{**get_row(), 'line': 2**31}],
                [{**get_row(), 'occurrence': None}],
                [{**get_row(), 'texts': "PC"}],
                [get_row(token="x")],
                ]:
            with self.assertRaises(DeviceImportError):
                Collection.import_devices(
                    collection.number, rows, SOURCE, 1)
        for handled in [None, -1, 2**31, "1"]:
            with self.assertRaises(DeviceImportError):
                Collection.import_devices(
                    collection.number, [get_row()], SOURCE, handled)
        with self.assertRaises(ImportSourceError):
            Collection.import_devices(
                collection.number, [get_row()], {}, 1)

    @with_collection
    def test_access(self, collection):
        "Only those who may add devices import them"
        pool = Pool()
        User = pool.get('res.user')
        Group = pool.get('res.group')
        company = collection.company
        for group, created in [
                ('Front Desk', True), ('Workshop', True),
                ('Treasury', False), ('Audit', False), (None, False)]:
            groups = Group.search([('name', '=', group)])
            user, = User.create([{
                        'name': group, 'login': str(group),
                        'groups': [('add', [g.id for g in groups])],
                        'companies': [('add', [company.id])],
                        'company': company.id,
                        }])
            row = get_row(donor_number=str(group))
            with self.subTest(group=group), \
                    Transaction().set_user(user.id), \
                    Transaction().set_context(
                        User.get_preferences(context_only=True),
                        _check_access=True):
                if created:
                    self.assertCounts(
                        import_rows(collection, row), created=1)
                else:
                    with self.assertRaises(AccessError):
                        import_rows(collection, row)

    @with_collection
    def test_hostile(self, collection):
        "Whatever the texts: no traceback, and nothing from a refused batch"
        Lot = Pool().get('stock.lot')
        generator = random.Random(20261123)
        parts = [
            "PC", "écran", "portable", "", "1,5", "1.5", "-1", "nan", "inf",
            "9" * 12, "S-1", "s 1", "0000", "=cmd|' /C calc'!A0", "\x00",
            "\ud800", "\u202e", "\t", "\n", "'; DROP TABLE stock_lot; --",
            "<script>", "%s", "%(line)s", "x" * 251, "é", "😀", "A", "b",
            None, 12, 1.5, [], {}, "PM-00001", "١", "31/12/2026"]
        refused = 0
        for index in range(500):
            rows = []
            for line in range(generator.randint(1, 3)):
                kind = generator.choice(["PC", "écran", "laptop", None])
                texts = {
                    name: generator.choice(parts)
                    for name in device_row.LABELS
                    if generator.random() < 0.15}
                if kind:
                    texts['kind'] = kind
                rows.append({
                        'line': 2 + line, 'occurrence': index,
                        'texts': texts})
            before = count_all()
            result = import_rows(collection, *rows)
            if result['errors']:
                refused += 1
                self.assertEqual(count_all(), before)
            else:
                self.assertEqual(
                    sum(result[n] for n in [
                            'created', 'updated', 'unchanged']), len(rows))
        self.assertGreater(refused, 100)
        self.assertGreater(count_all()[0], 50)
        for lot in Lot.search([]):
            self.assertTrue(lot.weight is None or 0 < lot.weight <= 200)
