# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""How waste shipments write the register, and are corrected in it."""
from trytond.i18n import gettext
from trytond.model import ModelView, Workflow, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval
from trytond.transaction import without_check_access

from .exceptions import WasteAccessError, WasteError
from .waste_register_check import find_problems
from .waste_register_column import COLUMNS
from .waste_register_value import get_values

# What is declared once the shipment is sent, and changes with a new line only
DECLARED = {
    'company', 'party', 'moves', 'effective_date', 'waste_code',
    'description', 'pop', 'volume', 'weight_estimated', 'slip_number',
    'slip_exemption', 'carriers', 'pickup_site', 'drop_site',
    'eco_organisation', 'broker', 'broker_receipt', 'trader',
    'trader_receipt', 'basel_code', 'gistrid_number', 'movement_number'}
# What the facility tells, typed until the state in which it is declared
RECEIVED = {'received_weight', 'weight_gap_reason'}
TREATED = {'operation', 'operation_mode'}
TOLD = {
    'accepted': RECEIVED,
    'processed': RECEIVED | TREATED,
    'refused': RECEIVED | TREATED,
    }
# What no correction changes: it has happened
HAPPENED = {'company', 'moves', 'effective_date'}
# Who the columns speak of
_OWNERS = {
    'destination': 'party',
    'reportForPickupSite': 'pickup_site',
    'broker': 'broker',
    'trader': 'trader',
    'ecoOrganisme': 'eco_organisation',
    }


class ShipmentWaste(metaclass=PoolMeta):
    __name__ = 'stock.shipment.waste'

    register_lines = fields.One2Many(
        'waste.register', 'shipment', "In the Register", readonly=True,
        order=[('version', 'ASC')])
    register_gaps = fields.Function(
        fields.Text(
            "Missing for the Register",
            states={
                'invisible': ~Bool(Eval('register_gaps')),
                },
            help="What the State would refuse in the register."),
        'get_register_gaps')
    correcting = fields.Boolean(
        "Being Corrected", readonly=True,
        states={
            'invisible': ~Eval('correcting', False),
            })
    correction_note = fields.Char(
        "What Is Corrected",
        states={
            'invisible': ~Eval('correcting', False),
            },
        help="Why the register is corrected.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        written = Eval('state').in_(['sent', 'accepted', 'processed'])
        cls._buttons.update({
                'correct': {
                    'invisible': ~written | Eval('correcting', False),
                    'depends': ['state', 'correcting'],
                    },
                'declare': {
                    'invisible': ~Eval('correcting', False),
                    'depends': ['correcting'],
                    },
                })
        for name in ['accept', 'refuse', 'process']:
            cls._buttons[name]['invisible'] |= Eval('correcting', False)
            cls._buttons[name]['depends'].append('correcting')

    @classmethod
    def default_correcting(cls):
        return False

    @property
    def declared_weight(self):
        """The weight in kg that is declared, and whether it is estimated.

        The facility's scale replaces our estimate.
        """
        if self.weight_estimated and self.received_weight:
            return self.received_weight, False
        return self.weight, bool(self.weight_estimated)

    @without_check_access
    def get_register_gaps(self, name):
        if self.state == 'refused' or not self.waste_code:
            return None
        values = get_values(self)
        values.setdefault('publicId', 'NEW')
        today = self.today
        sentences = [
            self.describe_gap(key, missing, values)
            for key, missing in find_problems(values, today, today.min)
            if key != 'dispatchDate']
        return '\n'.join(dict.fromkeys(sentences)) or None

    def describe_gap(self, key, missing, values):
        "Return the sentence that says what to fill, and where"
        return gettext(
            'proxymikro_recycling.msg_waste_register_'
            + ('missing' if missing else 'invalid'),
            shipment=self.rec_name,
            column=COLUMNS[key].strip(),
            where=self._get_owner(key).rec_name,
            value=values.get(key) or '')

    def _get_owner(self, key):
        "Return the record where the column is filled"
        if key == 'reportForCompanySiret':
            return self.company.party
        if key.startswith('transporter'):
            number = int(key[len('transporter')])
            if 'Company' in key and number <= len(self.carriers):
                return self.carriers[number - 1].party
        for prefix, name in _OWNERS.items():
            if key.startswith(prefix) and not key.endswith('RecepisseNumber'):
                return getattr(self, name) or self
        return self

    @classmethod
    def check_modification(cls, mode, shipments, values=None, external=False):
        super().check_modification(
            mode, shipments, values=values, external=external)
        if mode != 'write' or not external:
            return
        for shipment in shipments:
            shipment.check_declared(values.keys())

    def check_declared(self, names):
        "Check that the fields may be changed by hand"
        locked = (HAPPENED if self.correcting
            else DECLARED | TOLD.get(self.state, set()))
        if self.state not in {'draft', 'sealed'} and names & locked:
            raise WasteAccessError(gettext(
                    'proxymikro_recycling.msg_waste_declared',
                    shipment=self.rec_name,
                    fields=', '.join(sorted(
                            self.__names__(n)['field']
                            for n in names & locked))))

    @classmethod
    @ModelView.button
    @Workflow.transition('sent')
    def send(cls, shipments):
        super().send(shipments)
        Pool().get('waste.register').declare(cls.browse(shipments))

    @classmethod
    @ModelView.button
    @Workflow.transition('accepted')
    def accept(cls, shipments):
        super().accept(shipments)
        Pool().get('waste.register').declare(cls.browse(shipments))

    @classmethod
    @ModelView.button
    @Workflow.transition('processed')
    def process(cls, shipments):
        super().process(shipments)
        Pool().get('waste.register').declare(cls.browse(shipments))

    @classmethod
    @ModelView.button
    @Workflow.transition('refused')
    def refuse(cls, shipments):
        Register = Pool().get('waste.register')
        super().refuse(shipments)
        for shipment in cls.browse(shipments):
            Register.declare(
                [shipment], reason='cancel', note=shipment.refusal_reason)

    @classmethod
    @ModelView.button
    def correct(cls, shipments):
        "Let what was declared be changed"
        cls.write(list(shipments), {'correcting': True})

    @classmethod
    @ModelView.button
    def declare(cls, shipments):
        "Write in the register what was changed, if anything was"
        Register = Pool().get('waste.register')
        for shipment in shipments:
            shipment._check_code()
            cls.check_slip([shipment])
            if not shipment.correction_note:
                raise WasteError(gettext(
                        'proxymikro_recycling.msg_waste_correction_note',
                        shipment=shipment.rec_name))
            Register.declare([shipment], note=shipment.correction_note)
        cls.write(list(shipments), {
                'correcting': False, 'correction_note': None})

    @classmethod
    def copy(cls, shipments, default=None):
        default = default.copy() if default is not None else {}
        for name in ['register_lines', 'correction_note']:
            default.setdefault(name, None)
        default.setdefault('correcting', False)
        return super().copy(shipments, default=default)


class WasteCarrier(metaclass=PoolMeta):
    __name__ = 'stock.shipment.waste.carrier'

    @classmethod
    def check_modification(cls, mode, carriers, values=None, external=False):
        super().check_modification(
            mode, carriers, values=values, external=external)
        if external:
            for carrier in carriers:
                carrier.shipment.check_declared({'carriers'})
