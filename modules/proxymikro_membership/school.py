# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is known of a school, or of another place where devices are used."""
import re

from trytond.i18n import gettext
from trytond.model import fields
from trytond.modules.party.exceptions import InvalidIdentifierCode
from trytond.pool import PoolMeta

# The letter of the number of a school: its digits modulo 23
UAI_LETTERS = 'ABCDEFGHJKLMNPRSTUVWXYZ'
UAI = re.compile(r'(\d{7})([A-Z])')
# The third sign is a letter overseas, as in W9R
RNA = re.compile(r'W\d[0-9A-Z]\d{7}')


def is_uai(code):
    "Return whether the code is the number of a school, its letter checked"
    match = UAI.fullmatch(code)
    return bool(match) and match[2] == UAI_LETTERS[int(match[1]) % 23]


CHECKS = {
    'fr_uai': is_uai,
    'fr_rna': RNA.fullmatch,
    }


class Configuration(metaclass=PoolMeta):
    __name__ = 'party.configuration'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.identifier_types.selection = [
            *cls.identifier_types.selection,
            ('fr_uai', "French School Number (UAI)"),
            ]


class Identifier(metaclass=PoolMeta):
    __name__ = 'party.identifier'

    @classmethod
    def preprocess_values(cls, mode, values):
        if values.get('code') and (
                mode == 'write' or values.get('type') in CHECKS):
            code = re.sub(r'\s', '', values['code']).upper()
            if UAI.fullmatch(code) or RNA.fullmatch(code):
                values = {**values, 'code': code}
        return super().preprocess_values(mode, values)

    def check_code(self):
        super().check_code()
        check = CHECKS.get(self.type)
        if check and not check(self.code):
            raise InvalidIdentifierCode(gettext(
                    'party.msg_invalid_code', type=self.type_string,
                    code=self.code,
                    party=self.party.rec_name if self.party else ''))


class Party(metaclass=PoolMeta):
    __name__ = 'party.party'

    pupils = fields.Integer(
        "Pupils",
        domain=['OR', ('pupils', '=', None), ('pupils', '>=', 0)],
        help="How many pupils or members the place declares.")
    opening_hours = fields.Text(
        "Opening Hours",
        help="When one can deliver, and whom to ask for.")
