# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Where the server is, who owns what, and how its programs are run.

On a machine it is under /, with users of its own. PROXYMIKRO_PREFIX and
PROXYMIKRO_POSTGRESQL put it under a folder and on another PostgreSQL, as the
tests do: then nothing of the system is touched.
"""
import configparser
import contextlib
import fcntl
import grp
import os
import pathlib
import pwd
import subprocess
import urllib.parse

from ..tools import Failure
from . import signals

ACCOUNT = DATABASE = 'proxymikro'
SUPERUSER = 'postgres'


class Place:

    def __init__(self, prefix=None, postgresql=None):
        self.prefix = pathlib.Path(
            prefix or os.environ.get('PROXYMIKRO_PREFIX') or '/')
        self.postgresql = (
            postgresql or os.environ.get('PROXYMIKRO_POSTGRESQL'))
        if self.is_trial and not self.postgresql:
            raise Failure("PROXYMIKRO_PREFIX demande PROXYMIKRO_POSTGRESQL.")
        self.etc = self.prefix / 'etc' / 'proxymikro'
        self.conf = self.etc / 'trytond.conf'
        self.answers = self.etc / 'reponses.toml'
        self.local = self.etc / 'local.conf'
        self.state = self.prefix / 'var' / 'lib' / 'proxymikro'
        # Of the services; the rest of it is of root
        self.files = self.state / 'files'
        self.home = self.state / 'home'
        self.backups = self.prefix / 'var' / 'backups' / 'proxymikro'
        self.releases = self.prefix / 'usr' / 'local' / 'lib' / 'proxymikro'
        self.current = self.releases / 'current'
        self.journal = self.releases / '.upgrade.json'
        self.bin = self.current / 'env' / 'bin'
        self.www = self.current / 'www'
        self.socket = self.prefix / 'run' / 'proxymikro' / 'web.sock'
        self.units = self.prefix / 'etc' / 'systemd' / 'system'
        self.nginx = self.prefix / 'etc' / 'nginx'

    @property
    def is_trial(self):
        return self.prefix != pathlib.Path('/')

    @property
    def has_systemd(self):
        return not self.is_trial and os.path.isdir('/run/systemd/system')

    def require_root(self):
        if not self.is_trial and os.geteuid():
            raise Failure("cette commande se lance en administrateur : "
                "sudo ./proxymikro …")

    def require_installed(self):
        self.require_root()
        if not self.conf.exists():
            raise Failure(
                "aucun serveur installé ici : lancez d'abord "
                "./proxymikro install")

    @contextlib.contextmanager
    def lock(self):
        "Only one command at a time changes the server"
        self.state.mkdir(parents=True, exist_ok=True)
        lock = os.open(
            self.state / '.lock', os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        with open(lock, 'w') as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Failure(
                    "une autre commande est en cours (installation, "
                    "sauvegarde ou mise à jour) : attendez sa fin.") from None
            with signals.heard():
                yield

    def settings(self, path=None):
        "Return what trytond.conf says, or another file like it"
        path = path or self.conf
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read(path, encoding='utf-8')
        except (configparser.Error, UnicodeDecodeError) as error:
            said = ' '.join(str(error).split())
            raise Failure(f"{path} ne se lit pas : {said}") from None
        return parser

    def uri(self, role=ACCOUNT, database=''):
        "Return how the role reaches the database: by the local socket"
        if not self.postgresql:
            return f'postgresql:///{database}' if database else 'postgresql://'
        parts = urllib.parse.urlsplit(self.postgresql)
        return parts._replace(
            netloc=f'{role}@{parts.hostname}:{parts.port}',
            path=f'/{database}').geturl()

    def become(self, user):
        "Return what starts a process as the user"
        if self.is_trial or os.geteuid():
            return {}
        return {'user': user, 'group': user, 'extra_groups': []}

    def own(self, path, user=ACCOUNT, group=ACCOUNT, mode=None):
        if mode is not None:
            path.chmod(mode)
        if not self.is_trial:
            os.chown(path, *ids(user, group))

    def run(self, command, what, user=ACCOUNT, env=(), **kwargs):
        """Run the command as the user and return what it says.

        Its environment is its own: nobody's TRYTOND_ or PG variables. So is
        its session: what is typed at the terminal stops us, and we stop it.
        """
        kwargs = {
            'stdin': subprocess.DEVNULL, 'stdout': subprocess.PIPE, **kwargs}
        result = subprocess.run(
            [str(c) for c in command], stderr=subprocess.PIPE, text=True,
            cwd=self.state if self.state.exists() else '/',
            start_new_session=True,
            env={**self.environ(), **dict(env)}, **self.become(user), **kwargs)
        if result.returncode:
            said = '\n'.join(filter(None, [result.stdout, result.stderr]))
            raise Failure(f"{what} : échec.\n{said.rstrip()}")
        return result.stdout

    def environ(self):
        path = os.environ['PATH']
        return {
            'PATH': path if self.is_trial else
            '/usr/sbin:/usr/bin:/sbin:/bin',
            'HOME': str(self.home),
            'LANG': 'C.UTF-8',
            }

    def sql(self, query, database='postgres', role=ACCOUNT):
        "Run the query and return its rows, as lists of texts"
        out = self.run(
            ['psql', '-X', '-q', '-A', '-t', '-F', '\t',
                '-v', 'ON_ERROR_STOP=1', '-d', self.uri(role, database),
                '-c', query],
            "PostgreSQL", user=role)
        return [line.split('\t') for line in out.splitlines()]

    def admin(self, query, database='postgres'):
        return self.sql(query, database, role=SUPERUSER)

    def value(self, query, database='postgres', role=ACCOUNT):
        rows = self.sql(query, database, role)
        return rows[0][0] if rows else None


def write_whole(path, text):
    "Write the file as it will be, or leave it as it is"
    new = path.with_name(f'.{path.name}.new')
    new.unlink(missing_ok=True)
    new.write_text(text, encoding='utf-8')
    new.replace(path)


def ids(user, group):
    return pwd.getpwnam(user).pw_uid, grp.getgrnam(group).gr_gid


def literal(text):
    "Return the text quoted for SQL"
    return "'" + str(text).replace("'", "''") + "'"
