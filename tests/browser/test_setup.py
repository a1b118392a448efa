# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The administrator sets an empty database up, in French, and adds a person.
"""
import os

import pytest
from playwright.sync_api import expect

from ..demonstration import served

ASSOCIATION = {
    'name': "Ateliers de l'Estuaire", 'rna': 'W332098765',
    'street': "8 rue des Tanneurs", 'postal_code': '33000',
    'city': "Bordeaux",
    }
# What the first log-in shows
TO_DO = [
    "Notre association", "Le plan comptable", "Le régime de TVA",
    "L'exercice et ses numéros", "Le compte bancaire",
    "L'adresse des étiquettes", "Les formules et leurs cotisations",
    "Les personnes et leurs rôles"]
TO_SEE = [
    "Les lieux", "Les numéros", "Ce que disent les statuts",
    "Les soldes d'avant", "Ce qui existait avant"]


@pytest.fixture(scope='module')
def server(chromium, tmp_path_factory):
    with served(tmp_path_factory.mktemp('empty'), empty=True) as url:
        yield url, []


def find(sao, step):
    return sao.rows().filter(has_text=step)


def start(sao, step):
    "Click on the button of the step until its wizard is there"
    sao.insist(
        lambda: sao.click(sao.button('open_', find(sao, step))),
        sao.page.locator('.modal.wizard-dialog.in'))
    sao.idle()


def fill(sao, values):
    for name, value in values.items():
        sao.type(name, value, sao.dialog)


def add_person(sao):
    "Add a person and return the password, which is shown once"
    start(sao, "Les personnes")
    fill(sao, {'name': "Amélie Castaing"})
    expect(sao.field('login', sao.dialog)).to_have_value('amelie.castaing')
    roles = sao.field('roles', sao.dialog)
    roles.get_by_text("Accueil").click()
    sao.idle()
    sao.screenshot('setup-4-person')
    button = sao.dialog.locator('.modal-footer .btn-primary')
    sao.insist(
        lambda: sao.click(button), sao.field('password', sao.dialog))
    sao.screenshot('setup-5-password')
    return sao.field('password', sao.dialog).input_value()


def add_membership_type(sao):
    "Say what the statutes say: who may be a member, for which fee"
    button = sao.button('open_', find(sao, "Les formules"))
    sao.insist(lambda: sao.click(button), sao.tab.get_by_text("Suivant"))
    sao.screenshot('setup-6-colleges')
    sao.click(sao.tab.get_by_text("Suivant"))
    sao.click(sao.tab.locator('.form-one2many').get_by_title("Nouveau"))
    row = sao.rows(sao.tab.locator('.form-one2many'))
    for name, value in [
            ('name', "École"), ('share', '10.00'), ('counterpart', '20.00'),
            ('max_devices', '30')]:
        sao.type(name, value, row)
    sao.check_fits()
    sao.screenshot('setup-7-types')
    sao.click(sao.tab.get_by_text("Ajouter", exact=True))
    sao.click(sao.tool('reload'))


# scenario_first_steps takes the same steps in the default run
if os.environ.get('PROXYMIKRO_FULL'):
    def test_setup(log_in):
        "The list opens by itself, each step opens what does it"
        sao = log_in('admin')
        for state, steps in [("À faire", TO_DO), ("À voir", TO_SEE)]:
            for step in steps:
                expect(find(sao, step)).to_contain_text(state)
        sao.check_fits()
        sao.screenshot('setup-1-steps')
        start(sao, "Notre association")
        fill(sao, ASSOCIATION)
        sao.screenshot('setup-2-association')
        sao.confirm()
        expect(find(sao, "Notre association")).to_contain_text("Fait")
        start(sao, "Le compte bancaire")
        fill(sao, {
                'bank_name': "Banque de l'Estuaire",
                'iban': "FR76 3000 6000 0112 3456 7890 189"})
        sao.confirm()
        sao.click(sao.tool('reload'))
        for step in TO_DO[:5]:
            expect(find(sao, step)).to_contain_text("Fait")
        # The first click selects the row
        places = find(sao, "Les lieux")
        sao.insist(
            lambda: sao.click(sao.button('acknowledge', places)),
            places.filter(has_text="Fait"))
        sao.screenshot('setup-3-books')
        add_membership_type(sao)
        expect(find(sao, "Les formules")).to_contain_text("Fait")
        password = add_person(sao)
        desk = log_in('amelie.castaing', password=password)
        assert "Prêts" in desk.top_menus()
        assert "Administration" not in desk.top_menus()
