# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Steps 2 and 3: reports are attached, drives erased, devices repaired, tested."""
import datetime as dt
import json
from contextlib import contextmanager

from proteus import Model, Wizard

# What the machines of each donor are made of
HP = {
    'vendor': "HP", 'product': "Compaq 8100 Elite SFF",
    'chassis': 'low-profile', 'board': "304Ah",
    'processor': "Intel(R) Core(TM) i5 CPU 650 @ 3.20GHz",
    'module': ("Samsung", "M378B5673FH0-CH9", "S8F2A1", 2),
    'drive': ("Seagate", "ST3250318AS", "9VYC4K", 250_059_350_016),
    }
LENOVO = {
    'vendor': "Lenovo", 'product': "ThinkCentre M720s",
    'chassis': 'desktop', 'board': "3132",
    'processor': "Intel(R) Core(TM) i5-8400 CPU @ 2.80GHz",
    'module': ("SK Hynix", "HMA851U6CJR6N-VK", "2C7D90", 4),
    'drive': ("Samsung", "MZVLB256HBHQ-000L7", "S4ELNX0M", 256_060_514_304),
    'nvme': True,
    }


def run(config, context):
    today = context['today']
    gift, company_gift = context['town_hall_devices'], context['company_devices']
    computers = [d for d in gift if d.product.may_hold_data]
    screens = [d for d in gift if not d.product.may_hold_data]
    *working, broken, diskless = computers
    with act_as(config, 'atelier'):
        move(computers + screens, 'workshop', today - dt.timedelta(days=37))
        move(company_gift, 'workshop', today - dt.timedelta(days=36))
        for i, device in enumerate(working + [broken]):
            attach(device, describe(HP, device.serial_number, i))
        attach(diskless, describe(HP, diskless.serial_number, 9, drive=False))
        for i, device in enumerate(company_gift):
            attach(device, describe(LENOVO, device.serial_number, i))

        erase(working + [broken], today - dt.timedelta(days=35),
            'clear', "Une passe de zéros, vérifiée", "nwipe", "0.34")
        erase(company_gift, today - dt.timedelta(days=34),
            'purge', "NVMe format, effacement cryptographique",
            "nvme-cli", "2.4")
        declare(diskless, today - dt.timedelta(days=35))

        test(
            today - dt.timedelta(days=33), working + [diskless], broken,
            company_gift, screens)
    with act_as(config, 'presidence'):
        countersign()
        seal()
    with act_as(config, 'atelier'):
        move(working + [diskless] + screens + company_gift, 'ready',
            today - dt.timedelta(days=32))
    context['broken_device'] = broken
    for device in gift + company_gift:
        device.reload()


def test(date, computers, broken, company_gift, screens):
    repair(
        computers[0], date, "Ventilateur bouché, pile de l'horloge vide.",
        'fixed', "Dépoussiéré, pile CR2032 changée.", 45)
    repair(
        broken, date, "Ne démarre pas.", 'end_of_life',
        "Alimentation essayée : la carte mère ne répond plus.", 70,
        barrier='no_parts')
    for device, grades in zip(
            computers, [('B', 'A'), ('C', 'A'), ('C', 'B')]):
        check(device, date, 'passed', *grades)
    check(broken, date, 'failed', 'C', 'E',
        "Carte mère en panne : à démonter.")
    for device in company_gift:
        check(device, date, 'passed', 'B', 'A')
    for device in screens:
        check(device, date, 'passed', 'B', 'B')


@contextmanager
def act_as(config, login):
    "Do as the user, so that the evidence bears the name of a person"
    User = Model.get('res.user')
    previous = config.user, config._context
    user, = User.find([('login', '=', login)])
    config.user = user.id
    config._context = User.get_preferences(True, {})
    try:
        yield
    finally:
        config.user, config._context = previous


def move(devices, place, date):
    Location = Model.get('stock.location')
    wizard = Wizard('device.move', devices)
    wizard.form.location, = Location.find(
        [('stage', '=', place), ('type', '=', 'storage')], limit=1)
    wizard.form.date = date
    wizard.execute('move')


def attach(device, report):
    wizard = Wizard('device.report.attach', [device])
    wizard.form.file = json.dumps(report, indent=1).encode()
    wizard.form.file_name = f'{device.number}.lshw.json'
    wizard.execute('attach')


