# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The workshop looks at its board, and at the proof of an erasure."""
from playwright.sync_api import expect

# What each list of the board may show, by the title of the list
BOARD = {
    "Pannes à traiter": "Nouvelle",
    "Remises en état": "En cours",
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
    component = sao.field('component').input_value()
    for text in [number, component.split()[-1], "SHA-256"]:
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
        rows = sao.rows(panels.filter(has_text=title).first)
        expect(rows).not_to_have_count(0)
        for text in rows.all_inner_texts():
            assert state in text, (title, text)
