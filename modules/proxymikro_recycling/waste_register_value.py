# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the register says of a waste shipment, column by column."""
from decimal import ROUND_HALF_UP, Decimal

from .waste_register_check import MODES, TRANSPORTS
from .waste_register_column import COLUMNS

YES_NO = {True: 'OUI', False: 'NON'}
GRAM_TONNES = Decimal('0.001')


def get_values(shipment):
    "Return the texts of the shipment by column, without the empty ones"
    company = shipment.company.party.waste_identity
    values = {
        'publicId': shipment.number,
        'reportForCompanySiret': company.org_id,
        'isDirectSupply': 'NON',
        'movementNumber': shipment.movement_number,
        'gistridNumber': shipment.gistrid_number,
        **_get_pickup(shipment),
        **_get_waste(shipment),
        **_get_company('destination', shipment.party),
        **_get_drop_site(shipment),
        **_get_treatment(shipment),
        **_get_actors(shipment),
        }
    for number, carrier in enumerate(shipment.carriers, 1):
        prefix = f'transporter{number}'
        values |= {
            **_get_company(prefix, carrier.party),
            f'{prefix}TransportMode': TRANSPORTS[carrier.mode],
            f'{prefix}RecepisseIsExempted': YES_NO[
                bool(carrier.receipt_exempted)],
            f'{prefix}RecepisseNumber': carrier.receipt_number
            if not carrier.receipt_exempted else None,
            }
    return {k: v for k in COLUMNS if (v := values.get(k))}


def _get_pickup(shipment):
    if not (site := shipment.pickup_site):
        return {}
    prefix = 'reportForPickupSite'
    identity = site.waste_identity
    return {
        f'{prefix}Name': identity.name,
        f'{prefix}Address': identity.address,
        f'{prefix}PostalCode': identity.postal_code,
        f'{prefix}City': identity.city,
        f'{prefix}CountryCode': identity.country,
        }


def _get_waste(shipment):
    code = shipment.waste_code
    kilograms, estimated = shipment.declared_weight
    return {
        'wasteDescription': (shipment.description or code.name)[:300],
        'wasteCode': code.code + ('*' if code.hazardous else ''),
        'wasteCodeBale': shipment.basel_code,
        'wastePop': YES_NO[bool(shipment.pop)],
        'wasteIsDangerous': YES_NO[shipment.hazardous],
        'dispatchDate': (
            shipment.effective_date or shipment.today).isoformat(),
        'weightValue': get_tonnes(kilograms),
        'weightIsEstimate': 'ESTIME' if estimated else 'REEL',
        'volume': str(Decimal(str(shipment.volume)).quantize(GRAM_TONNES))
        if shipment.volume else None,
        }


def get_tonnes(kilograms):
    """Return the text of the weight in tonnes, with three decimals.

    What weighs less than a kilogram counts for one: the importer takes no
    weight of zero.
    """
    if not kilograms:
        return None
    tonnes = (Decimal(str(kilograms)) / 1000).quantize(
        GRAM_TONNES, rounding=ROUND_HALF_UP)
    return str(max(tonnes, GRAM_TONNES))


def _get_company(prefix, party):
    identity = party.waste_identity
    return {
        f'{prefix}CompanyType': identity.type,
        f'{prefix}CompanyOrgId': identity.org_id,
        f'{prefix}CompanyName': identity.name,
        f'{prefix}CompanyAddress': identity.address,
        f'{prefix}CompanyPostalCode': identity.postal_code,
        f'{prefix}CompanyCity': identity.city,
        f'{prefix}CompanyCountryCode': identity.country,
        }


def _get_drop_site(shipment):
    if not (site := shipment.drop_site):
        return {}
    identity = site.waste_identity
    return {
        'destinationDropSiteAddress': identity.address,
        'destinationDropSitePostalCode': identity.postal_code,
        'destinationDropSiteCity': identity.city,
        'destinationDropSiteCountryCode': identity.country,
        }


def _get_treatment(shipment):
    operation = shipment.operation
    return {
        'operationCode': f'{operation[0]} {operation[1:]}'
        if operation else None,
        'operationMode': MODES.get(shipment.operation_mode),
        }


def _get_actors(shipment):
    values = {}
    if organisation := shipment.eco_organisation:
        values |= {
            'ecoOrganismeSiret': organisation.siret,
            'ecoOrganismeName': organisation.name,
            }
    for actor in ['broker', 'trader']:
        if party := getattr(shipment, actor):
            values |= {
                f'{actor}CompanySiret': party.waste_identity.org_id,
                f'{actor}CompanyName': party.name,
                f'{actor}RecepisseNumber': getattr(
                    shipment, f'{actor}_receipt'),
                }
    return values
