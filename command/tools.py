# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import hashlib
import os
import pathlib
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / '.venv'
BIN = VENV / 'bin'
START = time.monotonic()


class Failure(Exception):
    "What the user must be told, in one line"


def home():
    "Where what the command makes is kept"
    return pathlib.Path(
        os.environ.get('PROXYMIKRO_HOME', ROOT / '.proxymikro'))


def say(text):
    print(f"[{time.monotonic() - START:5.1f}s] {text}", flush=True)


def environ(**values):
    """Return the environment of the demonstration's programs.

    Its database is its own, whatever the user's own Tryton is told.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith('TRYTOND_')}
    return {**kept, **values}


def run(command, what, **kwargs):
    "Run the command in silence, and show all it said if it fails"
    result = subprocess.run(
        [str(c) for c in command], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **kwargs)
    if result.returncode:
        raise Failure(f"{what} failed:\n{result.stdout.rstrip()}")
    return result.stdout


def digest(*paths):
    "Return the digest of the files, and of the files in the folders"
    hash_ = hashlib.sha256()
    for path in paths:
        files = sorted(
            f for f in path.rglob('*')
            if f.is_file() and '__pycache__' not in f.parts
            ) if path.is_dir() else [path]
        for file in files:
            hash_.update(str(file.relative_to(ROOT)).encode())
            hash_.update(file.read_bytes())
    return hash_.hexdigest()


def is_fresh(stamp, value):
    return stamp.is_file() and stamp.read_text() == value
