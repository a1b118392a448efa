# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the facility does with the waste, in the words of the law."""
from trytond.i18n import gettext
from trytond.model import fields
from trytond.pool import PoolMeta
from trytond.pyson import Eval

from .exceptions import WasteError, WasteModeError
from .waste import CORRECTING

# The annexes I and II of directive 2008/98/EC; R0 is only of the State's
# importer
OPERATIONS = [
    (None, ""),
    ('R0', "R0 Preparation for Reuse"),
    ('R1', "R1 Energy Recovery"),
    ('R2', "R2 Solvent Reclamation"),
    ('R3', "R3 Recycling of Organic Substances (Plastics)"),
    ('R4', "R4 Recycling of Metals"),
    ('R5', "R5 Recycling of Other Inorganic Materials"),
    ('R6', "R6 Regeneration of Acids or Bases"),
    ('R7', "R7 Recovery of Components Used for Pollution Abatement"),
    ('R8', "R8 Recovery of Components from Catalysts"),
    ('R9', "R9 Oil Re-Refining"),
    ('R10', "R10 Land Treatment"),
    ('R11', "R11 Use of Wastes Obtained from R1 to R10"),
    ('R12', "R12 Exchange of Waste before Recovery"),
    ('R13', "R13 Storage before Recovery"),
    ('D1', "D1 Deposit into or on to Land"),
    ('D2', "D2 Land Treatment"),
    ('D3', "D3 Deep Injection"),
    ('D4', "D4 Surface Impoundment"),
    ('D5', "D5 Specially Engineered Landfill"),
    ('D6', "D6 Release into a Water Body"),
    ('D7', "D7 Release to Seas or Oceans"),
    ('D8', "D8 Biological Treatment"),
    ('D9', "D9 Physico-Chemical Treatment"),
    ('D10', "D10 Incineration on Land"),
    ('D11', "D11 Incineration at Sea"),
    ('D12', "D12 Permanent Storage"),
    ('D13', "D13 Blending before Disposal"),
    ('D14', "D14 Repackaging before Disposal"),
    ('D15', "D15 Storage before Disposal"),
    ]
MODES = [
    (None, ""),
    ('reuse', "Reuse"),
    ('recycling', "Recycling"),
    ('energy', "Energy Recovery"),
    ('other_recovery', "Other Recovery"),
    ('disposal', "Disposal"),
    ]
# The modes of each operation that the State's importer expects; those that
# only prepare another one have none
OPERATION_MODES = {
    'R0': ['reuse'],
    'R1': ['energy'],
    'R2': ['recycling', 'reuse'],
    'R3': ['recycling', 'other_recovery'],
    'R4': ['recycling'],
    'R5': ['recycling', 'other_recovery'],
    'R6': ['recycling', 'reuse'],
    'R7': ['reuse'],
    'R8': ['recycling', 'reuse'],
    'R9': ['recycling', 'reuse', 'energy'],
    'R10': ['recycling'],
    'R11': ['recycling', 'other_recovery', 'energy'],
    'R12': [],
    'R13': [],
    'D9': [],
    'D13': [],
    'D14': [],
    'D15': [],
    } | {f'D{i}': ['disposal'] for i in [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12]}


class TreatmentMixin:
    "An operation and its mode, which must fit it"
    __slots__ = ()

    operation = fields.Selection(
        OPERATIONS, "Treatment", sort=False,
        help="The recovery or disposal operation of the facility.")
    operation_string = operation.translated('operation')
    operation_mode = fields.Selection(
        MODES, "Kind of Treatment", sort=False,
        help="What the operation makes of the waste. Leave empty for one "
        "that only prepares another (R12, R13, D9, D13 to D15).")
    operation_mode_string = operation_mode.translated('operation_mode')

    @fields.depends('operation', 'operation_mode')
    def on_change_operation(self):
        modes = OPERATION_MODES.get(self.operation, [])
        if self.operation_mode not in modes:
            self.operation_mode = modes[0] if len(modes) == 1 else None

    @classmethod
    def validate_fields(cls, records, field_names):
        super().validate_fields(records, field_names)
        if field_names and not field_names & {'operation', 'operation_mode'}:
            return
        for record in records:
            if (record.operation_mode and record.operation_mode
                    not in OPERATION_MODES.get(record.operation, [])):
                raise WasteModeError(gettext(
                        'proxymikro_recycling.msg_waste_mode',
                        record=record.rec_name,
                        mode=record.operation_mode_string,
                        operation=record.operation_string or '-'))


class ShipmentWaste(TreatmentMixin, metaclass=PoolMeta):
    __name__ = 'stock.shipment.waste'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        readonly = Eval('state').in_(['processed', 'refused']) & ~CORRECTING
        cls.operation.states = {
            'readonly': readonly,
            'required': Eval('state') == 'processed',
            }
        cls.operation_mode.states = {'readonly': readonly}

    @classmethod
    def check_process(cls, shipments):
        super().check_process(shipments)
        for shipment in shipments:
            modes = OPERATION_MODES.get(shipment.operation, [])
            if not shipment.operation or modes and not shipment.operation_mode:
                raise WasteError(gettext(
                        'proxymikro_recycling.msg_waste_operation',
                        shipment=shipment.rec_name))
