# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The import of reports, at once and killed."""
import hashlib
import signal
import sqlite3

from trytond.modules.proxymikro_stock.tests.report_importer import machine

from . import processes
from .processes import KILLS

COUNT = 60
BATCH = 6


def get_reports():
    """Return reports of which some are of one machine, some share a drive,
    and some can't be told from others.
    """
    for i in range(COUNT):
        if i % 10 == 9:
            yield machine(model=f"Unknown {i}")
        else:
            yield machine(
                f"S{i % 40}", model=f"Model {i}",
                drives=[f"D{i // 3}"], memory=[f"M{i}"])


class ReportsProcessTestCase(processes.ProcessTestCase):
    "Test the import of reports"
    table = 'device_report'

    def setUp(self):
        super().setUp()
        self.reports = self.folder.path / 'reports'
        self.reports.mkdir()
        for i, data in enumerate(get_reports()):
            (self.reports / f'{i:03}.json').write_bytes(data)

    def get_command(self):
        return ['reports', str(self.reports), '--batch-size', str(BATCH)]

    def get_digest(self, path):
        "Return what the import wrote, without who and when"
        with sqlite3.connect(path / 'db.sqlite') as database:
            rows = [
                database.execute(query).fetchall() for query in [
                    "SELECT number, serial_number, model, attributes, weight "
                    "FROM stock_lot ORDER BY id",
                    "SELECT l.number, m.quantity, m.state FROM stock_move m "
                    "JOIN stock_lot l ON m.lot = l.id ORDER BY m.id",
                    "SELECT r.sha256, r.file_name, l.number "
                    "FROM device_report r LEFT JOIN stock_lot l "
                    "ON r.lot = l.id ORDER BY r.id",
                    "SELECT l.number, c.kind, c.serial, c.removed_on IS NULL, "
                    "c.previous FROM device_component c "
                    "JOIN stock_lot l ON c.lot = l.id ORDER BY c.id",
                    "SELECT report, kind, value, before, after, component "
                    "FROM device_report_change ORDER BY id"]]
        digest = hashlib.sha256(repr(rows).encode()).hexdigest()
        return digest, len(rows[2])

    def test_at_once(self):
        "Two imports of one folder at once keep each report once"
        alone = self.create_database('alone')
        self.finish(self.start(alone))
        both = self.create_database('both')
        for process in [self.start(both), self.start(both)]:
            self.addCleanup(process.stderr.close)
            self.finish(process)
        self.assertEqual(self.get_digest(both), self.get_digest(alone))
        self.assertEqual(self.get_digest(both)[1], COUNT)

    def test_kill(self):
        "A killed import, run again, ends as if it had not been"
        alone = self.create_database('alone')
        self.finish(self.start(alone))
        for kill in range(KILLS):
            path = self.create_database(f'kill{kill}')
            process = self.start(path)
            self.wait_rows(process, path, COUNT * (kill + 1) // (KILLS + 1))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            left = self.get_digest(path)[1]
            self.assertEqual(left % BATCH, 0)
            self.assertIn("déjà connus", self.finish(self.start(path)))
            self.assertEqual(
                self.get_digest(path), self.get_digest(alone), left)
