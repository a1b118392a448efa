# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The application as on a server: gunicorn in front of PostgreSQL."""
import contextlib
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from command import database
from command.tools import ROOT, digest, environ, home, run
from demo.base import PASSWORD

from . import postgresql
from .database import lock
from .rpc import Client

BIN = pathlib.Path(sys.executable).parent
NAME = database.NAME
# Seconds that a start may take on shared cores
PATIENCE = 180


def write_config(folder, uri, settings=''):
    "Write the configuration of an installed server and return its path"
    path = pathlib.Path(folder) / 'trytond.conf'
    path.write_text(f'''[web]
num_proxies = 1

[database]
uri = {uri}
path = {folder}/attachments
language = fr
retry = 20
list = False

[proxymikro]
public_url = http://localhost
public_database = {NAME}

[cache]
clean_timeout = 0
{settings}''')
    return path


def sql(uri, query, database=NAME):
    "Return the rows that the query gives"
    if uri.startswith('sqlite:'):
        path = f'{uri.removeprefix("sqlite:")}{database}.sqlite'
        with contextlib.closing(
                sqlite3.connect(path, isolation_level=None)) as connection:
            return connection.execute(query).fetchall()
    import psycopg
    with psycopg.connect(uri + database, autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else None


def restore(server, tablespace='pg_default'):
    "Put the demonstration, with what volunteers work on, on the server"
    sql(server.uri, f'CREATE DATABASE {NAME} TABLESPACE {tablespace}',
        'postgres')
    tool(server, 'pg_restore', '--no-owner', '-j', '2', make_dump())
    sql(server.uri, 'ANALYZE')


def make_dump():
    """Return the file of the database.

    The story is told again only when its sources have changed.
    """
    folder = home() / 'tests-load'
    folder.mkdir(parents=True, exist_ok=True)
    key = digest(
        ROOT / 'modules', ROOT / 'demo', ROOT / 'requirements.lock',
        ROOT / 'tests' / 'load' / 'prepare.py')
    dump = folder / f'{key[:16]}.dump'
    with lock(str(folder / 'build')):
        if not dump.exists():
            with postgresql.running() as server:
                build(server.uri)
                for old in folder.glob('*.dump'):
                    old.unlink()
                tool(server, 'pg_dump', '-Fc', '-f', f'{dump}.new')
            pathlib.Path(f'{dump}.new').rename(dump)
    return dump


def tool(server, name, *args):
    run([server.bin / name, '-d', server.uri + NAME, *args], name)


def build(uri):
    "Tell the story on a database of its own"
    sql(uri, f'CREATE DATABASE {NAME}', 'postgres')
    with tempfile.TemporaryDirectory(prefix='proxymikro-') as folder:
        conf = write_config(folder, uri)
        password = pathlib.Path(folder) / 'password'
        password.write_text(f'{PASSWORD}\n')
        env = environ(
            TRYTONPASSFILE=str(password), TRYTOND_CONFIG=str(conf))
        run([BIN / 'trytond-admin', '-c', conf, '-d', NAME, '-u',
                *database.MODULES, '--activate-dependencies', '--email',
                'admin@example.org'], "trytond-admin", env=env)
        sql(uri, 'ANALYZE')
        for story in ['demo', 'tests.load.prepare']:
            run([BIN / 'python', '-m', story, NAME, conf], story, cwd=ROOT,
                env=env)


class Application:
    "A server of the application, by several workers"

    def __init__(
            self, folder, uri, workers=2, settings='', inside=(),
            address='localhost', port=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.conf = write_config(self.folder, uri, settings)
        self.workers, self.inside = workers, list(inside)
        self.bind = f'{address}:{port or postgresql.free_port()}'
        self.url = f'http://{self.bind}/'
        self.log = self.folder / 'gunicorn.log'
        self.process = None

    def start(self):
        with open(self.log, 'a') as log:
            self.process = subprocess.Popen(
                [*self.inside, str(BIN / 'gunicorn'), '--workers',
                    str(self.workers), '--worker-class', 'gthread',
                    '--threads', '4', '--timeout', '310', '--bind', self.bind,
                    '--no-control-socket',
                    'trytond.application:app'],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=environ(
                    TRYTOND_CONFIG=str(self.conf),
                    TRYTOND_DATABASE_NAMES=NAME))
        self.wait()
        return self

    def wait(self):
        "Wait until it answers"
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            try:
                with urllib.request.urlopen(self.url, timeout=60):
                    return
            except urllib.error.HTTPError:
                # There is no web client: it answers so all the same
                return
            except OSError:
                pass
            time.sleep(.2)
        raise AssertionError(f"no answer:\n{self.log.read_text()}")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def kill(self):
        "End all its processes at once, as when the machine stops"
        for pid in [self.process.pid, *self.pids()]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def pids(self):
        "Return the processes of the workers"
        path = pathlib.Path(f'/proc/{self.process.pid}/task')
        return [
            int(pid) for task in path.glob('*/children')
            for pid in task.read_text().split()]

    def memory(self):
        "Return the megabytes that each worker holds"
        found = {}
        for pid in self.pids():
            with contextlib.suppress(OSError):
                for line in pathlib.Path(
                        f'/proc/{pid}/status').read_text().splitlines():
                    if line.startswith('VmRSS'):
                        found[pid] = int(line.split()[1]) / 1024
        return found

    def log_in(self, login, password=PASSWORD):
        return Client(self.url, NAME).log_in(login, password)


@contextlib.contextmanager
def served(settings='', workers=2):
    "Give the server of PostgreSQL and the application in front of it"
    with postgresql.running(postgresql.DURABLE) as server, \
            tempfile.TemporaryDirectory(prefix='proxymikro-') as folder:
        restore(server)
        application = Application(
            pathlib.Path(folder) / 'application', server.uri, workers,
            settings)
        try:
            yield server, application.start()
        finally:
            application.stop()
