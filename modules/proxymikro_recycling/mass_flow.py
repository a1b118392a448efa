# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What moved during the periods, in SQL."""
import datetime as dt

from sql import Literal, Null, Union, Values, With
from sql.aggregate import Min, Sum
from sql.conditionals import Case, Coalesce
from sql.functions import Extract, Round

from trytond.pool import Pool
from trytond.transaction import Transaction

from .mass_entry import get_entries, of_company


def get_flows(periods):
    """Return the With and the query of what moved by period.

    A period is (number, first day, last day); a row (period, collection,
    kind, bucket, until, before, number): the kg up to the end of the period,
    those before it, the units inside it.
    """
    with_, shares, entries = get_entries()
    periods = With('period', 'start', 'end', query=Values(periods))
    before = entries.date < periods.start
    by = [periods.period, entries.collection, entries.kind, entries.bucket]
    flows = entries.join(
        periods, condition=entries.date <= periods.end).select(
        *(c.as_(n) for c, n in zip(
                by, ['period', 'collection', 'kind', 'bucket'])),
        Sum(entries.mass).as_('until'),
        Sum(Case((before, entries.mass), else_=0.)).as_('before'),
        Sum(Case((before, 0.), else_=entries.number)).as_('number'),
        group_by=by)
    return [*with_, periods], Union(flows, _loans(shares, periods), all_=True)


def get_period():
    "Return the period that the context asks for, all of it until today"
    context = Transaction().context
    return [(
            1, context.get('start_date') or dt.date.min,
            context.get('end_date') or Pool().get('ir.date').today())]


def get_years():
    "Return the years from the first collection on, as periods"
    pool = Pool()
    collection = pool.get('stock.shipment.in').__table__()
    today = pool.get('ir.date').today()
    cursor = Transaction().connection.cursor()
    cursor.execute(*collection.select(
            Min(collection.effective_date),
            where=collection.state.in_(['received', 'done'])))
    first, = cursor.fetchone()
    if isinstance(first, str):
        # SQLite does not know the type of an aggregate
        first = dt.date.fromisoformat(first)
    return [
        (year, dt.date(year, 1, 1), min(dt.date(year, 12, 31), today))
        for year in range((first or today).year, today.year + 1)]


def _loans(shares, periods):
    """Return the query of the days of loan, as the flows are.

    The last day of a period counts when the loan goes on: the days of the
    months make those of the year.
    """
    pool = Pool()
    loan = pool.get('stock.loan').__table__()
    line = pool.get('stock.loan.line').__table__()
    today = pool.get('ir.date').today()
    back = Coalesce(line.returned_on, line.lost_on, today)
    goes_on = back > periods.end
    end = Case((goes_on, periods.end), else_=back)
    start = Case(
        (line.lent_on > periods.start, line.lent_on), else_=periods.start)
    days = (
        Round((Extract('EPOCH', end) - Extract('EPOCH', start)) / 86400.)
        + Case((goes_on, 1.), else_=0.))
    by = [periods.period, shares.collection, shares.kind]
    return (line
        .join(loan, condition=line.loan == loan.id)
        .join(shares, condition=shares.lot == line.lot)
        .join(periods, condition=Literal(True))
        .select(
            *by, Literal('loan'), Sum(days * shares.share), Literal(0.),
            Literal(0.),
            where=(line.lent_on != Null) & (line.lent_on <= periods.end)
            & (back >= periods.start) & of_company(loan.company),
            group_by=by))
