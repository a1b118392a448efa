# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt
import re

from trytond.i18n import gettext
from trytond.model import (
    Index, ModelSQL, ModelView, Unique, Workflow, fields)
from trytond.modules.proxymikro_base.seal import SealMixin
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import Transaction
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .component import TECHNOLOGIES
from .evidence import SealedMixin
from .exceptions import (
    ErasureError, ErasureOverwriteWarning, ErasureValidatorError)

METHODS = [
    (None, ""),
    ('clear', "Clear"),
    ('purge', "Purge"),
    ('destroy', "Destroy"),
    ]
RESULTS = [
    (None, ""),
    ('success', "Success"),
    ('partial', "Partial"),
    ('failed', "Failed"),
    ]
# What an erasure says of itself, once for all the drives of a batch
ACT_FIELDS = [
    'method', 'technique', 'tool', 'tool_version', 'standard', 'start', 'end',
    'result', 'verification', 'operator']
REQUIRED_FIELDS = [
    'method', 'technique', 'tool', 'start', 'end', 'result', 'operator']
# What the drive and its device were called on the day of the signature
IDENTITY_FIELDS = [
    'drive_serial', 'drive_model', 'drive_technology', 'drive_capacity',
    'device_number', 'device_serial', 'device_model', 'place']
# Drives that keep data where an overwriting doesn't reach
FLASH = {'ssd', 'nvme', 'chip'}
_FLASH_NAME = re.compile(r'\b(ssd|nvme|emmc|m\.2)\b', re.IGNORECASE)
_OVERWRITING_TOOL = re.compile(
    r'\b(nwipe|shredos|dban|shred|badblocks|dd|scrub)\b', re.IGNORECASE)


class ActMixin:
    "What was done to a drive, by whom, how and when"
    __slots__ = ()

    method = fields.Selection(
        METHODS, "Method", sort=False,
        help="The class of the method: clear resists simple recovery, "
        "purge resists a laboratory, destroy leaves no drive.")
    method_string = method.translated('method')
    technique = fields.Char(
        "Technique",
        help="How the data were erased: one pass of zeros, "
        "secure erase, shredding…")
    tool = fields.Char(
        "Tool", help="The program or the machine that was used.")
    tool_version = fields.Char("Tool Version")
    standard = fields.Char(
        "Standard", help="The standard that was followed, with its revision.")
    start = fields.DateTime("Start")
    end = fields.DateTime("End")
    result = fields.Selection(
        RESULTS, "Result", sort=False,
        help="Only a success counts as erased: "
        "what failed, even in part, goes to destruction.")
    result_string = result.translated('result')
    verification = fields.Float(
        "Verified", digits=(None, 2),
        domain=['OR',
            ('verification', '=', None),
            [('verification', '>=', 0), ('verification', '<=', 100)],
            ],
        help="How much of the drive was read again to check it, in percent.")
    operator = fields.Many2One(
        'company.employee', "Operator", ondelete='RESTRICT',
        help="The person who erased the drive and signs.")

    @classmethod
    def default_standard(cls):
        return "NIST SP 800-88 Rev. 2"

    @classmethod
    def default_operator(cls):
        return Pool().get('device.erasure')._get_employee()


