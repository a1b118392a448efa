# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the association receives as waste: a drop-off that nobody sorted.

What is given to be reused is no waste; what is left without a choice may be
(note of the ministry of 25 April 2017).
"""
from trytond.i18n import gettext
from trytond.model import ModelView, Workflow, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval

from .exceptions import WasteAccessError, WasteError
from .waste_slip import SlipNumberMixin
from .waste_treatment import TreatmentMixin

CORRECTING = Eval('waste_correcting', False)
_closed = Eval('state').in_(['done', 'cancelled'])
_states = {
    'readonly': _closed & ~CORRECTING,
    'invisible': ~Eval('waste', False),
    }
# What is declared once the collection is done, and changes by another line
DECLARED = {
    'waste', 'waste_code', 'waste_pop', 'waste_carrier', 'waste_receipt',
    'slip_number', 'operation', 'operation_mode'}
# What no correction changes when it is waste: it has happened
HAPPENED = {'supplier', 'effective_date', 'company'}


class ShipmentIn(SlipNumberMixin, TreatmentMixin, metaclass=PoolMeta):
    __name__ = 'stock.shipment.in'

    waste = fields.Boolean(
        "Received as Waste", states={'readonly': _closed & ~CORRECTING},
        help="Check if it was dropped off without being sorted, "
        "so that it goes in the register of incoming waste.")
    waste_code = fields.Many2One(
        'waste.code', "Waste Code", ondelete='RESTRICT',
        states={
            **_states,
            'required': Eval('waste', False),
            },
        help="What the waste is in the European list.")
    waste_pop = fields.Boolean(
        "Persistent Organic Pollutants", states=_states,
        help="Check if the waste holds persistent organic pollutants: "
        "it is hazardous then, whatever its code.")
    waste_carrier = fields.Many2One(
        'party.party', "Carrier", ondelete='RESTRICT', states=_states,
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="Who carried the waste: the association if it fetched it. "
        "Leave empty if the producer brought it.")
    waste_receipt = fields.Char(
        "Receipt Number", size=50, states=_states,
        help="The number of the receipt of the declaration "
        "of transport of waste.")
    waste_lines = fields.One2Many(
        'waste.register.incoming', 'collection', "In the Register",
        readonly=True, order=[('version', 'ASC')],
        states={
            'invisible': ~Eval('waste', False) & ~Eval('waste_lines'),
            })
    waste_correcting = fields.Boolean(
        "Being Corrected", readonly=True,
        states={
            'invisible': ~CORRECTING,
            })
    waste_correction_note = fields.Char(
        "What Is Corrected",
        states={
            'invisible': ~CORRECTING,
            },
        help="Why the register is corrected.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        for field in [cls.slip_number, cls.operation, cls.operation_mode]:
            field.states = dict(_states)
        # Two different helps: here it is the association that treats
        cls.slip_number.help = "The number of the tracking slip (BSD), if any."
        cls.operation.help = (
            "The recovery or disposal operation of the association.")
        cls._buttons.update({
                'correct_waste': {
                    'invisible': (Eval('state') != 'done') | CORRECTING,
                    'depends': ['state', 'waste_correcting'],
                    },
                'declare_waste': {
                    'invisible': ~CORRECTING,
                    'depends': ['waste_correcting'],
                    },
                })

    @classmethod
    def default_waste(cls):
        return False

    @classmethod
    def default_waste_pop(cls):
        return False

    @classmethod
    def default_waste_correcting(cls):
        return False

    @fields.depends('waste_carrier')
    def on_change_waste_carrier(self):
        Receipt = Pool().get('party.waste.receipt')
        receipt = (
            Receipt.get_latest(self.waste_carrier, 'carrier')
            if self.waste_carrier else None)
        self.waste_receipt = receipt.number if receipt else None

    @classmethod
    def check_modification(
            cls, mode, collections, values=None, external=False):
        super().check_modification(
            mode, collections, values=values, external=external)
        if mode == 'write' and external:
            for collection in collections:
                if collection.state == 'done':
                    collection._check_waste_declared(values.keys())

    def _check_waste_declared(self, names):
        locked = set() if self.waste_correcting else set(DECLARED)
        if self.waste:
            locked |= HAPPENED
            if not self.waste_correcting:
                locked.add('weighed')
        if names & locked:
            raise WasteAccessError(gettext(
                    'proxymikro_recycling.msg_waste_incoming_declared',
                    collection=self.rec_name,
                    fields=', '.join(sorted(
                            self.__names__(n)['field']
                            for n in names & locked))))

    @classmethod
    @ModelView.button
    @Workflow.transition('done')
    def do(cls, collections):
        super().do(collections)
        Register = Pool().get('waste.register.incoming')
        Register.declare(cls.browse([c for c in collections if c.waste]))

    @classmethod
    @ModelView.button
    def correct_waste(cls, collections):
        "Let what was declared be changed"
        cls.write(list(collections), {'waste_correcting': True})

    @classmethod
    @ModelView.button
    def declare_waste(cls, collections):
        """Write in the register what was changed, if anything was.

        What is no waste after all is cancelled in it.
        """
        Register = Pool().get('waste.register.incoming')
        for collection in collections:
            if not collection.waste_correction_note:
                raise WasteError(gettext(
                        'proxymikro_recycling.msg_waste_correction_note',
                        shipment=collection.rec_name))
            if collection.waste or collection.waste_lines:
                Register.declare(
                    [collection], note=collection.waste_correction_note,
                    reason='modify' if collection.waste else 'cancel')
        cls.write(list(collections), {
                'waste_correcting': False, 'waste_correction_note': None})

    @classmethod
    def copy(cls, collections, default=None):
        default = default.copy() if default is not None else {}
        for name in ['waste_lines', 'waste_correction_note', 'slip_number']:
            default.setdefault(name, None)
        default.setdefault('waste_correcting', False)
        return super().copy(collections, default=default)
