# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Imports at once, killed, and against a server which starts late."""
import hashlib
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

from proxymikro_scripts import import_file

from tests.import_tools import get_csv

from . import processes
from .processes import KILLS, PATIENCE


class DevicesProcessTestCase(processes.ProcessTestCase):
    "Test the import of devices"
    table = 'stock_lot'

    def setUp(self):
        super().setUp()
        self.csv = self.folder.write(get_csv(60))

    def get_command(self):
        return ['devices', self.csv, '--batch-size', '10']

    def get_digest(self, path):
        "Return what the import wrote, without who, when and which secret"
        with sqlite3.connect(path / 'db.sqlite') as database:
            rows = [
                database.execute(query).fetchall() for query in [
                    "SELECT number, serial_number, weight, import_key, "
                    "collection FROM stock_lot ORDER BY number",
                    "SELECT l.number, m.quantity, m.from_location, "
                    "m.to_location, m.state FROM stock_move m "
                    "JOIN stock_lot l ON m.lot = l.id ORDER BY l.number",
                    "SELECT sha256, rows, handled, created, updated, refused "
                    "FROM import_batch"]]
        self.assertEqual(len(rows[0]), len(rows[1]))
        return hashlib.sha256(repr(rows).encode()).hexdigest(), len(rows[0])

    def test_at_once(self):
        "Two imports of one file at once make each device once"
        alone = self.create_database('alone')
        self.finish(self.start(alone))
        both = self.create_database('both')
        for process in [self.start(both), self.start(both)]:
            self.addCleanup(process.stderr.close)
            self.finish(process)
        self.assertEqual(self.get_digest(both), self.get_digest(alone))
        self.assertEqual(self.get_digest(both)[1], 60)

    def test_kill(self):
        "A killed import, run again, ends as if it had not been"
        alone = self.create_database('alone')
        self.finish(self.start(alone))
        for kill in range(KILLS):
            path = self.create_database(f'kill{kill}')
            process = self.start(path)
            self.wait_rows(process, path, 60 * (kill + 1) // (KILLS + 1))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            left = self.get_digest(path)[1]
            self.assertEqual(left % 10, 0)
            self.assertIn("inchangées", self.finish(self.start(path)))
            self.assertEqual(
                self.get_digest(path), self.get_digest(alone), left)

    def test_server(self):
        "The command speaks to a server, and says in words what it refuses"
        path = self.create_database('server')
        with socket.socket() as free:
            free.bind(('localhost', 0))
            port = free.getsockname()[1]
        with open(path / 'trytond.conf', 'a') as config:
            config.write(f'[web]\nlisten = localhost:{port}\n')
        server = subprocess.Popen(
            [str(Path(sys.executable).parent / 'trytond'), '-c',
                str(path / 'trytond.conf'), '-d', 'db'],
            stderr=subprocess.DEVNULL, env=self.environ())
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        where = ['--url', f'http://localhost:{port}/db/', '--user', 'admin']
        password = ['--passfile', str(path / 'password')]
        # The first tries may come before the server: they are repeated
        said = self.finish(self.start(path, *where, *password))
        self.assertIn("60 créées", said)
        self.assertEqual(self.get_digest(path)[1], 60)
        for args, words in [
                ([*password, '--collection', '999'], "999"),
                (['--passfile', self.csv], "le bon mot de passe"),
                ]:
            process = self.start(path, *where, *args)
            _, said = process.communicate(timeout=PATIENCE)
            self.assertEqual(process.returncode, import_file.FAILED)
            self.assertIn(words, said)
            self.assertNotIn("Traceback", said)
