# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What Debian brings: the libraries of the PDF documents, a browser…"""
import ctypes
import glob
import os
import pathlib
import shutil
import subprocess

from .tools import Failure, say


def has_library(name):
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def has_fonts():
    folders = ['/usr/share/fonts', '/usr/local/share/fonts']
    return any(
        next(pathlib.Path(f).rglob('*.[to]tf'), None) for f in folders)


# package: (how to see that it is there, what does not work without it)
PDF = {
    'libpango-1.0-0': (
        lambda: has_library('libpango-1.0.so.0'), "the PDF documents"),
    'libpangoft2-1.0-0': (
        lambda: has_library('libpangoft2-1.0.so.0'), "the PDF documents"),
    'fonts-dejavu-core': (has_fonts, "the text of the PDF documents"),
    }
BROWSER = {
    'chromium': (
        lambda: shutil.which('chromium') is not None, "the browser tests"),
    }
POSTGRESQL = {
    'postgresql': (
        lambda: glob.glob('/usr/lib/postgresql/*/bin/initdb'),
        "the tests of the server"),
    'openssl': (
        lambda: shutil.which('openssl') is not None,
        "the tests of the server"),
    }
INSTALL = ['apt-get', 'install', '-y', '--no-install-recommends']


def missing(packages):
    return [name for name, (test, _) in packages.items() if not test()]


def ensure(packages):
    """Install the packages that are missing, if we may.

    Otherwise say the one line that does, and what won't work without.
    """
    names = missing(packages)
    if not names:
        return
    if privilege() is None or not shutil.which('apt-get'):
        without = sorted({packages[n][1] for n in names})
        say(f"Missing: {', '.join(without)} won't work. To have them:\n"
            f"    sudo {' '.join([*INSTALL, *names])}")
        return
    say(f"Debian packages: {' '.join(names)}")
    install(names)


def install(names):
    command, prefix = [*INSTALL, *names], privilege()
    env = {**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'}
    for step in [['apt-get', 'update'], command]:
        result = subprocess.run(
            prefix + step, env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode:
        raise Failure(
            f"{' '.join(command)} failed:\n{result.stdout.rstrip()}")


def privilege():
    "Return the prefix of a command run as root, None if we may not"
    if os.geteuid() == 0:
        return []
    if shutil.which('sudo') and not subprocess.run(
            ['sudo', '-n', 'true'], capture_output=True).returncode:
        return ['sudo', '-n']
