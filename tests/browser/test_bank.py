# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The treasurer matches the statement that the bank brought."""
from playwright.sync_api import expect

# What the screen says of each line of the bank, the surest first
ROWS = [
    ("BORDEREAU", "", "numéro"),
    ("FACTURE", "Collège des Vignes", "numéro"),
    ("COTISATION", "Ludothèque du Lac", "nom"),
    ("MANDAT 1482", "Mairie de", "mandat du Trésor public"),
    ("PARTICIPATION", "", "rien de reconnu"),
    ]


def test_match(log_in):
    "What is sure is ticked, what is chosen is matched, the rest stays"
    sao = log_in('tresorerie')
    sao.open('model/account.statement')
    sao.rows().get_by_text("Brouillon").first.dblclick()
    sao.tab.locator('.form').first.wait_for()
    sao.idle()
    sao.start('match')
    rows = sao.rows(sao.dialog)
    expect(rows).to_have_count(len(ROWS))
    for row, texts in zip(rows.all(), ROWS):
        for text in texts:
            expect(row).to_contain_text(text)
    ticks = rows.locator('input[type=checkbox]:visible')
    sao.screenshot('bank-1-proposals')
    assert ticks.count(), "no line can be ticked"
    sao.confirm()
    sao.screenshot('bank-2-matched')
    # Two towns owe what the mandate pays: the treasurer accepts the first
    sao.start('match')
    expect(sao.rows(sao.dialog)).to_have_count(2)
    sao.confirm(sao.dialog.get_by_role('button', name="Tout confirmer"))
    sao.start('match')
    expect(sao.rows(sao.dialog)).to_have_count(1)
    expect(sao.rows(sao.dialog)).to_contain_text("rien de reconnu")
    sao.screenshot('bank-3-left')
