# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The services, where systemd runs them."""
import http.client
import json
import socket
import time

from ..tools import Failure

TARGET = 'proxymikro.target'
SERVICES = [
    'proxymikro-web.service', 'proxymikro-cron.service',
    'proxymikro-worker.service']
TIMERS = ['proxymikro-backup.timer', 'proxymikro-doctor.timer']


def systemctl(place, *args):
    if place.has_systemd:
        place.run(['systemctl', *args], f"systemctl {args[0]}", user='root')


def start(place, again=False):
    systemctl(place, 'enable', '--quiet', TARGET, *SERVICES, *TIMERS)
    # It brings the services along: naming them would start them twice
    systemctl(place, 'restart' if again else 'start', TARGET)


def stop(place):
    systemctl(place, 'stop', TARGET, *SERVICES)


def disable(place):
    "Stop them, and leave them stopped when the machine starts again"
    systemctl(place, 'disable', '--now', '--quiet', TARGET, *SERVICES)


def reload(place):
    "Take the new units and the new site"
    systemctl(place, 'daemon-reload')
    systemctl(place, 'reload-or-restart', 'nginx')


class SocketConnection(http.client.HTTPConnection):
    "HTTP through the socket between nginx and the application"

    def __init__(self, path, timeout=10):
        super().__init__('localhost', timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def web_version(place):
    "Return the version that the application itself answers"
    connection = SocketConnection(place.socket)
    try:
        connection.request(
            'POST', '/rpc/', json.dumps(
                {'id': 0, 'method': 'common.server.version', 'params': []}),
            {'Content-Type': 'application/json'})
        response = connection.getresponse()
        if response.status != 200:
            raise Failure(f"le serveur répond {response.status}.")
        return json.load(response)['result']
    except (OSError, ValueError, KeyError, http.client.HTTPException) as error:
        raise Failure(f"le serveur ne répond pas ({error}).") from None
    finally:
        connection.close()


def wait(place, seconds=120):
    "Wait until the application answers, where it is started"
    if not place.has_systemd:
        return
    end = time.monotonic() + seconds
    while True:
        try:
            return web_version(place)
        except Failure:
            if time.monotonic() > end:
                raise
            time.sleep(1)
