# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt
import hashlib
from collections import defaultdict

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.pool import Pool
from trytond.transaction import without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from . import hardware
from .evidence import SealedMixin
from .exceptions import HardwareReportError
from .hardware_value import get_text, normalize

# Components that one reader names otherwise than the next
LOOSE_KINDS = {
    'motherboard', 'processor', 'graphics', 'network', 'battery', 'psu'}


class Report(SealedMixin, ModelSQL, ModelView):
    __name__ = 'device.report'
    _rec_name = 'file_name'

    lot = fields.Many2One(
        'stock.lot', "Device", required=True, ondelete='RESTRICT',
        domain=[('device', '=', True)])
    date = fields.DateTime(
        "Attached At", required=True,
        help="When the report was attached to the device.")
    tool = fields.Char(
        "Tool", required=True,
        help="The program that read the machine, with its version.")
    employee = fields.Many2One(
        'company.employee', "Attached By", ondelete='RESTRICT')
    file = fields.Binary(
        "File", filename='file_name', required=True,
        help="The report as it was received.")
    file_name = fields.Char("File Name", required=True)
    size = fields.Integer(
        "Size", required=True, help="The size of the file in bytes.")
    sha256 = fields.Char(
        "SHA-256", required=True, size=64,
        help="The fingerprint of the file: "
        "it tells whether the file is the one that was received.")
    components = fields.One2Many(
        'device.component', 'report', "Components", readonly=True,
        help="The components that the report was the first to show.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('sha256_unique', Unique(t, t.sha256),
                'proxymikro_stock.msg_report_twice'),
            ]
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        for name in ['lot', 'date', 'tool', 'employee', 'file', 'file_name',
                'size', 'sha256']:
            getattr(cls, name).readonly = True

    @classmethod
    def copy(cls, reports, default=None):
        # The same file can't speak of two devices
        return []

    @classmethod
    def attach(cls, lot, data, file_name=None):
        """Keep the file as evidence and fill what the device lacks.

        Return the report.
        """
        pool = Pool()
        Access = pool.get('ir.model.access')
        Access.check(cls.__name__, 'create')
        with without_check_access():
            lot, = pool.get('stock.lot').browse([lot])
            read = cls._parse(data)
            sha256 = hashlib.sha256(data).hexdigest()
            cls._check_new(lot, sha256)
            cls._check_identity(lot, read)
            report = cls(
                lot=lot, date=dt.datetime.now().replace(microsecond=0),
                tool=read.tool, employee=cls._get_employee(),
                file=data, file_name=cls._get_file_name(file_name),
                size=len(data), sha256=sha256)
            report.save()
            report._add_components(read)
            report._fill_device(read)
        return report

    @classmethod
    def _parse(cls, data):
        try:
            return hardware.parse(data)
        except hardware.UnreadableReport as error:
            raise HardwareReportError(gettext(
                    f'proxymikro_stock.msg_report_{error.code}',
                    **error.values))

    @classmethod
    def _get_file_name(cls, name):
        "Return the name of the file without the folders it was in"
        name = (name or '').replace('\\', '/').rsplit('/', 1)[-1]
        return get_text(name) or 'report.json'

    @classmethod
    def _check_new(cls, lot, sha256):
        reports = cls.search([('sha256', '=', sha256)], limit=1)
        if reports:
            report, = reports
            raise HardwareReportError(gettext(
                    'proxymikro_stock.msg_report_known',
                    lot=lot.rec_name, report=report.rec_name,
                    other=report.lot.rec_name))

    @classmethod
    def _check_identity(cls, lot, read):
        """Check that the machine that was read is the device.

        A person chooses when it may be another: by writing the serial.
        """
        Lot = Pool().get('stock.lot')
        serial, known = normalize(read.serial), normalize(lot.serial_number)
        if not serial or serial == known:
            return
        if known:
            raise HardwareReportError(gettext(
                    'proxymikro_stock.msg_report_serial',
                    lot=lot.rec_name, known=lot.serial_number,
                    serial=read.serial))
        others = Lot.search([
                ('device', '=', True),
                ('id', '!=', lot.id),
                ('serial_number', 'ilike', read.serial.replace(
                        '\\', '\\\\').replace('_', '\\_').replace(
                        '%', '\\%')),
                ], limit=1)
        if others:
            other, = others
            raise HardwareReportError(gettext(
                    'proxymikro_stock.msg_report_other',
                    lot=lot.rec_name, other=other.rec_name,
                    serial=read.serial))

    def _add_components(self, read):
        "Add the components that are not known in the device"
        pool = Pool()
        Component = pool.get('device.component')
        Date = pool.get('ir.date')
        today = Date.today()
        known = Component.search([
                ('lot', '=', self.lot.id),
                ('removed_on', '=', None),
                ('extracted_lot', '=', None),
                ])
        Component.save([
                Component(
                    lot=self.lot, report=self, installed_on=today,
                    kind=c.kind, manufacturer=c.manufacturer, model=c.model,
                    serial=c.serial, capacity=c.capacity, soldered=c.soldered)
                for c in _get_new(read.components, known)])

    def _fill_device(self, read):
        Lot = Pool().get('stock.lot')
        lot = self.lot
        values = {
            name: value for name, value in [
                ('manufacturer', read.manufacturer),
                ('model', read.model),
                ] if value and not getattr(lot, name)}
        if read.serial and not normalize(lot.serial_number):
            values['serial_number'] = read.serial
        attributes = dict(lot.attributes or {})
        for name, value in [
                ('processor', read.processor),
                ('memory', read.capacity('memory')),
                ('storage', read.capacity('drive'))]:
            if value and attributes.get(name) is None:
                attributes[name] = value
        if attributes != dict(lot.attributes or {}):
            values['attributes'] = attributes
        if values:
            Lot.write([lot], values)


