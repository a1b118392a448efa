# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The register of second-hand goods (Code pénal, art. 321-7 et R321-3).

It is read from the moves, so that nothing is typed twice: what came from
outside with its donor, what was sold with its buyer.
"""
from collections import defaultdict

from sql import Literal, Null
from sql.conditionals import Case, Coalesce

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.modules.proxymikro_base.report import FrenchReportMixin
from trytond.modules.proxymikro_base.spreadsheet import (
    SpreadsheetReportMixin, Table)
from trytond.modules.product import price_digits
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval, If
from trytond.report import Report

from .provenance import in_shipment

HEADERS = [
    "Date", "Mouvement", "N°", "Nature", "Marque", "Modèle", "N° de série",
    "Quantité", "Provenance", "Régime", "Acheteur", "Pièce d'identité",
    "Prix unitaire", "Règlement"]


class Configuration(metaclass=PoolMeta):
    __name__ = 'stock.configuration'

    second_hand_since = fields.Date(
        "Second-Hand Register since",
        help="The day from which the register of second-hand goods is kept "
        "(Code pénal, art. 321-7 and R321-3). Leave empty if it is not: "
        "whether an association that sells what it was given must keep it "
        "is not certain.")


class IdentityDocument(ModelSQL, ModelView):
    "What proves who a buyer or a seller is"
    __name__ = 'party.identity'

    party = fields.Many2One(
        'party.party', "Party", required=True, ondelete='CASCADE')
    kind = fields.Selection([
            ('card', "Identity Card"),
            ('passport', "Passport"),
            ('permit', "Residence Permit"),
            ('driving', "Driving Licence"),
            ('other', "Other"),
            ], "Kind", required=True, sort=False)
    kind_string = kind.translated('kind')
    code = fields.Char("Number", required=True)
    issued_by = fields.Char("Issued by", required=True)
    issued_on = fields.Date(
        "Issued on", required=True,
        domain=[If(
                Eval('seen_on'), ('issued_on', '<=', Eval('seen_on')), ())])
    seen_on = fields.Date(
        "Seen on", required=True,
        help="The day the document was shown. Do not keep a copy.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('seen_on', 'DESC'), ('id', 'DESC')]

    @classmethod
    def default_seen_on(cls):
        return Pool().get('ir.date').today()

    def get_rec_name(self, name):
        return f'{self.kind_string} {self.code}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('code', *clause[1:])]


class Party(metaclass=PoolMeta):
    __name__ = 'party.party'

    identity_documents = fields.One2Many(
        'party.identity', 'party', "Identity Documents",
        help="Only for who sells or buys what the register of second-hand "
        "goods is about.")


class SecondHand(ModelSQL, ModelView):
    __name__ = 'recycling.second_hand'

    date = fields.Date("Date")
    kind = fields.Selection([
            ('intake', "Received"),
            ('sale', "Sold"),
            ], "Kind", sort=False)
    kind_string = kind.translated('kind')
    move = fields.Many2One('stock.move', "Move")
    company = fields.Many2One('company.company', "Company")
    lot = fields.Many2One('stock.lot', "Number")
    product = fields.Many2One(
        'product.product', "Nature",
        context={'company': Eval('company', -1)}, depends={'company'})
    manufacturer = fields.Char("Manufacturer")
    model = fields.Char("Model")
    serial_number = fields.Char("Serial Number")
    quantity = fields.Float("Quantity", digits='unit')
    unit = fields.Many2One('product.uom', "Unit")
    donors = fields.Function(
        fields.Many2Many(
            'party.party', None, None, "Origin",
            context={'company': Eval('company', -1)}, depends={'company'},
            help="Who gave or sold it, or the devices it comes from."),
        'get_donors')
    regimes = fields.Function(fields.Char("Gift Regime"), 'get_donors')
    buyer = fields.Many2One(
        'party.party', "Buyer",
        context={'company': Eval('company', -1)}, depends={'company'})
    identity = fields.Function(
        fields.Char("Identity Document"), 'get_identity')
    unit_price = Monetary(
        "Unit Price", currency='currency', digits=price_digits)
    currency = fields.Many2One('currency.currency', "Currency")
    payment = fields.Function(
        fields.Char(
            "Payment", help="The journals of the money that paid for it."),
        'get_payment')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('date', 'ASC'), ('id', 'ASC')]

    def get_rec_name(self, name):
        return self.lot.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('lot.rec_name', *clause[1:])]

    @classmethod
    def table_query(cls):
        pool = Pool()
        since = pool.get('stock.configuration')(1).second_hand_since
        move = pool.get('stock.move').__table__()
        shipment = pool.get('stock.shipment.out').__table__()
        waste = pool.get('stock.shipment.waste').__table__()
        location = pool.get('stock.location')
        from_, to = location.__table__(), location.__table__()
        lot = pool.get('stock.lot').__table__()
        intake = (from_.type == 'supplier') & (
            (to.stage == Null) | (to.stage != 'deposit'))
        sale = to.type == 'customer'
        where = (move.state == 'done') & (intake | sale)
        if since:
            where &= move.effective_date >= since
        else:
            where &= Literal(1) == 0
        return (move
            .join(lot, condition=move.lot == lot.id)
            .join(from_, condition=move.from_location == from_.id)
            .join(to, condition=move.to_location == to.id)
            .join(shipment, 'LEFT', condition=in_shipment(
                    move, shipment, 'stock.shipment.out'))
            .join(waste, 'LEFT', condition=in_shipment(
                    move, waste, 'stock.shipment.waste'))
            .select(
                move.id.as_('id'), move.id.as_('move'),
                move.effective_date.as_('date'),
                Case((sale, 'sale'), else_='intake').as_('kind'),
                move.company, move.lot, move.product, move.quantity,
                move.unit, lot.manufacturer, lot.model, lot.serial_number,
                Case((sale, Coalesce(shipment.customer, waste.party)),
                    else_=Null).as_('buyer'),
                Case((sale, move.unit_price), else_=Null).as_('unit_price'),
                move.currency, where=where))

    @classmethod
    def get_donors(cls, rows, names):
        Lot = Pool().get('stock.lot')
        lots = Lot.browse([r.lot.id for r in rows])
        found = {
            'donors': {l.id: [d.id for d in l.donors] for l in lots},
            'regimes': {
                l.id: ', '.join(sorted({
                            c.gift_regime.rec_name
                            for c in l.source_collections
                            if c.gift_regime}))
                for l in lots},
            }
        return {
            n: {r.id: found[n][r.lot.id] for r in rows} for n in names}

    @classmethod
    def get_identity(cls, rows, name):
        "Return the last document that the buyer had shown on that day"
        Identity = Pool().get('party.identity')
        shown = defaultdict(list)
        for document in Identity.search([
                    ('party', 'in', [r.buyer.id for r in rows if r.buyer]),
                    ], order=[('seen_on', 'DESC'), ('id', 'DESC')]):
            shown[document.party].append(document)
        result = {}
        for row in rows:
            document = next(
                (d for d in shown[row.buyer] if d.seen_on <= row.date), None)
            result[row.id] = (
                f'{document.rec_name}, {document.issued_by}, '
                f'{document.issued_on:%d/%m/%Y}') if document else ''
        return result

    @classmethod
    def get_payment(cls, rows, name):
        InvoiceLine = Pool().get('account.invoice.line')
        payments = {r.id: set() for r in rows}
        for line in InvoiceLine.search([
                    ('stock_moves', 'in', list(payments)),
                    ('invoice.state', 'in', ['posted', 'paid']),
                    ]):
            journals = {
                p.move.journal.rec_name for p in line.invoice.payment_lines}
            for move in line.stock_moves:
                if move.id in payments:
                    payments[move.id] |= journals
        return {i: ', '.join(sorted(js)) for i, js in payments.items()}


class SecondHandRegister(FrenchReportMixin, SpreadsheetReportMixin, Report):
    __name__ = 'recycling.second_hand.register'

    @classmethod
    def get_tables(cls, records, data):
        return [Table(
                "Registre des objets mobiliers", HEADERS, [[
                        r.date, r.kind_string, r.lot.number, r.product.name,
                        r.manufacturer, r.model, r.serial_number, r.quantity,
                        ', '.join(d.rec_name for d in r.donors), r.regimes,
                        r.buyer.rec_name if r.buyer else None, r.identity,
                        r.unit_price, r.payment]
                    for r in records])]


class SecondHandSheet(SecondHandRegister):
    "The same in a spreadsheet"
    __name__ = 'recycling.second_hand.sheet'

    @classmethod
    def _execute(cls, records, header, data, action):
        return super()._execute(
            records, header, {**data, 'format': 'csv'}, action)
