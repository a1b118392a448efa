# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What was paid on HelloAsso: a gift paid out, others still to book."""
import datetime as dt

from proteus import Model, Wizard

from .evidence import act_as

HEADER = (
    "Référence paiement;Date du paiement;Montant;Statut du paiement;"
    "Moyen de paiement;Type de campagne;Campagne;Nom payeur;Prénom payeur;"
    "Email payeur;Adresse payeur;Code postal payeur;Ville payeur;"
    "Date du versement")
# reference, days ago, amount, type, name, first name, paid out
PAYMENTS = [
    ("48210937", 28, "50,00", "Don", "Saintonge", "Irène", True),
    ("48216402", 20, "15,00", "Don", "Peyrac", "Loïc", False),
    ("48219118", 6, "12,00", "Billetterie", "Cazaux", "Nour", False),
    ]


def run(config, context):
    "Import the file of the month, and book the first gift"
    Payment = Model.get('account.helloasso.payment')
    today = context['today']
    with act_as(config, 'tresorerie'):
        wizard = Wizard('account.helloasso.import')
        wizard.form.file = '\n'.join(
            [HEADER, *(get_row(today, *p) for p in PAYMENTS)]).encode()
        wizard.execute('preview')
        wizard.execute('import_')
        first, = Payment.find([('reference', '=', PAYMENTS[0][0])])
        first.click('create_party')
        first.click('post')


def get_row(today, reference, days, amount, type_, name, first_name, paid_out):
    date = today - dt.timedelta(days=days)
    payout = date + dt.timedelta(days=14)
    return ';'.join([
            reference, f"{date:%d/%m/%Y} 18:40:00", amount, "Validé",
            "Carte bancaire", type_, "Atelier d'automne", name, first_name,
            f"{first_name}.{name}@example.org".casefold(), "3 allée des Pins",
            "33600", "Pessac", f"{payout:%d/%m/%Y}" if paid_out else ""])
