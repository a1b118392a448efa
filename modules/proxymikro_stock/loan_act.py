# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What happens to the devices of a loan: delivered, returned, swapped, lost."""
from collections import defaultdict

from trytond.i18n import gettext
from trytond.pool import Pool, PoolMeta
from trytond.tools import grouped_slice
from trytond.transaction import without_check_access

from .exceptions import LoanDateError, LoanPlaceError


class LoanLine(metaclass=PoolMeta):
    __name__ = 'stock.loan.line'

    @classmethod
    @without_check_access
    def lock(cls, lines):
        """Serialise the transactions on the devices and return fresh lines.

        The device is written first, on both databases: who comes second sees
        what the first has recorded. Then the loan: of two people who take
        back its last two devices, one must see that nothing is left.
        """
        pool = Pool()
        Loan = pool.get('stock.loan')
        Lot = pool.get('stock.lot')
        if lines:
            Lot.write(sorted({n.lot for n in lines}, key=int), {})
            Loan.write(sorted({n.loan for n in lines}, key=int), {})
        return cls.browse(lines)

    @classmethod
    @without_check_access
    def check_dates(cls, lines):
        "Raise an error if a device is booked twice for a same day"
        booked = defaultdict(set)
        for sub_lots in grouped_slice(sorted({n.lot.id for n in lines}), 500):
            for other in cls.search([
                        ('lot', 'in', list(sub_lots)),
                        ('returned_on', '=', None),
                        ('lost_on', '=', None),
                        ('loan.state', 'in', ['reserved', 'running']),
                        ]):
                booked[other.lot].add(other)
        for line in lines:
            start, end = line.period
            for other in booked[line.lot] - {line}:
                other_start, other_end = other.period
                if start <= other_end and other_start <= end:
                    cls._raise_booked(line, other)
            booked[line.lot].add(line)

    @classmethod
    def _raise_booked(cls, line, other):
        Loan = Pool().get('stock.loan')
        start, end = map(Loan.format_date, line.period)
        other_start, other_end = map(Loan.format_date, other.period)
        raise LoanDateError(gettext(
                'proxymikro_stock.msg_loan_booked',
                lot=line.lot.rec_name, start=start, end=end,
                loan=other.loan.rec_name,
                other_start=other_start, other_end=other_end))

    @classmethod
    @without_check_access
    def check_ready(cls, lines, stages=('ready',)):
        "Raise an error if a device can't be lent from where it is"
        pool = Pool()
        Location = pool.get('stock.location')
        Lot = pool.get('stock.lot')
        for line in lines:
            if line.lot.stage in stages:
                continue
            if not line.lot.location:
                raise LoanPlaceError(gettext(
                        'proxymikro_stock.msg_loan_nowhere',
                        lot=line.lot.rec_name))
            raise LoanPlaceError(gettext(
                    'proxymikro_stock.msg_loan_not_ready',
                    lot=line.lot.rec_name,
                    location=line.lot.location.rec_name))
        # What is still lent is checked when it has come back
        Lot.check_destination(
            [n.lot for n in lines if n.lot.stage == 'ready'],
            Location.get_members())

    @classmethod
    @without_check_access
    def deliver(cls, lines, date):
        "Bring the devices to the place of their borrower"
        pool = Pool()
        Location = pool.get('stock.location')
        Move = pool.get('stock.move')
        cls.check_ready(lines)
        locations = {}
        for line in lines:
            loan = line.loan
            if loan not in locations:
                locations[loan] = Location.get_borrower_location(
                    loan.borrower, loan.location_party, loan.company)
            line.move_out = line._get_move(
                line.lot.location, locations[loan], date)
            line.lent_on = date
            line.open_device = line.lot
        Move.save([n.move_out for n in lines])
        Move.do([n.move_out for n in lines])
        cls.save(lines)

    @classmethod
    @without_check_access
    def return_(cls, lines, date=None, conditions=None):
        """Bring the devices back to reception and close the finished loans.

        The conditions are those noted by line. What was lost may be found.
        """
        Move = Pool().get('stock.move')
        conditions = conditions or {}
        lines = cls.lock(lines)
        for line in lines:
            if line.state not in {'lent', 'lost', 'stolen'}:
                raise LoanPlaceError(gettext(
                        'proxymikro_stock.msg_loan_not_lent',
                        lot=line.lot.rec_name, loan=line.loan.rec_name))
            line.returned_on = date or line.loan.today()
            line.move_in = line._get_move(
                (line.move_lost or line.move_out).to_location,
                line.move_out.to_location.warehouse.input_location,
                line.returned_on)
            line.condition_in = conditions.get(line)
            line.open_device = None
        Move.save([n.move_in for n in lines])
        Move.do([n.move_in for n in lines])
        cls.save(lines)
        cls.close_loans(lines)

    @classmethod
    @without_check_access
    def lose(cls, lines, loss, date=None, circumstances=None, complaint=None):
        """Record that the borrower lost the devices, or had them stolen.

        They stay in the register, at a place which says so.
        """
        pool = Pool()
        Location = pool.get('stock.location')
        Move = pool.get('stock.move')
        lines = cls.lock(lines)
        lost = Location.get_lost()
        for line in lines:
            if not line.open_device:
                raise LoanPlaceError(gettext(
                        'proxymikro_stock.msg_loan_lose_not_lent',
                        lot=line.lot.rec_name, loan=line.loan.rec_name))
            line.loss = loss
            line.lost_on = date or line.loan.today()
            line.loss_circumstances = circumstances
            line.loss_complaint = complaint
            line.move_lost = line._get_move(
                line.move_out.to_location, lost, line.lost_on)
            line.open_device = None
        Move.save([n.move_lost for n in lines])
        Move.do([n.move_lost for n in lines])
        cls.save(lines)
        cls.close_loans(lines)

    @classmethod
    def find_out(cls, lot):
        "Return the line by which a borrower has the device, or lost it"
        lines = cls.search([
                ('lot', '=', lot.id),
                ('state', 'in', ['lent', 'lost', 'stolen']),
                ], order=[('lent_on', 'DESC'), ('id', 'DESC')], limit=1)
        if not lines:
            raise LoanPlaceError(gettext(
                    'proxymikro_stock.msg_loan_not_out', lot=lot.rec_name))
        return lines[0]

    @classmethod
    def close_loans(cls, lines):
        "Close the loans of the lines that hold no device any more"
        Loan = Pool().get('stock.loan')
        loans = Loan.browse(sorted({n.loan.id for n in lines}))
        Loan.do([
                l for l in loans if not any(n.open_device for n in l.lines)])

    @classmethod
    def swap(cls, line, lot, date=None, condition_in=None,
            condition_out=None):
        "Take a device back and lend another one until the same day"
        new, = cls.swap_all(
            {line: lot}, date or line.loan.today(),
            {line: condition_in}, {line: condition_out})
        return new

    @classmethod
    @without_check_access
    def swap_all(cls, lots, date, conditions_in=None, conditions_out=None):
        "Swap at once the device of each line for a lot, all or none"
        conditions_out = conditions_out or {}
        news = [
            cls(
                loan=line.loan, lot=lot, replaces=line,
                kit=line.kit, condition_out=conditions_out.get(line),
                replacement_value=line.replacement_value)
            for line, lot in lots.items()]
        cls.save(news)
        # All at once, always in the same order
        both = cls.lock(list(lots) + news)
        lines, news = both[:len(lots)], both[len(lots):]
        cls.check_dates(news)
        cls.deliver(news, date)
        cls.return_(lines, date, conditions_in)
        return news

    def _get_move(self, from_location, to_location, date):
        Move = Pool().get('stock.move')
        return Move(
            shipment=self.loan, origin=self, company=self.loan.company,
            product=self.lot.product, lot=self.lot,
            unit=self.lot.product.default_uom, quantity=1,
            from_location=from_location, to_location=to_location,
            effective_date=date)
