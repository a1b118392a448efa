# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Each person opens all the menus of their role, in French, without an error.
"""
import os
import re

import pytest

from demo.base import USERS

ORDER = [
    "Collectes", "Matériel", "Prêts", "Adhésions", "Assistance",
    "Bénévoles", "Valorisation", "Impact", "Comptabilité", "Personnes et organismes", "Imports"]
# Boards and what is only counted have none, some lists are typed in
HAS_FORM = """() => {
  const screen = Sao.Tab.tabs.get_current().screen;
  return !!screen && !screen.current_view.editable
      && screen.view_to_load.concat(
        screen.views.map(v => v.view_type)).includes('form');
}"""
FULL = os.environ.get('PROXYMIKRO_FULL')
# What each role finds on the first level of the menu
MENUS = {
    'accueil': {
        "Collectes", "Matériel", "Prêts", "Adhésions", "Assistance",
        "Bénévoles", "Valorisation", "Impact", "Personnes et organismes"},
    'atelier': {
        "Collectes", "Matériel", "Prêts", "Assistance", "Bénévoles",
        "Valorisation", "Impact"},
    'tresorerie': {
        "Collectes", "Matériel", "Prêts", "Adhésions", "Assistance",
        "Bénévoles", "Valorisation", "Impact", "Comptabilité", "Personnes et organismes"},
    'presidence': {
        "Collectes", "Matériel", "Prêts", "Adhésions", "Assistance",
        "Bénévoles", "Valorisation", "Impact", "Comptabilité", "Personnes et organismes", "Imports"},
    'controle': {
        "Collectes", "Matériel", "Prêts", "Adhésions", "Assistance",
        "Bénévoles", "Valorisation", "Impact", "Comptabilité", "Personnes et organismes", "Imports"},
    }


@pytest.mark.parametrize('login', USERS)
def test_menus(log_in, login):
    "The menus of the role are its own and their screens open"
    sao = log_in(login)
    assert sao.top_menus() == [m for m in ORDER if m in MENUS[login]]
    sao.screenshot(f'{login}-menu')
    menus = sao.menus()
    assert len(menus) > len(MENUS[login])
    if not FULL:
        # The first screen of each part of the menu, for who sees them all
        parts = {}
        for menu in menus:
            parts.setdefault(menu[1].partition(' / ')[0], menu)
        menus = parts.values() if login == 'presidence' else []
    for id_, name in menus:
        sao.open_menu(id_)
        check(sao, login, name)
        if login == 'presidence':
            sao.check_fits()
        # Who presides sees all the forms; some of core's lists have none
        rows = sao.rows()
        if (FULL and login == 'presidence'
                and not name.startswith("Comptabilité")
                and sao.page.evaluate(HAS_FORM) and rows.count()):
            sao.open_row(rows.first)
            check(sao, login, f'{name}-form')
        sao.close()


def check(sao, login, name):
    errors = sao.page.locator('.modal.in').all_inner_texts()
    assert not errors, f"{name}: {errors}"
    sao.screenshot(f'{login}-{re.sub("[ /]+", "-", name)}')
