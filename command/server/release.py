# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A release: a folder with all that a version needs to run.

The environment, the web client and this command, beside those of the version
before: a link says which one is current, so that going back is one renaming.
"""
import configparser
import contextlib
import io
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from .. import environment, web
from ..tools import ROOT, Failure, digest

SOURCES = ['modules', 'scripts', 'setup.cfg', 'pyproject.toml', 'README.md',
    'LICENSE']
COMMAND = ['command', 'proxymikro', 'requirements.lock', 'LICENSE']
KEEP = 3


def name():
    "Return the name of the release that these sources make"
    if (ROOT / 'release').is_file():
        # The command of a release knows no other
        return (ROOT / 'release').read_text().strip()
    parser = configparser.ConfigParser()
    parser.read(ROOT / 'setup.cfg', encoding='utf-8')
    paths = [*SOURCES, *COMMAND, 'web/package-lock.json', 'web/custom.css',
        'web/custom.js']
    value = digest(*(ROOT / p for p in sorted(set(paths))
            if (ROOT / p).exists()))
    return f"{parser['metadata']['version']}-{value[:12]}"


def current(place):
    "Return the name of the release that serves, if any"
    if place.current.is_symlink():
        return os.readlink(place.current)


def build(place, release):
    "Make the folder of the release, whole or not at all"
    folder = place.releases / release
    if (folder / 'release').is_file():
        return False
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    build_environment(folder / 'env')
    with contextlib.redirect_stdout(io.StringIO()):
        web.ensure()
    shutil.copytree(web.folder(), folder / 'www')
    for source in [*COMMAND, 'docs']:
        copy(ROOT / source, folder / source)
    # Last, as it says that all the rest is there
    (folder / 'release').write_text(f'{release}\n')
    return True


def works(place, release):
    "Return whether its environment runs: Debian may have changed Python"
    python = binaries(place, release) / 'python'
    return python.exists() and not subprocess.run(
        [python, '-c', 'import trytond'],
        capture_output=True, cwd='/', env=place.environ()).returncode


def binaries(place, release):
    return place.releases / release / 'env' / 'bin'


def repair(place, release):
    "Make the environment again, from the sources of this release only"
    if not (ROOT / 'modules').is_dir() or name() != release:
        raise broken(release)
    build_environment(place.releases / release / 'env')


def broken(release):
    return Failure(
        f"la version {release} ne tourne plus avec le Python du système. "
        "Là où est le logiciel, mettez cette version (git checkout), "
        "puis lancez : sudo ./proxymikro install")


def build_environment(folder):
    "Install what is locked and these sources, which may then move away"
    with tempfile.TemporaryDirectory(prefix='proxymikro-') as temporary:
        project = pathlib.Path(temporary, 'project')
        for source in SOURCES:
            copy(ROOT / source, project / source)
        environment.build(folder, project, python=python())


def copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(
            source, target, ignore=shutil.ignore_patterns('__pycache__'))
    else:
        shutil.copy2(source, target)


def python():
    "Return a Python that the users of the services may run: the system's"
    return next(
        filter(os.path.exists, ['/usr/bin/python3']), sys.executable)


def switch(place, release):
    "Make the release the current one, at once"
    new = place.current.with_name('current.new')
    new.unlink(missing_ok=True)
    new.symlink_to(release)
    new.rename(place.current)


def prune(place, keep):
    "Remove the oldest releases but the kept ones"
    folders = sorted(
        (p for p in place.releases.iterdir()
            if p.is_dir() and not p.is_symlink() and p.name not in keep),
        key=lambda p: p.stat().st_mtime, reverse=True)
    for folder in folders[KEEP - len(keep):]:
        shutil.rmtree(folder, ignore_errors=True)
