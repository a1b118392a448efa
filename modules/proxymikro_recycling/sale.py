# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Workflow, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval, If
from trytond.transaction import Transaction

from .exceptions import SaleLotError
from .resale import Sold, with_taxes


class Sale(metaclass=PoolMeta):
    __name__ = 'sale.sale'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._buttons.update({
                'dispatch': {
                    'invisible': (
                        ~Eval('state').in_(['confirmed', 'processing'])
                        | ~Eval('shipment_state').in_(
                            ['waiting', 'partially shipped'])),
                    'depends': ['state', 'shipment_state'],
                    },
                })

    @classmethod
    def default_invoice_method(cls, **pattern):
        # What left is invoiced, so that each cent has its lot
        return 'fulfillment'

    @fields.depends(
        'state', 'party', 'invoice_party', 'company', 'currency',
        'sale_date', 'lines', methods=['on_change_lines'])
    def on_scan_code(self, code):
        "Add what is scanned to the line of its product, or to a new one"
        pool = Pool()
        Line = pool.get('sale.line')
        Lot = pool.get('stock.lot')
        if self.state != 'draft':
            return
        lot = Lot.find_sellable(code)
        lines = list(self.lines or [])
        if any(lot in (l.lots or []) for l in lines):
            return
        for line in lines:
            # Each weighed lot has a weight of its own to correct
            if lot.unit and line.lots and line.product == lot.product:
                break
        else:
            line = Line(sale=self, type='line', lots=[])
            lines.append(line)
        line.lots = [*line.lots, lot]
        line.on_change_lots()
        self.lines = lines
        self.on_change_lines()

    @classmethod
    @ModelView.button
    @Workflow.transition('quotation')
    def quote(cls, sales):
        cls._check_lots(sales)
        super().quote(sales)

    @classmethod
    @ModelView.button
    @Workflow.transition('confirmed')
    def confirm(cls, sales):
        cls._check_sold(sales)
        super().confirm(sales)

    @classmethod
    def _check_sold(cls, sales):
        "Refuse what may not be sold, to this buyer or at this price"
        Lot = Pool().get('stock.lot')
        Lot.check_sold([
                line.sold(lot) for sale in sales for line in sale.line_lines
                for lot in line.lots])

    @classmethod
    def _check_lots(cls, sales):
        Lot = Pool().get('stock.lot')
        lines = [l for s in sales for l in s.line_lines]
        # Two quotes at once of one part: the second sees the first
        Lot.write(Lot.browse(sorted(
                    {lot.id for line in lines for lot in line.lots})), {})
        cls._check_sold(sales)
        for line in lines:
            line._check_lots()
        cls._check_sold_once(lines)

    @classmethod
    def _check_sold_once(cls, lines):
        "Refuse the pieces that another sale has taken"
        Line = Pool().get('sale.line')
        pieces = {}
        for line in lines:
            for lot in line.lots:
                if lot.unit:
                    if lot in pieces:
                        cls._raise_sold(lot, pieces[lot])
                    pieces[lot] = line
        others = Line.search([
                ('lots', 'in', [l.id for l in pieces]),
                ('id', 'not in', [l.id for l in lines]),
                ('sale.state', 'in', ['quotation', 'confirmed', 'processing']),
                ])
        for other in others:
            lot = next(l for l in other.lots if l in pieces)
            if lot.sellable:
                cls._raise_sold(lot, other)

    @classmethod
    def _raise_sold(cls, lot, line):
        raise SaleLotError(gettext(
                'proxymikro_recycling.msg_sale_lot_twice',
                lot=lot.rec_name, sale=line.sale.rec_name))

    def create_shipment(self, shipment_type):
        shipments = super().create_shipment(shipment_type)
        for shipment in shipments or []:
            shipment.moves = [
                m for move in shipment.moves
                for m in move.origin._split_by_lot(move)]
        return shipments

    @classmethod
    @ModelView.button
    def dispatch(cls, sales):
        Shipment = Pool().get('stock.shipment.out')
        Shipment.dispatch([
                s for sale in sales for s in sale.shipments
                if s.state not in {'done', 'cancelled'}])


