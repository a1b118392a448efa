# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The resale accounts, and what paid the invoices of a sale, in SQL."""
from sql import Literal
from sql.conditionals import Coalesce
from sql.operators import Exists

from trytond.model import fields
from trytond.pool import Pool
from trytond.transaction import Transaction

in_ = fields.SQL_OPERATORS['in']
BANK = 'account.statement.line,%'


def get_date():
    "Return the day asked for, today by default"
    return (Transaction().context.get('income_date')
        or Pool().get('ir.date').today())


def resale_accounts():
    "Return the accounts whose lines are income from resale"
    pool = Pool()
    Account = pool.get('account.account')
    Configuration = pool.get('account.configuration')
    company = Transaction().context.get('company', -1)
    words = Configuration(1).get_multivalue(
        'resale_accounts', company=company).split()
    domain = [('company', '=', company), ['OR', *(
                ('code', 'like', f'{word}%')
                for word in words if not word.startswith('-'))]]
    for word in words:
        if word.startswith('-'):
            domain.append(('code', 'not like', f'{word[1:]}%'))
    with Transaction().set_context(active_test=False):
        return Account.search(domain)


def is_closing(move):
    "Return the condition of an entry which closes a year or undoes its closing"
    Move = Pool().get('account.move')
    closing = Move.__table__()
    origin = 'account.fiscalyear,%'
    # To deny it, what has no origin must not be unknown
    move_origin = Coalesce(move.origin, '')
    return (move_origin.like(origin)
        | (move_origin.like('account.move,%')
            & Exists(closing.select(
                    Literal(1),
                    where=(closing.id == Move.origin.sql_id(
                            move.origin, Move))
                    & closing.origin.like(origin)))))


def payment_lines(condition):
    """Return the query (invoice, line) of what paid the customers' invoices.

    A line pays an invoice it is attached to, or that it is reconciled with.
    The condition is a function of the column of the invoice.
    """
    pool = Pool()
    Invoice = pool.get('account.invoice')
    Line = pool.get('account.move.line')
    Payment = pool.get('account.invoice-account.move.line')
    payment, invoice = Payment.__table__(), Invoice.__table__()
    due, line = Line.__table__(), Line.__table__()
    attached = payment.select(
        payment.invoice.as_('invoice'), payment.line.as_('line'),
        where=condition(payment.invoice))
    reconciled = (invoice
        .join(due, condition=(due.move == invoice.move)
            & (due.account == invoice.account))
        .join(line, condition=(line.reconciliation == due.reconciliation)
            & (line.move != invoice.move))
        .select(
            invoice.id, line.id,
            where=condition(invoice.id) & (invoice.type == 'out')))
    return attached | reconciled


def bank_lines(condition):
    """Return the query (invoice, statement_line) of the bank lines behind.

    The bank line paid the invoice, or the transit account, as that of the
    cheques to cash, that the payment went through.
    """
    Line = Pool().get('account.move.line')
    payment, line = payment_lines(condition), Line.__table__()
    direct = payment.join(line, condition=line.id == payment.line).select(
        payment.invoice.as_('invoice'),
        Line.origin.sql_id(line.origin, Line).as_('statement_line'),
        where=line.origin.like(BANK))
    payment, line = payment_lines(condition), Line.__table__()
    transit, in_transit, cleared, is_cleared = _through(line)
    through = (payment
        .join(line, condition=line.id == payment.line)
        .join(transit, condition=in_transit)
        .join(cleared, condition=is_cleared)
        .select(
            payment.invoice,
            Line.origin.sql_id(cleared.origin, Line),
            where=cleared.origin.like(BANK)))
    return direct | through


def _through(line):
    """Return two tables, each with the condition to join it.

    The other lines of the move of the line, as in transit, and what clears
    these.
    """
    Line = Pool().get('account.move.line')
    transit, cleared = Line.__table__(), Line.__table__()
    return (
        transit,
        (transit.move == line.move) & (transit.account != line.account),
        cleared,
        (cleared.reconciliation == transit.reconciliation)
        & (cleared.id != transit.id))


def unbanked_lines(condition):
    """Return the query (invoice) of the money that no bank line is behind.

    What another invoice pays, or the cents written off, is no money.
    """
    pool = Pool()
    Line = pool.get('account.move.line')
    payment, line = payment_lines(condition), Line.__table__()
    move = pool.get('account.move').__table__()
    journal = pool.get('account.journal').__table__()
    transit, in_transit, cleared, is_cleared = _through(line)
    return (payment
        .join(line, condition=line.id == payment.line)
        .join(move, condition=line.move == move.id)
        .join(journal, condition=move.journal == journal.id)
        .select(payment.invoice, where=(
                ~Coalesce(line.origin, '').like(BANK)
                & ~Coalesce(move.origin, '').like('account.invoice,%')
                & (journal.type != 'write-off')
                & ~Exists(transit
                    .join(cleared, condition=is_cleared)
                    .select(Literal(1), where=(
                            in_transit & cleared.origin.like(BANK)))))))


def exists(query):
    return Exists(query.select(Literal(1)))


def search_targets(Model, name, clause):
    """Return the ids of the targets of the clause, and whether it denies them.

    The clause is on the multi-valued field of the name.
    """
    field, operator, value, *extra = clause
    nested = field[len(name) + 1:] or (
        'rec_name' if isinstance(value, str) else 'id')
    denies = operator.startswith('!') or operator.startswith('not ')
    if denies:
        operator = operator.removeprefix('!').removeprefix('not ')
    targets = Model.search([(nested, operator, value, *extra)])
    return [t.id for t in targets], denies
