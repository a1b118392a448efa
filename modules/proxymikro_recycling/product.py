# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.model import fields
from trytond.pool import PoolMeta
from trytond.pyson import Bool, Eval

# The same symbols as device.component, so that what a report found in a
# device is proposed as a part when the device is dismantled
COMPONENT_KINDS = [
    (None, ""),
    ('processor', "Processor"),
    ('memory', "Memory Module"),
    ('motherboard', "Motherboard"),
    ('drive', "Drive"),
    ('graphics', "Graphics Card"),
    ('network', "Network Card"),
    ('optical', "Optical Drive"),
    ('battery', "Battery"),
    ('psu', "Power Supply"),
    ('display', "Display"),
    ('other', "Other Part"),
    ('scrap', "Scrap"),
    ]


class Template(metaclass=PoolMeta):
    __name__ = 'product.template'

    component_kind = fields.Selection(
        COMPONENT_KINDS, "Kind of Part", sort=False,
        states={
            'invisible': Bool(Eval('device')),
            },
        help="What the dismantling of a device takes out. "
        "Parts of this kind are proposed under this product.")
    component_grade = fields.Many2One(
        'recycling.grade', "Usual Grade", ondelete='RESTRICT',
        domain=[('kinds', 'in', Eval('component_kind'))],
        states={
            'invisible': ~Bool(Eval('component_kind')),
            },
        help="The grade given to the parts of this product unless another "
        "is chosen.")


class Product(metaclass=PoolMeta):
    __name__ = 'product.product'
