# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What waits on the day of the story: requests, a recall, a count, a drive."""
import datetime as dt

from proteus import Model, Wizard

from . import evidence, loan, stock
from .evidence import LENOVO, act_as
from .stock import get_product

LAPTOP = {
    **LENOVO, 'product': "ThinkPad L460", 'chassis': 'laptop',
    'board': "20FVS0W900"}


def run(config, context):
    today = context['today']
    with act_as(config, 'accueil'):
        plan_collection(context['town_hall'], today)
        devices = receive_laptops(today)
        ask(context['school'], today - dt.timedelta(days=6),
            "Deux postes de plus pour la salle du cycle 3",
            {'product': get_product('desktop'), 'quantity': 2})
        ask(context['library'], today - dt.timedelta(days=3),
            "Postes du public",
            {'kit': get_kit('workstation'), 'quantity': 4})
        recall(
            context['school'], context['town_hall_devices'], today)
        count(context['school'])
    with act_as(config, 'atelier'):
        fail_erasure(devices, today)


def plan_collection(town_hall, today):
    "The town hall has announced more: the documents are still missing"
    gift = stock.create_collection(
        town_hall, 'administration', today + dt.timedelta(days=9),
        planned_time=dt.time(14, 0))
    gift.effective_date = None
    gift.save()
    stock.announce(gift, {'laptop': 12, 'screen': 6})


def receive_laptops(today):
    donor = stock.create_donor(
        "Imprimerie du Cypressat", "27 quai des Chargeurs", "33100",
        "Bordeaux")
    gift = stock.create_collection(
        donor, 'company', today - dt.timedelta(days=5), weighed=4.1)
    stock.add_devices(gift, 'laptop', [
            ("Lenovo", "ThinkPad L460", f"PF0MR4{n:02d}") for n in range(2)])
    gift.click('receive')
    return stock.by_number(gift)


def ask(borrower, date, purpose, line):
    Request = Model.get('stock.loan.request')
    request = Request(borrower=borrower, date=date, purpose=purpose)
    request.lines.new(**line)
    request.save()


def get_kit(name):
    Kit = Model.get('stock.kit')
    ModelData = Model.get('ir.model.data')
    return Kit(ModelData.get_id(
            f'proxymikro_stock.kit_{name}', Kit._config.context))


def recall(school, devices, today):
    "A screen was lent for long: another school needs it sooner"
    Lot = Model.get('stock.lot')
    screen = next(
        d for d in map(Lot, [d.id for d in devices])
        if d.stage == 'ready' and not d.product.may_hold_data)
    lent = loan.lend(
        school, [screen], today - dt.timedelta(days=15),
        today + dt.timedelta(days=200), "Exposition des élèves")
    wizard = Wizard('stock.loan.recall', [lent])
    wizard.form.date = today + dt.timedelta(days=10)
    wizard.form.reason = (
        "Une autre école n'a plus d'écran pour ses évaluations.")
    wizard.form.send = False
    wizard.execute('recall')


def count(school):
    "The devices of the school are being seen one by one"
    Inventory = Model.get('stock.inventory')
    Wizard('stock.inventory.member', [school])
    for inventory in Inventory.find([('state', '=', 'draft')]):
        line = inventory.lines[0]
        line.quantity = 1
        inventory.save()


def fail_erasure(laptops, today):
    "One drive can't be erased: its certificate is refused, it goes to waste"
    evidence.move(laptops, 'workshop', today - dt.timedelta(days=4))
    for index, device in enumerate(laptops):
        evidence.attach(device, evidence.describe(
                LAPTOP, device.serial_number, index + 20))
    for device, result in zip(laptops, ['success', 'failed']):
        evidence.erase(
            [device], today - dt.timedelta(days=3), 'purge',
            "NVMe format, effacement cryptographique", "nvme-cli", "2.4",
            result)