def erase(
        devices, date, method, technique, tool, version, result='success'):
    start = dt.datetime.combine(date, dt.time(7, 30))
    wizard = Wizard('device.erasure.record', devices)
    form = wizard.form
    form.method, form.technique = method, technique
    form.tool, form.tool_version = tool, version
    form.start, form.end = start, start + dt.timedelta(minutes=95)
    form.result = result
    wizard.execute('sign')


def countersign():
    "Sign second: someone other than the operator"
    Erasure = Model.get('device.erasure')
    Erasure.click(
        Erasure.find([('state', '=', 'signed'), ('result', '=', 'success')]),
        'countersign')


def seal():
    "Seal what is final, as the server does each hour"
    Seal = Model.get('evidence.seal')
    Seal.seal(Seal._config.context)


def declare(device, date):
    Declaration = Model.get('device.declaration')
    declaration = Declaration(
        lot=device, date=date, reason='removed_by_donor',
        notes="Berceau vide à l'ouverture du boîtier.")
    declaration.click('sign')


def repair(device, date, problem, outcome, notes, minutes, barrier=None):
    "Record what was done to the device"
    work = start_work(device, date, problem, minutes)
    work.end_date = date
    work.outcome, work.barrier, work.notes = outcome, barrier, notes
    work.click('do')


def start_work(device, date, problem, minutes):
    Work = Model.get('device.work')
    work = Work(lot=device, problem=problem, start_date=date)
    work.times.new(date=date, minutes=minutes)
    work.click('run')
    return work


def check(device, date, result, appearance, function, notes=None):
    Test = Model.get('device.test')
    test = Test(
        lot=device, date=date, result=result, notes=notes,
        grade_appearance=appearance, grade_function=function)
    if result == 'passed':
        test.click('pass_')
    test.click('do')


def describe_memory(kind, index):
    maker, model, prefix, size = kind['module']
    return [{
            'id': f'bank:{slot}', 'class': 'memory', 'claimed': True,
            'description': "DIMM Synchronous", 'product': model,
            'vendor': maker, 'serial': f'{prefix}{index}{slot}',
            'slot': f'DIMM{slot + 1}', 'units': 'bytes',
            'size': size * 2**30} for slot in range(2)]


def describe_drive(kind, index):
    maker, model, prefix, size = kind['drive']
    disk = {
        'id': 'disk', 'class': 'disk', 'claimed': True,
        'description': "ATA Disk", 'product': model, 'vendor': maker,
        'businfo': 'scsi@0:0.0.0', 'logicalname': '/dev/sda',
        'serial': f'{prefix}{index:02d}', 'units': 'bytes', 'size': size}
    if kind.get('nvme'):
        disk = {
            **disk, 'id': 'nvme', 'class': 'storage',
            'description': "NVMe device", 'businfo': 'pci@0000:01:00.0',
            'logicalname': '/dev/nvme0', 'children': [{
                    'id': 'namespace:1', 'class': 'disk',
                    'description': "NVMe disk",
                    'logicalname': '/dev/nvme0n1', 'units': 'bytes',
                    'size': size}]}
    return disk


def describe(kind, serial, index, drive=True):
    "Return what lshw says of such a machine"
    modules = describe_memory(kind, index)
    core = [
        {'id': 'memory', 'class': 'memory', 'description': "System Memory",
            'units': 'bytes', 'size': sum(m['size'] for m in modules),
            'children': modules},
        {'id': 'cpu', 'class': 'processor', 'description': "CPU",
            'product': kind['processor'], 'vendor': "Intel Corp.",
            'serial': "To Be Filled By O.E.M.", 'businfo': 'cpu@0'},
        {'id': 'sata', 'class': 'storage', 'description': "SATA controller",
            'businfo': 'pci@0000:00:17.0',
            'children': (
                [describe_drive(kind, index)] if drive else [])}]
    return {
        'id': 'atelier', 'class': 'system', 'claimed': True,
        'product': kind['product'], 'vendor': kind['vendor'],
        'serial': serial, 'configuration': {'chassis': kind['chassis']},
        'children': [{
                'id': 'core', 'class': 'bus', 'claimed': True,
                'description': "Motherboard", 'product': kind['board'],
                'vendor': kind['vendor'], 'children': core}]}
