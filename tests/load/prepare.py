# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Add what volunteers work on to a demonstration.

python -m tests.load.prepare DATABASE CONFIG [PART], of which a part of a hundred
is enough for a try.
"""
import sys
from decimal import Decimal

from demo.account_bank import create_invoice
from demo.base import PASSWORD, get_today
from proteus import config as proteus_config
from trytond.pool import Pool
from trytond.tools import grouped_slice
from trytond.transaction import Transaction, TransactionError

# Devices that are ready, and computers whose reports are uploaded
READY, COMPUTERS = 3_000, 600
MEMBERS = 40
INVOICES, STATEMENT = 600, 40
VOLUNTEERS = 30
# Of six volunteers: the front desk is where people wait
ROLES = ['front_desk', 'workshop', 'front_desk', 'treasury', 'front_desk',
    'front_desk']
BORROWER = "École de charge"


def get_login(index):
    return f'benevole{index + 1:02}'


def get_role(index):
    return ROLES[index % len(ROLES)]


def get_serial(index):
    "Return the serial number of a computer, as its report says it"
    return f'CHG{index:05}'


def main(database, config_file, part=1):
    part = int(part)
    config = proteus_config.set_trytond(database, config_file=config_file)
    invoice = create_invoice(
        config, "Lycée de charge", Decimal('10.00'), get_today()).id
    act(database, 'admin', create_users)
    act(database, 'admin', create_members)
    screens = act(database, 'accueil', receive, 'screen', READY // part)
    act(database, 'accueil', receive, 'desktop', COMPUTERS // part, get_serial)
    # What core makes of a list of records grows as the square of its length
    for ids in grouped_slice(screens, 100):
        act(database, 'atelier', make_ready, list(ids))
    act(database, 'tresorerie', bank, invoice, INVOICES // part)


def act(database, login, function, *args):
    "Do it as the user, in a transaction of its own, as the dispatcher does"
    with Transaction().start(database, 0, readonly=True):
        User = Pool().get('res.user')
        user, = User.search([('login', '=', login)])
        with Transaction().set_user(user.id):
            context = User.get_preferences(True)
    extras = {}
    while True:
        try:
            with Transaction().start(
                    database, user.id, context=dict(context), **extras):
                return function(*args)
        except TransactionError as error:
            error.fix(extras)


def ref(module, name):
    return Pool().get('ir.model.data').get_id(module, name)


def create_users():
    pool = Pool()
    Company = pool.get('company.company')
    Employee = pool.get('company.employee')
    Party = pool.get('party.party')
    User = pool.get('res.user')
    french, = pool.get('ir.lang').search([('code', '=', 'fr')])
    company, = Company.search([])
    parties = Party.create(
        [{'name': f"Bénévole {i + 1}"} for i in range(VOLUNTEERS)])
    employees = Employee.create(
        [{'party': p.id, 'company': company.id} for p in parties])
    User.create([{
                'name': employee.party.name, 'login': get_login(i),
                'password': PASSWORD, 'language': french.id,
                'groups': [('add', [ref(
                                'proxymikro_base', f'group_{get_role(i)}')])],
                'companies': [('add', [company.id])],
                'company': company.id,
                'employees': [('add', [employee.id])],
                'employee': employee.id,
                } for i, employee in enumerate(employees)])


def create_members():
    "Members who may borrow as many devices as they like"
    pool = Pool()
    Membership = pool.get('party.membership')
    Party = pool.get('party.party')
    type_, = pool.get('party.membership.type').create(
        [{'name': "Adhésion de charge", 'period': 'civil'}])
    start, end = type_.compute_period(get_today())
    parties = Party.create(
        [{'name': f"{BORROWER} {i + 1}"} for i in range(MEMBERS)])
    Membership.call(Membership.create([{
                    'party': p.id, 'place': p.id, 'type': type_.id,
                    'start_date': start, 'end_date': end} for p in parties]))


def receive(kind, count, serial=lambda i: None):
    "Return the devices of a collection that is received"
    pool = Pool()
    Collection = pool.get('stock.shipment.in')
    Party = pool.get('party.party')
    donor, = Party.create([{'name': f"Donateur de charge, {kind}"}])
    regime, = pool.get('stock.gift.regime').search([('code', '=', 'DON')])
    collection = Collection(supplier=donor, gift_regime=regime)
    collection.on_change_supplier()
    collection.on_change_warehouse()
    collection.save()
    product = pool.get('product.product')(
        ref('proxymikro_stock', f'product_{kind}'))
    devices = Collection.add_devices(collection, [{
                'product': product, 'manufacturer': "Dell",
                'model': f'C{i % 90}', 'serial_number': serial(i),
                'weight': 4.0} for i in range(count)])
    Collection.receive([Collection(collection.id)])
    return [d.id for d in devices]


def make_ready(ids):
    "Test the devices, and bring them where they can be lent"
    pool = Pool()
    Location = pool.get('stock.location')
    Lot = pool.get('stock.lot')
    Test = pool.get('device.test')
    ready, = Location.search(
        [('stage', '=', 'ready'), ('type', '=', 'storage')], limit=1)
    tests = Test.create([{
                'lot': id_, 'result': 'passed', 'grade_appearance': 'B',
                'grade_function': 'A'} for id_ in ids])
    Test.pass_(tests)
    Test.do(Test.browse(tests))
    Lot.move_to(Lot.browse(ids), ready)


def bank(invoice, count):
    "What is owed, and what the bank brought for it"
    create_statements(post_invoices(invoice, count))


def post_invoices(id_, count):
    "Return as many invoices like the one, each of its own amount"
    Invoice = Pool().get('account.invoice')
    invoices = Invoice.copy([Invoice(id_)] * count, default={
            'invoice_date': get_today()})
    Line = Pool().get('account.invoice.line')
    Line.write(*sum(([list(v.lines), {
                        'unit_price': Decimal(1000 + i) / 100}]
                for i, v in enumerate(invoices)), []))
    Invoice.post(Invoice.browse(invoices))
    return Invoice.browse(invoices)


def create_statements(invoices):
    "What the bank brought: each line says the number of its invoice"
    pool = Pool()
    Journal = pool.get('account.statement.journal')
    Statement = pool.get('account.statement')
    journal, = Journal.search([('validation', '=', 'balance')], limit=1)
    for group in grouped_slice(invoices, STATEMENT):
        group = list(group)
        statement = Statement(
            name="Relevé de charge", journal=journal, date=get_today(),
            company=journal.company, start_balance=Decimal(0),
            end_balance=sum(i.total_amount for i in group))
        statement.origins = [{
                'number': str(n), 'date': get_today(),
                'amount': invoice.total_amount,
                'description': f"VIR SEPA RECU FACTURE {invoice.number}",
                } for n, invoice in enumerate(group, 1)]
        statement.save()


if __name__ == '__main__':
    main(*sys.argv[1:])
