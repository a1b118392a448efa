# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The logs of the tools that erase drives, and the erasures they tell of."""
import datetime as dt
import hashlib
from collections import defaultdict
from zoneinfo import ZoneInfo

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.pool import Pool
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from . import wipe
from .evidence import SealedMixin
from .exceptions import ErasureLogError
from .hardware_value import get_text, normalize


class ErasureLog(SealedMixin, ModelSQL, ModelView):
    __name__ = 'device.erasure.log'
    _rec_name = 'file_name'

    date = fields.DateTime("Imported At", required=True, readonly=True)
    tool = fields.Char(
        "Tool", required=True, readonly=True,
        help="The program that wrote the file, with its version.")
    employee = fields.Many2One(
        'company.employee', "Imported By", readonly=True, ondelete='RESTRICT')
    file = fields.Binary(
        "File", filename='file_name', required=True, readonly=True,
        help="The log as it was received.")
    file_name = fields.Char("File Name", required=True, readonly=True)
    sha256 = fields.Char(
        "SHA-256", required=True, readonly=True, size=64,
        help="The fingerprint of the file: "
        "it tells whether the file is the one that was received.")
    erasures = fields.One2Many(
        'device.erasure', 'wipe_log', "Erasures", readonly=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('sha256_unique', Unique(t, t.sha256),
                'proxymikro_stock.msg_erasure_log_unique'),
            ]
        cls._order = [('date', 'DESC'), ('id', 'DESC')]

    @classmethod
    def copy(cls, logs, default=None):
        # The same file is the same log
        return []

    @classmethod
    def attach(cls, data, file_name=None, operator=None):
        """Keep the log and sign an erasure for each drive that it names.

        The same file again only adds the drives that were not known before.
        Return a sentence for each drive of the file.
        """
        pool = Pool()
        pool.get('ir.model.access').check(cls.__name__, 'create')
        Erasure = pool.get('device.erasure')
        with without_check_access():
            wipes = cls._parse(data)
            found, lines = cls._match(wipes)
            if not found:
                raise ErasureLogError('\n'.join([
                            gettext('proxymikro_stock.msg_erasure_log_drives'),
                            *lines]))
            log = cls._get_log(data, file_name, wipes)
            known = {e.component for e in log.erasures}
            erasures = [
                log._get_erasure(drive, done, operator)
                for drive, done in found if drive not in known]
            Erasure.save(erasures)
            Erasure.sign(erasures)
            lines += [
                cls._get_line('known', drive)
                for drive, _ in found if drive in known]
            lines += [
                cls._get_line(
                    'signed', e.component,
                    result=Erasure(e.id).result_string)
                for e in erasures]
            if any(e.result == 'success' for e in erasures):
                lines.append(gettext(
                        'proxymikro_stock.msg_erasure_log_countersign'))
        return lines

    @classmethod
    def _get_line(cls, key, drive, **values):
        return gettext(
            f'proxymikro_stock.msg_erasure_log_{key}',
            drive=drive.rec_name, lot=drive.lot.rec_name, **values)

    @classmethod
    def _parse(cls, data):
        try:
            return wipe.parse(data)
        except wipe.UnreadableLog as error:
            raise ErasureLogError(gettext(
                    f'proxymikro_stock.msg_erasure_log_{error.code}',
                    **error.values))

    @classmethod
    def _match(cls, wipes):
        """Return the drives with what was done to them, and what has none.

        By serial number; a drive told of twice has what was done last.
        """
        drives = cls._get_drives(wipes)
        found, lines = {}, []
        for done in wipes:
            serial = normalize(done.serial)
            if not serial:
                lines.append(gettext(
                        'proxymikro_stock.msg_erasure_log_no_serial',
                        model=done.model or '?'))
            elif len(drives[serial]) != 1:
                key = 'several' if drives[serial] else 'unknown_serial'
                lines.append(gettext(
                        f'proxymikro_stock.msg_erasure_log_{key}',
                        serial=done.serial))
            else:
                drive, = drives[serial]
                found[drive] = done
        return list(found.items()), lines

    @classmethod
    def _get_drives(cls, wipes):
        "Return the drives by serial: those still there, else those taken out"
        Component = Pool().get('device.component')
        serials = {w.serial for w in wipes if normalize(w.serial)}
        drives = defaultdict(list)
        if serials:
            for drive in Component.search([
                        ('kind', '=', 'drive'),
                        ['OR'] + [
                            ('serial', 'ilike', _escape(s)) for s in serials],
                        ]):
                drives[normalize(drive.serial)].append(drive)
        for serial, same in drives.items():
            present = [d for d in same if not d.removed_on]
            drives[serial] = present or same
        return drives

    @classmethod
    def _get_log(cls, data, file_name, wipes):
        sha256 = hashlib.sha256(data).hexdigest()
        logs = cls.search([('sha256', '=', sha256)], limit=1)
        if logs:
            log, = logs
            return log
        name = (file_name or '').replace('\\', '/').rsplit('/', 1)[-1]
        log = cls(
            date=dt.datetime.now().replace(microsecond=0),
            tool=' '.join(
                filter(None, [wipes[0].tool, wipes[0].tool_version])),
            employee=cls._get_employee(), file=data,
            file_name=get_text(name) or 'nwipe.log', sha256=sha256)
        log.save()
        return log

    def _get_erasure(self, drive, done, operator):
        Erasure = Pool().get('device.erasure')
        return Erasure(
            component=drive, wipe_log=self, method=done.method,
            technique=done.technique, tool=done.tool,
            tool_version=done.tool_version, result=done.result,
            start=self._get_utc(done, done.start),
            end=self._get_utc(done, done.end),
            verification=done.verification, bad_sectors=done.bad_sectors,
            operator=operator)

    @classmethod
    def _get_utc(cls, done, time):
        """Return the time as the database keeps it.

        What a machine writes without a zone is the time of the association.
        """
        Company = Pool().get('company.company')
        company = Transaction().context.get('company')
        if not time or not done.local or company is None or company < 0:
            return time
        zone = ZoneInfo(Company(company).timezone or 'UTC')
        return time.replace(tzinfo=zone).astimezone(
            dt.timezone.utc).replace(tzinfo=None)


