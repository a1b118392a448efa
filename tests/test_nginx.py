# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""nginx in front of the application: which requests it takes, and how many.

It is not among what the tests install: in PROXYMIKRO_FULL only.
"""
import concurrent.futures
import contextlib
import http.client
import http.server
import os
import re
import shutil
import socketserver
import ssl
import subprocess
import threading
import time
from collections import Counter
from unittest.mock import patch

import pytest

from command.server import files
from command.server.place import Place

from .installed import ANSWERS
from .postgresql import free_port
from .test_install import certificate

FULL = bool(os.environ.get('PROXYMIKRO_FULL'))


class Slow(http.server.BaseHTTPRequestHandler):
    "An application that takes its time, as core does for a wrong password"

    asked = []

    def do_POST(self):
        self.asked.append(type(self.server))
        self.rfile.read(int(self.headers['Content-Length']))
        time.sleep(.3)
        self.send_response(200)
        self.send_header('Content-Length', '0')
        self.send_header('Set-Cookie', 'session=1; Secure; HttpOnly')
        self.end_headers()

    def address_string(self):
        return 'nginx'

    def log_message(self, *args):
        pass


class Application(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 200


@contextlib.contextmanager
def site(folder, answers, other=None):
    """Run nginx with the site of the answers, on free ports.

    The other is the port of another server.
    """
    place = Place(folder, 'postgresql://postgres@localhost:1/')
    ports = write(place, answers)
    if other:
        (place.nginx / 'proxymikro.d').mkdir()
        (place.nginx / 'proxymikro.d' / 'serveurs.conf').write_text(
            f'server 127.0.0.1:{other};')
    nginx = shutil.which('nginx', path=f"{os.environ['PATH']}:/usr/sbin")
    if not nginx:
        pytest.skip("needs Debian's package nginx")
    with Application(str(place.socket), Slow) as application:
        threading.Thread(
            target=application.serve_forever, daemon=True).start()
        process = subprocess.Popen(
            [nginx, '-e', 'stderr', '-c', folder / 'nginx.conf'])
        try:
            wait_port(ports['80'])
            yield ports
        finally:
            process.terminate()
            process.wait()
            application.shutdown()


def get_answers(folder, tls):
    "Return the answers, with a certificate in the folder or without one"
    if not tls:
        return ANSWERS
    path, key = certificate(folder)
    return {**ANSWERS, 'certificat': str(path), 'cle': str(key)}


def write(place, answers):
    "Write the files under the folder, and return the ports"
    folder, root = place.prefix, place.prefix / 'html'
    ports = {'80': str(free_port()), '443': str(free_port())}
    with patch.object(files.multiprocessing, 'cpu_count', lambda: 2):
        contents = files.contents(place, answers)
    for path, (content, _, _) in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        content = re.sub(
            r'listen (\[::\]:)?(\d+)',
            lambda m: f"listen {m[1] or ''}{ports[m[2]]}", content)
        path.write_text(content.replace('/var/www/html', str(root)))
    (root / '.well-known' / 'acme-challenge').mkdir(parents=True)
    (root / '.well-known' / 'acme-challenge' / 'token').write_text('proof')
    (folder / 'nginx.conf').write_text(
        f'user root; pid {folder}/pid; error_log {folder}/error; daemon off; '
        f'events {{}} http {{ access_log off; client_body_temp_path {folder}/b;'
        f' proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;'
        f' uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; '
        f'include {place.nginx}/sites-available/proxymikro; }}')
    place.socket.parent.mkdir(parents=True)
    return ports


def wait_port(port):
    end = time.monotonic() + 10
    while True:
        try:
            return ask('127.0.0.1', port, 'GET', '/')
        except OSError:
            assert time.monotonic() < end
            time.sleep(.1)


def ask(host, port, method, path):
    connection = http.client.HTTPConnection(host, int(port), timeout=30)
    with contextlib.closing(connection):
        connection.request(
            method, path, '{}' if method == 'POST' else None,
            {'Host': ANSWERS['site']})
        response = connection.getresponse()
        return response.status, response.read()


def together(port, path, number):
    with concurrent.futures.ThreadPoolExecutor(number) as executor:
        return Counter(executor.map(
                lambda _: ask('127.0.0.1', port, 'POST', path)[0],
                range(number)))


if FULL:
    @pytest.mark.parametrize('tls', [False, True])
    def test_certificate(tmp_path, tls):
        "Let's Encrypt finds its proof, before and after the first certificate"
        with site(tmp_path, get_answers(tmp_path, tls)) as ports:
            for host in ['127.0.0.1', '::1']:
                assert ask(host, ports['80'], 'GET',
                    '/.well-known/acme-challenge/token') == (200, b'proof')
            status, _ = ask('127.0.0.1', ports['80'], 'POST', '/x/rpc/')
            assert status == (301 if tls else 200)

    @pytest.mark.parametrize('tls', [False, True])
    def test_cookie(tmp_path, tls):
        "A browser keeps the session, that only a cipher may keep secret"
        with site(tmp_path, get_answers(tmp_path, tls)) as ports:
            connection = (
                http.client.HTTPSConnection('127.0.0.1', int(ports['443']),
                    context=ssl._create_unverified_context())
                if tls else
                http.client.HTTPConnection('127.0.0.1', int(ports['80'])))
            with contextlib.closing(connection):
                connection.request('POST', '/x/session/login', '{}',
                    {'Host': ANSWERS['site']})
                cookie = connection.getresponse().getheader('Set-Cookie')
        assert 'HttpOnly' in cookie
        assert ('Secure' in cookie) is tls

    def test_other_server(tmp_path):
        "Another server takes its part, and one that is down takes none"
        Slow.asked.clear()
        with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Slow) as other:
            threading.Thread(target=other.serve_forever, daemon=True).start()
            with site(tmp_path, ANSWERS, other.server_port) as ports:
                assert together(ports['80'], '/x/rpc/', 10) == {200: 10}
                assert set(Slow.asked) == {Application,
                    http.server.ThreadingHTTPServer}
                other.shutdown()
                other.server_close()
                assert together(ports['80'], '/x/rpc/', 10) == {200: 10}

    def test_login(tmp_path):
        "Who guesses passwords leaves the half of the site to the others"
        with site(tmp_path, ANSWERS) as ports:
            half = files.THREADS
            port = ports['80']
            assert together(port, '/proxymikro/rpc/', 100) == {200: 100}
            assert together(port, '/proxymikro/session/login', 3 * half) == {
                200: half, 429: 2 * half}
            # One by one, as a room full of people
            assert {
                ask('127.0.0.1', port, 'POST', '/proxymikro/session/login')[0]
                for _ in range(5)} == {200}
            assert 429 in together(port, '/proxymikro/session/login', 100)
            assert together(port, '/proxymikro/rpc/', 50) == {200: 50}
