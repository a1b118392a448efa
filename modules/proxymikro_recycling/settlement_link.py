# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""From what was invoiced, and from a lot, to what the buyer settled."""
from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval


class InvoiceLine(metaclass=PoolMeta):
    __name__ = 'account.invoice.line'

    settlement = fields.Function(
        fields.Many2One(
            'recycling.settlement', "Settlement",
            states={'invisible': ~Bool(Eval('settlement'))},
            help="The buyer's note that settles the line, or that it "
            "adjusts."),
        'get_settlement', searcher='search_settlement')

    @classmethod
    def _get_origin(cls):
        return super()._get_origin() + ['recycling.settlement.line']

    @property
    def has_left(self):
        # What it adjusts was invoiced with its moves
        Line = Pool().get('recycling.settlement.line')
        return super().has_left or isinstance(self.origin, Line)

    @classmethod
    def get_settlement(cls, lines, name):
        Line = Pool().get('recycling.settlement.line')
        result = dict.fromkeys((l.id for l in lines), None)
        for line in Line.search([
                    ('invoice_line', 'in', list(result)),
                    ('settlement.state', '!=', 'cancelled'),
                    ]):
            result[line.invoice_line.id] = line.settlement.id
        for line in lines:
            if isinstance(line.origin, Line):
                result[line.id] = line.origin.settlement.id
        return result

    @classmethod
    def search_settlement(cls, name, clause):
        Line = Pool().get('recycling.settlement.line')
        lines = Line.search([
                ('settlement' + clause[0][len(name):], *clause[1:]),
                ('settlement.state', '!=', 'cancelled'),
                ])
        return ['OR',
            ('id', 'in', [l.invoice_line.id for l in lines]),
            ('origin', 'in', [str(l) for l in lines]),
            ]


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    settlements = fields.Function(
        fields.Many2Many(
            'recycling.settlement', None, None, "Settlements",
            help="The buyers' notes that speak of it."),
        'get_settlements', searcher='search_settlements')

    @classmethod
    def get_settlements(cls, lots, name):
        Line = Pool().get('recycling.settlement.line')
        result = {l.id: [] for l in lots}
        for line in Line.search([
                    ('lots', 'in', list(result)),
                    ('settlement.state', '!=', 'cancelled'),
                    ]):
            for lot in line.lots:
                settlements = result.get(lot.id)
                if (settlements is not None
                        and line.settlement.id not in settlements):
                    settlements.append(line.settlement.id)
        return result

    @classmethod
    def search_settlements(cls, name, clause):
        Line = Pool().get('recycling.settlement.line')
        lines = Line.search([
                ('settlement' + clause[0][len(name):], *clause[1:]),
                ('settlement.state', '!=', 'cancelled'),
                ])
        return [('id', 'in', list({lot.id for l in lines for lot in l.lots}))]
