# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Bool, Eval
from trytond.transaction import without_check_access
from trytond.wizard import (
    Button, StateAction, StateTransition, StateView, Wizard)

from .exceptions import HardwareReportError
from .hardware import UnreadableReport
from .hardware_archive import is_archive, read_archive
from .report_import import MAX_BYTES, MAX_FILES, get_kind
from .report_match import Matcher


class AttachReport(Wizard):
    __name__ = 'device.report.attach'

    start = StateView('device.report.attach.start',
        'proxymikro_stock.report_attach_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Attach", 'attach', 'tryton-ok', default=True),
            ])
    attach = StateTransition()
    doubt = StateView('device.report.attach.doubt',
        'proxymikro_stock.report_attach_doubt_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Attach to This Device", 'attach_sure', 'tryton-ok'),
            ])
    attach_sure = StateTransition()

    def default_start(self, fields):
        if len(self.records) != 1:
            raise HardwareReportError(
                gettext('proxymikro_stock.msg_report_one_device'))
        return {'lot': self.record.id}

    def _get_doubt(self):
        pool = Pool()
        Report = pool.get('device.report')
        Bogus = pool.get('device.serial.bogus')
        with without_check_access(), Bogus.using():
            return Report.get_doubt(
                self.start.lot, Report.parse(bytes(self.start.file)))

    def transition_attach(self):
        Report = Pool().get('device.report')
        doubt, _ = self._get_doubt()
        if doubt:
            return 'doubt'
        Report.attach(
            self.start.lot, self.start.file, self.start.file_name)
        return 'end'

    def default_doubt(self, fields):
        doubt, others = self._get_doubt()
        return {
            'message': doubt,
            'candidates': [self.start.lot.id, *map(int, others)],
            }

    def transition_attach_sure(self):
        Report = Pool().get('device.report')
        Report.attach(
            self.doubt.lot, self.start.file, self.start.file_name, sure=True)
        return 'end'

    def end(self):
        return 'reload'


class AttachReportStart(ModelView):
    __name__ = 'device.report.attach.start'

    lot = fields.Many2One('stock.lot', "Device", readonly=True, required=True)
    file = fields.Binary(
        "File", filename='file_name', required=True,
        help="The output of lshw, smartctl or dmidecode, "
        "or a snapshot of eReuse Workbench.")
    file_name = fields.Char("File Name")


class AttachReportDoubt(ModelView):
    __name__ = 'device.report.attach.doubt'

    message = fields.Text("Why It Is Not Sure", readonly=True)
    candidates = fields.Many2Many(
        'stock.lot', None, None, "Devices It May Be", readonly=True)
    lot = fields.Many2One(
        'stock.lot', "Device", required=True,
        domain=[('id', 'in', Eval('candidates', []))],
        help="The device that was read. What you typed on its card stays.")


class BindReport(Wizard):
    __name__ = 'device.report.bind'

    start = StateView('device.report.bind.start',
        'proxymikro_stock.report_bind_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Bind", 'bind', 'tryton-ok', default=True),
            ])
    bind = StateTransition()

    def default_start(self, fields):
        pool = Pool()
        Report = pool.get('device.report')
        Bogus = pool.get('device.serial.bogus')
        Product = pool.get('product.product')
        report = self.record
        with without_check_access(), Bogus.using():
            read = Report.parse(bytes(report.file))
            match = Matcher([read], [report.file_name]).find(
                read, report.file_name)
        candidates = match.candidates or ([match.lot] if match.lot else [])
        products = Product.search([
                ('device', '=', True),
                ('device_kind', '=', get_kind(read)),
                ])
        return {
            'report': report.id,
            'reason': gettext(
                'proxymikro_stock.msg_match_'
                + (match.reason or ('known' if match.lot else 'new'))),
            'candidates': list(map(int, candidates)),
            'lot': match.lot.id if match.lot else None,
            'product': products[0].id if len(products) == 1 else None,
            }

    def transition_bind(self):
        pool = Pool()
        Report = pool.get('device.report')
        Shipment = pool.get('stock.shipment.in')
        lot = self.start.lot
        if not lot:
            product = self.start.product
            lot, = Shipment.add_devices(self.start.collection, [{
                        'product': product, 'weight': product.usual_weight}])
        Report.bind(self.record, lot)
        return 'end'

    def end(self):
        return 'reload'


