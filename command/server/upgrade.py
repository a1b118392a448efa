# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""./proxymikro upgrade: the next version, or the one before as it was.

A copy of the database is upgraded and checked aside, from the backup that was
just made. The database itself is not touched: going back is giving it back its
name.
"""
import os
import time

from ..tools import Failure
from . import answers as answers_
from . import backup, files, install, release, restore, services, totals
from .database_checks import is_connected
from .install import tell
from .place import DATABASE, Place

NEW, OLD = f'{DATABASE}_upgraded', f'{DATABASE}_replaced'
FAILED = f'{DATABASE}_failed'


def command(args):
    os.umask(0o022)
    place = Place()
    place.require_installed()
    with place.lock():
        return upgrade(place, release.name())


def upgrade(place, name):
    begin = time.monotonic()
    old = release.current(place)
    if old == name == made_by(place):
        tell('déjà', f"version {name}")
        return 0
    # The old version serves meanwhile
    made = release.build(place, name)
    tell('fait' if made else 'déjà', f"version {name} préparée")
    services.stop(place)
    try:
        refuse_connections(place)
        folder, _ = backup.backup(place)
        prepare(place, name, folder)
    except BaseException as error:
        backup.drop_database(place, NEW)
        services.start(place)
        raise Failure(f"{error}\nRien n'a changé : la version {old} sert "
            "toujours, avec sa base.") from error
    replace(place, name, old)
    backup.rotate(place)
    release.prune(place, {old, name})
    tell('fait', f"version {name} ({time.monotonic() - begin:.0f} s) ; la "
        f"base d'avant est gardée sous le nom {OLD}")
    return 0


def made_by(place):
    return place.value(
        "SELECT current_setting('proxymikro.release', true)", DATABASE)


def refuse_connections(place):
    "Be sure that nobody writes in what is copied"
    try:
        services.web_version(place)
    except Failure:
        pass
    else:
        raise Failure("le site tourne encore : arrêtez-le.")
    for application in ['trytond', 'trytond-cron', 'trytond-worker']:
        if is_connected(place, application):
            raise Failure(f"{application} tourne encore : arrêtez-le.")


def prepare(place, name, folder):
    "Upgrade a copy with the new code, and check that nothing was lost"
    manifest = backup.read_manifest(folder)
    backup.load(place, folder, NEW)
    link = place.files / NEW
    link.unlink(missing_ok=True)
    link.symlink_to(place.files / DATABASE)
    bin_ = place.releases / name / 'env' / 'bin'
    try:
        place.run(
            [bin_ / 'trytond-admin', '-c', place.conf, '-d', NEW, '--all'],
            "mise à jour de la base")
        problems = [
            *totals.lost(manifest['totals'], totals.read(place, NEW)),
            *(set(backup.verify(place, NEW, bin_))
                - set(manifest['problems']))]
    finally:
        link.unlink()
    if problems:
        raise Failure('\n'.join(
                ["la mise à jour a perdu quelque chose :", *problems[:20]]))
    tell('fait', "copie de la base mise à jour, totaux et sceaux inchangés")
    install.set_release(place, NEW, name)


def replace(place, name, old):
    "Put the new version in the place of the old one, or put the old one back"
    answers = answers_.read(place.etc / 'reponses.toml')
    kept = {
        path: path.read_bytes() for path in files.contents(place, answers)
        if path.exists()}
    try:
        restore.rename(place, NEW, DATABASE, OLD)
        release.switch(place, name)
        install.make_files(place, answers)
        install.check_files(place)
        services.reload(place)
        services.start(place)
        services.wait(place)
    except BaseException as error:
        try:
            go_back(place, old, kept)
        except Exception as worse:
            raise Failure(f"{error}\nET LE RETOUR À LA VERSION {old} A "
                f"ÉCHOUÉ : {worse}\nLa base d'avant est {OLD}, ou dans la "
                "dernière sauvegarde : voir docs/mettre-a-jour.md.") from error
        raise Failure(f"{error}\nLa version {old} sert de nouveau, avec sa "
            f"base ; celle qui n'a pas marché est {FAILED}.") from error


def go_back(place, old, kept):
    services.stop(place)
    if install.exists(place, OLD) and not install.exists(place, NEW):
        restore.rename(place, OLD, DATABASE, FAILED)
    backup.drop_database(place, NEW)
    release.switch(place, old)
    for path, content in kept.items():
        # In place: the owner and the mode stay
        path.write_bytes(content)
    services.reload(place)
    services.start(place)
    services.wait(place)
