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


@contextlib.contextmanager
def server():
    "Start a server and give the URI of its databases"
    bin_, as_owner, port = binaries(), owner(), free_port()
    with tempfile.TemporaryDirectory(prefix='proxymikro-pg-') as folder:
        if as_owner:
            os.chown(folder, as_owner['user'], as_owner['group'])
        data = f'{folder}/data'

        def run(*command):
            subprocess.run(
                [str(c) for c in command], check=True, cwd=folder,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                **as_owner)

        run(bin_ / 'initdb', '-D', data, '-U', USER, '-A', 'trust',
            '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync')
        options = ' '.join(
            [f'-p {port}', f'-k {folder}', '-h localhost',
                *(f'-c {o}' for o in OPTIONS)])
        run(bin_ / 'pg_ctl', '-D', data, '-l', f'{folder}/log', '-w',
            '-o', options, 'start')
        try:
            yield f'postgresql://{USER}@localhost:{port}/'
        finally:
            run(bin_ / 'pg_ctl', '-D', data, '-m', 'immediate', 'stop')


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
