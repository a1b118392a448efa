# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import email
import socket
from contextlib import contextmanager
from email.policy import default as email_policy
from unittest.mock import patch

import trytond.config as trytond_config

__all__ = ['on_day', 'outbox', 'smtp_sink']


@contextmanager
def on_day(date):
    "Let it be the date in the block"
    with patch(
            'trytond.ir.date.Date.today',
            classmethod(lambda cls, timezone=None: date)):
        yield


@contextmanager
def outbox():
    "Return the messages that leave in the block: none really does"
    messages = []
    sender = trytond_config.get('email', 'from')
    trytond_config.set('email', 'from', 'accueil@proxymikro.example.org')
    try:
        with patch('trytond.modules.proxymikro_base.mail.get_smtp_server'), \
                patch('trytond.ir.email_.send_message_transactional',
                    lambda message, strict: messages.append(message)):
            yield messages
    finally:
        trytond_config.set('email', 'from', sender)


@contextmanager
def smtp_sink():
    "Return the messages which a real server on this machine gets in the block"
    from aiosmtpd.controller import Controller
    messages = []

    class Handler:
        async def handle_DATA(self, server, session, envelope):
            message = email.message_from_bytes(
                envelope.content, policy=email_policy)
            message['X-Recipients'] = ', '.join(envelope.rcpt_tos)
            messages.append(message)
            return '250 OK'

    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    controller = Controller(Handler(), hostname='127.0.0.1', port=port)
    controller.start()
    before = {n: trytond_config.get('email', n) for n in ['uri', 'from']}
    trytond_config.set('email', 'uri', f'smtp://127.0.0.1:{port}')
    trytond_config.set('email', 'from', 'accueil@proxymikro.example.org')
    try:
        yield messages
    finally:
        for name, value in before.items():
            trytond_config.set('email', name, value)
        controller.stop()
