# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.

import io
import logging
import tempfile
import unittest
from pathlib import Path
from unittest.mock import patch

import pypdf
import qrcode

from trytond.modules.company.tests import create_company, set_company
from trytond.modules.proxymikro_base import report
from trytond.modules.proxymikro_base.exceptions import PDFLibraryError
from trytond.modules.proxymikro_base.report import HTMLReportMixin
from trytond.pool import Pool
from trytond.report import Report
from trytond.tests.test_tryton import activate_module, with_transaction
from trytond.transaction import Transaction

TEMPLATE = """<!DOCTYPE html>
<html xmlns:py="http://genshi.edgewall.org/">
<head><title>Sheet</title></head>
<body>
<div class="document" py:for="record in records">
    ${letterhead}
    <h1>Fiche ${record.name}</h1>
    <p>Poids : ${quantity(12.5, 'kg')}, le ${format_date(today)}.</p>
    <p>${qr('https://example.org/d/abc')}</p>
    <table class="lines"><tr><td></td><td>fin</td></tr></table>
</div>
</body>
</html>"""


class PartySheet(HTMLReportMixin, Report):
    __name__ = 'proxymikro_base.test.party'


def create_report():
    pool = Pool()
    ActionReport = pool.get('ir.action.report')
    action, = ActionReport.create([{
                'name': "Sheet",
                'model': 'party.party',
                'report_name': PartySheet.__name__,
                'report_content_custom': TEMPLATE.encode(),
                'template_extension': 'html',
                'extension': 'pdf',
                'single': False,
                }])
    return action


def pdf_pages(content):
    return [
        page.extract_text()
        for page in pypdf.PdfReader(io.BytesIO(content)).pages]


class ReportTestCase(unittest.TestCase):
    "Test the reports printed from HTML"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('proxymikro_base')

    def create_party(self, name):
        Party = Pool().get('party.party')
        party, = Party.create([{'name': name}])
        return party

    @with_transaction()
    def test_execute(self):
        "The PDF has the letterhead, the record and the page numbers"
        company = create_company(name="Les Ordinateurs solidaires")
        company.party.addresses = [{
                'street': "3 rue des Tanneurs",
                'postal_code': '64100',
                'city': "Bayonne",
                }]
        company.party.save()
        create_report()
        first = self.create_party("École d'Ahetze")
        second = self.create_party("Mairie <b>d'Itxassou</b>")
        with set_company(company):
            extension, content, _, name = PartySheet.execute(
                [first.id, second.id], {})

        self.assertEqual(extension, 'pdf')
        self.assertTrue(content.startswith(b'%PDF-'))
        self.assertTrue(name.startswith("Sheet-"))
        pages = pdf_pages(content)
        self.assertEqual(len(pages), 2)
        for text in [
                "Les Ordinateurs solidaires", "3 rue des Tanneurs", "64100",
                "Fiche École d'Ahetze", "Poids : 12.5\u00a0kg", "Page 1/2"]:
            self.assertIn(text, pages[0])
        # What is typed is shown, never interpreted
        self.assertIn("Fiche Mairie <b>d'Itxassou</b>", pages[1])
        self.assertIn("Page 2/2", pages[1])

    @with_transaction()
    def test_no_company(self):
        "A report prints without letterhead when there is no company"
        create_report()
        party = self.create_party("Mairie")

        _, content, _, _ = PartySheet.execute([party.id], {})

        page, = pdf_pages(content)
        self.assertTrue(page.startswith("Fiche Mairie"))

    @with_transaction()
    def test_other_extension(self):
        "A report which is not printed to PDF stays with Tryton"
        action = create_report()
        action.extension = ''
        action.save()
        party = self.create_party("Mairie")

        extension, content, _, _ = PartySheet.execute([party.id], {})

        self.assertEqual(extension, 'html')
        self.assertIn("Fiche Mairie", content)

    @with_transaction()
    def test_format_quantity(self):
        "Quantities are written as in the language of the user"
        Lang = Pool().get('ir.lang')
        Lang.write(Lang.search([('code', '=', 'fr')]), {'translatable': True})
        with Transaction().set_context(language='fr'):
            for value, digits, text in [
                    (12.5, 2, "12,5\u00a0kg"),
                    (10, 2, "10\u00a0kg"),
                    (0, 2, "0\u00a0kg"),
                    (100, 0, "100\u00a0kg"),
                    (None, 2, ""),
                    ]:
                with self.subTest(value=value):
                    self.assertEqual(
                        HTMLReportMixin.format_quantity(
                            value, 'kg', digits=digits), text)

    def test_qr(self):
        "The path of the QR code draws its dark modules"
        text = 'https://example.org/d/0123456789abcdef'
        code = qrcode.QRCode(border=0)
        code.add_data(text)
        matrix = code.get_matrix()

        svg = report.qr(text).generate().render('xhtml')

        self.assertIn('<svg xmlns="http://www.w3.org/2000/svg"', svg)
        self.assertEqual(svg.count('M'), sum(map(sum, matrix)))
        self.assertNotEqual(
            svg, report.qr(text + '0').generate().render('xhtml'))

    def test_no_file_access(self):
        "A page can read neither the files nor the network"
        logging.getLogger('weasyprint').disabled = True
        self.addCleanup(
            setattr, logging.getLogger('weasyprint'), 'disabled', False)
        with tempfile.TemporaryDirectory() as directory:
            secret = Path(directory) / 'secret.txt'
            secret.write_text("p { content: 'secret' } SECRET")
            url = secret.as_uri()
            page = f"""<html><head>
                <link rel="stylesheet" href="{url}"/>
                <link rel="attachment" href="{url}"/>
                <style>@import url({url});</style>
                </head><body><p>Visible</p>
                <a rel="attachment" href="{url}">lien</a>
                <img src="{url}"/><object data="{url}"></object>
                <svg viewBox="0 0 1 1"><image href="{url}"/></svg>
                <div style="background: url({url})">fond</div>
                </body></html>"""
            with patch(
                    'urllib.request.OpenerDirector.open',
                    side_effect=AssertionError("opened")) as opened:
                content = report.write_pdf(page, [f'@import url({url});'])
                report.write_pdf(
                    '<img src="http://localhost:1/x.png"/>')
        opened.assert_not_called()
        reader = pypdf.PdfReader(io.BytesIO(content))
        self.assertEqual(len(reader.attachments), 0)
        self.assertIn("Visible", reader.pages[0].extract_text())

    @with_transaction()
    def test_missing_library(self):
        "The error names what the administrator must install"
        with patch.dict('sys.modules', {'weasyprint': None}):
            with self.assertRaises(PDFLibraryError) as context:
                report.write_pdf("<p>Bonjour</p>")
        self.assertIn('libpango-1.0-0', str(context.exception))
