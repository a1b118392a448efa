# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Step 4 of the story: a school becomes a member and pays its fee."""
import datetime as dt
from decimal import Decimal

from proteus import Model
from trytond.modules.proxymikro_account.setup_books import get_product

from . import account
from .stock import create_donor


def run(config, context):
    today = context['today']
    type_ = create_type(context['company'])
    school = create_donor(
        "Coopérative scolaire des Tilleuls", "3 allée des Tilleuls",
        "33610", "Val-de-Leyre")
    membership = call(school, type_, today - dt.timedelta(days=28))
    library = create_donor(
        "Bibliothèque associative du Port", "5 quai du Port", "33120",
        "Port-Larros")
    call(library, type_, today)
    # The school's transfer is in the first file of the bank
    account.bank(config, {**context, 'today': today}, [membership.invoice])
    membership.reload()
    assert membership.state == 'active', membership.state
    context['school'], context['library'] = school, library
    context['membership'] = membership
    context['fee_invoice'] = membership.invoice


def create_type(company):
    Company = Model.get('company.company')
    Type = Model.get('party.membership.type')
    type_ = Type(
        name="École ou association culturelle",
        company=Company(company.id), period='civil', max_devices=30)
    for product, amount in [('fee', '10.00'), ('fee_counterpart', '20.00')]:
        type_.fees.new(product=get_product(product), amount=Decimal(amount))
    type_.save()
    return type_


def call(party, type_, date):
    Membership = Model.get('party.membership')
    membership = Membership(party=party, type=type_)
    membership.start_date = date
    membership.save()
    membership.click('call')
    return membership
