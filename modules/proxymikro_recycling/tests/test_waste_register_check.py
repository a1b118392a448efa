# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The rules of the State's importer, one by one."""
import datetime as dt
import io
import unittest

from trytond.modules.proxymikro_recycling.waste_register_check import (
    find_problems)
from trytond.modules.proxymikro_recycling.waste_register_column import COLUMNS
from trytond.modules.proxymikro_recycling.waste_register_file import (
    get_name, split, write)
from trytond.modules.proxymikro_recycling.waste_register_value import (
    get_tonnes)

TODAY = dt.date(2026, 11, 28)
FIRST = dt.date(2025, 5, 28)
SIRET = '83033936200022'


def company(prefix, **values):
    return {
        f'{prefix}CompanyType': 'ETABLISSEMENT_FR',
        f'{prefix}CompanyOrgId': SIRET,
        f'{prefix}CompanyName': "Centre de tri",
        f'{prefix}CompanyAddress': "1 rue du Port",
        f'{prefix}CompanyPostalCode': '40000',
        f'{prefix}CompanyCity': "Mont-de-Marsan",
        f'{prefix}CompanyCountryCode': 'FR',
        **{f'{prefix}{k}': v for k, v in values.items()}}


GOOD = {
    'publicId': 'ENL-00001',
    'reportForCompanySiret': SIRET,
    'wasteDescription': "Cartes",
    'wasteCode': '16 02 16',
    'wastePop': 'NON',
    'wasteIsDangerous': 'NON',
    'dispatchDate': '2026-11-27',
    'weightValue': '0.005',
    'weightIsEstimate': 'REEL',
    'operationCode': 'R 4',
    'operationMode': 'RECYCLAGE',
    'isDirectSupply': 'NON',
    **company('destination'),
    **company(
        'transporter1', TransportMode='ROUTE', RecepisseIsExempted='NON',
        RecepisseNumber='40-1'),
    }
# What is changed in a good line, and the column that is refused
BAD = [
    ({'publicId': ''}, 'publicId'),
    ({'publicId': 'A' * 37}, 'publicId'),
    ({'publicId': 'ENL 1'}, 'publicId'),
    ({'reason': 'CORRIGER'}, 'reason'),
    ({'reportForCompanySiret': ''}, 'reportForCompanySiret'),
    ({'reportForCompanySiret': '83033936200023'}, 'reportForCompanySiret'),
    ({'reportForPickupSiteName': 'A' * 301}, 'reportForPickupSiteName'),
    ({'wasteDescription': 'A'}, 'wasteDescription'),
    ({'wasteDescription': 'A' * 301}, 'wasteDescription'),
    ({'wasteCode': '160216'}, 'wasteCode'),
    ({'wastePop': ''}, 'wastePop'),
    ({'wastePop': 'OUI'}, 'wasteIsDangerous'),
    ({'wasteCode': '16 02 13*'}, 'wasteIsDangerous'),
    ({'dispatchDate': '2026-11-29'}, 'dispatchDate'),
    ({'dispatchDate': '2025-05-27'}, 'dispatchDate'),
    ({'dispatchDate': '27/11/2026'}, 'dispatchDate'),
    ({'weightValue': ''}, 'weightValue'),
    ({'weightValue': '0'}, 'weightValue'),
    ({'weightValue': '-1'}, 'weightValue'),
    ({'weightValue': '10000.001'}, 'weightValue'),
    ({'weightValue': '0.0005'}, 'weightValue'),
    ({'weightValue': 'nan'}, 'weightValue'),
    ({'weightIsEstimate': 'PESE'}, 'weightIsEstimate'),
    ({'volume': '0'}, 'volume'),
    ({'volume': '1.0001'}, 'volume'),
    ({'destinationCompanyType': ''}, 'destinationCompanyType'),
    ({'destinationCompanyOrgId': ''}, 'destinationCompanyOrgId'),
    ({'destinationCompanyOrgId': '123'}, 'destinationCompanyOrgId'),
    ({'destinationCompanyName': ''}, 'destinationCompanyName'),
    ({'destinationCompanyAddress': ''}, 'destinationCompanyAddress'),
    ({'destinationCompanyAddress': 'A' * 251}, 'destinationCompanyAddress'),
    ({'destinationCompanyPostalCode': ''}, 'destinationCompanyPostalCode'),
    ({'destinationCompanyCity': 'A' * 46}, 'destinationCompanyCity'),
    ({'destinationCompanyCountryCode': 'fr'},
        'destinationCompanyCountryCode'),
    ({'gistridNumber': '12'}, 'gistridNumber'),
    ({'destinationCompanyCountryCode': 'BE', 'wasteIsDangerous': 'OUI'},
        'gistridNumber'),
    ({'movementNumber': '1' * 76}, 'movementNumber'),
    ({'operationCode': ''}, 'operationCode'),
    ({'operationCode': 'R4'}, 'operationCode'),
    ({'operationCode': 'R 14'}, 'operationCode'),
    ({'operationMode': ''}, 'operationMode'),
    ({'operationMode': 'ELIMINATION'}, 'operationMode'),
    ({'operationCode': 'D 10'}, 'operationMode'),
    ({'operationCode': 'R 13'}, 'operationMode'),
    ({'ecoOrganismeSiret': SIRET}, 'ecoOrganismeName'),
    ({'ecoOrganismeName': "ecosystem"}, 'ecoOrganismeSiret'),
    ({'ecoOrganismeName': "ecosystem", 'ecoOrganismeSiret': '1'},
        'ecoOrganismeSiret'),
    ({'brokerCompanySiret': SIRET, 'brokerCompanyName': "Courtage"},
        'brokerRecepisseNumber'),
    ({'traderCompanySiret': SIRET, 'traderRecepisseNumber': "1"},
        'traderCompanyName'),
    ({'traderCompanyName': "Négoce", 'traderRecepisseNumber': "1"},
        'traderCompanySiret'),
    ({'isDirectSupply': ''}, 'isDirectSupply'),
    ({k: '' for k in GOOD if k.startswith('transporter1')},
        'transporter1CompanyName'),
    ({'transporter1TransportMode': 'VELO'}, 'transporter1TransportMode'),
    ({'transporter1RecepisseNumber': ''}, 'transporter1RecepisseNumber'),
    ({'transporter1RecepisseNumber': '1' * 51},
        'transporter1RecepisseNumber'),
    ({'transporter1RecepisseIsExempted': ''},
        'transporter1RecepisseIsExempted'),
    ({'transporter2CompanyName': "Second"}, 'transporter2CompanyOrgId'),
    ]
