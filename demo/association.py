# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The life of the association: a renewal, an assembly, support."""
import datetime as dt

from proteus import Model

from .evidence import act_as

VOLUNTEERS = [
    "Denis Fauché", "Lucile Arrieux", "Marcelin Peyrat", "Nadège Courtin"]
# Those who are written to by e-mail, the others get letters
EMAILS = {"Lucile Arrieux": 'lucile.arrieux@example.org'}
MOTIONS = [
    ("Rapport moral", 'simple'),
    ("Comptes et affectation du résultat", 'simple'),
    ("Transfert du siège", 'two_thirds')]


def run(config, context):
    "A campaign waits to be called, an assembly is convened"
    today = context['today']
    with act_as(config, 'presidence'):
        create_colleges()
    for name in VOLUNTEERS:
        join(name, today - dt.timedelta(days=20))
    with act_as(config, 'accueil'):
        prepare_campaign(today.year)
    with act_as(config, 'presidence'):
        convene(today)
    with act_as(config, 'accueil'):
        ask_for_support(context['school'])
    with act_as(config, 'presidence'):
        create_network(context['school'], today)


def create_colleges():
    "The members vote with those of their kind; a volunteer pays nothing"
    College = Model.get('party.membership.college')
    Type = Model.get('party.membership.type')
    places, people = [
        College(name=name, votes=votes)
        for name, votes in [("Établissements", 2), ("Personnes", 1)]]
    places.save()
    people.save()
    for type_ in Type.find([]):
        type_.college = places
        type_.save()
    Type(name="Bénévole", period='civil', may_borrow=False, support=False,
        college=people, targets=['individual']).save()


def join(name, date):
    Membership = Model.get('party.membership')
    Party = Model.get('party.party')
    Type = Model.get('party.membership.type')
    party = Party.find([('name', '=', name)], limit=1)
    party = party[0] if party else Party(name=name)
    party.legal_kind = 'individual'
    if name in EMAILS:
        party.contact_mechanisms.new(type='email', value=EMAILS[name])
    party.save()
    type_, = Type.find([('name', '=', "Bénévole")])
    membership = Membership(party=party, type=type_)
    membership.start_date = date
    membership.save()
    membership.click('call')


def prepare_campaign(year):
    Campaign = Model.get('party.membership.campaign')
    campaign = Campaign(
        name=f"Adhésions {year + 1}", from_date=dt.date(year, 1, 1),
        to_date=dt.date(year, 12, 31))
    campaign.click('prepare')
    assert campaign.lines, "nobody is asked to renew"


def convene(today):
    Assembly = Model.get('party.membership.assembly')
    assembly = Assembly(
        name=f"Assemblée générale {today.year}", voters_date=today,
        date=today + dt.timedelta(days=21), time=dt.time(18, 30),
        place="Salle des Tilleuls, Val-de-Leyre", quorum='1/3', proxy_cap=2)
    assembly.agenda = "Accueil, rapports, votes, questions diverses"
    for name, majority in MOTIONS:
        assembly.motions.new(name=name, majority=majority)
    assembly.click('convene')


def ask_for_support(school):
    "A teacher has called about a device, somebody else about a printer"
    LoanLine = Model.get('stock.loan.line')
    Request = Model.get('support.request')
    line, = LoanLine.find([
            ('loan.borrower', '=', school.id), ('state', '=', 'lent'),
            ], limit=1)
    request = Request(
        subject="L'écran reste noir", channel='phone', lot=line.lot,
        text="Depuis ce matin, le voyant s'allume mais rien ne s'affiche.",
        contact="Mme Arrieux, aux heures de récréation")
    request.save()
    request.click('assess')
    Request(
        subject="Installer une imprimante", channel='desk', party=school,
        contact="Le directeur, au 05 36 49 77 10").save()


def create_network(school, today):
    "A mother of a pupil speaks of the association around her"
    Network = Model.get('party.network')
    Party = Model.get('party.party')
    network = Network(name="Parents d'élèves de Val-de-Leyre", kind='parents')
    network.parties.append(Party(school.id))
    relay, = Party.find([('name', '=', "Nadège Courtin")])
    network.relays.new(
        party=relay, consented_on=today - dt.timedelta(days=30),
        consent_proof="Bulletin signé à la fête de l'école")
    network.save()
