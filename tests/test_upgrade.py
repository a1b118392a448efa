# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""An upgrade brings the next version, or leaves the one before as it was."""
import contextlib
import io
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import time
import unittest
from unittest.mock import patch

import pytest

from command.server import (
    backup, database_checks, doctor, install, release, restore, services,
    totals, upgrade)
from command.server.checks import OK
from command.server.place import DATABASE, Place
from command.tools import ROOT, Failure

from .installed import installed, running, wait

FULL = bool(os.environ.get('PROXYMIKRO_FULL'))
NEXT = '8.0.1-next'
SEAL = ("INSERT INTO evidence_seal (model, record, rank, date, digest, hash) "
    "VALUES ('test', {0}, {0}, now(), 'd', 'h{0}')")

KILLED = '''
from tests.test_upgrade import NEXT, Place, environment, upgrade
with environment('sleep 60'):
    upgrade.upgrade(Place(), NEXT)
'''


class LostTestCase(unittest.TestCase):
    "Test what an upgrade may change, and what it may not"

    def lost(self, **after):
        before = {
            'rows': {'party_party': 2, 'ir_message': 5},
            'balance': {'2026 5121': '10.00 / 2.00'},
            'seals': {'account.move': '2 2 ab'},
            }
        return list(totals.lost(before, {**before, **after}))

    def test_accepted(self):
        self.assertFalse(self.lost())
        self.assertFalse(self.lost(
                rows={'party_party': 3, 'ir_message': 4, 'new': 1}))

    def test_refused(self):
        for after in [
                {'rows': {'party_party': 1}},
                {'rows': {}},
                {'balance': {}},
                {'balance': {'2026 5121': '10.00 / 2.01'}},
                {'seals': {'account.move': '1 1 aa'}},
                {'seals': {'account.move': '3 3 cd'}},
                ]:
            with self.subTest(after=after):
                self.assertEqual(len(self.lost(**after)), 1)


@pytest.fixture(scope='module')
def place(tmp_path_factory):
    with installed(
            tmp_path_factory.mktemp('upgrade'),
            ['proxymikro_base']) as place:
        place.sql(SEAL.format(1), DATABASE)
        yield place


@pytest.fixture
def state(place):
    "The release, the totals and the files must be the same after the test"
    before = get_state(place)
    yield
    assert get_state(place) == before
    assert not install.exists(place, upgrade.NEW)
    assert doctor.examine(place, 'version', {})[0] == OK


def get_state(place):
    return (release.current(place), totals.read(place, DATABASE),
        place.conf.read_text())


@contextlib.contextmanager
def environment(script):
    "Let the environment of the next release upgrade by the script"
    def build(folder):
        (folder / 'bin').mkdir(parents=True)
        for path in pathlib.Path(sys.prefix, 'bin').iterdir():
            (folder / 'bin' / path.name).symlink_to(path)
        admin = folder / 'bin' / 'trytond-admin'
        admin.unlink()
        admin.write_text(f'#!/bin/sh -e\n{script}\n')
        admin.chmod(0o755)

    with patch.object(release, 'build_environment', build):
        yield


def psql(place, query):
    uri = place.uri(database=upgrade.NEW)
    return f'psql -qX -d {shlex.quote(uri)} -c {shlex.quote(query)}'


@pytest.fixture(autouse=True)
def no_next_release(place):
    yield
    shutil.rmtree(place.releases / NEXT, ignore_errors=True)
    # Two backups of the same second would have the same name
    time.sleep(1.1)


def refused(place, script, match):
    with environment(script), pytest.raises(Failure, match=match) as context:
        upgrade.upgrade(place, NEXT)
    return str(context.value)


def test_step_fails(place, state):
    "An upgrade that dies in the middle leaves the database as it was"
    said = refused(place, '\n'.join([
                psql(place, 'DELETE FROM ir_message'),
                'echo no disk left >&2', 'exit 1']), "no disk left")
    assert "Rien n'a changé" in said


def test_no_answer(place, state):
    "A new version that doesn't answer gives its place back"
    with patch.object(services, 'wait', side_effect=[
                Failure("le serveur ne répond pas"), None]):
        said = refused(place, psql(place, 'SELECT 1'), "ne répond pas")
    assert "sert de nouveau" in said
    assert install.exists(place, upgrade.FAILED)
    install.drop_database(place, upgrade.FAILED)


def test_bad_answers(place, state):
    "An answer that can't be right is told before anything is stopped"
    path = place.etc / 'reponses.toml'
    text = path.read_text()
    try:
        path.write_text(text.replace('parc.exemple.fr', '!'))
        with patch.object(services, 'stop') as stop:
            refused(place, 'exit 0', "reponses.toml : « site »")
        stop.assert_not_called()
    finally:
        path.write_text(text)


@contextlib.contextmanager
def forked(place, script, **patches):
    "Run the upgrade in a process of its own, with these functions patched"
    pid = os.fork()
    if pid:
        try:
            yield pid
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return
    code = 9
    try:
        with environment(script), contextlib.ExitStack() as stack:
            for name, function in patches.items():
                module, name = name.split('_')
                stack.enter_context(
                    patch.object(globals()[module], name, function))
            with place.lock():
                upgrade.upgrade(place, NEXT)
    except Failure as failure:
        print(failure, flush=True)
        code = 1
    finally:
        os._exit(code)


