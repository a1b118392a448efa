# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A moment of the Saturday morning, on the demonstration: what python -m
tests.load does at full size still does what it says."""
import subprocess
import sys
from types import SimpleNamespace

import pytest
from command.tools import ROOT, environ
from demo.base import PASSWORD

from ..application import NAME, sql
from ..demonstration import served
from ..rpc import Client
from . import invariants
from .run import Run

VOLUNTEERS, SECONDS, PART = 6, 20, 100


@pytest.fixture
def run(tmp_path):
    with served(tmp_path) as url:
        conf = tmp_path / 'trytond.conf'
        subprocess.run(
            [sys.executable, '-m', 'tests.load.prepare', NAME, conf,
                str(PART)],
            cwd=ROOT, env=environ(TRYTOND_CONFIG=str(conf)), check=True)

        def log_in(login):
            return Client(url, NAME).log_in(login, PASSWORD)
        yield Run(
            SimpleNamespace(uri=f'sqlite:{tmp_path}/db/'),
            SimpleNamespace(conf=conf, log_in=log_in, memory=dict),
            VOLUNTEERS, SECONDS)


def test_moment(run):
    "Each act is done and found again, and what nobody did is seen"
    run.work()
    run.check_acts()
    assert not run.problems
    uri, before = run.server.uri, run.before
    assert not invariants.check(uri, before, run.told, {})

    def problems(**told):
        return ' '.join(invariants.check(uri, before, {**run.told, **told}, {}))
    lent, returned = run.told['lend'], run.told['return']
    assert "nobody was told of lend" in problems(lend=lent[1:])
    assert "lost of return" in problems(**{'return': [*returned, (0, 0)]})
    sql(uri, f'DELETE FROM stock_loan_line WHERE lot = {lent[0][1]}')
    assert "lost of lend" in problems()
