# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Make the backup of this version, from which the next one is upgraded.

python -m tests.previous_version: once per release, at its tag. It installs the
server, tells it the story of the demonstration, and keeps the backup that
./proxymikro makes in tests/previous/VERSION. The tests of the upgrade restore
it as an association would.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from command.database import MODULES
from command.server import backup, release
from command.server.place import DATABASE
from command.tools import ROOT

from .installed import installed

FOLDER = pathlib.Path(__file__).parent / 'previous'


def tell(place):
    """Tell the story.

    Its password is refused on a server, and no worker does what it queues.
    """
    conf = place.settings()
    conf.remove_section('password')
    conf.remove_section('queue')
    path = place.etc / 'demo.conf'
    with open(path, 'w', encoding='utf-8') as file:
        conf.write(file)
    subprocess.run(
        [sys.executable, '-m', 'demo', DATABASE, path], cwd=ROOT, check=True,
        env={**place.environ(), 'TRYTOND_CONFIG': str(path)})


def main():
    version = release.name().partition('-')[0]
    with (tempfile.TemporaryDirectory(prefix='proxymikro-') as folder,
            installed(folder, MODULES) as place):
        tell(place)
        made, sound = backup.backup(place)
        if not sound:
            sys.exit("the backup is not sound")
        keep(made, FOLDER / version)


def keep(made, folder):
    "Copy the backup without the configuration: its folders are of this machine"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(
        made, folder, ignore=shutil.ignore_patterns('configuration'))
    manifest = backup.read_manifest(folder)
    manifest['files'] = {
        name: digest for name, digest in manifest['files'].items()
        if not name.startswith('configuration/')}
    (folder / backup.MANIFEST).write_text(
        json.dumps(manifest, ensure_ascii=False, indent=1), encoding='utf-8')


if __name__ == '__main__':
    main()
