# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A backup is whole, checked and restored, or it is not there."""
import datetime as dt
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import unittest
from unittest.mock import patch

import pytest

from command.database import MODULES
from command.server import backup, install, restore, services, totals
from command.server.place import DATABASE
from command.tools import ROOT, Failure

from .installed import installed

FULL = bool(os.environ.get('PROXYMIKRO_FULL'))
KILLS = 20 if FULL else 1
FILE_ID = 'abcd1234-0000-4000-8000-000000000000'


@pytest.fixture(scope='module')
def place(tmp_path_factory):
    with installed(
            tmp_path_factory.mktemp('backup'),
            MODULES if FULL else ['proxymikro_base']) as place:
        attach(place)
        yield place


def attach(place):
    "Attach a file to the administrator, as Tryton stores it"
    path = place.files / DATABASE / FILE_ID[:2] / FILE_ID[2:4] / FILE_ID
    path.parent.mkdir(parents=True)
    path.write_bytes(b'a log of erasure')
    place.sql("INSERT INTO ir_attachment (name, type, resource, file_id) "
        f"VALUES ('log', 'data', 'res.user,1', '{FILE_ID}')", DATABASE)
    return path


def names(place):
    return {path.name for path in place.backups.iterdir()}


def later():
    "Wait until a new backup has a name of its own"
    time.sleep(1.1)


def test_story(place):
    "What was backed up comes back whole after all was lost"
    folder, sound = backup.backup(place)
    assert sound
    before = totals.read(place, DATABASE)
    assert before['rows']['ir_attachment'] == 1
    manifest = backup.read_manifest(folder)
    assert manifest['totals'] == before
    assert not install.exists(place, backup.SCRATCH)
    assert {p.name for p in place.files.iterdir()} == {DATABASE}
    # Lost: the database, and the file
    install.drop_database(place, DATABASE)
    path = place.files / DATABASE / FILE_ID[:2] / FILE_ID[2:4] / FILE_ID
    path.unlink()
    restore.restore(place, folder)
    assert totals.read(place, DATABASE) == before
    assert path.read_bytes() == b'a log of erasure'
    jit = place.value('SHOW jit', DATABASE)
    assert jit == 'off'
    assert place.value('SHOW proxymikro.release', DATABASE) == (
        manifest['release'])


