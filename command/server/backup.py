# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""./proxymikro backup: a copy that was restored once, or none."""
import datetime as dt
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import time

from ..tools import Failure
from . import attachments, release, totals
from .install import create_database, drop_database, made_by, tell
from .place import ACCOUNT, DATABASE, Place

SCRATCH = f'{DATABASE}_check'
NAME = '%Y-%m-%dT%H-%M-%S'
DUMP, MANIFEST = 'database.dump', 'manifest.json'
# Between the name of a user and the server: what a backup doesn't need
SECRET = re.compile(r'(://[^:/@\s]*:)[^@\s]*@')


def command(args):
    os.umask(0o027)
    place = Place()
    place.require_installed()
    with place.lock():
        folder, sound = backup(place)
        rotate(place)
    return 0 if sound else 1


def backups(place):
    "Return the folders of the whole backups, the oldest first"
    return sorted(
        folder for folder in place.backups.glob('2*')
        if (folder / MANIFEST).is_file())


def read_manifest(folder):
    try:
        return json.loads((folder / MANIFEST).read_text(encoding='utf-8'))
    except (OSError, ValueError) as error:
        raise Failure(f"{folder} n'est pas une sauvegarde : {error}") from None


def backup(place):
    "Return the folder of a new backup, and whether nothing is wrong in it"
    clean(place)
    begin = time.monotonic()
    made = dt.datetime.now()
    folder = place.backups / f'{made:{NAME}}'
    partial = place.backups / f'.{folder.name}.partial'
    partial.mkdir()
    place.own(partial, 'root', ACCOUNT, 0o750)
    manifest = {
        'made': made.isoformat(timespec='seconds'),
        'database': DATABASE,
        # After a restoration the code may not be the one that made it
        'release': made_by(place) or release.current(place),
        }
    # The files after the database: none that it names can be too young
    with totals.Snapshot(place, DATABASE) as snapshot:
        manifest['totals'] = snapshot.totals()
        dump(place, snapshot, partial / DUMP)
    digests, left = copy_files(place, partial / 'files')
    copy_configuration(place, partial / 'configuration')
    for path in [partial / DUMP, *(partial / 'configuration').iterdir()]:
        digests[str(path.relative_to(partial))] = digest(path)
    manifest['files'] = digests
    manifest['problems'] = [
        *(f"{name} n'est pas un fichier : laissé" for name in left),
        *check(place, partial, manifest)]
    write(place, partial / MANIFEST, json.dumps(
            manifest, ensure_ascii=False, indent=1))
    os.sync()
    partial.rename(folder)
    tell('fait', f"sauvegarde {folder}, restaurée et comparée "
        f"({time.monotonic() - begin:.0f} s)")
    for line in manifest['problems']:
        tell('panne', line)
    return folder, not manifest['problems']


def clean(place):
    "Remove what an interrupted backup left"
    for partial in place.backups.glob('.*.partial'):
        shutil.rmtree(partial)
    link = place.files / SCRATCH
    link.unlink(missing_ok=True)
    drop_database(place, SCRATCH)


def dump(place, snapshot, path):
    with open(path, 'wb') as file:
        place.run(
            ['pg_dump', '--format=custom', f'--snapshot={snapshot.name}',
                '-d', place.uri(database=snapshot.database)],
            "pg_dump", stdout=file)
    place.own(path, 'root', ACCOUNT, 0o640)


def copy_files(place, target):
    "Copy the attachments, linked to those of the backup before"
    folders = backups(place)
    if not folders:
        return attachments.copy(place, target)
    return attachments.copy(
        place, target, folders[-1], read_manifest(folders[-1])['files'])


def copy_configuration(place, target):
    "Copy the configuration without its passwords"
    target.mkdir()
    for path in filter(
            pathlib.Path.exists, [place.conf, place.answers, place.local]):
        write(place, target / path.name,
            SECRET.sub(r'\1***@', path.read_text(encoding='utf-8')))


def write(place, path, text):
    path.write_text(text, encoding='utf-8')
    place.own(path, 'root', ACCOUNT, 0o640)


def digest(path):
    with open(path, 'rb') as file:
        return hashlib.file_digest(file, 'sha256').hexdigest()


