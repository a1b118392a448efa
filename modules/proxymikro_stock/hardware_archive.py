# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The reports of a zip, without what a zip may hide."""
import io
import zipfile
import zlib

from .hardware import MAX_SIZE
from .hardware_value import UnreadableReport

MAX_FILES = 2_000
MAX_TOTAL = 200 * 1024 * 1024


def is_archive(data):
    return data[:4] in {b'PK\x03\x04', b'PK\x05\x06'}


def read_archive(data):
    """Yield the name and the bytes of each file of the zip.

    What a file says of its size is not trusted: no more is read than a report
    may hold.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = sorted(
            (i for i in archive.infolist()
                if not i.is_dir() and not _is_hidden(i.filename)),
            key=lambda i: i.filename)
        if len(infos) > MAX_FILES:
            raise UnreadableReport('archive_files', count=MAX_FILES)
        total = 0
        for info in infos:
            if info.compress_type not in {
                    zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise UnreadableReport('archive')
            with archive.open(info) as file:
                content = file.read(MAX_SIZE + 1)
            total += len(content)
            if len(content) > MAX_SIZE or total > MAX_TOTAL:
                raise UnreadableReport(
                    'archive_size', name=info.filename[:100],
                    size=MAX_SIZE // 2**20, total=MAX_TOTAL // 2**20)
            if is_archive(content):
                raise UnreadableReport(
                    'archive_nested', name=info.filename[:100])
            yield info.filename, content
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError,
            RuntimeError, OSError, ValueError, MemoryError) as error:
        if isinstance(error, UnreadableReport):
            raise
        raise UnreadableReport('archive')


def _is_hidden(name):
    "Whether systems put the file there by themselves"
    return any(
        part.startswith('.') or part == '__MACOSX'
        for part in name.split('/'))
