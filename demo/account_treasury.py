# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The treasurer's ordinary days: cheques and cash go to the bank."""
import datetime as dt
from decimal import Decimal

from proteus import Model, Wizard
from trytond.modules.proxymikro_account.setup_books import get_account

from .evidence import act_as

# The slip which the waiting statement credits
REFERENCE = "0000031"
CHEQUES = [
    ("Paulette Arnaud", "Banque du Lac", "4410027", '30.00'),
    ("Hugo Bergès", "Caisse de l'Estuaire", "0119834", '25.00'),
    ]


def run(config, context):
    "Deposit cheques, count the cash and bring it to the bank"
    with act_as(config, 'tresorerie'):
        date = context['today'] - dt.timedelta(days=2)
        deposit(date)
        count(date, [('10', 1), ('5', 1), ('2', 2), ('1', 1)])
        transfer(date + dt.timedelta(days=1), Decimal('20.00'))


def deposit(date):
    Deposit = Model.get('account.cheque.deposit')
    slip = Deposit(date=date, reference=REFERENCE)
    for drawer, bank, number, amount in CHEQUES:
        slip.cheques.new(
            drawer=drawer, bank=bank, number=number, amount=Decimal(amount),
            account=get_account('75411'))
    slip.click('deposit')


def count(date, coins):
    "Count the gifts in cash"
    Count = Model.get('account.cash.count')
    count = Count(date=date, account=get_account('5311'))
    quantities = {Decimal(value): quantity for value, quantity in coins}
    for line in count.lines:
        line.quantity = quantities.get(line.value, 0)
    count.click('confirm')


def transfer(date, amount):
    wizard = Wizard('account.transfer')
    wizard.form.date = date
    wizard.form.from_account = get_account('5311')
    wizard.form.to_account = get_account('5121')
    wizard.form.amount = amount
    wizard.execute('transfer')
