# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The device that a request is about: from its page to its swap."""
from sql import Null

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.proxymikro_base.mail import is_address
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import SupportError, SupportRightError
from .support import OPEN

SUBJECT_SIZE = 80


class SupportRequest(metaclass=PoolMeta):
    __name__ = 'support.request'

    lot = fields.Many2One(
        'stock.lot', "Device", ondelete='RESTRICT',
        domain=[('device', '=', True)],
        states={'readonly': ~Eval('state').in_(OPEN)},
        help="Type or scan the number of the device.")
    issue = fields.Many2One(
        'device.issue', "Breakdown Report", readonly=True,
        ondelete='RESTRICT',
        help="What was reported on the page of the device.")
    work = fields.Many2One(
        'device.work', "Work Order", ondelete='RESTRICT',
        domain=[('lot', '=', Eval('lot', -1))],
        states={
            'readonly': ~Eval('state').in_(OPEN),
            'invisible': ~Eval('lot'),
            },
        help="Where the parts and the time of the workshop are.")
    loan_line = fields.Function(
        fields.Many2One('stock.loan.line', "Lent By"),
        'on_change_with_loan_line')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._buttons.update({
                'swap_wizard': {
                    'invisible': (
                        ~Eval('state').in_(OPEN) | ~Bool(Eval('loan_line'))),
                    'depends': ['state', 'loan_line'],
                    },
                })

    @fields.depends('lot')
    @without_check_access
    def on_change_with_loan_line(self, name=None):
        Line = Pool().get('stock.loan.line')
        if self.lot:
            lines = Line.search([
                    ('lot', '=', self.lot.id),
                    ('state', '=', 'lent'),
                    ], limit=1)
            return lines[0] if lines else None

    @fields.depends('lot', 'party', methods=[
            'on_change_with_loan_line', 'on_change_party'])
    def on_change_lot(self):
        "Who has the device asks for it"
        line = self.on_change_with_loan_line()
        self.loan_line = line
        if line and not self.party:
            self.party = line.loan.borrower
            self.on_change_party()

    @classmethod
    def check_right(cls, requests):
        "Nor for who is late in giving back what it was lent"
        Loan = Pool().get('stock.loan')
        super().check_right(requests)
        with without_check_access():
            late = {
                (l.borrower, l.company): l for l in Loan.search([
                        ('borrower', 'in', [
                                r.party.id for r in requests if r.party]),
                        ('overdue', '=', True),
                        ])}
            for request in requests:
                loan = late.get((request.party, request.company))
                if loan and not request.waived:
                    raise SupportRightError(gettext(
                            'proxymikro_membership.msg_support_late',
                            request=request.rec_name,
                            party=request.party.rec_name, loan=loan.number))

    @classmethod
    @ModelView.button_action('proxymikro_membership.wizard_support_swap')
    def swap_wizard(cls, requests):
        pass

    def swap(self, replacement, condition=None):
        "Take the device back and lend another, in one act"
        Line = Pool().get('stock.loan.line')
        line = self.on_change_with_loan_line()
        if not line:
            raise SupportError(gettext(
                    'proxymikro_membership.msg_support_swap',
                    request=self.rec_name,
                    lot=self.lot.rec_name if self.lot else '—'))
        Line.swap(line, replacement, condition_in=condition)
        self.outcome = 'swapped'
        with Transaction().set_context(
                language=self.chat_language('public')):
            self.solution = gettext(
                'proxymikro_membership.msg_support_swapped',
                lot=self.lot.rec_name, replacement=replacement.rec_name)
        self.save()
        self.resolve([self])

    @classmethod
    @without_check_access
    def from_issue(cls, issue):
        "Open the request of what was reported on the page of a device"
        lot = issue.lot
        request = cls(
            company=lot._get_public_company(), lot=lot, issue=issue,
            channel='page', date=issue.date, text=issue.text,
            subject=issue.text.splitlines()[0][:SUBJECT_SIZE],
            contact=issue.contact)
        if line := request.on_change_with_loan_line():
            request.party = line.loan.borrower
            request.company = line.loan.company
        if is_address(issue.contact):
            request.email = issue.contact
        request.save()
        return request

    @classmethod
    @ModelView.button
    def close(cls, requests):
        "The report is handled with its request, its contact forgotten"
        Issue = Pool().get('device.issue')
        super().close(requests)
        with without_check_access():
            Issue.handle([
                    r.issue for r in requests
                    if r.issue and r.issue.state == 'new'])
            cls.write([r for r in requests if r.issue], {'contact': None})

    @classmethod
    def copy(cls, requests, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('issue', None)
        default.setdefault('work', None)
        return super().copy(requests, default=default)


class Issue(metaclass=PoolMeta):
    __name__ = 'device.issue'

    requests = fields.One2Many(
        'support.request', 'issue', "Requests for Support", readonly=True)

    @classmethod
    def report(cls, lot, text, contact=None):
        Request = Pool().get('support.request')
        issue = super().report(lot, text, contact=contact)
        if not issue.requests:
            with Transaction().set_user(0):
                Request.from_issue(issue)
        return issue

    @classmethod
    def copy(cls, issues, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('requests', None)
        return super().copy(issues, default=default)


class SupportSwap(Wizard):
    __name__ = 'support.request.swap'

    start = StateView('support.request.swap.start',
        'proxymikro_membership.support_swap_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Swap", 'swap', 'tryton-ok', default=True),
            ])
    swap = StateTransition()

    def default_start(self, fields):
        return {'condition': self.record.subject}

    def transition_swap(self):
        self.record.swap(self.start.replacement, self.start.condition)
        return 'end'


class Event(metaclass=PoolMeta):
    __name__ = 'device.event'

    @classmethod
    def _get_evidence(cls):
        return super()._get_evidence() + [
            ('support.request', lambda t: t.date, lambda t: t.assigned_to,
                lambda t: t.lot != Null),
            ]


class SupportSwapStart(ModelView):
    __name__ = 'support.request.swap.start'

    replacement = fields.Many2One(
        'stock.lot', "Replacement", required=True,
        domain=[('device', '=', True), ('stage', '=', 'ready')],
        help="The ready device which is lent until the same due date.")
    condition = fields.Char(
        "Condition on Return",
        help="What is seen of the device taken back.")

    @fields.depends('replacement')
    def on_scan_code(self, code):
        if not self.replacement:
            self.replacement = Pool().get('stock.lot').scan(code)
