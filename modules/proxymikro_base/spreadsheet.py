# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Tables for a spreadsheet, as an ODS or as a CSV a French one opens.

A number stays a number, a date a date, and no text is taken for a formula.
"""
import csv
import datetime as dt
import io
import zipfile
from decimal import Decimal
from typing import NamedTuple
from xml.sax.saxutils import escape

from .export import protect
from .report import HTMLReportMixin

MIMETYPE = 'application/vnd.oasis.opendocument.spreadsheet'
MANIFEST = f'''<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest manifest:version="1.2" \
xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIMETYPE}"/>
<manifest:file-entry manifest:full-path="content.xml" \
manifest:media-type="text/xml"/>
</manifest:manifest>'''
_URN = 'urn:oasis:names:tc:opendocument:xmlns'
CONTENT = f'''<?xml version="1.0" encoding="UTF-8"?>
<office:document-content office:version="1.2" \
xmlns:office="{_URN}:office:1.0" xmlns:table="{_URN}:table:1.0" \
xmlns:text="{_URN}:text:1.0" xmlns:style="{_URN}:style:1.0" \
xmlns:number="{_URN}:datastyle:1.0" \
xmlns:fo="{_URN}:xsl-fo-compatible:1.0">
<office:automatic-styles>
<number:number-style style:name="N1"><number:number \
number:decimal-places="2" number:min-decimal-places="2" \
number:min-integer-digits="1" number:grouping="true"/></number:number-style>
<number:date-style style:name="N2"><number:day number:style="long"/>\
<number:text>/</number:text><number:month number:style="long"/>\
<number:text>/</number:text><number:year number:style="long"/>\
</number:date-style>
<style:style style:name="amount" style:family="table-cell" \
style:data-style-name="N1"/>
<style:style style:name="date" style:family="table-cell" \
style:data-style-name="N2"/>
<style:style style:name="header" style:family="table-cell">\
<style:text-properties fo:font-weight="bold"/></style:style>
</office:automatic-styles>
<office:body><office:spreadsheet>'''
END = '</office:spreadsheet></office:body></office:document-content>'
# What XML 1.0 cannot hold
CONTROLS = {i: None for i in range(32) if chr(i) not in '\t\n\r'}


class Table(NamedTuple):
    title: str
    header: list
    rows: list


def csv_cell(value):
    if value is None:
        return ''
    if isinstance(value, (Decimal, float)):
        return str(value).replace('.', ',')
    if isinstance(value, dt.date):
        return f'{value:%d/%m/%Y}'
    return value if isinstance(value, int) else protect(str(value))


def write_csv(tables):
    "Return the tables one below the other, separated by semicolons"
    output = io.StringIO(newline='')
    output.write('\N{ZERO WIDTH NO-BREAK SPACE}')  # tells the encoding
    writer = csv.writer(output, delimiter=';')
    for i, table in enumerate(tables):
        if len(tables) > 1:
            writer.writerows([[]] * bool(i) + [[protect(table.title)]])
        writer.writerow(map(csv_cell, table.header))
        for row in table.rows:
            writer.writerow(map(csv_cell, row))
    return output.getvalue().encode('utf-8')


def ods_cell(value, style=''):
    if value is None:
        return '<table:table-cell/>'
    if isinstance(value, (int, float, Decimal)):
        style = '' if isinstance(value, int) else ' table:style-name="amount"'
        return (
            f'<table:table-cell{style} office:value-type="float" '
            f'office:value="{value}"/>')
    if isinstance(value, dt.date):
        return (
            '<table:table-cell table:style-name="date" '
            f'office:value-type="date" office:date-value="{value}"/>')
    text = escape(str(value).translate(CONTROLS))
    return (
        f'<table:table-cell{style} office:value-type="string">'
        f'<text:p>{text}</text:p></table:table-cell>')


def write_ods(tables):
    "Return the tables as the sheets of a file"
    content = io.BytesIO()
    with zipfile.ZipFile(content, 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.writestr('mimetype', MIMETYPE, zipfile.ZIP_STORED)
        archive.writestr('META-INF/manifest.xml', MANIFEST)
        with archive.open('content.xml', 'w') as output:
            output.write(CONTENT.encode('utf-8'))
            for table in tables:
                name = escape(table.title, {'"': '&quot;'})
                output.write(
                    f'<table:table table:name="{name}">'.encode('utf-8'))
                style = ' table:style-name="header"'
                write_ods_row(output, table.header, style)
                for row in table.rows:
                    write_ods_row(output, row)
                output.write(b'</table:table>')
            output.write(END.encode('utf-8'))
    return content.getvalue()


def write_ods_row(output, row, style=''):
    cells = ''.join(ods_cell(value, style) for value in row)
    output.write(
        f'<table:table-row>{cells}</table:table-row>'.encode('utf-8'))


WRITERS = {
    'csv': write_csv,
    'ods': write_ods,
    }


class SpreadsheetReportMixin(HTMLReportMixin):
    """Mixin for reports in HTML which are also given as tables.

    The ``format`` of the data decides: pdf (by default), ods or csv.
    """
    __slots__ = ()

    @classmethod
    def get_tables(cls, records, data):
        "Return the tables of the spreadsheet"
        raise NotImplementedError

    @classmethod
    def _execute(cls, records, header, data, action):
        format_ = data.get('format', 'pdf')
        if format_ not in WRITERS:
            return super()._execute(records, header, data, action)
        tables = cls.get_tables(records, data)
        return format_, WRITERS[format_](tables)
