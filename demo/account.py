# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""The books: opened before the story, and its step 8, the bank's file."""
import datetime as dt
from decimal import Decimal

from proteus import Model, Wizard
from trytond.modules.company.tests.tools import get_company
from trytond.modules.proxymikro_account import setup_books as books

OPENING_BALANCE = Decimal('1250.00')
BANK_FEE = Decimal('3.50')
HEADER = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

"""
STATEMENT = """<OFX>
<SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>
<DTSERVER>{date}<LANGUAGE>FRA</SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><TRNUID>RELEVE-{date}
<STATUS><CODE>0<SEVERITY>INFO</STATUS>
<STMTRS><CURDEF>EUR
<BANKACCTFROM><BANKID>30006<BRANCHID>00001<ACCTID>{account}\
<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>{date}<DTEND>{date}
{transactions}
</BANKTRANLIST>
<LEDGERBAL><BALAMT>{balance}<DTASOF>{date}</LEDGERBAL>
</STMTRS></STMTTRNRS></BANKMSGSRSV1>
</OFX>
"""
TRANSACTION = (
    "<STMTTRN><TRNTYPE>{type}<DTPOSTED>{date}<TRNAMT>{amount:+}"
    "<FITID>{id}<NAME>{name}<MEMO>{memo}</STMTTRN>")


def run(config, context):
    "Open the books of the current year, of the last one while it matters"
    company = get_company(config=config)
    today = context['today']
    first = (today - dt.timedelta(days=60)).year
    for year in range(first, today.year + 1):
        fiscalyear, journal = books.setup_books(
            config, company, year, bank_name="Banque de l'Estuaire")
    carry_over(config, dt.date(first, 1, 1))
    context['fiscalyear'], context['statement_journal'] = fiscalyear, journal


def carry_over(config, date):
    "Enter what the bank account held when the books were opened"
    Move = Model.get('account.move', config=config)
    Period = Model.get('account.period', config=config)
    Journal = Model.get('account.journal', config=config)
    if Move.find([], limit=1):
        return
    period, = Period.find([
            ('start_date', '=', date), ('type', '=', 'standard')])
    move = Move(period=period, date=date, description="À nouveaux")
    move.journal = Journal(
        books.get_id('account.journal_miscellaneous', config))
    move.lines.new(
        account=books.get_account('5121', config=config),
        debit=OPENING_BALANCE)
    move.lines.new(
        account=books.get_account('110', config=config),
        credit=OPENING_BALANCE)
    move.save()
    move.click('post')


def bank(config, context, invoices=None):
    """Import the bank's file: invoices are paid, the bank takes its fee.

    Without the invoices all those that are not paid are.
    """
    today = context['today']
    if invoices is None:
        invoices = unpaid_invoices(config)
    file_ = ofx(
        invoices, today, last_balance(config), count_transactions(config))
    statement = import_file(config, file_)
    statement.click('apply_rules')
    match_by_party(config, statement, invoices)
    statement.click('validate_statement')
    statement.click('post')
    context['bank_file'], context['statement'] = file_, statement


def unpaid_invoices(config):
    Invoice = Model.get('account.invoice', config=config)
    return Invoice.find(
        [('type', '=', 'out'), ('state', '=', 'posted')],
        order=[('number', 'ASC')])


def last_balance(config):
    Statement = Model.get('account.statement', config=config)
    last = Statement.find(
        [('state', '=', 'posted')],
        order=[('date', 'DESC'), ('id', 'DESC')], limit=1)
    return last[0].end_balance if last else OPENING_BALANCE


def count_transactions(config):
    Origin = Model.get('account.statement.origin', config=config)
    return len(Origin.find([]))


def ofx(invoices, date, balance, known=0):
    """Return the file of the bank, as bytes.

    The first payer writes the invoice number, the others only their name.
    The bank numbers its transactions after those already known.
    """
    day = date.strftime('%Y%m%d')
    rows = []
    for invoice in invoices:
        name, memo = invoice.party.name, "VIREMENT"
        if not rows:
            name, memo = "VIR SEPA RECU", f"FACTURE {invoice.number}"
        rows.append(('CREDIT', invoice.amount_to_pay, name, memo))
    rows.append(('DEBIT', -BANK_FEE, "FRAIS TENUE DE COMPTE", "MENSUEL"))
    transactions = [
        TRANSACTION.format(
            type=type_, date=day, amount=amount, id=f'{day}{index:03}',
            name=name, memo=memo)
        for index, (type_, amount, name, memo) in enumerate(
            rows, known + 1)]
    return (HEADER + STATEMENT.format(
            date=day, account=books.account_number(books.IBAN),
            transactions='\n'.join(transactions),
            balance=balance + sum(row[1] for row in rows))
        ).encode('cp1252', 'replace')


def import_file(config, file_):
    Statement = Model.get('account.statement', config=config)
    before = {s.id for s in Statement.find([])}
    wizard = Wizard('account.statement.import', config=config)
    wizard.form.file_ = file_
    wizard.form.file_format = 'ofx'
    wizard.execute('import_')
    statement, = Statement.find([('id', 'not in', list(before))])
    return statement


def match_by_party(config, statement, invoices):
    "Pay the invoice of the same amount to whom the bank names"
    Invoice = Model.get('account.invoice', config=config)
    statement.reload()
    taken = {l.related_to.id for l in statement.lines if l.related_to}
    for origin in statement.origins:
        if origin.lines or not origin.party:
            continue
        for invoice in invoices:
            if (invoice.id not in taken
                    and invoice.party == origin.party
                    and invoice.amount_to_pay == origin.amount):
                line = origin.lines.new()
                line.related_to = Invoice(invoice.id)
                taken.add(invoice.id)
                break
    statement.save()
