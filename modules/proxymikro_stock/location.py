# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from trytond.model import fields
from trytond.pool import PoolMeta
from trytond.pyson import Eval

STAGES = [
    (None, ""),
    ('reception', "Reception"),
    ('workshop', "Workshop"),
    ('ready', "Ready"),
    ('lent', "Lent"),
    ('parts', "Parts Store"),
    ('scrap', "Scrap Cage"),
    ('treatment', "Treatment"),
    ]


class Location(metaclass=PoolMeta):
    __name__ = 'stock.location'

    stage = fields.Selection(
        STAGES, "Stage", sort=False,
        help="What being here means for a device: "
        "its stage is the stage of its place.")
    borrower = fields.Many2One(
        'party.party', "Borrower", ondelete='RESTRICT',
        states={
            'invisible': Eval('stage') != 'lent',
            },
        help="The member who answers for what is here.")
    place = fields.Many2One(
        'party.party', "Place", ondelete='RESTRICT',
        states={
            'invisible': Eval('stage') != 'lent',
            },
        help="The establishment where the equipment is, "
        "when it is not the borrower's own.")
