# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import re

import trytond.config as config
from trytond.i18n import gettext
from trytond.sendmail import get_smtp_server

from .exceptions import MailServerError


def can_send():
    "Return whether a message can leave: there is a server and a sender"
    server = get_smtp_server()
    if not server or not config.get('email', 'from'):
        return False
    server.quit()
    return True


def check_mail_server():
    "Raise an error when no message can leave"
    if not can_send():
        raise MailServerError(gettext('proxymikro_base.msg_mail_server'))


# Something, an at sign, a domain: the rest, only the server there can tell
ADDRESS = re.compile(r'[^@\s<>(),;:"]+@[^@\s<>(),;:"]+\.[^@\s<>(),;:".]{2,}')


def is_address(text):
    "Return whether the text has the shape of one e-mail address"
    return bool(ADDRESS.fullmatch(text or ''))