def check(place, folder, manifest):
    "Restore it aside, compare all, and return what is wrong in it"
    try:
        load(place, folder, SCRATCH)
        return compare(place, folder, manifest, SCRATCH)
    finally:
        drop_database(place, SCRATCH)


def load(place, folder, database):
    "Restore the dump in a new database"
    drop_database(place, database)
    create_database(place, database)
    with open(folder / DUMP, 'rb') as file:
        place.run(
            ['pg_restore', '--exit-on-error', '--no-owner', '--no-privileges',
                '-d', place.uri(database=database)],
            "pg_restore", stdin=file)


def compare(place, folder, manifest, database):
    "Compare the totals, and return what was wrong before the copy already"
    if differences := list(totals.differences(
                manifest['totals'], totals.read(place, database))):
        raise Failure('\n'.join(
                ["la copie n'est pas la même base :", *differences[:20]]))
    # The erasure logs that are sealed are among the attachments
    link = place.files / database
    link.unlink(missing_ok=True)
    link.symlink_to(folder / 'files')
    try:
        return [
            *verify_made(place, database, manifest['release']),
            *missing(place, database)]
    finally:
        link.unlink()


def missing(place, database):
    "Return which attachments of the database have no file any more"
    rows = place.sql(
        "SELECT 'SELECT file_id FROM ' || quote_ident(table_name) "
        "FROM information_schema.columns "
        "WHERE table_schema = 'public' AND column_name = 'file_id'", database)
    query = ' UNION '.join(row[0] for row in rows)
    ids = [row[0] for row in place.sql(
            f'SELECT file_id FROM ({query}) AS f '
            "WHERE file_id <> ''", database)] if rows else []
    return [
        f"le fichier {id_} d'une pièce jointe n'est plus sur le disque"
        for id_ in ids
        if not (place.files / database / id_[:2] / id_[2:4] / id_).exists()]


def verify_made(place, database, name):
    "Verify it by the code of its release: another may not know its tables"
    if name == release.current(place):
        return verify(place, database)
    if release.works(place, name):
        return verify(place, database, release.binaries(place, name))
    tell('attention', f"la version {name}, qui saurait vérifier les sceaux, "
        "n'est pas ici : la mise à jour les vérifiera.")
    return []


def verify(place, database, bin_=None):
    "Return what proxymikro-verify complains of"
    command = (bin_ or place.bin) / 'proxymikro-verify'
    result = subprocess.run(
        [command, '-c', place.conf, '-d', database],
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
        cwd=place.state, env=place.environ(), **place.become(ACCOUNT))
    lines = result.stderr.strip().splitlines()
    if not result.returncode:
        return []
    # A traceback ends with 1 too, but tells of no chain
    if result.returncode != 1 or not result.stdout.strip():
        raise Failure('\n'.join(
                ["les sceaux n'ont pas pu être vérifiés :", *lines]))
    return lines


def kept(names, days, weeks, months):
    """Return the names to keep: the last of each day, week and month.

    And all of the last day: after a restoration, the last one may tell less
    than the one before.
    """
    today = max(names, default='').partition('T')[0]
    keep = {name for name in names if name.startswith(today)}
    for count, period in [
            (days, '%Y-%m-%d'), (weeks, '%G-%V'), (months, '%Y-%m')]:
        last = {}
        for name in sorted(names):
            last[dt.datetime.strptime(name, NAME).strftime(period)] = name
        keep.update(sorted(last.values())[-count:] if count else [])
    return keep


def rotate(place):
    "Remove the backups that are neither of a day, a week or a month"
    conf = place.settings()
    names = [folder.name for folder in backups(place)]
    keep = kept(names, *(
            conf.getint('proxymikro', f'backup_{period}', fallback=default)
            for period, default in [
                ('days', 14), ('weeks', 8), ('months', 12)]))
    for name in names:
        if name not in keep:
            # Under another name first: a half removed one is no backup
            removed = place.backups / f'.{name}.partial'
            (place.backups / name).rename(removed)
            shutil.rmtree(removed)
            tell('fait', f"sauvegarde {name} retirée")
