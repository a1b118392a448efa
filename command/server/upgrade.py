# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""./proxymikro upgrade: the next version, or the one before as it was.

A copy of the database is upgraded and checked aside, from the backup that was
just made. The database itself is not touched: going back is giving it back its
name.
"""
import json
import os
import re
import time

from ..tools import Failure
from . import (
    backup, files, install, release, restore, services, signals, totals)
from .database_checks import is_connected
from .install import made_by, tell
from .place import DATABASE, Place, write_whole

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
    restore.reopen(place, DATABASE)
    # What can be refused is, while the old version serves
    answers = install.kept_answers(place)
    files.contents(place, answers)
    way = get_way(place, name)
    if way['code'] == name == way['database']:
        tell('déjà', f"version {name}")
        return 0
    if not release.works(place, way['code']):
        raise release.broken(way['code'])
    made = release.build(place, name)
    tell('fait' if made else 'déjà', f"version {name} préparée")
    if made_by(place) != name:
        copy(place, way)
    replace(place, way, answers)
    backup.rotate(place)
    release.prune(place, {way['code'], name})
    tell('fait', f"version {name} ({time.monotonic() - begin:.0f} s) ; la "
        f"base d'avant est gardée sous le nom {OLD}")
    return 0


def get_way(place, name):
    """Return from which code and database to which, as the journal says it.

    The journal is there from the moment the databases change names until the
    new version serves: what was killed meanwhile is finished first.
    """
    data = made_by(place)
    way = {'code': release.current(place), 'database': data, 'to': name}
    if place.journal.exists():
        begun = json.loads(place.journal.read_text(encoding='utf-8'))
        if (data, way['code']) == (begun['database'], begun['to']):
            release.switch(place, begun['code'])
            way['code'] = begun['code']
        if data == begun['to']:
            if name != data:
                raise Failure(f"le passage à la version {data} s'est arrêté "
                    "au milieu. Finissez-le d'abord : sudo "
                    f"{place.releases / data / 'proxymikro'} upgrade")
            return begun
    if data and number(data) > number(name):
        raise Failure(f"la base est de la version {data}, plus récente que "
            f"{name} : on ne redescend pas une base. Restaurez une "
            "sauvegarde d'avant.")
    return way


def number(name):
    return [int(n) for n in re.findall(r'\d+', name.partition('-')[0])]


def copy(place, way):
    "Make the upgraded copy, or let the old version serve as before"
    try:
        services.stop(place)
        refuse_connections(place)
        folder, _ = backup.backup(place)
        prepare(place, way['to'], folder)
    except BaseException as error:
        with signals.unheard():
            backup.drop_database(place, NEW)
            served = install.serve(place)
        raise Failure(f"{error}\nRien n'a changé : " + (
                f"la version {way['code']} sert toujours, avec sa base."
                if served else "le site est arrêté, comme avant.")) from error


def refuse_connections(place):
    "Be sure that nobody writes in what is copied"
    try:
        services.web_version(place)
    except Failure:
        pass
    else:
        raise Failure("le site tourne encore : arrêtez-le.")
    # On this server or another, as each names itself to PostgreSQL
    for application in ['gunicorn', 'trytond', 'trytond-cron',
            'trytond-worker']:
        if is_connected(place, application):
            raise Failure(f"{application} tourne encore : arrêtez-le.")


def prepare(place, name, folder):
    "Upgrade a copy with the new code, and check that nothing was lost"
    manifest = backup.read_manifest(folder)
    backup.load(place, folder, NEW)
    link = place.files / NEW
    link.unlink(missing_ok=True)
    link.symlink_to(place.files / DATABASE)
    bin_ = release.binaries(place, name)
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


def replace(place, way, answers):
    "Put the new version in the place of the old one, or put the old one back"
    old, kept = way['code'], {}
    try:
        services.stop(place)
        kept.update(read(files.contents(place, answers)))
        write_whole(place.journal, json.dumps(way))
        os.sync()
        if made_by(place) != way['to']:
            restore.rename(place, NEW, DATABASE, OLD)
        release.switch(place, way['to'])
        install.make_folders(place)
        install.make_files(place, answers)
        install.check_files(place)
        services.reload(place)
        services.start(place)
        services.wait(place)
    except BaseException as error:
        try:
            with signals.unheard():
                served = go_back(place, way, kept)
        except Exception as worse:
            raise Failure(f"{error}\nET LE RETOUR À LA VERSION {old} A "
                f"ÉCHOUÉ : {worse}\nLa base d'avant est {OLD}, ou dans la "
                "dernière sauvegarde : voir docs/mettre-a-jour.md.") from error
        raise Failure(f"{error}\nLa version {old} " + (
                "sert de nouveau" if served else "attend, arrêtée comme avant")
            + f", avec sa base ; celle qui n'a pas marché est {FAILED}."
            ) from error
    place.journal.unlink()


def read(paths):
    return {path: path.read_bytes() for path in paths if path.exists()}


def go_back(place, way, kept):
    services.stop(place)
    if way['to'] != way['database'] and made_by(place) == way['to']:
        restore.rename(place, OLD, DATABASE, FAILED)
    backup.drop_database(place, NEW)
    release.switch(place, way['code'])
    for path, content in kept.items():
        # In place: the owner and the mode stay
        path.write_bytes(content)
    services.reload(place)
    if served := install.serve(place):
        services.wait(place)
    place.journal.unlink(missing_ok=True)
    return served
