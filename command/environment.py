# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The Python environment, with the versions and digests of the lock."""
import os
import shutil
import sys

from .tools import ROOT, VENV, Failure, digest, is_fresh, run, say

LOCK = ROOT / 'requirements.lock'


def ensure():
    stamp = VENV / '.stamp'
    value = digest(LOCK, ROOT / 'setup.cfg', ROOT / 'pyproject.toml')
    if is_fresh(stamp, value):
        return
    say("Python environment")
    build(VENV, '-e', ROOT)
    stamp.write_text(value)


def build(folder, *project, python=sys.executable):
    "Make an environment of what is locked and of the project"
    if uv := shutil.which('uv'):
        try:
            return build_uv(uv, folder, project, python)
        except Failure:
            pass  # uv does not read pip's configuration
    build_pip(folder, project, python)


def build_uv(uv, folder, project, python):
    env = {**os.environ, 'VIRTUAL_ENV': str(folder)}
    run([uv, 'venv', '--clear', '--python', python, folder],
        "uv venv", env=env)
    run([uv, 'pip', 'sync', '--require-hashes', LOCK],
        "uv pip sync", env=env)
    run([uv, 'pip', 'install', '--no-deps', '--no-build-isolation',
            *project], "uv pip install", env=env)


def build_pip(folder, project, python):
    try:
        run([python, '-m', 'venv', '--clear', folder], "venv")
    except Failure:
        raise Failure(
            "Python's venv module is missing, install it with: "
            "sudo apt-get install python3-venv") from None
    pip = [folder / 'bin' / 'python', '-m', 'pip',
        '--disable-pip-version-check', 'install', '--quiet', '--no-deps']
    run([*pip, '--require-hashes', '-r', LOCK], "pip install")
    run([*pip, '--no-build-isolation', *project], "pip install")
