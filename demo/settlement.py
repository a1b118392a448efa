# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Boards are sold by weight: the buyer finds less, and of a lower grade."""
import datetime as dt
from decimal import Decimal

from proteus import Model, Wizard

from . import evidence, stock
from .evidence import act_as
from .recycling import (
    SIRETS, create_price_list, give_siret, invoice, ship)

# What the buyer's list pays for a kg, invented
KG_PRICES = {
    'CM-1A': Decimal('4.00'),
    'CM-1B': Decimal('2.50'),
    'ALU': Decimal('1.00'),
    }
# What comes out, in kg
OUTPUTS = {'CM-1A': 6.2, 'ALU': 2.4}


def run(config, context):
    today = context['today']
    with act_as(config, 'accueil'):
        devices = receive(today - dt.timedelta(days=33))
    with act_as(config, 'atelier'):
        for device in devices:
            evidence.declare(device, today - dt.timedelta(days=28))
        production = dismantle(devices, today - dt.timedelta(days=21))
    buyer = stock.create_donor(
        "Affinage Garonne", "3 allée des Fonderies", "33810", "Ambès")
    give_siret(buyer, SIRETS['refiner'])
    with act_as(config, 'tresorerie'):
        create_price_list(
            buyer, today - dt.timedelta(days=60), {}, KG_PRICES)
        sale = ship(create_sale(buyer, production))
    with act_as(config, 'atelier'):
        send_sold(sale, buyer)
    with act_as(config, 'tresorerie'):
        sale.reload()
        context['kg_invoice'] = invoice(sale)
        context['settlement'] = settle(buyer)


def receive(date):
    donor = stock.create_donor(
        "Cabinet Dubourdieu", "14 cours du Médoc", "33300", "Bordeaux")
    gift = stock.create_collection(donor, 'company', date, weighed=29.4)
    stock.add_devices(gift, 'desktop', [
            ("HP", "Z420", f"CZC3091{n:03d}") for n in range(3)])
    gift.click('receive')
    return stock.by_number(gift)


def dismantle(devices, date):
    "Sort the boards and the heatsinks of the devices, by weight"
    Production = Model.get('production')
    wizard = Wizard('recycling.dismantle', devices)
    form = wizard.form
    form.effective_date = form.discard_date = date
    form.discard_reason = "Trop anciens pour être prêtés"
    for output in list(form.outputs):
        form.outputs.remove(output)
    for code, weight in OUTPUTS.items():
        output = form.outputs.new(product=form.scrap_product)
        output.grade = get_grade(code)
        output.quantity = weight
    wizard.execute('dismantle')
    production, = Production.find([], order=[('id', 'DESC')], limit=1)
    return production


def get_grade(code):
    grade, = Model.get('recycling.grade').find([('code', '=', code)])
    return grade


def create_sale(buyer, production):
    Lot = Model.get('stock.lot')
    sale = Model.get('sale.sale')(party=buyer)
    for move in production.outputs:
        lot = Lot(move.lot.id)
        if lot.grade and lot.grade.code in OUTPUTS:
            # At the price of the buyer's list
            sale.lines.new().lots.append(lot)
    sale.save()
    return sale


def send_sold(sale, buyer):
    "Let what is sold by weight leave, as the waste that it is"
    shipment, = Model.get('stock.shipment.waste').find(
        [('moves.sale', '=', sale.id)])
    shipment.waste_code, = Model.get('waste.code').find(
        [('code', '=', "16 02 16")])
    shipment.operation, shipment.operation_mode = 'R4', 'recycling'
    carrier = shipment.carriers.new()
    carrier.party = buyer
    carrier.receipt_number = "33-2024-0042"
    shipment.save()
    shipment.click('seal')
    shipment.click('send')


def settle(buyer):
    "Enter the note: 5.9 kg of boards, of which 2.3 are of the lower grade"
    Settlement = Model.get('recycling.settlement')
    settlement = Settlement(party=buyer, reference="AG-2217")
    settlement.save()
    settlement.click('propose')
    boards, = [l for l in settlement.lines if l.grade.code == 'CM-1A']
    lower = settlement.lines.new(invoice_line=boards.invoice_line)
    boards.quantity, boards.buyer_quantity = 3.8, 3.6
    lower.quantity, lower.buyer_quantity = 2.4, 2.3
    lower.buyer_grade = get_grade('CM-1B')
    lower.buyer_price = KG_PRICES['CM-1B']
    boards.deductions.new(kind='freight', amount=Decimal('1.50'))
    settlement.save()
    settlement.click('provision')
    Wizard('recycling.settlement.finalise', [settlement]).execute('finalise')
    settlement.reload()
    return settlement
