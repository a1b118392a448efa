# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The workshop looks at its board, and at the proof of an erasure."""
from playwright.sync_api import expect

# What each row of the lists of the board has, by the title of the list
BOARD = {
    "Pannes à traiter": "TRAITER",
    "À effacer": "À effacer",
    }


def test_certificate(log_in):
    "The certificate names the drive, its machine and both signatures"
    sao = log_in('atelier')
    sao.open('model/device.erasure')
    row = sao.rows().filter(has_text="EFF-").first
    number = next(
        c for c in row.locator('td').all_inner_texts() if 'EFF-' in c).strip()
    sao.open_row(row)
    sao.screenshot('evidence-1-erasure')
    certificate = sao.print_('erasure-certificate')
    _, serial, *_ = sao.field('component').input_value().split()
    device = sao.field('lot').input_value()
    for text in [number, serial, device, "NIST SP 800-88"]:
        assert text in certificate, f"{text} is not in the certificate"


def test_board(log_in):
    "Each list of the workshop's board shows its own rows only"
    sao = log_in('atelier')
    board, = [
        id_ for id_, name in sao.menus()
        if name.endswith("Tableau de l'atelier")]
    sao.open_menu(board)
    panels = sao.tab.locator('.board-action')
    expect(panels).to_have_count(4)
    sao.idle()
    sao.screenshot('evidence-2-board')
    for title, state in BOARD.items():
        panel = panels.filter(
            has=sao.page.locator('.panel-heading', has_text=title))
        for text in sao.rows(panel).all_inner_texts():
            assert state in text, (title, text)
    repairs = panels.filter(
        has=sao.page.locator('.panel-heading', has_text="Remises en état"))
    # The two that are done are not to do
    expect(repairs.locator('table.tree > tbody > tr')).to_have_count(1)
