# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Take in many hardware reports at once, each on the device it speaks of."""
from trytond.i18n import gettext
from trytond.pool import Pool, PoolMeta
from trytond.rpc import RPC
from trytond.transaction import without_check_access

from .exceptions import HardwareReportError
from .report_match import Matcher
from .report_record import get_columns, get_read_values, record

MAX_FILES = 200
MAX_BYTES = 64 * 1024 * 1024
# What machines say of their case, for the kinds of devices
CHASSIS = {
    'laptop': {
        'notebook', 'laptop', 'netbook', 'portable', 'subnotebook',
        'convertible', 'detachable'},
    'tablet': {'tablet'},
    'desktop': {
        'desktop', 'lowprofiledesktop', 'lowprofile', 'minitower', 'tower',
        'spacesaving', 'allinone', 'allinonedesktop', 'minipc', 'pizzabox',
        'lunchbox', 'stickpc', 'smallformfactor', 'desktopcomputer'},
    'server': {
        'server', 'rackmountchassis', 'rackmount', 'mainserverchassis',
        'blade', 'bladeenclosure'},
    }
_KINDS = {name: kind for kind, names in CHASSIS.items() for name in names}


class Report(metaclass=PoolMeta):
    __name__ = 'device.report'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__rpc__.update({
                'import_files': RPC(readonly=False),
                })

    @classmethod
    def import_files(cls, files, collection=None, dry_run=False):
        """Keep the reports, all of them or none.

        A file is a dictionary of name and data.  A machine that is not known
        becomes a device of the draft collection of that number, if given;
        otherwise, and wherever the device is not sure, the report waits for a
        person.

        Return the numbers of reports attached, created (with their device),
        waiting and known, and the errors by file: if there is one, nothing
        was written.
        """
        pool = Pool()
        Access = pool.get('ir.model.access')
        Bogus = pool.get('device.serial.bogus')
        Shipment = pool.get('stock.shipment.in')
        Access.check(cls.__name__, 'create')
        cls._check_files(files)
        if collection is not None:
            if not dry_run:
                Shipment._lock_number(collection)
            collection = Shipment._get_import_collection(collection)
        if not dry_run:
            cls.lock()
        with without_check_access(), Bogus.using():
            plan = ReportPlan(files, collection)
            if not dry_run and not plan.errors:
                plan.apply()
        return plan.get_result()

    @classmethod
    def _check_files(cls, files):
        def valid(file):
            return (isinstance(file, dict)
                and isinstance(file.get('name'), str)
                and isinstance(file.get('data'), (bytes, bytearray)))
        if (not isinstance(files, list) or not 0 < len(files) <= MAX_FILES
                or not all(map(valid, files))
                or sum(len(f['data']) for f in files) > MAX_BYTES):
            raise HardwareReportError(gettext(
                    'proxymikro_stock.msg_report_import_files',
                    count=MAX_FILES, size=MAX_BYTES // 2**20))


class ReportPlan:
    "What the files would do"

    def __init__(self, files, collection=None):
        self.collection = collection
        self.errors = []
        self.counts = dict.fromkeys(
            ['attached', 'created', 'waiting', 'known'], 0)
        self.rows = {}  # by card to create
        entries = self._get_new(self._read(files))
        self.entries = entries
        self._get_products()
        self.matcher = Matcher(
            [e.read for e in entries], [e.name for e in entries])
        for entry in entries:
            self._match(entry)

    def _read(self, files):
        Report = Pool().get('device.report')
        entries = []
        for file in files:
            try:
                entries.append(
                    Report.read_entry(file['name'], bytes(file['data'])))
            except HardwareReportError as error:
                self.errors.append(
                    {'name': file['name'], 'message': error.message})
        return entries

    def _get_new(self, entries):
        "Return the entries that are not kept yet, each file once"
        Report = Pool().get('device.report')
        seen = {r.sha256 for r in Report.search(
                [('sha256', 'in', [e.sha256 for e in entries])])}
        new = []
        for entry in entries:
            if entry.sha256 in seen:
                self.counts['known'] += 1
            else:
                seen.add(entry.sha256)
                new.append(entry)
        return new

    def _get_products(self):
        Product = Pool().get('product.product')
        by_kind = {}
        for product in Product.search([('device', '=', True)]):
            by_kind.setdefault(product.device_kind, []).append(product)
        self.products = {
            kind: products[0] for kind, products in by_kind.items()
            if len(products) == 1}

    def _match(self, entry):
        match = self.matcher.find(entry.read, entry.name)
        if match.lot is None and not match.reason:
            match.lot = self._create(entry.read)
        elif match.lot is not None:
            self.counts['attached'] += 1
        if match.lot is None:
            self.counts['waiting'] += 1
        else:
            entry.lot = match.lot
            self.matcher.learn(entry.read, match.lot)

    def _create(self, read):
        "Return the card to create for the machine, None if none can be"
        Lot = Pool().get('stock.lot')
        product = self.products.get(get_kind(read))
        if not (self.collection and product and read.whole):
            return None
        values = get_columns(get_read_values(read))
        card = Lot(number=None, **{
                n: values.get(n)
                for n in ['manufacturer', 'model', 'serial_number']})
        self.rows[card] = {
            'product': product, 'weight': product.usual_weight, **values}
        self.counts['created'] += 1
        return card

    def apply(self):
        Shipment = Pool().get('stock.shipment.in')
        if self.rows:
            lots = Shipment.add_devices(
                self.collection, list(self.rows.values()))
            created = dict(zip(self.rows, lots))
            for entry in self.entries:
                entry.lot = created.get(entry.lot, entry.lot)
        record(self.entries)

    def get_result(self):
        return {
            **self.counts,
            'errors': sorted(self.errors, key=lambda e: e['name']),
            }


def get_kind(read):
    "Return the kind of device that the case of the machine tells"
    chassis = ''.join(filter(
            str.isalnum, (read.chassis or '').casefold()))
    return _KINDS.get(chassis)
