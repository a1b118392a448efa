# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from collections import defaultdict

from trytond.i18n import gettext
from trytond.pool import Pool, PoolMeta

from .exceptions import BorrowingRightError


class Loan(metaclass=PoolMeta):
    __name__ = 'stock.loan'

    @classmethod
    def check_right(cls, loans):
        """Lend only to members, within what their membership gives.

        The borrowers are written first: two loans at once can't each use the
        same rest of a quota.
        """
        Party = Pool().get('party.party')
        super().check_right(loans)
        Party.write(sorted({l.borrower for l in loans}, key=int), {})
        memberships = {l: l.find_membership() for l in loans}
        Party.write(
            sorted({m.party for m in memberships.values()}, key=int), {})
        asked = defaultdict(int)
        for loan, membership in memberships.items():
            asked[membership] += sum(
                n.state in {'planned', 'lent'} for n in loan.lines)
            limit = membership.type.max_devices
            held = loan.count_held(membership.people, exclude=loans)
            if limit and held + asked[membership] > limit:
                raise BorrowingRightError(gettext(
                        'proxymikro_membership.msg_loan_quota',
                        party=loan.borrower.rec_name,
                        limit=limit, held=held,
                        asked=asked[membership]))

    @property
    def right_date(self):
        "The day the borrower must be a member: today, if it is extended"
        return self.today() if self.state == 'running' else self.start_date

    def find_membership(self):
        pool = Pool()
        Lang = pool.get('ir.lang')
        Membership = pool.get('party.membership')
        memberships = Membership.search([
                Membership.of_domain([self.borrower.id]),
                ('company', '=', self.company.id),
                *Membership.in_force_domain(self.right_date),
                ('state', '=', 'active'),
                ], order=[('end_date', 'DESC')])
        if not memberships:
            raise BorrowingRightError(gettext(
                    'proxymikro_membership.msg_loan_member',
                    party=self.borrower.rec_name,
                    date=Lang.get().strftime(self.right_date)))
        for membership in memberships:
            if membership.type.may_borrow:
                return membership
        raise BorrowingRightError(gettext(
                'proxymikro_membership.msg_loan_type',
                party=self.borrower.rec_name,
                type=memberships[0].type.rec_name))

    def count_held(self, people, exclude):
        "Return how many devices the people have or have reserved elsewhere"
        Line = Pool().get('stock.loan.line')
        return Line.search([
                ('loan.borrower', 'in', [p.id for p in people]),
                ('loan.company', '=', self.company.id),
                ('loan.state', 'in', ['reserved', 'running']),
                ('loan', 'not in', [l.id for l in exclude]),
                ('state', 'in', ['planned', 'lent']),
                ], count=True)
