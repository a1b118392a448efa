# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the imports of lists share: rows that are read, then sent by batches."""
import sys

from tqdm import tqdm

from trytond.modules.proxymikro_base.importer import read_table

from .messages import get_error, text


def read_rows(data, kind):
    """Return the table, its rows as the server wants them, and the errors.

    The kind is the module of the rows, with their columns.
    """
    table = read_table(data, kind.COLUMNS)
    problems, parsed, rows = list(table.problems), [], []
    for row in table.rows:
        value, row_problems = kind.parse_row(row.line, row.values)
        problems.extend(row_problems)
        if value:
            parsed.append(value)
            rows.append({'line': row.line, 'texts': row.values})
    duplicates = kind.find_duplicates(parsed)
    problems.extend(duplicates)
    refused = {p.line for p in duplicates}
    return (
        table, [r for r in rows if r['line'] not in refused],
        list(map(get_error, problems)))


def add_up(batches, send, total, dry_run):
    """Add to the total what the server did with each batch, and return it.

    It stops at the first batch that can't be written.
    """
    handled = 0
    label = text('command_checking' if dry_run else 'command_writing')
    with tqdm(
            total=sum(map(len, batches)), desc=label, disable=None,
            file=sys.stderr) as progress:
        for batch in batches:
            handled += len(batch)
            result = send(batch, handled)
            for name, value in result.items():
                total[name] += value
            if result['errors'] and not dry_run:
                break
            progress.update(len(batch))
    return total
