# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What it costs to enter many devices, against the paths of core."""
from decimal import Decimal

from proteus import Model
from trytond.pool import Pool
from trytond.transaction import Transaction

from .measure import cpu


def get_supplier():
    Party = Pool().get('party.party')
    supplier, = Party.search([], limit=1)
    return supplier


def get_product():
    pool = Pool()
    ModelData = pool.get('ir.model.data')
    return pool.get('product.product')(
        ModelData.get_id('proxymikro_stock', 'product_desktop'))


def create_collection():
    pool = Pool()
    Collection = pool.get('stock.shipment.in')
    Regime = pool.get('stock.gift.regime')
    regime, = Regime.search([('code', '=', 'DON')])
    collection = Collection(supplier=get_supplier(), gift_regime=regime)
    collection.on_change_supplier()
    collection.on_change_warehouse()
    collection.save()
    return collection


def add(collection, count):
    return collection.add_devices(
        collection, [{'product': get_product(), 'model': "M720s"}] * count)


def added(count):
    "One call that adds the devices to a collection"
    collection = create_collection()
    with cpu() as time:
        add(collection, count)
    return time()


def received(count):
    "One call that adds the devices, one that receives them"
    collection = create_collection()
    with cpu() as time:
        devices = add(collection, count)
        collection.receive([collection.__class__(collection.id)])
    assert devices[-1].__class__(devices[-1].id).stage == 'reception'
    return time()


def core(count):
    """The lots, the moves and their do, in three calls.

    On the same database: the guard is in the moves of both paths.
    """
    pool = Pool()
    Lot = pool.get('stock.lot')
    Move = pool.get('stock.move')
    collection = create_collection()
    product = get_product()
    lot = {
        'product': product.id, 'unit': product.lot_uom.id,
        'unit_quantity': 1, 'model': "M720s"}
    with cpu() as time:
        lots = Lot.create([dict(lot) for _ in range(count)])
        moves = Move.create([{
                    'shipment': str(collection), 'product': product.id,
                    'lot': lot.id, 'unit': product.lot_uom.id, 'quantity': 1,
                    'from_location': collection.supplier_location.id,
                    'to_location': collection.warehouse_input.id,
                    'company': collection.company.id,
                    'currency': collection.company.currency.id,
                    'unit_price': Decimal(0)} for lot in lots])
        Move.do(moves)
    return time()


def one_by_one(count, context):
    "What a script does through proteus, a record after the other"
    with Transaction().start('db', 1, context=dict(context)):
        collection, product = create_collection().id, get_product().id
    collection = Model.get('stock.shipment.in')(collection)
    Lot, Move = map(Model.get, ['stock.lot', 'stock.move'])
    product = Model.get('product.product')(product)
    with cpu() as time:
        for _ in range(count):
            lot = Lot(product=product, model="M720s")
            lot.save()
            move = Move(
                shipment=collection, product=product, lot=lot, quantity=1,
                from_location=collection.supplier_location,
                to_location=collection.warehouse_input,
                unit_price=Decimal(0), currency=collection.company.currency)
            move.save()
    return time()
