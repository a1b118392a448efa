# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What volunteers spent: given up, to pay, or still to approve."""
import datetime as dt
from decimal import Decimal

from proteus import Model, Wizard

from .evidence import act_as

TICKET = b"%PDF-1.4\n% Justificatif de la demonstration\n"


def run(config, context):
    "Claim for journeys and purchases; the presidency approves"
    Claim = Model.get('account.expense.claim')
    today = context['today']
    nadia, hugo, sami = map(create_volunteer, [
            "Nadia Forges", "Hugo Bergès", "Sami Ortega"])
    with act_as(config, 'tresorerie'):
        waived = claim(
            nadia, today - dt.timedelta(days=12), "Collecte de la préfecture",
            ('mileage', "Bordeaux - Libourne et retour", "5 CV", 62),
            ('meal', "Repas de midi, deux bénévoles", Decimal('27.80')))
        owed = claim(
            hugo, today - dt.timedelta(days=9), "Pièces pour l'atelier",
            ('supplies', "Pâte thermique et vis", Decimal('18.95')))
        claim(
            sami, today - dt.timedelta(days=1), "Installation à l'école",
            ('travel', "Tram, aller et retour", Decimal('3.60')),
            ('mileage', "Bordeaux - Cenon et retour", "4 CV", 18))
    with act_as(config, 'presidence'):
        for each in [waived, owed]:
            Claim(each.id).click('approve')
    with act_as(config, 'tresorerie'):
        waive = Wizard(
            'account.expense.claim.waive', [Claim(waived.id)])
        waive.form.date = today - dt.timedelta(days=10)
        waive.execute('waive')


def create_volunteer(name):
    Party = Model.get('party.party')
    party = Party(name=name, legal_kind='individual')
    address, = party.addresses
    address.street = "8 rue des Vignes"
    address.postal_code, address.city = "33150", "Cenon"
    party.save()
    return party


def claim(party, date, purpose, *expenses):
    Claim = Model.get('account.expense.claim')
    Scale = Model.get('account.expense.scale')
    sheet = Claim(party=party, date=date, purpose=purpose)
    for nature, description, what, *kilometers in expenses:
        line = sheet.lines.new(date=date, description=description)
        line.nature = nature
        if kilometers:
            line.scale, = Scale.find([('name', '=', f"Voiture, {what}")])
            line.kilometers, = kilometers
        else:
            line.amount = what
            line.document, line.document_name = TICKET, "ticket.pdf"
    sheet.click('submit')
    return sheet