def _get_new(found, known):
    """Return the components found that are not among those known.

    By serial first; then, one for one, by model for those without; then by
    kind alone where readers disagree on the name, or on the serial.
    """
    found = _subtract(
        found, known, lambda c: normalize(c.serial) and (
            c.kind, normalize(c.serial)))
    found = _subtract(
        found, known, lambda c: not c.serial and (
            c.kind, c.manufacturer, c.model, c.capacity))
    both = _subtract(
        [c for c in found if not c.serial], known,
        lambda c: c.kind in LOOSE_KINDS and c.kind)
    return [c for c in found if c.serial or c in both]


def _subtract(found, known, get_key):
    "Return what is found more often than known, and drop the known matched"
    by_key = defaultdict(list)
    for component in known:
        if key := get_key(component):
            by_key[key].append(component)
    remaining = []
    for component in found:
        key = get_key(component)
        if key and by_key[key]:
            known.remove(by_key[key].pop())
        else:
            remaining.append(component)
    return remaining


class AttachReport(Wizard):
    __name__ = 'device.report.attach'

    start = StateView('device.report.attach.start',
        'proxymikro_stock.report_attach_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Attach", 'attach', 'tryton-ok', default=True),
            ])
    attach = StateTransition()

    def default_start(self, fields):
        if len(self.records) != 1:
            raise HardwareReportError(
                gettext('proxymikro_stock.msg_report_one_device'))
        return {'lot': self.record.id}

    def transition_attach(self):
        Report = Pool().get('device.report')
        Report.attach(
            self.start.lot, self.start.file, self.start.file_name)
        return 'end'

    def end(self):
        return 'reload'


class AttachReportStart(ModelView):
    __name__ = 'device.report.attach.start'

    lot = fields.Many2One('stock.lot', "Device", readonly=True, required=True)
    file = fields.Binary(
        "File", filename='file_name', required=True,
        help="The output of lshw -json, or a snapshot of eReuse Workbench.")
    file_name = fields.Char("File Name")
