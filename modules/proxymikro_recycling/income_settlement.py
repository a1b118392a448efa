# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What the buyer settles of a row of income, and the waste slips of its lot."""
from collections import defaultdict

from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.tools import grouped_slice

SLICE = 500


class Income(metaclass=PoolMeta):
    __name__ = 'recycling.income'

    settlement_lines = fields.Function(
        fields.Many2Many(
            'recycling.settlement.line', None, None, "Settled",
            help="What the buyer weighed, graded, paid and held back."),
        'get_settlement_lines')
    slip_numbers = fields.Function(
        fields.Char(
            "Slip Numbers",
            help="The slips of the loads of waste in which the lot left, "
            "whole or in part."),
        'get_slip_numbers')

    @classmethod
    def get_settlement_lines(cls, rows, name):
        SettlementLine = Pool().get('recycling.settlement.line')
        invoiced = {r.id: r.invoice_line for r in rows if r.invoice_line}
        for id_, line in invoiced.items():
            # An adjustment is about what was invoiced first
            if isinstance(line.origin, SettlementLine):
                invoiced[id_] = line.origin.invoice_line
        settled = defaultdict(list)
        for sub_ids in grouped_slice(set(map(int, invoiced.values())), SLICE):
            for line in SettlementLine.search([
                        ('invoice_line', 'in', list(sub_ids)),
                        ('settlement.state', 'in', ['provisional', 'final']),
                        ], order=[('id', 'ASC')]):
                settled[line.invoice_line].append(line)
        return {
            r.id: [
                l.id for l in settled[invoiced.get(r.id)]
                if l.lot in {None, r.lot}]
            for r in rows}

    @classmethod
    def get_slip_numbers(cls, rows, name):
        Move = Pool().get('stock.move')
        numbers = defaultdict(dict)
        for sub_ids in grouped_slice(
                {r.lot.id for r in rows if r.lot}, SLICE):
            for move in Move.search([
                        ('lot', 'in', list(sub_ids)),
                        ('shipment.slip_number', '!=', None,
                            'stock.shipment.waste'),
                        ('state', '=', 'done'),
                        ], order=[('id', 'ASC')]):
                numbers[move.lot][move.shipment.slip_number] = None
        return {r.id: ', '.join(numbers[r.lot]) if r.lot else '' for r in rows}
