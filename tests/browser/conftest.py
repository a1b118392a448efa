# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A demonstration on a server, and Debian's Chromium in front of it."""
import shutil

import pytest
from demo.base import PASSWORD
from playwright.sync_api import expect, sync_playwright

from ..demonstration import served_with_mail
from .sao import ARGUMENTS, TIMEOUT, Sao

CHROMIUM = 'chromium'
PHONE = {'width': 360, 'height': 740}
expect.set_options(timeout=TIMEOUT)


@pytest.fixture(scope='session')
def chromium():
    "Return where the browser is"
    path = shutil.which(CHROMIUM)
    if not path:
        pytest.skip("needs Debian's package chromium")
    return path


@pytest.fixture(scope='module')
def server(chromium, tmp_path_factory):
    "Serve a demonstration that the tests of one file may change"
    with served_with_mail(tmp_path_factory.mktemp('demonstration')) as server:
        yield server


@pytest.fixture(scope='module')
def url(server):
    return server[0]


@pytest.fixture(scope='module')
def messages(server):
    "The messages that left, from the first one"
    return server[1]


@pytest.fixture(scope='module')
def browser(chromium):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def log_in(url, browser):
    "Return a function that opens the client as a user"
    contexts = []

    def log_in(user, password=PASSWORD, **options):
        context = browser.new_context(**{
                'locale': 'fr-FR', 'timezone_id': 'Europe/Paris',
                'viewport': {'width': 1440, 'height': 900},
                'accept_downloads': True, **options})
        contexts.append(context)
        context.set_default_timeout(TIMEOUT)
        sao = Sao(context.new_page(), url)
        sao.login(user, password)
        return sao

    yield log_in
    for context in contexts:
        context.close()


@pytest.fixture
def phone(browser):
    "A phone without scripts"
    context = browser.new_context(
        locale='fr-FR', viewport=PHONE, device_scale_factor=2,
        java_script_enabled=False)
    context.set_default_timeout(TIMEOUT)
    yield context.new_page()
    context.close()
