# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.pool import PoolMeta


class Party(metaclass=PoolMeta):
    __name__ = 'party.party'

    @property
    def has_french_vat_number(self):
        return any(
            i.type == 'fr_tva'
            or (i.type == 'eu_vat' and i.code.upper().startswith('FR'))
            for i in self.identifiers)
