# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The bookkeeper says what 84.00 EUR are, from the bank and from the donor."""
import re

from playwright.sync_api import expect

AMOUNT = "84,00"
BUYER, DONOR = "Récup'Aquitaine", "Menuiserie Larrieu"
INCOME = "Produits de revente"


def test_income(log_in):
    "The bank line leads to the parts and their donor, who lead back to it"
    sao = log_in('tresorerie')
    parts, device = from_the_bank(sao)
    from_the_books(sao, parts, device)
    assert from_the_donor(sao) == parts
    sheet(sao, parts, device)


def from_the_bank(sao):
    "Return the parts that the bank line paid, and the device they were in"
    open_menu(sao, "Comptabilité / Relevés de banque / Lignes de relevé")
    lines = sao.rows().filter(has_text=AMOUNT)
    expect(lines).to_have_count(1)
    expect(lines).to_contain_text(BUYER)
    sao.open_row(lines)
    relate(sao)
    expect(sao.tab.locator('tfoot')).to_contain_text(AMOUNT)
    sao.check_fits()
    sao.screenshot('income-1-from-the-bank')
    return read_rows(sao)


def from_the_books(sao, parts, device):
    "Open the row of a part: where it comes from, what paid it"
    open_menu(sao, f"Valorisation / {INCOME}")
    sao.check_fits()
    sao.screenshot('income-2-from-the-books')
    sao.open_row(sao.rows().filter(has_text=parts[0]))
    open_page(sao, "D'où il vient")
    for text in [device, DONOR]:
        expect(sao.rows().filter(has_text=text).first).to_be_visible()
    sao.screenshot('income-3-where-it-comes-from')
    open_page(sao, "Ce qui l'a payé")
    expect(sao.rows().filter(has_text=AMOUNT).first).to_be_visible()
    sao.screenshot('income-4-what-paid-it')


def from_the_donor(sao):
    "Return the parts whose income comes from what the donor gave"
    open_menu(sao, "Personnes et organismes / Personnes et organismes")
    sao.open_row(sao.rows().filter(has_text=DONOR))
    relate(sao)
    expect(sao.tab.locator('tfoot')).to_contain_text(AMOUNT)
    sao.screenshot('income-5-from-the-donor')
    return read_rows(sao)[0]


def sheet(sao, parts, device):
    "Print the sheet of what is on the screen"
    sao.tab.locator('thead input[type=checkbox]').first.check()
    # A name may take two lines of its column
    text = ' '.join(
        sao.print_('income-sheet', "Fiche de rapprochement").split())
    for value in [AMOUNT, BUYER, DONOR, device, *parts]:
        assert value in text, f"{value} is not on the sheet"


def open_menu(sao, name):
    ids = {name: id_ for id_, name in sao.menus()}
    sao.open_menu(ids[name])


def open_page(sao, name):
    sao.click(sao.tab.locator('.nav-tabs a').filter(has_text=name))


def relate(sao):
    sao.click(sao.tool('relate'))
    sao.click(sao.tab.locator('ul[aria-labelledby=relate] a').filter(
        has_text=re.compile(f'^{INCOME}$')))


def read_rows(sao):
    "Return the parts of the rows, which are all from one device"
    texts = sao.rows().all_inner_texts()
    assert texts and all(DONOR in t and BUYER in t for t in texts), texts
    device, = set(re.findall(r'PM-\d+', ' '.join(texts)))
    return sorted(re.findall(r'PI-\d+', ' '.join(texts))), device
