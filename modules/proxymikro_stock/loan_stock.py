# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt
from collections import defaultdict

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.tools import grouped_slice
from trytond.transaction import without_check_access

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
        public page of the device.
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
        lots = cls.search([('device', '=', True), domain], limit=2)
        return lots[0] if len(lots) == 1 else None

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
        return ((from_.stage == 'lent' or from_.type == 'customer')
            and to.stage != 'lent' and to.type == 'storage')
