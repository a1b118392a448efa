# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The Python environment, with the versions and digests of the lock."""
import os
import shutil
import subprocess
import sys
import venv

from .tools import BIN, ROOT, VENV, Failure, digest, is_fresh, run, say

LOCK = ROOT / 'requirements.lock'


def ensure():
    stamp = VENV / '.stamp'
    value = digest(LOCK, ROOT / 'setup.cfg', ROOT / 'pyproject.toml')
    if is_fresh(stamp, value):
        return
    say("Python environment")
    if uv := shutil.which('uv'):
        try:
            install_uv(uv)
        except Failure:
            # uv does not read pip's configuration
            install_pip()
    else:
        install_pip()
    stamp.write_text(value)


def install_uv(uv):
    env = {**os.environ, 'VIRTUAL_ENV': str(VENV)}
    run([uv, 'venv', '--clear', '--python', sys.executable, VENV],
        "uv venv", env=env)
    run([uv, 'pip', 'sync', '--require-hashes', LOCK],
        "uv pip sync", env=env)
    run([uv, 'pip', 'install', '--no-deps', '--no-build-isolation',
            '-e', ROOT], "uv pip install", env=env)


def install_pip():
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except (subprocess.CalledProcessError, ImportError):
        raise Failure(
            "Python's venv module is missing, install it with: "
            "sudo apt-get install python3-venv") from None
    pip = [BIN / 'python', '-m', 'pip', '--disable-pip-version-check',
        'install', '--quiet', '--no-deps']
    run([*pip, '--require-hashes', '-r', LOCK], "pip install")
    run([*pip, '--no-build-isolation', '-e', ROOT], "pip install")