def _escape(text):
    for character in '\\_%':
        text = text.replace(character, '\\' + character)
    return text


class ImportErasure(Wizard):
    __name__ = 'device.erasure.import'

    start = StateView('device.erasure.import.start',
        'proxymikro_stock.erasure_import_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Sign", 'attach', 'tryton-ok', default=True),
            ])
    attach = StateTransition()
    result = StateView('device.erasure.import.result',
        'proxymikro_stock.erasure_import_result_view_form', [
            Button("Another File", 'start', 'tryton-attach'),
            Button("Close", 'end', 'tryton-close', default=True),
            ])

    def transition_attach(self):
        Log = Pool().get('device.erasure.log')
        lines = Log.attach(
            self.start.file, self.start.file_name, self.start.operator)
        self.result.text = '\n'.join(lines)
        return 'result'

    def default_result(self, fields):
        return {'text': self.result.text}


class ImportErasureStart(ModelView):
    __name__ = 'device.erasure.import.start'

    file = fields.Binary(
        "File", filename='file_name', required=True,
        help="The log of nwipe or ShredOS, "
        "or a snapshot of eReuse Workbench that tells of an erasure.")
    file_name = fields.Char("File Name")
    operator = fields.Many2One(
        'company.employee', "Operator", required=True,
        help="The person who erased the drives and signs.")

    @classmethod
    def default_operator(cls):
        return Pool().get('device.erasure')._get_employee()


class ImportErasureResult(ModelView):
    __name__ = 'device.erasure.import.result'

    text = fields.Text("Result", readonly=True)
