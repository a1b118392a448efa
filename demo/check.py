# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Walk the ten steps of the story over HTTP, each as who does it.

python -m demo.check URL DATABASE: one line per step, with its numbers.
"""
import datetime as dt
import hashlib
import sys
import traceback
from contextlib import ExitStack
from decimal import Decimal

from proteus import Model, Report
from proteus import config as proteus_config

from . import evidence, loan, stock
from .base import PASSWORD, get_today


class CheckError(Exception):
    "A step of the story is not as it is told"


def check(condition, text):
    if not condition:
        raise CheckError(text)


class Client:
    "The sessions of the users on the server"

    def __init__(self, url, database, stack):
        self.url = f"{url.rstrip('/')}/{database}/rpc/"
        self.stack = stack
        self.sessions = {}

    def __call__(self, login):
        "Act as the user from now on"
        if login not in self.sessions:
            self.sessions[login] = self.stack.enter_context(
                proteus_config.set_xmlrpc_session(
                    self.url, username=login, password=PASSWORD))
        proteus_config._CONFIG.current = self.sessions[login]

    def refusal(self, function):
        "Return the sentence that refuses what the function does"
        try:
            function()
        except Exception as error:
            return str(error)
        raise CheckError("what must be refused was accepted")


def number(value, unit=''):
    text = f'{value:,.2f}'.replace(',', ' ').replace('.', ',')
    if text.endswith(',00') and unit != "EUR":
        text = text[:-3]
    return f'{text} {unit}'.strip()


def collections(client):
    client('accueil')
    Collection = Model.get('stock.shipment.in')
    Lot = Model.get('stock.lot')
    found = Collection.find([('state', '=', 'done')])
    devices = Lot.find([('collection', 'in', [c.id for c in found])])
    check(len(found) >= 2 and len(devices) >= 9, "two gifts of 9 devices")
    check(all(d.location for d in devices), "a device is nowhere")
    return (f"{len(found)} collectes, {len(devices)} appareils, "
        f"{number(sum(c.weighed for c in found), 'kg')} pesés")


def reports(client):
    client('atelier')
    DeviceReport = Model.get('device.report')
    Component = Model.get('device.component')
    found = DeviceReport.find([])
    check(found, "no hardware report")
    for report in found:
        check(
            hashlib.sha256(report.file).hexdigest() == report.sha256,
            f"the file of {report.rec_name} is not the one attached")
    components = Component.find([])
    serials = [c for c in components if c.serial]
    return (f"{len(found)} relevés conformes à leur SHA-256, "
        f"{len(components)} composants dont {len(serials)} avec n° de série")


def erasures(client):
    client('atelier')
    Declaration = Model.get('device.declaration')
    Erasure = Model.get('device.erasure')
    signed = Erasure.find([('state', '=', 'validated')])
    absent = Declaration.find([('state', '=', 'signed')])
    check(signed and absent, "no erasure or no declaration")
    _, content, *_ = Report('device.erasure.certificate').execute(signed[:1])
    check(
        bytes(getattr(content, 'data', content)).startswith(b'%PDF'),
        "the certificate is not a PDF")
    device, serial = prepare(client)
    sealed = seal(client)
    return (f"{len(signed)} effacements signés deux fois, {len(absent)} "
        f"déclaration sans support, {sealed} sceaux intacts ; {device.number} est refusé sur l'étagère tant que le "
        f"disque {serial} n'est pas effacé, puis accepté")


def seal(client):
    "Seal what is signed, check the chains and return the number of seals"
    client('controle')
    Seal = Model.get('evidence.seal')
    evidence.seal()
    result = Seal.verify(None, Seal._config.context)
    check(not result['problems'], ' '.join(result['problems']))
    return len(Seal.find([]))


def prepare(client):
    "Collect a computer and make it ready: not before its drive is erased"
    today = get_today()
    client('accueil')
    Party = Model.get('party.party')
    donor, = Party.find([('name', '=', "Menuiserie Larrieu")])
    collection = stock.create_collection(
        donor, 'company', today - dt.timedelta(days=2), weighed=4.9)
    stock.add_devices(collection, 'desktop', [
            ("Lenovo", "ThinkCentre M720s", f"PC0XR7{collection.id:02d}")])
    collection.click('receive')
    device, = stock.by_number(collection)

    client('atelier')
    device = Model.get('stock.lot')(device.id)
    evidence.attach(device, evidence.describe(
            evidence.LENOVO, device.serial_number, collection.id))
    drive, = [c for c in device.components if c.kind == 'drive']
    refusal = client.refusal(lambda: evidence.move([device], 'ready', today))
    check(
        device.number in refusal and drive.serial in refusal,
        f"the refusal names no device or no drive: {refusal}")
    evidence.erase(
        [device], today - dt.timedelta(days=1), 'purge', "NVMe format",
        "nvme-cli", "2.4")
    evidence.check(device, today, 'passed', 'B', 'A')
    client('presidence')
    evidence.countersign()
    client('atelier')
    evidence.move([device], 'ready', today)
    device.reload()
    check(device.stage == 'ready', f"{device.number} is not on the shelf")
    return device, drive.serial


def membership(client):
    client('accueil')
    Membership = Model.get('party.membership')
    active = Membership.find(
        [('state', '=', 'active')], order=[('id', 'ASC')])
    check(active, "no active member")
    client('tresorerie')
    invoice = Model.get('party.membership')(active[0].id).invoice
    split = {l.account.code: l.amount for l in invoice.lines}
    check(set(split) == {'7561', '7562'}, f"fee on {sorted(split)}")
    check(invoice.state == 'paid', "the fee is not paid")
    parts = ', '.join(
        f"{number(a, 'EUR')} au {c}" for c, a in sorted(split.items()))
    return f"{active[0].party.name}, facture {invoice.number} payée : {parts}"


def loans(client):
    client('accueil')
    Loan = Model.get('stock.loan')
    Lot = Model.get('stock.lot')
    first, = Loan.find([('lines.replaces', '!=', None)], limit=1)
    running = Loan.find(
        [('borrower', '=', first.borrower.id), ('state', '=', 'running')])
    returned = [n for n in first.lines if n.returned_on]
    swapped = [n for n in first.lines if n.replaces]
    check(returned and swapped, "no return or no swap")
    held = Lot.find([('holder', '=', first.borrower.id)])
    check(
        {d.id for d in held}
        == {n.lot.id for l in running for n in l.lines if not n.returned_on},
        "the devices at the school are not those of its loans")
    size = lend(client, first.borrower)
    return (f"{len(first.lines)} appareils prêtés à {first.borrower.name}, "
        f"{len(returned)} revenus dont {len(swapped)} par échange, "
        f"{len(held)} sur place ; un autre part avec sa convention "
        f"de {size // 1024} ko et revient")


def lend(client, borrower):
    "Lend what is ready, take it back and return the size of the agreement"
    Lot = Model.get('stock.lot')
    today = get_today()
    device, = Lot.find(
        [('stage', '=', 'ready'), ('device_kind', '=', 'desktop')],
        order=[('number', 'DESC')], limit=1)
    new = loan.lend(
        borrower, [device], today, today + dt.timedelta(days=30), "Atelier")
    device.reload()
    check(device.holder == borrower, f"{device.number} is not at the member's")
    _, content, *_ = Report('stock.loan.agreement').execute([new])
    content = bytes(getattr(content, 'data', content))
    check(content.startswith(b'%PDF'), "the agreement is not a PDF")
    loan.take_back(new, device, today, "Bon état")
    device.reload()
    check(
        new.state == 'done' and not device.holder,
        f"{device.number} is not back")
    return len(content)


def dismantling(client):
    client('atelier')
    Production = Model.get('production')
    done = Production.find([
            ('type', '=', 'disassembly'), ('state', '=', 'done')])
    check(len(done) >= 2, "two dismantlings")
    for production in done:
        gap = (production.mass_in - production.mass_out
            - production.declared_loss)
        check(
            abs(gap) <= 0.02 * production.mass_in + 1e-6,
            f"{production.rec_name} loses {gap} kg")
    return (f"{len(done)} démontages : "
        f"{number(sum(p.mass_in for p in done), 'kg')} entrés = "
        f"{number(sum(p.mass_out for p in done), 'kg')} sortis + "
        f"{number(sum(p.declared_loss for p in done), 'kg')} de perte "
        "déclarée")


def resale(client):
    client('tresorerie')
    Outcome = Model.get('collection.outcome')
    Sale = Model.get('sale.sale')
    sold = Sale.find([
            ('state', 'in', ['processing', 'done']),
            ('party.name', '=', "Récup'Aquitaine")])
    check(sold, "nothing is sold")
    forbidden = Outcome.find([
            ('collection.gift_regime.resale', '=', 'forbidden')])
    parts = {
        r.lot.id for r in forbidden if r.lot.product.template.component_kind
        in {'processor', 'memory', 'motherboard'}}
    check(parts, "no part comes from the town hall")
    refusal = client.refusal(
        lambda: quote(sold[0].party, min(parts)))
    check("L3212-2" in refusal, f"the refusal quotes no law: {refusal}")
    invoice, = sold[0].invoices
    return (f"facture {invoice.number} de "
        f"{number(invoice.total_amount, 'EUR')} ; une pièce de la mairie est "
        "refusée au devis (CG3P art. L3212-2)")


def quote(party, lot):
    Sale = Model.get('sale.sale')
    sale = Sale(party=Model.get('party.party')(party.id))
    line = sale.lines.new()
    line.lots.append(Model.get('stock.lot')(lot))
    line.unit_price = Decimal('1.00')
    sale.save()
    sale.click('quote')


def bank(client):
    client('tresorerie')
    Invoice = Model.get('account.invoice')
    Statement = Model.get('account.statement')
    posted = Statement.find([('state', '=', 'posted')])
    paid = Invoice.find([('type', '=', 'out'), ('state', '=', 'paid')])
    check(len(posted) >= 2 and len(paid) >= 2, "statements and paid invoices")
    client('controle')
    Line = Model.get('account.move.line')
    lines = Line.find([('move.state', '=', 'posted')])
    balance = sum(l.debit - l.credit for l in lines)
    check(balance == 0, f"the ledger is off by {balance}")
    return (f"{len(posted)} relevés, {len(paid)} factures payées pour "
        f"{number(sum(i.total_amount for i in paid), 'EUR')}, "
        f"grand livre équilibré sur {len(lines)} lignes")


def waste(client):
    client('atelier')
    Shipment = Model.get('stock.shipment.waste')
    gone = Shipment.find([
            ('state', 'in', ['sent', 'accepted', 'processed'])])
    check(gone, "no waste has left")
    for shipment in gone:
        check(shipment.register_lines, "what left is not in the register")
        check(not shipment.register_gaps, shipment.register_gaps)
    shipment = next(s for s in gone if s.slip_number)
    return (f"{number(shipment.weight, 'kg')} de {shipment.waste_code.code} "
        f"vers {shipment.party.name}, bordereau {shipment.slip_number}")


def questions(client):
    client('presidence')
    Income = Model.get('income.provenance')
    Outcome = Model.get('collection.outcome')
    gift = Outcome.find([
            ('collection.gift_regime.resale', '=', 'forbidden')])
    check(gift, "nothing became of the town hall's gift")
    # Another buyer, by weight, has not paid yet
    rows = Income.find([
            ('lot', '!=', None), ('statement_line', '!=', None)])
    total = sum(r.amount for r in rows)
    check(total == Decimal('84.00'), f"the parts brought {total}")
    check(
        all(r.device and r.donor for r in rows),
        "an income has lost its donor")
    donors = ', '.join(sorted({r.donor.name for r in rows}))
    client('controle')
    client.refusal(lambda: rename(gift[0].donor.id))
    return (f"le don de {gift[0].donor.name} est suivi en {len(gift)} lignes ; "
        f"les {number(total, 'EUR')} viennent de {len(rows)} pièces "
        f"données par {donors} ; le contrôle lit et ne change rien")


def rename(party):
    Party = Model.get('party.party')
    party = Party(party)
    party.name = "Une autre mairie"
    party.save()


STEPS = [
    ("Collectes", collections), ("Relevés matériels", reports),
    ("Effacements", erasures), ("Adhésion", membership), ("Prêts", loans),
    ("Démontages", dismantling), ("Ventes", resale), ("Banque", bank),
    ("Déchets", waste), ("Les deux questions", questions)]


def main(url, database):
    with ExitStack() as stack:
        return walk(Client(url, database, stack))


def walk(client):
    failed = 0
    print(f"L'histoire en dix étapes, le {get_today():%d/%m/%Y}")
    for rank, (name, step) in enumerate(STEPS, 1):
        try:
            print(f"{rank:2}. {name} : {step(client)}", flush=True)
        except CheckError as error:
            failed += 1
            print(f"{rank:2}. {name} : ÉCHEC, {error}", flush=True)
        except Exception:
            failed += 1
            print(f"{rank:2}. {name} : ÉCHEC", flush=True)
            traceback.print_exc()
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
