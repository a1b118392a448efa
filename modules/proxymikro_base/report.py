# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Documents written in HTML and printed to PDF.

A report is a class and a template:

    class LoanAgreement(HTMLReportMixin, CompanyReport):
        __name__ = 'stock.loan.agreement'

its action has ``template_extension`` html and ``extension`` pdf. The template is
a plain HTML page for Genshi; the common style sheet (``report/base.css``) is
added by the mixin. Besides what Tryton puts in the context there are:

    letterhead       the name, the address and the identifiers of the company
    identifier_label(identifier)  "SIREN", "RNA"…
    qr(text)         a QR code
    today            the date of the day at the company
    quantity(value, unit)  a number with its unit, as in "12,5 kg"

The classes the style sheet knows: ``document`` (one per record, starts a page),
``parties`` and ``party``, ``facts`` (a table of labels and values), ``lines`` (a
table of lines, with ``number`` cells), ``signatures`` and ``signature``,
``note``, ``qr``.
"""
import base64
from functools import lru_cache

import qrcode
from genshi.builder import tag

from trytond.i18n import gettext
from trytond.pool import Pool
from trytond.tools import file_open
from trytond.transaction import Transaction

from .exceptions import PDFLibraryError

IDENTIFIER_LABELS = {
    'eu_vat': "N° TVA",
    'fr_rna': "RNA",
    'fr_siren': "SIREN",
    'fr_siret': "SIRET",
    'fr_tva': "N° TVA",
    'fr_uai': "UAI",
    }
PDF_PACKAGES = 'libpango-1.0-0 libpangoft2-1.0-0 fonts-dejavu-core'


def import_weasyprint():
    # The import fails with OSError, not ImportError, when Pango is missing
    try:
        import weasyprint
    except (ImportError, OSError) as exception:
        raise PDFLibraryError(gettext(
                'proxymikro_base.msg_report_pdf_library',
                packages=PDF_PACKAGES)) from exception
    return weasyprint


def url_fetcher(weasyprint):
    """A document carries all it shows: neither the network nor the files of
    the server may be read by it, whatever a name or a note contains."""
    return weasyprint.URLFetcher(allowed_protocols={'data'})


def write_pdf(html, stylesheets=()):
    "Return the PDF of the HTML text"
    weasyprint = import_weasyprint()
    fetcher = url_fetcher(weasyprint)
    return weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf(
        stylesheets=[
            weasyprint.CSS(string=text, url_fetcher=fetcher)
            for text in stylesheets])


@lru_cache(maxsize=None)
def read_stylesheet(path):
    with file_open(path, mode='r', encoding='utf-8') as stylesheet:
        return stylesheet.read()


def qr(text):
    "Return a QR code of the text as an inline SVG"
    code = qrcode.QRCode(border=0)
    code.add_data(text)
    matrix = code.get_matrix()
    size = len(matrix)
    path = ''.join(
        f'M{x} {y}h1v1h-1z'
        for y, row in enumerate(matrix)
        for x, dark in enumerate(row) if dark)
    return tag.span(
        tag.svg(
            tag.path(d=path, fill='#000'),
            xmlns='http://www.w3.org/2000/svg',
            viewBox=f'0 0 {size} {size}'),
        class_='qr')


def letterhead(company):
    "Return the block which tells who writes"
    if not company:
        return None
    party = company.party
    details = []
    # An invoice writes addresses with the name, which is above
    with Transaction().set_context(address_with_party=False):
        address = type(party)(party.id).address_get()
    if address:
        details.append(' · '.join(address.full_address.splitlines()))
    contacts = [c for c in (party.phone, party.email, party.website) if c]
    if contacts:
        details.append(' · '.join(contacts))
    identifiers = [
        f'{identifier_label(i)} {i.code}'
        for i in party.identifiers if i.type]
    if identifiers:
        details.append(' · '.join(identifiers))
    return tag.header(
        logo(company),
        tag.div(
            tag.p(party.name, class_='name'),
            [tag.p(detail) for detail in details]),
        class_='letterhead')


def identifier_label(identifier):
    "Return the short name a French reader knows an identifier by"
    return IDENTIFIER_LABELS.get(identifier.type, identifier.type_string)


def logo(company):
    if not company.logo:
        return None
    image, mimetype, width, height = company.get_logo_cm(4, 2)
    data = base64.b64encode(image).decode('ascii')
    return tag.img(
        src=f'data:{mimetype};base64,{data}', alt="",
        style=f'width: {width}; height: {height}')


class FrenchReportMixin:
    "Mixin for papers written in French whoever prints them"
    __slots__ = ()

    @classmethod
    def execute(cls, ids, data):
        with Transaction().set_context(language='fr'):
            return super().execute(ids, data)


class HTMLReportMixin:
    "Mixin for reports printed from HTML to PDF"
    __slots__ = ()
    stylesheets = ['proxymikro_base/report/base.css']

    @classmethod
    def get_context(cls, records, header, data):
        pool = Pool()
        Company = pool.get('company.company')
        Date = pool.get('ir.date')
        context = super().get_context(records, header, data)
        company = context.get('company')
        if not company:
            company_id = Transaction().context.get('company')
            if company_id is not None and company_id >= 0:
                company = Company(company_id)
        context['company'] = company
        with Transaction().set_context(
                company=company.id if company else None):
            context['today'] = Date.today()
        context['letterhead'] = letterhead(company)
        context['identifier_label'] = identifier_label
        context['qr'] = qr
        context['quantity'] = cls.format_quantity
        return context

    @classmethod
    def render_body(cls, records, data=None):
        "Return what the document says as the body of an e-mail"
        ActionReport = Pool().get('ir.action.report')
        action, = ActionReport.search([('report_name', '=', cls.__name__)])
        data = data or {}
        header = dict(cls.header_key(records[0], data))
        html = cls.render(action, cls.get_context(records, header, data))
        return html.partition('<body>')[2].partition('</body>')[0].strip()

    @classmethod
    def format_quantity(cls, value, unit, digits=2):
        "Return the number in the user's language, a no-break space, the unit"
        Lang = Pool().get('ir.lang')
        if value is None:
            return ''
        text = Lang.get().format_number(value, digits=digits)
        if digits:
            point = Lang.get().decimal_point
            text = text.rstrip('0').rstrip(point)
        return f'{text}\u00a0{unit}'

    @classmethod
    def convert(cls, report, data, **kwargs):
        if (report.template_extension, report.extension) != ('html', 'pdf'):
            return super().convert(report, data, **kwargs)
        return 'pdf', write_pdf(
            data, [read_stylesheet(path) for path in cls.stylesheets])