class SaleLine(metaclass=PoolMeta):
    __name__ = 'sale.line'

    lots = fields.Many2Many(
        'sale.line-stock.lot', 'line', 'lot', "Lots Sold",
        domain=[
            ['OR', ('component_kind', '!=', None), ('device', '=', True)],
            If(Bool(Eval('product')),
                ('product', '=', Eval('product', -1)),
                ()),
            If(Eval('sale_state') == 'draft',
                ['OR', ('available', '>', 0), ('stage', '=', 'ready')],
                ()),
            ],
        states={
            'invisible': Eval('type') != 'line',
            'readonly': Eval('sale_state') != 'draft',
            },
        help="The lots that are sold, scanned or chosen. "
        "The quantity follows them.")

    @fields.depends(
        'type', 'product', 'sale', '_parent_sale.sale_date',
        methods=['on_change_with_company'])
    def compute_taxes(self, party):
        taxes = super().compute_taxes(party)
        company = self.on_change_with_company()
        if not company or self.type != 'line':
            return taxes
        return company.sale_taxes(
            taxes, self.sale.sale_date if self.sale else None, party,
            self.product)

    @fields.depends('unit_price')
    def compute_unit_price(self):
        # A part has the price agreed with the buyer, that scanning the next
        # one must not forget
        price = super().compute_unit_price()
        return price if price is not None else self.unit_price

    @fields.depends(
        'lots', 'product', 'unit', 'quantity',
        methods=[
            'on_change_product', 'on_change_quantity',
            'on_change_with_amount'])
    def on_change_lots(self):
        if not self.lots:
            return
        if not self.product:
            self.product = self.lots[0].product
            self.on_change_product()
        self.unit = self.product.default_uom
        self.quantity = self.unit.round(sum(
                l.sellable for l in self.lots
                if l.product == self.product))
        self.on_change_quantity()
        self.amount = self.on_change_with_amount()

    def _check_lots(self):
        "Refuse the line whose quantity is not the one of its lots"
        if not self.product or self.quantity < 0:
            return
        if self.product.traced and not self.lots:
            raise SaleLotError(gettext(
                    'proxymikro_recycling.msg_sale_lot_required',
                    line=self.rec_name))
        if not self.lots:
            return
        shared = self._share_by_lot(self.quantity)
        if (len(shared) != len(self.lots)
                or self.unit.round(
                    sum(shared.values()) - self.quantity)):
            raise SaleLotError(gettext(
                    'proxymikro_recycling.msg_sale_lot_quantity',
                    line=self.rec_name,
                    lots=len(self.lots),
                    available=self.unit.round(
                        sum(self._lot_quantities().values()))))

    def sold(self, lot):
        "Return the sale of the lot, to check whether it may be"
        date = self.sale.sale_date
        if not date:
            with Transaction().set_context(company=self.sale.company.id):
                date = Pool().get('ir.date').today()
        price = with_taxes(self.taxes, self.unit_price or Decimal(0), date)
        return Sold(lot, self.sale.party, price, date)

    def _lot_quantities(self):
        "Return what may still be taken of each lot, in the unit of the line"
        Uom = Pool().get('product.uom')
        skips = set(self.moves_recreated) | set(self.moves_ignored)
        taken = {}
        for move in self.moves:
            if (move.lot and move not in skips
                    and move.state not in {'done', 'cancelled'}
                    and move.to_location.type == 'customer'):
                taken[move.lot] = (
                    taken.get(move.lot, 0) + move.internal_quantity)
        quantities = {}
        for lot in self.lots:
            left = Uom.compute_qty(
                self.product.default_uom,
                lot.sellable - taken.get(lot, 0), self.unit)
            if left > 0:
                quantities[lot] = left
        return quantities

    def _share_by_lot(self, quantity):
        "Return the quantity to take of each lot, in their order"
        shared = {}
        for lot, left in self._lot_quantities().items():
            if (part := self.unit.round(min(left, quantity))) > 0:
                shared[lot] = part
                quantity -= part
        return shared

    def _split_by_lot(self, move):
        "Return a move for each lot instead of the move of the whole line"
        Move = Pool().get('stock.move')
        if not self.lots:
            return [move]
        values = dict(move._values._items())
        return [
            Move(**{**values, 'lot': lot, 'quantity': quantity})
            for lot, quantity in self._share_by_lot(move.quantity).items()]

    @classmethod
    def copy(cls, lines, default=None):
        default = default.copy() if default is not None else {}
        # A part is sold once
        default.setdefault('lots', None)
        return super().copy(lines, default=default)


class SaleLineLot(ModelSQL):
    __name__ = 'sale.line-stock.lot'

    line = fields.Many2One(
        'sale.line', "Sale Line", required=True, ondelete='CASCADE')
    lot = fields.Many2One(
        'stock.lot', "Part", required=True, ondelete='RESTRICT')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('line')
