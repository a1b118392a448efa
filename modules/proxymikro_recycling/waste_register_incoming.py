# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The register of incoming waste: what each collection received as waste."""
from trytond.model import ModelSQL, ModelView, fields
from trytond.pyson import Eval

from .waste_register_line import RegisterLineMixin

DECLARED = [
    'date', 'code', 'description', 'hazardous', 'pop', 'weight',
    'weight_estimated', 'producer', 'producer_identifier',
    'producer_address', 'carrier', 'carrier_identifier', 'receipt_number',
    'slip_number', 'operation', 'operation_mode']


class WasteRegisterIncoming(RegisterLineMixin, ModelSQL, ModelView):
    __name__ = 'waste.register.incoming'
    _document = 'collection'
    _declared_fields = DECLARED
    # The parties may be replaced by others: what was written of them is sealed
    _sealed_fields = [
        'number', 'version', 'reason', 'note', 'collection', 'company',
        *(n for n in DECLARED if n not in {'producer', 'carrier'}),
        'written_at', 'written_by']

    collection = fields.Many2One(
        'stock.shipment.in', "Collection", required=True, readonly=True,
        ondelete='RESTRICT')
    date = fields.Date("Received On", required=True, readonly=True)
    pop = fields.Boolean("Persistent Organic Pollutants", readonly=True)
    producer = fields.Many2One(
        'party.party', "Producer", required=True, readonly=True,
        ondelete='RESTRICT',
        context={
            'company': Eval('company', -1),
            },
        depends={'company'})
    producer_identifier = fields.Char("SIRET of the Producer", readonly=True)
    producer_address = fields.Char(
        "Address of the Producer", readonly=True,
        help="Only the town of a person.")
    carrier = fields.Many2One(
        'party.party', "Carrier", readonly=True, ondelete='RESTRICT',
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="Empty if the producer brought it.")
    carrier_identifier = fields.Char("SIRET of the Carrier", readonly=True)
    receipt_number = fields.Char("Receipt Number", readonly=True)

    @classmethod
    def _get_line(cls, collection):
        line = super()._get_line(collection)
        code = collection.waste_code
        line.date = collection.effective_date
        line.code = code.code + ('*' if code.hazardous else '')
        line.description = code.name
        line.pop = bool(collection.waste_pop)
        line.hazardous = bool(code.hazardous or line.pop)
        line.weight = collection.total_weight
        line.weight_estimated = collection.weight_estimated
        line.producer = collection.supplier
        line.producer_identifier, line.producer_address = cls._get_producer(
            collection)
        line.carrier = carrier = collection.waste_carrier
        line.carrier_identifier = (
            carrier.waste_identity.org_id if carrier else None)
        line.receipt_number = collection.waste_receipt
        return line

    @classmethod
    def _get_producer(cls, collection):
        "Return the number and the address of who left the waste"
        identity = collection.supplier.waste_identity
        address = [identity.postal_code, identity.city]
        # The line outlives the data of persons, who have no number
        if identity.org_id:
            address.insert(0, identity.address)
        return identity.org_id, ' '.join(filter(None, address)) or None
