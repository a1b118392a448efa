# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The address that volunteers are given, on a server that lists nothing."""
from demo.base import PASSWORD

from .sao import TIMEOUT, Sao


def refuse_list(route):
    if 'common.db.list' in (route.request.post_data or ''):
        route.fulfill(status=403)
    else:
        route.continue_()


def test_database(browser, url):
    "It tells which database: only the name is asked"
    context = browser.new_context(locale='fr-FR')
    context.set_default_timeout(TIMEOUT)
    context.route('**/rpc/**', refuse_list)
    try:
        sao = Sao(context.new_page(), url)
        sao.login('accueil', PASSWORD)
        assert sao.page.url.partition('#')[2].startswith('demo')
    finally:
        context.close()
