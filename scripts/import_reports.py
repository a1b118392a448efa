# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""proxymikro-import reports: a folder of hardware reports into the server."""
import sys
from pathlib import Path

from tqdm import tqdm

from proteus import Model
from trytond.modules.proxymikro_stock import hardware
from trytond.modules.proxymikro_stock.hardware_archive import (
    is_archive, read_archive)
from trytond.modules.proxymikro_stock.hardware_value import UnreadableReport

from .connection import call
from .messages import say, text

MAX_BATCH = 200
MAX_BYTES = 32 * 1024 * 1024
_SUFFIXES = {'.json', '.xml', '.txt', '.zip'}


def add_arguments(parser):
    parser.add_argument('folder', type=Path, help=text('command_folder'))
    parser.add_argument(
        '--collection', help=text('command_report_collection'))
    parser.add_argument(
        '--batch-size', type=int, default=50,
        help=text('command_report_batch_size'))


def find_files(folder):
    "Return the files that may be reports, always in the same order"
    if folder.is_file():
        return [folder]
    return sorted(
        p for p in folder.rglob('*')
        if p.suffix.lower() in _SUFFIXES and p.is_file()
        and not any(part.startswith('.') for part in p.parts[-2:]))


def read_files(paths):
    "Yield the name and the bytes of each report, those of zips as well"
    for path in paths:
        if path.stat().st_size > MAX_BYTES * 8:
            raise UnreadableReport(
                'size', size=hardware.MAX_SIZE // 2**20)
        data = path.read_bytes()
        if is_archive(data):
            for name, content in read_archive(data):
                yield f'{path.name}/{name}', content
        else:
            yield path.name, data


def check_files(paths):
    """Return the number of reports, after saying what is wrong in them.

    None if a file can't be read: then nothing is sent.
    """
    count = refused = 0
    for path in tqdm(
            paths, desc=text('command_checking'), disable=None,
            file=sys.stderr):
        name = path.name
        try:
            for name, data in read_files([path]):
                count += 1
                hardware.parse(data)
        except (UnreadableReport, OSError) as error:
            refused += 1
            say('command_report_error', file=name, error=get_error(error))
    if refused:
        say('command_reports_refused', count=refused)
        return None
    return count


def get_error(error):
    if isinstance(error, UnreadableReport):
        return text(f'report_{error.code}', **error.values)
    return error.strerror or error


def get_batches(paths, count):
    "Yield the reports in batches that the server takes at once"
    batch, size = [], 0
    for name, data in read_files(paths):
        if batch and (len(batch) == count or size + len(data) > MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append({'name': name, 'data': data})
        size += len(data)
    if batch:
        yield batch


def send(options, config, paths, count):
    "Send the reports and return what the server did with them"
    Report = Model.get('device.report', config=config)
    total = {
        'attached': 0, 'created': 0, 'waiting': 0, 'known': 0, 'errors': []}
    with tqdm(
            total=count, desc=text('command_writing'), disable=None,
            file=sys.stderr) as progress:
        for batch in get_batches(paths, options.batch_size):
            result = call(
                Report._proxy.import_files, batch, options.collection,
                options.dry_run, config.context)
            for name, value in result.items():
                total[name] += value
            if result['errors']:
                break
            progress.update(len(batch))
    return total
