# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import trytond.config as config
from trytond.sendmail import get_smtp_server


def can_send():
    "Return whether a message can leave: there is a server and a sender"
    server = get_smtp_server()
    if not server or not config.get('email', 'from'):
        return False
    server.quit()
    return True
