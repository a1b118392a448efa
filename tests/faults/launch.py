# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Start a rush in a process of its own, on the database of the tests."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from trytond import backend
from trytond.tests import test_tryton

ROOT = Path(__file__).resolve().parents[2]
# How many want the same thing at once
SIZES = [2, 10, 20] if os.environ.get('PROXYMIKRO_FULL') else [3]


def launch(rush, **order):
    """Return what the rush answers to its order, read by take_order.

    The tests' SQLite lives in their memory: it is copied to a file.
    """
    environ = dict(os.environ, TRYTOND_DATABASE__RETRY="20")
    name = test_tryton.DB_NAME
    with tempfile.TemporaryDirectory() as folder:
        if backend.name == 'sqlite':
            name = 'db'
            test_tryton._sqlite_copy(os.path.join(folder, 'db.sqlite'))
            environ['TRYTOND_DATABASE_URI'] = 'sqlite://'
            environ['TRYTOND_DATABASE__PATH'] = folder
        process = subprocess.run(
            [sys.executable, '-m', f'tests.faults.{rush}'], cwd=ROOT,
            input=json.dumps({'database': name, **order}),
            text=True, env=environ, stdout=subprocess.PIPE, timeout=1200)
    assert not process.returncode
    return json.loads(process.stdout)
