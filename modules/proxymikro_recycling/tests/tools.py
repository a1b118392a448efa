# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt
from decimal import Decimal

from proteus import Model, Wizard
from proteus.config import get_config
from trytond.modules.company.tests.tools import get_company
from trytond.modules.proxymikro_account.tests.tools import (
    create_books, create_ofx)
from trytond.modules.proxymikro_stock.tests.tools import (
    add_devices, create_collection, create_euro_company, receive)

__all__ = [
    'add_component', 'create_books', 'create_buyer', 'create_employee',
    'create_euro_company', 'declare_diskless', 'dismantle', 'get_part',
    'give_desktops', 'import_bank_file', 'invoice_sale', 'pay_by_bank',
    'register_company', 'sell', 'send_sold_waste', 'send_to_treatment', 'setup_recycling',
    'ship_sale']


def setup_recycling(config=None):
    "Create the company, its books and the employee who works"
    config = config or get_config()
    create_euro_company(config=config)
    create_books(config=config)
    create_employee(config=config)


def create_employee(name="Camille Durand", config=None):
    "Create an employee and let the user be it"
    Employee = Model.get('company.employee', config=config)
    Party = Model.get('party.party', config=config)
    User = Model.get('res.user', config=config)
    party = Party(name=name)
    party.save()
    employee = Employee(party=party, company=get_company(config=config))
    employee.save()
    config = config or get_config()
    user = User(config.user)
    user.employees.append(Employee(employee.id))
    user.employee = employee
    user.save()
    config._context = User.get_preferences(True, config.context)
    return employee


def give_desktops(name, regime, count=1, **values):
    "Receive the desktops of a new donor, without any drive"
    Party = Model.get('party.party')
    donor = Party(name=name)
    donor.save()
    collection = create_collection(donor, regime)
    devices = add_devices(collection, 'desktop', count, **values)
    receive(collection)
    for device in devices:
        declare_diskless(device)
    return devices


def declare_diskless(device):
    Declaration = Model.get('device.declaration')
    declaration = Declaration(lot=device, reason='removed_by_donor')
    declaration.signed_by = Model.get('company.employee').find(limit=1)[0]
    declaration.save()
    declaration.click('sign')


def add_component(device, kind, serial=None, **values):
    Component = Model.get('device.component')
    component = Component(lot=device, kind=kind, serial=serial, **values)
    component.save()
    return component


def dismantle(devices, reason="Trop ancien", usual=False, **values):
    """Dismantle the devices by the wizard and return the order.

    Only what is known to be inside comes out, and the rest as scrap, unless
    what is usual is asked for.
    """
    Production = Model.get('production')
    wizard = Wizard('recycling.dismantle', devices)
    for output in list(wizard.form.outputs):
        if not (usual or output.component):
            wizard.form.outputs.remove(output)
    if not wizard.form.discarded:
        wizard.form.discard_reason = reason
    if values.get('declared_loss'):
        values.setdefault('loss_reason', "Poussière")
    for name, value in values.items():
        setattr(wizard.form, name, value)
    wizard.execute('dismantle')
    return Production.find([], order=[('id', 'DESC')], limit=1)[0]


def get_part(production, kind):
    "Return the lots of the kind that came out"
    Lot = Model.get('stock.lot')
    return sorted((
            Lot(m.lot.id) for m in production.outputs
            if m.product.template.component_kind == kind),
        key=lambda l: l.number)


def create_buyer(name="Récup'Aquitaine"):
    Party = Model.get('party.party')
    buyer = Party(name=name)
    buyer.save()
    return buyer


def sell(buyer, *lines):
    "Create a sale with a line for each unit price and lots"
    Lot = Model.get('stock.lot')
    Sale = Model.get('sale.sale')
    sale = Sale(party=buyer)
    for unit_price, lots in lines:
        line = sale.lines.new()
        for lot in lots:
            line.lots.append(Lot(lot.id))
        line.unit_price = Decimal(unit_price)
    sale.save()
    return sale


def pay_by_bank(invoice, amount):
    "Receive the amount for the invoice by a bank statement and return its line"
    Statement = Model.get('account.statement')
    Journal = Model.get('account.statement.journal')
    journal, = Journal.find([])
    statement = Statement(
        name="Relevé", journal=journal, date=dt.date.today(),
        start_balance=Decimal(0), end_balance=amount)
    line = statement.lines.new()
    line.date = dt.date.today()
    line.description = "VIR " + invoice.party.name
    line.amount = amount
    line.related_to = invoice
    statement.save()
    statement.click('validate_statement')
    statement.click('post')
    return statement.lines[0]


def import_bank_file(*transfers):
    "Import the bank's file of transfers, each an amount, a payer and a memo"
    day = f'{dt.date.today():%Y%m%d}'
    wizard = Wizard('account.statement.import')
    wizard.form.file_ = create_ofx('0.00', [
            (day, amount, f'{day}-{i}', name, memo)
            for i, (amount, name, memo) in enumerate(transfers)])
    wizard.form.file_format = 'ofx'
    wizard.execute('import_')
    statement, = wizard.actions[0]
    return statement


def send_to_treatment(lots, operation=None, code="16 02 14"):
    "Send the lots to a facility, which treats them if it says how"
    Lot = Model.get('stock.lot')
    Party = Model.get('party.party')
    Shipment = Model.get('stock.shipment.waste')
    facility = Party(name="Centre de tri des Landes")
    facility.save()
    shipment = Shipment(party=facility)
    shipment.waste_code, = Model.get('waste.code').find([('code', '=', code)])
    shipment.save()
    add = Wizard('stock.shipment.waste.add_lots', [shipment])
    for lot in lots:
        add.form.lots.append(Lot(lot.id))
    add.execute('add')
    shipment.reload()
    shipment.click('seal')
    shipment.click('send')
    if operation:
        shipment.received_weight = shipment.weight
        shipment.click('accept')
        shipment.operation = operation
        shipment.click('process')
    return shipment


def ship_sale(sale):
    "Quote, confirm and ship the sale, the waste by waste shipments"
    for button in ['quote', 'confirm']:
        sale.click(button)
    if sale.shipments:
        sale.click('dispatch')
    send_sold_waste(sale)
    sale.reload()


def send_sold_waste(sale, code="16 02 14"):
    "Send the waste shipments of the sale"
    Shipment = Model.get('stock.shipment.waste')
    for shipment in Shipment.find([
                ('moves.sale', '=', sale.id), ('state', '=', 'draft')]):
        if not shipment.waste_code:
            shipment.waste_code, = Model.get('waste.code').find([
                    ('code', '=', code)])
            shipment.save()
        shipment.click('seal')
        shipment.click('send')


def invoice_sale(sale):
    "Quote, confirm, ship and invoice the sale and return its invoice"
    Invoice = Model.get('account.invoice')
    ship_sale(sale)
    invoice, = sale.invoices
    invoice = Invoice(invoice.id)
    invoice.invoice_date = dt.date.today()
    invoice.click('post')
    return invoice


def register_company(party, siret, city="Mont-de-Marsan"):
    "Give the party an address and the number of its establishment"
    Party = Model.get('party.party')
    party = Party(party.id)
    address = party.addresses[0] if party.addresses else party.addresses.new()
    address.street_unstructured = "1 rue du Port"
    address.postal_code, address.city = '40000', city
    party.save()
    identifier = party.identifiers.new(type='fr_siret')
    identifier.address = party.addresses[0]
    identifier.code = siret
    party.save()
