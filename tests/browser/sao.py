# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Drive the web client as a person does, and wait for it as one can't."""
import pathlib
import re

from command.tools import home
from playwright.sync_api import TimeoutError, expect
from pypdf import PdfReader

ARGUMENTS = [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
    '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync']
# Milliseconds: the cores may be shared with other tests
TIMEOUT = 60_000
# sao ignores a click while an action runs, and says it nowhere else
IDLE = """() => {
  const tab = window.Sao && Sao.Tab && Sao.Tab.tabs.length
      && Sao.Tab.tabs.get_current();
  const busy = !window.jQuery || jQuery.active > 0
      || (tab && tab._action_running)
      || document.querySelector('#processing:not([style*="none"])')
      || document.querySelector('.modal.fade:not(.in)[style*="block"]');
  if (busy) { window.__idle = null; return false; }
  window.__idle = window.__idle || performance.now();
  return performance.now() - window.__idle > 150;
}"""


# The windows that the menus of the user open
MENUS = """() => Sao.rpc({
  'method': 'model.ir.ui.menu.search_read',
  'params': [[], 0, null, null, ['complete_name', 'action'],
    Sao.Session.current_session.context],
  }, Sao.Session.current_session).then(menus => menus
    .filter(m => (m.action || '').startsWith('ir.action.act_window,'))
    .map(m => [m.id, m.complete_name]))"""
OPEN = """id => { Sao.Action.exec_keyword('tree_open', {
  'model': 'ir.ui.menu', 'id': id}, null, false) }"""
# How far the lists on the screen go beyond their frames
HIDDEN = """() => [...document.querySelectorAll('.treeview table.tree')]
  .filter(t => t.offsetParent)
  .map(t => [
    [...t.querySelectorAll('th')].map(h => h.innerText.trim()).join(' '),
    t.offsetWidth - t.closest('.treeview').clientWidth])
  .filter(([_, width]) => width > 1)"""


