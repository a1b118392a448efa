# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt
from collections import Counter, defaultdict

from sql.aggregate import Count

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.tools import grouped_slice
from trytond.transaction import Transaction, without_check_access

from .exceptions import LoanPlaceError


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    loan_lines = fields.One2Many(
        'stock.loan.line', 'lot', "Loans", readonly=True,
        order=[('lent_on', 'DESC'), ('id', 'DESC')])
    data_since = fields.Timestamp(
        "Data Since", readonly=True,
        help="When the device last came back from someone who used it: "
        "what was erased before does not count any more.")

    @classmethod
    def scan(cls, code):
        """Return the only device that a label says, if any.

        The label is the number, the serial number or the address of the
        public page of the device, or of a card it had before.
        """
        code = (code or '').strip()
        if not code:
            return
        if '/d/' in code:
            domain = [('token', '=', code.rstrip('/').rpartition('/d/')[2])]
        else:
            domain = ['OR',
                ('number', '=', code),
                ('serial_number', '=', code),
                ]
        with Transaction().set_context(active_test=False):
            found = cls.follow(cls.search([
                        ('device', '=', True),
                        ['OR',
                            ('active', '=', True),
                            ('alias_of', '!=', None),
                            ],
                        domain], limit=10))
        lots = set(found.values())
        return lots.pop() if len(lots) == 1 else None

    @classmethod
    def find_scanned(cls, code):
        "Return the device that a label says, or raise an error"
        if lot := cls.scan(code):
            return lot
        raise LoanPlaceError(gettext(
                'proxymikro_stock.msg_scan_unknown', code=(code or '').strip()))

    @classmethod
    @without_check_access
    def move_to(cls, lots, location, date=None):
        "Only the return of its loan brings a lent device back"
        Line = Pool().get('stock.loan.line')
        for sub_lots in grouped_slice(list(map(int, lots)), 500):
            for line in Line.search(
                    [('open_device', 'in', list(sub_lots))], limit=1):
                raise LoanPlaceError(gettext(
                        'proxymikro_stock.msg_loan_move',
                        lot=line.lot.rec_name, loan=line.loan.rec_name))
        return super().move_to(lots, location, date=date)

    @classmethod
    @without_check_access
    def pick(cls, needs, start_date, end_date):
        """Return by product the devices to lend on these days.

        At most as many as needed, those on the shelf for the longest first,
        neither booked nor on another draft.
        """
        return {
            product: cls.search([
                    ('product', '=', product.id),
                    ('stage', '=', 'ready'),
                    ('loan_lines', 'not where', [
                            ('state', 'in', ['planned', 'lent']),
                            ('loan.state', 'in',
                                ['draft', 'reserved', 'running']),
                            ('loan.start_date', '<=', end_date),
                            ('loan.end_date', '>=', start_date),
                            ]),
                    ], order=[('current_move', 'ASC')], limit=count)
            for product, count in needs.items()}

    @classmethod
    @without_check_access
    def count_ready(cls, products):
        "Return how many devices of each product are ready and not booked"
        Date = Pool().get('ir.date')
        query = cls.search([
                ('product', 'in', [p.id for p in products]),
                ('stage', '=', 'ready'),
                ('loan_lines', 'not where', [
                        ('state', '=', 'planned'),
                        ('loan.state', 'in', ['draft', 'reserved']),
                        ('loan.end_date', '>=', Date.today()),
                        ]),
                ], order=[], query=True)
        table = cls.__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*table.select(
                table.product, Count(table.id),
                where=table.id.in_(query), group_by=table.product))
        counts = dict(cursor)
        return Counter({p: counts.get(p.id, 0) for p in products})

    @classmethod
    def copy(cls, lots, default=None):
        default = default.copy() if default is not None else {}
        for name in ['loan_lines', 'data_since']:
            default.setdefault(name, None)
        return super().copy(lots, default=default)


class Move(metaclass=PoolMeta):
    __name__ = 'stock.move'

    @classmethod
    def _get_shipment(cls):
        return super()._get_shipment() + ['stock.loan']

    @classmethod
    def _get_origin(cls):
        return super()._get_origin() + ['stock.loan.line']

    @classmethod
    @ModelView.button
    def do(cls, moves):
        super().do(moves)
        cls._record_data_since(moves)

    @classmethod
    @without_check_access
    def _record_data_since(cls, moves):
        """Remember when devices came back from someone who used them.

        Whatever the document: a loan, an inventory or a customer's return.
        """
        Lot = Pool().get('stock.lot')
        since = defaultdict(set)
        now = dt.datetime.now()
        for move in cls.browse(moves):
            if move.lot and move.lot.unit and cls._is_back(move):
                # What is recorded later was over at the end of the day
                over = dt.datetime.combine(
                    move.effective_date + dt.timedelta(days=1), dt.time())
                since[min(now, over)].add(move.lot)
        for date, lots in since.items():
            Lot.write(sorted(lots, key=int), {'data_since': date})

    @staticmethod
    def _is_back(move):
        from_, to = move.from_location, move.to_location
        return (
            (from_.stage in {'lent', 'lost'} or from_.type == 'customer')
            and to.stage != 'lent' and to.type == 'storage')
