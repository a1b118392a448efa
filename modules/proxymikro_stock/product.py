# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.model import fields
from trytond.pool import PoolMeta
from trytond.pyson import Eval

KINDS = [
    (None, ""),
    ('desktop', "Desktop"),
    ('laptop', "Laptop"),
    ('screen', "Screen"),
    ('tablet', "Tablet"),
    ('smartphone', "Smartphone"),
    ('printer', "Printer"),
    ('multifunction', "Multifunction Printer"),
    ('server', "Server"),
    ('network', "Network Equipment"),
    ('other', "Other"),
    ]


class Template(metaclass=PoolMeta):
    __name__ = 'product.template'

    device = fields.Boolean(
        "Device",
        states={
            'invisible': Eval('type') != 'goods',
            },
        help="Check if each unit is followed one by one, with its tag.")
    accessory = fields.Boolean(
        "Accessory",
        states={
            'invisible': (Eval('type') != 'goods') | Eval('device', False),
            },
        help="Check if it is lent with devices, by count: "
        "it is not followed one by one.")
    device_kind = fields.Selection(
        KINDS, "Kind of Device", sort=False,
        states={
            'invisible': ~Eval('device'),
            'required': Eval('device', False),
            },
        help="The family of equipment that the device belongs to.")
    may_hold_data = fields.Boolean(
        "May Hold Data",
        states={
            'invisible': ~Eval('device'),
            },
        help="Check if devices of this kind may have a drive: "
        "they can't leave before it is erased, or its absence is declared.")
    usual_weight = fields.Float(
        "Usual Weight", digits=(None, 3),
        domain=['OR',
            ('usual_weight', '=', None),
            ('usual_weight', '>', 0),
            ],
        help="The weight in kg of a unit that has not been weighed.")


class Product(metaclass=PoolMeta):
    __name__ = 'product.product'
