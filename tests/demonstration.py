# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A demonstration for the tests: built once, served from a copy."""
import contextlib
import os
import pathlib
import shutil
import sys

import trytond.config as config
from command import database, demo, web
from command.tools import home
from trytond.modules.proxymikro_base.tests.tools import smtp_sink

from .database import lock


@contextlib.contextmanager
def served(folder, settings='', empty=False):
    """Serve a copy of the demonstration from the folder and give its URL.

    The demonstration is built again only when its sources have changed. The
    settings are added to the configuration of the server. The empty one has
    the modules and nothing of the story.
    """
    base = home()
    built = base / 'tests-demo'
    built.mkdir(parents=True, exist_ok=True)
    with lock(str(built / 'build')):
        stamp = built / '.stamp'
        if not (stamp.exists() and stamp.read_text() == database.sources()):
            stamp.unlink(missing_ok=True)
            with environment(built):
                database.remove()
                database.ensure(database.config(), built / 'empty.sqlite')
            stamp.write_text(database.sources())
    folder = pathlib.Path(folder)
    (folder / 'db').mkdir()
    shutil.copy2(
        built / 'empty.sqlite' if empty else built / 'db' / 'demo.sqlite',
        folder / 'db' / 'demo.sqlite')
    with environment(base):
        web.ensure()
        (folder / 'www').symlink_to(web.folder())
    port = demo.free_port()
    with environment(folder):
        conf = database.config(port)
        with open(conf, 'a') as file:
            file.write(settings)
    with demo.server(conf, port) as url:
        yield url


@contextlib.contextmanager
def served_with_mail(folder):
    "Serve a copy of it, and give its URL and the messages that it sends"
    with smtp_sink() as messages:
        settings = ''.join(
            f'{name} = {config.get("email", name)}\n'
            for name in ['uri', 'from'])
        with served(folder, f'\n[email]\n{settings}') as url:
            yield url, messages


@contextlib.contextmanager
def environment(folder):
    "Let the command work in the folder, with the Python that runs the tests"
    for module in [database, demo]:
        module.BIN = pathlib.Path(sys.executable).parent
    previous = os.environ.get('PROXYMIKRO_HOME')
    os.environ['PROXYMIKRO_HOME'] = str(folder)
    try:
        yield
    finally:
        if previous is None:
            del os.environ['PROXYMIKRO_HOME']
        else:
            os.environ['PROXYMIKRO_HOME'] = previous