class Sao:

    def __init__(self, page, url, database='demo'):
        self.page, self.url, self.database = page, url, database
        self.errors = []
        page.on('console', self._on_console)

    def _on_console(self, message):
        # The errors of sao do not reach the page's own
        if 'jQuery.Deferred exception' in message.text:
            self.errors.append(message.text)

    def idle(self):
        self.page.evaluate("() => { window.__idle = null }")
        self.page.wait_for_function(IDLE)
        assert not self.errors, self.errors

    def login(self, user, password):
        page = self.page
        page.goto(f'{self.url}#{self.database}')
        page.locator('#login').fill(user)
        self.insist(
            page.locator('.login-dialog button[type=submit]').click,
            page.locator('.ask-dialog input[type=password]'))
        page.locator('.ask-dialog input[type=password]').fill(password)
        page.keyboard.press('Enter')
        page.locator('#user-preferences a').first.wait_for(state='attached')
        self.idle()

    def open(self, path):
        self.page.evaluate(
            "h => { window.location.hash = h }", f'{self.database}/{path}')
        self.idle()

    def top_menus(self):
        "Return the names on the first level of the menu"
        rows = self.page.locator('#menu table.tree > tbody > tr')
        return [n.strip() for n in rows.all_inner_texts()]

    def menus(self):
        "Return the id and the whole name of the menus that open a window"
        return self.page.evaluate(MENUS)

    def open_menu(self, id_):
        self.page.evaluate(OPEN, id_)
        self.page.wait_for_function(
            "() => Sao.Tab.tabs.length || document.querySelector('.modal.in')")
        self.idle()

    def close(self):
        "Close the tab"
        self.page.evaluate("() => { Sao.Tab.tabs.close(false) }")
        try:
            self.page.wait_for_function("() => !Sao.Tab.tabs.length")
        except TimeoutError as error:
            # A form that changes by itself asks whether to save it
            self.fail(str(error))
        self.idle()

    @property
    def tab(self):
        return self.page.locator('#tabcontent > .tab-pane.active')

    @property
    def dialog(self):
        return self.page.locator('.modal.in').last

    def rows(self, root=None):
        return (root or self.tab).locator(
            'table.tree > tbody > tr:visible')

    def open_row(self, row):
        "Open the record of the row, and not another that a cell leads to"
        cells = row.locator('td:visible')
        plain = cells.filter(
            has_not=self.page.locator('a, input, button'),
            has_text=re.compile(r'\S'))
        (plain.first if plain.count() else cells.nth(2)).dblclick()
        # The filters of a list are a form too, hidden behind its own
        self.tab.locator('.form:visible').first.wait_for()
        self.idle()

    def field(self, name, root=None):
        return (root or self.tab).locator(f'[name="{name}"]:visible').first

    def button(self, name, root=None):
        return (root or self.tab).locator(f'button[name="{name}"]:visible')

    def tool(self, id_):
        return self.tab.locator(f'.btn-toolbar button#{id_}')

    def click(self, locator):
        try:
            locator.click()
        except TimeoutError as error:
            self.fail(str(error))
        self.idle()

    def insist(self, act, effect, state='visible'):
        "Act again while nothing comes of it, as a person does"
        for _ in range(3):
            act()
            try:
                return effect.wait_for(timeout=TIMEOUT / 3, state=state)
            except TimeoutError:
                continue
        self.fail(f"{effect} is not {state}")

    def fail(self, why):
        "Say what was in the way: the log of a run has no picture"
        self.screenshot('failure')
        raise AssertionError(
            [why, *self.page.locator('.modal.in').all_inner_texts()])

    def start(self, wizard, root=None):
        "Click on the button of a wizard until its dialog is there"
        self.insist(
            lambda: self.click(self.button(wizard, root)),
            self.page.locator('.modal.wizard-dialog.in'))
        self.idle()

    def open_dialog(self, row):
        """Open the record of the row in a dialog, and wait for its values.

        The list is drawn again after a dialog, and forgets a click meanwhile.
        """
        self.insist(
            row.locator('td:visible').nth(2).dblclick,
            self.page.locator('.modal.in'))
        self.idle()

    def type(self, name, value, root=None):
        """Type the value, that the form may draw again, until it is there.

        A number is typed with a point, and shown as the French write it.
        """
        field = self.field(name, root)
        for _ in range(3):
            field.fill(value)
            field.press('Tab')
            self.idle()
            if field.input_value() in {value, value.replace('.', ',')}:
                return
        self.fail(f"{name} is {field.input_value()!r}, not {value}")

    def dismiss(self):
        for bar in self.page.locator('.infobar:visible .close').all():
            bar.click()

    def save(self):
        self.click(self.tool('save'))
        self.dismiss()

    def choose(self, name, value, root=None):
        "Type the name, and take the line that the search offers"
        field = self.field(name, root).element_handle()
        for _ in range(3):
            self._look_up(field, value)
            # The name of the record comes by a request of its own
            try:
                return self.page.wait_for_function(
                    "([field, value]) => field.value.includes(value)",
                    arg=[field, value], timeout=TIMEOUT / 3)
            except TimeoutError:
                continue
        self.fail(f"{name} is {field.input_value()!r}, not {value}")

    def _look_up(self, field, value):
        before = self.page.locator('.modal.in').count()
        field.fill(value)
        field.press('Tab')
        self.idle()
        if self.page.locator('.modal.in').count() > before:
            rows = self.rows(self.dialog).filter(has_text=value)
            expect(rows).to_have_count(1)
            rows.first.locator('input').first.check()
            self.click(self.dialog.locator('.modal-footer .btn-primary'))

    def scan(self, codes, root=None):
        "Read the codes with the scanner, then put it down"
        before = self.page.locator('.modal.in').count()
        self.click((root or self.tab).locator('.btn-code-scanner button'))
        # Until it is there, the last dialog is the one under it
        expect(self.page.locator('.modal.in')).to_have_count(before + 1)
        for text in codes:
            code = self.dialog.locator('input[type=text]')
            code.fill(text)
            code.press('Enter')
            self.idle()
            expect(code).to_have_value('')
        self.dialog.locator('.modal-footer .btn-link').click()
        expect(self.page.locator('.modal.in')).to_have_count(before)

    def confirm(self, button=None):
        "Do what the dialog is for, until it is gone"
        before = self.page.locator('.modal.in').count()
        button = button or self.dialog.locator('.modal-footer .btn-primary')
        last = self.page.locator('.modal.in').nth(before - 1)
        self.insist(
            lambda: self.click(button), last, state='hidden')
        self.idle()

    def print_(self, name, title=''):
        "Print the first document with the title and return what it says"
        self.click(self.tool('print'))
        with self.page.expect_download() as download:
            self.tab.locator('ul[aria-labelledby=print] a').filter(
                has_text=title).first.click()
        return self.keep(name, download)

    def keep(self, name, download):
        "Keep the document that comes, and return what it says"
        path = pathlib.Path(home()) / 'artefacts' / f'{name}.pdf'
        download.value.save_as(path)
        return '\n'.join(p.extract_text() for p in PdfReader(path).pages)

    def check_fits(self):
        "Check that no column of a list is out of sight"
        assert self.page.evaluate(HIDDEN) == []

    def screenshot(self, name):
        "Keep a picture of the page, outside of git"
        folder = pathlib.Path(home()) / 'artefacts'
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(folder / f'{name}.png'))
