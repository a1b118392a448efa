# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""Step 5 of the story: the school borrows, gives one back, swaps the other."""
import datetime as dt

from proteus import Model, Wizard

from .evidence import act_as, countersign, erase


def run(config, context):
    today = context['today']
    school = context['school']
    back, broken, replacement = context['company_devices'][:3]
    with act_as(config, 'accueil'):
        loan = lend(
            school, [back, broken], today - dt.timedelta(days=25),
            today + dt.timedelta(days=340), "Salle informatique du cycle 3")
        take_back(
            loan, back, today - dt.timedelta(days=12),
            "Ventilateur bruyant, une seule sortie vidéo utilisable")
        swap(
            loan, broken, replacement, today - dt.timedelta(days=9),
            "S'éteint seul après une heure")
    with act_as(config, 'atelier'):
        # What a borrower used holds data again
        erase([back], today - dt.timedelta(days=11),
            'purge', "NVMe format, effacement cryptographique",
            "nvme-cli", "2.4")
    with act_as(config, 'presidence'):
        countersign()
    Issue = Model.get('device.issue')
    Issue(
        lot=replacement, date=today - dt.timedelta(days=2),
        text="L'écran reste noir une fois sur deux au démarrage.",
        contact="Mme Lacoste, classe de CM2").save()
    for device in [back, broken, replacement]:
        device.reload()
    context['loan'] = loan
    context['returned_device'] = back
    context['swapped_device'] = broken


def lend(borrower, devices, date, due, purpose):
    Line = Model.get('stock.loan.line')
    Loan = Model.get('stock.loan')
    loan = Loan(borrower=borrower, purpose=purpose)
    loan.start_date, loan.end_date = date, due
    loan.delivered_on = date
    loan.lines.extend(Line(lot=device) for device in devices)
    loan.click('reserve')
    loan.click('deliver')
    return loan


def take_back(loan, device, date, condition):
    wizard = Wizard('stock.loan.return', [loan])
    wizard.form.date = date
    line, = [n for n in wizard.form.lines if n.lot == device]
    line.returned = True
    line.condition_in = condition
    wizard.execute('return_')
    loan.reload()


def swap(loan, device, replacement, date, condition):
    wizard = Wizard('stock.loan.swap', [loan])
    wizard.form.date = date
    wizard.form.line, = [
        n for n in loan.lines if n.lot == device and not n.returned_on]
    wizard.form.condition_in = condition
    wizard.form.replacement = replacement
    wizard.execute('swap')
    loan.reload()