class Erasure(
        SealMixin, SealedMixin, ActMixin, Workflow, ModelSQL, ModelView):
    __name__ = 'device.erasure'
    _sealed_state = 'signed'
    _unsealed_fields = frozenset({
            'state', 'number', 'validator', 'validated_at'})
    _sealed_fields = [
        'component', *IDENTITY_FIELDS, *ACT_FIELDS, 'bad_sectors',
        'wipe_log', 'wipe_log.file', 'state', 'number', 'signer',
        'validator', 'validated_at']

    number = fields.Char(
        "Certificate Number", readonly=True,
        help="Given by the second signature.")
    component = fields.Many2One(
        'device.component', "Drive", required=True, ondelete='RESTRICT',
        domain=[('kind', '=', 'drive')],
        help="The drive that was erased.")
    lot = fields.Function(
        fields.Many2One('stock.lot', "Device",
            help="The device that the drive was found in."),
        'on_change_with_lot', searcher='search_lot')
    bad_sectors = fields.Integer(
        "Bad Sectors",
        domain=['OR',
            ('bad_sectors', '=', None),
            ('bad_sectors', '>=', 0),
            ],
        help="The errors that the tool met, or the sectors it couldn't erase.")
    drive_serial = fields.Char("Serial Number of the Drive", readonly=True)
    drive_model = fields.Char("Model of the Drive", readonly=True)
    drive_technology = fields.Selection(
        TECHNOLOGIES, "Technology of the Drive", sort=False, readonly=True)
    drive_technology_string = drive_technology.translated('drive_technology')
    drive_capacity = fields.Float(
        "Capacity of the Drive", digits=(None, 2), readonly=True)
    device_number = fields.Char("Tag of the Device", readonly=True)
    device_serial = fields.Char("Serial Number of the Device", readonly=True)
    device_model = fields.Char("Model of the Device", readonly=True)
    place = fields.Many2One(
        'stock.location', "Place", readonly=True, ondelete='RESTRICT',
        help="Where the device was when the erasure was signed.")
    wipe_log = fields.Many2One(
        'device.erasure.log', "Log", readonly=True, ondelete='RESTRICT',
        help="The file of the tool that the erasure was read from.")
    signer = fields.Many2One(
        'res.user', "Signed By", readonly=True, ondelete='RESTRICT',
        help="The user who recorded and signed the erasure.")
    validator = fields.Many2One(
        'company.employee', "Validator", readonly=True, ondelete='RESTRICT',
        help="The person who checked the erasure and signs second: "
        "someone other than the operator and than who signed first.")
    validated_at = fields.DateTime("Validated At", readonly=True)
    state = fields.Selection([
            ('draft', "Draft"),
            ('signed', "Signed"),
            ('validated', "Validated"),
            ], "State", required=True, readonly=True, sort=False)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('number_unique', Unique(t, t.number),
                'proxymikro_stock.msg_erasure_number_unique'),
            ('log_unique', Unique(t, t.wipe_log, t.component),
                'proxymikro_stock.msg_erasure_log_unique'),
            ]
        cls._sql_indexes.add(
            Index(t, (t.state, Index.Equality(cardinality='low')),
                where=t.state.in_(['draft', 'signed'])))
        cls._order = [('end', 'DESC'), ('id', 'DESC')]
        for name in ['component', 'bad_sectors', *ACT_FIELDS]:
            getattr(cls, name).states['readonly'] = Eval('state') != 'draft'
        for name in REQUIRED_FIELDS:
            getattr(cls, name).states['required'] = Eval('state') != 'draft'
        cls._transitions |= {('draft', 'signed'), ('signed', 'validated')}
        cls._buttons.update({
                'sign': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'countersign': {
                    'invisible': (
                        (Eval('state') != 'signed')
                        | (Eval('result') != 'success')),
                    'depends': ['state', 'result'],
                    },
                })

    @classmethod
    def default_state(cls):
        return 'draft'

    @property
    def is_sealed(self):
        return self.state != 'draft'

    @classmethod
    def seal_domain(cls):
        return ['OR',
            ('state', '=', 'validated'),
            [('state', '=', 'signed'), ('result', '!=', 'success')],
            ]

    @fields.depends('component', '_parent_component.lot')
    def on_change_with_lot(self, name=None):
        return self.component.lot if self.component else None

    @classmethod
    def search_lot(cls, name, clause):
        return [('component.' + clause[0], *clause[1:])]

    def get_rec_name(self, name):
        return self.component.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('component.rec_name', *clause[1:])]

    @classmethod
    def check_modification(cls, mode, erasures, values=None, external=False):
        super().check_modification(
            mode, erasures, values=values, external=external)
        if mode == 'write' and external and values.keys() & {
                'number', 'signer', 'validator', 'validated_at', 'wipe_log',
                *IDENTITY_FIELDS}:
            cls._raise_sealed('by_hand', erasures[0])
        if mode == 'write' and values.get('state') == 'draft':
            cls._check_unsealed(erasures, 'modify')

    @classmethod
    @ModelView.button
    @Workflow.transition('signed')
    def sign(cls, erasures):
        "Seal the erasures: from now on they are proofs"
        now = dt.datetime.now()
        for erasure in erasures:
            erasure._check_complete()
            erasure._check_dates(now)
        cls._warn_overwrite(erasures)
        for erasure in erasures:
            erasure._set_identity()
            erasure.signer = Transaction().user
        cls.save(erasures)

    def _check_complete(self):
        if missing := self._get_missing(self, REQUIRED_FIELDS):
            raise ErasureError(gettext(
                    'proxymikro_stock.msg_erasure_incomplete',
                    drive=self.component.rec_name, fields=missing))

    def _check_dates(self, now):
        if self.end < self.start:
            raise ErasureError(gettext(
                    'proxymikro_stock.msg_erasure_reversed',
                    drive=self.component.rec_name))
        if self.end > now:
            raise ErasureError(gettext(
                    'proxymikro_stock.msg_erasure_future',
                    drive=self.component.rec_name))

    @classmethod
    def _warn_overwrite(cls, erasures):
        "Warn of the drives that an overwriting doesn't erase whole"
        Warning_ = Pool().get('res.user.warning')
        weak = [e for e in erasures if e.is_overwritten_flash]
        if weak:
            key = Warning_.format('erasure_overwrite', weak)
            if Warning_.check(key):
                raise ErasureOverwriteWarning(key, gettext(
                        'proxymikro_stock.msg_erasure_overwrite',
                        drives=', '.join(
                            e.component.rec_name for e in weak[:5])))

    @property
    def is_overwritten_flash(self):
        drive = self.component
        flash = (drive.technology in FLASH
            or not drive.technology and _FLASH_NAME.search(drive.model or ''))
        return bool(flash and self.method != 'destroy' and (
                self.method == 'clear'
                or _OVERWRITING_TOOL.search(self.tool or '')))

    def _set_identity(self):
        "Keep the names of the drive and of its device as they are today"
        drive, device = self.component, self.component.lot
        self.drive_serial = drive.serial
        self.drive_model = ' '.join(
            filter(None, [drive.manufacturer, drive.model])) or None
        self.drive_technology = drive.technology
        self.drive_capacity = drive.capacity
        self.device_number = device.number
        self.device_serial = device.serial_number
        self.device_model = ' '.join(
            filter(None, [device.manufacturer, device.model])) or None
        self.place = device.location

    @classmethod
    @ModelView.button
    @Workflow.transition('validated')
    def countersign(cls, erasures):
        "Sign second: a success counts from now on"
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        Sequence = pool.get('ir.sequence')
        validator = cls._get_employee()
        for erasure in erasures:
            erasure._check_success()
            erasure._check_validator(validator)
        sequence = Sequence(
            ModelData.get_id('proxymikro_stock', 'sequence_erasure'))
        now = dt.datetime.now().replace(microsecond=0)
        to_write = []
        for erasure, number in zip(
                erasures, sequence.get_many(len(erasures))):
            to_write += [[erasure], {
                    'number': number, 'validator': validator,
                    'validated_at': now}]
        if to_write:
            cls.write(*to_write)

    def _check_success(self):
        if self.result != 'success':
            raise ErasureError(gettext(
                    'proxymikro_stock.msg_erasure_no_success',
                    drive=self.component.rec_name))

    def _check_validator(self, validator):
        if not validator:
            raise ErasureValidatorError(gettext(
                    'proxymikro_stock.msg_erasure_no_validator',
                    drive=self.component.rec_name))
        if self.operator.id == validator:
            raise ErasureValidatorError(gettext(
                    'proxymikro_stock.msg_erasure_same_person',
                    drive=self.component.rec_name,
                    operator=self.operator.rec_name))
        # Whoever the operator is said to be
        if self.signer and (self.signer.id == Transaction().user
                or validator in {e.id for e in self.signer.employees}):
            raise ErasureValidatorError(gettext(
                    'proxymikro_stock.msg_erasure_same_signer',
                    drive=self.component.rec_name,
                    user=self.signer.rec_name))

    @classmethod
    def copy(cls, erasures, default=None):
        default = default.copy() if default is not None else {}
        for name in ['start', 'end', 'result', 'verification', 'bad_sectors',
                'wipe_log', 'number', 'signer', 'validator', 'validated_at',
                *IDENTITY_FIELDS]:
            default.setdefault(name, None)
        return super().copy(erasures, default=default)


