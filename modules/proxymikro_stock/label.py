# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from typing import NamedTuple

import barcode
from barcode.errors import BarcodeError
from genshi.builder import tag

from trytond.model import ModelView, fields
from trytond.modules.proxymikro_base.report import HTMLReportMixin
from trytond.pool import PoolMeta
from trytond.pyson import Eval, If
from trytond.report import Report
from trytond.tools import grouped_slice
from trytond.wizard import Button, StateReport, StateView, Wizard

# What the readers read: the width in mm of the thinnest bar
MODULE_MIN, MODULE_MAX = 0.19, 0.33
QUIET = 10
MARGIN = 4


class Format(NamedTuple):
    "The lengths of a sheet in mm"
    width: float
    height: float
    page_width: float
    page_height: float
    columns: int = 1
    rows: int = 1
    gap: float = 0

    @property
    def count(self):
        return self.columns * self.rows

    def place(self, position):
        "Return from the left and the top where the label is, on a page"
        row, column = divmod(position, self.columns)
        width = self.columns * (self.width + self.gap) - self.gap
        left = (self.page_width - width) / 2
        top = (self.page_height - self.rows * self.height) / 2
        return left + column * (self.width + self.gap), top + row * self.height

    @property
    def qr(self):
        "The side of the QR code, a margin around it"
        return min(self.height - 2 * MARGIN, 21)


FORMATS = {
    'a4_70x37': Format(70, 37, 210, 297, columns=3, rows=8),
    'a4_63x34': Format(63.5, 33.9, 210, 297, columns=3, rows=8, gap=2.5),
    'roll_62x29': Format(62, 29, 62, 29),
    }


def code128(text, width):
    """Return a bar code of the text as an inline SVG of at most the width in mm.

    Nothing if no reader would read it.
    """
    try:
        bars, = barcode.get_barcode_class('code128')(text).build()
    except BarcodeError:
        return None
    size = len(bars)
    module = min(width / (size + 2 * QUIET), MODULE_MAX)
    if module < MODULE_MIN:
        return None
    path = ''.join(f'M{x} 0h1v1h-1z' for x, b in enumerate(bars) if b == '1')
    return tag.svg(
        tag.path(d=path, fill='#000'),
        xmlns='http://www.w3.org/2000/svg', preserveAspectRatio='none',
        viewBox=f'0 0 {size} 1', class_='bars',
        style=f'width: {size * module:.2f}mm')


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    def get_label(self):
        "Return what the label says, which anybody may read"
        names = [self.manufacturer, self.model]
        return {
            'code': self.number,
            'name': self.product.name,
            'detail': ' '.join(filter(None, names)),
            'url': self.public_url,
            # Labels are also printed before the reception
            'is_ours': self.is_ours or not self.location,
            }


class Location(metaclass=PoolMeta):
    __name__ = 'stock.location'

    def get_label(self):
        return {
            'code': self.code,
            'name': self.name,
            'detail': None,
            'url': None,
            'is_ours': False,
            }


class Label(HTMLReportMixin, Report):
    __name__ = 'stock.label'
    stylesheets = ['proxymikro_stock/report/label.css']

    @classmethod
    def get_context(cls, records, header, data):
        context = super().get_context(records, header, data)
        format_ = FORMATS[data['format']]
        labels = [
            r.get_label() for r in records for _ in range(data['copies'])]
        # The places already used of the first sheet
        labels = [None] * ((data['start'] - 1) % format_.count) + labels
        context['format'] = format_
        context['pages'] = [
            [(*format_.place(i), label)
                for i, label in enumerate(page) if label]
            for page in grouped_slice(labels, format_.count)]
        context['margin'] = MARGIN
        context['code128'] = code128
        return context


class PrintLabels(Wizard):
    __name__ = 'stock.label.print'

    start = StateView('stock.label.print.start',
        'proxymikro_stock.label_print_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Print", 'print_', 'tryton-print', default=True),
            ])
    print_ = StateReport('stock.label')

    def do_print_(self, action):
        model, records = self.model.__name__, self.records
        if model == 'stock.shipment.in':
            model = 'stock.lot'
            records = [d for r in records for d in r.devices]
        return action, {
            'ids': [r.id for r in records],
            'model': model,
            'format': self.start.format,
            'start': self.start.start or 1,
            'copies': self.start.copies,
            }


class PrintLabelsStart(ModelView):
    __name__ = 'stock.label.print.start'

    format = fields.Selection([
            ('a4_70x37', "A4 sheet of 24 labels, 70 × 37 mm"),
            ('a4_63x34', "A4 sheet of 24 labels, 63.5 × 33.9 mm"),
            ('roll_62x29', "Label printer, 62 × 29 mm"),
            ], "Format", required=True, sort=False)
    start = fields.Integer(
        "First Label",
        domain=[
            If(Eval('format') == 'roll_62x29',
                [],
                [('start', '>=', 1), ('start', '<=', 24)]),
            ],
        states={
            'invisible': Eval('format') == 'roll_62x29',
            'required': Eval('format') != 'roll_62x29',
            },
        help="The place of the first label on a sheet already begun, "
        "counted from left to right, then down.")
    copies = fields.Integer(
        "Copies", required=True,
        domain=[
            ('copies', '>=', 1),
            ('copies', '<=', 100),
            ],
        help="How many labels of each.")

    @classmethod
    def default_format(cls):
        return 'a4_70x37'

    @classmethod
    def default_start(cls):
        return 1

    @classmethod
    def default_copies(cls):
        return 1
