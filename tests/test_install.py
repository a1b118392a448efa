# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The answers of who installs, and the files made of them."""
import contextlib
import errno
import io
import os
import re
import subprocess
import tempfile
import unittest
from email.message import EmailMessage
from pathlib import Path
from unittest import mock

from command import main
from command.server import answers, files, install
from command.server.place import Place
from command.tools import ROOT, Failure

from .installed import ANSWERS


def certificate(folder, name='parc.exemple.fr', days=90):
    "Make a certificate and its key"
    paths = Path(folder, f'{name}.pem'), Path(folder, f'{name}.key')
    subprocess.run(
        ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes',
            '-subj', f'/CN={name}', '-addext', f'subjectAltName=DNS:{name}',
            '-days', str(days), '-out', paths[0], '-keyout', paths[1]],
        check=True, capture_output=True)
    return paths


class AnswersTestCase(unittest.TestCase):
    "Test what is refused before anything is written"

    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.folder = Path(folder)
        self.place = Place(folder, 'postgresql://postgres@localhost:1/')

    def write(self, **values):
        path = self.folder / 'reponses.toml'
        lines = [
            f'{key} = "{value}"' for key, value in {**ANSWERS, **values}.items()
            if value is not None]
        path.write_text('\n'.join(lines), encoding='utf-8')
        path.chmod(0o600)
        return path

    def refused(self, **values):
        with self.assertRaises(Failure) as context:
            install.get_answers(self.place, self.write(**values))
        return str(context.exception)

    def test_accepted(self):
        self.assertEqual(
            install.get_answers(self.place, self.write()), ANSWERS)

    def test_names(self):
        "Test what is missing or unknown is named"
        for key in answers.QUESTIONS:
            self.assertIn(f"« {key} »", self.refused(**{key: None}))
        self.assertIn("inconnue « couriel »", self.refused(couriel='a@b.fr'))

    def test_values(self):
        "Test what can't be right is named, with what is expected"
        for key, value in [
                ('site', 'https://parc.exemple.fr'),
                ('site', 'parc exemple'),
                ('site', 'parc.exemple.fr; include /etc/passwd'),
                ('association', ''),
                ('association', '<b>'),
                ('courriel', 'admin'),
                ('smtp', 'smtp.exemple.fr'),
                ('smtp', 'smtp://hote:abc'),
                ('expediteur', 'contact@exemple.fr'),
                ('certificat', 'certificat.pem'),
                ('cle', '/etc/ssl/cle.pem'),
                ('mot_de_passe', 'court'),
                ('mot_de_passe', 'Motdepasse123'),
                ('mot_de_passe', 'proxymikro-demo'),
                ]:
            with self.subTest(key=key, value=value):
                self.assertIn(f"« {key} »", self.refused(**{key: value}))

    def test_certificate(self):
        "Test a key of another certificate is refused"
        path, key = certificate(self.folder)
        _, other = certificate(self.folder, 'autre.exemple.fr')
        self.assertIn("ne vont pas l'un avec l'autre", self.refused(
                certificat=path, cle=other))
        given = self.write(certificat=path, cle=key)
        self.assertTrue(install.get_answers(self.place, given))

    def test_questions(self):
        "Test what is refused is asked again, and what goes without is not"
        said = iter([
                'https://parc', 'parc.exemple.fr', "Les Amis d'Ada",
                'admin@exemple.fr', '', ''])
        secret = iter(['court', ANSWERS['mot_de_passe']])
        with (mock.patch('sys.stdin.isatty', return_value=True),
                mock.patch('builtins.input', lambda prompt: next(said)),
                mock.patch('getpass.getpass', lambda prompt: next(secret)),
                contextlib.redirect_stdout(io.StringIO()) as out):
            self.assertEqual(
                install.get_answers(self.place, None), ANSWERS)
        self.assertIn("« site »", out.getvalue())
        self.assertIn("« mot_de_passe »", out.getvalue())

    def test_line_dropped(self):
        "Test what is told to nobody stops nothing"
        gone = mock.Mock(spec=io.StringIO)
        gone.write.side_effect = OSError(errno.EIO, "Input/output error")
        with contextlib.redirect_stdout(gone):
            install.tell('fait', "dossier")
        gone.write.assert_called()

    def test_secret(self):
        "Test a file that all may read is refused"
        path = self.write()
        path.chmod(0o644)
        with self.assertRaisesRegex(Failure, 'chmod 600'):
            install.get_answers(self.place, path)

    def test_command(self):
        "Test the command says it in one line, and writes nothing"
        path = self.write(site='!')
        error = io.StringIO()
        with (contextlib.redirect_stderr(error),
                mock.patch.dict(
                    os.environ, PROXYMIKRO_PREFIX=str(self.folder / 'root'),
                    PROXYMIKRO_POSTGRESQL='postgresql://localhost:1/')):
            self.assertEqual(main.main(['install', '--answers', str(path)]), 1)
        self.assertIn("proxymikro: « site »", error.getvalue())
        self.assertFalse(list((self.folder / 'root').rglob('*.conf')))


