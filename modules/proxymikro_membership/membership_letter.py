# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The call of a fee and its reminders: one letter for all a member owes."""
from itertools import groupby

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, fields
from trytond.modules.company import CompanyReport
from trytond.modules.proxymikro_base.report import (
    FrenchReportMixin, HTMLReportMixin)
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.tools.email_ import format_address
from trytond.transaction import Transaction, without_check_access

from .exceptions import MembershipMailError

KINDS = [
    ('call', "Call"),
    ('before', "Reminder Before the End"),
    ('after', "Reminder After the End"),
    ('manual', "Reminder by Hand"),
    ]
SUBJECTS = {
    'call': "votre adhésion",
    'before': "votre adhésion, rappel",
    'after': "votre adhésion a pris fin",
    'manual': "votre adhésion, rappel",
    }


def by_party(memberships):
    "Return the memberships of each member, the first to start before"
    def key(membership):
        return membership.company.id, membership.party.id
    return [
        sorted(group, key=lambda m: (m.start_date, m.id))
        for _, group in groupby(sorted(memberships, key=key), key=key)]


class Message(ModelSQL, ModelView):
    __name__ = 'party.membership.message'

    membership = fields.Many2One(
        'party.membership', "Membership", required=True, readonly=True,
        ondelete='CASCADE')
    line = fields.Many2One(
        'party.membership.campaign.line', "Campaign Line", readonly=True,
        ondelete='CASCADE')
    kind = fields.Selection(
        KINDS, "Kind", required=True, readonly=True, sort=False)
    date = fields.Date("Date", required=True, readonly=True)
    email = fields.Many2One(
        'ir.email', "E-mail", readonly=True, ondelete='SET NULL',
        help="Empty when the letter was printed.")
    address = fields.Char("Sent To", readonly=True)
    bounced = fields.Boolean(
        "Bounced", readonly=True,
        help="Checked when the message came back: the letters of the "
        "campaign are printed from then on.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('membership')
        t = cls.__table__()
        cls._sql_indexes |= {
            Index(t, (t.membership, Index.Equality())),
            Index(t, (t.line, Index.Equality())),
            }
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._buttons.update({
                'bounce': {
                    'invisible': Eval('bounced', False) | ~Eval('email'),
                    'depends': ['bounced', 'email'],
                    },
                })

    @classmethod
    @ModelView.button
    @without_check_access
    def bounce(cls, messages):
        "Say that the messages came back: print the next ones"
        Line = Pool().get('party.membership.campaign.line')
        cls.write(messages, {'bounced': True})
        lines = {m.line for m in messages if m.line}
        Line.write(list(lines), {'channel': 'paper'})


class Membership(metaclass=PoolMeta):
    __name__ = 'party.membership'

    messages = fields.One2Many(
        'party.membership.message', 'membership', "Messages", readonly=True)

    @classmethod
    @without_check_access
    def send_letter(cls, memberships, kind):
        """Send one message to the member of the memberships.

        The invoices are attached. Return the message, not kept yet.
        """
        pool = Pool()
        Email = pool.get('ir.email')
        Letter = pool.get('party.membership.letter', type='report')
        party = memberships[0].party
        if not party.email:
            raise MembershipMailError(gettext(
                    'proxymikro_membership.msg_membership_mail_address',
                    party=party.rec_name))
        company = memberships[0].company
        with Transaction().set_context(company=company.id, language='fr'):
            memberships = cls.browse(memberships)
            return Email.send(
                to=format_address(party.email, party.name),
                subject=f"{company.party.name} : {SUBJECTS[kind]}",
                body=Letter.render_body(memberships, {'kind': kind}),
                files=cls._get_invoice_files(memberships),
                record=(cls.__name__, memberships[0].id))

    @classmethod
    def _get_invoice_files(cls, memberships):
        Report = Pool().get('account.invoice', type='report')
        files = []
        for membership in memberships:
            if not membership.invoice:
                continue
            # Who calls the fees may not print the invoices of others
            with Transaction().set_user(0):
                extension, content, _, title = Report.execute(
                    [membership.invoice.id], {})
            files.append((f'{title}.{extension}', content))
        return files

    @classmethod
    def copy(cls, memberships, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('messages', None)
        return super().copy(memberships, default=default)


class Letter(FrenchReportMixin, HTMLReportMixin, CompanyReport):
    __name__ = 'party.membership.letter'

    @classmethod
    def get_context(cls, records, header, data):
        pool = Pool()
        InvoiceReport = pool.get('account.invoice', type='report')
        context = super().get_context(records, header, data)
        kind = data.get('kind', 'call')
        context['letters'] = by_party(records)
        context['kind'] = kind
        context['subject'] = SUBJECTS[kind]
        context['get_ibans'] = InvoiceReport.get_ibans
        context['get_due_date'] = cls.get_due_date
        return context

    @staticmethod
    def get_due_date(invoice):
        return min(
            (l.maturity_date for l in invoice.lines_to_pay
                if l.maturity_date and not l.reconciliation), default=None)
