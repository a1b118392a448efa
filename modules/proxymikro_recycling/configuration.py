# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.model import ModelSQL, fields
from trytond.modules.company.model import CompanyValueMixin
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval, Id


class Configuration(metaclass=PoolMeta):
    __name__ = 'stock.configuration'

    shipment_waste_sequence = fields.MultiValue(fields.Many2One(
            'ir.sequence', "Waste Shipment Sequence", required=True,
            domain=[
                ('company', 'in',
                    [Eval('context', {}).get('company', -1), None]),
                ('sequence_type', '=', Id(
                        'proxymikro_recycling',
                        'sequence_type_shipment_waste')),
                ],
            help="Used to generate the number given to waste shipments."))

    @classmethod
    def default_shipment_waste_sequence(cls, **pattern):
        return cls.multivalue_model(
            'shipment_waste_sequence').default_shipment_waste_sequence()


class ConfigurationWasteSequence(ModelSQL, CompanyValueMixin):
    __name__ = 'stock.configuration.shipment_waste_sequence'

    shipment_waste_sequence = fields.Many2One(
        'ir.sequence', "Waste Shipment Sequence", required=True,
        domain=[
            ('company', 'in', [Eval('company', -1), None]),
            ('sequence_type', '=', Id(
                    'proxymikro_recycling', 'sequence_type_shipment_waste')),
            ])

    @classmethod
    def default_shipment_waste_sequence(cls):
        try:
            return Pool().get('ir.model.data').get_id(
                'proxymikro_recycling', 'sequence_shipment_waste')
        except KeyError:
            return None