def test_replace(place):
    "A database in use is replaced only when asked, and kept aside"
    folder = backup.backups(place)[-1]
    before = totals.read(place, DATABASE)
    place.sql("DELETE FROM ir_attachment", DATABASE)
    with pytest.raises(Failure, match='--replace'):
        restore.restore(place, folder)
    session = subprocess.Popen(
        ['psql', '-qX', '-d', place.uri(database=DATABASE)],
        stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        restore.restore(place, folder, replace=True)
    finally:
        session.stdin.close()
        session.wait()
    assert totals.read(place, DATABASE) == before
    kept = totals.read(place, f'{DATABASE}_replaced')
    assert kept['rows']['ir_attachment'] == 0
    install.drop_database(place, f'{DATABASE}_replaced')


def test_other_release(place, capsys):
    "A backup of another release is not served by the code of this one"
    folder = backup.backups(place)[-1]
    manifest = backup.read_manifest(folder)
    path = folder / backup.MANIFEST
    text = path.read_text()
    try:
        path.write_text(json.dumps({**manifest, 'release': '7.9.0-old'}))
        (place.releases / '7.9.0-old').mkdir()
        with (patch.object(services, 'start') as start,
                patch.object(services, 'disable') as disable):
            restore.restore(place, folder, replace=True)
        start.assert_not_called()
        disable.assert_called_once_with(place)
        said = capsys.readouterr().out
        assert "le site reste arrêté" in said
        assert "ln -sfn 7.9.0-old" in said and "upgrade" in said
        # Its seals are for its own code to read
        assert "la mise à jour les vérifiera" in said
        env = place.releases / '7.9.0-old' / 'env'
        env.symlink_to(sys.prefix)
        with patch.object(backup, 'verify', return_value=[]) as verify:
            made, sound = backup.backup(place)
        assert sound and backup.read_manifest(made)['release'] == '7.9.0-old'
        assert verify.call_args.args[2] == env / 'bin'
        shutil.rmtree(made)
    finally:
        shutil.rmtree(place.releases / '7.9.0-old')
        path.write_text(text)
    with (patch.object(services, 'start') as start,
            patch.object(services, 'disable') as disable):
        restore.restore(place, folder, replace=True)
    start.assert_called_once_with(place, False)
    disable.assert_not_called()
    install.drop_database(place, f'{DATABASE}_replaced')


def test_aside(place):
    "A backup may be looked at under another name"
    folder = backup.backups(place)[-1]
    restore.restore(place, folder, 'look')
    assert totals.read(place, 'look') == totals.read(place, DATABASE)
    assert (place.files / 'look' / FILE_ID[:2]).is_dir()
    install.drop_database(place, 'look')


def test_damaged(place):
    "A backup that was changed or lost a file is refused, and changes nothing"
    later()
    folder, _ = backup.backup(place)
    before = totals.read(place, DATABASE)
    for name in ['database.dump', 'configuration/trytond.conf']:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[:-1] + b'x')
        with pytest.raises(Failure, match=f'{name} a changé'):
            restore.restore(place, folder, replace=True)
        (folder / name).unlink()
        with pytest.raises(Failure, match=f'{name} manque'):
            restore.restore(place, folder, replace=True)
        (folder / name).write_bytes(content)
    manifest = backup.read_manifest(folder)
    manifest['totals']['rows']['res_user'] += 1
    (folder / backup.MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(Failure, match='lignes de la table res_user'):
        restore.restore(place, folder, replace=True)
    assert totals.read(place, DATABASE) == before
    assert not install.exists(place, f'{DATABASE}_restored')
    (folder / backup.MANIFEST).unlink()
    with pytest.raises(Failure, match='aucune sauvegarde'):
        restore.find(place, folder.name)


def test_linked(place):
    "A file that is in the backup before takes no room twice"
    first = backup.backups(place)[-1]
    later()
    second, _ = backup.backup(place)
    name = f'files/{FILE_ID[:2]}/{FILE_ID[2:4]}/{FILE_ID}'
    assert (first / name).samefile(second / name)


def test_problems(place):
    "A file that was lost before is told, and the rest is kept"
    path = place.files / DATABASE / FILE_ID[:2] / FILE_ID[2:4] / FILE_ID
    content = path.read_bytes()
    path.unlink()
    later()
    folder, sound = backup.backup(place)
    path.write_bytes(content)
    assert not sound
    assert FILE_ID in backup.read_manifest(folder)['problems'][0]


def test_planted(place, tmp_path):
    "What the services could plant among the attachments leads nowhere"
    folder = place.files / DATABASE
    secret = tmp_path / 'secret'
    secret.write_text('of root')
    (folder / 'file').symlink_to(secret)
    (folder / 'folder').symlink_to(tmp_path)
    os.mkfifo(folder / 'pipe')
    later()
    try:
        made, sound = backup.backup(place)
    finally:
        for name in ['file', 'folder', 'pipe']:
            (folder / name).unlink()
    assert not sound
    assert backup.read_manifest(made)['problems'] == [
        f"files/{name} n'est pas un fichier : laissé"
        for name in ['folder', 'file', 'pipe']]
    assert {p.name for p in (made / 'files').iterdir()} == {FILE_ID[:2]}
    # The way back
    (folder / FILE_ID[:2]).rename(folder / 'kept')
    (folder / FILE_ID[:2]).symlink_to(tmp_path)
    try:
        with pytest.raises(Failure, match="passe par un lien"):
            restore.restore(place, made, replace=True)
    finally:
        (folder / FILE_ID[:2]).unlink()
        (folder / 'kept').rename(folder / FILE_ID[:2])
    assert [path.name for path in tmp_path.iterdir()] == ['secret']
    path = folder / FILE_ID[:2] / FILE_ID[2:4] / FILE_ID
    content = path.read_bytes()
    path.unlink()
    path.symlink_to(secret)
    restore.restore(place, made, replace=True)
    assert not path.is_symlink() and path.read_bytes() == content
    assert secret.read_text() == 'of root'
    install.drop_database(place, f'{DATABASE}_replaced')


def test_secrets(place):
    "The password of the mail server is in no backup"
    text = place.conf.read_text()
    place.conf.write_text(text.replace(
            'smtp://localhost:25', 'smtps://ada:s3cr%40t@smtp.exemple.fr:465'))
    place.local.write_text('[database]\nuri = postgresql://a:s3cr@base/\n')
    later()
    try:
        folder, _ = backup.backup(place)
    finally:
        place.conf.write_text(text)
        place.local.unlink()
    local = (folder / 'configuration' / 'local.conf').read_text()
    assert 'postgresql://a:***@base/' in local
    kept = (folder / 'configuration' / 'trytond.conf').read_text()
    assert 'smtps://ada:***@smtp.exemple.fr:465' in kept
    assert 's3cr' not in kept


def test_killed(place):
    "A backup killed in the middle leaves no half backup"
    later()
    begin = time.monotonic()
    process = start(place)
    assert process.wait() == 0
    length = time.monotonic() - begin
    whole = names(place)
    generator = random.Random(1)
    for _ in range(KILLS):
        process = start(place)
        time.sleep(.3 + generator.random() * (length - .5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        found = {n for n in names(place) if not n.startswith('.')}
        if process.returncode == -signal.SIGKILL:
            assert found == whole
        whole = found
    assert start(place).wait() == 0
    assert not [n for n in names(place) if n.startswith('.')]
    assert not install.exists(place, backup.SCRATCH)
    folder = backup.backups(place)[-1]
    assert restore.check_manifest(folder)


def start(place):
    "Start the command as the timer does"
    return subprocess.Popen(
        [sys.executable, ROOT / 'proxymikro', 'backup'],
        stdout=subprocess.DEVNULL,
        env={**os.environ, 'PROXYMIKRO_PREFIX': str(place.prefix),
            'PROXYMIKRO_POSTGRESQL': place.postgresql})


def test_one_at_a_time(place):
    "Two commands don't change the server together"
    with place.lock():
        with pytest.raises(Failure, match="une autre commande"):
            with place.lock():
                pass


class RotationTestCase(unittest.TestCase):
    "Test which backups are kept"

    def test_year(self):
        "Test a year of nights leaves days, weeks and months"
        last = dt.datetime(2026, 12, 31, 3)
        names = [
            f'{last - dt.timedelta(days=n):{backup.NAME}}'
            for n in range(365)]
        kept = sorted(backup.kept(names, 14, 8, 12))
        self.assertEqual(kept[-14:], sorted(names)[-14:])
        self.assertLessEqual(len(kept), 14 + 8 + 12)
        self.assertEqual({n[:7] for n in kept}, {
                f'2026-{month:02}' for month in range(1, 13)})

    def test_again(self):
        "Test the next night forgets nothing that it should keep"
        names = set()
        for n in range(365):
            made = dt.datetime(2026, 1, 1, 3) + dt.timedelta(days=n)
            names = backup.kept(
                names | {f'{made:{backup.NAME}}'}, 14, 8, 12)
        self.assertEqual(len({n[:7] for n in names}), 12)

    def test_day(self):
        "Test what was made by hand today outlives the upgrade of today"
        today = [f'2026-12-31T{hour:02}-00-00' for hour in [3, 10, 11]]
        self.assertEqual(
            backup.kept(
                ['2026-12-30T03-00-00', '2026-12-30T11-00-00', *today],
                14, 8, 12),
            {'2026-12-30T11-00-00', *today})

    def test_none(self):
        "Test the last one is always kept"
        self.assertEqual(
            backup.kept(['2026-01-01T00-00-00'], 0, 0, 0),
            {'2026-01-01T00-00-00'})
        self.assertEqual(backup.kept([], 14, 8, 12), set())
