# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Step 5 of the story in the web client, by the front desk."""
import datetime as dt

from playwright.sync_api import expect

from demo.base import get_today

BORROWER = "Coopérative scolaire des Tilleuls"
READY, LENT, RECEPTION = "Disponible", "Prêté", "Réception"


def test_loan(log_in):
    "Two devices are lent to a school, one is swapped, then one comes back"
    sao = log_in('accueil')
    ready = [n for n, stage in stages(sao).items() if stage == READY]
    assert len(ready) >= 3, "the demonstration has no available devices left"
    *devices, replacement = ready[:3]
    create_loan(sao, devices)
    number = reserve(sao)
    deliver(sao)
    agreement = sao.print_('loan-agreement')
    sao.screenshot('loan-4-agreement')
    for text in [number, BORROWER, *devices]:
        assert text in agreement, f"{text} is not in the agreement"
    broken, kept = devices
    swap(sao, broken, replacement)
    take_back(sao, kept)
    places = stages(sao)
    assert [places[n] for n in [broken, kept, replacement]] == [
        RECEPTION, RECEPTION, LENT]
    sao.screenshot('loan-7-devices-back')


def stages(sao):
    "Return the stage of each device, as the list of the devices shows it"
    sao.open('model/stock.lot')
    sao.click(sao.tool('reload'))
    found = {}
    for row in sao.rows().all():
        cells = [c.strip() for c in row.locator('td').all_inner_texts()]
        # Parts are lots too, under the numbers of their makers
        if number := next((c for c in cells if c.startswith('PM-')), None):
            found[number] = next(
                (c for c in cells if c in {READY, LENT, RECEPTION}), None)
    return found


def create_loan(sao, devices):
    "Fill the draft as at the counter: a name, a date, and the scanner"
    sao.open('model/stock.loan')
    sao.click(sao.tool('new_'))
    sao.choose('borrower', BORROWER)
    due = get_today() + dt.timedelta(days=300)
    fill(sao, 'end_date', due.strftime('%d/%m/%Y'))
    fill(sao, 'purpose', "Atelier du mercredi")
    sao.scan(devices)
    expect(sao.rows(lines(sao))).to_have_count(len(devices))
    sao.save()
    sao.screenshot('loan-1-draft')


def reserve(sao):
    sao.click(sao.button('reserve'))
    expect(sao.field('number')).not_to_have_value('')
    expect(sao.button('deliver')).to_be_enabled()
    sao.screenshot('loan-2-reserved')
    return sao.field('number').input_value()


def deliver(sao):
    sao.click(sao.button('deliver'))
    expect(sao.dialog).to_contain_text("parti avec l'emprunteur")
    sao.click(sao.dialog.locator('.btn-primary'))
    expect(sao.button('return_wizard')).to_be_enabled()
    expect(sao.field('delivered_on')).to_have_value(
        get_today().strftime('%d/%m/%Y'))
    sao.screenshot('loan-3-running')


def swap(sao, device, replacement):
    "Change the device that breaks down for another, in one act"
    sao.start('swap_wizard')
    sao.choose('line', device, sao.dialog)
    fill(sao, 'condition_in', "Écran noir", sao.dialog)
    sao.choose('replacement', replacement, sao.dialog)
    sao.screenshot('loan-5-swap')
    sao.confirm()


def take_back(sao, device):
    "Take back what is brought, by its label"
    sao.start('return_wizard')
    sao.scan([device], sao.dialog)
    sao.screenshot('loan-6-return')
    sao.confirm()


def fill(sao, name, value, root=None):
    field = sao.field(name, root)
    field.fill(value)
    field.press('Tab')
    sao.idle()
    expect(sao.field(name, root)).to_have_value(value)


def lines(sao):
    return sao.tab.locator('.form-one2many').first
