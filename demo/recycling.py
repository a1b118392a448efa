# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Steps 6, 7 and 9: two PCs are dismantled, parts are sold, scrap leaves."""
import datetime as dt
from decimal import Decimal

from proteus import Model, Wizard
from trytond.exceptions import UserError

from .base import get_today
from .evidence import act_as
from .stock import create_donor

# Numbers of establishments that nobody has
SIRETS = {
    'association': '99933001200017', 'facility': '99940011200010',
    'refiner': '99950022600017'}
# What the buyer's list pays for a piece, invented: 84.00 EUR in all
PRICES = {
    'CPU-LGA': Decimal('24.00'),
    'RAM-OR': Decimal('10.00'),
    'CM-1B': Decimal('40.00'),
    }
# And for a kg
KG_PRICES = {
    'ALIM-AC': Decimal('0.50'),
    'ALU': Decimal('1.00'),
    'CABLE': Decimal('1.20'),
    'FER': Decimal('0.15'),
    }


def run(config, context):
    today = context['today']
    company_pc = context.get('returned_device') or context['company_devices'][0]
    town_pc = context['broken_device']
    with act_as(config, 'atelier'):
        production = dismantle(
            company_pc, today - dt.timedelta(days=7),
            "Ventilateur et alimentation usés")
        town_production = dismantle(
            town_pc, today - dt.timedelta(days=6), "Carte mère en panne")
    context['dismantling'], context['town_dismantling'] = (
        production, town_production)

    buyer = create_donor(
        "Récup'Aquitaine", "8 quai des Chartrons", "33000", "Bordeaux")
    with act_as(config, 'tresorerie'):
        create_price_list(
            buyer, today - dt.timedelta(days=60), PRICES, KG_PRICES)
        context['refusal'] = refused(buyer, town_production)
        sale = sell(buyer, production)
        context['sale_invoice'] = invoice(sale)
    context['buyer'], context['sale'] = buyer, sale

    facility = create_donor(
        "Centre de tri des Landes", "ZA de Pémégnan", "40000",
        "Mont-de-Marsan")
    for party, name in [
            (context['company'].party, 'association'),
            (facility, 'facility')]:
        give_siret(party, SIRETS[name])
    with act_as(config, 'atelier'):
        context['waste_shipment'] = send_scrap(
            facility, [production, town_production],
            today - dt.timedelta(days=3))
    context['treatment_facility'] = facility


def give_siret(party, siret):
    "Give its number to the establishment at the address of the party"
    party = Model.get('party.party')(party.id)
    identifier = party.identifiers.new(type='fr_siret')
    identifier.address, identifier.code = party.addresses[0], siret
    party.save()


def dismantle(device, date, reason):
    "Take the device apart as the wizard proposes"
    Production = Model.get('production')
    wizard = Wizard('recycling.dismantle', [device])
    wizard.form.effective_date = wizard.form.discard_date = date
    wizard.form.discard_reason = reason
    wizard.form.declared_loss = 0.02
    wizard.form.loss_reason = "Poussière"
    wizard.execute('dismantle')
    production, = Production.find([], order=[('id', 'DESC')], limit=1)
    return production


def parts(production):
    "Return the parts that came out, by kind"
    Lot = Model.get('stock.lot')
    result = {}
    for move in production.outputs:
        kind = move.product.template.component_kind
        result.setdefault(kind, []).append(Lot(move.lot.id))
    return result


def create_price_list(buyer, date, piece_prices, kg_prices):
    Grade = Model.get('recycling.grade')
    PriceList = Model.get('recycling.price.list')
    Uom = Model.get('product.uom')
    prices = PriceList(
        buyer=buyer, start_date=date,
        reference="Barème d'exemple (prix inventés)")
    for symbol, by_grade in [('u', piece_prices), ('kg', kg_prices)]:
        unit, = Uom.find([('symbol', '=', symbol)])
        for code, price in by_grade.items():
            line = prices.lines.new(price=price, unit=unit)
            line.grade, = Grade.find([('code', '=', code)])
    prices.save()


def sell(buyer, production):
    "Quote, confirm and ship a sale of all the parts"
    return ship(create_sale(buyer, production))


def ship(sale):
    for button in ['quote', 'confirm']:
        sale.click(button)
    if sale.shipments:
        sale.click('dispatch')
    sale.reload()
    return sale


def create_sale(buyer, production):
    Lot = Model.get('stock.lot')
    Sale = Model.get('sale.sale')
    sale = Sale(party=buyer)
    for _, lots in sorted(parts(production).items()):
        if lots[0].grade and lots[0].grade.code in PRICES:
            # At the price of the buyer's list
            line = sale.lines.new()
            line.lots.extend(Lot(lot.id) for lot in lots)
    sale.save()
    return sale


def refused(buyer, production):
    "Try to sell what a town hall gave and return why it is refused"
    sale = create_sale(buyer, production)
    try:
        sale.click('quote')
    except UserError as error:
        return error.message
    finally:
        sale.reload()
        if sale.state == 'draft':
            sale.click('cancel')
    raise AssertionError("the parts of a town hall's PC were sold")


def invoice(sale):
    Invoice = Model.get('account.invoice')
    record, = sale.invoices
    record = Invoice(record.id)
    record.invoice_date = get_today()
    record.click('post')
    return record


def send_scrap(facility, productions, date):
    "Send the scrap to the facility, that treats it"
    Code = Model.get('waste.code')
    Lot = Model.get('stock.lot')
    Shipment = Model.get('stock.shipment.waste')
    shipment = Shipment(party=facility, operation='R4')
    shipment.operation_mode = 'recycling'
    shipment.waste_code, = Code.find([('code', '=', "16 02 14")])
    carrier = shipment.carriers.new()
    carrier.party = facility
    carrier.receipt_number = "40-2023-0117"
    shipment.effective_date = date
    shipment.slip_number = f"BSD-{date:%Y%m%d}-7KQ2M9XPA"
    shipment.save()
    wizard = Wizard('stock.shipment.waste.add_lots', [shipment])
    for production in productions:
        wizard.form.lots.extend(
            Lot(lot.id) for lot in parts(production)['scrap']
            # Cables and heatsinks wait for a buyer
            if not lot.grade or lot.grade.code == 'FER')
    wizard.execute('add')
    shipment.reload()
    for button in ['seal', 'send']:
        shipment.click(button)
    shipment.received_weight = round(shipment.weight - 0.05, 2)
    shipment.click('accept')
    shipment.click('process')
    return shipment
