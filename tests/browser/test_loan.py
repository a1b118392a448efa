# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Step 5 of the story in the web client, by the front desk."""
import datetime as dt

from command.tools import home
from playwright.sync_api import expect
from pypdf import PdfReader

BORROWER = "Coopérative scolaire des Tilleuls"
READY, LENT = "Disponible", "Prêté"


def test_loan(log_in):
    "Two devices are lent to a school, from the draft to the agreement"
    sao = log_in('accueil')
    devices = [n for n, stage in stages(sao).items() if stage == READY][:2]
    assert len(devices) == 2, "the demonstration has no available devices left"
    create_loan(sao, devices)
    number = reserve(sao)
    deliver(sao)
    agreement = download_agreement(sao)
    for text in [number, BORROWER, *devices]:
        assert text in agreement, f"{text} is not in the agreement"
    places = stages(sao)
    assert [places[n] for n in devices] == [LENT, LENT]
    sao.screenshot('loan-5-devices-lent')


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
                (c for c in cells if c in {READY, LENT}), None)
    return found


def create_loan(sao, devices):
    "Fill the draft as at the counter: a name, a date, and the scanner"
    sao.open('model/stock.loan')
    sao.click(sao.tool('new_'))
    choose(sao, 'borrower', BORROWER)
    due = dt.date.today() + dt.timedelta(days=300)
    fill(sao, 'end_date', due.strftime('%d/%m/%Y'))
    fill(sao, 'purpose', "Atelier du mercredi")
    sao.click(sao.tab.locator('.btn-code-scanner button'))
    for device in devices:
        code = sao.dialog.locator('input[type=text]')
        code.fill(device)
        code.press('Enter')
        sao.idle()
        expect(code).to_have_value('')
    sao.dialog.locator('.modal-footer .btn-link').click()
    expect(sao.page.locator('.modal.in')).to_have_count(0)
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
        dt.date.today().strftime('%d/%m/%Y'))
    sao.screenshot('loan-3-running')


def download_agreement(sao):
    "Print the agreement and return what it says"
    sao.click(sao.tool('print'))
    with sao.page.expect_download() as download:
        sao.tab.locator('ul[aria-labelledby=print] a').first.click()
    path = home() / 'artefacts' / 'loan-agreement.pdf'
    download.value.save_as(path)
    sao.screenshot('loan-4-agreement')
    return '\n'.join(p.extract_text() for p in PdfReader(path).pages)


def choose(sao, name, value):
    "Type the name, and take the line that the search offers"
    field = sao.field(name)
    field.fill(value)
    field.press('Tab')
    rows = sao.rows(sao.dialog)
    expect(rows).to_have_count(1)
    sao.idle()
    rows.first.locator('input').first.check()
    sao.click(sao.dialog.locator('.modal-footer .btn-primary'))
    expect(sao.field(name)).to_have_value(value)


def fill(sao, name, value):
    field = sao.field(name)
    field.fill(value)
    field.press('Tab')
    sao.idle()
    expect(sao.field(name)).to_have_value(value)


def lines(sao):
    return sao.tab.locator('.form-one2many').first