class RecordErasure(Wizard):
    __name__ = 'device.erasure.record'

    start = StateView('device.erasure.record.start',
        'proxymikro_stock.erasure_record_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Sign", 'sign', 'tryton-ok', default=True),
            ])
    sign = StateTransition()

    def default_start(self, fields):
        Component = Pool().get('device.component')
        drives = [
            d for d in Component.search_open_drives(self.records)
            if not d.awaited]
        if not drives:
            raise ErasureError(gettext(
                    'proxymikro_stock.msg_erasure_no_drive',
                    lots=', '.join(r.rec_name for r in self.records[:5])))
        return {'drives': [d.id for d in drives]}

    def transition_sign(self):
        Erasure = Pool().get('device.erasure')
        act = {n: getattr(self.start, n) for n in ACT_FIELDS}
        erasures = [
            Erasure(component=drive, **act) for drive in self.start.drives]
        Erasure.save(erasures)
        Erasure.sign(erasures)
        return 'end'

    def end(self):
        return 'reload'


class RecordErasureStart(ActMixin, ModelView):
    __name__ = 'device.erasure.record.start'

    drives = fields.Many2Many(
        'device.component', None, None, "Drives", required=True,
        domain=[('kind', '=', 'drive')],
        help="The drives that were erased together: "
        "each gets a signed record of its own.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        for name in REQUIRED_FIELDS:
            getattr(cls, name).required = True