class BindReportStart(ModelView):
    __name__ = 'device.report.bind.start'

    report = fields.Many2One(
        'device.report', "Hardware Report", readonly=True)
    reason = fields.Text("Why It Waits", readonly=True)
    candidates = fields.Many2Many(
        'stock.lot', None, None, "Devices It May Be", readonly=True)
    lot = fields.Many2One(
        'stock.lot', "Device",
        domain=[('device', '=', True)],
        states={
            'required': ~Eval('collection'),
            },
        help="The device that was read: a card typed before, without its "
        "serial number, for example. What was typed on it stays.")
    collection = fields.Many2One(
        'stock.shipment.in', "Or New Device Of",
        domain=[('state', '=', 'draft')],
        states={
            'invisible': Bool(Eval('lot')),
            },
        help="The draft collection that brought a device without a card.")
    product = fields.Many2One(
        'product.product', "Kind",
        domain=[('device', '=', True)],
        states={
            'invisible': Bool(Eval('lot')),
            'required': Bool(Eval('collection')) & ~Eval('lot'),
            })


class ImportReports(Wizard):
    __name__ = 'device.report.import'

    start = StateView('device.report.import.start',
        'proxymikro_stock.report_import_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Import", 'import_', 'tryton-ok', default=True),
            ])
    import_ = StateTransition()
    result = StateView('device.report.import.result',
        'proxymikro_stock.report_import_result_view_form', [
            Button("Close", 'end', 'tryton-close', default=True),
            Button("Open Reports", 'open_', 'tryton-open'),
            ])
    open_ = StateAction('proxymikro_stock.act_report')

    def transition_import_(self):
        Report = Pool().get('device.report')
        files = get_files(self.start.file_name, bytes(self.start.file))
        number = self.start.collection.number if self.start.collection else None
        total = {}
        for batch in get_batches(files):
            result = Report.import_files(batch, number)
            if result['errors']:
                error = result['errors'][0]
                raise HardwareReportError(gettext(
                        'proxymikro_stock.msg_report_import_error',
                        name=error['name'], error=error['message'],
                        count=len(result['errors'])))
            for name, value in result.items():
                total[name] = total.get(name, type(value)()) + value
        for name in ['attached', 'created', 'waiting', 'known']:
            setattr(self.result, name, total[name])
        return 'result'

    def default_result(self, fields):
        return {
            n: getattr(self.result, n)
            for n in ['attached', 'created', 'waiting', 'known']}


def get_files(name, data):
    "Return the reports of the file, alone or a zip"
    if not is_archive(data):
        return [{'name': name or '', 'data': data}]
    try:
        files = [{'name': n, 'data': d} for n, d in read_archive(data)]
    except UnreadableReport as error:
        raise HardwareReportError(gettext(
                f'proxymikro_stock.msg_report_{error.code}', **error.values))
    if not files:
        raise HardwareReportError(
            gettext('proxymikro_stock.msg_report_empty'))
    return files


def get_batches(files):
    "Yield the files in batches that the server takes at once"
    batch, size = [], 0
    for file in files:
        if batch and (len(batch) == MAX_FILES
                or size + len(file['data']) > MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += len(file['data'])
    if batch:
        yield batch


class ImportReportsStart(ModelView):
    __name__ = 'device.report.import.start'

    file = fields.Binary(
        "File", filename='file_name', required=True,
        help="One report, or a zip of reports.")
    file_name = fields.Char("File Name")
    collection = fields.Many2One(
        'stock.shipment.in', "Collection",
        domain=[('state', '=', 'draft')],
        help="The collection that brought the machines without a card: "
        "one is made for each. Leave empty to bind those reports by hand.")


class ImportReportsResult(ModelView):
    __name__ = 'device.report.import.result'

    attached = fields.Integer(
        "Attached", readonly=True,
        help="The reports of devices that have a card.")
    created = fields.Integer(
        "New Devices", readonly=True,
        help="The reports for which a card was made.")
    waiting = fields.Integer(
        "To Bind", readonly=True,
        help="The reports that wait for you to say which device they are of.")
    known = fields.Integer(
        "Already Known", readonly=True,
        help="The files that were imported before.")
