# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""./proxymikro restore: put a backup back, whole or not at all."""
import contextlib
import os
import pathlib
import re

from ..tools import Failure
from . import attachments, backup, release, services, signals
from .install import exists, serve, set_release, tell
from .place import DATABASE, Place

NAME = re.compile(r'[a-z][a-z0-9_]{0,40}')


def command(args):
    os.umask(0o027)
    place = Place()
    place.require_installed()
    with place.lock():
        folder = find(place, args.backup)
        if not NAME.fullmatch(args.database):
            raise Failure("le nom d'une base : des lettres minuscules, des "
                "chiffres et _.")
        restore(place, folder, args.database, args.replace)
    return 0


def find(place, name):
    "Return the folder of the backup, by its path or its name"
    if name:
        for folder in [place.backups / name, pathlib.Path(name).resolve()]:
            if (folder / backup.MANIFEST).is_file():
                return folder
    names = [folder.name for folder in backup.backups(place)]
    raise Failure('\n'.join([
                f"aucune sauvegarde {name}." if name
                else "quelle sauvegarde ?", "Il y a :", *names]))


def restore(place, folder, database=DATABASE, replace=False):
    """Restore the backup under the name of the database.

    The one that had this name is kept as NAME_replaced.
    """
    reopen(place, database)
    manifest = check_manifest(folder)
    if exists(place, database) and not replace:
        raise Failure(f"la base {database} existe : ajoutez --replace pour "
            "la remplacer, ou --database pour restaurer à côté.")
    new, old = f'{database}_restored', f'{database}_replaced'
    try:
        backup.load(place, folder, new)
        problems = backup.compare(place, folder, manifest, new)
        set_release(place, new, manifest['release'])
        attachments.put(place, folder, manifest['files'], database)
        with stopped(place, database):
            rename(place, new, database, old)
    finally:
        with signals.unheard():
            backup.drop_database(place, new)
    tell('fait', f"base {database} restaurée de {folder}, comparée")
    if exists(place, old):
        tell('', f"la base d'avant est gardée sous le nom {old}")
    for line in problems:
        tell('panne', line)
    if database == DATABASE and manifest['release'] != release.current(place):
        tell_release(place, manifest['release'])


def tell_release(place, name):
    "Say how to serve a database of another release"
    tell('attention', f"elle est de la version {name}, le serveur non : "
        "le site reste arrêté.")
    tell('', "pour la mettre à jour : sudo ./proxymikro upgrade, là où est le "
        "logiciel")
    if (place.releases / name).is_dir():
        tell('', "pour la servir telle quelle : "
            f"sudo ln -sfn {name} {place.current}, "
            "puis sudo proxymikro install")


@contextlib.contextmanager
def stopped(place, database):
    "Stop the services while their database changes"
    if database != DATABASE:
        yield
        return
    try:
        services.stop(place)
        yield
    finally:
        with signals.unheard():
            serve(place)


def check_manifest(folder):
    "Refuse a backup that lost something or was changed"
    manifest = backup.read_manifest(folder)
    for name, digest in manifest['files'].items():
        path = folder / name
        if not path.is_file():
            raise Failure(f"la sauvegarde est incomplète : {name} manque.")
        if backup.digest(path) != digest:
            raise Failure(f"la sauvegarde est abîmée : {name} a changé.")
    return manifest


def reopen(place, database):
    "Let people in again, if a renaming was killed"
    if exists(place, database):
        place.admin(f'ALTER DATABASE {database} ALLOW_CONNECTIONS true')


def rename(place, new, database, old):
    "Let the new database take the name, at once"
    if not exists(place, database):
        place.admin(f'ALTER DATABASE {new} RENAME TO {database}')
        return
    backup.drop_database(place, old)
    place.admin(f'ALTER DATABASE {database} ALLOW_CONNECTIONS false')
    try:
        place.admin('SELECT pg_terminate_backend(pid) FROM pg_stat_activity '
            f"WHERE datname = '{database}'")
        # One transaction: both names change, or none
        place.admin(
            f'ALTER DATABASE {database} RENAME TO {old}; '
            f'ALTER DATABASE {old} ALLOW_CONNECTIONS true; '
            f'ALTER DATABASE {new} RENAME TO {database}')
    except BaseException:
        with signals.unheard():
            reopen(place, database)
        raise
