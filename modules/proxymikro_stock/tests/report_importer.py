# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the tests of the import of reports make: machines, and their import."""
import json

from trytond.pool import Pool

from .workshop import with_workshop


def machine(
        serial=None, maker="HP", model="EliteDesk", uuid=None, mac=None,
        drives=(), memory=(), chassis='mini-tower'):
    "Return what lshw says of a machine"
    children = [{
            'id': f'disk:{i}', 'class': 'disk', 'product': "ST500DM002",
            'serial': s, 'size': 500107862016}
        for i, s in enumerate(drives)]
    children += [{
            'id': f'bank:{i}', 'class': 'memory', 'product': "HMA451U6",
            'serial': s, 'size': 4 * 2**30} for i, s in enumerate(memory)]
    children.append({
            'id': 'cpu', 'class': 'processor', 'product': "Core i5"})
    if mac:
        children.append({
                'id': 'network', 'class': 'network', 'product': "I219",
                'businfo': 'pci@0', 'serial': mac})
    return json.dumps({
            'id': 'pc', 'class': 'system', 'vendor': maker, 'product': model,
            'serial': serial,
            'configuration': {'uuid': uuid, 'chassis': chassis},
            'children': [
                {'id': 'core', 'class': 'bus', 'children': children}],
            }).encode()


def dated(data, date):
    "Return the snapshot of the machine, made on the date"
    return json.dumps({
            'type': 'Snapshot', 'timestamp': f'{date}T10:00:00',
            'data': {'lshw': json.loads(data)}}).encode()


class Importer:
    def __init__(self, workshop):
        pool = Pool()
        self.workshop = workshop
        self.Report = pool.get('device.report')
        self.Lot = pool.get('stock.lot')
        Shipment = pool.get('stock.shipment.in')
        Regime = pool.get('stock.gift.regime')
        regime, = Regime.search([('code', '=', 'DON')])
        self.collection = Shipment(
            supplier=workshop.fleet.donor, gift_regime=regime)
        self.collection.on_change_supplier()
        self.collection.on_change_warehouse()
        self.collection.save()

    def __call__(self, *files, collection=True, **kwargs):
        files = [
            f if isinstance(f, dict) else {'name': f'{i}.json', 'data': f}
            for i, f in enumerate(files)]
        result = self.Report.import_files(
            files, self.collection.number if collection else None, **kwargs)
        return {n: v for n, v in result.items() if v}

    def device(self, **values):
        lot = self.workshop.device()
        for name, value in values.items():
            setattr(lot, name, value)
        lot.save()
        return lot

    def waiting(self):
        return self.Report.search([('lot', '=', None)])

    def last(self):
        report, = self.Report.search(
            [], order=[('id', 'DESC')], limit=1)
        return report

    def changes(self, report=None):
        return [
            (c.kind, c.component.serial if c.component else c.value,
                c.before, c.after)
            for c in (report or self.last()).changes]


def with_importer(func):
    @with_workshop
    def wrapper(self, workshop):
        func(self, Importer(workshop))
    return wrapper
