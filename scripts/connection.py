# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""How the commands reach the server, and try again when it is away."""
import http.client
import os
import socket
import time
import urllib.parse
import xmlrpc.client
from contextlib import contextmanager

from proteus import config as proteus_config

from .messages import say

DELAYS = [1, 2, 4, 8, 15]
# What a proxy or a server answers while it restarts or is too busy
_BUSY = {429, 500, 502, 503, 504}


class ConnectionFailed(Exception):
    "The server can't be reached"


class LoginFailed(Exception):
    "The server does not know the user"


class Refused(Exception):
    "The server refuses, in words for the user"


def read_password(passfile=None):
    "Return the first line of the file, or of the one of the environment"
    passfile = passfile or os.environ.get('TRYTONPASSFILE')
    if not passfile:
        return None
    with open(passfile, encoding='utf-8') as file:
        return file.readline().rstrip('\r\n')


def get_rpc_url(url):
    "Return the address which answers to XML-RPC for the one of the client"
    parts = urllib.parse.urlsplit(url)
    path = parts.path.strip('/').removesuffix('/rpc')
    return urllib.parse.urlunsplit(
        (parts.scheme or 'http', parts.netloc, f'/{path}/rpc/', '', ''))


def _is_temporary(error):
    if isinstance(error, xmlrpc.client.ProtocolError):
        return error.errcode in _BUSY
    if isinstance(error, (
            ConnectionError, http.client.HTTPException, socket.timeout)):
        return True
    return _is_operational(error)


def _is_operational(error):
    "Whether the database of the same process asks to start again"
    try:
        from trytond.backend import DatabaseOperationalError
    except (ImportError, KeyError):
        return False
    return isinstance(error, DatabaseOperationalError)


def _translate(error):
    "Return the error to raise instead"
    if isinstance(error, xmlrpc.client.Fault):
        return Refused(_get_fault_text(error))
    if isinstance(error, xmlrpc.client.ProtocolError):
        if error.errcode in {401, 403, 404}:
            return LoginFailed(error.errmsg)
        return ConnectionFailed(f'{error.errcode} {error.errmsg}')
    if isinstance(error, (OSError, http.client.HTTPException)):
        return ConnectionFailed(error)
    try:
        from trytond.exceptions import TrytonException
    except ImportError:
        return error
    if isinstance(error, TrytonException):
        return Refused(getattr(error, 'message', error))
    return error


def _get_fault_text(fault):
    "Return the words of a user error, sent as type and arguments"
    text = fault.faultString
    for part in getattr(fault, 'args', ()):
        if isinstance(part, (list, tuple)) and part:
            text = part[0]
    return str(text).strip()


def call(function, *args, delays=DELAYS, sleep=time.sleep):
    """Call the function and again when the server is away.

    Only for what changes nothing the second time.
    """
    for delay in [*delays, None]:
        try:
            return function(*args)
        except Exception as error:
            if delay is None or not _is_temporary(error):
                raise _translate(error) from error
            say('command_retry', error=error, delay=delay)
            sleep(delay)


@contextmanager
def connect(options):
    "Yield the proteus configuration of the options of the command"
    if options.database:
        yield _connect_database(options)
        return
    password = read_password(options.passfile)

    def login():
        session = proteus_config.set_xmlrpc_session(
            get_rpc_url(options.url), options.user, password=password)
        return session, session.__enter__()
    session, config = call(login)
    try:
        yield config
    finally:
        try:
            session.__exit__(None, None, None)
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            pass  # the session ends by itself


def _connect_database(options):
    try:
        return proteus_config.set_trytond(
            options.database, user=options.user or 'admin',
            config_file=options.config)
    except IndexError as error:
        raise LoginFailed(options.user) from error
