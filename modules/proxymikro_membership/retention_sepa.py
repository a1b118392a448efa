# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A mandate is kept as long as its debits may be contested, then erased."""
from trytond.i18n import gettext
from trytond.model import fields
from trytond.modules.party.exceptions import EraseError
from trytond.pool import Pool, PoolMeta


class Configuration(metaclass=PoolMeta):
    __name__ = 'party.configuration'

    debit_months = fields.Integer(
        "Keep the Direct Debits (months)", required=True,
        domain=[('debit_months', '>=', 0)],
        help="The months during which who was debited is not erased: a debit "
        "may be contested, and the mandate asked for, for 13 months "
        "(Code monétaire et financier, art. L133-24).")

    @classmethod
    def default_debit_months(cls):
        return 13


class Erase(metaclass=PoolMeta):
    __name__ = 'party.erase'

    def check_erase_company(self, party, company):
        super().check_erase_company(party, company)
        kept = self._find_kept(
            'account.payment', party, company, 'debit_months',
            [('sepa_mandate', '!=', None)])
        if kept:
            payment, until = kept
            raise EraseError(gettext(
                    'proxymikro_membership.msg_erase_party_debit',
                    party=party.rec_name, payment=payment.rec_name,
                    date=until))

    def to_erase(self, party_id):
        Mandate = Pool().get('account.payment.sepa.mandate')
        # The numbers of the accounts are erased with those of the party.
        # The identifications are unique: they can't all be the same
        return super().to_erase(party_id) + [
            (Mandate, [('party', '=', party_id)], True,
                ['identification', 'state'], [None, 'cancelled']),
            ]
