# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval


class Party(metaclass=PoolMeta):
    __name__ = 'party.party'

    legal_kind = fields.Selection([
            (None, ""),
            ('individual', "Individual"),
            ('association', "Association"),
            ('company', "Company"),
            ('public', "Public Body"),
            ], "Legal Kind", sort=False,
        help="Decides what an invoice must say and who may get a tax receipt."
        "\nEmpty: a company if it has a SIREN or a VAT number, "
        "an individual otherwise.")
    service_code = fields.Char(
        "Service Code",
        states={
            'invisible': Eval('legal_kind') != 'public',
            },
        help="The service which receives the invoices in Chorus Pro.")

    @property
    def customer_kind(self):
        "Who is a customer before the law: individual, professional or public"
        if self.legal_kind == 'public':
            return 'public'
        if self.legal_kind == 'individual':
            return 'individual'
        professional = self.legal_kind or any(
            i.type in {'fr_siren', 'fr_siret', 'fr_tva', 'eu_vat'}
            for i in self.identifiers)
        return 'professional' if professional else 'individual'

    @property
    def has_french_vat_number(self):
        return any(
            i.type == 'fr_tva'
            or (i.type == 'eu_vat' and i.code.upper().startswith('FR'))
            for i in self.identifiers)


class Erase(metaclass=PoolMeta):
    __name__ = 'party.erase'

    def to_erase(self, party_id):
        pool = Pool()
        return super().to_erase(party_id) + [
            (pool.get('bank.account.number'),
                [('account.owners', '=', party_id)], False,
                ['type', 'number', 'number_compact'],
                ['other', '****', '****']),
            (pool.get('account.helloasso.payment'),
                [('party', '=', party_id)], True,
                ['payer', 'email', 'street', 'postal_code', 'city'],
                [None] * 5),
            ]
