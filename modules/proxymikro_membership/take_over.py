# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.pool import Pool, PoolMeta

IN_FORCE = ['called', 'active']


class ImportBatch(metaclass=PoolMeta):
    __name__ = 'import.batch'

    @classmethod
    def find_remaining(cls):
        Party = Pool().get('party.party')
        return super().find_remaining() + cls.list_remaining([
                ('proxymikro_membership.msg_take_over_email', Party.search([
                            ('memberships.state', 'in', IN_FORCE),
                            ('contact_mechanisms', 'not where', [
                                    ('type', '=', 'email')]),
                            ])),
                ])


class ImportBatchStock(metaclass=PoolMeta):
    __name__ = 'import.batch'

    @classmethod
    def find_remaining(cls):
        pool = Pool()
        Loan = pool.get('stock.loan')
        Party = pool.get('party.party')
        borrowers = {l.borrower.id for l in Loan.search([
                    ('take_over', '=', True), ('state', '=', 'running')])}
        return super().find_remaining() + cls.list_remaining([
                ('proxymikro_membership.msg_take_over_borrower',
                    Party.search([
                            ('id', 'in', list(borrowers)),
                            ('memberships', 'not where', [
                                    ('state', 'in', IN_FORCE)]),
                            ])),
                ])
