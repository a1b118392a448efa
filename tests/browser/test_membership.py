# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Members renew, and meet."""
from demo.association import MOTIONS, VOLUNTEERS
from demo.base import get_today
from playwright.sync_api import expect

# The column of the attendance in the list of the voters
ATTENDANCE = 5
LIBRARY = "Bibliothèque associative du Port"


def open_first(sao, path):
    sao.open(path)
    sao.open_row(sao.rows().first)


def page(sao, name):
    "Show the page of the form"
    sao.click(sao.tab.locator('.nav-tabs a', has_text=name).first)


def test_campaign(log_in, messages):
    "The front desk leaves one out, calls the others, writes to each its way"
    sao = log_in('accueil')
    open_first(sao, 'model/party.membership.campaign')
    rows = sao.rows(sao.tab.locator('.form-one2many').first)
    expect(rows.filter(has_text="À appeler").first).to_be_visible()
    sao.check_fits()
    sao.screenshot('campaign-1-prepared')
    count = rows.count()
    assert count > len(VOLUNTEERS)
    row = rows.filter(has_text=VOLUNTEERS[0])
    row.locator('td.column-excluded input, td input[type=checkbox]').last.check()
    sao.save()
    expect(rows.filter(has_text="Écarté")).to_have_count(1)
    sao.click(sao.button('call'))
    sao.click(sao.dialog.locator('.btn-primary'))
    expect(sao.field('called')).to_have_value(str(count - 1))
    sao.screenshot('campaign-2-called')
    sao.click(sao.button('send'))
    sao.screenshot('campaign-3-send')
    sao.click(sao.dialog.locator('.btn-primary'))
    letters = print_letters(sao)
    assert LIBRARY in letters
    assert messages == []


def print_letters(sao):
    "Print the letters of those who have no e-mail"
    sao.click(sao.tool('action'))
    sao.click(sao.tab.locator('ul[aria-labelledby=action] a').filter(
        has_text="Imprimer"))
    sao.screenshot('campaign-4-print')
    with sao.page.expect_download() as download:
        sao.dialog.locator('.modal-footer .btn-primary').click()
    return sao.keep('campaign-letters', download)


def test_assembly(log_in):
    "The presidency types who comes, the votes, and prints the minutes"
    sao = log_in('presidence')
    open_first(sao, 'model/party.membership.assembly')
    sao.check_fits()
    sao.screenshot('assembly-1-agenda')
    text = sao.tab.inner_text()
    for name, _ in MOTIONS:
        assert name in text, f"{name} is not on the agenda"
    page(sao, "Statuts")
    sao.screenshot('assembly-2-statutes')
    sheet = sao.print_('assembly-attendance', "Feuille de présence")
    for name in VOLUNTEERS:
        assert name in sheet, f"{name} is not on the sheet"
    hold(sao)
    vote(sao)
    close(sao)


def hold(sao):
    "The day has come: who is there, who gave a proxy"
    sao.field('date').fill(get_today().strftime('%d/%m/%Y'))
    sao.field('date').press('Tab')
    sao.save()
    sao.click(sao.button('open_'))
    expect(sao.button('close')).to_be_enabled()
    page(sao, "Votants")
    expect(sao.field('attending')).to_have_value('0')
    attend(sao, VOLUNTEERS[0], "Présent")
    attend(sao, VOLUNTEERS[1], "Représenté", VOLUNTEERS[0])
    sao.save()
    sao.check_fits()
    expect(sao.field('attending')).to_have_value('2')
    expect(sao.field('quorum_reached')).to_be_checked()
    sao.screenshot('assembly-3-attendance')


def attend(sao, name, attendance, proxy=None):
    "Type in the list of the voters whether one is there"
    row = sao.rows(sao.tab.locator('.form-one2many:visible').first).filter(
        has_text=name).first
    # The first click chooses the row, the second one opens its cells
    cell = row.locator('td').nth(ATTENDANCE)
    sao.click(cell)
    sao.click(cell)
    sao.field('attendance', row).select_option(label=attendance)
    sao.idle()
    if proxy:
        sao.choose('proxy', proxy, row)


def vote(sao):
    "The votes of each motion are typed in turn"
    page(sao, "Résolutions")
    for i, (name, _) in enumerate(MOTIONS):
        row = sao.rows(sao.tab.locator('.form-one2many:visible').first).filter(
            has_text=name)
        sao.open_dialog(row)
        for field, votes in [
                ('votes_for', 2 - i), ('votes_against', i),
                ('abstentions', 0)]:
            sao.type(field, str(votes), sao.dialog)
        expect(sao.field('result', sao.dialog).locator(
                'option:checked')).to_have_text(
                    "Rejetée" if i else "Adoptée")
        if not i:
            sao.screenshot('assembly-4-motion')
        sao.confirm()
    sao.save()
    for result, count in [("Adoptée", 1), ("Rejetée", len(MOTIONS) - 1)]:
        expect(sao.rows(sao.tab.locator('.form-one2many:visible').first).filter(
                has_text=result)).to_have_count(count)
    sao.check_fits()
    sao.screenshot('assembly-5-votes')


def close(sao):
    "Once it is over the minutes are printed, and nothing changes any more"
    page(sao, "Procès-verbal")
    sao.field('chair').fill(VOLUNTEERS[0])
    sao.field('notes').fill("La présidence ouvre la séance.")
    sao.field('notes').press('Tab')
    sao.save()
    sao.insist(
        lambda: sao.click(sao.button('close')),
        sao.page.locator('.modal.in'))
    sao.confirm()
    expect(sao.button('close')).to_have_count(0)
    sao.screenshot('assembly-6-closed')
    minutes = sao.print_('assembly-minutes', "Procès-verbal")
    for text in [
            *(name for name, _ in MOTIONS), "est adoptée", "est rejetée",
            VOLUNTEERS[0]]:
        assert text in minutes, f"{text} is not in the minutes"


def test_network(log_in):
    "What a network brought, and who may be written to"
    sao = log_in('presidence')
    sao.open('model/party.network')
    sao.check_fits()
    sao.screenshot('network-1-list')
    open_first(sao, 'model/party.network')
    expect(sao.field('members')).to_have_value('1')
    sao.screenshot('network-2-form')
    page(sao, "Relais")
    sao.check_fits()
    sao.screenshot('network-3-relays')
    open_first(sao, 'model/party.relay')
    expect(sao.field('may_write')).to_be_checked()
    sao.screenshot('network-4-relay')


def test_school(log_in):
    "The numbers of a school are on its form"
    sao = log_in('accueil')
    sao.open('model/party.party')
    sao.open_row(sao.rows().filter(has_text="Coopérative scolaire").first)
    for name in sao.tab.locator('.nav-tabs:visible > li > a').all_inner_texts():
        page(sao, name)
        sao.screenshot(f'school-{name.lower().replace(" ", "-")}')
