# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import os
import subprocess

from . import environment, packages, web
from .tools import BIN, ROOT, home


def run(args):
    web.check()
    home().mkdir(parents=True, exist_ok=True)
    packages.ensure(
        {**packages.PDF, **packages.BROWSER, **packages.POSTGRESQL})
    environment.ensure()
    web.ensure()
    # Two workers, unless the arguments choose
    workers = [] if any(
        a.startswith(('-n', '-p', '--numprocesses')) for a in args.rest
        ) else ['-n', '2']
    return subprocess.run(
        [str(BIN / 'python'), '-m', 'pytest', *workers, *args.rest],
        cwd=ROOT, env={**os.environ, 'PROXYMIKRO_HOME': str(home())},
        ).returncode
