# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Forty devices at once: a kind and a count, or serials scanned or pasted."""
import re

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.proxymikro_base.importer import ValueProblem
from trytond.pool import Pool
from trytond.pyson import Bool, Eval
from trytond.tools import grouped_slice
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .device_row import normalize_serial, parse_value, same_unit
from .exceptions import CollectionError


class AddDevices(Wizard):
    __name__ = 'stock.shipment.in.add_devices'

    start = StateView('stock.shipment.in.add_devices.start',
        'proxymikro_stock.add_devices_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Add", 'add', 'tryton-ok', default=True),
            ])
    add = StateTransition()

    def transition_add(self):
        rows = self.start.get_rows()
        self.model.add_devices(self.record, rows)
        return 'end'


class AddDevicesStart(ModelView):
    __name__ = 'stock.shipment.in.add_devices.start'

    product = fields.Many2One(
        'product.product', "Kind", required=True,
        domain=[('device', '=', True)])
    count = fields.Integer(
        "Count", required=True,
        domain=[('count', '>', 0), ('count', '<=', 1000)],
        states={
            'readonly': Bool(Eval('serial_numbers')),
            },
        help="How many devices of this kind to add.")
    manufacturer = fields.Char("Manufacturer")
    model = fields.Char("Model")
    weight = fields.Float(
        "Unit Weight", digits=(None, 3),
        help="The weight of each device in kg. "
        "Leave empty to use the usual weight of the kind.")
    gift_value = fields.Numeric(
        "Unit Value", digits=(None, 2),
        domain=['OR',
            ('gift_value', '=', None),
            ('gift_value', '>=', 0),
            ],
        help="What each device is worth, in euros, when it is given.")
    acquired_on = fields.Date(
        "Acquired On",
        help="The day the donor acquired the devices.")
    serial_numbers = fields.Text(
        "Serial Numbers",
        help="One device by line, scanned or pasted from a spreadsheet: "
        "its serial number then, after a tab or a semicolon, "
        "the donor's number.")

    @classmethod
    def default_count(cls):
        return 1

    @fields.depends('serial_numbers', 'count')
    def on_change_serial_numbers(self):
        if numbers := self._numbers:
            self.count = len(numbers)

    @property
    def _numbers(self):
        "Return the serial number and the donor's number of each line"
        numbers = []
        for line in (self.serial_numbers or '').splitlines():
            if not line.strip(' \t;'):
                continue
            serial, donor_number, *_ = re.split(r'[\t;]', line) + ['']
            try:
                numbers.append((
                        parse_value('serial_number', serial),
                        parse_value('donor_number', donor_number)))
            except ValueProblem as problem:
                raise CollectionError(gettext(
                        f'proxymikro_base.msg_import_{problem.code}',
                        **problem.values)) from problem
        return numbers

    def get_rows(self):
        row = {
            'product': self.product,
            'manufacturer': self.manufacturer,
            'model': self.model,
            'weight': self.weight,
            'gift_value': self.gift_value,
            'acquired_on': self.acquired_on,
            }
        if not (numbers := self._numbers):
            return [row] * self.count
        self._check_serials([s for s, _ in numbers if s])
        return [{
                **row, 'serial_number': serial, 'donor_number': donor_number,
                } for serial, donor_number in numbers]

    def _check_serials(self, serials):
        "Refuse the serial numbers that are there twice or already known"
        Lot = Pool().get('stock.lot')
        found = {}
        for serial in serials:
            if (key := normalize_serial(serial)) in found:
                raise CollectionError(gettext(
                        'proxymikro_stock.msg_serial_twice', serial=serial))
            found[key] = serial
        for sub_serials in grouped_slice(serials, 500):
            for lot in Lot.search([
                        ('serial_number', 'in', list(sub_serials)),
                        ('product', '=', self.product.id),
                        ]):
                if same_unit(lot.manufacturer, self.manufacturer):
                    raise CollectionError(gettext(
                            'proxymikro_stock.msg_serial_known',
                            serial=lot.serial_number, lot=lot.rec_name))
