# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The association's server, installed under a folder for as long as a test.

The real commands on a real PostgreSQL; only what belongs to the machine is left
out: packages, users, systemd. The environment is the one that runs the tests.
"""
import configparser
import contextlib
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import time
from unittest.mock import patch

from command.server import database_checks, install, release, services
from command.server.place import DATABASE, Place
from command.tools import Failure, home

from . import database, postgresql

ANSWERS = {
    'site': 'parc.exemple.fr',
    'association': "Les Amis d'Ada",
    'courriel': 'admin@exemple.fr',
    'smtp': '',
    'expediteur': '',
    'certificat': '',
    'cle': '',
    'mot_de_passe': "un cheval correct agrafe",
    }


def link_environment(folder):
    folder.symlink_to(sys.prefix)


@contextlib.contextmanager
def place(folder):
    "A place under the folder, with a PostgreSQL of its own"
    path = f"{postgresql.binaries()}{os.pathsep}{os.environ['PATH']}"
    with (postgresql.server() as uri,
            patch.dict(os.environ, PATH=path),
            patch.object(release, 'build_environment', link_environment)):
        yield Place(pathlib.Path(folder), uri)


@contextlib.contextmanager
def installed(folder, modules):
    "A server with these modules only"
    with (place(folder) as place_,
            patch.object(install, 'MODULES', modules),
            patch.object(database_checks, 'MODULES', modules)):
        with cached(place_, modules):
            install.install(place_, ANSWERS)
        yield place_


@contextlib.contextmanager
def cached(place, modules):
    "Keep the database with these modules, as those of the other tests are"
    key = database.digest(database.sources(
            filter(database.is_ours, database.closure(modules))))
    name = f"server{len(modules)}-{key}-postgresql.dump"
    path = pathlib.Path(
        os.environ.get('DB_CACHE', home() / 'db_cache'), name)
    if path.exists():
        install.make_role(place)
        install.create_database(place, DATABASE)
        place.state.mkdir(parents=True)
        subprocess.run(
            ['pg_restore', '--no-owner', '-d', place.uri(database=DATABASE),
                path], check=True)
        yield
        install.set_release(place, DATABASE, release.current(place))
        return
    yield
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f'{name}.{os.getpid()}')
    subprocess.run(
        ['pg_dump', '-Fc', '-f', new, '-d', place.uri(database=DATABASE)],
        check=True)
    new.rename(path)
    database.prune(path)


@contextlib.contextmanager
def running(place, port=None):
    """Start what the units start, and wait until the application answers.

    On the port of the machine as well, if there is one.
    """
    place.socket.parent.mkdir(parents=True, exist_ok=True)
    processes = [
        start(place, name, port) for name in services.SERVICES]
    try:
        wait(lambda: services.web_version(place))
        yield
    finally:
        # As systemd does: the children too
        for process in processes:
            os.killpg(process.pid, signal.SIGTERM)
        for process in processes:
            process.wait(30)
        wait(lambda: not place.admin('SELECT 1 FROM pg_stat_activity '
                f"WHERE datname = '{DATABASE}'"))


def start(place, name, port=None):
    unit = configparser.ConfigParser(
        interpolation=None, strict=False, delimiters='=')
    unit.optionxform = str
    unit.read(place.units / name, encoding='utf-8')
    environ = place.environ()
    for line in (place.units / name).read_text().splitlines():
        if line.startswith('Environment='):
            environ.update(
                v.split('=', 1) for v in shlex.split(line.partition('=')[2]))
    command = shlex.split(unit['Service']['ExecStart'])
    if port and name == 'proxymikro-web.service':
        command += ['--bind', f'127.0.0.1:{port}']
    with open(place.state / f'{name}.log', 'w') as log:
        return subprocess.Popen(
            command, env=environ,
            cwd=place.state, stdout=log, stderr=log, start_new_session=True)


def wait(test, seconds=180):
    "Wait until the test gives something, without a Failure"
    end = time.monotonic() + seconds
    while True:
        try:
            if result := test():
                return result
        except Failure:
            if time.monotonic() > end:
                raise
        assert time.monotonic() < end, test
        time.sleep(.2)
