# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Run a command on a PostgreSQL server of its own, then stop the server.

python -m tests.postgresql COMMAND…: made of Debian's binaries, by a user who
is not root, as PostgreSQL refuses root.
"""
import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

from command.tools import home

USER = 'postgres'
# What is lost in a crash of a test's server is not missed
OPTIONS = [
    'fsync=off', 'synchronous_commit=off', 'full_page_writes=off',
    # As on a server of the association: see docs/decisions, 46
    'jit=off']
# What is answered is on the disk, as on a server of the association
DURABLE = ['jit=off']
MISSING = (
    "PostgreSQL is missing, install it with: "
    "sudo apt-get install postgresql")


def binaries():
    "Return the folder of the newest binaries"
    found = sorted(
        pathlib.Path('/usr/lib/postgresql').glob('*/bin/initdb'),
        key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    if initdb := shutil.which('initdb'):
        return pathlib.Path(initdb).parent
    sys.exit(MISSING)


def owner():
    "Return what a process of the server is started with"
    if os.geteuid():
        return {}
    try:
        user = pwd.getpwnam(USER)
    except KeyError:
        sys.exit(MISSING)
    return {'user': user.pw_uid, 'group': user.pw_gid, 'extra_groups': []}


def free_port():
    with socket.socket() as probe:
        probe.bind(('localhost', 0))
        return probe.getsockname()[1]


class Server:
    "A server in the folder, which may be stopped and started again"

    def __init__(self, folder, options, addresses=()):
        self.folder, self.options = folder, options
        self.addresses = ['localhost', *addresses]
        self.bin, self.owner = binaries(), owner()
        self.port = free_port()
        self.uri = self.get_uri()

    def get_uri(self, address='localhost'):
        return f'postgresql://{USER}@{address}:{self.port}/'

    def create(self):
        if self.owner:
            os.chown(self.folder, self.owner['user'], self.owner['group'])
        self._run(
            'initdb', '-U', USER, '-A', 'trust', '-E', 'UTF8',
            '--locale=C.UTF-8', '--no-sync')
        with open(f'{self.folder}/data/pg_hba.conf', 'a') as file:
            for address in self.addresses[1:]:
                file.write(f'host all all {address}/30 trust\n')

    def start(self):
        options = ' '.join([
                f'-p {self.port}', f'-k {self.folder}',
                f"-h {','.join(self.addresses)}",
                *(f'-c {o}' for o in self.options)])
        self._run(
            'pg_ctl', '-l', f'{self.folder}/log', '-w', '-o', options, 'start')

    def stop(self, mode='immediate'):
        "Stop it: at once is what a crash does"
        self._run('pg_ctl', '-m', mode, 'stop')

    def _run(self, command, *args):
        subprocess.run(
            [str(self.bin / command), '-D', f'{self.folder}/data', *args],
            check=True, cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, **self.owner)


@contextlib.contextmanager
def running(options=OPTIONS, addresses=()):
    "Start a server, which listens on the addresses as well, and give it"
    with tempfile.TemporaryDirectory(prefix='proxymikro-pg-') as folder:
        server = Server(folder, options, addresses)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def server():
    "Start a server and give the URI of its databases"
    with running() as server:
        yield server.uri


def main(command):
    if not command:
        sys.exit(f"usage: python -m {__package__}.postgresql COMMAND…")
    # Who is told to stop stops the server as well
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with server() as uri:
        env = {
            **os.environ,
            'TRYTOND_DATABASE_URI': uri,
            # The tests dump and restore with the server's own tools
            'PATH': f"{binaries()}{os.pathsep}{os.environ['PATH']}",
            'DB_CACHE': os.environ.get(
                'DB_CACHE', str(home() / 'db_cache')),
            }
        return subprocess.run(command, env=env).returncode


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
