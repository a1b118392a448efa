# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from typing import NamedTuple

from trytond.i18n import gettext
from trytond.modules.party.exceptions import EraseError
from trytond.modules.proxymikro_base.party import erased
from trytond.pool import Pool, PoolMeta
from trytond.transaction import without_check_access

# The parties that a waste shipment names
WASTE_PARTIES = ['party', 'pickup_site', 'drop_site', 'broker', 'trader']


class WasteIdentity(NamedTuple):
    "What the register of waste says of a party, None where it is not known"
    type: str
    org_id: str
    name: str
    address: str
    postal_code: str
    city: str
    country: str


class Party(metaclass=PoolMeta):
    __name__ = 'party.party'

    @property
    @without_check_access
    def waste_identity(self):
        address = self.address_get()
        sirets = {
            i.address: i for i in reversed(self.identifiers)
            if i.type == 'fr_siret'}
        if sirets and address not in sirets:
            # The number is that of an establishment, which has its address
            address = list(sirets)[-1]
        country = address.country.code if address and address.country else None
        codes = {
            i.type: i.code.replace(' ', '') for i in self.identifiers
            if i.type and (i.type != 'fr_siret' or i is sirets[address])}
        if (country or 'FR') == 'FR':
            country = 'FR'
            type_, org_id = 'ETABLISSEMENT_FR', codes.get('fr_siret')
            if not org_id and 'fr_rna' in codes:
                type_, org_id = 'ASSOCIATION', codes['fr_rna']
        elif 'eu_vat' in codes:
            type_, org_id = 'ENTREPRISE_UE', codes['eu_vat']
        else:
            type_ = 'ENTREPRISE_HORS_UE'
            org_id = next(iter(codes.values()), None)
        return WasteIdentity(
            type_, org_id, self.name,
            address.street_single_line if address else None,
            address.postal_code if address else None,
            address.city if address else None, country)


class Replace(metaclass=PoolMeta):
    __name__ = 'party.replace'

    @classmethod
    def fields_to_replace(cls):
        return super().fields_to_replace() + [
            ('party.identity', 'party'),
            ('party.solidarity.right', 'party'),
            ('recycling.settlement', 'party'),
            *(('stock.shipment.waste', n) for n in WASTE_PARTIES),
            ('stock.shipment.waste.carrier', 'party'),
            ('stock.shipment.in', 'waste_carrier'),
            ('party.waste.receipt', 'party'),
            ('waste.register.incoming', 'producer'),
            ('waste.register.incoming', 'carrier'),
            ('donor.statement', 'donor'),
            ('recycling.price.list', 'buyer'),
            ]


class Erase(metaclass=PoolMeta):
    __name__ = 'party.erase'

    def check_erase_company(self, party, company):
        pool = Pool()
        Settlement = pool.get('recycling.settlement')
        Shipment = pool.get('stock.shipment.waste')
        super().check_erase_company(party, company)
        shipments = Shipment.search([
                ('company', '=', company.id),
                ['OR',
                    *((n, '=', party.id) for n in WASTE_PARTIES),
                    ('carriers.party', '=', party.id),
                    ],
                ('state', 'not in', ['processed', 'refused', 'cancelled']),
                ], limit=1)
        if shipments:
            raise EraseError(gettext(
                    'proxymikro_recycling.msg_erase_party_waste_shipment',
                    party=party.rec_name,
                    shipment=shipments[0].rec_name))
        settlements = Settlement.search([
                ('company', '=', company.id),
                ('party', '=', party.id),
                ('state', 'in', ['draft', 'provisional']),
                ], limit=1)
        if settlements:
            raise EraseError(gettext(
                    'proxymikro_recycling.msg_erase_party_settlement',
                    party=party.rec_name,
                    settlement=settlements[0].rec_name))

    def to_erase(self, party_id):
        pool = Pool()
        Identity = pool.get('party.identity')
        Right = pool.get('party.solidarity.right')
        return super().to_erase(party_id) + [
            (Identity, [('party', '=', party_id)], True,
                ['code', 'issued_by'], [erased] * 2),
            (Right, [('party', '=', party_id)], True,
                ['proof'], [erased]),
            # That a statement left stays, not to which address
            (Pool().get('donor.statement'), [('donor', '=', party_id)], True,
                ['address'], [erased]),
            ]
