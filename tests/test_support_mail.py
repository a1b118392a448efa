# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A teacher reads a label and reports a breakdown: what it is written of it.

The page is read over HTTP, and the messages are those that a mail server gets.
"""
import time
import urllib.parse
import urllib.request
from contextlib import ExitStack
from types import SimpleNamespace

import pytest
from demo.check import Client
from proteus import Model, Wizard
from proteus.config import get_config

from .demonstration import served_with_mail

TEACHER = 'maitresse@ecole.example.org'


@pytest.fixture(scope='module')
def association(tmp_path_factory):
    "Serve the association, and give its users, its URL and its messages"
    folder = tmp_path_factory.mktemp('demonstration')
    with served_with_mail(folder) as (url, messages), ExitStack() as stack:
        yield SimpleNamespace(
            act_as=Client(url, 'demo', stack), messages=messages)


class Post:
    "The messages that the teacher gets, in turn"

    def __init__(self, messages):
        self.messages, self.count = messages, len(messages)

    def read(self):
        "Return the subject and the text of the next message"
        for _ in range(100):
            if len(self.messages) > self.count:
                break
            time.sleep(.1)
        message, = self.messages[self.count:]
        self.count += 1
        assert message['X-Recipients'] == TEACHER
        assert 'accueil@proxymikro.example.org' in message['From']
        return message['Subject'], message.get_content()


def report(url, text):
    "Send the form of the page, as a telephone without scripts does"
    with urllib.request.urlopen(url) as page:
        assert "Envoyer" in page.read().decode()
    data = urllib.parse.urlencode({'text': text, 'contact': TEACHER})
    with urllib.request.urlopen(url, data.encode()) as answer:
        assert "Merci" in answer.read().decode()


def ask(association, text):
    "Let the teacher report what a lent computer does: return the request"
    Line = Model.get('stock.loan.line')
    Request = Model.get('support.request')
    line = Line.find([
            ('state', '=', 'lent'), ('lot.device_kind', '=', 'desktop'),
            ], order=[('id', 'ASC')])[0]
    report(line.lot.public_url, text)
    request, = Request.find([
            ('lot', '=', line.lot.id), ('channel', '=', 'page'),
            ('state', '=', 'open')])
    assert request.party == line.loan.borrower
    return request


def test_repaired(association):
    "Each step is told to the teacher, who says at the end what it thinks"
    post = Post(association.messages)
    association.act_as('accueil')
    request = ask(association, "Il ne démarre plus\nDepuis lundi")
    number = request.number
    subject, text = post.read()
    assert subject == (
        f"{number} · Il ne démarre plus : Proxy Mikro a laissé un message")
    assert text.startswith(
        f"Nous avons bien reçu votre demande {number}, "
        "« Il ne démarre plus ».")
    request.click('assess')
    assert "un bénévole s'en occupe" in post.read()[1]
    request.waiting_for = 'visit'
    request.click('wait')
    assert "en attente : une visite" in post.read()[1]
    request.click('repair')
    assert "la réparation a commencé" in post.read()[1]
    request.outcome = 'fixed'
    request.solution = "La barrette de mémoire était mal mise."
    request.click('resolve')
    subject, text = post.read()
    assert subject.startswith(number)
    assert "résolue : réparé. La barrette de mémoire" in text
    assert "Êtes-vous satisfait" in text
    request.satisfaction = '3'
    request.satisfaction_note = "Merci, la classe est ravie"
    request.click('close')
    assert "est close. Merci." in post.read()[1]
    request.click('reopen')
    assert "est rouverte" in post.read()[1]


def test_swapped(association):
    "A volunteer who reads English swaps it: the teacher still reads French"
    post = Post(association.messages)
    association.act_as('accueil')
    request = ask(association, "Il sent le brûlé")
    post.read()
    with get_config().set_context(language='en'):
        request.waiting_for = 'part'
        request.click('assess')
        assert "un bénévole s'en occupe" in post.read()[1]
        request.click('wait')
        assert "en attente : une pièce" in post.read()[1]
        swap = Wizard('support.request.swap', [request])
        swap.form.replacement, = Model.get('stock.lot').find([
                ('stage', '=', 'ready'), ('device_kind', '=', 'desktop'),
                ], limit=1)
        replacement = swap.form.replacement
        swap.execute('swap')
        text = post.read()[1]
    assert (
        f"résolue : échangé. {request.lot.rec_name} est remplacé par "
        f"{replacement.rec_name}.") in text
    request.reload()
    request.click('close')
    post.read()
    assert request.issue.state == 'handled'
