# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""./proxymikro install: make the server, or what it lacks."""
import contextlib
import glob
import os
import pathlib
import shutil
import stat
import subprocess
import time

from .. import packages
from ..database import MODULES
from ..tools import Failure
from . import answers as answers_
from . import files, release, services
from .place import ACCOUNT, DATABASE, SUPERUSER, Place, literal

NEW = f'{DATABASE}_new'
EXTENSIONS = ['unaccent', 'pg_trgm', 'btree_gist']
PACKAGES = {
    **packages.PDF,
    **packages.POSTGRESQL,
    'python3-venv': (
        lambda: glob.glob('/usr/lib/python3*/ensurepip'), "l'installation"),
    'nginx': (lambda: os.path.exists('/usr/sbin/nginx'), "le site"),
    'npm': (lambda: shutil.which('npm'), "le client web"),
    }


def tell(state, text):
    # Who reads may have gone: a line that drops stops nothing
    with contextlib.suppress(OSError):
        print(f'{state:<10}{text}', flush=True)


def command(args):
    os.umask(0o022)
    place = Place()
    place.require_root()
    with place.lock():
        install(place, get_answers(place, args.answers))
    return 0


def get_answers(place, path):
    "Return the answers, all checked before anything is written"
    kept = place.answers
    if path:
        mode = os.stat(path).st_mode if os.path.exists(path) else 0
        if mode & (stat.S_IRGRP | stat.S_IROTH):
            raise Failure(f"{path} contient des mots de passe que tous "
                f"peuvent lire : chmod 600 {path}")
        answers = answers_.read(path)
    else:
        known = answers_.read(kept) if kept.exists() else {}
        if place.conf.exists():
            known.setdefault('mot_de_passe', '')
        answers = answers_.ask(known)
    answers_.check(answers, need_password=not place.conf.exists())
    return answers


def kept_answers(place):
    "Return the answers of the last time, all checked"
    path = place.answers
    answers = answers_.read(path)
    try:
        answers_.check(answers, need_password=False)
    except Failure as failure:
        raise Failure(f"{path} : {failure}") from None
    return answers


def install(place, answers):
    # Nothing is done if it can't be written
    files.contents(place, answers)
    if not place.is_trial:
        make_packages()
        make_account(place)
    make_role(place)
    make_folders(place)
    changed = make_release(place)
    changed |= make_files(place, answers)
    make_database(place, answers)
    check_files(place)
    start(place, changed)
    url = files.values(place, answers)['url']
    tell('', f"Le site : {url}/#{DATABASE} (utilisateur admin)")
    tell('', "C'est l'adresse à donner aux bénévoles : elle dit aussi la base.")


def make_packages():
    names = packages.missing(PACKAGES)
    if names:
        packages.install(names)
    tell('fait' if names else 'déjà',
        "paquets Debian" + (f" : {' '.join(names)}" if names else ""))


def make_account(place):
    "The user of the services: it owns nothing but its files"
    if not subprocess.run(
            ['getent', 'passwd', ACCOUNT], capture_output=True).returncode:
        return tell('déjà', f"utilisateur système {ACCOUNT}")
    place.run(['useradd', '--system', '--user-group', '--home-dir', place.home,
            '--no-create-home', '--shell', '/usr/sbin/nologin', ACCOUNT],
        "useradd", user='root')
    tell('fait', f"utilisateur système {ACCOUNT}")


def make_role(place):
    "The role of the same name, which the local socket lets in"
    try:
        version = int(place.value('SHOW server_version_num', role=SUPERUSER))
    except Failure as failure:
        raise Failure(f"{failure}\nPostgreSQL ne répond pas : démarrez-le "
            "(systemctl start postgresql), puis relancez.") from None
    if version < 150000:
        raise Failure("il faut PostgreSQL 15 ou plus récent.")
    if place.admin('SELECT 1 FROM pg_roles WHERE rolname = '
            + literal(ACCOUNT)):
        return tell('déjà', f"rôle PostgreSQL {ACCOUNT}")
    place.admin(f'CREATE ROLE {ACCOUNT} LOGIN')
    tell('fait', f"rôle PostgreSQL {ACCOUNT}")


def make_folders(place):
    for path, group, user, mode in [
            (place.etc, ACCOUNT, 'root', 0o750),
            (place.state, ACCOUNT, 'root', 0o750),
            (place.home, ACCOUNT, ACCOUNT, 0o750),
            (place.files, ACCOUNT, ACCOUNT, 0o750),
            (place.backups, ACCOUNT, 'root', 0o750),
            (place.releases, 'root', 'root', 0o755),
            ]:
        made = not path.exists()
        path.mkdir(parents=True, exist_ok=True)
        place.own(path, user, group, mode)
        tell('fait' if made else 'déjà', f"dossier {path}")


def make_release(place):
    """Make the environment and return whether it changed.

    The first time, or when Python did: afterwards it is up to the upgrade.
    """
    name, current = release.name(), release.current(place)
    if current and release.works(place, current):
        if current != name:
            tell('attention', f"la version installée est {current}, celle "
                f"d'ici {name} : ./proxymikro upgrade y passe.")
        tell('déjà', f"version {current}")
        return False
    tell('', "préparation de l'environnement et du client web…")
    if current:
        release.repair(place, current)
    else:
        release.build(place, name)
        release.switch(place, name)
    tell('changé' if current else 'fait', f"version {name}")
    return True


