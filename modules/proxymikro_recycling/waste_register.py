# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The register of outgoing waste: what each shipment declares."""
import json

from trytond.model import ModelSQL, ModelView, fields
from trytond.pyson import Bool, Eval

from .waste_register_line import RegisterLineMixin
from .waste_register_value import get_values

# What the lists show is also in the declaration: both are sealed
SHOWN = [
    'number', 'version', 'reason', 'note', 'shipment', 'company', 'date',
    'code', 'description', 'hazardous', 'weight', 'weight_estimated',
    'facility', 'operation', 'operation_mode', 'slip_number',
    'slip_exemption']


class WasteRegister(RegisterLineMixin, ModelSQL, ModelView):
    __name__ = 'waste.register'
    _unsealed_fields = frozenset({'export'})
    _sealed_fields = [*SHOWN, 'declaration', 'written_at', 'written_by']
    _document = 'shipment'
    _declared_fields = ['values', 'slip_number', 'slip_exemption']

    shipment = fields.Many2One(
        'stock.shipment.waste', "Waste Shipment", required=True,
        readonly=True, ondelete='RESTRICT')
    date = fields.Date("Left On", required=True, readonly=True)
    facility = fields.Char("Treatment Facility", readonly=True)
    slip_exemption = fields.Char(
        "Without a Trackdéchets Slip Because", readonly=True,
        states={
            'invisible': ~Bool(Eval('slip_exemption')),
            })
    declaration = fields.Text(
        "Declared", readonly=True,
        help="All the columns of the register, as they were that day.")
    export = fields.Many2One(
        'waste.register.export', "Exported In", readonly=True,
        ondelete='RESTRICT',
        help="The file in which the line was given to the State.")

    @property
    def values(self):
        "What the line declares, by column"
        return json.loads(self.declaration)

    @classmethod
    def _get_line(cls, shipment):
        line = super()._get_line(shipment)
        values = get_values(shipment)
        line.weight, line.weight_estimated = shipment.declared_weight
        line.date = shipment.effective_date
        line.code = values['wasteCode']
        line.description = values['wasteDescription']
        line.hazardous = shipment.hazardous
        line.facility = shipment.party.name
        line.slip_exemption = shipment.slip_exemption
        line.declaration = json.dumps(values, ensure_ascii=False)
        return line
