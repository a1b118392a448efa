# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.i18n import gettext
from trytond.modules.party.exceptions import EraseError
from trytond.modules.proxymikro_base.party import erased
from trytond.pool import Pool, PoolMeta
from trytond.transaction import without_check_access


class Replace(metaclass=PoolMeta):
    __name__ = 'party.replace'

    @classmethod
    def fields_to_replace(cls):
        return super().fields_to_replace() + [
            ('stock.shipment.in', 'introduced_by'),
            ('stock.loan', 'borrower'),
            ('stock.loan', 'place'),
            ('stock.loan.request', 'borrower'),
            ('stock.loan.request', 'place'),
            ('stock.location', 'borrower'),
            ('stock.location', 'place'),
            ]

    def transition_replace(self):
        self._release_locations()
        return super().transition_replace()

    @without_check_access
    def _release_locations(self):
        """Let the places which become the same keep what they hold.

        Only one of them takes the next loans.
        """
        Location = Pool().get('stock.location')
        source, destination = self.ask.source, self.ask.destination
        locations = Location.search([
                ('company', '!=', None),
                ['OR',
                    ('borrower', 'in', [source.id, destination.id]),
                    ('place', 'in', [source.id, destination.id]),
                    ],
                ])

        def key(location):
            return tuple(
                destination if p == source else p
                for p in [location.borrower, location.place]
                ) + (location.company,)

        kept = set()
        released = []
        for location in sorted(locations, key=lambda l: source in {
                    l.borrower, l.place}):
            if key(location) in kept:
                released.append(location)
            kept.add(key(location))
        if released:
            Location.write(released, {'company': None})


class Erase(metaclass=PoolMeta):
    __name__ = 'party.erase'

    def check_erase_company(self, party, company):
        Loan = Pool().get('stock.loan')
        super().check_erase_company(party, company)
        if loans := Loan.search([
                    ['OR',
                        ('borrower', '=', party.id),
                        ('place', '=', party.id),
                        ],
                    ('company', '=', company.id),
                    ('state', 'in', ['draft', 'reserved', 'running']),
                    ], limit=1):
            raise EraseError(gettext(
                    'proxymikro_stock.msg_erase_party_loan',
                    party=party.rec_name,
                    loan=loans[0].rec_name))

    def to_erase(self, party_id):
        pool = Pool()
        return super().to_erase(party_id) + [
            (pool.get('stock.loan'), [('borrower', '=', party_id)], True,
                ['purpose'], [erased]),
            (pool.get('stock.loan.line'),
                [('loan.borrower', '=', party_id)], True,
                ['loss_circumstances', 'loss_complaint'], [erased] * 2),
            (pool.get('stock.loan.request'),
                [('borrower', '=', party_id)], True,
                ['purpose', 'note'], [erased] * 2),
            ]
