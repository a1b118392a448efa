# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""proxymikro-import loans: what schools already have, into the server."""
import sys
from pathlib import Path

from tqdm import tqdm

from proteus import Model
from trytond.modules.proxymikro_base.importer import (
    ValueProblem, parse_date, read_table)
from trytond.modules.proxymikro_stock import loan_row

from .connection import call
from .messages import get_error, text

MAX_BATCH = 500


def add_arguments(parser):
    parser.add_argument('file', type=Path, help=text('command_file'))
    parser.add_argument('--end-date', help=text('command_end_date'))
    parser.add_argument(
        '--snipe-it', action='store_true', help=text('command_snipe_it'))
    parser.add_argument(
        '--batch-size', type=int, default=250,
        help=text('command_batch_size'))


def parse_end_date(options):
    "Return the due date of the options, which may raise a ValueError"
    try:
        return parse_date(options.end_date or '')
    except ValueProblem as problem:
        raise ValueError(
            text(f'import_{problem.code}', **problem.values)) from problem


def read(options, data):
    "Return the table, its rows as the server wants them, and the errors"
    table = read_table(
        data, loan_row.COLUMNS, strict=not options.snipe_it)
    end_date = parse_end_date(options)
    problems, parsed, rows = list(table.problems), [], []
    for row in table.rows:
        if options.snipe_it and not loan_row.is_lent(row.values):
            continue
        loan, row_problems = loan_row.parse_row(
            row.line, row.values, end_date)
        problems.extend(row_problems)
        if loan:
            parsed.append(loan)
            rows.append({'line': row.line, 'texts': {
                        **row.values,
                        'end_date': f"{loan.values['end_date']:%d/%m/%Y}",
                        }})
    problems.extend(loan_row.find_duplicates(parsed))
    refused = {p.line for p in problems}
    return (
        table, [r for r in rows if r['line'] not in refused],
        list(map(get_error, problems)))


def send_batches(options, config, batches, source, dry_run):
    "Return the sum of what the server did with the batches"
    Loan = Model.get('stock.loan', config=config)
    total = {'created': 0, 'unchanged': 0, 'errors': []}
    handled = 0
    label = text('command_checking' if dry_run else 'command_writing')
    with tqdm(
            total=sum(map(len, batches)), desc=label, disable=None,
            file=sys.stderr) as progress:
        for batch in batches:
            handled += len(batch)
            result = call(
                Loan._proxy.import_loans, batch, source, handled, dry_run,
                config.context)
            for name, value in result.items():
                total[name] += value
            if result['errors'] and not dry_run:
                break
            progress.update(len(batch))
    return total
