# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The files of the configuration, made of the templates."""
import json
import multiprocessing
import pathlib
import re
from email.utils import formataddr

from . import answers as answers_
from .place import DATABASE

TEMPLATES = pathlib.Path(__file__).parent / 'templates'
UNITS = [
    'proxymikro.target', 'proxymikro-web.service', 'proxymikro-cron.service',
    'proxymikro-worker.service', 'proxymikro-backup.service',
    'proxymikro-backup.timer', 'proxymikro-doctor.service',
    'proxymikro-doctor.timer']
# Of each process of the site
THREADS = 4


def render(name, values):
    text = (TEMPLATES / f'{name}.in').read_text(encoding='utf-8')
    return re.sub(r'@(\w+)@', lambda match: values[match[1]], text)


def values(place, answers):
    "Return what the templates name"
    tls = bool(answers['certificat'])
    scheme = 'https' if tls else 'http'
    sender = answers['expediteur']
    workers = multiprocessing.cpu_count()
    return {
        **answers,
        'url': f"{scheme}://{answers['site']}",
        'database': DATABASE,
        'uri': place.uri(),
        'files': str(place.files),
        'home': str(place.home),
        'state': str(place.state),
        'backups': str(place.backups),
        'conf': str(place.conf),
        'current': str(place.current),
        'bin': str(place.bin),
        'www': str(place.www),
        'socket': str(place.socket),
        'nginx': str(place.nginx),
        'workers': str(workers),
        'threads': str(THREADS),
        'logins': str(workers * THREADS // 2),
        'password_length': str(answers_.PASSWORD_LENGTH),
        'forbidden': str(place.etc / 'mots-de-passe-interdits.txt'),
        'ssl': (f"certificate = {answers['certificat']}" if tls
            else '# Sans certificat'),
        'smtp': answers['smtp'] or 'smtp://localhost:25',
        'sender': (
            formataddr((answers['association'], sender)) if sender else ''),
        'headers': ('add_header Strict-Transport-Security '
            '"max-age=31536000" always;' if tls else ''),
        }


def contents(place, answers):
    "Return the content of each file, with its owner's group and its mode"
    v = values(place, answers)
    site = 'nginx-tls' if answers['certificat'] else 'nginx-plain'
    forbidden = '\n'.join(answers_.forbidden(answers)) + '\n'
    return {
        place.answers: (toml(answers), 'root', 0o600),
        place.conf: (
            merge(render('trytond.conf', v), place.settings(place.local)),
            'proxymikro', 0o640),
        place.etc / 'mots-de-passe-interdits.txt': (
            forbidden, 'proxymikro', 0o640),
        **{place.units / unit: (render(unit, v), 'root', 0o644)
            for unit in UNITS},
        place.units / 'postgresql@.service.d' / 'proxymikro.conf': (
            render('postgresql-restart.conf', v), 'root', 0o644),
        place.nginx / 'snippets' / 'proxymikro.conf': (
            render('nginx-locations', v), 'root', 0o644),
        place.nginx / 'sites-available' / 'proxymikro': (
            render(site, v), 'root', 0o644),
        }


def merge(text, local):
    "Return the configuration with what local.conf says instead"
    left = {section: dict(local[section]) for section in local.sections()}
    lines, own = [], {}
    for line in text.splitlines():
        if header := re.fullmatch(r'\[(.+)\]', line):
            own = left.pop(header[1], {})
            lines += section(header[1], own)
        elif line.partition('=')[0].strip() not in own:
            lines.append(line)
    for name, own in left.items():
        lines += ['', *section(name, own)]
    return '\n'.join(lines) + '\n'


def section(name, options):
    yield f'[{name}]'
    if options:
        yield '# De local.conf'
    for option, value in options.items():
        yield f'{option} = {value}'.replace('\n', '\n    ')


def toml(answers):
    "Return the answers as a file, but the password, which is asked once"
    lines = ["# Relancez « proxymikro install » après un changement."]
    for key in answers_.QUESTIONS:
        if key != 'mot_de_passe':
            # A JSON text without control characters is a TOML one
            value = json.dumps(answers[key], ensure_ascii=False)
            lines.append(f'{key} = {value}')
    return '\n'.join(lines) + '\n'


def write(place, path, content, group, mode):
    "Write the file if it differs, keep what it was, and tell what was done"
    old = path.read_text(encoding='utf-8') if path.exists() else None
    if old == content:
        place.own(path, 'root', group, mode)
        return 'déjà'
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f'.{path.name}.new')
    new.touch(mode=0o600)
    new.write_text(content, encoding='utf-8')
    place.own(new, 'root', group, mode)
    if old is not None and path.parent == place.etc:
        path.replace(path.with_name(f'{path.name}.avant'))
    new.rename(path)
    return 'fait' if old is None else 'changé'
