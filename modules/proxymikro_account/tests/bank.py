# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""A bank account and its files, for the tests of the statements."""
import datetime as dt
from decimal import Decimal

from sql.aggregate import Max

from trytond.model import fields
from trytond.modules.account.tests import create_chart
from trytond.modules.account.tests.test_module import get_fiscalyear
from trytond.modules.account_invoice.tests import set_invoice_sequences
from trytond.modules.company.tests import create_company, set_company
from trytond.modules.currency.tests import create_currency
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.transaction import Transaction

IBAN = 'FR7630006000011234567890189'
NUMBER = IBAN[14:25]


def with_bank(func):
    "Run in a transaction of an association which has a bank account"
    @with_transaction()
    def wrapper(self):
        company = create_company(currency=create_currency('EUR'))
        with set_company(company):
            func(self, BankAccount(company))
    return wrapper


class BankAccount:
    "The books of 2026 with the journal of the bank account"

    def __init__(self, company):
        pool = Pool()
        self.company = company
        create_chart(company)
        self.fiscalyear = set_invoice_sequences(get_fiscalyear(
                company, today=dt.date(2026, 6, 1),
                start_date=dt.date(2026, 1, 1),
                end_date=dt.date(2026, 12, 31)))
        self.fiscalyear.save()
        self.fiscalyear.create_period([self.fiscalyear])
        self.bank, = pool.get('bank').create([{
                    'party': self.party("Banque de l'Estuaire").id}])
        self.journal = self.create_journal(IBAN, self.account('cash'))

    def party(self, name):
        party, = Pool().get('party.party').create([{'name': name}])
        return party

    def account(self, kind):
        Account = Pool().get('account.account')
        clause = {
            'cash': ('code', '=', '1.1.1'),
            'receivable': ('type.receivable', '=', True),
            'payable': ('type.payable', '=', True),
            'revenue': ('type.revenue', '=', True),
            'expense': ('type.expense', '=', True)}[kind]
        account, = Account.search([
                clause, ('closed', '!=', True),
                ('company', '=', self.company.id)], limit=1)
        return account

    def create_journal(self, iban, account):
        pool = Pool()
        number, = pool.get('bank.account').create([{
                    'bank': self.bank.id,
                    'currency': self.company.currency.id,
                    'owners': [('add', [self.company.party.id])],
                    'numbers': [('create', [
                                {'type': 'iban', 'number': iban},
                                {'type': 'other', 'number': iban[14:25]}])],
                    }])
        statement, = pool.get('account.journal').search([
                ('type', '=', 'statement')], limit=1)
        journal, = pool.get('account.statement.journal').create([{
                    'name': "Banque",
                    'journal': statement.id,
                    'account': account.id,
                    'currency': self.company.currency.id,
                    'company': self.company.id,
                    'bank_account': number.id,
                    'validation': 'balance',
                    }])
        return journal

    def mapping(self, **values):
        mapping = Pool().get('account.statement.mapping')(
            name="Estuaire", company=self.company, journal=self.journal,
            date="Date", amount="Montant", descriptions="Libellé;Détail")
        for name, value in values.items():
            setattr(mapping, name, value)
        mapping.save()
        return mapping

    def import_(self, format_, data, **values):
        "Return the statements made from the file"
        pool = Pool()
        Wizard = pool.get('account.statement.import', type='wizard')
        Statement = pool.get('account.statement')
        before = Statement.search([])
        session, _, _ = Wizard.create()
        wizard = Wizard(session)
        wizard.start.company = self.company
        wizard.start.file_ = data
        wizard.start.file_format = format_
        for name, value in values.items():
            setattr(wizard.start, name, value)
        wizard.do_import_({'views': [(1, 'tree'), (2, 'form')]})
        return Statement.search(
            [('id', 'not in', [s.id for s in before])],
            order=[('id', 'ASC')])

    def invoice(self, party, amount, type='out'):
        "Return the invoice, posted on 2 March"
        Invoice = Pool().get('account.invoice')
        out = type == 'out'
        if not party.addresses:
            party.addresses = [{}]
            party.save()
        journal, = Pool().get('account.journal').search([
                ('type', '=', 'revenue' if out else 'expense')], limit=1)
        invoice, = Invoice.create([{
                    'type': type,
                    'journal': journal.id,
                    'company': self.company.id,
                    'party': party.id,
                    'invoice_address': party.addresses[0].id,
                    'invoice_date': dt.date(2026, 3, 2),
                    'currency': self.company.currency.id,
                    'account': self.account(
                        'receivable' if out else 'payable').id,
                    'lines': [('create', [{
                                    'type': 'line',
                                    'quantity': 1,
                                    'unit_price': Decimal(amount),
                                    'account': self.account(
                                        'revenue' if out else 'expense').id,
                                    }])],
                    }])
        Invoice.post([invoice])
        return invoice

    def pay(self, invoice, amount):
        "Pay a part of the invoice in cash"
        pool = Pool()
        journal, = pool.get('account.journal').search([
                ('type', '=', 'cash')], limit=1)
        account = self.account('cash')
        method, = pool.get('account.invoice.payment.method').create([{
                    'name': "Espèces", 'company': self.company.id,
                    'journal': journal.id, 'credit_account': account.id,
                    'debit_account': account.id}])
        invoice.pay_invoice(amount, method, dt.date(2026, 3, 5))

    def move(self, date, account, debit, party=None):
        "Return the debited line of a posted move"
        pool = Pool()
        Move = pool.get('account.move')
        journal, = pool.get('account.journal').search([
                ('type', '=', 'revenue')], limit=1)
        period = pool.get('account.period').find(self.company, date=date)
        move, = Move.create([{
                    'company': self.company.id, 'date': date,
                    'journal': journal.id, 'period': period.id,
                    'lines': [('create', [{
                                    'account': account.id, 'debit': debit,
                                    'party': party.id if party else None,
                                    }, {
                                    'account': self.account('revenue').id,
                                    'credit': debit,
                                    }])],
                    }])
        Move.post([move])
        line, = [l for l in move.lines if l.debit]
        return line

    def fill(self, count):
        "Have as many open invoices, copied in the database from the first"
        pool = Pool()
        Invoice = pool.get('account.invoice')
        Line = pool.get('account.move.line')
        Move = pool.get('account.move')
        Party = pool.get('party.party')
        invoices = Invoice.search([], order=[('id', 'ASC')])
        first = (invoices or [self.invoice(self.party("First"), 1)])[0]
        line, = first.lines_to_pay
        numbers = range(max(len(invoices), 1), count)
        parties = self.insert(Party, first.party, [
                {'name': f'Membre{i:05}', 'code': f'M{i}'}
                for i in numbers])
        moves = self.insert(Move, first.move, [{} for i in numbers])
        self.insert(Invoice, first, [
                {'number': f'F2026{i:05}', 'party': p, 'move': m}
                for i, p, m in zip(numbers, parties, moves)])
        self.insert(Line, line, [
                {'party': p, 'move': m, 'debit': i % 500 + 1}
                for i, p, m in zip(numbers, parties, moves)])

    def insert(self, Model, record, rows):
        "Insert copies of the record with the values of each row"
        cursor = Transaction().connection.cursor()
        table = Model.__table__()
        names = [
            n for n, f in Model._fields.items()
            if f.sql_type() and n != 'id'
            and not isinstance(f, fields.Function)]
        columns = [getattr(table, n) for n in names]
        cursor.execute(*table.select(*columns, where=table.id == record.id))
        values = dict(zip(names, cursor.fetchone()))
        cursor.execute(*table.select(Max(table.id)))
        last, = cursor.fetchone()
        for index, row in enumerate(rows, 1):
            cursor.execute(*table.insert(
                    [table.id, *columns],
                    [[last + index, *(values | row).values()]]))
        return range(last + 1, last + 1 + len(rows))


