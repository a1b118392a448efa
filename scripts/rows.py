# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the imports of lists share: rows that are read, then sent by batches."""
import hashlib
import os
import sys

from tqdm import tqdm

from trytond.modules.proxymikro_base.importer import (
    MAX_SIZE, FileRefused, read_table)
from trytond.modules.proxymikro_stock import device_row

from .messages import get_error, say, text

_DELIMITERS = {';': 'semicolon', ',': 'comma', '\t': 'tab'}


class UsageError(Exception):
    "The command can't start, for a reason in words"


def read_file(path):
    try:
        if path.stat().st_size > MAX_SIZE:
            raise FileRefused.because('file_size', size=MAX_SIZE // 2**20)
        return path.read_bytes()
    except OSError as error:
        raise UsageError(text(
                'command_unreadable', file=path,
                error=os.strerror(error.errno))) from error


def announce(options, data, table, rows, errors):
    "Say how the file was read and return its description and its batches"
    say('command_encoding',
        file=options.file.name, rows=len(table.rows) + len(table.problems),
        encoding=table.encoding,
        delimiter=text(f'command_delimiter_{_DELIMITERS[table.delimiter]}'))
    if not rows and not errors:
        raise UsageError(text('command_no_rows'))
    source = {
        'file_name': options.file.name,
        'sha256': hashlib.sha256(data).hexdigest(),
        'encoding': table.encoding,
        'rows': len(rows) or 1,
        }
    return source, [
        rows[i:i + options.batch_size]
        for i in range(0, len(rows), options.batch_size)]


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


def check_devices(table):
    """Return the rows as the server wants them, and the errors of the file.

    What is repeated in the file can only be seen here, as the server receives
    it in batches. The rows that can't be read are left out.
    """
    problems, parsed, rows = list(table.problems), [], []
    for row in table.rows:
        device, row_problems = device_row.parse_row(row.line, row.values)
        problems.extend(row_problems)
        if device:
            parsed.append(device)
            rows.append({'line': row.line, 'texts': row.values})
    occurrences = device_row.count_occurrences(parsed)
    for row in rows:
        row['occurrence'] = occurrences[row['line']]
    duplicates = device_row.find_duplicates(parsed)
    problems.extend(duplicates)
    refused = {p.line for p in duplicates}
    return (
        [r for r in rows if r['line'] not in refused],
        list(map(get_error, problems)))
