# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The database of the demonstration, built aside and then renamed."""
import shutil
import sqlite3

from .tools import BIN, ROOT, digest, environ, home, run, say

NAME = 'demo'
PASSWORD = 'proxymikro-demo'
MODULES = [
    'proxymikro_base', 'proxymikro_stock', 'proxymikro_account',
    'proxymikro_membership', 'proxymikro_recycling']


def config(port=8000):
    "Write the configuration of the server and return its path"
    path = home() / 'trytond.conf'
    # On SQLite the cleaning of the cache, which only several servers need, makes
    # the connection of a transaction commit each statement
    text = f'''[web]
listen = localhost:{port}
root = {home() / 'www'}

[database]
uri = sqlite://
path = {home() / 'db'}
language = fr
retry = 20

[cache]
clean_timeout = {10**9}

[proxymikro]
public_url = http://localhost:{port}
public_database = {NAME}
'''
    home().mkdir(parents=True, exist_ok=True)
    new = path.with_suffix('.new')
    new.write_text(text)
    new.rename(path)
    return path


def path(name=NAME):
    return home() / 'db' / f'{name}.sqlite'


def sources():
    return digest(
        ROOT / 'modules', ROOT / 'demo', ROOT / 'requirements.lock')


def ensure(conf, empty=None):
    """Build the demonstration.

    What it is before the story is kept in the file empty, if there is one.
    """
    if path().exists():
        return
    new = f'{NAME}_new'
    create(conf, new)
    if empty:
        merge(new)
        shutil.copy2(path(new), empty)
    say("Demonstration data")
    run([BIN / 'python', '-m', 'demo', new, conf], "demo", cwd=ROOT,
        env=environ())
    merge(new)
    path(new).rename(path())
    remove(new)


def create(conf, new):
    "Make the database, in French, with the modules and nothing else"
    path().parent.mkdir(parents=True, exist_ok=True)
    remove(new)
    path(new).touch()  # the SQLite backend never creates the file
    password = home() / 'password'
    password.write_text(f'{PASSWORD}\n')
    say("Database in French (about a minute)")
    run([BIN / 'trytond-admin', '-c', conf, '-d', new, '-u', *MODULES,
            '--activate-dependencies', '--email', 'admin@example.org'],
        "trytond-admin",
        env=environ(TRYTONPASSFILE=str(password)))


def merge(name):
    "Put all in one file, so that a copy or a renaming takes everything along"
    connection = sqlite3.connect(path(name))
    connection.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    connection.execute('PRAGMA journal_mode = DELETE')
    connection.close()


def remove(name=NAME):
    for file in path(name).parent.glob(f'{name}.sqlite*'):
        file.unlink()
