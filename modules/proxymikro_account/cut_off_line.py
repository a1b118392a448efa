# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields, sequence_ordered
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If

from .exceptions import CutOffModifyError


class CutOffLine(sequence_ordered(), ModelSQL, ModelView):
    __name__ = 'account.cut.off.line'

    _draft = {
        'readonly': Eval('cut_off_state') != 'draft',
        }

    cut_off = fields.Many2One(
        'account.cut.off', "Cut-Off", required=True, ondelete='CASCADE',
        states={
            'readonly': (
                (Eval('cut_off_state') != 'draft') & Bool(Eval('cut_off'))),
            })
    description = fields.Char("Description", states=_draft)
    origin = fields.Reference(
        "Origin", selection='get_origin', readonly=True,
        help="The invoice line it comes from.")
    start_date = fields.Date(
        "From", states=_draft,
        help="The first day of what was paid for. Empty: enter the amount.")
    end_date = fields.Date(
        "To",
        states={
            **_draft,
            'required': Bool(Eval('start_date')),
            },
        domain=[
            If(Eval('start_date') & Eval('end_date'),
                ('end_date', '>=', Eval('start_date')),
                ()),
            ],
        help="The last day of what was paid for.")
    total = Monetary(
        "Invoiced Amount", currency='currency', digits='currency',
        states=_draft,
        help="The amount for the whole of these days.")
    amount = Monetary(
        "Amount", currency='currency', digits='currency', required=True,
        states=_draft,
        help="From the dates: the share of the days after the end of the "
        "fiscal year.")
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    cut_off_state = fields.Function(
        fields.Selection('get_cut_off_states', "State of the Cut-Off"),
        'on_change_with_cut_off_state')
    del _draft

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('cut_off')

    @classmethod
    def get_origin(cls):
        Model = Pool().get('ir.model')
        name = 'account.invoice.line'
        return [(None, ''), (name, Model.get_name(name))]

    @classmethod
    def get_cut_off_states(cls):
        CutOff = Pool().get('account.cut.off')
        return CutOff.fields_get(['state'])['state']['selection']

    @classmethod
    def default_cut_off_state(cls):
        return 'draft'

    @fields.depends('cut_off', '_parent_cut_off.state')
    def on_change_with_cut_off_state(self, name=None):
        return self.cut_off.state if self.cut_off else 'draft'

    @fields.depends('cut_off', '_parent_cut_off.company')
    def on_change_with_currency(self, name=None):
        if self.cut_off and self.cut_off.company:
            return self.cut_off.company.currency

    @fields.depends(
        'start_date', 'end_date', 'total', 'amount', 'cut_off',
        '_parent_cut_off.fiscalyear', '_parent_cut_off.company')
    def on_change_with_amount(self):
        if not (self.start_date and self.end_date and self.total
                and self.cut_off and self.cut_off.fiscalyear
                and self.cut_off.company
                and self.start_date <= self.end_date):
            return self.amount
        return self.get_amount_after(
            self.total, self.start_date, self.end_date,
            self.cut_off.fiscalyear.end_date, self.cut_off.company.currency)

    @staticmethod
    def get_amount_after(total, start_date, end_date, date, currency):
        "Return the share of the total for the days which are after the date"
        days = (end_date - start_date).days + 1
        after = min(max((end_date - date).days, 0), days)
        return currency.round(total * Decimal(after) / days)

    @classmethod
    def check_modification(cls, mode, lines, values=None, external=False):
        super().check_modification(
            mode, lines, values=values, external=external)
        for line in lines:
            if external and line.cut_off.state != 'draft':
                raise CutOffModifyError(gettext(
                        'proxymikro_account.msg_cut_off_modify',
                        cut_off=line.cut_off.rec_name))
