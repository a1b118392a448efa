# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt

from sql.conditionals import Coalesce

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Unique, fields
from trytond.pool import Pool
from trytond.pyson import Bool, Eval
from trytond.transaction import without_check_access

from . import hardware
from .evidence import SealedMixin
from .exceptions import HardwareReportError
from .hardware_value import get_text, normalize
from .report_match import Matcher
from .report_record import Entry, get_columns, get_read_values, record


class Report(SealedMixin, ModelSQL, ModelView):
    __name__ = 'device.report'
    _rec_name = 'file_name'
    _unsealed_fields = frozenset({'lot'})

    lot = fields.Many2One(
        'stock.lot', "Device", ondelete='RESTRICT', readonly=True,
        domain=[('device', '=', True)],
        help="Empty until a person says which device the report speaks of.")
    date = fields.DateTime(
        "Attached At", required=True,
        help="When the report was received.")
    read_at = fields.DateTime(
        "Read At", readonly=True,
        help="When the machine was read, if the report tells.")
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
    manufacturer = fields.Char("Manufacturer", readonly=True)
    model = fields.Char("Model", readonly=True)
    serial_number = fields.Char("Serial Number", readonly=True)
    serial_key = fields.Char("Serial Key", readonly=True)
    uuid_key = fields.Char(
        "Identifier", readonly=True,
        help="The identifier that the machine gives itself.")
    attributes = fields.Dict(
        'stock.lot.attribute', "Specifications", readonly=True)
    components = fields.One2Many(
        'device.component', 'report', "Components", readonly=True,
        help="The components that the report was the first to show.")
    changes = fields.One2Many(
        'device.report.change', 'report', "Changes", readonly=True,
        help="What the report says else than what was known of the device.")
    health = fields.One2Many(
        'device.component.health', 'report', "Health of the Drives",
        readonly=True)

    @classmethod
    def __setup__(cls):
        cls.serial_key.search_unaccented = False
        cls.uuid_key.search_unaccented = False
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('sha256_unique', Unique(t, t.sha256),
                'proxymikro_stock.msg_report_twice'),
            ]
        cls._sql_indexes.update({
                Index(t, (t.serial_key, Index.Equality())),
                Index(t, (t.uuid_key, Index.Equality())),
                })
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        for name in ['date', 'tool', 'employee', 'file', 'file_name',
                'size', 'sha256']:
            getattr(cls, name).readonly = True
        cls._buttons.update({
                'bind_wizard': {
                    'invisible': Bool(Eval('lot')),
                    'depends': ['lot'],
                    },
                })

    @classmethod
    def copy(cls, reports, default=None):
        # The same file can't speak of two devices
        return []

    @classmethod
    def check_modification(
            cls, mode, reports, values=None, external=False):
        super().check_modification(
            mode, reports, values=values, external=external)
        if mode == 'write' and 'lot' in values:
            for report in reports:
                if external or report.lot:
                    cls._raise_sealed('by_hand', report)

    @classmethod
    def read_date_column(cls, table):
        "Return when the machine was read, as far as it is known"
        return Coalesce(table.read_at, table.date)

    @classmethod
    @ModelView.button_action('proxymikro_stock.wizard_report_bind')
    def bind_wizard(cls, reports):
        pass

    @classmethod
    def attach(cls, lot, data, file_name=None, sure=False):
        """Keep the file as evidence and fill what the device lacks.

        When the machine may be another than the device it is refused, unless
        a person is sure.
        Return the report.
        """
        pool = Pool()
        Access = pool.get('ir.model.access')
        Lot = pool.get('stock.lot')
        Bogus = pool.get('device.serial.bogus')
        Access.check(cls.__name__, 'create')
        with without_check_access(), Bogus.using():
            lot, = Lot.browse([lot])
            entry = cls.read_entry(file_name, data)
            cls._check_new(lot, entry.sha256)
            if not sure:
                cls._check_identity(lot, entry.read)
            entry.lot = Lot.follow([lot])[lot]
            report, = record([entry])
        return report

    @classmethod
    @without_check_access
    def bind(cls, report, lot):
        "Say which device the report speaks of, for good"
        pool = Pool()
        Lot = pool.get('stock.lot')
        Bogus = pool.get('device.serial.bogus')
        report, = cls.browse([report])
        if report.lot:
            cls._raise_sealed('by_hand', report)
        with Bogus.using():
            entry = Entry(
                report.file_name, bytes(report.file),
                cls.parse(bytes(report.file)), report=report,
                lot=Lot.follow([lot])[lot])
            record([entry])

    @classmethod
    def read_entry(cls, file_name, data):
        return Entry(cls._get_file_name(file_name), data, cls.parse(data))

    @classmethod
    def parse(cls, data):
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
    def get_values(cls, entry):
        "Return the values of the new report"
        read = entry.read
        return {
            'date': dt.datetime.now().replace(microsecond=0),
            'tool': read.tool, 'employee': cls._get_employee(),
            'read_at': read.read_at,
            'file': entry.data, 'file_name': entry.name,
            'size': len(entry.data), 'sha256': entry.sha256,
            'lot': entry.lot.id if entry.lot else None,
            'serial_key': read.key, 'uuid_key': read.uuid_key,
            **get_columns(get_read_values(read)),
            }

    def get_value(self, name):
        "Return what the report read"
        if name in {'manufacturer', 'model', 'serial_number'}:
            return getattr(self, name)
        return (self.attributes or {}).get(name)

    @classmethod
    def _check_new(cls, lot, sha256):
        reports = cls.search([('sha256', '=', sha256)], limit=1)
        if reports:
            report, = reports
            key = 'known' if report.lot else 'waiting'
            raise HardwareReportError(gettext(
                    f'proxymikro_stock.msg_report_{key}',
                    lot=lot.rec_name, report=report.rec_name,
                    other=report.lot.rec_name if report.lot else ''))

    @classmethod
    def _check_identity(cls, lot, read):
        doubt, _ = cls.get_doubt(lot, read)
        if doubt:
            raise HardwareReportError(doubt)

    @classmethod
    def get_doubt(cls, lot, read):
        """Return why the machine may be another than the device, and which.

        The person who typed the serial number has chosen.
        """
        Lot = Pool().get('stock.lot')
        target = Lot.follow([lot])[lot]
        known = normalize(target.serial_number)
        if read.key and read.key == known:
            return None, []
        match = Matcher([read]).find(read)
        found = {match.lot, *match.candidates} - {None}
        others = sorted(found - {target}, key=lambda l: l.number)
        if others:
            return gettext('proxymikro_stock.msg_report_other',
                lot=lot.rec_name, other=others[0].rec_name), others
        if read.key and known and target not in found:
            return gettext('proxymikro_stock.msg_report_serial',
                lot=lot.rec_name, known=target.serial_number,
                serial=read.serial), []
        return None, []
