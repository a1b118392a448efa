# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What it costs to import hardware reports, against the records they make."""
import hashlib
import json
from decimal import Decimal
from itertools import count

from trytond.modules.proxymikro_stock.tests.workshop import read
from trytond.pool import Pool

from .devices import create_collection, get_product
from .measure import cpu

BATCH = 50
_numbers = count()


def get_reports(number):
    "Return the reports of as many desktops, each with its own parts"
    text = read('desktop.lshw.json').decode()
    serials = [
        "YMBC104218", "60771842", "20B1F4A3", "20B1F5C7", "Z3TEW4N7"]
    reports = []
    for i in (next(_numbers) for _ in range(number)):
        data = text
        for serial in serials:
            data = data.replace(serial, f"{serial}{i:06}")
        data = data.replace('6f0a1c9e', f'{i:08x}').replace(
            '90:1b:0e:d5:3c:72', '90:1b:0e:' + ':'.join(
                f'{i:06x}'[j:j + 2] for j in (0, 2, 4)))
        reports.append({'name': f'{i}.json', 'data': data.encode()})
    assert json.loads(reports[0]['data'])
    return reports


def imported(number):
    "The reports of unknown machines, which make their devices"
    Report = Pool().get('device.report')
    collection = create_collection()
    reports = get_reports(number)
    with cpu() as time:
        for i in range(0, number, BATCH):
            result = Report.import_files(
                reports[i:i + BATCH], collection.number)
            assert result['created'] == len(reports[i:i + BATCH]), result
    return time()


def core(number):
    """The lots, moves, reports and components, in a call for each.

    In the same batches, on the same database.
    """
    pool = Pool()
    collection, product = create_collection(), get_product()
    models = [pool.get(n) for n in [
            'stock.lot', 'stock.move', 'device.report', 'device.component']]
    reports = get_reports(number)
    with cpu() as time:
        for i in range(0, number, BATCH):
            create(collection, product, reports[i:i + BATCH], *models)
    return time()


def create(collection, product, files, Lot, Move, Report, Component):
    lots = Lot.create([{
                'product': product.id, 'unit': product.lot_uom.id,
                'unit_quantity': 1, 'collection': collection.id,
                'manufacturer': "FUJITSU", 'model': "Esprimo P556",
                'serial_number': f['name'],
                'attributes': {'memory': 8, 'storage': 500.11},
                } for f in files])
    Move.create([{
                'shipment': str(collection), 'product': product.id,
                'lot': lot.id, 'unit': product.lot_uom.id, 'quantity': 1,
                'from_location': collection.supplier_location.id,
                'to_location': collection.warehouse_input.id,
                'company': collection.company.id,
                'currency': collection.company.currency.id,
                'unit_price': Decimal(0)} for lot in lots])
    reports = Report.create([{
                'lot': lot.id, 'date': collection.create_date, 'tool': 'lshw',
                'file': f['data'], 'file_name': f['name'],
                'size': len(f['data']), 'serial_key': f['name'],
                'sha256': hashlib.sha256(f['data']).hexdigest(),
                } for lot, f in zip(lots, files)])
    Component.create([{
                'lot': report.lot.id, 'report': report.id, 'kind': kind,
                'manufacturer': "Maker", 'model': "Model",
                'serial': report.file_name,
                } for report in reports for kind in [
                'motherboard', 'processor', 'memory', 'memory', 'graphics',
                'drive', 'optical', 'network']])
