# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The whole story: told by the demonstration, checked over HTTP."""
import socket
import subprocess
import sys

from command import demo
from command.tools import ROOT, Failure, environ

from .demonstration import served


def test_story(tmp_path):
    "The ten steps of the story are as they are told"
    with served(tmp_path) as url:
        result = subprocess.run(
            [sys.executable, '-m', 'demo.check', url, 'demo'],
            cwd=ROOT, capture_output=True, text=True)
    print(result.stdout)
    lines = result.stdout.splitlines()
    assert result.returncode == 0, result.stdout + result.stderr
    assert len(lines) == 11, result.stdout


def test_busy_port():
    "A busy port gets one clear line"
    with socket.socket() as busy:
        busy.bind(('localhost', 0))
        busy.listen()
        port = busy.getsockname()[1]
        try:
            demo.check_port(port)
        except Failure as failure:
            assert f"port {port} is in use" in str(failure)
        else:
            raise AssertionError("the busy port was accepted")


def test_environment(monkeypatch):
    "The demonstration is not written in the user's own Tryton"
    monkeypatch.setenv('TRYTOND_DATABASE_URI', 'postgresql://elsewhere')
    assert 'TRYTOND_DATABASE_URI' not in environ()
