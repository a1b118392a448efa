# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The columns of the register of outgoing waste, as the State imports it.

Keys, labels and order are those of the importer of Trackdéchets (May 2026,
libs/back/registry/src/outgoingWaste): with its no-break spaces and its
curly apostrophe.
"""

_SITE = {
    'Name': "Référence du chantier ou du lieu de collecte",
    'Address': "Libellé de l'adresse du chantier ou du lieu de collecte",
    'PostalCode': "Code postal du chantier ou du lieu de collecte",
    'City': "Commune du chantier ou du lieu de collecte",
    'CountryCode': "Code pays du chantier ou du lieu de collecte",
    }
_COMPANY = {
    'OrgId': "Numéro d'identification",
    'Name': "Raison sociale",
    'Address': "Libellé de l'adresse",
    'PostalCode': "Code postal",
    'City': "Commune",
    'CountryCode': "Code pays",
    }
CARRIERS = range(1, 6)


def _company(prefix, type_, suffix):
    return {
        f'{prefix}CompanyType': f"Type {type_}",
        **{f'{prefix}Company{key}': f"{label} {suffix}"
            for key, label in _COMPANY.items()}}


def _carrier(number):
    prefix, suffix = f'transporter{number}', f"du transporteur n°{number}"
    return {
        f'{prefix}TransportMode': f"Mode de transport {suffix}",
        **_company(prefix, f"de transporteur n°{number}", suffix),
        f'{prefix}RecepisseIsExempted': f"Exemption de récépissé {suffix}",
        f'{prefix}RecepisseNumber': f"Numéro de récépissé {suffix}",
        }


COLUMNS = {
    'reason': "Motif",
    'publicId': "Identifiant unique",
    'reportAsCompanySiret': "SIRET du déclarant",
    'reportForCompanySiret': "SIRET de l'expéditeur ou du détenteur",
    **{f'reportForPickupSite{key}':
        f"{label} de l'expéditeur ou du détenteur"
        for key, label in _SITE.items()},
    'wasteDescription': "Dénomination du déchet",
    'wasteCode': "Code déchet",
    'wasteCodeBale': "Code déchet Bâle",
    'wastePop': "POP",
    'wasteIsDangerous': "Dangereux",
    'dispatchDate': "Date d'expédition",
    'weightValue': "Poids en tonnes",
    'weightIsEstimate': "Type de poids",
    'volume': "Volume en M3",
    **_company(
        'initialEmitter', "de producteur initial", "du producteur initial"),
    'initialEmitterMunicipalitiesInseeCodes':
    "Code(s) INSEE de(s) commune(s)",
    **_company('destination', "de destinataire", "du destinataire"),
    'destinationDropSiteAddress':
    "Libellé de l'adresse de dépôt du destinataire",
    'destinationDropSitePostalCode':
    "Code postal du lieu de dépôt du destinataire",
    'destinationDropSiteCity': "Commune du lieu de dépôt du destinataire",
    'destinationDropSiteCountryCode':
    "Code pays du lieu de dépôt du destinataire",
    'gistridNumber':
    "Numéro de notification\N{NO-BREAK SPACE}ou de déclaration GISTRID",
    'movementNumber': "Numéro de mouvement",
    'operationCode': "Code de traitement prévu",
    'operationMode': "Mode de traitement prévu",
    'ecoOrganismeSiret': "SIRET de l'éco-organisme",
    'ecoOrganismeName':
    "Raison sociale de l’éco-organisme\N{NO-BREAK SPACE}",
    'brokerCompanySiret': "SIRET du courtier",
    'brokerCompanyName': "Raison sociale du courtier",
    'brokerRecepisseNumber': "Numéro de récépissé du courtier",
    'traderCompanySiret': "SIRET du négociant",
    'traderCompanyName': "Raison sociale du négociant",
    'traderRecepisseNumber': "Numéro de récépissé du négociant",
    'isDirectSupply': "Approvisionnement direct (pipeline, convoyeur)",
    }
for _number in CARRIERS:
    COLUMNS.update(_carrier(_number))
