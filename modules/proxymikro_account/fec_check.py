# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the tax office's check of a FEC would refuse, told before it is sent."""
import re

from sql.aggregate import Sum
from sql.conditionals import Coalesce
from sql.functions import CharLength

from trytond.i18n import gettext
from trytond.pool import Pool
from trytond.transaction import Transaction

from .fec_row import Rows, fetch

# The problems of a kind which are told one by one
LIMIT = 20


def get_problems(fiscalyear):
    "Return the sentences, each of which says what to do"
    problems = []
    for check in [
            check_identity, check_years, check_drafts, check_balance,
            check_dates, check_numbers, check_pieces, check_accounts,
            check_journals]:
        found = list(check(fiscalyear))
        problems += found[:LIMIT]
        if len(found) > LIMIT:
            problems.append(message('others', count=len(found) - LIMIT))
    return problems


def message(name, **values):
    return gettext(f'proxymikro_account.msg_fec_{name}', **values)


def check_identity(fiscalyear):
    party = fiscalyear.company.party
    if not party.siren:
        yield message('siren', company=party.rec_name)


def check_years(fiscalyear):
    FiscalYear = Pool().get('account.fiscalyear')
    if fiscalyear.state == 'open':
        yield message('open', fiscalyear=fiscalyear.rec_name)
    for previous in FiscalYear.search([
                ('company', '=', fiscalyear.company.id),
                ('end_date', '<', fiscalyear.start_date),
                ('state', '=', 'open'),
                ]):
        yield message('previous', fiscalyear=previous.rec_name)


def check_drafts(fiscalyear):
    Move = Pool().get('account.move')
    count = Move.search([
            ('period.fiscalyear', '=', fiscalyear.id),
            ('state', '=', 'draft'),
            ], count=True)
    if count:
        yield message(
            'drafts', count=count, fiscalyear=fiscalyear.rec_name)


def _moves(fiscalyear):
    "Return the tables, joined, and the clause of the moves of the year"
    rows = Rows(fiscalyear)
    from_ = rows.move.join(
        rows.period, condition=rows.move.period == rows.period.id)
    where = ((rows.period.fiscalyear == fiscalyear.id)
        & (rows.move.state == 'posted'))
    return rows, from_, where


def check_balance(fiscalyear):
    rows, from_, where = _moves(fiscalyear)
    move, line = rows.move, rows.line
    balance = Sum(Coalesce(line.debit, 0) - Coalesce(line.credit, 0))
    for number, amount in fetch(from_
            .join(line, condition=line.move == move.id)
            .select(move.number, balance, where=where,
                group_by=[move.id, move.number],
                having=(balance >= 0.005) | (balance <= -0.005),
                order_by=move.id)):
        yield message('unbalanced', move=number, amount=f'{amount:.2f}')


def check_dates(fiscalyear):
    rows, from_, where = _moves(fiscalyear)
    move = rows.move
    for number, in fetch(from_.select(move.number, where=where & (
                    (move.date < fiscalyear.start_date)
                    | (move.date > fiscalyear.end_date)),
                order_by=move.id)):
        yield message(
            'date', move=number, fiscalyear=fiscalyear.rec_name)
    for number, in fetch(from_.select(move.number, where=where & (
                    move.post_date == None), order_by=move.id)):  # noqa: E711
        yield message('post_date', move=number)


def check_numbers(fiscalyear):
    "The numbers of each sequence follow each other"
    rows, from_, where = _moves(fiscalyear)
    move, last = rows.move, {}
    for number, in fetch(from_.select(move.number, where=where,
                order_by=[CharLength(move.number), move.number])):
        prefix, digits = re.fullmatch(r'(.*?)(\d*)', number or '').groups()
        if not digits:
            yield message('number', move=number or '')
            continue
        rank = int(digits)
        previous = last.get(prefix)
        if previous and rank > previous[0] + 1:
            yield message('gap', first=previous[1], second=number)
        elif previous and rank == previous[0]:
            yield message('twice', move=number)
        last[prefix] = rank, number


def check_pieces(fiscalyear):
    "An entry which no document and no description explain"
    rows, from_, where = _moves(fiscalyear)
    move = rows.move
    for number, in fetch(from_.select(move.number,
                where=where & (Coalesce(move.origin, '') == '')
                & (Coalesce(move.description, '') == ''),
                order_by=[CharLength(move.number), move.number])):
        yield message('piece', move=number)


def check_accounts(fiscalyear):
    "The numbers of the chart begin with three digits at least"
    rows, from_, where = _moves(fiscalyear)
    account, line = rows.account, rows.line
    for code, name in fetch(from_
            .join(line, condition=line.move == rows.move.id)
            .join(account, condition=line.account == account.id)
            .select(account.code, account.name, where=where,
                group_by=[account.code, account.name],
                order_by=account.code)):
        if not re.match(r'\d{3}', code or ''):
            yield message('account', account=name)


def check_journals(fiscalyear):
    Journal = Pool().get('account.journal')
    rows, from_, where = _moves(fiscalyear)
    used = [j for j, in fetch(from_.select(
                rows.move.journal, where=where, distinct=True))]
    with Transaction().set_context(active_test=False):
        journals = Journal.search([
                ('id', 'in', used),
                ['OR', ('code', '=', None), ('code', '=', '')],
                ])
    for journal in journals:
        yield message('journal', journal=journal.rec_name)