def exit_code(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_line_dropped(place, state, capfd):
    "A line that drops goes on, and who stops the upgrade has the old version"
    with forked(place, 'sleep 60') as pid:
        wait(lambda: (place.files / upgrade.NEW).is_symlink())
        os.kill(pid, signal.SIGHUP)
        time.sleep(.2)
        assert not os.waitpid(pid, os.WNOHANG)[0]
        os.kill(pid, signal.SIGTERM)
        assert exit_code(pid) == 1
    assert "Rien n'a changé" in capfd.readouterr().out


@pytest.mark.parametrize('step', ['release_switch', 'services_start'])
def test_crash(place, step):
    "A machine that stops between two names finishes the next time"
    old, before = release.current(place), totals.read(place, DATABASE)
    step = {step: lambda *args: os._exit(7)}
    with forked(place, 'exit 0', **step) as pid:
        assert exit_code(pid) == 7
    try:
        assert install.made_by(place) == NEXT
        with pytest.raises(Failure, match="s'est arrêté au milieu"):
            upgrade.upgrade(place, old)
        with patch.object(install, 'make_files') as make_files:
            assert upgrade.upgrade(place, NEXT) == 0
        make_files.assert_called_once()
        assert release.current(place) == install.made_by(place) == NEXT
        assert install.made_by(place, upgrade.OLD) == old
        assert totals.read(place, DATABASE) == before
        assert not place.journal.exists()
    finally:
        release.switch(place, old)
        install.set_release(place, DATABASE, old)


def test_crash_and_no_answer(place, state):
    "What can't be finished goes back"
    with forked(
            place, 'exit 0', release_switch=lambda *args: os._exit(7)) as pid:
        assert exit_code(pid) == 7
    with patch.object(services, 'wait', side_effect=[
                Failure("le serveur ne répond pas"), None]):
        said = refused(place, 'exit 1', "ne répond pas")
    assert "sert de nouveau" in said
    install.drop_database(place, upgrade.FAILED)


def test_newer(place, state):
    "A database is not taken down to an older release"
    with patch.object(upgrade, 'made_by', lambda *args: '9.0.0-abc'):
        refused(place, 'exit 0', "on ne redescend pas une base")


def test_running(place):
    "A server that still runs is not upgraded behind its back"
    with running(place):
        refused(place, 'exit 0', "le site tourne encore")
        wait(lambda: database_checks.is_connected(place, 'trytond-worker'))
        with patch.object(services, 'web_version', side_effect=Failure):
            refused(place, 'exit 0', "trytond-(cron|worker) tourne encore")
            # That of another server, which somebody uses
            connection = services.SocketConnection(place.socket, 60)
            connection.request(
                'POST', f'/{DATABASE}/session/login',
                '{"id": 0, "method": "", "params": ["ada", {}, "fr"]}',
                {'Content-Type': 'application/json'})
            connection.getresponse().read()
            connection.close()
            with patch.object(
                    upgrade, 'is_connected', lambda place, application:
                    application == 'gunicorn'
                    and database_checks.is_connected(place, application)):
                refused(place, 'exit 0', "gunicorn tourne encore")


def test_upgraded(place):
    "The next version serves, and the database before is kept aside"
    before = totals.read(place, DATABASE)
    old = release.current(place)
    assert upgrade.upgrade(place, NEXT) == 0
    assert release.current(place) == NEXT
    assert doctor.examine(place, 'version', {}) == (OK, NEXT)
    assert doctor.examine(place, 'jit', {})[0] == OK
    assert not list(totals.lost(before, totals.read(place, DATABASE)))
    assert totals.read(place, upgrade.OLD) == before
    with running(place):
        assert services.web_version(place)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert upgrade.upgrade(place, NEXT) == 0
    assert out.getvalue().startswith('déjà')
    release.switch(place, old)
    install.set_release(place, DATABASE, old)


if FULL:
    def test_row_lost(place, state):
        "An upgrade that loses a row of the trade is refused"
        refused(place, psql(place, 'DELETE FROM evidence_seal'),
            "lignes de la table evidence_seal : 1 avant, 0 après")

    def test_killed(place, state):
        "A machine that stops in the middle starts again as it was"
        process = subprocess.Popen(
            [sys.executable, '-c', KILLED], stdout=subprocess.DEVNULL,
            start_new_session=True, cwd=ROOT,
            env={**os.environ, 'PROXYMIKRO_PREFIX': str(place.prefix),
                'PROXYMIKRO_POSTGRESQL': place.postgresql})
        end = time.monotonic() + 60
        while not (place.files / upgrade.NEW).is_symlink():
            assert time.monotonic() < end and process.poll() is None
            time.sleep(.1)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert doctor.examine(place, 'version', {})[0] == OK
        # What is left is cleared by the next attempt
        shutil.rmtree(place.releases / NEXT)
        refused(place, 'exit 1', "mise à jour de la base")

    @pytest.mark.parametrize('folder', sorted(
            (pathlib.Path(__file__).parent / 'previous').iterdir()))
    def test_previous(place, folder):
        "The database of each version published comes to this one"
        manifest = backup.read_manifest(folder)
        restore.restore(place, folder, replace=True)
        assert totals.read(place, DATABASE) == manifest['totals']
        assert manifest['totals']['balance'] and manifest['totals']['seals']
        upgrade.upgrade(place, NEXT)
        after = totals.read(place, DATABASE)
        assert not list(totals.lost(manifest['totals'], after))
        assert not backup.verify(place, DATABASE)
        for name in ['version', 'modules', 'collation', 'extensions', 'jit']:
            assert doctor.examine(place, name, {})[0] == OK
        with running(place):
            assert doctor.examine(place, 'web', {})[0] == OK
