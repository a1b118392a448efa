# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""From a bare machine to the next version, by the commands of the manual.

Long, as each command is run for real on all the modules: in PROXYMIKRO_FULL.
"""
import contextlib
import os
import shutil
import subprocess
from decimal import Decimal
from unittest.mock import patch

import pytest

from command import main
from command.server import backup, doctor, install, release, totals
from command.server.checks import OK
from command.server.place import DATABASE

from . import installed
from .association import PHOTO, SCHOOL, Association
from .postgresql import free_port
from .test_takeover import PAST, REPORT

FULL = bool(os.environ.get('PROXYMIKRO_FULL'))
NEXT = '8.0.1-next'
DONE = {
    # After those that were taken over
    'device': ('PM-00003', "Menuiserie Larrieu", 'lent', 'erased'),
    'loan': ('PRT-00003', SCHOOL, 'running'),
    'erasure': ('EFF-00001', "Camille Dubreuil", "Denis Fauché"),
    'photo': PHOTO,
    'income': [(SCHOOL, Decimal('10.00')), (SCHOOL, Decimal('20.00'))],
    }


@pytest.fixture
def place(tmp_path):
    "A bare machine"
    with installed.place(tmp_path / 'machine') as place, patch.dict(
            os.environ, PROXYMIKRO_PREFIX=str(place.prefix),
            PROXYMIKRO_POSTGRESQL=place.postgresql):
        yield place


def command(*args):
    assert main.main(list(map(str, args))) == 0


@contextlib.contextmanager
def served(place):
    "Give the address of the site while the services run"
    port = free_port()
    with installed.running(place, port):
        yield f'http://127.0.0.1:{port}/{DATABASE}/'


def install_it(folder):
    answers = folder / 'reponses.toml'
    answers.write_text(''.join(
            f'{name} = "{value}"\n'
            for name, value in installed.ANSWERS.items()), encoding='utf-8')
    answers.chmod(0o600)
    command('install', '--answers', answers)


def call(place, association, role, name, *args):
    "Run a command of the client as who has the role"
    login, password = association.logins[role]
    passfile = place.prefix / 'password'
    passfile.write_text(password, encoding='utf-8')
    result = subprocess.run(
        [place.bin / name, *args, '--user', login, '--passfile', passfile],
        capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def take_over(place, association, url, folder):
    "Take the past over, then once more, which changes nothing"
    shutil.copytree(PAST, folder)
    for said in ["Prêts (prets.csv) : 2 créés", "rien de nouveau"]:
        report = call(
            place, association, 'admin', 'proxymikro-import', 'takeover',
            folder, '--url', url)
        assert said in report
    assert report.count("rien de nouveau") == 5
    assert (folder / REPORT).exists()


def destroy(place):
    "Lose the database and the attachments"
    install.drop_database(place, DATABASE)
    shutil.rmtree(place.files / DATABASE)
    assert doctor.examine(place, 'base', {})[0] != OK


def check(place, association, manifest):
    "Compare what is there with what was, by the totals and by the people"
    assert not list(totals.lost(
            manifest['totals'], totals.read(place, DATABASE)))
    with served(place) as url:
        for name in ['web', 'version', 'modules', 'taches', 'file']:
            installed.wait(
                lambda: doctor.examine(place, name, {})[0] == OK)
        assert association.examine(url) == DONE
        call(place, association, 'audit', 'proxymikro-verify', '--url', url)


if FULL:
    def test_walk(place, tmp_path):
        "Installed, taken over, worked in, lost, restored and upgraded"
        association = Association()
        install_it(tmp_path)
        with served(place) as url:
            assert association.set_up(url) == set()
            take_over(place, association, url, tmp_path / 'reprise')
            association.work(url)
            assert association.examine(url) == DONE
            command('backup')
        folder, = backup.backups(place)
        manifest = backup.read_manifest(folder)
        assert manifest['totals']['balance'] and manifest['totals']['seals']
        destroy(place)
        command('restore', folder.name)
        assert totals.read(place, DATABASE) == manifest['totals']
        check(place, association, manifest)
        with patch.object(release, 'name', lambda: NEXT):
            command('upgrade')
        assert release.current(place) == install.made_by(place) == NEXT
        check(place, association, manifest)
