# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The letters of a campaign: sent, printed, and sent again."""
import datetime as dt

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.proxymikro_base.mail import check_mail_server
from trytond.pool import Pool, PoolMeta
from trytond.transaction import without_check_access
from trytond.wizard import Button, StateReport, StateView, Wizard

from .exceptions import CampaignError
from .membership_letter import by_party

# A reminder does not follow another message sooner, in days
PAUSE = dt.timedelta(days=7)


class Campaign(metaclass=PoolMeta):
    __name__ = 'party.membership.campaign'

    @classmethod
    @ModelView.button
    def send(cls, campaigns):
        "Send the calls which were not, one message by member"
        cls._send(campaigns, lambda line: 'call' if not line.kinds else None)

    @classmethod
    @ModelView.button
    def remind(cls, campaigns):
        "Remind by hand those who have not paid"
        Line = Pool().get('party.membership.campaign.line')
        for campaign in campaigns:
            lines = [l for l in campaign.lines if l.can_remind]
            if not lines:
                raise CampaignError(gettext(
                        'proxymikro_membership.msg_campaign_remind_nobody',
                        campaign=campaign.rec_name))
            Line.remind(lines)

    @classmethod
    @without_check_access
    def remind_due(cls):
        "Send the reminders whose day has come: run by the scheduler"
        today = Pool().get('ir.date').today()
        campaigns = cls.search([('state', '=', 'called')])
        cls._send(campaigns, lambda line: line.due_reminder(today))

    @classmethod
    def _send(cls, campaigns, get_kind):
        """Send a message to each member, by a task of its own.

        Whatever stops one message leaves the others.
        """
        Line = Pool().get('party.membership.campaign.line')
        todo = {}
        for campaign in campaigns:
            for line in campaign.lines:
                if line.state == 'called' and line.channel == 'email':
                    if kind := get_kind(line):
                        todo.setdefault(
                            (campaign.company, line.party, kind), []
                            ).append(line)
        if todo:
            check_mail_server()
        for (_, _, kind), lines in todo.items():
            Line.__queue__.send_letter(lines, kind)


class CampaignLine(metaclass=PoolMeta):
    __name__ = 'party.membership.campaign.line'

    @property
    def kinds(self):
        "The kinds of the messages sent, those which came back aside"
        return {m.kind for m in self.messages if not m.bounced}

    @property
    def debits(self):
        "The direct debits which are to pay the fee: it needs no reminder"
        invoice = self.renewal.invoice if self.renewal else None
        return invoice.debits if invoice else []

    @property
    def can_remind(self):
        return (self.state == 'called' and self.channel == 'email'
            and not self.debits)

    def due_reminder(self, date):
        "Return the reminder whose day has come, if any"
        if not self.kinds or max(m.date for m in self.messages) > date - PAUSE:
            return
        if self.debits:
            return
        campaign, end = self.campaign, self.membership.end_date
        if date > end:
            if (campaign.after_days and 'after' not in self.kinds
                    and date >= end + dt.timedelta(days=campaign.after_days)):
                return 'after'
        elif (campaign.before_days and 'before' not in self.kinds
                and date >= end - dt.timedelta(days=campaign.before_days)):
            return 'before'

    @classmethod
    @ModelView.button
    def remind(cls, lines):
        "Write again to those who have not paid and have an address"
        lines = [l for l in lines if l.can_remind]
        if lines:
            check_mail_server()
        for memberships in by_party([l.renewal for l in lines]):
            cls.__queue__.send_letter(
                [l for l in lines if l.renewal in memberships], 'manual')

    @classmethod
    @without_check_access
    def send_letter(cls, lines, kind):
        """Send one letter for the lines, all of a member, and keep it.

        A kind which was sent already is not, but by hand.
        """
        Membership = Pool().get('party.membership')
        cls.lock(lines)
        lines = [
            l for l in cls.browse(lines) if l.state == 'called'
            and (kind == 'manual' or kind not in l.kinds)]
        if lines:
            email = Membership.send_letter([l.renewal for l in lines], kind)
            cls.add_messages(
                lines, kind, email=email.id, address=lines[0].party.email)

    @classmethod
    def add_messages(cls, lines, kind, **values):
        pool = Pool()
        Message = pool.get('party.membership.message')
        today = pool.get('ir.date').today()
        return Message.create([{
                    'membership': line.renewal.id,
                    'line': line.id,
                    'kind': kind,
                    'date': today,
                    **values} for line in lines])


class PrintLetters(Wizard):
    __name__ = 'party.membership.campaign.print'

    start = StateView('party.membership.campaign.print.start',
        'proxymikro_membership.campaign_print_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Print", 'print_', 'tryton-print', default=True),
            ])
    print_ = StateReport('party.membership.letter')

    def do_print_(self, action):
        Line = Pool().get('party.membership.campaign.line')
        kind = self.start.kind
        lines = [
            line for campaign in self.records for line in campaign.lines
            if line.state == 'called' and line.channel == 'paper'
            and (self.start.again or kind not in line.kinds)
            and (kind == 'call' or not line.debits)]
        if not lines:
            raise CampaignError(gettext(
                    'proxymikro_membership.msg_campaign_print_nobody'))
        Line.add_messages([l for l in lines if kind not in l.kinds], kind)
        ids = [l.renewal.id for l in lines]
        return action, {
            'id': ids[0], 'ids': ids, 'model': 'party.membership',
            'kind': kind}


class PrintLettersStart(ModelView):
    __name__ = 'party.membership.campaign.print.start'

    kind = fields.Selection([
            ('call', "Call"),
            ('before', "Reminder Before the End"),
            ('after', "Reminder After the End"),
            ], "Letter", required=True, sort=False)
    again = fields.Boolean(
        "Again",
        help="Check to print also the letters which were printed already.")

    @classmethod
    def default_kind(cls):
        return 'call'


class Cron(metaclass=PoolMeta):
    __name__ = 'ir.cron'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.method.selection.append(
            ('party.membership.campaign|remind_due',
                "Remind Members of their Fee"))
