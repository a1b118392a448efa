# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Somebody reads the label of a device with a phone, the workshop answers."""
from command.tools import home
from playwright.sync_api import expect
from pypdf import PdfReader

TEXT = "L'écran reste noir <b>depuis lundi</b>"
# The ratio of each visible text to the nearest colour behind it, as WCAG counts
CONTRASTS = """() => {
  const parse = c => c.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(
    v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length == 3 || c[3] == 1) return c;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('body *')]
    .filter(e => [...e.childNodes].some(
      n => n.nodeType == 3 && n.textContent.trim()))
    .map(e => {
      const [a, b] = [parse(getComputedStyle(e).color), behind(e)].map(light);
      return [e.textContent.trim().slice(0, 40),
        (Math.max(a, b) + .05) / (Math.min(a, b) + .05)];
    });
}"""
OVERFLOW = "() => document.documentElement.scrollWidth - innerWidth"


def test_public_page(log_in, phone):
    "From the label to the breakdown, and to the answer"
    sao = log_in('atelier')
    number, url = open_device(sao)
    label = print_label(sao)
    for text in [number, "Proxy Mikro"]:
        assert text in label, f"{text} is not on the label"
    read(phone, url, number)
    report(phone)
    sao.close()
    handle(sao, number)
    sao.close()
    revoke(sao, number, url)
    assert phone.goto(url).status == 404
    check_looks(phone, 'public-page-4-revoked')


def open_device(sao, number='PM-'):
    "Open the device and return its number and the address of its page"
    sao.open('model/stock.lot')
    sao.click(sao.tool('reload'))
    sao.open_row(sao.rows().filter(has_text=number).first)
    sao.click(sao.tab.get_by_role('tab', name="Page publique"))
    return (
        sao.field('number').input_value(),
        sao.field('public_url').input_value())


def print_label(sao):
    "Print the label for the label printer and return what it says"
    sao.click(sao.tool('print'))
    sao.click(sao.tab.locator('ul[aria-labelledby=print] a').filter(
        has_text="Étiquettes"))
    sao.field('format', sao.dialog).select_option(
        label="Imprimante d'étiquettes, 62 × 29 mm")
    sao.idle()
    expect(sao.field('start', sao.dialog)).to_have_count(0)
    with sao.page.expect_download() as download:
        sao.dialog.locator('.modal-footer .btn-primary').click()
    path = home() / 'artefacts' / 'label.pdf'
    download.value.save_as(path)
    sao.idle()
    page, = PdfReader(path).pages
    return page.extract_text()


def read(phone, url, number):
    "The page says what the device is, small and without any script"
    response = phone.goto(url)
    assert response.status == 200
    assert len(response.body()) < 30_000
    expect(phone.locator('main')).to_contain_text(number)
    expect(phone.locator('main')).to_contain_text("Proxy Mikro")
    check_looks(phone, 'public-page-1')


def check_looks(phone, name):
    "Nothing is cut, and all can be read"
    path = home() / 'artefacts' / f'{name}.png'
    path.parent.mkdir(parents=True, exist_ok=True)
    phone.screenshot(path=path, full_page=True)
    assert phone.evaluate(OVERFLOW) <= 0
    contrasts = phone.evaluate(CONTRASTS)
    assert contrasts
    assert [(t, c) for t, c in contrasts if c < 4.5] == []
    # The style sheet is allowed by the policy of the page
    family = phone.evaluate(
        "() => getComputedStyle(document.body).fontFamily")
    assert 'system-ui' in family


def report(phone):
    "Report a breakdown with the keyboard alone"
    phone.locator('body').press('Tab')
    expect(phone.get_by_label("Que se passe-t-il")).to_be_focused()
    phone.keyboard.press('Tab')
    phone.keyboard.type("Ada, 05 36 49 00 00")
    phone.keyboard.press('Tab')
    button = phone.get_by_role('button', name="Envoyer")
    expect(button).to_be_focused()
    assert button.bounding_box()['height'] >= 44
    phone.keyboard.press('Enter')
    # Chromium asks for the missing text
    expect(phone.get_by_label("Que se passe-t-il")).to_be_focused()
    phone.keyboard.type(TEXT)
    phone.screenshot(path=home() / 'artefacts' / 'public-page-2-form.png')
    phone.keyboard.press('Tab')
    phone.keyboard.press('Enter')
    expect(phone.get_by_role('status')).to_contain_text("Merci")
    check_looks(phone, 'public-page-3-sent')


def handle(sao, number):
    "The workshop finds the report, as it was typed, and handles it"
    sao.open('model/device.issue')
    sao.click(sao.tool('reload'))
    row = sao.rows().filter(has_text=number)
    expect(row).to_contain_text(TEXT)
    sao.open_row(row)
    expect(sao.field('contact')).to_have_value("Ada, 05 36 49 00 00")
    sao.screenshot('public-page-issue')
    sao.click(sao.button('handle'))
    expect(sao.field('contact')).to_have_value('')
    expect(sao.field('handled_by')).to_have_value("Bastien Dubourg")


def revoke(sao, number, url):
    open_device(sao, number)
    sao.click(sao.button('renew_token'))
    sao.click(sao.dialog.locator('.btn-primary'))
    expect(sao.field('public_url')).not_to_have_value(url)
