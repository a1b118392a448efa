# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What donors give to the association, and their tax receipts."""
import datetime as dt
from decimal import Decimal

from proteus import Model
from trytond.modules.proxymikro_account.setup_gift import setup_receipts

from .evidence import act_as

# name, legal kind, SIREN, nature, means, amount, description, days ago
GIFTS = [
    ("Claude Vidal", 'individual', None, 'money', 'cheque', '150.00',
        None, 30),
    ("Lucie Hameau", 'individual', None, 'waiver', None, '46.20',
        "Déplacements des collectes : 112 km", 25),
    ("Ateliers du Port", 'company', '732829320', 'kind', None, '640.00',
        "4 écrans de 24 pouces", 20),
    ("Félix Amado", 'individual', None, 'money', 'cash', '20.00', None, 3),
    ]


def run(config, context):
    "Record gifts and issue the receipts of all but the last"
    company, today = context['company'], context['today']
    party = company.party
    party.identifiers.new(type='fr_rna', code='W332098765')
    party.save()
    setup_receipts(
        config, "Organisme d'intérêt général",
        "Collecter, remettre en état et prêter du matériel informatique",
        "Claire Etcheverry, trésorière")
    with act_as(config, 'tresorerie'):
        gifts = [record(today, *values) for values in GIFTS]
        for gift in gifts[:-1]:
            gift.click('issue_receipt')


def record(
        today, name, kind, siren, nature, means, amount, description, days):
    Gift = Model.get('account.gift')
    Party = Model.get('party.party')
    party = Party(name=name, legal_kind=kind)
    address, = party.addresses
    address.street = "12 quai des Marais"
    address.postal_code, address.city = "33000", "Bordeaux"
    if siren:
        party.identifiers.new(type='fr_siren', code=siren)
    party.save()
    date = today - dt.timedelta(days=days)
    gift = Gift(date=date, amount=Decimal(amount), description=description)
    gift.nature = nature
    gift.party = party
    gift.means = means
    if nature != 'money':
        gift.signed_on = date
    gift.click('record')
    return gift
