# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Unique, fields
from trytond.modules.currency.fields import Monetary
from trytond.modules.product import price_digits
from trytond.modules.proxymikro_stock.evidence import SealedMixin
from trytond.pool import Pool
from trytond.pyson import Eval


class _OfSettlement(SealedMixin):
    "What is sealed with its settlement"
    __slots__ = ()

    @classmethod
    def get_settlement_states(cls):
        Settlement = Pool().get('recycling.settlement')
        return Settlement.fields_get(['state'])['state']['selection']


class SettlementLine(_OfSettlement, ModelSQL, ModelView):
    __name__ = 'recycling.settlement.line'

    settlement = fields.Many2One(
        'recycling.settlement', "Settlement", required=True,
        ondelete='CASCADE')
    settlement_state = fields.Function(
        fields.Selection('get_settlement_states', "State of the Settlement"),
        'on_change_with_settlement_state')
    party = fields.Function(
        fields.Many2One('party.party', "Buyer"), 'on_change_with_party')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    invoice_line = fields.Many2One(
        'account.invoice.line', "Invoiced Line", required=True,
        ondelete='RESTRICT',
        domain=[
            ('type', '=', 'line'),
            ('invoice.type', '=', 'out'),
            ('invoice.party', '=', Eval('party', -1)),
            ('quantity', '>', 0),
            ('stock_moves', '!=', None),
            ],
        help="The line of the provisional invoice that the buyer settles.")
    settles = fields.Many2One(
        'account.invoice.line', "Settles", readonly=True,
        ondelete='RESTRICT',
        help="The invoiced line, kept by one settlement at a time.")
    lot = fields.Many2One(
        'stock.lot', "Lot", ondelete='RESTRICT',
        domain=[('id', 'in', Eval('invoiced_lots', []))],
        help="Leave empty if the buyer settles all the lots of the line.")
    invoiced_lots = fields.Function(
        fields.Many2Many('stock.lot', None, None, "Invoiced Lots"),
        'on_change_with_invoiced_lots')
    lots = fields.Function(
        fields.Many2Many('stock.lot', None, None, "Lots"),
        'get_lots', searcher='search_lots')
    unit = fields.Function(
        fields.Many2One('product.uom', "Unit"), 'on_change_with_unit')
    grade = fields.Many2One(
        'recycling.grade', "Our Grade", ondelete='RESTRICT')
    buyer_grade = fields.Many2One(
        'recycling.grade', "Buyer's Grade", ondelete='RESTRICT')
    downgraded = fields.Function(
        fields.Boolean("Downgraded"), 'on_change_with_downgraded')
    quantity = fields.Float(
        "Our Quantity", digits='unit', required=True,
        domain=[('quantity', '>', 0)],
        help="What left, in kg or in pieces.")
    buyer_quantity = fields.Float(
        "Buyer's Quantity", digits='unit', required=True,
        domain=[('buyer_quantity', '>=', 0)],
        help="What the buyer's weighbridge or count says.")
    weight = fields.Float("Our Weight", digits=(None, 3), readonly=True)
    buyer_weight = fields.Float(
        "Buyer's Weight", digits=(None, 3), readonly=True)
    unit_price = fields.Function(
        Monetary("Invoiced Price", currency='currency', digits=price_digits),
        'on_change_with_unit_price')
    buyer_price = Monetary(
        "Price Paid", currency='currency', digits=price_digits,
        required=True, domain=[('buyer_price', '>=', 0)],
        help="What the buyer pays by unit, before the deductions.")
    deductions = fields.One2Many(
        'recycling.settlement.deduction', 'line', "Deductions")
    deduction_amount = fields.Function(
        Monetary("Deducted", currency='currency', digits='currency'),
        'on_change_with_deduction_amount')
    provisional_amount = Monetary(
        "Provisional", currency='currency', digits='currency', readonly=True)
    final_amount = fields.Function(
        Monetary("Settled", currency='currency', digits='currency'),
        'on_change_with_final_amount')
    settled_amount = Monetary(
        "Settled for Good", currency='currency', digits='currency',
        readonly=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('settlement')
        t = cls.__table__()
        cls._sql_constraints += [
            ('settles_unique', Unique(t, t.settles),
                'proxymikro_recycling.msg_settlement_line_settles_unique'),
            ]
        cls._sql_indexes.add(Index(t, (t.invoice_line, Index.Range())))

    @property
    def is_sealed(self):
        return self.settlement.state == 'final'

    @fields.depends('settlement', '_parent_settlement.state')
    def on_change_with_settlement_state(self, name=None):
        return self.settlement.state if self.settlement else None

    @fields.depends('settlement', '_parent_settlement.party')
    def on_change_with_party(self, name=None):
        return self.settlement.party if self.settlement else None

    @fields.depends('settlement', '_parent_settlement.company')
    def on_change_with_currency(self, name=None):
        if self.settlement and self.settlement.company:
            return self.settlement.company.currency

    @fields.depends('invoice_line')
    def on_change_with_invoiced_lots(self, name=None):
        if self.invoice_line:
            return list(dict.fromkeys(
                    m.lot.id for m in self.invoice_line.stock_moves if m.lot))
        return []

    @fields.depends('invoice_line')
    def on_change_with_unit(self, name=None):
        return self.invoice_line.unit if self.invoice_line else None

    @fields.depends('invoice_line')
    def on_change_with_unit_price(self, name=None):
        return self.invoice_line.unit_price if self.invoice_line else None

    @fields.depends('grade', 'buyer_grade')
    def on_change_with_downgraded(self, name=None):
        return bool(
            self.grade and self.buyer_grade
            and self.grade != self.buyer_grade)

    @fields.depends('deductions')
    def on_change_with_deduction_amount(self, name=None):
        return sum((d.amount or 0 for d in self.deductions or ()), Decimal(0))

    @fields.depends(
        'buyer_quantity', 'buyer_price', 'currency',
        methods=['on_change_with_deduction_amount'])
    def on_change_with_final_amount(self, name=None):
        gross = (
            Decimal(str(self.buyer_quantity or 0))
            * (self.buyer_price or Decimal(0)))
        if self.currency:
            gross = self.currency.round(gross)
        return gross - self.on_change_with_deduction_amount()

    @fields.depends(
        'invoice_line', 'quantity', methods=['on_change_quantity'])
    def on_change_invoice_line(self):
        if self.invoice_line:
            for name, value in self._from_invoice(self.invoice_line).items():
                setattr(self, name, value)
            self.on_change_quantity()

    @fields.depends('invoice_line', 'quantity', 'currency')
    def on_change_quantity(self):
        line = self.invoice_line
        if line and line.quantity and self.quantity:
            self.provisional_amount = line.currency.round(
                line.amount * Decimal(str(self.quantity))
                / Decimal(str(line.quantity)))

    @classmethod
    def _from_invoice(cls, line, lot=None, quantity=None):
        "Return the values of the line when the buyer finds what we found"
        grades = {
            m.lot.grade for m in line.stock_moves
            if m.lot and (not lot or m.lot == lot)}
        grade = grades.pop() if len(grades) == 1 else None
        quantity = line.quantity if quantity is None else quantity
        return {
            'quantity': quantity, 'buyer_quantity': quantity,
            'buyer_price': line.unit_price,
            'grade': grade, 'buyer_grade': grade,
            }

    @classmethod
    def get_unsettled(cls, settlement):
        "Return the lines invoiced to the buyer that no settlement has"
        lines = cls.get_invoiced(settlement.company, [settlement.party])
        taken = cls.get_holders(lines)
        return [l for l in lines if l not in taken]

    @classmethod
    def get_invoiced(cls, company, parties, domain=()):
        "Return the lines of lots invoiced to the parties"
        InvoiceLine = Pool().get('account.invoice.line')
        return InvoiceLine.search([
                ('type', '=', 'line'),
                ('quantity', '>', 0),
                ('invoice.type', '=', 'out'),
                ('invoice.state', 'in', ['posted', 'paid']),
                ('invoice.company', '=', int(company)),
                ('invoice.party', 'in', list(map(int, parties))),
                ('stock_moves.lot', '!=', None),
                list(domain),
                ], order=[('invoice', 'ASC'), ('id', 'ASC')])

    @classmethod
    def get_holders(cls, invoice_lines):
        "Return the settlements that have the lines already, by line"
        return {
            l.invoice_line: l.settlement for l in cls.search([
                    ('invoice_line', 'in', list(map(int, invoice_lines))),
                    ('settlement.state', '!=', 'cancelled'),
                    ])}

    @classmethod
    def propose(cls, settlement, invoice_line):
        "Return a line by weighed lot, or one for all the pieces"
        Uom = Pool().get('product.uom')
        moves = [m for m in invoice_line.stock_moves if m.lot]
        shares = [(None, invoice_line.quantity)]
        if not any(m.lot.unit for m in moves) and len(moves) > 1:
            shares = [
                (m.lot, Uom.compute_qty(m.unit, m.quantity, invoice_line.unit))
                for m in moves]
        lines = []
        for lot, quantity in shares:
            line = cls(
                settlement=settlement, invoice_line=invoice_line, lot=lot,
                **cls._from_invoice(invoice_line, lot, quantity))
            line.on_change_quantity()
            lines.append(line)
        return lines

    def get_kg(self, quantity):
        "Return the weight of the quantity, None for pieces"
        pool = Pool()
        Uom = pool.get('product.uom')
        kg = Uom(pool.get('ir.model.data').get_id('product', 'uom_kilogram'))
        unit = self.invoice_line.unit
        if unit and unit.category == kg.category:
            return Uom.compute_qty(unit, quantity, kg)

    @classmethod
    def get_lots(cls, lines, name):
        return {
            l.id: [l.lot.id] if l.lot else l.on_change_with_invoiced_lots()
            for l in lines}

    @classmethod
    def search_lots(cls, name, clause):
        _, operator, value, *extra = clause
        nested = clause[0][len(name):]
        return ['OR',
            ('lot' + nested, operator, value, *extra),
            [
                ('lot', '=', None),
                ('invoice_line.stock_moves.lot' + nested, operator, value,
                    *extra),
                ],
            ]

    @property
    def difference(self):
        "What is invoiced or credited to reach what the buyer settles"
        return self.final_amount - (self.provisional_amount or 0)

    def get_adjustment(self):
        """Return the invoice line of the difference, None if there is none.

        It has no product: a difference of price is no quantity of anything.
        """
        if not (amount := self.difference):
            return
        line = self.invoice_line._credit()
        line.origin = self
        line.product, line.unit, line.stock_moves = None, None, []
        line.quantity = 1 if amount > 0 else -1
        line.unit_price = abs(amount)
        line.description = gettext(
            'proxymikro_recycling.msg_settlement_adjustment_line',
            reference=self.settlement.reference,
            line=self.rec_name)
        return line

    def get_rec_name(self, name):
        return (self.lot or self.invoice_line).rec_name

    @classmethod
    def copy(cls, lines, default=None):
        default = default.copy() if default is not None else {}
        for name in ['settles', 'settled_amount', 'weight', 'buyer_weight']:
            default.setdefault(name, None)
        return super().copy(lines, default=default)


class SettlementDeduction(_OfSettlement, ModelSQL, ModelView):
    __name__ = 'recycling.settlement.deduction'

    line = fields.Many2One(
        'recycling.settlement.line', "Line", required=True,
        ondelete='CASCADE')
    kind = fields.Selection([
            ('impurity', "Impurities"),
            ('freight', "Freight"),
            ('assay', "Assay"),
            ('other', "Other"),
            ], "Kind", required=True, sort=False)
    kind_string = kind.translated('kind')
    amount = Monetary(
        "Amount", currency='currency', digits='currency', required=True,
        domain=[('amount', '>', 0)])
    reason = fields.Char(
        "Reason",
        states={
            'required': Eval('kind') == 'other',
            })
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('line')

    @property
    def is_sealed(self):
        return self.line.is_sealed

    @fields.depends('line', '_parent_line.currency')
    def on_change_with_currency(self, name=None):
        return self.line.currency if self.line else None
