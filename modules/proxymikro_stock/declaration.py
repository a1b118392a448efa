# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Workflow, fields
from trytond.modules.proxymikro_base.seal import SealMixin
from trytond.pool import Pool
from trytond.pyson import Eval

from .evidence import DeviceSealedMixin
from .exceptions import DeclarationError


class Declaration(
        SealMixin, DeviceSealedMixin, Workflow, ModelSQL, ModelView):
    __name__ = 'device.declaration'
    _sealed_state = 'signed'
    _sealed_fields = ['lot', 'date', 'reason', 'signed_by', 'notes', 'state']

    lot = fields.Many2One(
        'stock.lot', "Device", required=True, ondelete='RESTRICT',
        domain=[('device', '=', True)],
        help="The device that has no drive.")
    date = fields.Date("Date", required=True)
    reason = fields.Selection([
            ('removed_by_donor', "Removed by the donor"),
            ('none_found', "None found"),
            ], "Reason", required=True, sort=False,
        help="Why there is no drive in the device.")
    signed_by = fields.Many2One(
        'company.employee', "Signed By", ondelete='RESTRICT',
        help="The person who opened the device and says so.")
    notes = fields.Text("Notes")
    state = fields.Selection([
            ('draft', "Draft"),
            ('signed', "Signed"),
            ], "State", required=True, readonly=True, sort=False)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        for name in ['lot', 'date', 'reason', 'signed_by', 'notes']:
            getattr(cls, name).states['readonly'] = (
                Eval('state') == 'signed')
        cls.signed_by.states['required'] = Eval('state') == 'signed'
        cls._transitions |= {('draft', 'signed')}
        cls._buttons.update({
                'sign': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                })

    @classmethod
    def seal_domain(cls):
        return [('state', '=', 'signed')]

    @classmethod
    def default_signed_by(cls):
        return cls._get_employee()

    @classmethod
    @ModelView.button
    @Workflow.transition('signed')
    def sign(cls, declarations):
        "Seal the declarations, unless a drive is known to be there"
        pool = Pool()
        Component = pool.get('device.component')
        today = pool.get('ir.date').today()
        for declaration in declarations:
            if missing := cls._get_missing(declaration, ['signed_by']):
                raise DeclarationError(gettext(
                        'proxymikro_stock.msg_declaration_incomplete',
                        lot=declaration.lot.rec_name, fields=missing))
            if declaration.date > today:
                raise DeclarationError(gettext(
                        'proxymikro_stock.msg_declaration_future',
                        lot=declaration.lot.rec_name))
        drives = Component.search_open_drives({d.lot for d in declarations})
        for drive in drives:
            raise DeclarationError(gettext(
                    'proxymikro_stock.msg_declaration_drive',
                    lot=drive.lot.rec_name, drive=drive.rec_name))