def make_files(place, answers):
    "Write the configuration and return whether something changed"
    states = set()
    for path, (content, group, mode) in files.contents(
            place, answers).items():
        state = files.write(place, path, content, group, mode)
        tell(state, f"fichier {path}")
        states.add(state)
    if place.local.exists():
        place.own(place.local, 'root', 'root', 0o600)
    for path, target in links(place):
        if not path.is_symlink():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(target)
            states.add('fait')
            tell('fait', f"lien {path}")
    return states != {'déjà'}


def links(place):
    "Yield the links to make and where they lead"
    yield (place.nginx / 'sites-enabled' / 'proxymikro',
        '../sites-available/proxymikro')
    local = place.prefix / 'usr' / 'local'
    yield local / 'sbin' / 'proxymikro', place.current / 'proxymikro'
    for name in ['import', 'export', 'verify']:
        name = f'proxymikro-{name}'
        yield local / 'bin' / name, place.bin / name


def exists(place, database):
    return bool(place.admin('SELECT 1 FROM pg_database WHERE datname = '
            + literal(database)))


def create_database(place, database):
    "Create it empty, as Proxy Mikro needs it"
    place.admin(f'CREATE DATABASE {database} OWNER {ACCOUNT} '
        "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8' "
        "LOCALE_PROVIDER icu ICU_LOCALE 'fr-FR'")
    set_database(place, database)
    for extension in EXTENSIONS:
        # Owned by the role, which restores them too
        place.sql(f'CREATE EXTENSION {extension}', database)


def set_database(place, database):
    "Set what a dump doesn't carry"
    place.admin(f'ALTER DATABASE {database} SET jit = off')
    place.admin(f'REVOKE ALL ON DATABASE {database} FROM PUBLIC')


def drop_database(place, database):
    place.admin(f'DROP DATABASE IF EXISTS {database} WITH (FORCE)')


def set_release(place, database, name):
    "Remember which code the database was made or upgraded by"
    place.admin(f'ALTER DATABASE {database} SET proxymikro.release = '
        + literal(name))


def made_by(place, database=DATABASE):
    """Return which release made or upgraded the database, if known.

    It need not accept connections.
    """
    return place.value(
        "SELECT split_part(value, '=', 2) FROM pg_database AS d "
        'JOIN pg_db_role_setting AS s ON s.setdatabase = d.oid, '
        'unnest(setconfig) AS value '
        f'WHERE datname = {literal(database)} AND setrole = 0 '
        "AND value LIKE 'proxymikro.release=%'", role=SUPERUSER)


def make_database(place, answers):
    "Build it under another name: an interruption leaves no half database"
    if exists(place, DATABASE):
        return tell('déjà', f"base {DATABASE}")
    if not answers.get('mot_de_passe'):
        raise Failure(
            "la base est à créer : il manque la réponse « mot_de_passe ».")
    tell('', "création de la base (quelques minutes)…")
    begin = time.monotonic()
    drop_database(place, NEW)
    create_database(place, NEW)
    password = place.state / '.password'
    try:
        password.unlink(missing_ok=True)
        password.touch(mode=0o600, exist_ok=False)
        password.write_text(f"{answers['mot_de_passe']}\n")
        place.own(password)
        place.run(
            [place.bin / 'trytond-admin', '-c', place.conf, '-d', NEW,
                '-u', *MODULES, '--activate-dependencies',
                '--email', answers['courriel']],
            "création de la base", env={'TRYTONPASSFILE': str(password)})
    finally:
        password.unlink(missing_ok=True)
    set_release(place, NEW, release.current(place))
    place.admin(f'ALTER DATABASE {NEW} RENAME TO {DATABASE}')
    tell('fait', f"base {DATABASE}, {len(MODULES)} modules, en français "
        f"({time.monotonic() - begin:.0f} s)")


def check_files(place):
    "Let nginx and systemd read what was written"
    nginx = pathlib.Path('/usr/sbin/nginx')
    if not place.is_trial and nginx.exists():
        place.run([nginx, '-t', '-q'], "nginx -t", user='root')
        tell('ok', "nginx relit sa configuration : sans faute")
    if shutil.which('systemd-analyze'):
        units = [place.units / unit for unit in files.UNITS]
        place.run(['systemd-analyze', 'verify', '--man=no', *units],
            "systemd-analyze verify", user='root')
        tell('ok', "systemd relit les services : sans faute")


def serve(place, again=False):
    "Start the services, unless their code is not that of the database"
    code, data = release.current(place), made_by(place)
    if data in {None, code}:
        services.start(place, again)
        return True
    services.disable(place)
    tell('attention', f"la base est de la version {data}, le code est {code} "
        ": le site reste arrêté.")
    return False


def start(place, changed):
    if place.has_systemd:
        services.reload(place)
        if not serve(place, again=changed):
            return
        services.wait(place)
        return tell('fait' if changed else 'déjà', "services démarrés")
    tell('attention', "systemd ne tourne pas ici : sur le serveur, lancez")
    for line in [
            "systemctl daemon-reload",
            "systemctl enable --now proxymikro.target "
            + ' '.join([*services.SERVICES, *services.TIMERS]),
            "systemctl reload-or-restart nginx"]:
        tell('', f'    {line}')
