# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A statement which waits for the treasurer: what the bank brought today."""
from decimal import Decimal

from proteus import Model
from trytond.modules.proxymikro_account import setup_books as books

from .account import (
    HEADER, STATEMENT, TRANSACTION, count_transactions, import_file,
    last_balance)

# Who owes how much, and how the bank writes the payment
PAYERS = [
    ("Collège des Vignes", '30.00', "VIR SEPA RECU", "FACTURE {number}"),
    ("Ludothèque du Lac", '30.00', "LUDOTHEQUE DU LAC", "COTISATION"),
    ("Mairie de Saint-Médard", '45.00', "VIR TRESOR PUBLIC", "MANDAT 1482"),
    # Another town owes as much: the treasurer tells which one the mandate pays
    ("Mairie de Floirac", '45.00', None, None),
    ]
# The slip of the cheques, and what nothing recognises
OTHERS = [
    ("REMISE CHEQUES", "BORDEREAU 0000031", Decimal('55.00')),
    ("VIR INSTANTANE", "PARTICIPATION ATELIER", Decimal('18.00')),
    ]


def waiting(config, context):
    "Import a statement which is left to match"
    today = context['today']
    rows = []
    for name, amount, payer, memo in PAYERS:
        invoice = create_invoice(config, name, Decimal(amount), today)
        if payer:
            rows.append((
                    Decimal(amount), payer,
                    memo.format(number=invoice.number)))
    rows.extend((amount, payer, memo) for payer, memo, amount in OTHERS)
    day, known = today.strftime('%Y%m%d'), count_transactions(config)
    transactions = [
        TRANSACTION.format(
            type='CREDIT', date=day, amount=amount, id=f'{day}{index:03}',
            name=payer, memo=memo)
        for index, (amount, payer, memo) in enumerate(rows, known + 1)]
    balance = last_balance(config) + sum(row[0] for row in rows)
    context['waiting'] = import_file(config, (HEADER + STATEMENT.format(
                date=day, account=books.account_number(books.IBAN),
                transactions='\n'.join(transactions), balance=balance,
                )).encode('cp1252'))


def create_invoice(config, name, amount, date):
    "Invoice the fee of a member"
    Invoice = Model.get('account.invoice', config=config)
    Party = Model.get('party.party', config=config)
    party = Party(name=name)
    if name.startswith("Mairie"):
        party.legal_kind = 'public'
    party.save()
    invoice = Invoice(type='out')
    invoice.party, invoice.invoice_date = party, date
    line = invoice.lines.new()
    line.product = books.get_product('fee', config)
    line.quantity, line.unit_price = 1, amount
    invoice.save()
    invoice.click('post')
    return invoice
