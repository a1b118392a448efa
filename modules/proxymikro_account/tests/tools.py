# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
import datetime as dt
from decimal import Decimal

from proteus import Model
from proteus.config import get_config
from trytond.modules.company.tests.tools import get_company
from trytond.modules.proxymikro_account import setup_books as books
from trytond.modules.proxymikro_account.setup_books import (
    get_account, get_category, get_product)

__all__ = [
    'create_association_chart', 'create_books', 'create_invoice',
    'create_move', 'create_ofx', 'create_user', 'get_account', 'get_category',
    'get_product']


def create_association_chart(company=None, config=None):
    "Create the chart of accounts of the association"
    config = config or get_config()
    books.create_chart(config, company or get_company(config=config))


def create_books(company=None, config=None):
    "Set up the books of the current year, chart included"
    config = config or get_config()
    books.setup_books(
        config, company or get_company(config=config), dt.date.today().year)


def create_user(login, *groups, config=None):
    "Create a user who is in the groups given by XML id and no other"
    User = Model.get('res.user', config=config)
    Group = Model.get('res.group', config=config)
    company = get_company(config=config)
    user = User(name=login, login=login)
    user.companies.append(company)
    user.company = company
    for group in groups:
        user.groups.append(Group(books.get_id(group, config)))
    user.save()
    return user


def create_invoice(party, date, lines, config=None):
    """Create a customer invoice.

    The lines are couples of a product or of an account code and an amount.
    """
    Invoice = Model.get('account.invoice', config=config)
    invoice = Invoice(type='out', party=party, invoice_date=date)
    for origin, amount in lines:
        line = invoice.lines.new()
        if isinstance(origin, str):
            line.account = get_account(origin, config=config)
            line.description = origin
        else:
            line.product = origin
        line.quantity = 1
        line.unit_price = amount
    invoice.save()
    return invoice


def create_move(date, lines, description=None, config=None):
    "Create and post a move in the journal of miscellaneous operations"
    Move = Model.get('account.move', config=config)
    Period = Model.get('account.period', config=config)
    Journal = Model.get('account.journal', config=config)
    period, = Period.find([
            ('start_date', '<=', date), ('end_date', '>=', date),
            ('type', '=', 'standard')])
    journal, = Journal.find([('code', '=', 'OD')])
    move = Move(period=period, journal=journal, date=date)
    move.description = description
    for code, debit, credit in lines:
        move.lines.new(
            account=get_account(code, config=config),
            debit=Decimal(debit), credit=Decimal(credit))
    move.save()
    move.click('post')


def create_ofx(balance, transactions):
    """Return the file of the bank, which starts from the balance.

    The transactions are their day, amount, number, name and memo.
    """
    end = Decimal(balance) + sum(Decimal(t[1]) for t in transactions)
    lines = '\n'.join(
        f'<STMTTRN><TRNTYPE>OTHER<DTPOSTED>{day}<TRNAMT>{amount}'
        f'<FITID>{number}<NAME>{name}<MEMO>{memo}</STMTTRN>'
        for day, amount, number, name, memo in transactions)
    first, last = transactions[0][0], transactions[-1][0]
    number = books.account_number(books.IBAN)
    return f"""OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>
<DTSERVER>{last}<LANGUAGE>FRA</SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><TRNUID>{first}<STATUS><CODE>0<SEVERITY>INFO</STATUS>
<STMTRS><CURDEF>EUR
<BANKACCTFROM><BANKID>30006<BRANCHID>00001<ACCTID>{number}\
<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>{first}<DTEND>{last}
{lines}
</BANKTRANLIST>
<LEDGERBAL><BALAMT>{end}<DTASOF>{last}</LEDGERBAL>
</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
""".encode('cp1252')
