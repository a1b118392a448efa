# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A worker, the database or the disk fails while people work."""
import contextlib
import os
import shutil
import signal
import subprocess
import time
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import postgresql
from tests.application import PATIENCE, Application, restore, served, sql
from tests.load.run import Run
from tests.rpc import Failed

SECONDS = 40


class KilledServerTestCase(unittest.TestCase):
    "Test what is left when a part of the server is killed"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server, cls.application = cls.enterClassContext(served())

    def work(self, accident):
        "Let people work, and check that what was answered is there"
        run = Run(self.server, self.application, 6, SECONDS)
        run.work(accident)
        run.check_data()
        self.assertEqual(run.problems, [])
        return run

    def check_works(self):
        "Check that the next who comes is served"
        self.application.wait()
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                client = self.application.log_in('accueil')
                self.assertTrue(client.call(
                        'model.stock.lot.search', [], 0, 10, None))
                return
            except Failed:
                if time.monotonic() > deadline:
                    raise
            time.sleep(.5)

    def test_worker(self):
        "A worker is killed: another starts"
        before = self.application.pids()
        self.work(lambda: os.kill(before[0], signal.SIGKILL))
        self.check_works()
        after = self.application.pids()
        self.assertEqual(len(after), len(before))
        self.assertNotIn(before[0], after)

    def test_postgresql(self):
        "PostgreSQL stops at once: the application comes back by itself"
        before = self.application.pids()

        def accident():
            self.server.stop()
            time.sleep(3)
            self.server.start()
        run = self.work(accident)
        self.assertTrue(run.errors, "nobody noticed")
        self.check_works()
        self.assertEqual(self.application.pids(), before)


@unittest.skipIf(os.geteuid(), "only root mounts a disk")
class FullDiskTestCase(unittest.TestCase):
    "Test what is left when the database has no place left"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        folder = Path(stack.enter_context(
                TemporaryDirectory(prefix='proxymikro-')))
        cls.disk = folder / 'disk'
        cls.disk.mkdir()
        folder.chmod(0o755)
        subprocess.run(
            ['mount', '-t', 'tmpfs', '-o', 'size=1g', 'tmpfs', str(cls.disk)],
            check=True)
        stack.callback(
            subprocess.run, ['umount', '-l', str(cls.disk)], check=True)
        cls.server = stack.enter_context(
            postgresql.running(postgresql.DURABLE))
        space = cls.disk / 'space'
        space.mkdir()
        shutil.chown(space, postgresql.USER)
        sql(cls.server.uri, f"CREATE TABLESPACE small LOCATION '{space}'",
            'postgres')
        restore(cls.server, 'small')
        cls.application = Application(
            folder / 'application', cls.server.uri)
        stack.callback(cls.application.stop)
        cls.application.start()

    def fill(self):
        "Leave nothing on the disk"
        with open(self.disk / 'filler', 'wb') as file, \
                contextlib.suppress(OSError):
            while True:
                file.write(bytes(2**16))
                file.flush()

    def test_full(self):
        "What has no place is refused whole; once there is some, all goes on"
        run = Run(self.server, self.application, 6, SECONDS)
        client = self.application.log_in('presidence')
        data = os.urandom(2**20)

        def write():
            return client.call('model.ir.note.create', [{
                        'message': data.hex(), 'resource': 'party.party,1'}])
        run.work(self.fill)
        with self.assertRaises(Failed):
            write()
        (self.disk / 'filler').unlink()
        self.assertTrue(write())
        self.assertEqual(
            sql(self.server.uri, "SELECT COUNT(*) FROM ir_note WHERE "
                "LENGTH(message) = 2097152"), [(1,)])
        run.check_data()
        self.assertEqual(run.problems, [])
