# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Members renew, and meet."""
from playwright.sync_api import expect

from demo.association import MOTIONS, VOLUNTEERS


def open_first(sao, path):
    sao.open(path)
    sao.open_row(sao.rows().first)


def page(sao, name):
    "Show the page of the form"
    sao.click(sao.tab.locator('.nav-tabs a', has_text=name).first)


def test_campaign(log_in):
    "The front desk looks at who is asked, leaves one out, calls the others"
    sao = log_in('accueil')
    open_first(sao, 'model/party.membership.campaign')
    rows = sao.rows(sao.tab.locator('.form-one2many').first)
    expect(rows.filter(has_text="À appeler").first).to_be_visible()
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


def test_assembly(log_in):
    "The presidency types who came: the quorum follows"
    sao = log_in('presidence')
    open_first(sao, 'model/party.membership.assembly')
    sao.screenshot('assembly-1-agenda')
    text = sao.tab.inner_text()
    for name, _ in MOTIONS:
        assert name in text, f"{name} is not on the agenda"
    page(sao, "Votants")
    expect(sao.field('total')).not_to_have_value('')
    sao.screenshot('assembly-2-voters')
    page(sao, "Statuts")
    sao.screenshot('assembly-3-statutes')
    sheet = sao.print_('assembly-attendance')
    for name in VOLUNTEERS:
        assert name in sheet, f"{name} is not on the sheet"


def test_support(log_in):
    "A request is followed from the telephone to its end"
    sao = log_in('accueil')
    sao.open('model/support.request')
    sao.screenshot('support-1-list')
    sao.open_row(sao.rows().filter(has_text="L'écran reste noir").first)
    expect(sao.field('entitlement')).to_contain_text("Compris")
    sao.screenshot('support-2-request')
    page(sao, "Résultat")
    sao.field('outcome').select_option(label="Conseil donné")
    sao.idle()
    sao.field('solution').fill("Le câble était débranché.")
    sao.field('solution').press('Tab')
    sao.idle()
    sao.screenshot('support-3-outcome')
    sao.click(sao.button('resolve'))
    expect(sao.button('close')).to_be_enabled()
    sao.click(sao.button('close'))
    expect(sao.button('reopen')).to_be_enabled()
    sao.screenshot('support-4-closed')
