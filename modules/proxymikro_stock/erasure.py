# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Workflow, fields
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .evidence import SealedMixin
from .exceptions import ErasureError

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
    'result', 'operator']
REQUIRED_FIELDS = [
    'method', 'technique', 'tool', 'start', 'end', 'result', 'operator']


class ActMixin:
    "What was done to a drive, by whom, how and when"
    __slots__ = ()

    method = fields.Selection(
        METHODS, "Method", sort=False,
        help="The class of the method: clear resists simple recovery, "
        "purge resists a laboratory, destroy leaves no drive.")
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
        help="Only a success counts as erased.")
    operator = fields.Many2One(
        'company.employee', "Operator", ondelete='RESTRICT',
        help="The person who erased the drive and signs.")

    @classmethod
    def default_standard(cls):
        return "NIST SP 800-88 Rev. 2"

    @classmethod
    def default_operator(cls):
        return Pool().get('device.erasure')._get_employee()


class Erasure(SealedMixin, ActMixin, Workflow, ModelSQL, ModelView):
    __name__ = 'device.erasure'
    _sealed_state = 'signed'

    component = fields.Many2One(
        'device.component', "Drive", required=True, ondelete='RESTRICT',
        domain=[('kind', '=', 'drive')],
        help="The drive that was erased.")
    lot = fields.Function(
        fields.Many2One('stock.lot', "Device",
            help="The device that the drive was found in."),
        'on_change_with_lot', searcher='search_lot')
    state = fields.Selection([
            ('draft', "Draft"),
            ('signed', "Signed"),
            ], "State", required=True, readonly=True, sort=False)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('end', 'DESC'), ('id', 'DESC')]
        for name in ['component', *ACT_FIELDS]:
            getattr(cls, name).states['readonly'] = (
                Eval('state') == 'signed')
        for name in REQUIRED_FIELDS:
            getattr(cls, name).states['required'] = (
                Eval('state') == 'signed')
        cls._transitions |= {('draft', 'signed')}
        cls._buttons.update({
                'sign': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                })

    @classmethod
    def default_state(cls):
        return 'draft'

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
    @ModelView.button
    @Workflow.transition('signed')
    def sign(cls, erasures):
        "Seal the erasures: from now on they are proofs"
        now = dt.datetime.now()
        for erasure in erasures:
            erasure._check_complete()
            erasure._check_dates(now)

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
    def copy(cls, erasures, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('state', cls.default_state())
        for name in ['start', 'end', 'result']:
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
        drives = Component.search_open_drives(self.records)
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
