# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from contextlib import contextmanager
from unittest.mock import patch

import trytond.config as trytond_config

__all__ = ['outbox']


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
