# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What is sold for its material: waste with a price.

What came out of discarded devices and is not sold to be used again is waste
until it is treated (Code de l'environnement, art. L541-1-1), whatever it
brings: it leaves by a waste shipment, which the register follows
(art. R541-43), and its buyer invoiced once it has left.
"""
from trytond.i18n import gettext
from trytond.model import ModelView, Workflow, fields
from trytond.modules.sale.sale import (
    get_shipments_returns, search_shipments_returns)
from trytond.modules.sale.stock import process_sale
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction

from .exceptions import HazardousSaleWarning, SaleLotError, SaleWasteError


class Sale(metaclass=PoolMeta):
    __name__ = 'sale.sale'

    waste_shipments = fields.Function(
        fields.Many2Many(
            'stock.shipment.waste', None, None, "Waste Shipments",
            states={
                'invisible': ~Bool(Eval('waste_shipments')),
                },
            help="What is sold for its material leaves by them."),
        'get_waste_shipments', searcher='search_waste_shipments')

    get_waste_shipments = get_shipments_returns('stock.shipment.waste')
    search_waste_shipments = search_shipments_returns('stock.shipment.waste')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        dispatch = cls._buttons['dispatch']
        dispatch['invisible'] |= ~Bool(Eval('shipments', []))
        dispatch['depends'].append('shipments')

    @classmethod
    def _check_lots(cls, sales):
        super()._check_lots(sales)
        for company in {s.company for s in sales}:
            with Transaction().set_context(company=company.id):
                cls._check_hazardous([
                        l for s in sales if s.company == company
                        for l in s.line_lines
                        if l.lots and l.quantity >= 0 and not l.material])

    @classmethod
    def _check_hazardous(cls, lines):
        "Warn that only what is used again is not hazardous waste"
        pool = Pool()
        Default = pool.get('waste.default')
        Warning = pool.get('res.user.warning')
        parts = {l.product for l in lines if l.product.component_kind}
        defaults = Default.get_defaults(parts, pool.get('ir.date').today())
        for line in lines:
            default = defaults.get(line.product)
            if not default or not default.waste_code.hazardous:
                continue
            key = Warning.format('sale_hazardous', [line])
            if Warning.check(key):
                raise HazardousSaleWarning(key, gettext(
                        'proxymikro_recycling.msg_sale_hazardous',
                        line=line.rec_name,
                        code=default.waste_code.rec_name))

    def _get_shipment_moves(self, shipment_type):
        return {
            line: move for line, move
            in super()._get_shipment_moves(shipment_type).items()
            if shipment_type != 'out' or not line.material}

    @classmethod
    def _process_fulfillment(cls, sales):
        Shipment = Pool().get('stock.shipment.waste')
        super()._process_fulfillment(sales)
        shipments = [w for s in sales if (w := s.get_waste_shipment())]
        Shipment.save(shipments)
        Shipment.propose(shipments)

    def get_waste_shipment(self):
        "Return the waste shipment of what is left to take away, if any is"
        pool = Pool()
        Lot = pool.get('stock.lot')
        Shipment = pool.get('stock.shipment.waste')
        if (self.shipment_method == 'manual'
                and not Transaction().context.get('_sale_manual_shipment')):
            return
        lines = {
            l: m for l in self.line_lines if l.material
            if (m := l.get_move('out'))}
        if not lines:
            return
        stored = Lot.stored([lot for l in lines for lot in l.lots])
        moves = [
            m for line, move in lines.items()
            for m in line._split_by_store(move, stored)]
        if not moves:
            return
        return Shipment(
            company=self.company, party=self.shipment_party or self.party,
            planned_date=max(m.planned_date for m in moves), moves=moves)


class SaleLine(metaclass=PoolMeta):
    __name__ = 'sale.line'

    material = fields.Boolean(
        "For Its Material",
        states={
            'invisible': ~Bool(Eval('lots')),
            'readonly': Eval('sale_state') != 'draft',
            },
        help="Check if the buyer recycles what it buys: it is waste, that "
        "leaves by a waste shipment. What is sold by weight always is.")

    @classmethod
    def default_material(cls):
        return False

    @fields.depends('lots', 'material')
    def on_change_lots(self):
        super().on_change_lots()
        self.material = bool(self.lots) and (
            self.material or any(l.is_material for l in self.lots))

    def _check_lots(self):
        super()._check_lots()
        if not self.lots or self.quantity < 0:
            return
        if not self.material:
            if any(l.is_material for l in self.lots):
                raise SaleLotError(gettext(
                        'proxymikro_recycling.msg_sale_material_required',
                        line=self.rec_name))
            return
        for lot in self.lots:
            if not lot.available:
                raise SaleLotError(gettext(
                        'proxymikro_recycling.msg_sale_material_discard',
                        line=self.rec_name, lot=lot.rec_name))

    def _split_by_store(self, move, stored):
        "Return a move for each lot and each place that holds some of it"
        pool = Pool()
        Move = pool.get('stock.move')
        Uom = pool.get('product.uom')
        values = dict(move._values._items())
        moves = []
        for lot, left in self._share_by_lot(move.quantity).items():
            for location, quantity in stored[lot.id].items():
                part = self.unit.round(min(left, Uom.compute_qty(
                            self.product.default_uom, quantity, self.unit)))
                if part > 0:
                    moves.append(Move(**{
                                **values, 'lot': lot, 'quantity': part,
                                'from_location': location}))
                    left -= part
        return moves

    @property
    def _refused_quantity(self):
        "What the buyer of waste sent back, in the unit of the line"
        Uom = Pool().get('product.uom')
        if not self.material or self.quantity < 0:
            return 0
        return sum(
            Uom.compute_qty(m.unit, m.quantity, self.unit)
            for m in self.moves
            if m.state == 'done' and m.from_location.type == 'customer')

    def _get_shipped_quantity(self, shipment_type):
        # Core counts what came back as it counts what left
        return (super()._get_shipped_quantity(shipment_type)
            - 2 * self._refused_quantity)

    @property
    def _move_remaining_quantity(self):
        quantity = super()._move_remaining_quantity
        if quantity is not None:
            quantity += 2 * self._refused_quantity
        return quantity

    def _get_invoice_line_moves(self, quantity):
        if self.material and quantity < 0 < self.quantity:
            return [
                m for m in self.moves if m.state == 'done'
                and m.from_location.type == 'customer'
                and not m.invoice_lines]
        return super()._get_invoice_line_moves(quantity)

    @classmethod
    def copy(cls, lines, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('material', False)
        return super().copy(lines, default=default)


class Lot(metaclass=PoolMeta):
    __name__ = 'stock.lot'

    @property
    def is_material(self):
        "Whether it can only be sold for its material"
        return bool(self.component_kind) and (
            self.component_kind == 'scrap' or not self.unit)


class Move(metaclass=PoolMeta):
    __name__ = 'stock.move'

    @classmethod
    def _check_destinations(cls, moves):
        "Let waste go to a buyer by a waste shipment only"
        pool = Pool()
        Shipment = pool.get('stock.shipment.waste')
        SaleLine = pool.get('sale.line')
        super()._check_destinations(moves)
        for move in moves:
            if (not move.lot or move.to_location.type != 'customer'
                    or isinstance(move.shipment, Shipment)):
                continue
            if move.lot.is_material or (
                    isinstance(move.origin, SaleLine)
                    and move.origin.material):
                raise SaleWasteError(gettext(
                        'proxymikro_recycling.msg_sale_waste',
                        lot=move.lot.rec_name))

    @property
    def _buyer(self):
        Shipment = Pool().get('stock.shipment.waste')
        if isinstance(self.shipment, Shipment):
            return self.shipment.party
        return super()._buyer


class ShipmentWaste(metaclass=PoolMeta):
    __name__ = 'stock.shipment.waste'

    @classmethod
    @ModelView.button
    @Workflow.transition('sent')
    @process_sale('moves')
    def send(cls, shipments):
        super().send(shipments)

    @classmethod
    @ModelView.button
    @Workflow.transition('refused')
    @process_sale('moves')
    def refuse(cls, shipments):
        super().refuse(shipments)

    def _get_back_move(self, move):
        back = super()._get_back_move(move)
        if move.sale:
            # What comes back of a sale is not invoiced
            back.origin = move.origin
            back.unit_price, back.currency = move.unit_price, move.currency
        return back
