# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt
import unicodedata

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Workflow, fields
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import Transaction

from .exceptions import IssueLimitError

TEXT_SIZE = 1000
CONTACT_SIZE = 100
# What the public page takes of one device in a day, of all in an hour
DEVICE_LIMIT = 5
TOTAL_LIMIT = 100


def clean(text):
    "Return the text without what can't be seen"
    text = text.replace('\r\n', '\n').replace('\t', ' ')
    return ''.join(
        c for c in text
        if c == '\n' or not unicodedata.category(c).startswith('C')).strip()


class Issue(Workflow, ModelSQL, ModelView):
    __name__ = 'device.issue'

    lot = fields.Many2One(
        'stock.lot', "Device", required=True, ondelete='CASCADE',
        domain=[('device', '=', True)],
        states={
            'readonly': Eval('id', -1) >= 0,
            },
        help="The device that does not work.")
    date = fields.Date(
        "Date", required=True,
        states={
            'readonly': Eval('id', -1) >= 0,
            },
        help="The day the breakdown was reported.")
    text = fields.Text(
        "Breakdown", required=True, size=TEXT_SIZE,
        states={
            'readonly': Eval('id', -1) >= 0,
            },
        help="What happens, in the words of whoever reports it.")
    contact = fields.Char(
        "Contact", size=CONTACT_SIZE,
        states={
            'readonly': Eval('state') == 'handled',
            },
        help="How to answer whoever reports it: "
        "forgotten once the report is handled.")
    notes = fields.Text("Notes", help="What was done about it.")
    handled_by = fields.Many2One(
        'company.employee', "Handled By", readonly=True, ondelete='RESTRICT',
        states={
            'invisible': Eval('state') == 'new',
            })
    state = fields.Selection([
            ('new', "New"),
            ('handled', "Handled"),
            ], "State", required=True, readonly=True, sort=False)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        t = cls.__table__()
        cls._sql_indexes.update({
                Index(t, (t.create_date, Index.Range())),
                Index(
                    t, (t.state, Index.Equality(cardinality='low')),
                    where=t.state == 'new'),
                })
        cls._transitions |= {('new', 'handled')}
        cls._buttons.update({
                'handle': {
                    'invisible': Eval('state') != 'new',
                    'depends': ['state'],
                    },
                })

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_state(cls):
        return 'new'

    def get_rec_name(self, name):
        return self.lot.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('lot.rec_name', *clause[1:])]

    @classmethod
    @ModelView.button
    @Workflow.transition('handled')
    def handle(cls, issues):
        User = Pool().get('res.user')
        if issues:
            cls.write(issues, {
                    'contact': None,
                    'handled_by': User(Transaction().user).employee,
                    })

    @classmethod
    def report(cls, lot, text, contact=None):
        """Record what somebody unknown says of the device.

        Who sends it twice says it once. The limit is counted in the database,
        after the writing: the workers that serve the page share it.
        """
        Lot = Pool().get('stock.lot')
        Lot.lock([lot])
        known = cls.search([
                ('lot', '=', lot.id),
                ('state', '=', 'new'),
                ('text', '=', text),
                ], limit=1)
        if known:
            return known[0]
        issue = cls(lot=lot, text=text, contact=contact or None)
        issue.save()
        now = dt.datetime.now()
        for domain, delay, limit in [
                ([('lot', '=', lot.id)], dt.timedelta(days=1), DEVICE_LIMIT),
                ([], dt.timedelta(hours=1), TOTAL_LIMIT)]:
            recent = cls.search(
                [domain, ('create_date', '>=', now - delay)],
                limit=limit + 1, order=[])
            if len(recent) > limit:
                raise IssueLimitError(gettext(
                        'proxymikro_stock.msg_issue_limit', lot=lot.rec_name))
        return issue

    @classmethod
    def copy(cls, issues, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('state', cls.default_state())
        default.setdefault('handled_by', None)
        return super().copy(issues, default=default)
