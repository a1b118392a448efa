# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The devices of who has not renewed are asked back."""
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.proxymikro_base.mail import check_mail_server
from trytond.modules.proxymikro_stock.loan_letter import by_borrower
from trytond.pool import Pool, PoolMeta
from trytond.transaction import without_check_access
from trytond.wizard import Button, StateAction, StateView, Wizard

from .exceptions import MembershipLapseError


class Membership(metaclass=PoolMeta):
    __name__ = 'party.membership'

    lent_devices = fields.Function(
        fields.Integer(
            "Devices Lent",
            help="How many devices the member still has."),
        'get_lent_devices')

    @classmethod
    @without_check_access
    def get_lent_devices(cls, memberships, name):
        Line = Pool().get('stock.loan.line')
        counts = {m.id: 0 for m in memberships}
        by_party = {}
        for line in Line.search([
                    ('loan.borrower', 'in', [m.party.id for m in memberships]),
                    ('loan.state', '=', 'running'),
                    ('state', '=', 'lent'),
                    ]):
            key = line.loan.borrower, line.loan.company
            by_party[key] = by_party.get(key, 0) + 1
        for membership in memberships:
            counts[membership.id] = by_party.get(
                (membership.party, membership.company), 0)
        return counts

    @classmethod
    @without_check_access
    def recall_loans(cls, memberships, date, reason, send=False):
        """Recall the running loans of the lapsed members and return them.

        Those due before the date stay as they are.
        """
        pool = Pool()
        Loan = pool.get('stock.loan')
        for membership in memberships:
            if not membership.lapsed:
                raise MembershipLapseError(gettext(
                        'proxymikro_membership.msg_recall_lapsed',
                        membership=membership.rec_name))
        if send:
            check_mail_server()
        loans = Loan.search([
                ('borrower', 'in', [m.party.id for m in memberships]),
                ('company', 'in', [m.company.id for m in memberships]),
                ('borrower.member', '=', False),
                ('state', '=', 'running'),
                ('end_date', '>', date),
                ])
        events = {
            loan: Loan.recall(loan, date, reason) for loan in loans}
        for b_loans in by_borrower(loans) if send else []:
            if b_loans[0].borrower.email:
                Loan.send_letter(b_loans, [events[l] for l in b_loans])
        return loans


class RecallLoans(Wizard):
    __name__ = 'party.membership.recall'

    start = StateView('party.membership.recall.start',
        'proxymikro_membership.membership_recall_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Recall", 'recall', 'tryton-ok', default=True),
            ])
    recall = StateAction('proxymikro_stock.act_loan')

    def do_recall(self, action):
        loans = self.model.recall_loans(
            self.records, self.start.date, self.start.reason, self.start.send)
        return action, {'res_id': [l.id for l in loans]}


class RecallLoansStart(ModelView):
    __name__ = 'party.membership.recall.start'

    date = fields.Date(
        "Wanted Back On", required=True,
        help="The loans due before stay as they are.")
    reason = fields.Text(
        "Reason", required=True,
        help="It is written to the borrowers and kept.")
    send = fields.Boolean(
        "Send E-mails",
        help="Check to write at once to those who have an address.")

    @classmethod
    def default_reason(cls):
        return gettext('proxymikro_membership.msg_recall_reason')
