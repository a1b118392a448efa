# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The rules of the State's importer, checked before the file is written.

What is checked are the texts of a line by column, as the file has them.
"""
import datetime as dt
import re
from decimal import Decimal, InvalidOperation

from stdnum.fr import siret

from .waste_register_column import CARRIERS, COLUMNS
from .waste_treatment import OPERATION_MODES

MODES = {
    'reuse': 'REUTILISATION',
    'recycling': 'RECYCLAGE',
    'energy': 'VALORISATION_ENERGETIQUE',
    'other_recovery': 'AUTRES_VALORISATIONS',
    'disposal': 'ELIMINATION',
    }
TRANSPORTS = {
    'road': 'ROUTE',
    'rail': 'FERRE',
    'river': 'FLUVIAL',
    'sea': 'MARITIME',
    'air': 'AERIEN',
    }
COMPANY_TYPES = {
    'ETABLISSEMENT_FR', 'ENTREPRISE_UE', 'ENTREPRISE_HORS_UE', 'ASSOCIATION',
    'PERSONNE_PHYSIQUE'}
YES_NO = {'OUI', 'NON'}
_COMPANY = {
    'OrgId': 27, 'Name': None, 'Address': 250, 'PostalCode': None,
    'City': 45, 'CountryCode': None}
_GISTRID = re.compile(r'([A-Z]{2,3}|A7E|A7I) ?\d{0,4} ?\d{6}')


def find_problems(values, today, first):
    """Yield the columns which the importer would refuse: (key, missing).

    Waste may have left between the first day and today.
    """
    values = {key: values.get(key) or '' for key in COLUMNS}
    for rule in [
            _check_identity, _check_waste, _check_quantity,
            _check_destination, _check_treatment, _check_actors,
            _check_carriers]:
        for key in rule(values):
            yield key, not values[key]
    if not _is_date(values['dispatchDate'], first, today):
        yield 'dispatchDate', not values['dispatchDate']


def _is_date(text, first, last):
    try:
        return first <= dt.date.fromisoformat(text) <= last
    except ValueError:
        return False


def _is_number(text, most=None):
    "Whether it is a number above zero with three decimals at most"
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    return (number.is_finite() and 0 < number <= (most or number)
        and -number.as_tuple().exponent <= 3)


def _check_identity(values):
    if not re.fullmatch(r'[A-Za-z0-9\-_./]{1,36}', values['publicId']):
        yield 'publicId'
    if values['reason'] not in {'', 'MODIFIER', 'ANNULER'}:
        yield 'reason'
    if not siret.is_valid(values['reportForCompanySiret']):
        yield 'reportForCompanySiret'
    if len(values['reportForPickupSiteName']) > 300:
        yield 'reportForPickupSiteName'


def _check_waste(values):
    if not 2 <= len(values['wasteDescription']) <= 300:
        yield 'wasteDescription'
    if not re.fullmatch(r'\d\d \d\d \d\d\*?', values['wasteCode']):
        yield 'wasteCode'
    if values['wastePop'] not in YES_NO:
        yield 'wastePop'
    dangerous = values['wastePop'] == 'OUI' or '*' in values['wasteCode']
    if (values['wasteIsDangerous'] not in YES_NO
            or dangerous and values['wasteIsDangerous'] == 'NON'):
        yield 'wasteIsDangerous'


def _check_quantity(values):
    if not _is_number(values['weightValue'], 10_000):
        yield 'weightValue'
    if values['weightIsEstimate'] not in {'ESTIME', 'REEL'}:
        yield 'weightIsEstimate'
    if values['volume'] and not _is_number(values['volume']):
        yield 'volume'


def _check_company(values, prefix):
    "Check a company, all of which must be known"
    type_ = values[f'{prefix}CompanyType']
    if type_ not in COMPANY_TYPES:
        yield f'{prefix}CompanyType'
    for name, size in _COMPANY.items():
        key = f'{prefix}Company{name}'
        if name == 'OrgId' and type_ == 'PERSONNE_PHYSIQUE':
            continue
        if not values[key] or size and len(values[key]) > size:
            yield key
    org_id = f'{prefix}CompanyOrgId'
    if (type_ == 'ETABLISSEMENT_FR' and values[org_id]
            and not siret.is_valid(values[org_id])):
        yield org_id
    country = f'{prefix}CompanyCountryCode'
    if values[country] and not re.fullmatch('[A-Z]{2}', values[country]):
        yield country


def _check_destination(values):
    yield from _check_company(values, 'destination')
    if (len(values['destinationDropSiteAddress']) > 250):
        yield 'destinationDropSiteAddress'
    if len(values['destinationDropSiteCity']) > 45:
        yield 'destinationDropSiteCity'
    gistrid = values['gistridNumber']
    abroad = values['destinationCompanyCountryCode'] not in {'', 'FR'}
    if (gistrid and not _GISTRID.fullmatch(gistrid)
            or not gistrid and abroad
            and values['wasteIsDangerous'] == 'OUI'):
        yield 'gistridNumber'
    if len(values['movementNumber']) > 75:
        yield 'movementNumber'


def _check_treatment(values):
    operation, mode = values['operationCode'], values['operationMode']
    modes = OPERATION_MODES.get(operation.replace(' ', ''))
    if modes is None or ' ' not in operation:
        yield 'operationCode'
        return
    fits = mode in {MODES[m] for m in modes} if modes else not mode
    if not fits:
        yield 'operationMode'


def _check_actors(values):
    if bool(values['ecoOrganismeSiret']) != bool(values['ecoOrganismeName']):
        yield ('ecoOrganismeSiret' if values['ecoOrganismeName']
            else 'ecoOrganismeName')
    if (values['ecoOrganismeSiret']
            and not siret.is_valid(values['ecoOrganismeSiret'])):
        yield 'ecoOrganismeSiret'
    for actor in ['broker', 'trader']:
        keys = [f'{actor}CompanySiret', f'{actor}CompanyName',
            f'{actor}RecepisseNumber']
        if not any(values[k] for k in keys):
            continue
        yield from (k for k in keys if not values[k])
        if values[keys[0]] and not siret.is_valid(values[keys[0]]):
            yield keys[0]


def _check_carriers(values):
    if values['isDirectSupply'] not in YES_NO:
        yield 'isDirectSupply'
    before = values['isDirectSupply'] == 'NON'
    for number in CARRIERS:
        prefix = f'transporter{number}'
        known = any(
            v for k, v in values.items() if k.startswith(prefix))
        if known or number == 1 and before:
            yield from _check_company(values, prefix)
            yield from _check_transport(values, prefix)


def _check_transport(values, prefix):
    mode = values[f'{prefix}TransportMode']
    if mode not in TRANSPORTS.values():
        yield f'{prefix}TransportMode'
    exempted = values[f'{prefix}RecepisseIsExempted']
    number = values[f'{prefix}RecepisseNumber']
    if exempted not in YES_NO:
        yield f'{prefix}RecepisseIsExempted'
    if (len(number) > 50
            or mode == 'ROUTE' and exempted != 'OUI' and not number):
        yield f'{prefix}RecepisseNumber'
