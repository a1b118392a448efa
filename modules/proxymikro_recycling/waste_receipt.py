# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The receipts that carriers, brokers and traders of waste get from the State.

Entered once on the party, proposed on each shipment, kept as they were there.
"""
from trytond.model import Index, ModelSQL, ModelView, fields
from trytond.pool import PoolMeta
from trytond.pyson import Eval, If

KINDS = [
    ('carrier', "Carrier"),
    ('broker', "Broker"),
    ('trader', "Trader"),
    ]


class WasteReceipt(ModelSQL, ModelView):
    __name__ = 'party.waste.receipt'

    party = fields.Many2One(
        'party.party', "Party", required=True, ondelete='CASCADE')
    kind = fields.Selection(KINDS, "As", required=True, sort=False)
    number = fields.Char(
        "Receipt Number", required=True, size=50,
        help="The number of the receipt of the declaration to the State.")
    start_date = fields.Date(
        "From",
        domain=[
            If(Eval('start_date') & Eval('end_date'),
                ('start_date', '<=', Eval('end_date')),
                ()),
            ])
    end_date = fields.Date(
        "Valid Until",
        domain=[
            If(Eval('start_date') & Eval('end_date'),
                ('end_date', '>=', Eval('start_date')),
                ()),
            ])

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_indexes.add(Index(t, (t.party, Index.Equality())))
        cls._order = [
            ('party', 'ASC'), ('kind', 'ASC'),
            ('end_date', 'DESC NULLS FIRST'), ('id', 'DESC')]

    @classmethod
    def default_kind(cls):
        return 'carrier'

    def get_rec_name(self, name):
        return self.number

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('number', *clause[1:])]

    @classmethod
    def get_latest(cls, party, kind):
        "Return the receipt of the party that ends last"
        receipts = cls.search([
                ('party', '=', party.id), ('kind', '=', kind),
                ], order=[('end_date', 'DESC NULLS FIRST'), ('id', 'DESC')],
            limit=1)
        return receipts[0] if receipts else None


class Party(metaclass=PoolMeta):
    __name__ = 'party.party'

    waste_receipts = fields.One2Many(
        'party.waste.receipt', 'party', "Waste Receipts",
        help="What allows the party to carry waste, or to trade in it.")