def ofx(rows, balance, currency='EUR', account=NUMBER):
    """Return the OFX file of the rows: identifier, date, amount and name."""
    transactions = ''.join(
        f'<STMTTRN><TRNTYPE>OTHER<DTPOSTED>{date:%Y%m%d}<TRNAMT>{amount}'
        f'<FITID>{number}<NAME>{name}</STMTTRN>\n'
        for number, date, amount, name in rows)
    last = max([r[1] for r in rows], default=dt.date(2026, 1, 1))
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
<DTSERVER>{last:%Y%m%d}<LANGUAGE>FRA</SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><TRNUID>R{last:%Y%m%d}
<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>{currency}
<BANKACCTFROM><BANKID>30006<ACCTID>{account}<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>{last:%Y%m%d}<DTEND>{last:%Y%m%d}
{transactions}</BANKTRANLIST>
<LEDGERBAL><BALAMT>{balance}<DTASOF>{last:%Y%m%d}</LEDGERBAL>
</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
""".encode('cp1252')


def camt(rows, start, end, currency='EUR', iban=IBAN):
    """Return the CAMT.053 file of the rows: reference, date, amount, text."""
    def amount(value, tag='Amt', code=currency):
        sign = 'DBIT' if value < 0 else 'CRDT'
        return (f'<{tag} Ccy="{code}">{abs(value)}</{tag}>'
            f'<CdtDbtInd>{sign}</CdtDbtInd>')

    balances = ''.join(
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>'
        f'{amount(value)}<Dt><Dt>2026-03-31</Dt></Dt></Bal>'
        for code, value in [('OPBD', start), ('CLBD', end)])
    entries = ''.join(
        f'<Ntry>{amount(value, code=(*extra, currency)[0])}<Sts>BOOK</Sts>'
        f'<BookgDt><Dt>{date}</Dt></BookgDt>'
        f'<AcctSvcrRef>{number}</AcctSvcrRef>'
        f'<AddtlNtryInf>{text}</AddtlNtryInf></Ntry>'
        for number, date, value, text, *extra in rows)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">
<BkToCstmrStmt><Stmt><Id>CAMT-03</Id><CreDtTm>2026-03-31T20:00:00</CreDtTm>
<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>{currency}</Ccy></Acct>
{balances}{entries}</Stmt></BkToCstmrStmt></Document>""".encode()


def signed(amount):
    "Return the 14 characters of an amount of CFONB"
    cents = f'{abs(int(amount * 100)):014}'
    last = '{ABCDEFGHI' if amount >= 0 else '}JKLMNOPQR'
    return cents[:-1] + last[int(cents[-1])]


def cfonb(rows, start, end, currency='EUR', account=NUMBER):
    """Return the CFONB 120 file of the rows.

    A row is a number, a date, an amount, a label and maybe complements."""
    def record(code, date, amount='', label='', number='', kind='    '):
        return (f'{code}30006{kind}00001{currency}2 {account}  {date:%d%m%y}'
            f'{"":8}{label:31.31}  {number:0>7}  {amount:14}'
            ).ljust(120)

    def complement(date, qualifier, text):
        return (f'0530006    00001{currency}2 {account}  {date:%d%m%y}'
            f'{"":5}{qualifier}{text:70}').ljust(120)

    records = [record('01', rows[0][1], signed(start))]
    for number, date, amount, label, *complements in rows:
        records.append(record('04', date, signed(amount), label, number))
        records.extend(complement(date, *c) for c in complements)
    records.append(record('07', rows[-1][1], signed(end)))
    return '\r\n'.join(records).encode('cp1252')