FINE = [
    {'reason': 'MODIFIER'},
    {'reportForCompanySiret': '35600000049837'},  # La Poste
    {'wasteCode': '16 02 13*', 'wasteIsDangerous': 'OUI'},
    {'weightValue': '10000'},
    {'volume': '1.25'},
    {'destinationCompanyType': 'PERSONNE_PHYSIQUE',
        'destinationCompanyOrgId': ''},
    {'destinationCompanyCountryCode': 'BE', 'wasteIsDangerous': 'OUI',
        'gistridNumber': 'FR2026123456'},
    {'operationCode': 'R 13', 'operationMode': ''},
    {'operationCode': 'D 10', 'operationMode': 'ELIMINATION'},
    {'operationCode': 'R 5', 'operationMode': 'AUTRES_VALORISATIONS'},
    {'transporter1RecepisseIsExempted': 'OUI',
        'transporter1RecepisseNumber': ''},
    {'transporter1TransportMode': 'FERRE', 'transporter1RecepisseNumber': ''},
    {'ecoOrganismeName': "ecosystem", 'ecoOrganismeSiret': SIRET},
    ]


class RegisterCheckTestCase(unittest.TestCase):
    "Test what is refused before the State does, and the file"

    def find(self, values):
        line = {**dict.fromkeys(COLUMNS, ''), **GOOD, **values}
        return dict(find_problems(line, TODAY, FIRST))

    def test_bad(self):
        "Each rule names its column"
        for values, key in BAD:
            with self.subTest(key=key, values=str(values)[:60]):
                problems = self.find(values)
                self.assertIn(key, problems)
                line = {**GOOD, **values}
                self.assertEqual(problems[key], not line.get(key))

    def test_good(self):
        "What the importer takes is not refused"
        for values in [{}, *FINE]:
            with self.subTest(values=values):
                self.assertEqual(self.find(values), {})

    def test_columns(self):
        "There are a hundred columns, in the order of the importer"
        self.assertEqual(len(COLUMNS), 100)
        keys = list(COLUMNS)
        for rank, key in [
                (1, 'reason'), (2, 'publicId'), (16, 'weightValue'),
                (28, 'destinationCompanyOrgId'), (40, 'operationCode'),
                (50, 'isDirectSupply'), (51, 'transporter1TransportMode'),
                (61, 'transporter2TransportMode'),
                (100, 'transporter5RecepisseNumber')]:
            self.assertEqual(keys[rank - 1], key)
        self.assertEqual(
            COLUMNS['destinationCompanyOrgId'],
            "Numéro d'identification du destinataire")
        self.assertEqual(
            COLUMNS['transporter5RecepisseNumber'],
            "Numéro de récépissé du transporteur n°5")

    def test_tonnes(self):
        "Tonnes have three decimals, and what weighs is never zero"
        for kilograms, text in [
                (5, '0.005'), (5.26, '0.005'), (1234.5, '1.235'),
                (0.2, '0.001'), (0, None), (None, None)]:
            self.assertEqual(get_tonnes(kilograms), text)

    def test_file(self):
        "The file says its encoding, and no name is taken for a formula"
        output = io.BytesIO()
        write(output, [['', 'ENL-1', '=1+1', 'é;"']])
        self.assertEqual(output.getvalue()[:3], b'\xef\xbb\xbf')
        header, row, end = output.getvalue().decode('utf-8-sig').split('\r\n')
        self.assertEqual(header.split(';'), list(COLUMNS.values()))
        self.assertEqual((row, end), (''';ENL-1;'=1+1;"é;"""''', ''))

    def test_split(self):
        "The rows are cut as they come"
        for most, sizes in [
                (None, [5]), (2, [2, 2, 1]), (5, [5]), (9, [5])]:
            self.assertEqual(
                [len(list(p)) for p in split(range(5), most)], sizes)
        self.assertEqual(list(split([], 3)), [])
        self.assertEqual(
            get_name(12, 3), 'registre-dechets-sortants-00012-03.csv')
