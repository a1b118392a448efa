# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What a member asks for: support that its fee pays."""
import datetime as dt

from trytond.i18n import gettext
from trytond.model import (
    ChatMixin, Index, ModelSQL, ModelView, Workflow, fields)
from trytond.modules.proxymikro_base.mail import is_address
from trytond.modules.proxymikro_base.minutes import MinutesMixin
from trytond.modules.proxymikro_base.search import search_any, search_boolean
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.transaction import Transaction, without_check_access

from .exceptions import SupportError

OPEN = ['open', 'assessed', 'waiting', 'repairing']
OUTCOMES = [
    (None, ""),
    ('advice', "Advice Given"),
    ('fixed', "Fixed"),
    ('swapped', "Swapped"),
    ('returned', "Taken Back"),
    ('unsolved', "Not Solved"),
    ('refused', "Not Ours to Solve"),
    ]


class SupportRequest(ChatMixin, Workflow, ModelSQL, ModelView):
    __name__ = 'support.request'
    _rec_name = 'number'

    _open = {'readonly': ~Eval('state').in_(OPEN)}
    number = fields.Char("Number", readonly=True)
    company = fields.Many2One(
        'company.company', "Company", required=True, states=_open)
    subject = fields.Char("Subject", required=True, states=_open)
    text = fields.Text(
        "Description", states=_open,
        help="What happens, in the words of who asks.")
    party = fields.Many2One(
        'party.party', "Member", ondelete='RESTRICT', states=_open,
        context={'company': Eval('company', -1)}, depends={'company'})
    contact = fields.Char(
        "Contact", states=_open, help="Who asks, and how to call back.")
    email = fields.Char(
        "E-mail", states=_open,
        help="Who asks is written to at each step.")
    channel = fields.Selection([
            ('desk', "Front Desk"),
            ('phone', "Telephone"),
            ('page', "Page of the Device"),
            ('email', "E-mail"),
            ], "Came By", required=True, sort=False, states=_open)
    date = fields.Date("Date", required=True, states=_open)
    due_date = fields.Date(
        "To Answer By", states=_open,
        help="What the membership promises.")
    answered_on = fields.Date("Answered On", readonly=True)
    late = fields.Function(
        fields.Boolean("Late"), 'get_late', searcher='search_late')
    age = fields.Function(
        fields.Integer("Age", help="In days."), 'get_age')
    assigned_to = fields.Many2One(
        'company.employee', "Assigned To", ondelete='RESTRICT',
        domain=[('company', '=', Eval('company', -1))], states=_open)
    waiting_for = fields.Selection([
            (None, ""),
            ('member', "The Member"),
            ('part', "A Part"),
            ('visit', "A Visit"),
            ('other', "Something Else"),
            ], "Waiting For", sort=False,
        states=_open)
    waiting_for_string = waiting_for.translated('waiting_for')
    times = fields.One2Many(
        'support.request.time', 'request', "Volunteers", states=_open)
    duration = fields.Function(
        fields.TimeDelta(
            "Time", help="The time that the volunteers gave."),
        'get_duration')
    outcome = fields.Selection(
        OUTCOMES, "Outcome", sort=False,
        states={
            **_open,
            'required': Eval('state').in_(['resolved', 'closed']),
            })
    outcome_string = outcome.translated('outcome')
    solution = fields.Text(
        "Solution", states=_open,
        help="What was done: it is sent to who asked.")
    satisfaction = fields.Selection([
            (None, ""),
            ('3', "Satisfied"),
            ('2', "Partly Satisfied"),
            ('1', "Not Satisfied"),
            ], "Satisfaction", sort=False,
        states={
            'invisible': ~Eval('state').in_(['resolved', 'closed']),
            },
        help="What who asked says of it.")
    satisfaction_note = fields.Char(
        "In Its Words",
        states={
            'invisible': ~Eval('state').in_(['resolved', 'closed']),
            })
    state = fields.Selection([
            ('open', "Open"),
            ('assessed', "Assessed"),
            ('waiting', "Waiting"),
            ('repairing', "Repairing"),
            ('resolved', "Resolved"),
            ('closed', "Closed"),
            ], "State", required=True, readonly=True, sort=False)
    del _open

    @classmethod
    def __setup__(cls):
        cls.number.search_unaccented = False
        super().__setup__()
        t = cls.__table__()
        cls._sql_indexes |= {
            Index(t, (t.state, Index.Equality(cardinality='low')),
                where=t.state.in_([*OPEN, 'resolved'])),
            Index(t, (t.party, Index.Equality())),
            }
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._transitions |= {
            ('open', 'assessed'),
            ('open', 'resolved'),
            ('assessed', 'waiting'),
            ('assessed', 'repairing'),
            ('assessed', 'resolved'),
            ('waiting', 'repairing'),
            ('waiting', 'resolved'),
            ('repairing', 'waiting'),
            ('repairing', 'resolved'),
            ('resolved', 'assessed'),
            ('resolved', 'closed'),
            ('closed', 'assessed'),
            }

        def only(*states):
            return {
                'invisible': ~Eval('state').in_(list(states)),
                'depends': ['state'],
                }

        cls._buttons.update({
                'assess': only('open'),
                'wait': only('assessed', 'repairing'),
                'repair': only('assessed', 'waiting'),
                'resolve': only(*OPEN),
                'close': only('resolved'),
                'reopen': only('resolved', 'closed'),
                })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_channel(cls):
        return 'desk'

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_state(cls):
        return 'open'

    @fields.depends('party', 'email')
    def on_change_party(self):
        if self.party and not self.email:
            self.email = self.party.email

    @classmethod
    def get_late(cls, requests, name):
        today = Pool().get('ir.date').today()
        return {
            r.id: bool(r.state in OPEN and not r.answered_on
                and r.due_date and r.due_date < today)
            for r in requests}

    @classmethod
    def search_late(cls, name, clause):
        today = Pool().get('ir.date').today()
        return search_boolean(clause, [
                ('state', 'in', OPEN),
                ('answered_on', '=', None),
                ('due_date', '<', today),
                ], ['OR',
                ('state', 'not in', OPEN),
                ('answered_on', '!=', None),
                ('due_date', '=', None),
                ('due_date', '>=', today),
                ])

    def get_age(self, name):
        return (Pool().get('ir.date').today() - self.date).days

    @classmethod
    def get_duration(cls, requests, name):
        Time = Pool().get('support.request.time')
        return {
            i: dt.timedelta(minutes=m)
            for i, m in Time.sum_minutes('request', requests).items()}

    def get_rec_name(self, name):
        return f'{self.number} · {self.subject}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return search_any(clause, 'number', 'subject', 'party.rec_name')

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(Eval('late', False), 'danger',
                    If(Eval('state') == 'closed', 'muted', ''))),
            ]

    @classmethod
    def preprocess_values(cls, mode, values):
        Configuration = Pool().get('party.configuration')
        values = super().preprocess_values(mode, values)
        if mode == 'create' and not values.get('number'):
            with without_check_access():
                sequence = Configuration(1).support_sequence
                values['number'] = sequence.get()
        return values

    def chat_language(self, audience='internal'):
        return 'fr' if audience == 'public' else super().chat_language(
            audience)

    @classmethod
    def create(cls, vlist):
        requests = super().create(vlist)
        cls._follow(requests)
        cls.tell(requests, 'opened')
        return requests

    @classmethod
    @without_check_access
    def _follow(cls, requests):
        "Let who asks get the public messages of the request by e-mail"
        Channel = Pool().get('ir.chat.channel')
        for request in requests:
            if not request.email:
                continue
            if not is_address(request.email):
                raise SupportError(gettext(
                        'proxymikro_membership.msg_support_email',
                        request=request.rec_name, email=request.email))
            Channel.subscribe_email(request, request.email)

    @classmethod
    def tell(cls, requests, step):
        "Write to who asked that a step is done, in its language"
        for request in requests:
            if not request.email:
                continue
            with Transaction().set_context(
                    language=request.chat_language('public')):
                told = cls(request.id)
                told.chat_post(
                    f'proxymikro_membership.msg_support_told_{step}',
                    audience='public',
                    number=told.number, subject=told.subject,
                    waiting=(told.waiting_for_string or '').lower(),
                    outcome=(told.outcome_string or '').lower(),
                    solution=told.solution or '')

    @classmethod
    def _answered(cls, requests):
        today = Pool().get('ir.date').today()
        cls.write([r for r in requests if not r.answered_on],
            {'answered_on': today})

    @classmethod
    @ModelView.button
    @Workflow.transition('assessed')
    def assess(cls, requests):
        cls._answered(requests)
        cls.tell(requests, 'assessed')

    @classmethod
    @ModelView.button
    @Workflow.transition('waiting')
    def wait(cls, requests):
        for request in requests:
            if not request.waiting_for:
                raise SupportError(gettext(
                        'proxymikro_membership.msg_support_waiting',
                        request=request.rec_name))
        cls.tell(requests, 'waiting')

    @classmethod
    @ModelView.button
    @Workflow.transition('repairing')
    def repair(cls, requests):
        cls.write(requests, {'waiting_for': None})
        cls.tell(requests, 'repairing')

    @classmethod
    @ModelView.button
    @Workflow.transition('resolved')
    def resolve(cls, requests):
        for request in requests:
            if not request.outcome:
                raise SupportError(gettext(
                        'proxymikro_membership.msg_support_outcome',
                        request=request.rec_name))
        cls._answered(requests)
        cls.write(requests, {'waiting_for': None})
        cls.tell(requests, 'resolved')

    @classmethod
    @ModelView.button
    @Workflow.transition('closed')
    def close(cls, requests):
        cls.tell(requests, 'closed')

    @classmethod
    @ModelView.button
    @Workflow.transition('assessed')
    def reopen(cls, requests):
        cls.tell(requests, 'reopened')

    @classmethod
    def check_modification(cls, mode, requests, values=None, external=False):
        super().check_modification(
            mode, requests, values=values, external=external)
        if mode == 'delete' or (
                mode == 'write' and external and 'state' in values):
            for request in requests:
                raise SupportError(gettext(
                        f'proxymikro_membership.msg_support_{mode}',
                        request=request.rec_name))

    @classmethod
    def copy(cls, requests, default=None):
        default = default.copy() if default is not None else {}
        for name in ['number', 'times', 'answered_on', 'outcome', 'solution',
                'satisfaction', 'satisfaction_note', 'waiting_for']:
            default.setdefault(name, None)
        default.setdefault('state', cls.default_state())
        default.setdefault('date', cls.default_date())
        return super().copy(requests, default=default)


class SupportTime(MinutesMixin, ModelSQL, ModelView):
    __name__ = 'support.request.time'

    request = fields.Many2One(
        'support.request', "Request", required=True, ondelete='CASCADE')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('request')

    def get_rec_name(self, name):
        return self.request.rec_name
