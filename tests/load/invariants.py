# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What must hold in the database after the volunteers have gone home."""
import subprocess
from collections import Counter

from command.tools import environ

from ..application import BIN, NAME, sql

# Rows that must not be: what each says, and the query that finds them
NEVER = {
    "a device in two places, or in none": '''
        SELECT lot, COUNT(*) FROM (
            SELECT lot, location FROM (
                SELECT lot, to_location AS location, 1 AS quantity
                FROM stock_move WHERE state = 'done'
                UNION ALL
                SELECT lot, from_location, -1
                FROM stock_move WHERE state = 'done') AS step
            JOIN stock_location ON stock_location.id = step.location
                AND stock_location.type IN ('storage', 'customer')
            JOIN stock_lot ON stock_lot.id = step.lot
                AND stock_lot.unit_quantity = 1
            GROUP BY lot, location HAVING SUM(quantity) <> 0) AS place
        GROUP BY lot HAVING COUNT(*) <> 1''',
    "a device which is not where its last move brought it": '''
        SELECT stock_lot.id FROM stock_lot
        JOIN stock_move ON stock_move.id = stock_lot.current_move
        WHERE EXISTS (SELECT 1 FROM stock_move AS later
            WHERE later.lot = stock_lot.id AND later.state = 'done'
            AND later.lot_rank > stock_move.lot_rank)''',
    "two moves of one rank in the life of a device": '''
        SELECT lot, lot_rank FROM stock_move
        WHERE lot_rank IS NOT NULL GROUP BY lot, lot_rank
        HAVING COUNT(*) > 1''',
    "a device lent twice": '''
        SELECT open_device FROM stock_loan_line
        WHERE open_device IS NOT NULL
        GROUP BY open_device HAVING COUNT(*) > 1''',
    "a device lent which is not at a borrower's": '''
        SELECT stock_loan_line.id FROM stock_loan_line
        JOIN stock_lot ON stock_lot.id = stock_loan_line.open_device
        JOIN stock_move ON stock_move.id = stock_lot.current_move
        JOIN stock_location ON stock_location.id = stock_move.to_location
        WHERE stock_location.stage IS DISTINCT FROM 'lent' ''',
    "an agreement whose number another has": '''
        SELECT number FROM stock_loan WHERE number IS NOT NULL
        GROUP BY number HAVING COUNT(*) > 1''',
    "a line of the bank matched for more than it is": '''
        SELECT origin.id FROM account_statement_origin AS origin
        JOIN account_statement_line AS line ON line.origin = origin.id
        GROUP BY origin.id HAVING ABS(SUM(line.amount)) > ABS(origin.amount)
        ''',
    "an entry of the books which does not balance": '''
        SELECT move FROM account_move_line
        GROUP BY move HAVING SUM(debit) <> SUM(credit)''',
    "a report whose parts are missing": '''
        SELECT device_report.id FROM device_report
        LEFT JOIN device_component ON device_component.report
            = device_report.id
        WHERE device_report.file_name LIKE 'CHG%-%'
        GROUP BY device_report.id HAVING COUNT(device_component.id) < 2''',
    }
# The acts as they are found, written as the volunteers were told
DONE = {
    'lend': '''
        SELECT line.loan, line.lot FROM stock_loan_line AS line
        JOIN stock_loan ON stock_loan.id = line.loan
        JOIN party_party ON party_party.id = stock_loan.borrower
        WHERE party_party.name LIKE 'École de charge %' ''',
    'return': '''
        SELECT line.loan, line.lot FROM stock_loan_line AS line
        JOIN stock_loan ON stock_loan.id = line.loan
        JOIN party_party ON party_party.id = stock_loan.borrower
        WHERE party_party.name LIKE 'École de charge %'
        AND line.returned_on IS NOT NULL''',
    'report': '''
        SELECT lot, file_name FROM device_report
        WHERE file_name LIKE 'CHG%-%' ''',
    'match': '''
        SELECT line.origin, line.related_to FROM account_statement_line AS line
        JOIN account_statement ON account_statement.id = line.statement
        WHERE account_statement.name = 'Relevé de charge' ''',
    }


# How many rows an act makes at most
ROWS = 2


def find(uri):
    "Return the acts that are in the database, by kind"
    return {
        act: Counter(tuple(row) for row in sql(uri, query))
        for act, query in DONE.items()}


def check(uri, before, told, unanswered):
    """Return what is broken, in words.

    What was there before stays.

    Of the acts that were never answered, counted by kind, nobody knows: each
    is done or it is not.
    """
    problems = [
        f"{len(rows)} times {text}: {rows[:3]}"
        for text, query in NEVER.items() if (rows := sql(uri, query))]
    for act, done in find(uri).items():
        expected = before[act] + Counter(told.get(act, []))
        if lost := expected - done:
            problems.append(f"lost of {act}: {dict(lost)}")
        more = done - expected
        if sum(more.values()) > ROWS * unanswered.get(act, 0):
            problems.append(f"nobody was told of {act}: {dict(more)}")
    return problems


def check_refusals(told, refusals):
    "Return the refusals of what nobody else got"
    got = {
        'lend': {lot for _, lot in told['lend']},
        'return': {lot for _, lot in told['return']},
        'match': {origin for origin, _ in told['match']}}
    return [
        f"{act} refused: {words}" for act, wanted, words in refusals
        if not (wanted or set()) & got.get(act, set())]


def verify(conf):
    "Return what the seals say, once all that is final is sealed"
    result = subprocess.run(
        [str(BIN / 'proxymikro-verify'), '-d', NAME, '-c', str(conf),
            '--seal'],
        capture_output=True, text=True,
        env=environ(TRYTOND_CONFIG=str(conf)))
    return [] if not result.returncode else [
        result.stderr.strip() or f"proxymikro-verify: {result.returncode}"]
