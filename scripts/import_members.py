# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""proxymikro-import members: who is a member elsewhere, or may become one."""
import sys
from pathlib import Path

from stdnum.fr import siret
from tqdm import tqdm

from proteus import Model
from trytond.modules.proxymikro_base.importer import (
    ValueProblem, parse_date, read_table)
from trytond.modules.proxymikro_membership import member_row

from .connection import call
from .messages import get_error, text

MAX_BATCH = 500
SOURCES = ['csv', 'paheko', 'galette', 'helloasso', 'annuaire']


def add_arguments(parser):
    parser.add_argument('file', type=Path, help=text('command_file'))
    parser.add_argument(
        '--from', dest='source', choices=SOURCES, default='csv',
        help=text('command_members_from'))
    parser.add_argument('--type', help=text('command_members_type'))
    parser.add_argument('--start-date', help=text('command_members_start'))
    parser.add_argument('--end-date', help=text('command_members_end'))
    parser.add_argument(
        '--batch-size', type=int, default=250,
        help=text('command_batch_size'))


def get_defaults(options):
    "Return what the options say of all the members, or raise a ValueError"
    defaults = {'type': options.type}
    for name in ['start_date', 'end_date']:
        try:
            date = parse_date(getattr(options, name) or '')
        except ValueProblem as problem:
            raise ValueError(text(
                    f'import_{problem.code}', **problem.values)) from problem
        defaults[name] = f'{date:%d/%m/%Y}' if date else None
    return {n: v for n, v in defaults.items() if v}


def read(options, data):
    "Return the table, its rows as the server wants them, and the errors"
    defaults = get_defaults(options)
    table = read_table(
        data, member_row.COLUMNS, strict=options.source == 'csv')
    problems, parsed, rows = list(table.problems), [], []
    for row in table.rows:
        if member_row.is_gone(row.values):
            continue
        texts = {**row.values, **defaults}
        if options.source == 'annuaire' and not siret.is_valid(
                texts.get('siret') or ''):
            # Often the SIREN of who runs the school, which is another party
            texts['siret'] = ''
        member, row_problems = member_row.parse_row(row.line, texts)
        problems.extend(row_problems)
        if member:
            parsed.append(member)
            rows.append({'line': row.line, 'texts': texts})
    problems.extend(member_row.find_duplicates(parsed))
    refused = {p.line for p in problems}
    return (
        table, [r for r in rows if r['line'] not in refused],
        list(map(get_error, problems)))


def send_batches(options, config, batches, source, dry_run):
    "Return the sum of what the server did with the batches"
    Party = Model.get('party.party', config=config)
    total = {
        'created': 0, 'updated': 0, 'unchanged': 0, 'memberships': 0,
        'errors': []}
    handled = 0
    label = text('command_checking' if dry_run else 'command_writing')
    with tqdm(
            total=sum(map(len, batches)), desc=label, disable=None,
            file=sys.stderr) as progress:
        for batch in batches:
            handled += len(batch)
            result = call(
                Party._proxy.import_members, batch, source, handled, dry_run,
                config.context)
            for name, value in result.items():
                total[name] += value
            if result['errors'] and not dry_run:
                break
            progress.update(len(batch))
    return total