class FilesTestCase(unittest.TestCase):
    "Test the files made of the answers"

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.place = Place(
            self.folder, 'postgresql://postgres@localhost:5433/')

    def contents(self, **values):
        return {
            path.name: content for path, (content, _, _) in files.contents(
                self.place, {**ANSWERS, **values}).items()}

    def test_complete(self):
        "Test nothing is left to fill in, with and without a certificate"
        for values in [{}, {'certificat': '/c.pem', 'cle': '/k.pem'}]:
            for name, content in self.contents(**values).items():
                with self.subTest(name=name):
                    self.assertFalse(re.search(r'@\w+@', content))

    def test_database(self):
        "Test the local socket is the way to the database of a machine"
        self.assertEqual(Place().uri(), 'postgresql://')
        self.assertEqual(
            self.place.uri(), 'postgresql://proxymikro@localhost:5433/')

    def test_sender(self):
        "Test messages leave in the name of the association"
        conf = self.contents(
            smtp='smtp://localhost:2525', expediteur='contact@exemple.fr')
        self.assertIn(
            "from = Les Amis d'Ada <contact@exemple.fr>",
            conf['trytond.conf'])

    def test_sender_comma(self):
        "Test the punctuation and the accents of a name make no other address"
        for name in ['Ada, Charles et Cie', 'Élan (Lyon)', 'A. D. A.']:
            conf = self.contents(
                association=name,
                smtp='smtp://localhost:2525', expediteur='contact@exemple.fr')
            sender = re.search('(?m)^from = (.*)$', conf['trytond.conf'])[1]
            message = EmailMessage()
            message['From'] = sender
            address, = message['From'].addresses
            self.assertEqual(
                (address.display_name, address.addr_spec),
                (name, 'contact@exemple.fr'))

    def test_optimised(self):
        "Test no service runs without the assertions that guard"
        for name, content in self.contents().items():
            if name.endswith('.service'):
                self.assertNotIn('python -O', content)
        self.assertIn(
            'UnsetEnvironment=PYTHONOPTIMIZE',
            self.contents()['proxymikro-web.service'])

    def test_password(self):
        "Test the password of the administrator is kept nowhere"
        for name, content in self.contents().items():
            with self.subTest(name=name):
                self.assertNotIn(ANSWERS['mot_de_passe'], content)

    def test_again(self):
        "Test the answers that are kept are those that were given"
        given = {**ANSWERS, 'association': 'Les « Amis » d\'Ada \\ co'}
        path = Path(self.folder, 'reponses.toml')
        path.write_text(files.toml(given), encoding='utf-8')
        del given['mot_de_passe']
        self.assertEqual(answers.read(path), given)

    def test_local(self):
        "Test what local.conf says is said instead, and nothing else changes"
        before = self.contents()['trytond.conf']
        self.place.etc.mkdir(parents=True)
        self.place.local.write_text(
            '[proxymikro]\nbackup_days: 30\n[database]\n'
            'uri = postgresql://p%40:x@base/\n[attachment]\n'
            'filestore = False\nother = one\n  two\n')
        text = self.contents()['trytond.conf']
        self.place.conf.write_text(text)
        found = self.place.settings()
        self.place.conf.write_text(before)
        expected = self.place.settings()
        expected.set('proxymikro', 'backup_days', '30')
        expected.set('database', 'uri', 'postgresql://p%40:x@base/')
        expected.add_section('attachment')
        expected.set('attachment', 'filestore', 'False')
        expected.set('attachment', 'other', 'one\ntwo')
        self.assertEqual(found, expected)
        for line in before.splitlines():
            if line.startswith('#'):
                self.assertIn(line, text)

    def test_local_unreadable(self):
        "Test a local.conf that can't be read is named"
        self.place.etc.mkdir(parents=True)
        self.place.local.write_text('backup_days = 30')
        with self.assertRaisesRegex(Failure, 'local.conf ne se lit pas'):
            self.contents()

    def test_rewritten(self):
        "Test what was written by hand is kept beside"
        path = self.place.conf
        args = self.place, path
        self.assertEqual(files.write(*args, 'un', 'root', 0o640), 'fait')
        self.assertEqual(files.write(*args, 'un', 'root', 0o640), 'déjà')
        self.assertEqual(files.write(*args, 'deux', 'root', 0o640), 'changé')
        self.assertEqual(path.with_name('trytond.conf.avant').read_text(), 'un')
        self.assertEqual(path.stat().st_mode & 0o777, 0o640)


class ManualTestCase(unittest.TestCase):
    "Test the manual says what the command asks"

    def test_answers(self):
        text = (ROOT / 'docs' / 'installer.md').read_text(encoding='utf-8')
        for key in answers.QUESTIONS:
            self.assertRegex(text, rf'(?m)^{key} = "')

    def test_other_server(self):
        "Test the second server runs what the first one does, on the network"
        text = (ROOT / 'docs' / 'plusieurs-serveurs.md').read_text(
            encoding='utf-8')
        place = Place()
        with mock.patch('multiprocessing.cpu_count', return_value=2):
            contents = files.contents(place, ANSWERS)
        unit, _, _ = contents[place.units / 'proxymikro-web.service']
        line = re.search('(?m)^ExecStart=.+', unit)[0]
        bind = f'--bind unix:{place.socket}'
        self.assertIn(
            line.replace(bind, f'{bind} --bind 10.0.0.12:8000'), text)
        for option in ['num_proxies = 1', 'retry = 20', 'clean_timeout = 0']:
            self.assertIn(f'\n{option}\n', text)
            self.assertIn(f'\n{option}\n', contents[place.conf][0])
        for path in [place.files, place.home]:
            self.assertIn(str(path), text)
