# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What volunteers do, through the methods that the web client calls.

Each act takes the volunteer and returns what it was told that it has done, as
keys of what must be found afterwards.
"""
import datetime as dt

from trytond.modules.proxymikro_stock.tests.report_importer import machine

from ..rpc import Wizard

PAGE = 80
# Those of the list of devices
DEVICE = [('device', '=', True)]
TABS = [
    [('stage', '=', 'reception')], [('stage', '=', 'workshop')],
    [('stage', '=', 'ready')], [('stage', '=', 'lent')], []]
COLUMNS = [
    'number', 'product', 'product.rec_name', 'manufacturer', 'model',
    'serial_number', 'donor_number', 'stage', 'sanitisation', 'location',
    'location.rec_name', 'holder', 'holder.rec_name', 'donor',
    'donor.rec_name', 'grade_appearance', 'grade_function', 'rec_name',
    '_timestamp']


def scan(volunteer):
    "Find a device by its label and open its card"
    lot = volunteer.choose(volunteer.shop.devices)
    client = volunteer.client
    if volunteer.random.random() < .5:
        # With the camera of a telephone
        status, _, page = client.request(
            'GET', f'/{client.database}/d/{lot["token"]}', type_=None)
        assert status == 200 and lot['number'].encode() in page, status
        return
    ids = client.call(
        'model.stock.lot.search',
        [DEVICE, ('rec_name', 'ilike', f'%{lot["number"]}%')], 0, PAGE, None)
    assert lot['id'] in ids, lot
    client.call('model.stock.lot.read', [lot['id']], COLUMNS)


def search(volunteer):
    "Open a tab of the list of devices, with the numbers on the tabs"
    client = volunteer.client
    tab = volunteer.choose(TABS)
    domain = [DEVICE, tab]
    if volunteer.random.random() < .5:
        model = volunteer.random.randrange(90)
        domain.append(('model', 'ilike', f'%C{model}%'))
    ids = client.call('model.stock.lot.search', domain, 0, PAGE, None)
    for other in TABS[:4]:
        client.call(
            'model.stock.lot.search_count', [DEVICE, other], 0, 1000)
    if ids:
        client.call('model.stock.lot.read', ids, COLUMNS)


def lend(volunteer):
    "Lend by the labels, one or two devices"
    client, shop = volunteer.client, volunteer.shop
    lots = shop.take_ready(volunteer.random)
    if not lots:
        return search(volunteer)
    volunteer.wanted = {lot['id'] for lot in lots}
    wizard = Wizard(client, 'stock.loan.lend')
    wizard.execute('start')
    values = {
        'borrower': volunteer.choose(shop.borrowers), 'place': None,
        'end_date': dt.date.today() + dt.timedelta(days=90), 'devices': []}
    client.call(
        'model.stock.loan.lend.start.on_change',
        {'borrower': values['borrower'], 'places': []}, ['borrower'])
    for lot in lots:
        client.call(
            'model.stock.loan.lend.start.on_scan_code',
            {'devices': values['devices']}, lot['number'])
        values['devices'] = [*values['devices'], lot['id']]
    result = wizard.execute('lend', {'start': values})
    (_, data), = result['actions']
    loan = data['res_id']
    for lot in lots:
        shop.lent.append({**lot, 'loan': loan})
    wizard.close()
    return [(loan, lot['id']) for lot in lots]


def return_(volunteer):
    "Take back a device by its label, from whatever loan it is in"
    client, shop = volunteer.client, volunteer.shop
    lot = shop.take_lent(volunteer.random)
    if not lot:
        return search(volunteer)
    volunteer.wanted = {lot['id']}
    wizard = Wizard(client, 'stock.loan.return')
    defaults = wizard.execute('start')['view']['defaults']
    changed = client.call(
        'model.stock.loan.return.start.on_scan_code',
        {'loan': None, 'lines': []}, lot['number'])
    lines = [
        {**{n: line[n] for n in ['line', 'lot', 'borrower', 'returned']},
            'condition_in': None}
        for _, line in changed['lines']['add']]
    wizard.execute('return_', {'start': {
                'loan': None, 'date': defaults['date'], 'all': False,
                'lines': lines, 'accessories': []}})
    wizard.close()
    return [(lot['loan'], lot['id'])]


def report(volunteer):
    "Upload what a computer says of itself, now and then twice"
    client, shop = volunteer.client, volunteer.shop
    lot = volunteer.choose(shop.computers)
    serial = lot['serial_number']
    count = shop.next_report()
    data = machine(
        serial, maker="Dell", model=lot['model'],
        drives=[f'D{serial}-{count}'], memory=[f'M{serial}-{count}'])
    wizard = Wizard(
        client, 'device.report.attach', 'stock.lot', [lot['id']])
    wizard.execute('start')
    wizard.execute('attach', {'start': {
                'lot': lot['id'], 'file': data,
                'file_name': f'{serial}-{count}.json'}})
    wizard.close()
    return [(lot['id'], f'{serial}-{count}.json')]


def match(volunteer):
    "Match a line of the bank with the invoice that it pays"
    client = volunteer.client
    statement = volunteer.choose(volunteer.shop.statements)
    wizard = Wizard(
        client, 'account.statement.match', 'account.statement', [statement])
    lines = wizard.execute('start')['view']['defaults']['lines']
    sure = [n for n in lines if n['accept']]
    if not sure:
        return search(volunteer)
    # The first on the screen, as another who matches sees it
    chosen = sure[:2][volunteer.random.randrange(min(2, len(sure)))]
    row = {
        name: value for name, value in chosen.items()
        if not name.endswith('.')}
    volunteer.wanted = {row['origin']}
    wizard.execute('confirm', {'start': {
                'statement': statement, 'sure': 1, 'unmatched': 0,
                'lines': [row]}})
    wizard.close()
    return [(row['origin'], row['related_to'])]


ACTS = {
    'front_desk': {scan: 3, search: 3, lend: 3, return_: 2},
    'workshop': {scan: 3, search: 2, report: 4},
    'treasury': {search: 2, match: 4},
    }
# Without them a run of this length has shown nothing
REQUIRED = [scan, search, lend, return_, report, match]

