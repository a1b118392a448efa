# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the doctor looks at around the database."""
import contextlib
import datetime as dt
import shutil
import smtplib
import ssl
import stat
import subprocess
import time
import urllib.parse
import urllib.request

from ..tools import ROOT
from . import answers, services
from . import backup as backups
from .place import ACCOUNT, DATABASE

OK, WATCH, BROKEN = range(3)
WORDS = {OK: 'ok', WATCH: 'attention', BROKEN: 'panne'}
MANUAL = f"{ROOT / 'docs' / 'depannage.md'}, une rubrique par point."
# In days
CERTIFICATE_SOON, BACKUP_LATE, BACKUP_OLD = 21, 1.1, 4
# The share of the disk that is free, and what is too little anyway
DISK_SOON, DISK_LEAST = 0.15, 2 * 1024 ** 3


def format_line(name, state, text):
    return f'{WORDS[state]:<10}{name:<12}{text}'


def settings(place):
    conf = place.settings()
    wrong = [
        f'[{section}] {name}' for section, name, right in [
            ('database', 'retry', lambda v: int(v) >= 20),
            ('cache', 'clean_timeout', lambda v: v == '0'),
            ('database', 'list', lambda v: v.lower() in {'false', '0', 'no'}),
            ('database', 'language', lambda v: v == 'fr'),
            ('web', 'num_proxies', lambda v: v == '1'),
            ('queue', 'worker', lambda v: v.lower() in {'true', '1', 'yes'}),
            ('password', 'length',
                lambda v: int(v) >= answers.PASSWORD_LENGTH),
            ('password', 'forbidden', lambda v: bool(v)),
            ('proxymikro', 'public_url', lambda v: bool(v)),
            ('proxymikro', 'public_database', lambda v: v == DATABASE),
            ] if not is_right(conf, section, name, right)]
    if wrong:
        return BROKEN, f"à corriger dans {place.conf} : {', '.join(wrong)}"
    return OK, str(place.conf)


def is_right(conf, section, name, right):
    try:
        return right(conf.get(section, name, fallback=''))
    except ValueError:
        return False


def permissions(place):
    wrong = [
        str(path) for path in [place.conf, place.answers,
            place.files, place.backups]
        if not path.exists() or path.stat().st_mode & stat.S_IRWXO]
    if place.local.exists() and place.local.stat().st_mode & stat.S_IRWXO:
        wrong.append(str(place.local))
    if wrong:
        return BROKEN, f"lisible par tous, ou absent : {', '.join(wrong)}"
    for path, owner in [(place.files, ACCOUNT), (place.state, 'root')]:
        if not place.is_trial and path.owner() != owner:
            return BROKEN, f"{path} n'est pas à l'utilisateur {owner}"
    return OK, "la configuration et les fichiers sont à l'abri"


def web(place):
    return OK, f"l'application répond (Tryton {services.web_version(place)})"


def site(place):
    url = place.settings().get('proxymikro', 'public_url', fallback='')
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            response.read(1)
    except (OSError, ValueError) as error:
        return BROKEN, f"{url} ne répond pas : {error}"
    return OK, url


def certificate(place):
    path = place.settings().get('ssl', 'certificate', fallback='')
    if not path:
        return WATCH, "aucun : les mots de passe passent en clair"
    result = subprocess.run(
        ['openssl', 'x509', '-noout', '-enddate', '-in', path],
        capture_output=True, text=True)
    if result.returncode:
        return BROKEN, f"{path} ne se lit pas"
    end = ssl.cert_time_to_seconds(result.stdout.strip().partition('=')[2])
    days = (end - time.time()) / 86400
    date = f'{dt.date.fromtimestamp(end):%d/%m/%Y}'
    if days < 0:
        return BROKEN, f"fini depuis le {date}"
    if days < CERTIFICATE_SOON:
        return WATCH, f"finit le {date}, dans {days:.0f} jours"
    return OK, f"jusqu'au {date}"


def mail(place):
    conf = place.settings()
    if not conf.get('email', 'from', fallback=''):
        return WATCH, "aucun serveur : aucun courriel ne part"
    uri = urllib.parse.urlsplit(conf.get('email', 'uri', fallback=''))
    try:
        with smtp(uri) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        return BROKEN, f"{uri.hostname} ne répond pas : {error}"
    return OK, f"{uri.hostname} répond"


@contextlib.contextmanager
def smtp(uri):
    "Reach the server, and say who we are, as Tryton does"
    if uri.scheme == 'smtps':
        server = smtplib.SMTP_SSL(uri.hostname, uri.port or 465, timeout=10,
            context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(uri.hostname, uri.port or 25, timeout=10)
    with server:
        if 'tls' in uri.scheme:
            server.starttls(context=ssl.create_default_context())
        if uri.username and uri.password:
            server.login(
                urllib.parse.unquote_plus(uri.username),
                urllib.parse.unquote_plus(uri.password))
        yield server


def backup(place):
    if not place.backups.is_dir():
        return BROKEN, f"le dossier {place.backups} n'est plus là"
    folders = backups.backups(place)
    if not folders:
        days = float(place.value(
            'SELECT extract(epoch FROM now() - min(create_date)) / 86400 '
            'FROM res_user', DATABASE))
        if days > BACKUP_OLD:
            return BROKEN, f"aucune, et le serveur a {days:.0f} jours"
        return WATCH, "aucune encore"
    made = dt.datetime.strptime(folders[-1].name, backups.NAME)
    days = (dt.datetime.now() - made).total_seconds() / 86400
    text = f"la dernière, vérifiée, est du {made:%d/%m/%Y à %H:%M}"
    if days > BACKUP_OLD:
        return BROKEN, text
    if problems := backups.read_manifest(folders[-1]).get('problems'):
        return BROKEN, f"{text} : {problems[0]}"
    return (WATCH if days > BACKUP_LATE else OK), text


def disk(place):
    states = []
    for path in [place.state, place.backups]:
        usage = shutil.disk_usage(path)
        share = usage.free / usage.total
        state = (BROKEN if usage.free < DISK_LEAST / 4
            else WATCH if share < DISK_SOON and usage.free < 10 * DISK_LEAST
            or usage.free < DISK_LEAST
            else OK)
        states.append((state, f"{usage.free / 1024 ** 3:.1f} Go libres "
            f"({share:.0%}) pour {path}"))
    return max(states)


def clock(place):
    now = float(place.value('SELECT extract(epoch FROM clock_timestamp())'))
    gap = abs(now - time.time())
    if gap > 5:
        return BROKEN, f"PostgreSQL a {gap:.0f} secondes d'écart"
    try:
        said = subprocess.run(
            ['timedatectl', 'show', '-p', 'NTPSynchronized', '--value'],
            capture_output=True, text=True).stdout.strip()
    except OSError:
        said = ''
    if said == 'no':
        return WATCH, "l'heure ne se règle pas sur Internet (NTP)"
    return OK, "à l'heure" if said else "comme PostgreSQL ; NTP inconnu"
