# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is wrong on the server, written to who administers it.

What is only to watch is written once, what is broken each time, and that all
is well again once too.
"""
import json
import smtplib
import urllib.parse
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from ..tools import Failure
from . import answers, checks
from .place import write_whole


def tell(place, lines):
    """Write the lines that are not right and return whether a message left.

    The lines are the state and the text of each check, by its name.
    """
    wrong = {name: line for name, line in lines.items() if line[0]}
    states = {name: state for name, (state, _) in wrong.items()}
    kept = place.state / '.doctor'
    try:
        known = json.loads(kept.read_text())
    except (OSError, ValueError):
        # The first time, or a disk that was full
        known = {}
    if states == known and checks.BROKEN not in states.values():
        return False
    send(place, get_message(place, wrong))
    write_whole(kept, json.dumps(states))
    return True


def get_message(place, wrong):
    given = answers.read(place.answers)
    message = EmailMessage()
    message['From'] = place.settings().get('email', 'from', fallback='')
    message['To'] = given['courriel']
    message['Date'], message['Message-ID'] = formatdate(), make_msgid()
    subject, text = f"{given['site']} : tout va bien de nouveau", ''
    if wrong:
        worst = checks.WORDS[max(state for state, _ in wrong.values())]
        subject = f"{given['site']} : {worst} ({', '.join(wrong)})"
        text = '\n'.join(
            checks.format_line(name, *line) for name, line in wrong.items()
            ) + f"\n\nQue faire : {checks.MANUAL}"
    message['Subject'] = subject
    message.set_content(text or subject)
    return message


def send(place, message):
    if not message['From']:
        raise Failure("aucun serveur de courriel : personne n'est prévenu.")
    uri = urllib.parse.urlsplit(
        place.settings().get('email', 'uri', fallback=''))
    try:
        with checks.smtp(uri) as server:
            server.send_message(message)
    except (OSError, ValueError, smtplib.SMTPException) as error:
        raise Failure(f"{uri.hostname} n'a pas pris le message : {error}"
            ) from None
