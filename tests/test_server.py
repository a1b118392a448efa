# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The association's server: installed, run, examined.

With one module, which is sooner activated; all of them in PROXYMIKRO_FULL.
"""
import contextlib
import datetime as dt
import http.client
import io
import os
import shutil
import subprocess
from email.header import decode_header, make_header
from unittest.mock import patch

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message, Sink
from aiosmtpd.smtp import AuthResult, LoginPassword

from command import main
from command.database import MODULES
from command.server import (
    alert, checks, database_checks, doctor, files, install, release)
from command.server.checks import BROKEN, OK, WATCH
from command.server.place import DATABASE
from command.tools import Failure

from .installed import ANSWERS, installed, running, wait
from .postgresql import free_port
from .test_install import certificate

FULL = bool(os.environ.get('PROXYMIKRO_FULL'))


@pytest.fixture(scope='module')
def place(tmp_path_factory):
    with installed(
            tmp_path_factory.mktemp('server'),
            MODULES if FULL else ['proxymikro_base']) as place:
        yield place


def check(place, name):
    state, text = doctor.examine(place, name, {})
    return state, text


def snapshot(place):
    return {
        path: (path.stat(follow_symlinks=False).st_mtime_ns,
            path.stat(follow_symlinks=False).st_ino)
        for path in place.prefix.rglob('*') if path.name != '.lock'}


def test_again(place):
    "A second run changes nothing, and says so line by line"
    before = snapshot(place)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        answers = install.get_answers(place, None)
        install.install(place, answers)
    assert snapshot(place) == before
    assert 'mot_de_passe' not in (place.etc / 'reponses.toml').read_text()
    states = {line[:10].strip() for line in out.getvalue().splitlines()}
    assert states <= {'déjà', 'ok', 'attention', ''}
    assert 'http://parc.exemple.fr/#proxymikro ' in out.getvalue()


def test_python_changed(place):
    "An environment that Debian's new Python no longer runs is made again"
    name = release.current(place)
    folder = place.releases / name / 'env'
    kept = folder.rename(folder.with_name('kept'))
    try:
        (folder / 'bin').mkdir(parents=True)
        (folder / 'bin' / 'python').symlink_to('/usr/bin/false')
        with patch.object(release, 'name', lambda: 'other'):
            with pytest.raises(Failure, match="git checkout"):
                install.make_release(place)

        def build(path):
            assert path == folder
            shutil.rmtree(folder)
            kept.rename(folder)

        with patch.object(release, 'build_environment', build):
            assert install.make_release(place)
        assert not install.make_release(place)
    finally:
        if kept.exists():
            shutil.rmtree(folder)
            kept.rename(folder)


def test_interrupted(place):
    "An activation that fails leaves no database, and can be started again"
    with (patch.object(install, 'DATABASE', 'other'),
            patch.object(install, 'NEW', 'other_new'),
            patch.object(install, 'MODULES', ['no_such_module'])):
        with pytest.raises(install.Failure, match="création de la base"):
            install.make_database(place, ANSWERS)
        assert not install.exists(place, 'other')
        assert not (place.state / '.password').exists()
    install.drop_database(place, 'other_new')


def test_changed(place):
    "A new answer changes the files which it is in, and only those"
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            install.make_files(place, {**ANSWERS, 'site': 'autre.exemple.fr'})
        changed = [
            line.split('/')[-1] for line in out.getvalue().splitlines()
            if line.startswith('changé')]
    finally:
        install.make_files(place, ANSWERS)
    assert sorted(changed) == [
        'mots-de-passe-interdits.txt', 'proxymikro', 'reponses.toml',
        'trytond.conf']


def test_services(place):
    "What the units start answers, and the doctor sees it alive"
    for name in ['web', 'taches', 'file']:
        assert check(place, name)[0] == BROKEN
    with running(place):
        for name in ['web', 'taches', 'file']:
            wait(lambda: check(place, name)[0] == OK)


if shutil.which('systemd-analyze'):
    def test_units(place):
        "systemd ignores nothing in the units: an unknown word is told, and fails"
        units = [place.units / unit for unit in files.UNITS]
        # Without the option it says so, and ends well
        command = ['systemd-analyze', 'verify', '--man=no',
            '--recursive-errors=no']
        assert subprocess.run(
            [*command, *units], capture_output=True, text=True
            ).stderr == ''
        broken = place.units / 'broken.service'
        broken.write_text(units[1].read_text().replace('PrivateTmp', 'Private'))
        try:
            assert subprocess.run(
                [*command, broken], capture_output=True).returncode
        finally:
            broken.unlink()


def test_late(place):
    "A scheduled task and a job that wait too long are told"
    with patch.object(database_checks, 'is_connected', lambda *args: True):
        for name, table, values in [
                ('taches', 'ir_cron', "SET next_call = {}"),
                ('file', 'ir_queue', "SET enqueued_at = {}"),
                ]:
            place.sql("INSERT INTO ir_queue (name, enqueued_at) "
                "VALUES ('test', now())", DATABASE)
            place.sql(f'UPDATE {table} {values}'.format(
                    "now() AT TIME ZONE 'UTC'"), DATABASE)
            assert check(place, name)[0] == OK, check(place, name)
            place.sql(f'UPDATE {table} {values}'.format(
                    "now() AT TIME ZONE 'UTC' - interval '1 day'"), DATABASE)
            assert check(place, name)[0] == WATCH, check(place, name)
    place.sql('DELETE FROM ir_queue', DATABASE)


def test_database(place):
    "A database that is not as it must be is told apart"
    for name in ['postgresql', 'base', 'collation', 'extensions', 'jit',
            'version', 'modules']:
        assert check(place, name)[0] == OK, check(place, name)
    for name, breaking, mending in [
            ('jit', 'ALTER DATABASE {} SET jit = on',
                'ALTER DATABASE {} SET jit = off'),
            ('collation', "UPDATE pg_database SET datcollversion = '1' "
                "WHERE datname = '{}'",
                'ALTER DATABASE {} REFRESH COLLATION VERSION'),
            ('version', "ALTER DATABASE {} SET proxymikro.release = 'x'",
                "ALTER DATABASE {} SET proxymikro.release = '%s'"
                % release.current(place)),
            ]:
        place.admin(breaking.format(DATABASE))
        assert check(place, name)[0] == BROKEN
        place.admin(mending.format(DATABASE))
    place.sql("UPDATE ir_module SET state = 'to upgrade' "
        "WHERE name = 'proxymikro_base'", DATABASE)
    assert check(place, 'modules')[0] == BROKEN
    place.sql("UPDATE ir_module SET state = 'activated' "
        "WHERE name = 'proxymikro_base'", DATABASE)
    place.admin('CREATE DATABASE other')
    place.admin('CREATE EXTENSION pg_trgm', 'other')
    with patch('command.server.database_checks.DATABASE', 'other'):
        assert check(place, 'extensions') == (
            BROKEN, "il manque btree_gist, unaccent")
        assert check(place, 'collation')[0] == BROKEN
        assert check(place, 'base')[0] == BROKEN
    assert doctor.examine(place, 'jit', {'base': (BROKEN, '')})[0] == BROKEN


def test_settings(place):
    "A setting that protects is missed, and so are rights too wide"
    assert check(place, 'reglages')[0] == OK
    text = place.conf.read_text()
    try:
        place.conf.write_text(text.replace('retry = 20', 'retry = 5'))
        state, said = check(place, 'reglages')
        assert state == BROKEN and '[database] retry' in said
        assert check(place, 'droits')[0] == OK
        place.conf.chmod(0o644)
        state, said = check(place, 'droits')
        assert state == BROKEN and 'trytond.conf' in said
    finally:
        place.conf.write_text(text)
        place.conf.chmod(0o640)


@contextlib.contextmanager
def setting(place, **values):
    text = place.conf.read_text()
    try:
        parser = place.settings()
        for name, value in values.items():
            section, _, option = name.partition('_')
            parser.set(section, option, value)
        with open(place.conf, 'w') as file:
            parser.write(file)
        yield
    finally:
        place.conf.write_text(text)


def test_certificate(place, tmp_path):
    "The end of the certificate is seen coming"
    assert check(place, 'certificat')[0] == WATCH
    for days, state in [(90, OK), (10, WATCH)]:
        path, _ = certificate(tmp_path, days=days)
        with setting(place, ssl_certificate=str(path)):
            assert check(place, 'certificat')[0] == state
    with patch.object(checks.time, 'time', lambda: 10 ** 10), setting(
            place, ssl_certificate=str(path)):
        assert check(place, 'certificat')[0] == BROKEN


def test_mail(place):
    "The mail server answers or not"
    assert check(place, 'courriel')[0] == WATCH
    port = free_port()
    controller = Controller(Sink(), '127.0.0.1', port)
    controller.start()
    with setting(place, email_uri=f'smtp://127.0.0.1:{port}',
            email_from='a@exemple.fr'):
        assert check(place, 'courriel')[0] == OK
        controller.stop()
        assert check(place, 'courriel')[0] == BROKEN


def test_backup_age(place):
    "A backup that is late is told, then one that is old"
    assert check(place, 'sauvegarde')[0] == WATCH
    place.sql("UPDATE res_user SET create_date = create_date "
        "- interval '5 days'", DATABASE)
    assert check(place, 'sauvegarde') == (
        BROKEN, "aucune, et le serveur a 5 jours")
    for days, state in [(10, BROKEN), (2, WATCH), (0, OK)]:
        made = dt.datetime.now() - dt.timedelta(days=days)
        folder = place.backups / f'{made:%Y-%m-%dT%H-%M-%S}'
        folder.mkdir()
        (folder / 'manifest.json').write_text('{}')
        assert check(place, 'sauvegarde')[0] == state
    (folder / 'manifest.json').write_text('{"problems": ["sceau rompu"]}')
    state, said = check(place, 'sauvegarde')
    assert state == BROKEN and said.endswith("sceau rompu")
    for folder in place.backups.iterdir():
        shutil.rmtree(folder)


def test_disk_and_clock(place):
    "A disk that fills up and a clock that drifts are told"
    for free, state in [(0.5, OK), (0.01, WATCH), (0.0001, BROKEN)]:
        usage = shutil._ntuple_diskusage(10 ** 12, 0, free * 10 ** 12)
        with patch.object(checks.shutil, 'disk_usage', lambda path: usage):
            assert check(place, 'disque')[0] == state
    assert check(place, 'horloge')[0] in {OK, WATCH}
    with patch.object(checks.time, 'time', lambda: 0):
        assert check(place, 'horloge')[0] == BROKEN


def test_report(place):
    "One line each, and the worst is the exit code"
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert doctor.report(place, ['jit']) == {'jit': (OK, 'coupé')}
        assert doctor.report(
            place, ['jit', 'certificat'])['certificat'][0] == WATCH
        with patch.object(doctor, 'Place', lambda: place):
            assert main.main(['doctor']) == BROKEN
    lines = out.getvalue().splitlines()
    assert lines[0] == 'ok        jit         coupé'
    assert len([line for line in lines if line.startswith(
                ('ok', 'attention', 'panne'))]) == 3 + len(doctor.CHECKS)


def test_unexpected(place):
    "What nobody foresaw breaks its own line, in French, and no other"
    text = place.conf.read_text()
    try:
        place.conf.write_text('[web\n')
        state, said = check(place, 'reglages')
        assert state == BROKEN and "trytond.conf ne se lit pas" in said
        with pytest.raises(Failure, match="trytond.conf ne se lit pas"):
            alert.tell(place, {'reglages': (state, said)})
    finally:
        place.conf.write_text(text)
    kept = place.backups.rename(place.backups.with_name('kept'))
    try:
        for name in ['sauvegarde', 'droits', 'disque']:
            assert check(place, name)[0] == BROKEN
    finally:
        kept.rename(place.backups)

    def garbage(place):
        raise http.client.BadStatusLine('\n')

    with patch.dict(doctor.CHECKS, jit=garbage):
        state, said = check(place, 'jit')
    assert state == BROKEN
    assert said.startswith("n'a pas pu être examiné : BadStatusLine")
    assert '\n' not in said


class Inbox(Message):

    def __init__(self):
        super().__init__()
        self.subjects, self.texts = [], []

    def handle_message(self, message):
        self.subjects.append(str(make_header(
                    decode_header(message['Subject']))))
        self.texts.append(
            message.get_payload(decode=True).decode('utf-8'))


def test_alert(place):
    "What is broken is written each day, what is to watch once, and its end"
    port, inbox = free_port(), Inbox()
    # As that of a provider, which takes nothing from who it does not know
    controller = Controller(
        inbox, '127.0.0.1', port, auth_required=True,
        auth_require_tls=False, authenticator=lambda *args: AuthResult(
            success=args[-1] == LoginPassword(b'ada', b'p@sse')))
    controller.start()
    well, late, down = (
        {'sauvegarde': (state, text)} for state, text in [
            (OK, "cette nuit"), (WATCH, "hier"), (BROKEN, "sceau rompu")])
    try:
        with setting(place, email_uri=f'smtp://ada:p%40sse@127.0.0.1:{port}',
                email_from="Les Amis d'Ada <a@exemple.fr>"):
            assert not alert.tell(place, well)
            sent = [alert.tell(place, lines)
                for lines in [late, late, down, down, well, well]]
    finally:
        controller.stop()
    assert sent == [True, False, True, True, True, False]
    assert inbox.subjects == [
        'parc.exemple.fr : attention (sauvegarde)',
        'parc.exemple.fr : panne (sauvegarde)',
        'parc.exemple.fr : panne (sauvegarde)',
        'parc.exemple.fr : tout va bien de nouveau']
    assert "panne     sauvegarde  sceau rompu" in inbox.texts[1]
    assert "depannage.md" in inbox.texts[1]


def test_alert_refused(place):
    "A message that could not leave is written again the next day"
    lines = {'disque': (BROKEN, "plein")}
    with pytest.raises(Failure, match="personne n'est prévenu"):
        alert.tell(place, lines)
    with setting(place, email_uri=f'smtp://127.0.0.1:{free_port()}',
            email_from='a@exemple.fr'):
        with pytest.raises(Failure, match="n'a pas pris le message"):
            alert.tell(place, lines)
    kept = place.state / '.doctor'
    assert not kept.exists() or 'disque' not in kept.read_text()
