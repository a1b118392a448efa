# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A device breaks down: from the telephone, or its label, to its end."""
from playwright.sync_api import expect

from .test_membership import page

TEACHER = 'maitresse@ecole.example.org'


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


def test_breakdown(log_in, phone, messages):
    "A teacher reads the label, the front desk brings another computer"
    sao = log_in('accueil')
    number, url, replacement = find_devices(sao)
    report(phone, url)
    sao.open('model/support.request')
    sao.click(sao.tool('reload'))
    sao.check_fits()
    sao.screenshot('breakdown-1-list')
    sao.open_row(sao.rows().filter(has_text="Il ne démarre plus").first)
    expect(sao.field('lot')).to_have_value(number)
    expect(sao.field('party')).not_to_have_value('')
    sao.screenshot('breakdown-2-request')
    sao.click(sao.button('assess'))
    page(sao, "Intervention")
    sao.field('waiting_for').select_option(label="une visite")
    sao.idle()
    sao.save()
    sao.click(sao.button('wait'))
    expect(sao.button('repair')).to_be_enabled()
    sao.screenshot('breakdown-3-waiting')
    swap(sao, replacement)
    page(sao, "Résultat")
    sao.field('satisfaction').select_option(label="Satisfait")
    sao.idle()
    sao.save()
    sao.screenshot('breakdown-5-resolved')
    sao.click(sao.button('close'))
    expect(sao.button('reopen')).to_be_enabled()
    sao.screenshot('breakdown-6-closed')
    told = [m for m in messages if m['X-Recipients'] == TEACHER]
    # Received, taken care of, waiting, swapped, closed
    assert len(told) == 5
    assert replacement in told[3].get_content()


def find_devices(sao):
    "Return a computer which is lent, its page, and one which is ready"
    sao.open('model/stock.lot')
    sao.click(sao.tool('reload'))
    rows = sao.rows().filter(has_text="PM-")
    ready = rows.filter(has_text="Disponible").first
    replacement, = [
        t.strip() for t in ready.locator('td').all_inner_texts()
        if t.strip().startswith('PM-')]
    sao.open_row(rows.filter(has_text="Prêté").first)
    sao.click(sao.tab.get_by_role('tab', name="Page publique"))
    found = (
        sao.field('number').input_value(),
        sao.field('public_url').input_value())
    sao.close()
    return *found, replacement


def report(phone, url):
    "Fill the page of the device"
    phone.goto(url)
    phone.get_by_label("Que se passe-t-il").fill("Il ne démarre plus")
    phone.locator('[name=contact]').fill(TEACHER)
    phone.get_by_role('button', name="Envoyer").click()
    expect(phone.get_by_role('status')).to_contain_text("Merci")


def swap(sao, replacement):
    sao.start('swap_wizard')
    sao.choose('replacement', replacement, sao.dialog)
    sao.screenshot('breakdown-4-swap')
    sao.confirm()
    expect(sao.button('close')).to_be_enabled()
