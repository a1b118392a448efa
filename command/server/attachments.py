# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The files of the attachments, copied and put back by root.

Their folder is the services', who may plant there what leads elsewhere: a link
is never followed, and what is no file is left and told.
"""
import contextlib
import errno
import hashlib
import os
import pathlib
import shutil
import stat

from ..tools import Failure
from .place import ACCOUNT, DATABASE, ids

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


def copy(place, target, previous=None, known=None):
    """Copy them and return their digests by name, and what was left.

    Those of the backup before, whose digests are known, are linked: a file
    never changes.
    """
    source, digests, left = place.files / DATABASE, {}, []
    make(place, target)
    if source.is_symlink():
        return digests, ['files']
    if not source.exists():
        return digests, left
    for folder, folders, names, fd in os.fwalk(source):
        relative = pathlib.Path(folder).relative_to(source)
        for name in sorted(folders):
            if is_link(name, fd):
                left.append(f'files/{relative / name}')
            else:
                make(place, target / relative / name)
        for name in sorted(names):
            path = f'files/{relative / name}'
            file = read(name, fd)
            if not file:
                left.append(path)
                continue
            with file:
                digests[path] = copy_one(
                    place, file, target / relative / name,
                    previous and previous / path, (known or {}).get(path))
    return digests, left


def make(place, path):
    path.mkdir()
    place.own(path, 'root', ACCOUNT, 0o750)


def is_link(name, fd):
    return stat.S_ISLNK(os.lstat(name, dir_fd=fd).st_mode)


def read(name, fd):
    "Open the file of the folder, or return nothing if it is no file"
    try:
        file = open(os.open(name, FILE, dir_fd=fd), 'rb')
    except OSError as error:
        # A link, a socket
        if error.errno in {errno.ELOOP, errno.ENXIO}:
            return
        raise
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()


def copy_one(place, file, new, before, known):
    digest = get_digest(file)
    if known == digest and before.exists():
        os.link(before, new)
    else:
        with open(new, 'xb') as copy:
            shutil.copyfileobj(file, copy)
        place.own(new, 'root', ACCOUNT, 0o640)
    return digest


def get_digest(file):
    digest = hashlib.file_digest(file, 'sha256').hexdigest()
    file.seek(0)
    return digest


def put(place, folder, digests, database):
    "Put them back from the backup, and leave those that came since"
    with opened(place, pathlib.Path(database)):
        pass
    for name, digest in digests.items():
        if name.startswith('files/'):
            path = pathlib.Path(database, name.removeprefix('files/'))
            with opened(place, path.parent) as fd:
                put_one(place, folder / name, path.name, fd, digest)


@contextlib.contextmanager
def opened(place, path):
    "Open the folder among those of the services, and make it if needed"
    fd = os.open(place.files, FOLDER)
    try:
        for name in path.parts:
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, 0o750, dir_fd=fd)
                give(place, name, fd)
            parent, fd = fd, os.open(name, FOLDER, dir_fd=fd)
            os.close(parent)
        yield fd
    except NotADirectoryError:
        raise Failure(f"{place.files / path} passe par un lien : "
            "retirez-le.") from None
    finally:
        os.close(fd)


def give(place, name, fd):
    if not place.is_trial:
        os.chown(name, *ids(ACCOUNT, ACCOUNT), dir_fd=fd,
            follow_symlinks=False)


def put_one(place, source, name, fd, digest):
    with contextlib.suppress(FileNotFoundError):
        if file := read(name, fd):
            with file:
                if get_digest(file) == digest:
                    return
    new = f'.{name}.new'
    with contextlib.suppress(FileNotFoundError):
        os.unlink(new, dir_fd=fd)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with (open(source, 'rb') as file,
            open(os.open(new, flags, 0o640, dir_fd=fd), 'wb') as copy):
        shutil.copyfileobj(file, copy)
    give(place, new, fd)
    os.rename(new, name, src_dir_fd=fd, dst_dir_fd=fd)
