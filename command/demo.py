# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

from . import database, environment, packages, web
from .tools import BIN, ROOT, Failure, environ, home, say


def run(args):
    if args.check:
        return check()
    check_port(args.port)
    if args.reset:
        database.remove()
    conf = prepare(args.port)
    serve(conf, args.port)


def prepare(port):
    "Make what is missing: packages, environment, web client, database"
    web.check()
    home().mkdir(parents=True, exist_ok=True)
    packages.ensure(packages.PDF)
    errors = []

    def build_web():
        try:
            web.ensure()
        except BaseException as error:
            errors.append(error)

    # npm and pip mostly wait for the network: one beside the other
    thread = threading.Thread(target=build_web, daemon=True)
    thread.start()
    environment.ensure()
    conf = database.config(port)
    database.ensure(conf)
    thread.join()
    if errors:
        raise errors[0]
    return conf


def check_port(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(('localhost', port))
        except OSError:
            raise Failure(
                f"port {port} is in use, try: "
                f"./proxymikro demo --port {port + 1}") from None


def free_port():
    with socket.socket() as probe:
        probe.bind(('localhost', 0))
        return probe.getsockname()[1]


def serve(conf, port):
    "Become the server, while a child tells when it answers"
    check_port(port)
    url = f'http://localhost:{port}/'
    server = os.getpid()
    if not os.fork():
        while os.getppid() == server:
            if answers(url):
                say(f"Ready: {url}#{database.NAME}\n"
                    "    users: accueil, atelier, tresorerie, presidence, "
                    "controle, admin\n"
                    f"    password: {database.PASSWORD}\n"
                    "    No e-mail leaves and nothing runs by itself here. "
                    "Ctrl+C stops.")
                break
            time.sleep(.2)
        os._exit(0)
    os.execve(BIN / 'trytond', command(conf), environ())


def command(conf):
    return [str(BIN / 'trytond'), '-c', str(conf), '-d', database.NAME]


def answers(url):
    try:
        urllib.request.urlopen(url, timeout=1)
    except (OSError, urllib.error.URLError):
        return False
    return True


def check():
    "Walk the story on a server of its own and return its exit code"
    with tempfile.TemporaryDirectory(prefix='proxymikro-') as folder:
        os.environ['PROXYMIKRO_HOME'] = folder
        port = free_port()
        conf = prepare(port)
        with server(conf, port) as url:
            say(f"Server on {url}")
            return subprocess.run(
                [str(BIN / 'python'), '-m', 'demo.check', url,
                    database.NAME], cwd=ROOT, env=environ()).returncode


class server:
    "A server for as long as the block lasts"

    def __init__(self, conf, port):
        self.conf, self.url = conf, f'http://localhost:{port}/'
        self.log = pathlib.Path(conf).with_name('server.log')

    def __enter__(self):
        with open(self.log, 'w') as log:
            self.process = subprocess.Popen(
                command(self.conf), stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, env=environ())
        for _ in range(300):
            if self.process.poll() is not None:
                raise Failure(
                    f"the server stopped:\n{self.log.read_text()}")
            if answers(self.url):
                return self.url
            time.sleep(.2)
        self.__exit__()
        raise Failure(f"the server doesn't answer:\n{self.log.read_text()}")

    def __exit__(self, *args):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
