# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What was decided about a loan after its agreement, and why."""
from sql.aggregate import Max

from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import Transaction, without_check_access

from .evidence import SealedMixin


class LoanEvent(SealedMixin, ModelSQL, ModelView):
    __name__ = 'stock.loan.event'
    # The message is sent once the event is there to tell of
    _unsealed_fields = frozenset({'email'})

    loan = fields.Many2One(
        'stock.loan', "Loan", required=True, ondelete='RESTRICT')
    kind = fields.Selection([
            ('extension', "Extension"),
            ('recall', "Recall"),
            ('reminder', "Reminder"),
            ('loss', "Loss or Theft"),
            ('waiver', "Right Waived"),
            ], "Kind", required=True, sort=False)
    kind_string = kind.translated('kind')
    date = fields.Date("Date", required=True)
    reason = fields.Text(
        "Reason",
        help="Why it was decided, or what was told.")
    due_before = fields.Date(
        "Due Date Before",
        states={
            'invisible': ~Eval('kind').in_(['extension', 'recall']),
            },
        help="The due date that had been agreed.")
    due_after = fields.Date(
        "Due Date After",
        states={
            'invisible': ~Eval('kind').in_(['extension', 'recall']),
            },
        help="The due date from then on.")
    user = fields.Many2One(
        'res.user', "By",
        help="Who recorded it. Empty when the software did it by itself.")
    email = fields.Many2One(
        'ir.email', "E-mail", ondelete='RESTRICT',
        states={
            'invisible': ~Eval('kind').in_(['recall', 'reminder']),
            },
        help="The message as it was sent.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('loan')
        cls._order = [
            ('date', 'DESC'),
            ('id', 'DESC'),
            ]

    @classmethod
    def check_modification(cls, mode, events, values=None, external=False):
        super().check_modification(
            mode, events, values=values, external=external)
        if mode == 'write' and external:
            for event in events:
                cls._raise_sealed('modify', event)

    def get_rec_name(self, name):
        return f'{self.kind_string} @ {self.loan.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('loan.rec_name', *clause[1:])]


class Loan(metaclass=PoolMeta):
    __name__ = 'stock.loan'

    events = fields.One2Many(
        'stock.loan.event', 'loan', "History", readonly=True)
    reminded_on = fields.Function(
        fields.Date(
            "Reminded On",
            help="The day the borrower was last asked for the devices."),
        'get_reminded_on')

    @classmethod
    def get_reminded_on(cls, loans, name):
        Event = Pool().get('stock.loan.event')
        table = Event.__table__()
        cursor = Transaction().connection.cursor()
        result = dict.fromkeys(map(int, loans))
        cursor.execute(*table.select(
                table.loan, Max(table.date),
                where=fields.SQL_OPERATORS['in'](table.loan, list(result))
                & table.kind.in_(['reminder', 'recall']),
                group_by=table.loan))
        for loan, date in cursor:
            result[loan] = Event.date.sql_format(date)
        return result

    @classmethod
    @without_check_access
    def add_events(cls, loans, kind, **values):
        "Keep what was decided about the loans"
        Event = Pool().get('stock.loan.event')
        return Event.create([{
                    'loan': loan.id, 'kind': kind, 'date': loan.today(),
                    'user': Transaction().user or None,
                    **values} for loan in loans])

    @classmethod
    def copy(cls, loans, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('events', None)
        return super().copy(loans, default=default)
