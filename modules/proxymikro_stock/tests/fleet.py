# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the tests of the guard move: devices and lots by weight."""
import datetime as dt
from contextlib import contextmanager
from decimal import Decimal

from trytond.modules.company.tests import create_company, set_company
from trytond.modules.currency.tests import create_currency
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.transaction import Transaction


def with_company(func):
    "Run in a transaction of the association"
    @with_transaction()
    def wrapper(self):
        company = create_company(currency=create_currency('eur'))
        with set_company(company):
            func(self, Fleet(company))
    return wrapper


class Fleet:
    "What the tests move: locations, devices, lots by weight"

    def __init__(self, company):
        self.company = company
        pool = Pool()
        self.Move = pool.get('stock.move')
        self.Lot = pool.get('stock.lot')
        self.donor, = pool.get('party.party').create([{'name': "Donor"}])

    def ref(self, xml_id):
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        module, name = xml_id.split('.')
        data, = ModelData.search([
                ('module', '=', module), ('fs_id', '=', name)])
        return pool.get(data.model)(data.db_id)

    def loc(self, name):
        if not isinstance(name, str):
            return name
        module = ('stock'
            if name in {'input', 'output', 'storage', 'supplier', 'customer',
                'lost_found', 'warehouse'} else 'proxymikro_stock')
        return self.ref(f'{module}.location_{name}')

    def lot(self, kind='screen'):
        product = self.ref(f'proxymikro_stock.product_{kind}')
        lot = self.Lot(
            product=product, unit=product.lot_uom, unit_quantity=1)
        lot.save()
        return lot

    def bulk(self, number="BULK"):
        "Return a lot followed by weight"
        pool = Pool()
        kg, = pool.get('product.uom').search([('symbol', '=', "kg")])
        template, = pool.get('product.template').create([{
                    'name': "Boards", 'type': 'goods', 'default_uom': kg.id,
                    'cost_price_method': 'fixed',
                    'products': [('create', [{}])]}])
        lot, = self.Lot.create([{
                    'number': number, 'product': template.products[0].id}])
        return lot

    def move(self, lot, from_, to, quantity=1, date=None, **values):
        move = self.Move(
            lot=lot, product=lot.product, unit=lot.product.default_uom,
            quantity=quantity, from_location=self.loc(from_),
            to_location=self.loc(to), effective_date=date, **values)
        if {'supplier', 'customer'} & {from_, to}:
            move.unit_price = Decimal(0)
            move.currency = self.company.currency
        move.save()
        return move

    def do(self, *args, **kwargs):
        move = self.move(*args, **kwargs)
        self.Move.do([move])
        return self.Move(move.id)

    def collect(self, regime='company', kind='screen', count=2, **values):
        "Return a collection with devices of the kind"
        Collection = Pool().get('stock.shipment.in')
        collection = Collection(
            supplier=self.donor, company=self.company,
            gift_regime=self.ref(f'proxymikro_stock.gift_regime_{regime}'))
        collection.on_change_supplier()
        collection.on_change_warehouse()
        collection.save()
        product = self.ref(f'proxymikro_stock.product_{kind}')
        Collection.add_devices(
            collection, [{'product': product, **values}] * count)
        return Collection(collection.id)

    def receive(self, collection):
        collection.receive([collection])
        return collection.__class__(collection.id)

    def provide(self, collection, document, **values):
        "Return the document of the collection"
        Document = Pool().get('stock.collection.document')
        values.setdefault('reference', "Binder 1")
        document = Document(
            collection=collection, document=self.ref(
                f'proxymikro_stock.gift_document_{document}'), **values)
        document.save()
        return document

    @contextmanager
    def in_place(self, *names):
        "Count the quantities in the locations, whoever they belong to"
        with Transaction().set_context(
                locations=[self.loc(n).id for n in names],
                stock_date_end=dt.date.today()):
            yield

    def place(self, lot):
        return self.Lot(lot.id).location

    def oracle(self, lot):
        "Return the places of the lot by adding up quantities, never ranks"
        quantities = {}
        for move in self.Move.search([
                    ('lot', '=', lot.id), ('state', '=', 'done')]):
            for location, sign in [
                    (move.to_location, 1), (move.from_location, -1)]:
                quantities[location] = (
                    quantities.get(location, 0) + sign * move.quantity)
        return {l for l, q in quantities.items()
            if q > 0 and l.type in {'storage', 'customer'}}


@contextmanager
def count_queries():
    "Return the queries of the block"
    queries = []
    get_cursor = Transaction().connection.cursor

    class Connection:
        def __getattr__(self, name):
            return getattr(connection, name)

        def cursor(self, *args, **kwargs):
            return Cursor(get_cursor(*args, **kwargs))

    class Cursor:
        def __init__(self, cursor):
            self.cursor = cursor

        def __getattr__(self, name):
            return getattr(self.cursor, name)

        def __iter__(self):
            return iter(self.cursor)

        def execute(self, *args):
            queries.append(args)
            return self.cursor.execute(*args)

    connection = Transaction().connection
    Transaction().connection = Connection()
    try:
        yield queries
    finally:
        Transaction().connection = connection
