# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import gettext
from trytond.modules.party.exceptions import EraseError
from trytond.pool import Pool, PoolMeta


class Replace(metaclass=PoolMeta):
    __name__ = 'party.replace'

    @classmethod
    def fields_to_replace(cls):
        return super().fields_to_replace() + [
            ('stock.shipment.waste', 'party'),
            ('stock.shipment.waste', 'carrier'),
            ]


class Erase(metaclass=PoolMeta):
    __name__ = 'party.erase'

    def check_erase_company(self, party, company):
        Shipment = Pool().get('stock.shipment.waste')
        super().check_erase_company(party, company)
        shipments = Shipment.search([
                ('company', '=', company.id),
                ['OR',
                    ('party', '=', party.id),
                    ('carrier', '=', party.id),
                    ],
                ('state', 'not in', ['processed', 'refused']),
                ], limit=1)
        if shipments:
            raise EraseError(gettext(
                    'proxymikro_recycling.msg_erase_party_waste_shipment',
                    party=party.rec_name,
                    shipment=shipments[0].rec_name))
